//! Pauses a source of which too many rows are not accepted.
//!
//! In: how many rows of each source were accepted and how many not. Out: whether a source may go on. Must hold:
//! a few bad rows pause nobody; a paused source is paused until a person lets it go on, or the service starts
//! again.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// When a source is paused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakerBounds {
    /// The share of rows that are not accepted, above which it is.
    pub max_rejected_share: f64,
    /// The rows of which the share is taken, at least.
    pub min_rows: u64,
    /// How far back they are counted, at least; twice as far at most.
    pub window: Duration,
    /// After which time a paused source is tried again; none where a person decides.
    pub resume_after: Option<Duration>,
}

/// The bounds of a source, by its name.
pub type BoundsOf = Box<dyn Fn(&str) -> BreakerBounds + Send + Sync>;

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    rows: u64,
    rejected: u64,
}

struct OfSource {
    /// Those of the window in progress, and of the one before.
    now: Counts,
    before: Counts,
    since: Instant,
    paused_at: Option<Instant>,
    resume_after: Option<Duration>,
}

impl OfSource {
    fn is_paused(&self, now: Instant) -> bool {
        let is_over = |at: Instant| {
            let after = self.resume_after;
            after.is_some_and(|after| now.saturating_duration_since(at) >= after)
        };
        self.paused_at.is_some_and(|at| !is_over(at))
    }
}

/// The breakers of all sources.
pub struct Breakers {
    bounds: Mutex<BoundsOf>,
    sources: Mutex<BTreeMap<String, OfSource>>,
}

impl Breakers {
    /// Breakers that are closed.
    pub fn new(bounds: impl Fn(&str) -> BreakerBounds + Send + Sync + 'static) -> Self {
        Self {
            bounds: Mutex::new(Box::new(bounds)),
            sources: Mutex::default(),
        }
    }

    fn sources(&self) -> MutexGuard<'_, BTreeMap<String, OfSource>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes other bounds from now on.
    pub fn set_bounds(&self, bounds: impl Fn(&str) -> BreakerBounds + Send + Sync + 'static) {
        *self.bounds.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(bounds);
    }

    /// Counts rows of a source. Gives whether that paused it.
    pub fn count(&self, source: &str, rows: u64, rejected: u64, now: Instant) -> bool {
        let bounds = (self.bounds.lock().unwrap_or_else(PoisonError::into_inner))(source);
        let mut sources = self.sources();
        let one = sources
            .entry(source.to_owned())
            .or_insert_with(|| OfSource {
                now: Counts::default(),
                before: Counts::default(),
                since: now,
                paused_at: None,
                resume_after: None,
            });
        one.resume_after = bounds.resume_after;
        if one.paused_at.is_some() && !one.is_paused(now) {
            // It is tried again, and judged by what comes from now on.
            one.paused_at = None;
            (one.now, one.before) = (Counts::default(), Counts::default());
        }
        let elapsed = now.saturating_duration_since(one.since);
        if elapsed >= bounds.window {
            let is_next = elapsed < bounds.window * 2;
            one.before = if is_next { one.now } else { Counts::default() };
            one.now = Counts::default();
            one.since = now;
        }
        one.now.rows += rows;
        one.now.rejected += rejected;
        let (all, bad) = (
            one.now.rows + one.before.rows,
            one.now.rejected + one.before.rejected,
        );
        let is_over = all >= bounds.min_rows && bad as f64 > bounds.max_rejected_share * all as f64;
        let pauses = is_over && one.paused_at.is_none();
        if pauses {
            one.paused_at = Some(now);
        }
        pauses
    }

    /// Whether a source is paused.
    pub fn is_paused(&self, source: &str) -> bool {
        let now = Instant::now();
        self.sources()
            .get(source)
            .is_some_and(|one| one.is_paused(now))
    }

    /// Lets a paused source go on, and counts anew. Gives whether it was paused.
    pub fn resume(&self, source: &str) -> bool {
        let mut sources = self.sources();
        let now = Instant::now();
        let paused = sources.get_mut(source).filter(|one| one.is_paused(now));
        let was_paused = paused.is_some();
        if let Some(one) = paused {
            one.paused_at = None;
            (one.now, one.before) = (Counts::default(), Counts::default());
        }
        was_paused
    }

    /// The sources that are paused.
    pub fn paused(&self) -> Vec<String> {
        let (sources, now) = (self.sources(), Instant::now());
        let paused = sources.iter().filter(|(_, one)| one.is_paused(now));
        paused.map(|(name, _)| name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: BreakerBounds = BreakerBounds {
        max_rejected_share: 0.2,
        min_rows: 100,
        window: Duration::from_secs(60),
        resume_after: None,
    };

    #[test]
    fn a_source_is_paused_by_its_own_share_and_resumed_by_a_person() {
        let breakers = Breakers::new(|_| BOUNDS);
        let start = Instant::now();
        assert!(!breakers.count("a", 50, 50, start), "too few to tell");
        assert!(!breakers.count("b", 1000, 200, start), "at the bound");
        assert!(breakers.count("b", 10, 10, start), "over it");
        assert!(!breakers.count("b", 1, 1, start), "told once");
        assert!(breakers.is_paused("b") && !breakers.is_paused("a"));
        assert_eq!(breakers.paused(), ["b"]);
        assert!(breakers.resume("b") && !breakers.resume("b"));
        assert!(!breakers.count("b", 99, 99, start), "counted anew");
    }

    #[test]
    fn what_was_long_ago_does_not_count() {
        let breakers = Breakers::new(|_| BOUNDS);
        let start = Instant::now();
        breakers.count("a", 90, 90, start);
        let later = start + BOUNDS.window * 2;
        assert!(
            !breakers.count("a", 50, 5, later),
            "two windows ago is forgotten"
        );
        let next = later + BOUNDS.window;
        assert!(
            breakers.count("a", 60, 60, next),
            "the window before is not"
        );
    }
}
