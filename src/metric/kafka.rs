//! How sources of Kafka do, by the sources of the configuration.
//!
//! In: the state of a source's client, as it is now and then looked at. Out: the same as metrics. Must hold: no
//! topic or partition is a label, since there may be thousands; those are in the log.

use prometheus::{Gauge, IntCounter};

use super::bounds::{BoundsError, Name};
use super::family::{Spec, Unit};
use super::label::{Label, label};
use super::registrar::{Dimension, Registrar};

const BROKERS: Spec = Spec::new(
    "fundwatch_kafka_brokers_connected",
    Unit::Count,
    "Brokers that this source is connected to.",
);
const PARTITIONS: Spec = Spec::new(
    "fundwatch_kafka_partitions",
    Unit::Count,
    "Partitions that the group gave to this source, by whether they are read.",
);
const LAG: Spec = Spec::new(
    "fundwatch_kafka_lag_messages",
    Unit::Count,
    "Messages of its partitions that this source has not made durable yet, at most, when it last knew.",
);
const LOST: Spec = Spec::new(
    "fundwatch_kafka_lost_offsets_total",
    Unit::Count,
    "Offsets that were deleted at the brokers before this source took them; each gap is a rejected row as well.",
);
const ERRORS: Spec = Spec::new(
    "fundwatch_kafka_errors_total",
    Unit::Count,
    "Errors of brokers and of the network, which are tried again.",
);

label! {
    /// Whether a partition is read.
    PartitionUse as "state" {
        /// It is read.
        Reading = "reading",
        /// It is not, until a person has seen to it.
        Halted = "halted",
    }
}

/// What counts up, as a source has it since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KafkaTotals {
    /// Offsets deleted before they were taken.
    pub lost: u64,
    /// Errors of brokers and network.
    pub errors: u64,
}

/// The families of all sources of Kafka.
pub(super) struct KafkaSources(Vec<(Name, KafkaMetrics)>);

/// What is told of one source. Cheap to clone.
#[derive(Clone)]
pub struct KafkaMetrics {
    brokers: Gauge,
    reading: Gauge,
    halted: Gauge,
    lag: Gauge,
    lost: IntCounter,
    errors: IntCounter,
}

impl KafkaSources {
    pub(super) fn new(to: &mut Registrar, names: &[Name]) -> Result<Self, BoundsError> {
        to.subject("Kafka");
        let label = || {
            let names = names.iter().map(Name::as_str);
            Dimension::at_start(
                "source",
                "the sources of the configuration that are of kind kafka",
                names,
            )
        };
        let brokers = to.gauges(BROKERS, vec![label()])?;
        let partitions = to.gauges(PARTITIONS, vec![label(), Dimension::of::<PartitionUse>()])?;
        let lag = to.gauges(LAG, vec![label()])?;
        let mut counters = |spec| to.counters(spec, vec![label()]);
        let lost = counters(LOST)?;
        let errors = counters(ERRORS)?;
        let of_partitions = |place: usize, of: PartitionUse| {
            &partitions[place * PartitionUse::ALL.len() + of.index()]
        };
        let metrics = names.iter().enumerate().map(|(place, name)| {
            let metrics = KafkaMetrics {
                brokers: brokers[place].clone(),
                reading: of_partitions(place, PartitionUse::Reading).clone(),
                halted: of_partitions(place, PartitionUse::Halted).clone(),
                lag: lag[place].clone(),
                lost: lost[place].clone(),
                errors: errors[place].clone(),
            };
            (name.clone(), metrics)
        });
        Ok(Self(metrics.collect()))
    }

    pub(super) fn named(&self, name: &Name) -> Option<&KafkaMetrics> {
        let named = self.0.iter().find(|(known, _)| known == name);
        named.map(|(_, metrics)| metrics)
    }
}

impl KafkaMetrics {
    /// Brokers that it is connected to.
    pub fn set_brokers(&self, connected: u32) {
        self.brokers.set(f64::from(connected));
    }

    /// Its partitions: those that it reads, and those that it does not.
    pub fn set_partitions(&self, reading: usize, halted: usize) {
        self.reading.set(reading as f64);
        self.halted.set(halted as f64);
    }

    /// Messages that are not durable yet; what is not known is left as it was.
    pub fn set_lag(&self, messages: Option<u64>) {
        if let Some(messages) = messages {
            self.lag.set(messages as f64);
        }
    }

    /// What happened between two looks at the source's totals.
    pub fn happened(&self, before: &KafkaTotals, now: &KafkaTotals) {
        let counters = [
            (&self.lost, before.lost, now.lost),
            (&self.errors, before.errors, now.errors),
        ];
        for (counter, before, now) in counters {
            counter.inc_by(now.saturating_sub(before));
        }
    }
}
