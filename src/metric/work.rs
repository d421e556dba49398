//! What people do about alerts.
//!
//! In: what was done on the desk, once it is durable, and how much lies there. Out: counters of decisions, of what was
//! taken up again and of money, the time that decisions took, and what waits. Must hold: counters begin at 0 with
//! the process; what waits is as the desk's database has it.

use std::time::Duration;

use prometheus::{Gauge, Histogram, IntCounter};

use super::bounds::BoundsError;
use super::family::{Spec, Unit};
use super::handle::{By, By2, Sometimes, unix_seconds};
use super::label::label;
use super::registrar::Registrar;
use crate::record::Instant;
use crate::review::{Band, Outcome, Unreadable, Verdict, WorkPlace};
use crate::rule::Reason;

const CLOSED: Spec = Spec::new(
    "fundwatch_alerts_closed_total",
    Unit::Count,
    "Fraud alerts that people decided, by what they were decided to be.",
);
const JUDGED: Spec = Spec::new(
    "fundwatch_alerts_judged_total",
    Unit::Count,
    "Fraud alerts that people found right or wrong, by reason; of the others, their decision says neither.",
);
const REOPENED: Spec = Spec::new(
    "fundwatch_alerts_reopened_total",
    Unit::Count,
    "Fraud alerts that people took up again, by what had become of the evidence since the decision.",
);
const PAST_DUE: Spec = Spec::new(
    "fundwatch_alerts_past_due",
    Unit::Count,
    "Fraud alerts that should have been decided before today, by where they lie.",
);
const OLDEST: Spec = Spec::new(
    "fundwatch_alert_oldest_timestamp_seconds",
    Unit::UnixSeconds,
    "When the oldest undecided fraud alert was opened, by where it lies; absent when there is none.",
);
const DECISION: Spec = Spec::new(
    "fundwatch_alert_decision_seconds",
    Unit::Seconds,
    "Time from opening an alert, or reopening it, to its decision, on working days alone, by how urgent it was.",
);
const UNREADABLE: Spec = Spec::new(
    "fundwatch_desk_unreadable_lines_total",
    Unit::Count,
    "Lines of the alert store that the desk could not read, each time that it looked: alerts that are not on it, changes that are not told.",
);
const MONTHS_TO_ERASE: Spec = Spec::new(
    "fundwatch_desk_months_to_erase",
    Unit::Count,
    "Months of what people typed whose key is to be destroyed, as was asked, and is not yet: something to decide rests on them.",
);

/// An hour to thirty working days of 24 hours.
const BUCKETS: &[f64] = &[
    3_600.0,
    14_400.0,
    43_200.0,
    86_400.0,
    172_800.0,
    259_200.0,
    432_000.0,
    864_000.0,
    1_728_000.0,
    2_592_000.0,
];

label! {
    /// What a decision says of an alert.
    Judgement as "outcome" {
        /// It was right.
        Confirmed = "confirmed",
        /// It was wrong.
        FalsePositive = "false_positive",
    }
}

impl Judgement {
    /// What a verdict says of an alert, if it says that.
    fn of(verdict: Verdict) -> Option<Self> {
        match verdict.outcome() {
            Outcome::Confirmed => Some(Self::Confirmed),
            Outcome::False(_) => Some(Self::FalsePositive),
            Outcome::Legitimate | Outcome::Neither => None,
        }
    }
}

label! {
    /// Why an alert was taken up again.
    ReopenCause as "cause" {
        /// It rests on other evidence than was decided on.
        Changed = "changed",
        /// It does not hold any more.
        Withdrawn = "withdrawn",
        /// Nothing changed: somebody thought again.
        Unchanged = "unchanged",
    }
}

/// What people do about alerts.
pub struct WorkMetrics {
    closed: By<Verdict, IntCounter>,
    judged: By2<Reason, Judgement, IntCounter>,
    reopened: By<ReopenCause, IntCounter>,
    past_due: By<WorkPlace, Gauge>,
    oldest: Sometimes<WorkPlace>,
    decision: By<Band, Histogram>,
    unreadable: By<Unreadable, IntCounter>,
    months_to_erase: Gauge,
}

impl WorkMetrics {
    pub(super) fn new(to: &mut Registrar) -> Result<Self, BoundsError> {
        to.subject("Review");
        Ok(Self {
            closed: to.counter_by(CLOSED)?,
            judged: to.counter_by2(JUDGED)?,
            reopened: to.counter_by(REOPENED)?,
            past_due: to.gauge_by(PAST_DUE)?,
            oldest: to.sometimes(OLDEST)?,
            decision: to.histogram_by(DECISION, BUCKETS)?,
            unreadable: to.counter_by(UNREADABLE)?,
            months_to_erase: to.gauge(MONTHS_TO_ERASE)?,
        })
    }

    /// An alert was decided, after so much time on working days.
    pub fn closed(&self, reason: Reason, verdict: Verdict, band: Band, took: Duration) {
        self.closed.of(verdict).inc();
        if let Some(judgement) = Judgement::of(verdict) {
            self.judged.of(reason, judgement).inc();
        }
        self.decision.of(band).observe(took.as_secs_f64());
    }

    /// An alert was taken up again.
    pub fn reopened(&self, cause: ReopenCause) {
        self.reopened.of(cause).inc();
    }

    /// What lies at a place: how many should have been decided before today, and when the oldest was raised.
    pub fn set_waiting(&self, place: WorkPlace, past_due: u64, oldest: Option<Instant>) {
        self.past_due.of(place).set(past_due as f64);
        self.oldest.set(place, oldest.map(unix_seconds));
    }

    /// So many months are to be erased.
    pub fn set_months_to_erase(&self, months: usize) {
        self.months_to_erase.set(months as f64);
    }

    /// Lines could not be read.
    pub fn unreadable(&self, kind: Unreadable, lines: u64) {
        self.unreadable.of(kind).inc_by(lines);
    }
}
