//! Tokens, users and permissions, from outside: the gate and the accounts of a running service, several processes, the
//! command line.

mod administration;
#[path = "../common/binary.rs"]
mod binary;
mod command_line;
mod format_one;
mod gate;
mod oidc;
mod page;
mod people;
#[path = "../support/ports.rs"]
mod ports;
mod processes;
mod proving_again;
#[path = "../support/said.rs"]
mod said;
mod sessions;
mod setting_up;
mod signing_in;
mod support;
mod user_command_line;
mod user_tokens;
