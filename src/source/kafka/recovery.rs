//! What to do when a partition cannot be read at its position.
//!
//! In: where a partition starts and ends by its brokers. Out: what became of the position. Must
//! hold: nothing is skipped but what the brokers no longer have, and that is told.

use std::time::{Duration, Instant};

/// How a position lies to what the brokers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It can be read.
    Within,
    /// What it points to was deleted; the first offset that is there.
    Deleted(u64),
    /// It is after the end.
    Beyond,
}

/// How the next offset to read lies to the partition's first offset and its end.
pub(super) fn place(next: u64, start: u64, end: u64) -> Place {
    match next {
        _ if next < start => Place::Deleted(start),
        _ if next > end => Place::Beyond,
        _ => Place::Within,
    }
}

/// How often in a row a partition must be seen to end before its position until that is believed:
/// a leader that has just taken over may know less for a moment.
pub(super) const BELIEVED: u32 = 5;

/// Waits longer after each failure, and forgets them after a while without one.
#[derive(Debug)]
pub(super) struct Backoff {
    longest: Duration,
    failures: u32,
    last: Option<Instant>,
}

const FIRST_WAIT: Duration = Duration::from_millis(100);

impl Backoff {
    /// Waits up to this long.
    pub(super) fn up_to(longest: Duration) -> Self {
        Self {
            longest,
            failures: 0,
            last: None,
        }
    }

    /// How long to wait after a failure now.
    pub(super) fn failed(&mut self, now: Instant) -> Duration {
        let is_over = |last: Instant| now.saturating_duration_since(last) > self.longest * 2;
        if self.last.is_some_and(is_over) {
            self.failures = 0;
        }
        self.last = Some(now);
        let wait = FIRST_WAIT.saturating_mul(1 << self.failures.min(20));
        self.failures += 1;
        wait.min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        assert_eq!(place(5, 0, 9), Place::Within);
        assert_eq!(place(5, 5, 5), Place::Within);
        assert_eq!(place(5, 6, 9), Place::Deleted(6));
        assert_eq!(place(5, 6, 6), Place::Deleted(6));
        assert_eq!(place(5, 0, 4), Place::Beyond);
    }

    #[test]
    fn waits_double_up_to_the_longest_and_start_anew() {
        let mut backoff = Backoff::up_to(Duration::from_secs(1));
        let start = Instant::now();
        let waits: Vec<_> = (0..6).map(|_| backoff.failed(start).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1000, 1000]);
        let later = start + Duration::from_secs(3);
        assert_eq!(backoff.failed(later).as_millis(), 100);
    }
}
