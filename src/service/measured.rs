//! The data measures of the running service, for whoever asks.
//!
//! In: questions of pages, and what became of alerts. Out: a report of the rows that are applied, which the thread
//! makes that has their counters, between two epochs. Must hold: nobody who asks holds up an epoch for longer than
//! one report takes, however many ask and how often; whoever asks waits for a bounded time.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Elapsed};

use crate::alert::Event;
use crate::measure::{Failing, Measured};

/// For how long a report is told again.
const KEPT: Duration = Duration::from_secs(10);

/// Reports, as they are asked for.
#[derive(Default)]
pub struct MeasuredFeed {
    state: Mutex<State>,
    told: Condvar,
    failing: Mutex<Failing>,
}

#[derive(Default)]
struct State {
    is_asked: bool,
    last: Option<(Elapsed, Arc<Measured>)>,
}

impl State {
    fn fresh(&self) -> Option<Arc<Measured>> {
        let (at, last) = self.last.as_ref()?;
        (at.elapsed() < KEPT).then(|| last.clone())
    }
}

impl MeasuredFeed {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A report that is at most ten seconds old, or, where the service is busy for longer than the patience, the last
    /// one; none before it has taken rows.
    pub fn report(&self, patience: Duration) -> Option<Arc<Measured>> {
        let mut state = self.state();
        let until = Elapsed::now() + patience;
        loop {
            if let Some(fresh) = state.fresh() {
                return Some(fresh);
            }
            let left = until.saturating_duration_since(Elapsed::now());
            if left.is_zero() {
                return state.last.as_ref().map(|(_, last)| last.clone());
            }
            state.is_asked = true;
            let waited = self.told.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Makes a report where one is asked for.
    pub(super) fn tell(&self, report: impl FnOnce(&Failing) -> Measured) {
        if !std::mem::take(&mut self.state().is_asked) {
            return;
        }
        let failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        let report = Arc::new(report(&failing));
        drop(failing);
        self.state().last = Some((Elapsed::now(), report));
        self.told.notify_all();
    }

    /// Takes what became of alerts.
    pub(super) fn became(&self, events: &[Event]) {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        for event in events {
            failing.apply(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Report;
    use crate::record::Instant;

    fn made(seconds: i64) -> Measured {
        Measured {
            report: Report::default(),
            counted_from: None,
            at: Instant::from_nanos(seconds * 1_000_000_000),
        }
    }

    #[test]
    fn a_report_is_made_once_for_all_who_ask() {
        let feed = Arc::new(MeasuredFeed::default());
        feed.tell(|_| panic!("nobody has asked"));
        assert_eq!(feed.report(Duration::ZERO), None);
        let asking: Vec<_> = (0..3)
            .map(|_| {
                let feed = feed.clone();
                std::thread::spawn(move || feed.report(Duration::from_secs(60)))
            })
            .collect();
        while !feed.state().is_asked {
            std::thread::yield_now();
        }
        feed.tell(|_| made(1));
        for one in asking {
            assert_eq!(one.join().expect("no panic").as_deref(), Some(&made(1)));
        }
        // Whoever asked while it was made left a question that is answered already.
        feed.state().is_asked = false;
        assert_eq!(feed.report(Duration::ZERO).as_deref(), Some(&made(1)));
        feed.tell(|_| panic!("it is known"));
    }
}
