//! A bell that is rung when there is something to look for.
//!
//! Must hold: whoever asked for the number of rings before it looked, and waits beyond it, misses none.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A bell.
#[derive(Debug, Default)]
pub struct Bell {
    rings: Mutex<u64>,
    rung: Condvar,
}

impl Bell {
    fn lock(&self) -> MutexGuard<'_, u64> {
        // A number is whole whatever panicked.
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often it was rung.
    pub fn rings(&self) -> u64 {
        *self.lock()
    }

    /// Wakes whoever waits.
    pub fn ring(&self) {
        *self.lock() += 1;
        self.rung.notify_all();
    }

    /// Waits until it was rung more than so often, or for so long.
    pub fn wait(&self, rings: u64, within: Duration) {
        let waited = self
            .rung
            .wait_timeout_while(self.lock(), within, |now| *now <= rings);
        // What woke it does not matter: whoever waits looks again.
        drop(waited);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_ring_between_a_look_and_a_wait_is_heard() {
        let bell = Bell::default();
        let before = bell.rings();
        bell.ring();
        let began = Instant::now();
        bell.wait(before, Duration::from_secs(60));
        assert!(began.elapsed() < Duration::from_secs(30));
        bell.wait(bell.rings(), Duration::from_millis(1));
    }
}
