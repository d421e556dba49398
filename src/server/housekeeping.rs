//! What is told and tidied now and then.
//!
//! Must hold: nothing here is needed for an answer or an alert; it reads on a connection of its own, and rarely
//! what is read whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant as Elapsed};

use super::Parts;
use super::journal_anchor::JournalAnchor;
use super::webhooks::Standings;
use crate::journal::{Directory, Keys};
use crate::metric::{AlertState, Name};
use crate::record::{Instant, Stream};
use crate::review::{Desk, DeskError, Erasure};
use crate::rule::Reason;
use crate::store::{self, AlertReader, StoreError};

/// How often queues are told.
const OFTEN: Duration = Duration::from_millis(500);
/// How often the store is asked for counts, and whether a month is to be erased.
const SELDOM: Duration = Duration::from_secs(15);
/// After how long it is tried again to erase a month that something rests on.
const AFTER_WAITING: Duration = Duration::from_secs(600);

/// The thread that tells and tidies.
pub(super) struct Housekeeping {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Housekeeping {
    pub(super) fn start(parts: Parts, desk: Arc<Desk>, anchor: Arc<JournalAnchor>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::Builder::new().name("fundwatch-housekeeping".to_owned());
        let thread = thread.spawn(move || keep(&parts, &desk, &anchor, &stopped));
        Self {
            stop,
            thread: thread.expect("the system gives a thread to a service that starts"),
        }
    }

    pub(super) fn stop(self) {
        self.stop.store(true, Ordering::Release);
        // Where it panicked it has said so, and nothing depends on it.
        let _ = self.thread.join();
    }
}

fn keep(parts: &Parts, desk: &Desk, anchor: &JournalAnchor, stop: &AtomicBool) {
    let mut reader = None;
    let mut counted: Option<Elapsed> = None;
    let mut standings = Standings::default();
    let mut waiting: Option<Elapsed> = None;
    while !stop.load(Ordering::Acquire) {
        tell_sources(parts);
        if counted.is_none_or(|at| at.elapsed() >= SELDOM) {
            counted = Some(Elapsed::now());
            anchor.note_hourly();
            if let Err(error) = tell_store(parts, &mut reader) {
                tracing::warn!(%error, "the alert store cannot be asked for counts");
                reader = None;
            }
            if let Err(error) = tell_desk(parts, desk) {
                tracing::warn!(%error, "the review queue cannot be asked for counts");
            }
            if let Err(error) = standings.tell(&parts.metrics, desk) {
                tracing::warn!(%error, "the outbox of webhooks cannot be tidied");
            }
            if waiting.is_none_or(|since| since.elapsed() >= AFTER_WAITING) {
                waiting = match erase_months(parts, desk) {
                    Ok(waits) => waits.then(Elapsed::now),
                    Err(error) => {
                        tracing::error!(%error, "a month of the review pages is not erased yet; it is tried again");
                        None
                    }
                };
            }
            if let Err(error) = note_erased(parts, desk) {
                tracing::error!(%error, "that a month is erased is not in the access log yet; it is tried again");
            }
        }
        std::thread::sleep(OFTEN);
    }
}

fn tell_sources(parts: &Parts) {
    let waiting = parts.service.queue.waiting();
    for source in parts.sources.iter() {
        let name = Name::new(source).expect("it was a label at the start");
        let Some(metrics) = parts.metrics.source(&name) else {
            continue;
        };
        let waits = waiting.get(source).copied().unwrap_or_default();
        metrics.set_queue(waits.rows as u64, waits.bytes as u64);
        metrics.set_paused(parts.breakers.is_paused(source));
    }
    let status = &parts.service.status;
    let in_flight = status
        .sealed_epoch()
        .saturating_sub(status.committed_epoch());
    parts.metrics.flow().set_epochs_in_flight(in_flight);
}

/// Tells what waits for people.
fn tell_desk(parts: &Parts, desk: &Desk) -> Result<(), DeskError> {
    for load in desk.workload()? {
        let oldest = load.oldest.and_then(Instant::from_millis);
        let work = parts.metrics.work();
        work.set_waiting(load.place, load.past_due, oldest);
    }
    Ok(())
}

/// Erases what was typed in months that somebody asked for, or that ended long enough ago. Tells whether one has to wait.
fn erase_months(parts: &Parts, desk: &Desk) -> Result<bool, DeskError> {
    let kept = parts.config().retention().review_notes;
    let mut waits = false;
    parts
        .metrics
        .work()
        .set_months_to_erase(desk.months_to_erase()?);
    for erasure in desk.erase_months(kept.map(|days| days.0))? {
        match erasure {
            Erasure::Done(month) => {
                tracing::warn!(%month, "what was typed on the review pages in a month is erased: its key is destroyed");
            }
            Erasure::Failed(month, error) => {
                waits = true;
                tracing::error!(%month, %error, "a month of the review pages is not erased; it is tried again in ten minutes");
            }
            Erasure::Waits(month, held) => {
                waits = true;
                tracing::warn!(
                    %month,
                    alerts = held.alerts,
                    batches = held.batches,
                    corrections = held.corrections,
                    "a month of the review pages is not erased: what is to be decided rests on it"
                );
            }
        }
    }
    let left = desk.months_to_erase()?;
    parts.metrics.work().set_months_to_erase(left);
    Ok(waits)
}

/// Has every month that is erased in the access log, also of what arrived.
fn note_erased(parts: &Parts, desk: &Desk) -> Result<(), DeskError> {
    let keys = parts.data.join("keys");
    let directory =
        Directory::open(&keys).map_err(|error| DeskError::File { path: keys, error })?;
    desk.note_erased(&Keys::new(Arc::new(directory), None))?;
    Ok(())
}

fn tell_store(parts: &Parts, reader: &mut Option<Box<dyn AlertReader>>) -> Result<(), StoreError> {
    if reader.is_none() {
        *reader = Some(parts.store.reader()?);
    }
    let Some(store) = reader else { return Ok(()) };
    let counts = store.counts()?;
    let states = [
        (AlertState::Active, store::AlertState::Active),
        (AlertState::Withdrawn, store::AlertState::Withdrawn),
        (AlertState::Archived, store::AlertState::Archived),
    ];
    // What the store does not count is none.
    for reason in Reason::ALL {
        for (state, stored) in states {
            let of_both = counts
                .iter()
                .filter(|count| count.reason == reason.as_str() && count.state == stored);
            let alerts = of_both.map(|count| count.alerts).sum();
            parts.metrics.alert().set_alerts(*reason, state, alerts);
        }
    }
    let mut open: [(u64, Option<i64>); Stream::ALL.len()] = Default::default();
    for count in store.reject_counts()? {
        let stream = Stream::ALL
            .iter()
            .find(|stream| stream.name() == count.stream);
        if let Some(stream) = stream {
            let (waiting, oldest) = &mut open[*stream as usize];
            *waiting += count.open;
            *oldest = Some(oldest.map_or(count.oldest_received_at, |at| {
                at.min(count.oldest_received_at)
            }));
        }
    }
    for stream in Stream::ALL {
        let (waiting, oldest) = open[*stream as usize];
        let oldest = oldest.and_then(Instant::from_millis);
        parts
            .metrics
            .input()
            .set_dead_letters_waiting(*stream, waiting, oldest);
    }
    Ok(())
}
