//! The thread that reads.
//!
//! In: messages and callbacks of the client. Out: deliveries, until the source is stopped or the
//! service takes nothing any more. Must hold: the client is polled within a second or two whatever
//! the service does, so that the group does not take the partitions away; where it cannot keep up,
//! the partitions are held and nothing more comes into memory.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{CommitMode, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::Message as _;
use rdkafka::types::RDKafkaErrorCode;

use super::client::{Consumer, Context, durable};
use super::event::{ErrorKind, KafkaEvent};
use super::recovery::Backoff;
use super::status::PartitionState;
use super::taking::{Message, Settled};

/// How long a full delivery waits for the one in flight before the partitions are held.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often the state is brought up to date and the service is asked whether it is paused.
const LOOK: Duration = Duration::from_millis(200);
/// How often positions are committed to the group.
const COMMIT: Duration = Duration::from_secs(1);
/// The longest wait before something is tried again.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Reads until the end.
pub(super) struct Reader {
    context: Context,
    /// What makes a client that is subscribed.
    connect: Box<dyn Fn() -> Result<Consumer, KafkaError> + Send>,
    is_paused: bool,
    /// When to read anew, once that was asked for.
    anew_at: Option<Instant>,
    looked: Instant,
    committed: Instant,
    has_uncommitted: bool,
    backoff: Backoff,
}

/// Why a client is of no more use.
enum End {
    /// The source ends.
    Stopped,
    /// The client could not go on.
    Broken(ErrorKind),
}

impl Reader {
    /// Reads with clients that a function makes.
    pub(super) fn new(
        context: Context,
        connect: Box<dyn Fn() -> Result<Consumer, KafkaError> + Send>,
    ) -> Self {
        let now = Instant::now();
        let is_paused = context.taking().is_paused();
        Self {
            context,
            connect,
            is_paused,
            anew_at: None,
            looked: now,
            committed: now,
            has_uncommitted: false,
            backoff: Backoff::up_to(LONGEST_WAIT),
        }
    }

    /// Reads with a first client, and with others when it breaks.
    pub(super) fn run(mut self, first: Consumer) {
        let mut client = Some(first);
        while !self.context.is_stopping() {
            let made = match client.take() {
                Some(client) => Ok(client),
                None => self.connect_anew(),
            };
            let kind = match made {
                Ok(client) => match self.read(&client) {
                    End::Stopped => break,
                    End::Broken(kind) => kind,
                },
                Err(error) => {
                    let code = error.rdkafka_error_code();
                    self.context.error(code.unwrap_or(RDKafkaErrorCode::Fail))
                }
            };
            self.context.tell(&KafkaEvent::Restarted { kind });
            self.sleep();
        }
        self.context.is_stopping.store(true, Ordering::Release);
        self.context.status.change(|state| {
            state.is_running = false;
            state.brokers_up = 0;
            state.partitions.clear();
        });
    }

    fn connect_anew(&mut self) -> Result<Consumer, KafkaError> {
        self.context.taking().disown_all();
        (self.connect)()
    }

    fn sleep(&mut self) {
        let until = Instant::now() + self.backoff.failed(Instant::now());
        while Instant::now() < until && !self.context.is_stopping() {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn read(&mut self, client: &Consumer) -> End {
        self.anew_at = None;
        loop {
            if self.context.is_stopping() {
                return End::Stopped;
            }
            if self.looked.elapsed() >= LOOK {
                self.looked = Instant::now();
                self.is_paused = self.context.taking().is_paused();
                self.publish();
            }
            self.settle(Duration::ZERO);
            if !self.is_paused {
                self.context.taking().hand_over();
            }
            self.commit(client);
            self.read_anew(client);
            if let Some(end) = self.poll(client) {
                return end;
            }
        }
    }

    /// Learns what became of the delivery in flight.
    fn settle(&mut self, within: Duration) {
        let settled = self.context.taking().settle(within);
        match settled {
            Settled::Not => {}
            Settled::Durable => self.has_uncommitted = true,
            Settled::Moved => {
                self.context.tell(&KafkaEvent::Moved);
                self.context.read_anew();
            }
            Settled::Stopped => self.context.is_stopping.store(true, Ordering::Release),
        }
    }

    fn poll(&mut self, client: &Consumer) -> Option<End> {
        let taking = self.context.taking();
        let (is_full, is_in_flight) = (taking.is_full(), taking.is_in_flight());
        let (is_held, is_empty) = (taking.is_held, taking.waiting().0 == 0);
        drop(taking);
        if is_full && is_in_flight && !is_held {
            self.settle(PATIENCE);
            if self.context.taking().is_in_flight() {
                self.hold(client, true);
            }
            return None;
        }
        self.hold(client, self.is_paused || is_full);
        let wait = match () {
            () if is_in_flight && !is_empty => Duration::from_millis(5),
            () if is_in_flight || self.anew_at.is_some() => Duration::from_millis(20),
            () => Duration::from_millis(100),
        };
        match client.poll(wait)? {
            Ok(message) => {
                // The protocol knows no offset below 0.
                let offset = u64::try_from(message.offset()).unwrap_or(0);
                self.context.taking().take(&Message {
                    topic: message.topic(),
                    partition: message.partition(),
                    offset,
                    timestamp_ms: message.timestamp().to_millis(),
                    value: message.payload(),
                });
                None
            }
            Err(error) => self.refused(client, &error),
        }
    }

    fn refused(&mut self, client: &Consumer, error: &KafkaError) -> Option<End> {
        let code = error.rdkafka_error_code();
        let kind = self.context.error(code.unwrap_or(RDKafkaErrorCode::Fail));
        if let KafkaError::MessageConsumptionFatal(_) = error {
            return Some(End::Broken(kind));
        }
        match kind {
            ErrorKind::OutOfRange => {
                self.context.examine(client);
                self.context.read_anew();
            }
            ErrorKind::Unreadable => {
                // The client may go on behind what it could not read, and names no partition.
                self.context.taking().is_frozen = true;
                self.context.tell(&KafkaEvent::Unreadable);
                self.context.read_anew();
            }
            _ => {}
        }
        None
    }

    /// Reads anew from the next offset of each partition, after a while, if that was asked for.
    fn read_anew(&mut self, client: &Consumer) {
        if self.context.reads_anew.swap(false, Ordering::AcqRel) && self.anew_at.is_none() {
            let now = Instant::now();
            self.anew_at = Some(now + self.backoff.failed(now));
        }
        if self.anew_at.is_some_and(|at| Instant::now() >= at) {
            self.anew_at = None;
            // Between two assignments there is nothing to place.
            if self.context.taking().partitions().next().is_some() {
                self.context.place(client);
            }
        }
    }

    /// Has the client fetch nothing, or again.
    fn hold(&self, client: &Consumer, holds: bool) {
        let mut taking = self.context.taking();
        if taking.is_held == holds {
            return;
        }
        let mut list = TopicPartitionList::new();
        for (topic, number, _) in taking.partitions() {
            list.add_partition(topic, number);
        }
        if list.count() == 0 {
            return;
        }
        let done = match holds {
            true => client.pause(&list),
            false => client.resume(&list),
        };
        if done.is_ok() {
            taking.is_held = holds;
        }
    }

    fn commit(&mut self, client: &Consumer) {
        let is_due = self.has_uncommitted && self.committed.elapsed() >= COMMIT;
        if !is_due || !self.context.may_commit() {
            return;
        }
        (self.has_uncommitted, self.committed) = (false, Instant::now());
        let list = durable(&mut self.context.taking());
        if list.count() > 0 {
            // Best effort: nobody reads from there.
            let _ = client.commit(&list, CommitMode::Async);
        }
    }

    fn publish(&self) {
        let mut taking = self.context.taking();
        let partitions: Vec<_> = taking
            .partitions()
            .map(|(_, _, partition)| PartitionState {
                partition: Arc::clone(&partition.label),
                next: partition.next,
                durable: partition.durable,
                end: partition.end,
                lag: partition.lag(),
                halt: partition.halt,
            })
            .collect();
        let (waiting_rows, waiting_bytes) = taking.waiting();
        let (is_in_flight, is_held, totals) =
            (taking.is_in_flight(), taking.is_held, taking.totals);
        drop(taking);
        self.context.status.change(|state| {
            state.partitions = partitions;
            (state.waiting_rows, state.waiting_bytes) = (waiting_rows, waiting_bytes);
            (state.is_in_flight, state.is_held) = (is_in_flight, is_held);
            state.totals = totals;
        });
    }
}
