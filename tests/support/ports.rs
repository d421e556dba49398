//! Ports of this machine that nobody listens at, for servers that are told where to listen and may be started again.
//!
//! Must hold: they lie below those that systems give to connections and to listeners that ask for any port, so that a
//! server that starts late, or again, finds its port free; none is given out twice by a process.

#![allow(dead_code, reason = "no binary of the tests uses all of it")]

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

const FIRST: u16 = 12_000;
const COUNT: u32 = 20_000;
/// How far those of a process are from those of the next.
const APART: u32 = 64;

/// A port that nobody has.
pub fn free() -> u16 {
    static DRAWN: AtomicU32 = AtomicU32::new(0);
    let process = std::process::id().wrapping_mul(APART);
    let ports = std::iter::repeat_with(|| {
        let drawn = process.wrapping_add(DRAWN.fetch_add(1, Ordering::Relaxed));
        FIRST + (drawn % COUNT) as u16
    });
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    { ports }
        .take(COUNT as usize)
        .find(is_free)
        .expect("a port")
}

/// An address of loopback that nobody listens at.
pub fn free_address() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, free()).into()
}

/// Several of them, as they are written.
pub fn free_addresses(number: usize) -> Vec<String> {
    let addresses = std::iter::repeat_with(|| free_address().to_string());
    addresses.take(number).collect()
}
