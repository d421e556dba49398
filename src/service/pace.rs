//! How many rows the next epoch may have, so that what one sends in bulk does not keep the rows of others waiting.
//!
//! In: how long what is durable has waited to be stored. Out: the rows of the next epoch. Must hold: who is alone has whole epochs,
//! which cost least a row; where several send, epochs become smaller while alerts are late, and larger again when they are not.

use std::time::Duration;

/// An epoch is not made smaller than this: what it costs by itself would show.
const LEAST_ROWS: usize = 256;

/// The rows of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    rows: usize,
    most: usize,
}

impl Pace {
    /// Epochs of at most so many rows.
    pub(super) fn new(most: usize) -> Self {
        Self { rows: most, most }
    }

    /// The rows of the next epoch.
    pub(super) fn rows(self) -> usize {
        self.rows
    }

    /// Nobody else has sent anything.
    pub(super) fn alone(&mut self) {
        self.rows = self.most;
    }

    /// Several send, and what is durable has waited so long to be stored, where it should wait no longer than `wanted`.
    pub(super) fn waited(&mut self, lag: Duration, wanted: Duration) {
        let least = LEAST_ROWS.min(self.most);
        self.rows = match lag > wanted {
            true => (self.rows / 2).max(least),
            false => (self.rows + self.rows / 8 + 1).min(self.most),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows a second that are stored, of an imagined service.
    const RATE: usize = 25_000;
    const WANTED: Duration = Duration::from_millis(200);

    fn lag(rows: usize) -> Duration {
        Duration::from_secs_f64(rows as f64 / RATE as f64)
    }

    #[test]
    fn epochs_are_as_large_as_is_stored_in_time() {
        let mut pace = Pace::new(10_000);
        let mut seen = Vec::new();
        for _ in 0..200 {
            pace.waited(lag(pace.rows()), WANTED);
            seen.push(pace.rows());
        }
        let settled = &seen[20..];
        assert!(
            settled.iter().all(|rows| (2_000..=5_700).contains(rows)),
            "{settled:?}"
        );
        pace.alone();
        assert_eq!(pace.rows(), 10_000);
    }

    #[test]
    fn epochs_stay_within_their_bounds() {
        let mut pace = Pace::new(100);
        for _ in 0..20 {
            pace.waited(Duration::from_secs(5), WANTED);
        }
        assert_eq!(pace.rows(), 100, "the most is less than the least");
        let mut pace = Pace::new(1_000);
        for _ in 0..20 {
            pace.waited(Duration::from_secs(5), WANTED);
        }
        assert_eq!(pace.rows(), LEAST_ROWS);
        for _ in 0..20 {
            pace.waited(Duration::ZERO, WANTED);
        }
        assert_eq!(pace.rows(), 1_000);
    }
}
