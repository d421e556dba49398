//! The one place that decides in which order facts are known.
//!
//! In: what sources handed over, the clock, and the times at which thresholds or models take force. Out: epochs,
//! durable in the journal, to those who compute; then the receipts. Must hold: nobody is told of a row that is
//! not durable, and nothing is computed of one; an epoch is whole in the journal or not in it; what was read from
//! a place of a source is taken only while the source durably is there; time never goes back, whatever the
//! machine's clock does.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant as Elapsed};

use super::archive::Archive;
use super::clock::{Clock, until, until_day_after};
use super::error::ServiceError;
use super::pace::Pace;
use super::positions::Positions;
use super::queue::Queue;
use super::requests::{Requests, receipt_of_all};
use super::status::Status;
use super::submission::{Refused, Submission};
use super::telling;
use crate::journal::{Entry, Epoch, Journal, JournalError, Request};
use crate::metric::{Frontier, JournalOperation, Metrics};
use crate::record::{Day, Instant};

/// How long the journal rests when it cannot be written, such as on a full disk.
const REST: Duration = Duration::from_millis(500);

/// The longest that it sleeps: a clock that was set is noticed by then.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// How long an epoch is held back at most while earlier ones are not stored, and how often it is looked whether they are.
const LONGEST_HOLD: Duration = Duration::from_secs(1);
const GLANCE: Duration = Duration::from_millis(1);

/// When epochs are closed.
#[derive(Clone, Copy, Debug)]
pub struct EpochBounds {
    /// So long after the first row came.
    pub wait: Duration,
    /// With so many rows.
    pub rows: usize,
}

/// A durable epoch on its way to be computed.
pub(super) struct SealedEpoch {
    pub(super) epoch: Epoch,
    /// When the first row of it was taken in.
    pub(super) arrived: Option<Elapsed>,
}

/// Where a sequence goes on.
pub(super) struct Resumed {
    /// The last epoch of the journal, and when it was closed.
    pub(super) last: Option<(u64, Instant)>,
    /// The as-of date.
    pub(super) clock: Option<Day>,
    /// Rows accepted so far.
    pub(super) rows: u64,
    /// What decides from the next epoch on, where that is another than before.
    pub(super) detector: Option<String>,
}

/// The sequencer.
pub(super) struct Sequencer {
    pub(super) archive: Arc<Archive>,
    pub(super) queue: Arc<Queue>,
    pub(super) journal: Journal,
    pub(super) requests: Requests,
    pub(super) positions: Arc<Positions>,
    pub(super) clock: Clock,
    pub(super) bounds: EpochBounds,
    /// When thresholds or models take force, in order.
    pub(super) activations: Vec<Instant>,
    pub(super) resumed: Resumed,
    pub(super) sealed: SyncSender<SealedEpoch>,
    pub(super) status: Arc<Status>,
    pub(super) metrics: Metrics,
}

impl Sequencer {
    /// Runs until the queue is closed and drained.
    ///
    /// # Errors
    /// When the journal can be written no more, or nobody computes any more.
    pub(super) fn run(mut self) -> Result<(), ServiceError> {
        let mut pace = Pace::new(self.bounds.rows);
        loop {
            self.keep(&mut pace);
            let idle_until = Elapsed::now() + self.idle();
            let wait = self.bounds.wait;
            let Some(batch) = self.queue.take(pace.rows(), wait, idle_until) else {
                return Ok(());
            };
            let batch = self.without_repeated(batch);
            let batch = self.positions.without_moved(batch);
            let batch = self.without_replaced(batch)?;
            let batch = self.archive.without_late(batch, self.clock_at(self.now()));
            let batch = batch.map_err(ServiceError::Scratch)?;
            match !batch.is_empty() || self.is_due() {
                true => self.seal(batch)?,
                false => self.check()?,
            }
        }
    }

    /// Where several send, waits until what is durable is not much behind, so that the next to come is not either.
    fn keep(&self, pace: &mut Pace) {
        if !self.queue.is_shared() {
            return pace.alone();
        }
        let wait = self.bounds.wait;
        let until = Elapsed::now() + LONGEST_HOLD;
        let mut longest = self.status.lag();
        // Where nothing is stored any more, what comes is made durable all the same, as long as there is room.
        while self.status.lag() > wait && Elapsed::now() < until {
            std::thread::sleep(GLANCE);
            longest = longest.max(self.status.lag());
        }
        pace.waited(longest, 2 * wait);
    }

    /// Sees whether the journal is still this service's, while nothing is written.
    fn check(&mut self) -> Result<(), ServiceError> {
        match self.journal.check() {
            Ok(()) => Ok(()),
            Err(error @ (JournalError::Fenced { .. } | JournalError::Stopped)) => Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "the journal cannot be looked at");
                Ok(())
            }
        }
    }

    /// The time, which never goes back.
    fn now(&self) -> Instant {
        let now = self.clock.now();
        let last = self.resumed.last.map(|(_, at)| at.nanos());
        match last {
            Some(last) if now.nanos() <= last => Instant::from_nanos(last + 1),
            _ => now,
        }
    }

    /// The as-of date at a time.
    fn clock_at(&self, now: Instant) -> Day {
        let last = self.resumed.clock;
        last.map_or(now.day(), |day| day.max(now.day()))
    }

    /// How long nothing happens by itself.
    fn idle(&self) -> Duration {
        let now = self.now();
        let day = self
            .resumed
            .clock
            .map_or(Duration::ZERO, |day| until_day_after(day, now));
        let next = self
            .activations
            .first()
            .map_or(Duration::MAX, |at| until(*at, now));
        day.min(next).min(LONGEST_SLEEP)
    }

    /// Whether there is to be an epoch though nothing came.
    fn is_due(&self) -> bool {
        let now = self.now();
        self.resumed.detector.is_some()
            || self.resumed.clock.is_none_or(|day| day < now.day())
            || self.activations.first().is_some_and(|at| *at <= now)
    }

    /// Answers what was done before, and gives what is left.
    fn without_repeated(&mut self, batch: Vec<Submission>) -> Vec<Submission> {
        let mut left: Vec<Submission> = Vec::with_capacity(batch.len());
        for submission in batch {
            let answer = submission
                .requests()
                .find_map(|request| self.requests.answer(request));
            let is_in_batch = {
                let mut before = left.iter().flat_map(Submission::requests);
                before.any(|other| {
                    let is_same =
                        |one: &Request| (&one.principal, one.key) == (&other.principal, other.key);
                    submission.requests().any(is_same)
                })
            };
            match answer {
                Some(answer) => (submission.reply)(answer),
                None if is_in_batch => {
                    (submission.reply)(Err(Refused::InProgress));
                }
                None => left.push(submission),
            }
        }
        left
    }

    /// Leaves what is still in force of what is carried forward, as of all that is sealed.
    fn without_replaced(&self, batch: Vec<Submission>) -> Result<Vec<Submission>, ServiceError> {
        if !batch.iter().any(|one| one.carries_forward) {
            return Ok(batch);
        }
        let last = self.resumed.last.map_or(0, |(last, _)| last);
        if !self.status.wait_until_applied(last) {
            return Err(ServiceError::Computing);
        }
        let as_of = self.clock_at(self.now());
        let left = self.archive.without_replaced(batch, as_of);
        left.map_err(ServiceError::Scratch)
    }

    /// Makes what came durable, tells so, and hands it on.
    fn seal(&mut self, batch: Vec<Submission>) -> Result<(), ServiceError> {
        let now = self.now();
        let number = self.resumed.last.map_or(1, |(last, _)| last + 1);
        let (mut deliveries, mut waiting) = (Vec::new(), Vec::new());
        // What is carried forward did not arrive.
        let arrived = batch.iter().filter(|one| !one.carries_forward);
        let arrived = arrived.map(|submission| submission.arrived).min();
        for submission in batch {
            let receipt = receipt_of_all(number, &submission.deliveries);
            waiting.push((submission.reply, receipt, submission.deliveries.len()));
            deliveries.extend(submission.deliveries);
        }
        let epoch = Epoch {
            number,
            at: now,
            clock: self.clock_at(now),
            detector: self.resumed.detector.clone(),
            rows_before: self.resumed.rows,
            deliveries: Some(deliveries),
        };
        let (plain, secret) = epoch.encode();
        let bytes = plain.len() + secret.len();
        let began = Elapsed::now();
        let entry = Entry {
            at: now.nanos(),
            plain: &plain,
            secret: &secret,
        };
        let appended = self.journal.append(number, entry);
        let Ok(chain) = appended.as_ref().copied() else {
            let error = appended.expect_err("it did not append");
            for (reply, ..) in waiting {
                reply(Err(Refused::Unwritable(error.to_string())));
            }
            let operation = match error {
                JournalError::Failed { .. } => JournalOperation::Sync,
                _ => JournalOperation::Append,
            };
            self.metrics.journal().failed(operation);
            if !may_pass(&error) {
                return Err(error.into());
            }
            tracing::error!(%error, "the journal refused an epoch; those who sent it are told");
            self.status.trouble("journal", Some(error.to_string()));
            std::thread::sleep(REST);
            return Ok(());
        };
        let took = began.elapsed();
        let synced = self.journal.last_sync();
        let metrics = self.metrics.journal();
        metrics.appended(bytes as u64, took.saturating_sub(synced));
        metrics.sealed(number, synced);
        self.metrics.flow().set_frontier(Frontier::Journal, now);
        telling::of_rejects(&self.metrics, epoch.deliveries.iter().flatten());
        self.status.trouble("journal", None);
        self.resumed = Resumed {
            last: Some((number, now)),
            clock: Some(epoch.clock),
            rows: self.resumed.rows + epoch.rows().count() as u64,
            detector: None,
        };
        let passed = self.activations.partition_point(|at| *at <= now);
        self.activations.drain(..passed);
        self.status.sealed(number, chain);
        let committed = self.status.committed_epoch();
        self.archive.sealed(&epoch);
        self.positions.reach(epoch.deliveries.iter().flatten());
        let mut deliveries = epoch.deliveries.iter().flatten();
        for (reply, receipt, count) in waiting {
            let of_one = deliveries.by_ref().take(count);
            for request in of_one.filter_map(|one| one.request.as_ref()) {
                self.requests.done(request, &receipt, committed);
            }
            reply(Ok(receipt));
        }
        let sealed = SealedEpoch { epoch, arrived };
        self.sealed
            .send(sealed)
            .map_err(|_| ServiceError::Computing)
    }
}

/// Whether the same append may succeed later.
fn may_pass(error: &JournalError) -> bool {
    matches!(
        error,
        JournalError::Refused {
            retryable: true,
            ..
        }
    )
}
