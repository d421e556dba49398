//! What a live source hands to the service: rows with the positions that they move, as one.
//!
//! In: raw rows of partitions, each partition's in the order of its offsets. Out: they are durable
//! as a whole, or not at all. Must hold: a partition's position moves only together with the rows
//! before it, and only from where the delivery says that it stands, so that whatever dies or is
//! sent twice, every row is in the journal once.

use std::fmt;
use std::sync::Arc;

use crate::record::Stream;

/// One row as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct RawRow {
    /// The stream that it is a row of.
    pub stream: Stream,
    /// The partition that it came from, as in [`Advance::partition`].
    pub partition: Arc<str>,
    /// Its place in the partition.
    pub offset: u64,
    /// When the sender or the broker says that it was written, in milliseconds since 1970 (UTC).
    pub timestamp_ms: Option<i64>,
    /// Its bytes; none is a tombstone, which is no row but is handed over, so that it can be
    /// counted. It may hold personal data: it goes to the journal and nowhere else.
    pub value: Option<Vec<u8>>,
}

/// A partition's position, which becomes durable with the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advance {
    /// The partition's name within its source.
    pub partition: Arc<str>,
    /// The durable position that the rows follow on; none where there was none.
    pub from: Option<String>,
    /// The position after them.
    pub next: String,
}

/// Offsets that can no longer be read: they were deleted before they were taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The partition's name within its source.
    pub partition: Arc<str>,
    /// The first offset that is missing.
    pub from: u64,
    /// The first offset that is there again.
    pub to: u64,
}

/// What a source hands over: durable as a whole or not at all. A partition whose position moves
/// may be without rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The source's name in the configuration.
    pub source: Arc<str>,
    /// The rows; those of one partition in the order of their offsets.
    pub rows: Vec<RawRow>,
    /// The positions that move, each partition once.
    pub positions: Vec<Advance>,
    /// What is missing among the rows for good.
    pub gaps: Vec<Gap>,
}

/// Why a delivery did not become durable. Nothing of it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotDurable {
    /// The service stops, or takes nothing any more.
    #[error("the service takes no more rows")]
    Stopped,
    /// A position is not where the delivery says: another member of the source delivered first.
    #[error("a position has moved since these rows were read; read on from the durable position")]
    Moved,
}

/// The service, as a source sees it.
pub trait Deliver: Send + Sync {
    /// Makes a delivery durable. It blocks while the queue is full, and until the rows are durable.
    ///
    /// # Errors
    /// [`NotDurable::Moved`] where the durable position of a partition is not its
    /// [`Advance::from`]; [`NotDurable::Stopped`] where nothing is taken any more.
    fn deliver(&self, delivery: Delivery) -> Result<(), NotDurable>;

    /// The durable position of a partition; none where nothing of it ever became durable.
    fn position(&self, source: &str, partition: &str) -> Option<String>;

    /// Whether the source shall take nothing for now. It is asked several times a second.
    fn is_paused(&self, source: &str) -> bool;
}

impl fmt::Debug for RawRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.value.as_ref().map(Vec::len);
        f.debug_struct("RawRow")
            .field("stream", &self.stream)
            .field("partition", &self.partition)
            .field("offset", &self.offset)
            .field("timestamp_ms", &self.timestamp_ms)
            .field("bytes", &bytes)
            .finish()
    }
}
