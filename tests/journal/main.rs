//! The durable journal: what it acknowledged is there, whatever dies or fails when.

mod command_line;
mod damage;
mod erasure;
mod every_fault;
mod histories;
mod large;
mod processes;
mod reading;
#[path = "../support/said.rs"]
mod said;
mod support;
mod takeover;
