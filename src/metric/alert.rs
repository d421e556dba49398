//! What became of alerts, and what money they are about.
//!
//! In: alert changes, once they are stored. Out: counters by reason, and how many alerts there are. Must
//! hold: an amount is counted when an alert is opened, withdrawn or decided, as it is then.

use prometheus::{Gauge, IntCounter};

use super::bounds::BoundsError;
use super::cause::RetractionCause;
use super::family::{Spec, Unit};
use super::handle::{By, By2};
use super::label::label;
use super::registrar::Registrar;
use crate::rule::{Reason, Severity};

const OPENED: Spec = Spec::new(
    "fundwatch_alerts_opened_total",
    Unit::Count,
    "Fraud alerts opened, again or for the first time, by reason and severity.",
);
const RETRACTED: Spec = Spec::new(
    "fundwatch_alerts_retracted_total",
    Unit::Count,
    "Fraud alerts withdrawn by the detector because what is known changed, by reason and what changed.",
);
const CHANGED: Spec = Spec::new(
    "fundwatch_alerts_changed_total",
    Unit::Count,
    "Fraud alerts that hold still, with another class, grade, cause, amount or score.",
);
const ARCHIVED: Spec = Spec::new(
    "fundwatch_alerts_archived_total",
    Unit::Count,
    "Fraud alerts archived because a claim that they rest on is retired, by reason.",
);
const ALERTS: Spec = Spec::new(
    "fundwatch_alerts",
    Unit::Count,
    "Fraud alerts now, by reason and state; each alert is in one state.",
);
const AMOUNT: Spec = Spec::new(
    "fundwatch_amount_vnd_total",
    Unit::Dong,
    "Money in dong that alerts are about, as it is when an alert is opened, withdrawn, decided, or a confirmation taken back.",
);

label! {
    /// The state that the detector gives an alert.
    AlertState as "state" {
        /// It holds.
        Active = "active",
        /// It holds no more.
        Withdrawn = "withdrawn",
        /// What it rests on left the window of corrections: it stands as it was.
        Archived = "archived",
    }
}

label! {
    /// When an amount is counted.
    AmountStage as "stage" {
        /// An alert is opened.
        Flagged = "flagged",
        /// An alert is withdrawn.
        Withdrawn = "withdrawn",
        /// People confirm an alert.
        Confirmed = "confirmed",
        /// People find that the money was returned already.
        Recovered = "recovered",
        /// People find an alert wrong, or what it points at explained.
        Refuted = "refuted",
        /// People take up again what they had confirmed.
        Reversed = "reversed",
    }
}

/// What became of alerts.
pub struct AlertMetrics {
    opened: By2<Reason, Severity, IntCounter>,
    retracted: By2<Reason, RetractionCause, IntCounter>,
    changed: By<Reason, IntCounter>,
    archived: By<Reason, IntCounter>,
    alerts: By2<Reason, AlertState, Gauge>,
    amount: By<AmountStage, IntCounter>,
}

impl AlertMetrics {
    pub(super) fn new(to: &mut Registrar) -> Result<Self, BoundsError> {
        to.subject("Alerts");
        Ok(Self {
            opened: to.counter_by2(OPENED)?,
            retracted: to.counter_by2(RETRACTED)?,
            changed: to.counter_by(CHANGED)?,
            archived: to.counter_by(ARCHIVED)?,
            alerts: to.gauge_by2(ALERTS)?,
            amount: to.counter_by(AMOUNT)?,
        })
    }

    /// An alert was opened, over so many whole dong.
    pub fn opened(&self, reason: Reason, severity: Severity, dong: u64) {
        self.opened.of(reason, severity).inc();
        self.amount.of(AmountStage::Flagged).inc_by(dong);
    }

    /// An alert holds still, otherwise than before.
    pub fn changed(&self, reason: Reason) {
        self.changed.of(reason).inc();
    }

    /// An alert is archived.
    pub fn archived(&self, reason: Reason) {
        self.archived.of(reason).inc();
    }

    /// An alert was withdrawn, over so many whole dong.
    pub fn retracted(&self, reason: Reason, cause: RetractionCause, dong: u64) {
        self.retracted.of(reason, cause).inc();
        self.amount.of(AmountStage::Withdrawn).inc_by(dong);
    }

    /// People decided on so many whole dong, or took that back.
    pub fn decided(&self, stage: AmountStage, dong: u64) {
        self.amount.of(stage).inc_by(dong);
    }

    /// How many alerts of a reason the store has in a state.
    pub fn set_alerts(&self, reason: Reason, state: AlertState, alerts: u64) {
        self.alerts.of(reason, state).set(alerts as f64);
    }
}
