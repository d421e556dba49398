//! The threads of a running service.
//!
//! In: what was opened. Out: what is stored, until the queue is closed or a part fails. Must hold: the first failure is
//! the one that is told; whoever waits for a thread that has ended is let go.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel, sync_channel};
use std::time::Duration;

use super::applier::Applier;
use super::archive::Archive;
use super::committer::Committer;
use super::detectors::Detectors;
use super::eraser::{self, Eraser};
use super::error::ServiceError;
use super::measured::MeasuredFeed;
use super::opening::Opened;
use super::positions::Positions;
use super::queue::Queue;
use super::recovery::{Recovery, Tail};
use super::requests::{self, Requests};
use super::sequencer::{Resumed, SealedEpoch, Sequencer};
use super::snapshot_taker::SnapshotTaker;
use super::status::{Phase, Status};
use super::stored_changes::StoredFeed;
use super::{Clock, Options, spawn, telling};
use crate::alert::{Ledger, SharedRows, Weighings};
use crate::audit::Code;
use crate::dataflow::{Engine, EngineOptions, LinkageWork, Observe, Stopped, Workers};
use crate::detector::Detector;
use crate::journal::Journal;
use crate::metric::Metrics;
use crate::processes::{Gathering, Generation};
use crate::record::Instant;
use crate::resolve::look_ups;
use crate::store::AlertReader;

/// Epochs that the dataflow has done and that wait to be stored.
const COMPUTED_IN_FLIGHT: usize = 64;

/// How often it is looked, while nothing comes, whether somebody asks for the measures.
const ASKED_EVERY: Duration = Duration::from_millis(100);

/// What the threads of a service share.
pub(super) struct Shared {
    pub(super) archive: Arc<Archive>,
    pub(super) queue: Arc<Queue>,
    pub(super) status: Arc<Status>,
    pub(super) positions: Arc<Positions>,
    pub(super) rows: SharedRows,
    pub(super) stored: Arc<StoredFeed>,
    pub(super) measured: Arc<MeasuredFeed>,
    pub(super) weighings: Weighings,
    pub(super) metrics: Metrics,
}

/// Where the dataflow runs. The others join the generation of the journal, so that a process of an earlier service is none of
/// this one's.
fn workers<'a>(
    options: &Options,
    generation: u64,
    waiting: &'a mut dyn FnMut(&[usize]),
) -> Result<Workers<'a>, ServiceError> {
    let threads = options.workers;
    let Some(hosts) = &options.processes else {
        return Ok(Workers::Threads(threads));
    };
    let program = Code::running().identity();
    let gathering = Gathering::start(hosts.clone(), Generation(generation), program);
    Ok(Workers::Processes {
        threads,
        gathering: gathering.map_err(Stopped::from)?,
        waiting,
    })
}

/// Computes what the journal holds, then what is sealed, until nothing comes any more.
pub(super) fn run(options: Options, opened: Opened, shared: Shared) -> Result<(), ServiceError> {
    let Opened {
        journal,
        reader,
        mut store,
        committed,
        generation,
        sealed,
        chain,
        detectors,
        snapshots,
        keys,
        ..
    } = opened;
    let detector = detectors.of_document(detectors.current())?;
    let mut requests = Requests::new(stored_requests(store.reader()?));
    for stored in store.reads().positions()? {
        let position = stored.position;
        (shared.positions).set(&position.source, &position.partition, &position.position);
    }
    let restored = store.reads().restored(committed.unwrap_or_default())?;
    let (deltas, computed) = sync_channel(COMPUTED_IN_FLIGHT);
    let (applied, told) = channel();
    let mut waiting = |missing: &[usize]| tracing::info!(?missing, "waiting for processes to join");
    let engine = Engine::start(
        workers(&options, generation, &mut waiting)?,
        EngineOptions {
            reasons: detector.reasons,
            observe: Observe::Flagged,
            settings: detector.initially().of_persons(),
            exclusive_benefits: detector.exclusive_benefits.clone(),
            linkage: detector.linkage.clone(),
            linkage_work: LinkageWork::default(),
            models: detectors.models().clone(),
            shadow: detector.shadow(None),
            telemetry: Some(telling::of_workers(shared.metrics.clone())),
        },
        look_ups(&shared.rows),
        deltas,
    )?;
    let committer = Committer {
        ledger: Ledger::watching(shared.rows.clone(), detectors.models().clone())
            .with_weighings(shared.weighings.clone()),
        measured: shared.measured.clone(),
        store,
        applied: told,
        computed,
        committed,
        remember_requests: options.remember_requests,
        pruned: None,
        last: None,
        status: shared.status.clone(),
        stored: shared.stored.clone(),
        metrics: shared.metrics.clone(),
    };
    let queue = shared.queue.clone();
    let committer = spawn("fundwatch-commit", move || {
        let run = committer.run();
        if run.is_err() {
            // So that nobody waits for rows whose alerts would not be stored: then it is told why.
            queue.close();
        }
        run
    });
    let of_applier = (&detectors, detector.clone());
    let mut applier = Applier::new(&engine, shared.rows.clone(), of_applier, applied);
    let recovery = Recovery {
        reader: &reader,
        snapshots: &snapshots,
        committed,
        sealed,
        chain,
        shared: &shared,
        restored: &restored,
    };
    let recovered = recovery.run(&mut applier, &mut requests);
    let computing = recovered.and_then(|mut tail| {
        let eraser = Eraser {
            reader: reader.clone(),
            keys,
            archive: shared.archive.clone(),
            queue: shared.queue.clone(),
            status: shared.status.clone(),
            clock: options.clock.clone(),
            metrics: shared.metrics.clone(),
            rows_at_once: eraser::rows_at_once(options.epoch, options.queue),
        };
        let taker = SnapshotTaker {
            reader,
            snapshots,
            policy: options.snapshots,
            newest: tail.snapshot.take(),
            status: shared.status.clone(),
            clock: options.clock.clone(),
            metrics: shared.metrics.clone(),
        };
        let _taking = taker.start();
        let _erasing = eraser.start();
        let live = Live {
            options,
            journal,
            requests,
            detector,
        };
        live.run(tail, &detectors, &mut applier, &shared)
    });
    drop(applier);
    let finished = engine.finish();
    // Where storing failed, computing only stopped because of it.
    committer.join().unwrap_or(Err(ServiceError::Computing))?;
    computing?;
    finished?;
    Ok(())
}

/// Looks up answered requests in a store.
fn stored_requests(mut reader: Box<dyn AlertReader>) -> requests::Stored {
    Box::new(move |request| {
        let stored = reader.request(&request.principal, &request.key);
        let stored = stored.map_err(|error| error.to_string())?;
        Ok(stored.and_then(|stored| Some((stored.body_digest, requests::read(&stored.response)?))))
    })
}

/// What goes on when the journal has been computed.
struct Live {
    options: Options,
    journal: Journal,
    requests: Requests,
    detector: Arc<Detector>,
}

impl Live {
    fn run(
        self,
        tail: Tail,
        detectors: &Detectors,
        applier: &mut Applier<'_>,
        shared: &Shared,
    ) -> Result<(), ServiceError> {
        let _end = Refusing(&shared.queue);
        let current = detectors.current();
        let is_new = applier.document() != Some(current);
        let (sealed, epochs) = sync_channel(self.options.epochs_in_flight);
        let now = self.options.clock.now();
        let activations = self.detector.rules.activations().iter();
        shared.archive.resume(tail.clock, applier.restored());
        let sequencer = Sequencer {
            archive: shared.archive.clone(),
            queue: shared.queue.clone(),
            journal: self.journal,
            requests: self.requests,
            positions: shared.positions.clone(),
            clock: self.options.clock.clone(),
            bounds: self.options.epoch,
            activations: activations
                .map(|one| one.at)
                .filter(|at| *at > now)
                .collect(),
            resumed: Resumed {
                last: tail.last,
                clock: tail.clock,
                rows: tail.rows,
                detector: is_new.then(|| current.to_owned()),
            },
            sealed,
            status: shared.status.clone(),
            metrics: shared.metrics.clone(),
        };
        let sequencer = spawn("fundwatch-sequence", move || sequencer.run());
        shared.status.enter(Phase::Running);
        tracing::info!("ready to take rows");
        let arrival = Rc::new(Cell::new(now));
        let arrived_at = arrival.clone();
        applier.tell(telling::of_rows(shared.metrics.clone(), move || {
            arrived_at.get()
        }));
        let clock = self.options.clock.clone();
        let applied = apply(epochs, (applier, shared, clock), &arrival);
        if applied.is_err() {
            // So that the sequencer does not wait for more that nobody would compute.
            shared.queue.close();
        }
        let sequenced = sequencer.join().unwrap_or(Err(ServiceError::Computing));
        // The sequencer stops as well where nobody applies, and knows no better reason.
        applied?;
        sequenced
    }
}

fn apply(
    epochs: Receiver<SealedEpoch>,
    (applier, shared, clock): (&mut Applier<'_>, &Shared, Clock),
    arrival: &Cell<Instant>,
) -> Result<(), ServiceError> {
    let status = &shared.status;
    let _end = NoMore(status);
    loop {
        match epochs.recv_timeout(ASKED_EVERY) {
            Ok(SealedEpoch { epoch, arrived }) => {
                arrival.set(epoch.at);
                let number = epoch.number;
                applier.apply(epoch, arrived)?;
                status.applied(number);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        let now = || clock.now();
        (shared.measured).tell(|failing| applier.report(failing, now()));
    }
}

/// Refuses what waits, such as what is carried forward, however it ends: nobody takes it any more.
struct Refusing<'q>(&'q Queue);

impl Drop for Refusing<'_> {
    fn drop(&mut self) {
        self.0.refuse_all();
    }
}

/// Tells, however applying ends, that no epoch is applied any more.
struct NoMore<'s>(&'s Status);

impl Drop for NoMore<'_> {
    fn drop(&mut self) {
        self.0.applies_no_more();
    }
}
