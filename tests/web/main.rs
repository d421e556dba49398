//! The listeners, from outside: real sockets, and parts that are made up.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

mod answers;
mod client;
mod document;
mod drained;
mod exports;
mod fakes;
mod hostile;
mod http2;
mod noise;
mod ops;
mod privacy;
mod pushes;
mod questions;
#[path = "../support/said.rs"]
mod said;
mod tls;
