//! The configuration of the live service, from outside: what is read, what is refused and how it is told,
//! what a reload does.

#[path = "../common/binary.rs"]
mod binary;
mod command_line;
mod defaults;
mod errors;
mod reload;
#[path = "../support/said.rs"]
mod said;
mod support;
