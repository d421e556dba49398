//! Months whose keys are to be destroyed are erased, beside the work.
//!
//! In: requests in the directory of keys; the journal; which rows are in force. Out: rows of such a month that are
//! still in force, sealed anew in the present month; then the destruction of its key. Must hold: a key is destroyed
//! only when everything that was carried forward, and all that took the place of the month's rows, is sealed,
//! computed and stored; a request that a crash or a failure interrupts is taken up again, and no row that was carried
//! forward already is carried twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant as Elapsed};

use super::archive::Archive;
use super::beside::Beside;
use super::clock::Clock;
use super::error::ServiceError;
use super::queue::{Queue, QueueBounds};
use super::recovery::decode;
use super::sequencer::EpochBounds;
use super::status::Status;
use super::submission::{Refused, Submission};
use crate::journal::{Delivery, JournalError, JournalReader, KeyError, Keys, Month};
use crate::metric::Metrics;

/// How often it is looked whether something is asked for.
const GLANCE: Duration = Duration::from_millis(250);
/// How often it is looked whether what is sealed is stored.
const STORED_GLANCE: Duration = Duration::from_millis(10);
/// How long after a failure it is tried again.
const AFTER_FAILURE: Duration = Duration::from_secs(30);
/// What a row takes in memory, about.
const BYTES_A_ROW: usize = 1024;

/// Rows that are carried forward in one epoch at most.
const MOST_ROWS: usize = 10_000;

/// Rows that are carried forward in one epoch, within the bounds of others.
pub(super) fn rows_at_once(epoch: EpochBounds, queue: QueueBounds) -> usize {
    let by_bytes = queue.bytes_of_source / BYTES_A_ROW;
    let rows = epoch.rows.min(queue.rows_of_source).min(by_bytes);
    rows.clamp(1, MOST_ROWS)
}

/// Erases months.
pub(super) struct Eraser {
    pub(super) reader: JournalReader,
    pub(super) keys: Arc<Keys>,
    pub(super) archive: Arc<Archive>,
    pub(super) queue: Arc<Queue>,
    pub(super) status: Arc<Status>,
    pub(super) clock: Clock,
    pub(super) metrics: Metrics,
    /// Rows that are carried forward in one epoch.
    pub(super) rows_at_once: usize,
}

/// Why a month is not erased.
#[derive(Debug, thiserror::Error)]
enum NotErased {
    #[error("the service stops")]
    Stopped,
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error("what is carried forward was refused: {0}")]
    Refused(Refused),
}

impl From<JournalError> for NotErased {
    fn from(error: JournalError) -> Self {
        Self::Service(error.into())
    }
}

impl From<KeyError> for NotErased {
    fn from(error: KeyError) -> Self {
        Self::Service(JournalError::from(error).into())
    }
}

/// Rows on their way to be sealed anew.
#[derive(Default)]
struct Carrying {
    deliveries: Vec<Delivery>,
    rows: usize,
    carried: u64,
    /// The last epoch that holds some.
    sealed: u64,
}

impl Eraser {
    /// Starts the thread, which ends when what is given is dropped.
    pub(super) fn start(self) -> Beside {
        Beside::start("fundwatch-erase", move |stop| self.run(stop))
    }

    fn run(self, stop: &AtomicBool) {
        let mut rest_until: Option<Elapsed> = None;
        while !stop.load(Ordering::Acquire) {
            std::thread::sleep(GLANCE);
            if rest_until.is_some_and(|until| Elapsed::now() < until) {
                continue;
            }
            rest_until = None;
            match self.erase_all(stop) {
                Ok(()) => {}
                Err(NotErased::Stopped) => return,
                Err(error) => {
                    rest_until = Some(Elapsed::now() + AFTER_FAILURE);
                    tracing::error!(%error, "a month is not erased yet; it is tried again");
                }
            }
        }
    }

    fn erase_all(&self, stop: &AtomicBool) -> Result<(), NotErased> {
        let asked = self.keys.to_destroy()?;
        self.metrics.journal().set_months_to_erase(asked.len());
        let mut failed = None;
        for month in &asked {
            let began = Elapsed::now();
            tracing::info!(%month, "a month is being erased: what is in force is carried forward");
            match self.erase(*month, stop) {
                Ok(Some(carried)) => tracing::warn!(
                    %month,
                    carried,
                    seconds = began.elapsed().as_secs_f64(),
                    "a month is erased: its key is destroyed"
                ),
                Ok(None) => {
                    tracing::info!(%month, "the key of the month is kept, as was asked meanwhile");
                }
                Err(NotErased::Stopped) => return Err(NotErased::Stopped),
                // The others are not held up by it.
                Err(error) => failed = Some(error),
            }
        }
        if !asked.is_empty() {
            let left = self.keys.to_destroy()?.len();
            self.metrics.journal().set_months_to_erase(left);
        }
        failed.map_or(Ok(()), Err)
    }

    /// Erases a month. Gives how many rows were carried forward; nothing if it is not asked for any more.
    fn erase(&self, month: Month, stop: &AtomicBool) -> Result<Option<u64>, NotErased> {
        if month >= Month::of(self.clock.now().nanos()) {
            return Err(KeyError::NotPassed { month }.into());
        }
        // When this is sealed, what the month holds is computed, and nothing comes to it any more.
        let mut carrying = Carrying::default();
        self.seal(&mut carrying)?;
        // First what the request may still be taken back of: claims that are removed stay so.
        for with_retired in [false, true] {
            if !self.keys.to_destroy()?.contains(&month) {
                return Ok(None);
            }
            self.carry_forward(month, with_retired, &mut carrying, stop)?;
            // Also where nothing was carried: what took the place of the month's rows is to be stored as well.
            self.seal(&mut carrying)?;
            while self.status.committed_epoch() < carrying.sealed {
                is_running(stop)?;
                std::thread::sleep(STORED_GLANCE);
            }
        }
        if !self.keys.to_destroy()?.contains(&month) {
            return Ok(None);
        }
        self.keys.destroy(month, self.clock.now().nanos())?;
        Ok(Some(carrying.carried))
    }

    /// Seals anew what is in force of a month with what it restored; or, afterwards, of what is retired that it is
    /// removed.
    fn carry_forward(
        &self,
        month: Month,
        with_retired: bool,
        carrying: &mut Carrying,
        stop: &AtomicBool,
    ) -> Result<(), NotErased> {
        for frame in self.reader.frames(self.first_of(month)?)? {
            is_running(stop)?;
            let frame = frame?;
            if Month::of(frame.at) > month {
                break;
            }
            let epoch = decode(&frame)?;
            let rows = self.archive.carried_rows(&epoch, with_retired);
            self.carry(rows.map_err(ServiceError::Scratch)?, carrying)?;
            if !with_retired {
                for restoration in self.archive.carried_restorations(&epoch) {
                    self.carry(restoration, carrying)?;
                }
            }
        }
        Ok(())
    }

    /// The first epoch that is not before a month; the one after the last where all are.
    fn first_of(&self, month: Month) -> Result<u64, NotErased> {
        let (mut from, mut to) = (1, self.status.sealed_epoch() + 1);
        // Times of epochs never go back.
        while from < to {
            let middle = from + (to - from) / 2;
            let frame = self.reader.frames(middle)?.next().transpose()?;
            match frame {
                Some(frame) if Month::of(frame.at) < month => from = middle + 1,
                _ => to = middle,
            }
        }
        Ok(from)
    }

    /// Carries a delivery, with others or in parts.
    fn carry(&self, mut delivery: Delivery, carrying: &mut Carrying) -> Result<(), NotErased> {
        let restored = delivery.restores.as_ref().map_or(0, |one| one.claims.len());
        while carrying.rows + delivery.rows.len() > self.rows_at_once {
            // Restored claims count as rows, and may be more than that.
            let room = self.rows_at_once.saturating_sub(carrying.rows);
            let left = delivery.rows.split_off(room.min(delivery.rows.len()));
            let part = Delivery {
                rows: std::mem::replace(&mut delivery.rows, left),
                source: delivery.source.clone(),
                origin: delivery.origin.clone(),
                ..Delivery::default()
            };
            if !part.rows.is_empty() {
                carrying.add(part, 0);
            }
            self.seal(carrying)?;
        }
        if !delivery.rows.is_empty() || restored > 0 {
            carrying.add(delivery, restored);
        }
        Ok(())
    }

    /// Seals what is on its way, which may be nothing. The queue holds it back while it is full of what comes from
    /// outside.
    fn seal(&self, carrying: &mut Carrying) -> Result<(), NotErased> {
        let (reply, told) = sync_channel(1);
        let rows = std::mem::take(&mut carrying.rows);
        self.queue.push(Submission {
            deliveries: std::mem::take(&mut carrying.deliveries),
            follows: Vec::new(),
            sender: None,
            carries_forward: true,
            bytes: rows * BYTES_A_ROW,
            arrived: Elapsed::now(),
            reply: Box::new(move |outcome| {
                // It is waited for below.
                let _ = reply.send(outcome);
            }),
        });
        match told.recv() {
            Ok(Ok(receipt)) => {
                carrying.carried += receipt.accepted;
                carrying.sealed = receipt.epoch;
                self.metrics.journal().carried_forward(receipt.accepted);
                Ok(())
            }
            Ok(Err(Refused::Closed)) | Err(_) => Err(NotErased::Stopped),
            Ok(Err(refused)) => Err(NotErased::Refused(refused)),
        }
    }
}

impl Carrying {
    fn add(&mut self, delivery: Delivery, restored: usize) {
        self.rows += delivery.rows.len() + restored;
        self.deliveries.push(delivery);
    }
}

fn is_running(stop: &AtomicBool) -> Result<(), NotErased> {
    match stop.load(Ordering::Acquire) {
        true => Err(NotErased::Stopped),
        false => Ok(()),
    }
}
