//! Where records come from, by the sources of the configuration.
//!
//! In: what a source's queue holds, and what the source turns away. Out: the same by the source's name.
//! Must hold: a source is known when the service starts.

use prometheus::{Gauge, IntCounter};

use super::bounds::{BoundsError, Name};
use super::family::{Spec, Unit};
use super::label::{Label, label};
use super::registrar::{Dimension, Registrar};

const PAUSED: Spec = Spec::new(
    "fundwatch_source_paused",
    Unit::Flag,
    "Whether this source takes nothing because too many of its records were rejected.",
);
const QUEUE_ROWS: Spec = Spec::new(
    "fundwatch_source_queue_rows",
    Unit::Count,
    "Rows of this source that wait for an epoch.",
);
const QUEUE_BYTES: Spec = Spec::new(
    "fundwatch_source_queue_bytes",
    Unit::Bytes,
    "Bytes of the rows of this source that wait for an epoch.",
);
const REFUSED: Spec = Spec::new(
    "fundwatch_source_refused_total",
    Unit::Count,
    "Deliveries (requests, files, fetches) that this source turned away whole, by reason; their sender has to send them again.",
);

label! {
    /// Why a delivery was turned away.
    Refusal as "reason" {
        /// The queue is full.
        Full = "full",
        /// The source is paused.
        Paused = "paused",
        /// The sender did not say who it is.
        Unauthenticated = "unauthenticated",
        /// The sender may not feed this stream.
        Forbidden = "forbidden",
        /// The delivery is too large.
        TooLarge = "too_large",
        /// The delivery's format is not one that the source takes.
        Unsupported = "unsupported",
        /// The journal takes nothing.
        Unavailable = "unavailable",
    }
}

/// The families of all sources.
pub(super) struct Sources(Vec<(Name, SourceMetrics)>);

/// What is told of one source. Cheap to clone.
#[derive(Clone)]
pub struct SourceMetrics {
    paused: Gauge,
    queue_rows: Gauge,
    queue_bytes: Gauge,
    refused: Vec<IntCounter>,
}

impl Sources {
    pub(super) fn new(to: &mut Registrar, names: &[Name]) -> Result<Self, BoundsError> {
        to.subject("Sources");
        let label = || {
            let names = names.iter().map(Name::as_str);
            Dimension::at_start("source", "the sources of the configuration", names)
        };
        let paused = to.gauges(PAUSED, vec![label()])?;
        let queue_rows = to.gauges(QUEUE_ROWS, vec![label()])?;
        let queue_bytes = to.gauges(QUEUE_BYTES, vec![label()])?;
        let refused = to.counters(REFUSED, vec![label(), Dimension::of::<Refusal>()])?;
        let metrics = names.iter().enumerate().map(|(place, name)| {
            let metrics = SourceMetrics {
                paused: paused[place].clone(),
                queue_rows: queue_rows[place].clone(),
                queue_bytes: queue_bytes[place].clone(),
                refused: refused[place * Refusal::ALL.len()..][..Refusal::ALL.len()].to_vec(),
            };
            (name.clone(), metrics)
        });
        Ok(Self(metrics.collect()))
    }

    pub(super) fn named(&self, name: &Name) -> Option<&SourceMetrics> {
        let named = self.0.iter().find(|(known, _)| known == name);
        named.map(|(_, metrics)| metrics)
    }
}

impl SourceMetrics {
    /// Whether the source takes nothing, since too much of it was rejected.
    pub fn set_paused(&self, is_paused: bool) {
        self.paused.set(f64::from(u8::from(is_paused)));
    }

    /// What waits for an epoch.
    pub fn set_queue(&self, rows: u64, bytes: u64) {
        self.queue_rows.set(rows as f64);
        self.queue_bytes.set(bytes as f64);
    }

    /// A delivery was turned away.
    pub fn refused(&self, why: Refusal) {
        self.refused[why.index()].inc();
    }
}
