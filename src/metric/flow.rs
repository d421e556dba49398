//! How the dataflow does: how far it is, what it gives out, what it holds, how long it takes.
//!
//! In: epochs, outputs, sizes and times, as the threads that run the dataflow know them. Out: the same by
//! stage, output, arrangement and operator. Must hold: an arrangement or operator without a place of its
//! own is told under `other`, never under its name.

use std::collections::HashMap;
use std::time::Duration;

use prometheus::{Counter, Gauge, Histogram, IntCounter};

use super::bounds::{BoundsError, Names};
use super::family::{Spec, Unit};
use super::handle::{By, By2, Once, Sometimes, unix_seconds};
use super::label::label;
use super::registrar::{Dimension, Registrar};
use crate::record::Instant;

const STATUS_CHANGES: Spec = Spec::new(
    "fundwatch_status_changes_total",
    Unit::Count,
    "Changes of the state of a person or a card that registers brought, by kind.",
);
const FRONTIER: Spec = Spec::new(
    "fundwatch_frontier_timestamp_seconds",
    Unit::UnixSeconds,
    "Time of arrival up to which this stage is complete; absent until its first epoch.",
);
const COMPACTION: Spec = Spec::new(
    "fundwatch_compaction_timestamp_seconds",
    Unit::UnixSeconds,
    "Earliest time of arrival that the dataflow still tells apart from what came before; an older question needs a replay of the journal.",
);
const LATENCY: Spec = Spec::new(
    "fundwatch_processing_latency_seconds",
    Unit::Seconds,
    "Time from the arrival of the first record of an epoch until the epoch's alerts were stored: no record of it took longer.",
);
const EPOCHS: Spec = Spec::new(
    "fundwatch_epochs_total",
    Unit::Count,
    "Epochs whose alerts were stored.",
);
const EPOCH_ROWS: Spec = Spec::new(
    "fundwatch_epoch_rows",
    Unit::Count,
    "Rows of an epoch whose alerts were stored.",
);
const IN_FLIGHT: Spec = Spec::new(
    "fundwatch_epochs_in_flight",
    Unit::Count,
    "Epochs that are sealed and whose alerts are not stored yet.",
);
const UPDATES: Spec = Spec::new(
    "fundwatch_output_updates_total",
    Unit::Count,
    "Differences that the dataflow gave out, by output and sign.",
);
const RECORDS: Spec = Spec::new(
    "fundwatch_arrangement_records",
    Unit::Count,
    "Updates that this arrangement holds.",
);
const BATCHES: Spec = Spec::new(
    "fundwatch_arrangement_batches",
    Unit::Count,
    "Batches that this arrangement holds.",
);
const SIZE: Spec = Spec::new(
    "fundwatch_arrangement_size_bytes",
    Unit::Bytes,
    "Bytes that this arrangement holds, estimated from the widths of its records.",
);
const BUSY: Spec = Spec::new(
    "fundwatch_operator_busy_seconds_total",
    Unit::Seconds,
    "Time that workers spent in this operator.",
);

/// Close around an epoch of 100 ms, where the budget (an epoch and 50 ms) has to be told from what is over it.
const LATENCY_BUCKETS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.11, 0.12, 0.13, 0.15, 0.2, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
    30.0,
];
const EPOCH_ROWS_BUCKETS: &[f64] = &[1.0, 10.0, 100.0, 1000.0, 10_000.0, 100_000.0];

label! {
    /// A change of state that a register brought. Each is counted from what a key held before and holds
    /// after.
    StatusChange as "kind" {
        /// A citizen came to be dead or declared dead, or a death report came.
        DeathRecorded = "death_recorded",
        /// A citizen ceased to be dead, or a death report went.
        DeathAnnulled = "death_annulled",
        /// A card came to be locked, revoked or reduced.
        CardLocked = "card_locked",
        /// A card came to be replaced by another.
        CardReissued = "card_reissued",
        /// A number came to be tied to another: a participant to a citizen, a citizen to the number that
        /// supersedes it or to an old one.
        IdentityLinked = "identity_linked",
        /// A number ceased to be tied to another.
        IdentityUnlinked = "identity_unlinked",
    }
}

label! {
    /// A stage of which it is told how far it is.
    Frontier as "probe" {
        /// Rows are sealed in the journal.
        Journal = "journal",
        /// The dataflow has given out what they change.
        Dataflow = "dataflow",
        /// The alerts that they change are stored.
        Alerts = "alerts",
    }
}

label! {
    /// What the dataflow gives out.
    Collection as "collection" {
        /// Visits that findings and scores rest on.
        Visits = "visits",
        /// Claims as the outlier model sees them.
        Observed = "observed",
        /// Claims of a sample.
        Sampled = "sampled",
        /// What keeps a reason from holding.
        Forgiving = "forgiving",
        /// Reasons that hold.
        Findings = "findings",
        /// Signs of life.
        Signs = "signs",
        /// What outliers rest on.
        Bases = "bases",
        /// Claims that two models judge.
        Compared = "compared",
        /// What thresholds are compared with.
        Weighed = "weighed",
    }
}

label! {
    /// Whether something came or went.
    Sign as "sign" {
        /// It came.
        Insert = "insert",
        /// It went.
        Retract = "retract",
    }
}

/// What an arrangement or table holds.
#[derive(Clone, Copy, Debug)]
pub struct ArrangementUse<'a> {
    /// The name of the operator that writes it.
    pub name: &'a str,
    /// Updates.
    pub records: u64,
    /// Batches.
    pub batches: u64,
    /// Bytes.
    pub bytes: u64,
}

/// How the dataflow does.
pub struct FlowMetrics {
    status_changes: By<StatusChange, IntCounter>,
    frontier: Sometimes<Frontier>,
    compaction: Once,
    latency: Histogram,
    epochs: IntCounter,
    epoch_rows: Histogram,
    in_flight: Gauge,
    updates: By2<Collection, Sign, IntCounter>,
    arrangements: Places<Held>,
    operators: Places<Counter>,
}

struct Held {
    records: Gauge,
    batches: Gauge,
    bytes: Gauge,
}

/// Metrics by name; the last one stands for all other names.
struct Places<M> {
    by_name: HashMap<&'static str, usize>,
    metrics: Vec<M>,
}

impl<M> Places<M> {
    fn new(names: &[&'static str], metrics: Vec<M>) -> Self {
        let by_name = names.iter().enumerate();
        Self {
            by_name: by_name.map(|(place, name)| (*name, place)).collect(),
            metrics,
        }
    }

    fn place(&self, name: &str) -> usize {
        let place = self.by_name.get(name).copied();
        place.unwrap_or(self.metrics.len() - 1)
    }
}

impl FlowMetrics {
    pub(super) fn new(to: &mut Registrar, names: &Names) -> Result<Self, BoundsError> {
        to.subject("Dataflow");
        let arrangement = || {
            let words = "the dataflow's arrangements and tables, and `other`";
            let names = names.arrangements.iter().copied();
            vec![Dimension::at_start("arrangement", words, names).or_other()]
        };
        let words = "the dataflow's named operators, and `other`";
        let operators = names.operators.iter().copied();
        let operator = Dimension::at_start("operator", words, operators).or_other();
        Ok(Self {
            frontier: to.sometimes(FRONTIER)?,
            latency: to.histogram(LATENCY, LATENCY_BUCKETS)?,
            epochs: to.counter(EPOCHS)?,
            epoch_rows: to.histogram(EPOCH_ROWS, EPOCH_ROWS_BUCKETS)?,
            in_flight: to.gauge(IN_FLIGHT)?,
            updates: to.counter_by2(UPDATES)?,
            status_changes: to.counter_by(STATUS_CHANGES)?,
            compaction: to.once(COMPACTION)?,
            arrangements: {
                let records = to.gauges(RECORDS, arrangement())?;
                let batches = to.gauges(BATCHES, arrangement())?;
                let bytes = to.gauges(SIZE, arrangement())?;
                let held = records.into_iter().zip(batches).zip(bytes);
                let held = held.map(|((records, batches), bytes)| Held {
                    records,
                    batches,
                    bytes,
                });
                Places::new(&names.arrangements, held.collect())
            },
            operators: Places::new(&names.operators, to.float_counters(BUSY, vec![operator])?),
        })
    }

    /// A register changed the state of a person or a card.
    pub fn status_changed(&self, change: StatusChange) {
        self.status_changes.of(change).inc();
    }

    /// A stage is complete up to a time of arrival.
    pub fn set_frontier(&self, stage: Frontier, at: Instant) {
        self.frontier.set(stage, Some(unix_seconds(at)));
    }

    /// What came before this time is not told apart any more.
    pub fn set_compaction(&self, at: Instant) {
        self.compaction.set(unix_seconds(at));
    }

    /// The alerts of an epoch are stored. `waited` is the time since its first row arrived; none where it
    /// has no rows, since nobody waited.
    pub fn epoch_stored(&self, rows: u64, waited: Option<Duration>) {
        self.epochs.inc();
        self.epoch_rows.observe(rows as f64);
        if let Some(waited) = waited {
            self.latency.observe(waited.as_secs_f64());
        }
    }

    /// Epochs that are sealed and not stored yet.
    pub fn set_epochs_in_flight(&self, epochs: u64) {
        self.in_flight.set(epochs as f64);
    }

    /// The dataflow gave out so many differences.
    pub fn gave_out(&self, collection: Collection, sign: Sign, updates: u64) {
        self.updates.of(collection, sign).inc_by(updates);
    }

    /// What every arrangement holds. Those without a place of their own are summed; those that are not
    /// told hold nothing.
    pub fn set_arrangements<'a>(&self, held: impl IntoIterator<Item = ArrangementUse<'a>>) {
        let mut sums = vec![(0, 0, 0); self.arrangements.metrics.len()];
        for one in held {
            let (records, batches, bytes) = &mut sums[self.arrangements.place(one.name)];
            *records += one.records;
            *batches += one.batches;
            *bytes += one.bytes;
        }
        for (held, (records, batches, bytes)) in self.arrangements.metrics.iter().zip(sums) {
            held.records.set(records as f64);
            held.batches.set(batches as f64);
            held.bytes.set(bytes as f64);
        }
    }

    /// A worker spent time in an operator.
    pub fn busy(&self, operator: &str, time: Duration) {
        self.operators.metrics[self.operators.place(operator)].inc_by(time.as_secs_f64());
    }
}
