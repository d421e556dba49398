//! What is taken from the partitions that this member owns, and how far it got.
//!
//! In: partitions that come and go, and messages. Out: deliveries, one at a time. Must hold: each
//! delivery continues where the one before it ended or, after a refusal, where the journal stands;
//! what was taken from a partition that is owned no more, and not handed over, is forgotten. Nothing
//! here knows Kafka's client.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::courier::Courier;
use super::forming::Forming;
use super::partition::Partition;
use super::settings::{Bounds, KafkaSettings};
use super::status::Totals;
use crate::record::Stream;
use crate::source::ROW_LIMIT;
use crate::source::delivery::{Deliver, Delivery, Gap, NotDurable, RawRow};

/// What a source has in hand.
pub(super) struct Taking {
    source: Arc<str>,
    bounds: Bounds,
    deliver: Arc<dyn Deliver>,
    courier: Courier,
    forming: Forming,
    topics: HashMap<Arc<str>, Topic>,
    /// Messages are dropped until reading starts anew at `next` of each partition.
    pub(super) is_frozen: bool,
    /// The client fetches nothing for now.
    pub(super) is_held: bool,
    /// What happened since the start.
    pub(super) totals: Totals,
}

struct Topic {
    stream: Stream,
    partitions: BTreeMap<i32, Partition>,
}

/// A message as it is read.
pub(super) struct Message<'a> {
    pub(super) topic: &'a str,
    pub(super) partition: i32,
    pub(super) offset: u64,
    pub(super) timestamp_ms: Option<i64>,
    pub(super) value: Option<&'a [u8]>,
}

/// What became of the delivery in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// Nothing yet, or there is none.
    Not,
    /// It is durable.
    Durable,
    /// It was refused, and everything in hand is forgotten: reading starts anew.
    Moved,
    /// Nothing is taken any more.
    Stopped,
}

impl Taking {
    /// Nothing in hand.
    pub(super) fn new(
        settings: &KafkaSettings,
        deliver: Arc<dyn Deliver>,
        courier: Courier,
    ) -> Self {
        let topic = |(name, stream): (&String, &Stream)| {
            let topic = Topic {
                stream: *stream,
                partitions: BTreeMap::new(),
            };
            (name.as_str().into(), topic)
        };
        Self {
            source: settings.source.as_str().into(),
            bounds: settings.bounds,
            deliver,
            courier,
            forming: Forming::default(),
            topics: settings.topics.iter().map(topic).collect(),
            is_frozen: false,
            is_held: false,
            totals: Totals::default(),
        }
    }

    /// Whether the service wants nothing for now.
    pub(super) fn is_paused(&self) -> bool {
        self.deliver.is_paused(&self.source)
    }

    /// Takes a partition over, to be read from where it durably stands or will stand once the
    /// delivery in flight is durable.
    pub(super) fn own(&mut self, topic: &str, number: i32) {
        let Some(of) = self.topics.get_mut(topic) else {
            return;
        };
        let label = label(topic, number);
        let position = match self.courier.would_move(&label) {
            Some(next) => Some(next.to_owned()),
            None => self.deliver.position(&self.source, &label),
        };
        let partition = Partition::new(label.into(), position.as_deref());
        of.partitions.insert(number, partition);
    }

    /// Whether a partition before this one has a position, so that this one is a later addition to
    /// a topic that is read already.
    pub(super) fn is_addition(&self, topic: &str, number: i32) -> bool {
        let position = |n| self.deliver.position(&self.source, &label(topic, n));
        (0..number).any(|n| position(n).is_some())
    }

    /// Lets a partition go, and forgets what was taken from it.
    pub(super) fn disown(&mut self, topic: &str, number: i32) {
        let of = self.topics.get_mut(topic);
        if let Some(partition) = of.and_then(|of| of.partitions.remove(&number)) {
            self.forming.forget(|label| *label == partition.label);
        }
    }

    /// Lets all partitions go.
    pub(super) fn disown_all(&mut self) {
        self.forming.take();
        self.topics.values_mut().for_each(|t| t.partitions.clear());
    }

    /// The partitions with their topics and numbers.
    pub(super) fn partitions(&mut self) -> impl Iterator<Item = (&Arc<str>, i32, &mut Partition)> {
        self.topics.iter_mut().flat_map(|(name, topic)| {
            let partitions = topic.partitions.iter_mut();
            partitions.map(move |(number, partition)| (name, *number, partition))
        })
    }

    /// One partition.
    pub(super) fn partition(&mut self, topic: &str, number: i32) -> Option<&mut Partition> {
        self.topics.get_mut(topic)?.partitions.get_mut(&number)
    }

    /// Takes a message, unless it was taken before or is of a partition that was let go.
    pub(super) fn take(&mut self, message: &Message<'_>) {
        if self.is_frozen {
            return;
        }
        let Some(topic) = self.topics.get_mut(message.topic) else {
            return;
        };
        let Some(partition) = topic.partitions.get_mut(&message.partition) else {
            return;
        };
        if !partition.take(message.offset) {
            self.totals.repeated += 1;
            return;
        }
        self.totals.tombstones += u64::from(message.value.is_none());
        self.totals.bytes += message.value.map_or(0, |value| value.len() as u64);
        self.totals.messages += 1;
        self.forming.push(RawRow {
            stream: topic.stream,
            partition: Arc::clone(&partition.label),
            offset: message.offset,
            timestamp_ms: message.timestamp_ms,
            // One byte beyond the limit is enough for it to be rejected as too large.
            value: message
                .value
                .map(|value| value[..value.len().min(ROW_LIMIT + 1)].to_vec()),
        });
    }

    /// Goes on after offsets that are there no more.
    pub(super) fn skip(&mut self, topic: &str, number: i32, to: u64) -> Option<Gap> {
        let partition = self.partition(topic, number)?;
        let gap = Gap {
            partition: Arc::clone(&partition.label),
            from: partition.next.filter(|next| *next < to)?,
            to,
        };
        partition.next = Some(to);
        self.totals.gaps += 1;
        self.totals.lost += to - gap.from;
        self.forming.push_gap(gap.clone());
        Some(gap)
    }

    /// Whether a bound of what is in hand is reached.
    pub(super) fn is_full(&self) -> bool {
        self.forming.rows() >= self.bounds.rows || self.forming.bytes() >= self.bounds.bytes
    }

    /// Rows and bytes that wait to be handed over.
    pub(super) fn waiting(&self) -> (usize, usize) {
        (self.forming.rows(), self.forming.bytes())
    }

    /// Whether a delivery is in flight.
    pub(super) fn is_in_flight(&self) -> bool {
        !self.courier.is_idle()
    }

    /// Hands over what was taken, if something was and nothing is in flight.
    pub(super) fn hand_over(&mut self) {
        if self.is_in_flight() {
            return;
        }
        let mut positions = Vec::new();
        for (_, _, partition) in self.partitions() {
            positions.extend(partition.advance());
            partition.handed = partition.next;
        }
        if positions.is_empty() {
            return;
        }
        let (rows, gaps) = self.forming.take();
        self.courier.hand(Delivery {
            source: Arc::clone(&self.source),
            rows,
            positions,
            gaps,
        });
    }

    /// Learns what became of the delivery in flight, waiting for it up to some time.
    pub(super) fn settle(&mut self, within: Duration) -> Settled {
        let Some(outcome) = self.courier.outcome(within) else {
            return Settled::Not;
        };
        match outcome.result {
            Ok(()) => {
                for advance in outcome.positions {
                    let mut partitions = self.partitions();
                    let known = partitions.find(|(_, _, p)| p.label == advance.partition);
                    if let Some((_, _, partition)) = known {
                        partition.durable = advance.next.parse().ok();
                    }
                }
                self.totals.deliveries += 1;
                Settled::Durable
            }
            Err(NotDurable::Moved) => {
                self.totals.moved += 1;
                self.rewind();
                Settled::Moved
            }
            Err(NotDurable::Stopped) => Settled::Stopped,
        }
    }

    /// Forgets all that is not durable; nothing may be in flight.
    fn rewind(&mut self) {
        self.forming.take();
        self.is_frozen = true;
        let (deliver, source) = (Arc::clone(&self.deliver), Arc::clone(&self.source));
        for (_, _, partition) in self.partitions() {
            let position = deliver.position(&source, &partition.label);
            partition.rewind(position.as_deref());
        }
    }
}

/// A partition's name in the journal. A topic's name has no slash.
pub(super) fn label(topic: &str, number: i32) -> String {
    format!("{topic}/{number}")
}

#[cfg(test)]
mod tests;
