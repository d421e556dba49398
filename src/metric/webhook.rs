//! How receivers of webhooks do, by the names of the configuration.
//!
//! In: what each attempt came to, and since when something waits. Out: the same by the receiver's name. Must hold: a
//! receiver is known when the service starts.

use prometheus::{GaugeVec, IntCounter};

use super::bounds::{BoundsError, Name};
use super::family::{Spec, Unit};
use super::handle::unix_seconds;
use super::label::{Label, label};
use super::registrar::{Dimension, Registrar};
use crate::record::Instant;

const DELIVERIES: Spec = Spec::new(
    "fundwatch_webhook_deliveries_total",
    Unit::Count,
    "Messages to this receiver: taken by it, attempts in vain, and messages that waited too long and were given up.",
);
const OLDEST: Spec = Spec::new(
    "fundwatch_webhook_oldest_pending_timestamp_seconds",
    Unit::UnixSeconds,
    "When the oldest message that waits for this receiver was written; absent when none waits.",
);

label! {
    /// What became of a message, or of an attempt.
    WebhookOutcome as "outcome" {
        /// The receiver took it.
        Delivered = "delivered",
        /// It did not, this time.
        Failed = "failed",
        /// It waited too long, and was given up.
        Dropped = "dropped",
    }
}

/// The families of all receivers.
pub(super) struct Webhooks(Vec<(Name, WebhookMetrics)>);

/// What is told of one receiver. Cheap to clone.
#[derive(Clone)]
pub struct WebhookMetrics {
    name: Name,
    deliveries: Vec<IntCounter>,
    oldest: GaugeVec,
}

impl Webhooks {
    pub(super) fn new(to: &mut Registrar, names: &[Name]) -> Result<Self, BoundsError> {
        to.subject("Webhooks");
        let label = || {
            let names = names.iter().map(Name::as_str);
            Dimension::at_start("webhook", "the webhooks of the configuration", names)
        };
        let deliveries =
            to.counters(DELIVERIES, vec![label(), Dimension::of::<WebhookOutcome>()])?;
        let oldest = to.absent(OLDEST, vec![label()])?;
        let outcomes = WebhookOutcome::ALL.len();
        let metrics = names.iter().enumerate().map(|(place, name)| {
            let metrics = WebhookMetrics {
                name: name.clone(),
                deliveries: deliveries[place * outcomes..][..outcomes].to_vec(),
                oldest: oldest.clone(),
            };
            (name.clone(), metrics)
        });
        Ok(Self(metrics.collect()))
    }

    pub(super) fn named(&self, name: &Name) -> Option<&WebhookMetrics> {
        let named = self.0.iter().find(|(known, _)| known == name);
        named.map(|(_, metrics)| metrics)
    }
}

impl WebhookMetrics {
    /// So many messages, or attempts, ended so.
    pub fn add(&self, outcome: WebhookOutcome, count: u64) {
        self.deliveries[outcome.index()].inc_by(count);
    }

    /// Since when something waits; nothing where nothing does.
    pub fn set_oldest(&self, oldest: Option<Instant>) {
        let values = [self.name.as_str()];
        match oldest {
            Some(at) => self.oldest.with_label_values(&values).set(unix_seconds(at)),
            // It fails only for a series that is not there.
            None => drop(self.oldest.remove_label_values(&values)),
        }
    }
}
