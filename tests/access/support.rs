//! A clock that stands still, and what waits for something.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use fundwatch::access::{Gate, NewToken, Register, Role, StreamSet};
use fundwatch::notice::{Clock, Moment};

/// A clock that is set by hand.
#[derive(Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// 2025-11-27T00:00 in UTC+7.
    pub const START: Moment = Moment(1_764_176_400_000);

    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(Self::START.0)))
    }

    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).expect("a short time");
        self.step(millis);
    }

    pub fn set_back(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).expect("a short time");
        self.step(-millis);
    }

    /// By milliseconds, in either direction.
    pub fn step(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::SeqCst))
    }
}

pub const DAY: Duration = Duration::from_secs(86_400);

pub fn feed() -> NewToken {
    NewToken {
        name: Some("claims-feed".to_owned()),
        role: Role::Feed,
        streams: StreamSet::ALL,
        expires_at: None,
    }
}

pub fn register(data: &Path) -> Register {
    Register::open_or_create(data).expect("a register")
}

pub fn gate(data: &Path, clock: &ManualClock) -> Gate {
    Gate::open(data, &[], clock.clone()).expect("a gate")
}

/// Waits until something holds; gives how long that took.
pub fn until(longest: Duration, holds: impl Fn() -> bool) -> Duration {
    let begun = Instant::now();
    while !holds() {
        assert!(
            begun.elapsed() < longest,
            "it does not come to hold within {longest:?}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    begun.elapsed()
}
