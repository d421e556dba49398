//! The listeners, from outside: real sockets, and parts that are made up.

mod answers;
mod client;
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
mod tls;
