//! Months whose keys are to be destroyed are erased, beside the work.
//!
//! In: requests in the directory of keys; the journal; which rows are in force. Out: rows of such a month that are
//! still in force, sealed anew in the present month; then the destruction of its key. Must hold: a key is destroyed
//! only when everything that was carried forward is sealed, computed and stored; a request that a crash or a failure
//! interrupts is taken up again, and what was carried forward already is not carried twice.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant as Elapsed};

use super::archive::Archive;
use super::beside::Beside;
use super::carried_forward;
use super::clock::Clock;
use super::error::ServiceError;
use super::queue::{Queue, Refused, Submission};
use super::recovery::decode;
use super::status::Status;
use crate::journal::{
    Arrived, Delivery, Frame, JournalError, JournalReader, KeyError, Keys, Month,
};
use crate::metric::Metrics;

/// How often it is looked whether something is asked for.
const GLANCE: Duration = Duration::from_millis(250);
/// How long after a failure it is tried again.
const AFTER_FAILURE: Duration = Duration::from_secs(30);
/// What a row takes in memory, about.
const BYTES_A_ROW: usize = 1024;

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
        let mut asked: BTreeSet<Month> = self.keys.to_destroy()?;
        self.metrics.journal().set_months_to_erase(asked.len());
        while let Some(month) = asked.pop_first() {
            let began = Elapsed::now();
            tracing::info!(%month, "a month is being erased: what is in force is carried forward");
            let carried = self.carry_forward(month, stop)?;
            self.keys.destroy(month, self.clock.now().nanos())?;
            self.metrics.journal().set_months_to_erase(asked.len());
            tracing::warn!(
                %month,
                carried,
                seconds = began.elapsed().as_secs_f64(),
                "a month is erased: its key is destroyed"
            );
        }
        Ok(())
    }

    /// Seals anew what is in force of a month, and waits until that is stored. Gives how many rows.
    fn carry_forward(&self, month: Month, stop: &AtomicBool) -> Result<u64, NotErased> {
        let mut carrying = Carrying::default();
        for frame in self.reader.frames(self.first_of(month)?)? {
            is_running(stop)?;
            let frame = frame?;
            if Month::of(frame.at) > month {
                break;
            }
            self.carry_frame(&frame, &mut carrying)?;
        }
        self.flush(&mut carrying)?;
        while self.status.committed_epoch() < carrying.sealed {
            is_running(stop)?;
            std::thread::sleep(GLANCE);
        }
        Ok(carrying.carried)
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

    fn carry_frame(&self, frame: &Frame, carrying: &mut Carrying) -> Result<(), NotErased> {
        let epoch = decode(frame)?;
        let as_of = self.archive.as_of().unwrap_or(epoch.clock);
        let leaves_retired = self.archive.is_month_beyond(Month::of(frame.at), as_of);
        let mut delivery = carried_forward::delivery(epoch.number);
        for (row, arrived) in (1..).zip(epoch.rows()) {
            let change = &arrived.change;
            let is_held = {
                let rows = self.archive.rows.read();
                let place = (epoch.number, row);
                let found = self.archive.is_held(&rows, place, &change.key);
                found.map_err(ServiceError::Scratch)?
            };
            if !is_held || (leaves_retired && self.archive.is_retired(change, as_of)) {
                continue;
            }
            let change = change.clone();
            delivery.rows.push(Arrived { row, change });
            carrying.rows += 1;
            if carrying.rows >= self.rows_at_once {
                let next = carried_forward::delivery(epoch.number);
                let full = std::mem::replace(&mut delivery, next);
                carrying.deliveries.push(full);
                self.flush(carrying)?;
            }
        }
        if !delivery.rows.is_empty() {
            carrying.deliveries.push(delivery);
        }
        Ok(())
    }

    /// Seals what is on its way. The queue holds it back while it is full of what comes from outside.
    fn flush(&self, carrying: &mut Carrying) -> Result<(), NotErased> {
        if carrying.rows == 0 {
            return Ok(());
        }
        let (reply, told) = sync_channel(1);
        self.queue.push(Submission {
            deliveries: std::mem::take(&mut carrying.deliveries),
            follows: Vec::new(),
            sender: None,
            carries_forward: true,
            bytes: std::mem::take(&mut carrying.rows) * BYTES_A_ROW,
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

fn is_running(stop: &AtomicBool) -> Result<(), NotErased> {
    match stop.load(Ordering::Acquire) {
        true => Err(NotErased::Stopped),
        false => Ok(()),
    }
}
