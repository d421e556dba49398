//! The state of a Kafka source, for metrics and readiness.
//!
//! In: what the reader sees. Out: a copy of it, for any thread at any time. Must hold: numbers, and
//! names from the configuration; nothing of a message.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::event::{ErrorKind, Halt};

/// Looks at the state of a source. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct KafkaStatus(Arc<Mutex<KafkaState>>);

/// The state of a source. It is at most about a second old.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct KafkaState {
    /// Whether the source runs; it ends when the service takes nothing any more, or stops it.
    pub is_running: bool,
    /// How many brokers it is connected to.
    pub brokers_up: u32,
    /// The partitions that it owns, by name.
    pub partitions: Vec<PartitionState>,
    /// The last error, also when it is over.
    pub last_error: Option<LastError>,
    /// Rows that wait to be handed over.
    pub waiting_rows: usize,
    /// What they take in memory, in bytes, about.
    pub waiting_bytes: usize,
    /// Whether a delivery is in flight.
    pub is_in_flight: bool,
    /// Whether partitions are held because the service wants nothing or cannot keep up.
    pub is_held: bool,
    /// What happened since the start.
    pub totals: Totals,
}

/// A partition that the source owns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionState {
    /// `topic/partition`.
    pub partition: Arc<str>,
    /// The next offset that it takes.
    pub next: Option<u64>,
    /// The durable position.
    pub durable: Option<u64>,
    /// Where the partition ends.
    pub end: Option<u64>,
    /// How many offsets are not durable yet, at most; none while the end is not known.
    pub lag: Option<u64>,
    /// Why it is not read, if it is not.
    pub halt: Option<Halt>,
}

/// An error and when it was.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LastError {
    /// What kind of error.
    pub kind: ErrorKind,
    /// Its name in the protocol.
    pub code: String,
    /// When it was last seen.
    pub at: SystemTime,
}

/// What happened since the start: counters, which only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Messages taken, tombstones among them; those that are taken again after a rebalance count
    /// again.
    pub messages: u64,
    /// Bytes of their values.
    pub bytes: u64,
    /// Messages without a value.
    pub tombstones: u64,
    /// Messages dropped because they were taken before.
    pub repeated: u64,
    /// Deliveries that became durable.
    pub deliveries: u64,
    /// Deliveries refused because another member delivered first.
    pub moved: u64,
    /// Gaps met.
    pub gaps: u64,
    /// Offsets in them.
    pub lost: u64,
    /// Assignments and revocations.
    pub rebalances: u64,
    /// Errors of brokers and network.
    pub errors: u64,
}

impl KafkaState {
    /// Whether a broker answers.
    pub fn is_connected(&self) -> bool {
        self.brokers_up > 0
    }

    /// The lag of all partitions; none while that of one is not known, or none is owned.
    pub fn lag(&self) -> Option<u64> {
        let lags = self.partitions.iter().map(|partition| partition.lag);
        let sum: Option<u64> = lags.sum();
        sum.filter(|_| !self.partitions.is_empty())
    }
}

impl KafkaStatus {
    /// A copy of the state.
    pub fn state(&self) -> KafkaState {
        self.lock().clone()
    }

    /// Whether a broker answers.
    pub(super) fn is_connected(&self) -> bool {
        self.lock().is_connected()
    }

    /// Changes the state.
    pub(super) fn change(&self, change: impl FnOnce(&mut KafkaState)) {
        change(&mut self.lock());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, KafkaState> {
        // A panic between two numbers leaves nothing that could not be shown.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
