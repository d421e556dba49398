//! Failed attempts at one name, and the lock that they lead to.
//!
//! In: an attempt that failed, and when. Out: until when none is taken. Must hold: five failures lock for a minute,
//! each further one for twice as long, up to an hour; a name that nobody has is locked like any other.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::notice::Moment;

/// Failures up to the first lock.
const FREE: u32 = 5;
const FIRST: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(3600);
/// After how long without any they are forgotten.
pub(super) const FORGOTTEN: Duration = Duration::from_secs(24 * 3600);
/// Places in which attempts at names that nobody has are counted.
const BUCKETS: u16 = 4096;

/// The failed attempts at a name since the last that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attempts {
    pub failed: u32,
    /// When the last did.
    pub failed_at: Moment,
    pub locked_until: Moment,
}

impl Attempts {
    pub const NONE: Self = Self {
        failed: 0,
        failed_at: Moment(0),
        locked_until: Moment(0),
    };

    /// Until when no attempt is taken, if that is so. A lock that would last longer than the longest was set by a
    /// clock that has been put back: it is over, and the next failure locks anew.
    pub fn locked(&self, now: Moment) -> Option<Moment> {
        let until = self.locked_until;
        (now < until && until <= now.plus(LONGEST)).then_some(until)
    }

    /// One failure more.
    pub fn after_failure(&self, now: Moment) -> Self {
        let before = match now.since(self.failed_at) >= FORGOTTEN {
            true => 0,
            false => self.failed,
        };
        let failed = before.saturating_add(1);
        let locked_until = match failed.checked_sub(FREE) {
            // More doublings than that are longer than the longest.
            Some(more) => now.plus((FIRST * (1 << more.min(6))).min(LONGEST)),
            None => Moment(0),
        };
        Self {
            failed,
            failed_at: now,
            locked_until,
        }
    }
}

/// Where attempts at a name that nobody has are counted. Many names share a place: the name cannot be told from it.
/// Which do depends on the register's key, or else whoever knows two names that share one could lock the one, and see
/// by the other whether somebody has it.
pub(super) fn bucket(name: &str, key: &[u8; 32]) -> u16 {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes a key of any length")
    };
    mac.update(name.as_bytes());
    let digest = mac.finalize().into_bytes();
    u16::from_be_bytes([digest[0], digest[1]]) % BUCKETS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_double_up_to_an_hour() {
        let (mut attempts, mut now, mut minutes) = (Attempts::NONE, Moment(1 << 40), Vec::new());
        for _ in 0..14 {
            attempts = attempts.after_failure(now);
            let until = attempts.locked(now);
            minutes.push(until.map_or(0, |until| until.since(now).as_secs() / 60));
            now = until.unwrap_or(now);
            assert_eq!(attempts.locked(now), None, "the lock ends at its moment");
        }
        assert_eq!(minutes, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    }

    #[test]
    fn failures_are_forgotten_after_a_day_without() {
        let now = Moment(1 << 40);
        let four = (0..4).fold(Attempts::NONE, |attempts, _| attempts.after_failure(now));
        let day = now.plus(FORGOTTEN);
        assert_eq!(four.after_failure(day).failed, 1);
        assert_eq!(four.after_failure(Moment(day.0 - 1)).failed, 5);
    }

    #[test]
    fn a_clock_that_is_put_back_neither_locks_for_ever_nor_forgets() {
        let now = Moment(1 << 40);
        let five = (0..5).fold(Attempts::NONE, |attempts, _| attempts.after_failure(now));
        let back = Moment(now.0 - 86_400_000);
        assert_eq!(five.locked(back), None);
        assert!(five.after_failure(back).locked(back).is_some());
    }

    #[test]
    fn no_number_of_failures_overflows() {
        let attempts = Attempts {
            failed: u32::MAX,
            failed_at: Moment(i64::MAX),
            locked_until: Moment(i64::MAX),
        };
        let next = attempts.after_failure(Moment(i64::MAX));
        assert_eq!(next.failed, u32::MAX);
    }

    #[test]
    fn which_names_share_a_place_is_known_to_the_register_alone() {
        let places = |key: u8| -> Vec<u16> {
            let names = (0..2_000).map(|number| format!("n{number}"));
            names.map(|name| bucket(&name, &[key; 32])).collect()
        };
        let (one, other) = (places(1), places(2));
        assert_eq!(one, places(1));
        assert!(one.iter().all(|place| *place < BUCKETS));
        let distinct: std::collections::BTreeSet<_> = one.iter().collect();
        assert!(distinct.len() > 1_500, "they are spread");
        let same = one.iter().zip(&other).filter(|(one, other)| one == other);
        assert!(same.count() < 10);
    }
}
