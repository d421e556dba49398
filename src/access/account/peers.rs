//! Failed attempts by address, in memory: a bound for one that tries many names.
//!
//! In: an attempt of an address. Out: whether it is looked at, or from when on again. Must hold: attempts count before
//! they are looked at, so that many at a time are no way around; the table does not grow without bound.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::notice::Moment;

/// Attempts that may fail in a window: an office with one address, or a proxy, has many people who mistype.
const MOST: u32 = 100;
const WINDOW: Duration = Duration::from_secs(600);
/// Addresses that are remembered.
const ADDRESSES: usize = 10_000;

struct Peer {
    began: Moment,
    attempts: u32,
}

/// The attempts of every address.
#[derive(Default)]
pub(super) struct Peers(Mutex<HashMap<IpAddr, Peer>>);

impl Peers {
    /// Counts an attempt; where there were too many, gives when the next is looked at.
    pub fn charge(&self, address: Option<IpAddr>, now: Moment) -> Result<(), Moment> {
        let Some(address) = address.map(network) else {
            return Ok(());
        };
        let mut peers = self.peers();
        // A window that begins later than now is of a clock that has been put back.
        let is_over = |peer: &Peer| peer.began > now || now.since(peer.began) >= WINDOW;
        if peers.len() >= ADDRESSES && !peers.contains_key(&address) {
            peers.retain(|_, peer| !is_over(peer));
            let oldest = peers.iter().min_by_key(|(_, peer)| peer.began);
            let oldest = oldest.map(|(address, _)| *address);
            if let Some(oldest) = oldest.filter(|_| peers.len() >= ADDRESSES) {
                peers.remove(&oldest);
            }
        }
        let new = || Peer {
            began: now,
            attempts: 0,
        };
        let peer = peers.entry(address).or_insert_with(new);
        if is_over(peer) {
            *peer = new();
        }
        if peer.attempts >= MOST {
            return Err(peer.began.plus(WINDOW));
        }
        peer.attempts += 1;
        Ok(())
    }

    /// Takes an attempt back that did not fail.
    pub fn refund(&self, address: Option<IpAddr>) {
        let mut peers = self.peers();
        let peer = address.and_then(|address| peers.get_mut(&network(address)));
        if let Some(peer) = peer {
            peer.attempts = peer.attempts.saturating_sub(1);
        }
    }

    fn peers(&self) -> MutexGuard<'_, HashMap<IpAddr, Peer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one has of addresses: of IPv6, a network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let bits = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(bits))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect("an address"))
    }

    #[test]
    fn an_address_that_fails_too_often_waits() {
        let (peers, now) = (Peers::default(), Moment(1 << 40));
        let one = address("192.0.2.1");
        for _ in 0..MOST {
            peers.charge(one, now).expect("looked at");
        }
        let until = now.plus(WINDOW);
        assert_eq!(peers.charge(one, now), Err(until));
        assert_eq!(peers.charge(address("::ffff:192.0.2.1"), now), Err(until));
        peers.charge(address("192.0.2.2"), now).expect("another");
        assert_eq!(peers.charge(one, Moment(until.0 - 1)), Err(until));
        peers.charge(one, until).expect("a new window");
        peers.refund(one);
    }

    #[test]
    fn what_did_not_fail_does_not_count() {
        let (peers, now) = (Peers::default(), Moment(1 << 40));
        let one = address("192.0.2.1");
        for _ in 0..10 * MOST {
            peers.charge(one, now).expect("looked at");
            peers.refund(one);
        }
    }

    #[test]
    fn a_network_of_64_bits_is_one() {
        let (peers, now) = (Peers::default(), Moment(1 << 40));
        for host in 0..MOST {
            let one = address(&format!("2001:db8::{host:x}"));
            peers.charge(one, now).expect("looked at");
        }
        assert!(peers.charge(address("2001:db8::ffff:1"), now).is_err());
        peers
            .charge(address("2001:db8:0:1::1"), now)
            .expect("another");
    }

    #[test]
    fn a_clock_that_is_put_back_keeps_nobody_out() {
        let (peers, now) = (Peers::default(), Moment(1 << 40));
        let one = address("192.0.2.1");
        for _ in 0..MOST {
            peers.charge(one, now).expect("looked at");
        }
        peers.charge(one, Moment(now.0 - 1)).expect("a new window");
    }

    #[test]
    fn the_table_is_bounded_and_forgets_the_oldest() {
        let (peers, now) = (Peers::default(), Moment(1 << 40));
        for number in 0..ADDRESSES as u32 + 500 {
            let one = IpAddr::from(number.to_be_bytes());
            let at = now.plus(Duration::from_millis(number.into()));
            peers.charge(Some(one), at).expect("looked at");
        }
        let kept = peers.peers();
        assert_eq!(kept.len(), ADDRESSES);
        assert!(!kept.contains_key(&IpAddr::from([0, 0, 0, 0])));
        assert!(kept.contains_key(&IpAddr::from(500_u32.to_be_bytes())));
    }
}
