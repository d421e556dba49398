//! What the last self-replays found.
//!
//! In: outcomes as they are kept in the data directory, so that a restart tells the same. Out: how many decisions differ,
//! when the last one ended, whom it covered, how long it took. Must hold: before the first outcome nothing is told: that no
//! decision differs is known of none.

use std::time::Duration;

use super::bounds::BoundsError;
use super::family::{Spec, Unit};
use super::handle::{Once, unix_seconds};
use super::registrar::Registrar;
use crate::record::Instant;

const MISMATCHED: Spec = Spec::new(
    "fundwatch_self_replay_mismatched_decisions",
    Unit::Count,
    "Decisions that differ between what is stored and the replay of the same journal, in the last nightly self-replay and in earlier ones of \
     persons whom none has found without since; absent before the first one.",
);
const LAST_SUCCESS: Spec = Spec::new(
    "fundwatch_self_replay_last_success_timestamp_seconds",
    Unit::UnixSeconds,
    "Unix time at which the last self-replay ended, whatever it found; absent before the first one.",
);
const COVERED: Spec = Spec::new(
    "fundwatch_self_replay_covered_ratio",
    Unit::Ratio,
    "Share of the persons whose alerts the last self-replay compared; absent before the first one.",
);
const DURATION: Spec = Spec::new(
    "fundwatch_self_replay_duration_seconds",
    Unit::Seconds,
    "Time that the last self-replay took; absent before the first one.",
);

/// What the last self-replays found.
pub struct SelfReplayMetrics {
    mismatched: Once,
    last_success: Once,
    covered: Once,
    duration: Once,
}

impl SelfReplayMetrics {
    pub(super) fn new(to: &mut Registrar) -> Result<Self, BoundsError> {
        to.subject("Self-replay");
        Ok(Self {
            mismatched: to.once(MISMATCHED)?,
            last_success: to.once(LAST_SUCCESS)?,
            covered: to.once(COVERED)?,
            duration: to.once(DURATION)?,
        })
    }

    /// So many decisions differ.
    pub fn set_mismatched(&self, decisions: u64) {
        self.mismatched.set(decisions as f64);
    }

    /// The last one ended then, covered this share of the persons, and took so long.
    pub fn set_last(&self, ended_at: Instant, covered: f64, took: Duration) {
        self.last_success.set(unix_seconds(ended_at));
        self.covered.set(covered);
        self.duration.set(took.as_secs_f64());
    }
}
