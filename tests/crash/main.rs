//! The service is killed, starved of disk, stopped and attacked, while everything that sends rows goes on sending.
//!
//! Must hold, whatever happened: what was answered is in the journal, once; alerts and history are those of a
//! replay of the journal, to the byte, and those of a replay of the same rows from files; the service goes on by
//! itself, or says why it cannot.
//!
//! `FUNDWATCH_KILLS` sets how often it is killed, `FUNDWATCH_SEED` when; a failure names both. The servers are
//! real processes of the program.

#![expect(
    clippy::unwrap_used,
    reason = "a test says with a panic that it failed"
)]

#[path = "../common/binary.rs"]
mod binary;
#[path = "../support/ports.rs"]
mod ports;
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../support/said.rs"]
mod said;

mod check;
mod client;
mod country;
mod disk_full;
mod envelope;
mod feed;
mod hostile;
mod kills;
mod processes;
mod random;
mod rejects;
mod replayed;
mod server;
mod stop;
mod traffic;
mod two_servers;
