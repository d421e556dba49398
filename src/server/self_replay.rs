//! The self-replay of every night.
//!
//! In: the time of the day, whose rows, and the clock. Out: the outcome in the data directory, and metrics of what is kept
//! there, also where somebody replayed by hand. Must hold: the service is not harmed. It has a thread of low priority and half
//! of the memory that is free; where it fails, that is logged, the outcome before it and its age stay, and the next night it
//! is tried again; a stop does not wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant as Elapsed, SystemTime};

use super::{Parts, options};
use crate::config::{NightlyAt, NightlyPersons};
use crate::persons::{MOST_SLICES, Room, Slice, memory_limit, slices_that_fit};
use crate::progress::Silent;
use crate::record::Instant;
use crate::self_replay::{self, FILE, Outcome, Outcomes, SelfReplayError, Until, next_run};
use crate::service::Phase;

/// How often it is looked whether it is time, or to stop.
const OFTEN: Duration = Duration::from_millis(200);
/// How often it is looked whether another outcome is kept.
const SELDOM: Duration = Duration::from_secs(5);

/// The thread that replays every night.
pub(super) struct SelfReplaying {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl SelfReplaying {
    pub(super) fn start(parts: Parts) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::Builder::new().name("fundwatch-self-replay".to_owned());
        let thread = thread.spawn(move || keep(&parts, &stopped))?;
        Ok(Self { stop, thread })
    }

    /// Tells it to stop.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
    }

    /// Waits until it has ended, at most for so long: what it leaves behind, the next start removes.
    pub(super) fn join(self, within: Duration) {
        let began = Elapsed::now();
        while !self.thread.is_finished() && began.elapsed() < within {
            std::thread::sleep(Duration::from_millis(20));
        }
        if self.thread.is_finished() {
            // Where it panicked it has said so, and nothing depends on it.
            let _ = self.thread.join();
        }
    }
}

/// Gives others the processor first. Threads that this one starts have its priority.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, 10) {
        tracing::debug!(%error, "the self-replay has the priority of the service");
    }
}

fn keep(parts: &Parts, stop: &AtomicBool) {
    give_way();
    if let Err(error) = self_replay::remove_left(&parts.data) {
        tracing::error!(%error, "what a self-replay left is still there");
    }
    let at = match parts.config().self_replay().at {
        NightlyAt::Off => None,
        NightlyAt::At(at) => Some(at),
    };
    let next = |now: Instant| at.map(|at| next_run(now, at));
    let mut due = next(parts.clock.now());
    let mut told = Told::default();
    while !stop.load(Ordering::Acquire) {
        told.tell(parts);
        let now = parts.clock.now();
        let is_running = parts.service.status.phase() == Phase::Running;
        if is_running && due.is_some_and(|due| due <= now) {
            replay(parts, stop);
            told = Told::default();
            due = next(parts.clock.now());
        }
        std::thread::sleep(OFTEN);
    }
}

/// Replays, and keeps what it found.
fn replay(parts: &Parts, stop: &AtomicBool) {
    let kept = try_replay(parts, stop).map(|outcome| {
        tell(&outcome);
        Outcomes::keep(&parts.data, outcome)
    });
    match kept {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::error!(%error, "the outcome of the self-replay is not kept"),
        Err(SelfReplayError::Stopped) => tracing::info!("the self-replay was stopped"),
        Err(error) => {
            tracing::error!(%error, "the self-replay failed; the outcome before it stays, and it is tried again the next night");
        }
    }
}

fn try_replay(parts: &Parts, stop: &AtomicBool) -> Result<Outcome, SelfReplayError> {
    let config = parts.config();
    let slice = slice(parts, config.self_replay().persons)?;
    let whose = (Until::Yesterday, slice);
    let task = options::self_replay(&config, &parts.data, whose, parts.clock.clone());
    let task = task.map_err(|error| SelfReplayError::Configured(error.to_string()))?;
    tracing::info!(persons = %slice, "the self-replay of yesterday begins");
    self_replay::run(&task, stop, &Silent)
}

/// Whose rows are replayed tonight.
fn slice(parts: &Parts, persons: NightlyPersons) -> Result<Slice, SelfReplayError> {
    let today = parts.clock.now().day();
    let of = match persons {
        NightlyPersons::All => 1,
        NightlyPersons::OneIn(of) => of,
        NightlyPersons::Auto => {
            let limit = parts.config().memory().limit.map(|limit| limit.0);
            let limit = limit.or_else(memory_limit);
            match Room::of_this_process(limit) {
                // Where the system does not tell, nobody has to decide.
                None => 1,
                Some(room) => slices_that_fit(room).ok_or(SelfReplayError::NoRoom {
                    free: room.free,
                    needed: room.resident / u64::from(MOST_SLICES),
                })?,
            }
        }
    };
    Ok(Slice::of_day(today, of))
}

/// Tells the log. Which alerts differ is in the file alone.
fn tell(outcome: &Outcome) {
    for left_out in &outcome.not_covered {
        tracing::info!(what = %left_out.what, why = %left_out.why, "the self-replay does not cover this");
    }
    let Outcome {
        until_epoch,
        decisions,
        alerts,
        seconds,
        mismatched_decisions,
        ..
    } = outcome;
    match mismatched_decisions {
        0 => tracing::info!(
            persons = %outcome.persons,
            until_epoch,
            decisions,
            alerts,
            seconds,
            "the self-replay came to what is stored"
        ),
        mismatched => tracing::error!(
            persons = %outcome.persons,
            until_epoch,
            mismatched,
            "the self-replay differs from what is stored; the first alerts that differ are in {FILE}"
        ),
    }
}

/// What metrics tell of the kept outcomes.
#[derive(Default)]
struct Told {
    looked: Option<Elapsed>,
    of: Option<SystemTime>,
}

impl Told {
    /// Tells what is kept, where it is another than before.
    fn tell(&mut self, parts: &Parts) {
        if self.looked.is_some_and(|at| at.elapsed() < SELDOM) {
            return;
        }
        self.looked = Some(Elapsed::now());
        let changed = std::fs::metadata(parts.data.join(FILE)).and_then(|file| file.modified());
        let Ok(changed) = changed else { return };
        if self.of == Some(changed) {
            return;
        }
        match Outcomes::read(&parts.data) {
            Ok(None) => {}
            Ok(Some(outcomes)) => {
                let metrics = parts.metrics.self_replay();
                metrics.set_mismatched(outcomes.mismatched_decisions());
                let last = &outcomes.last;
                let took = Duration::try_from_secs_f64(last.seconds).unwrap_or_default();
                if let Some(ended) = last.ended() {
                    metrics.set_last(ended, last.covered_ratio, took);
                }
                self.of = Some(changed);
            }
            Err(error) => {
                tracing::error!(%error, "what self-replays found cannot be read");
                self.of = Some(changed);
            }
        }
    }
}
