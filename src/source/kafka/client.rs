//! What the Kafka client calls back: the group's assignments, statistics and logs.
//!
//! In: callbacks, all on the reader's thread while it polls. Out: partitions taken over and let go.
//! Must hold: a partition is let go only once its rows in flight are durable, or the time for that is
//! over; it is read from its position in the journal, whatever the group has committed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::statistics::Statistics;
use rdkafka::types::{RDKafkaErrorCode, RDKafkaRespErr};
use rdkafka::{Offset, TopicPartitionList};

use super::event::{ErrorKind, Halt, KafkaEvent, Observer};
use super::recovery::{BELIEVED, Place, place};
use super::settings::{KafkaSettings, Start};
use super::status::{KafkaStatus, LastError};
use super::taking::{Settled, Taking};

/// How long a broker may take to say where a partition starts and ends.
const WATERMARKS: Duration = Duration::from_secs(5);

/// The client with what it calls back.
pub(super) type Consumer = BaseConsumer<Context>;

/// What callbacks work on. All clients that a source makes share the same.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) settings: Arc<KafkaSettings>,
    pub(super) status: KafkaStatus,
    pub(super) observer: Observer,
    pub(super) is_stopping: Arc<AtomicBool>,
    /// Where a partition could not be placed, or something was refused: read anew.
    pub(super) reads_anew: Arc<AtomicBool>,
    pub(super) taking: Arc<Mutex<Taking>>,
}

impl Context {
    /// What is in hand. It must not be held while the client is polled.
    pub(super) fn taking(&self) -> MutexGuard<'_, Taking> {
        self.taking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the source shall end.
    pub(super) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    /// Whether to commit positions to the group. A client that waits for brokers to take them cannot
    /// be closed for as long as a session lasts.
    pub(super) fn may_commit(&self) -> bool {
        self.settings.commits_positions && !self.is_stopping() && self.status.is_connected()
    }

    /// Tells of an event.
    pub(super) fn tell(&self, event: &KafkaEvent) {
        (self.observer)(event);
    }

    /// Asks for reading anew from the next offset of each partition.
    pub(super) fn read_anew(&self) {
        self.reads_anew.store(true, Ordering::Release);
    }

    /// Notes an error; it is told when it is another than the last, or the last is a minute old.
    pub(super) fn error(&self, code: RDKafkaErrorCode) -> ErrorKind {
        let kind = ErrorKind::of(code);
        let code = format!("{code:?}");
        let now = SystemTime::now();
        self.taking().totals.errors += 1;
        let mut is_news = true;
        self.status.change(|state| {
            let is_same = |last: &LastError| {
                let age = now.duration_since(last.at).unwrap_or_default();
                last.code == code && age < Duration::from_secs(60)
            };
            is_news = !state.last_error.as_ref().is_some_and(is_same);
            let code = code.clone();
            state.last_error = Some(LastError {
                kind,
                code,
                at: now,
            });
        });
        if is_news {
            self.tell(&KafkaEvent::Error { kind, code });
        }
        kind
    }

    /// Has the client read every partition from the next offset that is to be taken.
    pub(super) fn place(&self, consumer: &Consumer) {
        let mut list = TopicPartitionList::new();
        let mut is_whole = true;
        let mut taking = self.taking();
        let unplaced: Vec<_> = taking
            .partitions()
            .filter(|(_, _, partition)| partition.next.is_none() && partition.halt.is_none())
            .map(|(topic, number, _)| (Arc::clone(topic), number))
            .collect();
        for (topic, number) in unplaced {
            if self.settings.start == Start::Beginning {
                break;
            }
            let is_addition = taking.is_addition(&topic, number);
            let Some(partition) = taking.partition(&topic, number) else {
                continue;
            };
            partition.is_addition = is_addition;
            if is_addition {
                continue;
            }
            if let Ok((_, end)) = consumer.fetch_watermarks(&topic, number, WATERMARKS) {
                partition.next = u64::try_from(end).ok();
            }
        }
        for (topic, number, partition) in taking.partitions() {
            let offset = match partition.next.map(i64::try_from) {
                _ if partition.halt.is_some() => continue,
                Some(Ok(next)) => Offset::Offset(next),
                // Past all offsets: the partition can have no more messages.
                Some(Err(_)) => continue,
                None if self.settings.start == Start::Beginning || partition.is_addition => {
                    Offset::Beginning
                }
                None => {
                    is_whole = false;
                    continue;
                }
            };
            is_whole &= list.add_partition_offset(topic, number, offset).is_ok();
        }
        // A client that assigns anew does not forget what it held.
        let is_placed = consumer.assign(&list).is_ok() && consumer.resume(&list).is_ok();
        (taking.is_frozen, taking.is_held) = (false, false);
        drop(taking);
        if !(is_placed && is_whole) {
            self.read_anew();
        }
    }

    /// Finds out which partitions cannot be read at their position, and what that means.
    pub(super) fn examine(&self, consumer: &Consumer) {
        let mut taking = self.taking();
        let known: Vec<_> = taking
            .partitions()
            .filter(|(_, _, partition)| partition.halt.is_none())
            .filter_map(|(topic, number, p)| Some((Arc::clone(topic), number, p.next?)))
            .collect();
        let mut events = Vec::new();
        for (topic, number, next) in known {
            let Ok((start, end)) = consumer.fetch_watermarks(&topic, number, WATERMARKS) else {
                continue;
            };
            // Offsets that are not known are negative.
            let (Ok(start), Ok(end)) = (u64::try_from(start), u64::try_from(end)) else {
                continue;
            };
            match place(next, start, end) {
                Place::Within => {
                    if let Some(partition) = taking.partition(&topic, number) {
                        partition.ends_before = 0;
                    }
                }
                Place::Deleted(to) => {
                    events.extend(taking.skip(&topic, number, to).map(|gap| KafkaEvent::Gap {
                        partition: gap.partition,
                        from: gap.from,
                        to: gap.to,
                    }));
                }
                Place::Beyond => {
                    let Some(partition) = taking.partition(&topic, number) else {
                        continue;
                    };
                    partition.ends_before += 1;
                    if partition.ends_before >= BELIEVED {
                        let position = next;
                        let halt = Halt::EndsBefore { position, end };
                        partition.halt = Some(halt);
                        events.push(KafkaEvent::Halted {
                            partition: Arc::clone(&partition.label),
                            halt,
                        });
                    }
                }
            }
        }
        drop(taking);
        events.iter().for_each(|event| self.tell(event));
    }

    /// Waits until nothing is in flight, as far as there is time; whether that was so.
    fn land(&self, within: Duration) -> bool {
        let end = Instant::now() + within;
        loop {
            let mut taking = self.taking();
            if !taking.is_in_flight() {
                return true;
            }
            match taking.settle(Duration::from_millis(20)) {
                Settled::Stopped => self.is_stopping.store(true, Ordering::Release),
                Settled::Moved => self.tell(&KafkaEvent::Moved),
                Settled::Durable | Settled::Not => {}
            }
            if Instant::now() >= end || self.is_stopping() {
                return !taking.is_in_flight();
            }
        }
    }

    fn assigned(&self, consumer: &Consumer, list: &TopicPartitionList) {
        self.land(self.settings.handover);
        let mut taking = self.taking();
        for element in list.elements() {
            taking.own(element.topic(), element.partition());
        }
        taking.totals.rebalances += 1;
        let halted = taking.partitions().filter_map(|(_, _, partition)| {
            let (partition, halt) = (Arc::clone(&partition.label), partition.halt?);
            Some(KafkaEvent::Halted { partition, halt })
        });
        let halted: Vec<_> = halted.collect();
        drop(taking);
        self.tell(&KafkaEvent::Assigned {
            partitions: list.count(),
        });
        halted.iter().for_each(|event| self.tell(event));
        self.place(consumer);
    }

    fn revoked(&self, consumer: &Consumer, list: &TopicPartitionList) {
        let is_lost = consumer.assignment_lost();
        if !is_lost {
            self.land(self.settings.handover);
        }
        let mut taking = self.taking();
        taking.totals.rebalances += 1;
        let durable = durable(&mut taking);
        for element in list.elements() {
            taking.disown(element.topic(), element.partition());
        }
        drop(taking);
        if !is_lost && self.may_commit() {
            // Best effort: nobody reads from there.
            let _ = consumer.commit(&durable, CommitMode::Async);
        }
        self.tell(&KafkaEvent::Revoked {
            partitions: list.count(),
            is_lost,
        });
    }
}

/// The durable positions of the partitions that are owned.
pub(super) fn durable(taking: &mut Taking) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for (topic, number, partition) in taking.partitions() {
        if let Some(Ok(durable)) = partition.durable.map(i64::try_from) {
            // It can only fail for an offset below 0.
            let _ = list.add_partition_offset(topic, number, Offset::Offset(durable));
        }
    }
    list
}

impl ClientContext for Context {
    fn log(&self, _: RDKafkaLogLevel, _: &str, _: &str) {
        // Errors come as events too, and by kind; the texts may name users.
    }

    fn error(&self, _: KafkaError, _: &str) {
        // The same error is what the poll answers.
    }

    fn stats(&self, statistics: Statistics) {
        let is_up = |state: &str| matches!(state, "UP" | "UPDATE");
        let brokers = statistics.brokers.values();
        let up = brokers.filter(|b| b.nodeid >= 0 && is_up(&b.state)).count();
        let mut taking = self.taking();
        for (topic, number, partition) in taking.partitions() {
            let of = statistics.topics.get(&**topic);
            let Some(seen) = of.and_then(|topic| topic.partitions.get(&number)) else {
                continue;
            };
            let end = u64::try_from(seen.ls_offset).or(u64::try_from(seen.hi_offset));
            partition.end = end.ok().or(partition.end);
            partition.start = u64::try_from(seen.lo_offset).ok().or(partition.start);
            let read = u64::try_from(seen.next_offset).unwrap_or(0);
            partition.is_drained = end.is_ok_and(|end| read >= end) && seen.fetchq_cnt == 0;
        }
        drop(taking);
        let up = u32::try_from(up).unwrap_or(u32::MAX);
        self.status.change(|state| state.brokers_up = up);
    }
}

impl ConsumerContext for Context {
    fn rebalance(
        &self,
        consumer: &Consumer,
        change: RDKafkaRespErr,
        list: &mut TopicPartitionList,
    ) {
        let assigns = change == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        if assigns && !self.is_stopping() {
            return self.assigned(consumer, list);
        }
        if !assigns {
            self.revoked(consumer, list);
        }
        if consumer.unassign().is_err() {
            self.read_anew();
        }
    }

    fn commit_callback(&self, _: KafkaResult<()>, _: &TopicPartitionList) {
        // Committed offsets are a courtesy; the next one makes up for one that failed.
    }
}
