//! Tokens and permissions, from outside: the gate of a running service, several processes, the command line.

#[path = "../common/binary.rs"]
mod binary;
mod command_line;
mod gate;
mod page;
mod processes;
mod support;
