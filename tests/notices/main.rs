//! Change notices as a user meets them: every test runs the real binary, against directories and against
//! receivers that speak HTTP.

#![expect(
    clippy::unwrap_used,
    reason = "a test says with a panic that it failed"
)]

#[path = "../common/binary.rs"]
mod binary;
mod command_line;
mod delivery;
mod killed;
#[path = "../support/ports.rs"]
mod ports;
mod proposals;
mod receiver;
#[path = "../support/said.rs"]
mod said;
mod support;
mod tls;
