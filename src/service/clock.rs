//! The clock of the service: the only place where it asks what time it is.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::record::{Day, Instant};

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Instant + Send + Sync>);

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Self {
        Self::of(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            // Before 1970 or after 2262 the machine has no clock to go by.
            let nanos = since
                .ok()
                .and_then(|since| i64::try_from(since.as_nanos()).ok());
            Instant::from_nanos(nanos.unwrap_or_default())
        })
    }

    /// A clock that tells what `now` gives.
    pub fn of(now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time.
    pub fn now(&self) -> Instant {
        (self.0)()
    }
}

/// How long it is from a time to the beginning of the day after a day, in UTC+7.
pub(super) fn until_day_after(day: Day, now: Instant) -> Duration {
    let end = Instant::end_of(day).map_or(i64::MAX, Instant::nanos);
    let left = end.saturating_sub(now.nanos()).saturating_add(1);
    Duration::from_nanos(u64::try_from(left).unwrap_or_default())
}

/// How long it is from a time to another, if that is later.
pub(super) fn until(at: Instant, now: Instant) -> Duration {
    let left = at.nanos().saturating_sub(now.nanos());
    Duration::from_nanos(u64::try_from(left).unwrap_or_default())
}
