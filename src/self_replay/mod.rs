//! The nightly self-replay: a service computes its own journal once more, cold, and compares.
//!
//! ```text
//! journal ─ cold replay, from the first epoch ─▶ decisions of the day, alerts at its end ─┐
//! store ─────────────────────────────────────▶ lines of history, lines of alerts ────────┴─ compare ─▶ outcome
//! ```
//! In: the files of a service, beside which it may run. Out: how many decisions differ, which, and what could not be
//! compared. Must hold: nothing is shared with the running engine but the files; nothing of the service is written but
//! the outcome; what was not compared is said; a failure is no outcome, so that the age of the last one tells of it.
//!
//! Of a slice of the persons the same holds, where memory does not allow all of them at once: see [`Slice`].

mod compare;
mod error;
mod outcome;
mod replaying;
mod schedule;
mod scratch;
mod span;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant as Elapsed;

pub use compare::{Difference, Differing};
pub use error::SelfReplayError;
pub use outcome::{FILE, Outcome, OutcomeError, Outcomes};
pub use schedule::{LocalClock, next_run};
pub use scratch::remove_left;
pub use span::Until;

use crate::detector::Detector;
use crate::journal::{Directory, Epoch, JournalError, JournalReader, KeyState, Keys};
use crate::persons::{ACROSS_PERSONS, Persons, Slice};
use crate::progress::Progress;
use crate::record::{Instant, Operation, Record};
use crate::replay::JournalInput;
use crate::service::{Clock, Detectors, Places};
use crate::store::{AlertReader, StoreError, StoreKey, StorePlace, open_reader};
use compare::Comparison;
use replaying::Replay;
use scratch::Scratch;
use span::Span;

/// One self-replay.
pub struct Task {
    /// The data directory of the service.
    pub data: PathBuf,
    /// Where its alerts are stored.
    pub store: StorePlace,
    /// What is configured: what the journal does not say itself, such as the list of benefits, is taken from it.
    pub detector: Detector,
    /// How the keys of the journal and of the store open.
    pub journal: JournalInput,
    /// Dataflow threads.
    pub workers: usize,
    /// Up to where.
    pub until: Until,
    /// Whose rows.
    pub slice: Slice,
    /// What time it is.
    pub clock: Clock,
}

/// Computes the journal again and compares. It ends soon after `stop` is set.
///
/// # Errors
/// When the journal or the store cannot be read, do not belong together, or lack what the other has; when the scratch
/// directory has no room; when it was stopped. There is no outcome then.
pub fn run(
    task: &Task,
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Result<Outcome, SelfReplayError> {
    let began = Elapsed::now();
    let started_at = task.clock.now();
    let places = Places(&task.data);
    let scratch = Scratch::create(&task.data)?;
    let mut store = reader(task)?;
    // What the store has was durable before: asked in this order, a whole journal is never behind it.
    let committed = store.committed()?;
    let (journal, is_erased) = journal(task)?;
    if committed.journal_id != journal.journal().0 {
        return Err(SelfReplayError::OtherJournal);
    }
    let (sealed, _) = journal.upper()?;
    let committed = committed.epoch.unwrap_or_default();
    if committed > sealed {
        return Err(SelfReplayError::Cut { committed, sealed });
    }
    let mut span = (task.until).span(&journal, (sealed, committed), started_at)?;
    if committed < span.until {
        let until = span.until;
        return Err(SelfReplayError::StoreBehind { committed, until });
    }
    if is_erased {
        span = span.settled(&journal, committed)?;
    }
    let mut detectors = Detectors::of_journal(&places.artefacts(), &task.detector)?;
    let persons = match task.slice.is_all() {
        true => None,
        false => {
            detectors.leave_out(ACROSS_PERSONS);
            let each = |take: &mut dyn FnMut(&Record)| each_row(&journal, span, stop, take);
            Some(Persons::read(task.slice, each)?)
        }
    };
    let replay = Replay {
        journal: &journal,
        detectors: &detectors,
        workers: task.workers,
        span,
        persons: persons.as_ref(),
        scratch: scratch.path(),
        is_erased,
        stop,
    };
    let replayed = replay.run(&mut *store, progress)?;
    is_running(stop)?;
    let comparison = Comparison::new(span, persons.as_ref());
    let compared = comparison.run(&replayed, &mut *store)?;
    is_running(stop)?;
    Ok(Outcome {
        started_at: started_at.to_string(),
        ended_at: task.clock.now().to_string(),
        seconds: began.elapsed().as_secs_f64(),
        day: span.day.to_string(),
        from_epoch: span.from,
        until_epoch: span.until,
        persons: task.slice,
        covered_ratio: persons.as_ref().map_or(1.0, Persons::share),
        decisions: compared.decisions,
        alerts: compared.alerts,
        alerts_changed_since: compared.changed_since,
        mismatched_decisions: compared.mismatched,
        differing: compared.differing,
        not_covered: replayed.not_covered(task.slice),
    })
}

/// An error once it is to stop.
fn is_running(stop: &AtomicBool) -> Result<(), SelfReplayError> {
    match stop.load(Ordering::Acquire) {
        true => Err(SelfReplayError::Stopped),
        false => Ok(()),
    }
}

fn reader(task: &Task) -> Result<Box<dyn AlertReader>, StoreError> {
    let key = StoreKey::open(&task.data, task.journal.master_key.as_ref())?;
    open_reader(&task.store, &key)
}

/// The journal, and whether months of it are erased.
fn journal(task: &Task) -> Result<(JournalReader, bool), SelfReplayError> {
    let places = Places(&task.data);
    let directory = |path: PathBuf| {
        let opened = Directory::open(&path);
        opened
            .map(Arc::new)
            .map_err(|error| SelfReplayError::File { path, error })
    };
    let keys = Keys::new(directory(places.keys())?, task.journal.master_key.clone());
    let months = keys.months().map_err(JournalError::from)?;
    let is_destroyed = |state: &KeyState| matches!(state, KeyState::Destroyed { .. });
    let is_erased = months.values().any(is_destroyed);
    let reader = JournalReader::open(directory(places.journal())?, Arc::new(keys))?;
    Ok((reader, is_erased))
}

/// Gives what every row of the journal says, but those that remove something.
fn each_row(
    journal: &JournalReader,
    span: Span,
    stop: &AtomicBool,
    take: &mut dyn FnMut(&Record),
) -> Result<(), SelfReplayError> {
    for frame in journal.frames(1)? {
        is_running(stop)?;
        let frame = frame?;
        if frame.number > span.until {
            break;
        }
        let of = (frame.number, Instant::from_nanos(frame.at));
        let epoch = Epoch::decode(of, &frame.plain, frame.secret.as_deref())?;
        for row in epoch.rows() {
            if let Operation::Upsert(record) = &row.change.operation {
                take(record);
            }
        }
    }
    Ok(())
}
