//! The clock of a demo: a day of its country passes when it is told to, and time goes on in between.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant as Elapsed;

use crate::record::{Day, Instant};

/// The second of the day at which a day begins: 08:00.
const MORNING: u32 = 8 * 3600;
const SECOND: i64 = 1_000_000_000;

/// Tells the time of the country.
pub(super) struct CountryClock {
    /// Nanoseconds since 1970 at `began`.
    base: AtomicI64,
    began: Elapsed,
}

impl CountryClock {
    /// A clock that starts in the morning of a day.
    pub(super) fn new(day: Day) -> Self {
        Self {
            base: AtomicI64::new(morning(day)),
            began: Elapsed::now(),
        }
    }

    /// The time: seconds pass as they do.
    pub(super) fn now(&self) -> Instant {
        Instant::from_nanos(self.base.load(Ordering::Acquire) + self.elapsed())
    }

    fn elapsed(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_nanos()).unwrap_or(i64::MAX / 2)
    }

    /// Goes to the morning of a day, never back.
    pub(super) fn begin(&self, day: Day) {
        let to = morning(day) - self.elapsed();
        self.base.fetch_max(to, Ordering::AcqRel);
    }
}

fn morning(day: Day) -> i64 {
    let morning = Instant::on(day, MORNING);
    morning.map_or(i64::from(day.number()) * 86_400 * SECOND, Instant::nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_goes_back() {
        let day = Day::from_civil(2025, 3, 1).expect("a day");
        let clock = CountryClock::new(day);
        let first = clock.now();
        assert_eq!(first.day(), day);
        clock.begin(day.plus(2));
        let second = clock.now();
        assert_eq!(second.day(), day.plus(2));
        clock.begin(day);
        assert!(clock.now() >= second);
    }
}
