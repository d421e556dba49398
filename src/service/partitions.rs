//! Rows of partitions become deliveries in the queue.
//!
//! In: raw rows of a live source, with the positions that they move. Out: a delivery a partition, all in one
//! epoch. Must hold: they are durable as a whole, and only while the source durably is where they follow on; a
//! journal that cannot be written is waited for, since nobody else has the rows in hand; what is missing for
//! good is in the journal among the rows that were not accepted.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant as Clock};

use super::inbox::Intake;
use super::parse::add;
use super::submission::{Follows, Refused, Submission};
use crate::journal::{Delivery, Position, Rejected};
use crate::record::{ErrorCode, Instant, Stream};
use crate::source::delivery::{self, Deliver, Gap, NotDurable, RawRow};
use crate::source::{LineReader, ROW_LIMIT};

/// How long a journal rests that cannot be written.
const REST: Duration = Duration::from_millis(500);
/// What a row takes in memory beside its text, about.
const ROW_BYTES: usize = 256;

/// A source of partitions, as the service takes rows from it.
pub struct PartitionIntake {
    intake: Intake,
    /// The stream of each topic: of a gap, no row says it.
    topics: BTreeMap<String, Stream>,
}

impl PartitionIntake {
    /// Takes rows of topics into a service.
    pub fn new(intake: Intake, topics: BTreeMap<String, Stream>) -> Self {
        Self { intake, topics }
    }

    /// Waits until a submission is durable, or refused.
    fn submit(&self, submission: (Vec<Delivery>, Vec<Follows>), bytes: usize) -> Option<Refused> {
        let (deliveries, follows) = submission;
        let (reply, told) = sync_channel(1);
        self.intake.queue.push(Submission {
            deliveries,
            follows,
            sender: None,
            carries_forward: false,
            bytes,
            arrived: Clock::now(),
            reply: Box::new(move |outcome| {
                // Nobody is told where the source has ended.
                let _ = reply.send(outcome);
            }),
        });
        told.recv().unwrap_or(Err(Refused::Closed)).err()
    }

    fn count(&self, source: &str, rows: u64, rejected: u64) {
        let breakers = &self.intake.breakers;
        if breakers.count(source, rows, rejected, Clock::now()) {
            tracing::error!(
                source,
                "too many rows are not accepted; the source is paused"
            );
        }
    }

    fn stream_of(&self, partition: &str) -> Option<Stream> {
        let (topic, _) = partition.rsplit_once('/')?;
        self.topics.get(topic).copied()
    }
}

impl Deliver for PartitionIntake {
    fn deliver(&self, from_source: delivery::Delivery) -> Result<(), NotDurable> {
        let source = &*from_source.source;
        let text = |row: &RawRow| row.value.as_ref().map_or(0, Vec::len) + ROW_BYTES;
        let bytes = from_source.rows.iter().map(text).sum();
        loop {
            let arrival = self.intake.clock.now();
            let deliveries = deliveries(&from_source, arrival, |part| self.stream_of(part));
            let rows: usize = deliveries.iter().map(|one| one.rows.len()).sum();
            let rejected: usize = deliveries.iter().map(|one| one.rejects.len()).sum();
            // What is missing is no fault of who writes the rows.
            let rejected = rejected - from_source.gaps.len().min(rejected);
            match self.submit((deliveries, follows(&from_source)), bytes) {
                None => {
                    self.count(source, (rows + rejected) as u64, rejected as u64);
                    return Ok(());
                }
                Some(Refused::Moved) => return Err(NotDurable::Moved),
                Some(Refused::Unwritable(_)) if !self.intake.stop.load(Ordering::Acquire) => {
                    tracing::warn!(
                        source,
                        "rows were not taken, since the journal cannot be written; they are handed over again"
                    );
                    std::thread::sleep(REST);
                }
                Some(_) => return Err(NotDurable::Stopped),
            }
        }
    }

    fn position(&self, source: &str, partition: &str) -> Option<String> {
        self.intake.positions.place(source, partition)
    }

    fn is_paused(&self, source: &str) -> bool {
        self.intake.breakers.is_paused(source)
    }
}

fn follows(from_source: &delivery::Delivery) -> Vec<Follows> {
    let advances = from_source.positions.iter();
    let follows = advances.map(|advance| Follows {
        part: advance.partition.to_string(),
        place: advance.from.clone(),
    });
    follows.collect()
}

/// A delivery a partition. A row's number is its offset and one more, as records are numbered from 1.
fn deliveries(
    from_source: &delivery::Delivery,
    arrival: Instant,
    stream_of: impl Fn(&str) -> Option<Stream>,
) -> Vec<Delivery> {
    let mut by_partition: BTreeMap<Arc<str>, Delivery> = BTreeMap::new();
    let mut readers: BTreeMap<Stream, LineReader> = BTreeMap::new();
    for advance in &from_source.positions {
        let of = by_partition.entry(advance.partition.clone()).or_default();
        of.positions.push(Position {
            part: advance.partition.to_string(),
            place: advance.next.clone(),
        });
    }
    for gap in &from_source.gaps {
        let of = by_partition.entry(gap.partition.clone()).or_default();
        of.rejects
            .extend(stream_of(&gap.partition).map(|stream| missing(stream, gap)));
    }
    for row in &from_source.rows {
        let of = by_partition.entry(row.partition.clone()).or_default();
        let reader = readers
            .entry(row.stream)
            .or_insert_with(|| LineReader::new(row.stream));
        // A tombstone, or a blank text, is no row; its offset is passed with the position.
        let value = row.value.as_deref().unwrap_or_default();
        debug_assert!(value.len() <= ROW_LIMIT + 1, "a source cuts longer ones");
        if let Some(outcome) = reader.read(value, Some(arrival)) {
            add(of, row.offset + 1, outcome);
        }
    }
    let named = by_partition.into_iter().map(|(partition, of)| Delivery {
        source: from_source.source.to_string(),
        origin: partition.to_string(),
        ..of
    });
    named.collect()
}

/// Rows that nobody will ever read, as one that was not accepted, at the number of the first.
fn missing(stream: Stream, gap: &Gap) -> Rejected {
    let last = gap.to.saturating_sub(1);
    Rejected {
        row: gap.from + 1,
        stream,
        recorded_at: None,
        facility: None,
        code: ErrorCode::DeletedBeforeRead,
        message: format!(
            "the messages of offsets {} to {last} were deleted before they were read; send their rows again",
            gap.from
        ),
        raw: String::new(),
    }
}

#[cfg(test)]
mod tests;
