//! How many connections there may be, in all and from each address.
//!
//! In: an address. Out: a seat, or which bound refuses it. Must hold: a seat is given back when it is dropped.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::web::metrics::Event;

/// The seats of a listener.
#[derive(Debug)]
pub(super) struct Doors {
    total: usize,
    per_peer: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    by_peer: HashMap<IpAddr, usize>,
}

/// The place of one connection.
#[derive(Debug)]
pub(super) struct Seat {
    doors: Arc<Doors>,
    peer: IpAddr,
}

impl Doors {
    /// Room for `total` connections, `per_peer` of them from one address.
    pub fn new(total: usize, per_peer: usize) -> Arc<Self> {
        Arc::new(Self {
            total,
            per_peer,
            taken: Mutex::default(),
        })
    }

    /// Takes a seat for a connection from an address.
    ///
    /// # Errors
    /// The bound that refuses it.
    pub fn admit(self: &Arc<Self>, address: IpAddr) -> Result<Seat, Event> {
        let peer = network(address);
        let mut taken = self.lock();
        let own = taken.by_peer.get(&peer).copied().unwrap_or(0);
        if own >= self.per_peer {
            return Err(Event::RefusedPeer);
        }
        if taken.total >= self.total {
            return Err(Event::RefusedTotal);
        }
        taken.total += 1;
        taken.by_peer.insert(peer, own + 1);
        Ok(Seat {
            doors: self.clone(),
            peer,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.doors.lock();
        taken.total = taken.total.saturating_sub(1);
        let own = taken.by_peer.get(&self.peer).copied().unwrap_or(0);
        match own.saturating_sub(1) {
            0 => taken.by_peer.remove(&self.peer),
            left => taken.by_peer.insert(self.peer, left),
        };
    }
}

/// What counts as one peer: an IPv4 address, or the /64 of IPv6 that one subscriber is given.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        address => address,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_peer_is_an_address_or_a_subscriber_and_seats_come_back() {
        let doors = Doors::new(3, 2);
        let first = doors.admit(address("2001:db8::1")).unwrap();
        let _second = doors.admit(address("2001:db8::ffff")).unwrap();
        let third = doors.admit(address("2001:db8::2"));
        assert_eq!(third.unwrap_err(), Event::RefusedPeer);
        let _fourth = doors.admit(address("192.0.2.1")).unwrap();
        let fifth = doors.admit(address("::ffff:192.0.2.1"));
        assert_eq!(fifth.unwrap_err(), Event::RefusedTotal);
        drop(first);
        let _sixth = doors.admit(address("::ffff:192.0.2.1")).unwrap();
        assert_eq!(doors.lock().by_peer[&address("192.0.2.1")], 2);
        assert_eq!(doors.lock().total, 3);
    }
}
