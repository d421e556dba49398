//! The live service: one running detector.
//!
//! ```text
//! sources ─▶ queue ─▶ sequencer ─▶ journal (durable) ─▶ receipts
//!            (bounds)     │
//!                         └─▶ applier ─▶ engine ─▶ committer ─▶ store (alerts, committed_epoch)
//!                             (rows)     (dataflow) (ledger)
//! ```
//! In: deliveries of sources. Out: alerts and their history in the store. Must hold: what is told to be taken
//! is durable; alerts are a function of the journal; an epoch is stored once, whatever dies when; everything
//! that waits is bounded. After a start, the journal is computed again up to its end by the code that computes
//! what comes after it.

mod applier;
mod archive;
mod artefacts;
mod beside;
mod breaker;
mod carried_forward;
mod clock;
mod committer;
mod detectors;
mod eraser;
mod error;
mod inbox;
mod late;
mod outputs;
mod parse;
#[cfg(feature = "kafka")]
mod partitions;
mod positions;
mod queue;
mod recovery;
mod requests;
mod restore;
mod restored;
mod sequencer;
mod snapshot_taker;
mod status;
mod telling;

use std::cell::Cell;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

pub use applier::{Applied, Applier};
pub use archive::Archive;
pub use breaker::{BoundsOf, BreakerBounds, Breakers};
pub use clock::Clock;
pub use detectors::Detectors;
pub use error::ServiceError;
pub use inbox::{Inbox, InboxOptions, Intake};
pub use parse::{envelope, lines};
#[cfg(feature = "kafka")]
pub use partitions::PartitionIntake;
pub use positions::Positions;
pub use queue::{Follows, Queue, QueueBounds, Receipt, Refused, Reply, Submission, Waiting};
pub use restore::{Found, NotFound, RESTORED_DAYS, Whose};
pub use sequencer::EpochBounds;
pub use snapshot_taker::SnapshotPolicy;
pub use status::{Phase, Recovery, Status, Trouble};

use crate::alert::{Ledger, SharedRows};
use crate::dataflow::{Engine, EngineOptions, LinkageWork, Observe};
use crate::detector::Detector;
use crate::journal::{
    Directory, Journal, JournalReader, Keys, MasterKey, Options as JournalOptions, Rows,
};
use crate::metric::Metrics;
use crate::record::Instant;
use crate::resolve::look_ups;
use crate::snapshot::Snapshots;
use crate::store::{AlertReader, AlertStore, Opening, StoreError, StorePlace};
use committer::Committer;
use eraser::Eraser;
use recovery::{Recovery as Recovering, Tail};
use requests::Requests;
use sequencer::{Resumed, SealedEpoch, Sequencer};
use snapshot_taker::SnapshotTaker;

/// Epochs that the dataflow has done and that wait to be stored.
const COMPUTED_IN_FLIGHT: usize = 64;

/// What a service is asked to do.
pub struct Options {
    /// Its directory: the journal, its keys and artefacts, and by default the store.
    pub data: PathBuf,
    /// Where alerts are stored.
    pub store: StorePlace,
    /// What decides.
    pub detector: Detector,
    /// Dataflow threads.
    pub workers: usize,
    /// When epochs are closed.
    pub epoch: EpochBounds,
    /// Epochs that may be durable and not computed yet.
    pub epochs_in_flight: usize,
    /// What may wait to be sealed.
    pub queue: QueueBounds,
    /// What wraps the keys of the journal.
    pub master_key: Option<MasterKey>,
    /// Bytes of a segment of the journal.
    pub segment_bytes: u64,
    /// When snapshots are made, and how many are kept.
    pub snapshots: SnapshotPolicy,
    /// For how long the answer to a request is remembered.
    pub remember_requests: Duration,
    /// What time it is.
    pub clock: Clock,
}

/// A service that has been started.
pub struct Service {
    queue: Arc<Queue>,
    status: Arc<Status>,
    positions: Arc<Positions>,
    rows: SharedRows,
    archive: Arc<Archive>,
    thread: JoinHandle<Result<(), ServiceError>>,
}

/// The places in a service's directory.
pub(crate) struct Places<'d>(pub(crate) &'d Path);

impl Places<'_> {
    pub(crate) fn journal(&self) -> PathBuf {
        self.0.join("journal")
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    pub(crate) fn artefacts(&self) -> PathBuf {
        self.0.join("artefacts")
    }

    pub(crate) fn snapshots(&self) -> PathBuf {
        self.0.join("snapshots")
    }

    pub(crate) fn scratch(&self) -> PathBuf {
        self.0.join("scratch")
    }
}

/// What is open before anything is computed.
struct Opened {
    journal: Journal,
    reader: JournalReader,
    store: Box<dyn AlertStore>,
    committed: Option<u64>,
    /// The last epoch of the journal.
    sealed: u64,
    detectors: Detectors,
    snapshots: Snapshots,
    keys: Arc<Keys>,
}

impl Service {
    /// Opens the journal and the store, and starts to compute. What the journal holds is computed again first;
    /// meanwhile deliveries wait, within the bounds.
    ///
    /// # Errors
    /// When the journal or the store cannot be opened, or do not belong together.
    pub fn start(options: Options, metrics: Metrics) -> Result<Self, ServiceError> {
        let opened = open(&options)?;
        let scratch = Places(&options.data).scratch();
        make(&scratch)?;
        let rows = SharedRows::new(Rows::create(&scratch).map_err(ServiceError::Scratch)?);
        let queue = Arc::new(Queue::new(options.queue));
        let (status, positions) = (Arc::new(Status::default()), Arc::new(Positions::default()));
        let archive = Archive::new(rows.clone(), options.detector.retention);
        let archive = Arc::new(archive);
        let shared = Shared {
            archive: archive.clone(),
            queue: queue.clone(),
            status: status.clone(),
            positions: positions.clone(),
            rows: rows.clone(),
            metrics,
        };
        let thread = spawn("fundwatch-apply", move || {
            let (queue, status) = (shared.queue.clone(), shared.status.clone());
            let run = run(options, opened, shared);
            match &run {
                Ok(()) => status.enter(Phase::Stopped),
                Err(error) => {
                    tracing::error!(%error, "the service cannot go on");
                    status.fail(error.to_string());
                }
            }
            // Whoever waits to deliver is told.
            queue.refuse_all();
            run
        });
        Ok(Self {
            queue,
            status,
            positions,
            rows,
            archive,
            thread,
        })
    }

    /// Where deliveries are handed over.
    pub fn queue(&self) -> Arc<Queue> {
        self.queue.clone()
    }

    /// How it is.
    pub fn status(&self) -> Arc<Status> {
        self.status.clone()
    }

    /// How far sources are read.
    pub fn positions(&self) -> Arc<Positions> {
        self.positions.clone()
    }

    /// The rows that are known.
    pub fn rows(&self) -> SharedRows {
        self.rows.clone()
    }

    /// What is known of retired claims.
    pub fn archive(&self) -> Arc<Archive> {
        self.archive.clone()
    }

    /// Takes no more deliveries. What has been taken is sealed, computed and stored.
    pub fn drain(&self) {
        self.status.enter(Phase::Draining);
        self.queue.close();
    }

    /// Whether it has ended.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    /// Why it could not go on.
    pub fn join(self) -> Result<(), ServiceError> {
        self.thread.join().unwrap_or(Err(ServiceError::Computing))
    }
}

/// What the threads of a service share.
struct Shared {
    archive: Arc<Archive>,
    queue: Arc<Queue>,
    status: Arc<Status>,
    positions: Arc<Positions>,
    rows: SharedRows,
    metrics: Metrics,
}

fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread
        .spawn(work)
        .expect("the system gives a thread to a service that starts")
}

/// Makes a directory that its owner alone can read, where it is absent.
pub(crate) fn make(directory: &Path) -> Result<(), ServiceError> {
    let made = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory);
    made.map_err(|error| ServiceError::Directory {
        path: directory.to_owned(),
        error,
    })
}

fn directory(path: &Path) -> Result<Arc<Directory>, ServiceError> {
    let opened = Directory::create(path).map_err(|error| ServiceError::Directory {
        path: path.to_owned(),
        error,
    })?;
    Ok(Arc::new(opened))
}

fn open(options: &Options) -> Result<Opened, ServiceError> {
    let places = Places(&options.data);
    make(&options.data)?;
    let storage = directory(&places.journal())?;
    let keys = Keys::new(directory(&places.keys())?, options.master_key.clone());
    let keys = Arc::new(keys);
    let of_journal = JournalOptions {
        segment_bytes: options.segment_bytes,
        ..JournalOptions::default()
    };
    let (journal, opened) = Journal::open(storage.clone(), keys.clone(), of_journal)?;
    // Under the lock of the journal, and before the store is brought up to date: where this is
    // refused, an earlier program can go on.
    let is_new_store = is_new(&options.store)?;
    let detectors = Detectors::open(&places.artefacts(), &options.detector, is_new_store)?;
    let opening = Opening {
        journal_id: opened.journal.0,
        generation: opened.generation,
    };
    let mut store = crate::store::open(&options.store, opening)?;
    let committed = store.reads().committed()?.epoch;
    let sealed = opened.upper;
    if let Some(stored) = committed.filter(|stored| *stored > sealed) {
        return Err(ServiceError::StoreAhead { stored, sealed });
    }
    Ok(Opened {
        journal,
        reader: JournalReader::open(storage, keys.clone())?,
        snapshots: Snapshots::new(directory(&places.snapshots())?, keys.clone()),
        keys,
        store,
        committed,
        sealed,
        detectors,
    })
}

/// Whether a store has no epoch yet.
fn is_new(store: &StorePlace) -> Result<bool, ServiceError> {
    match crate::store::open_reader(store) {
        Ok(mut reader) => Ok(reader.committed()?.epoch.is_none()),
        Err(StoreError::Absent { .. }) => Ok(true),
        // It is brought up to date when it is opened.
        Err(StoreError::OlderSchema { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Computes what the journal holds, then what is sealed, until nothing comes any more.
fn run(options: Options, opened: Opened, shared: Shared) -> Result<(), ServiceError> {
    let Opened {
        journal,
        reader,
        mut store,
        committed,
        sealed,
        detectors,
        snapshots,
        keys,
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
    let engine = Engine::start(
        options.workers,
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
        ledger: Ledger::watching(shared.rows.clone(), detectors.models().clone()),
        store,
        applied: told,
        computed,
        committed,
        remember_requests: options.remember_requests,
        pruned: None,
        last: None,
        status: shared.status.clone(),
        metrics: shared.metrics.clone(),
    };
    let committer = spawn("fundwatch-commit", move || committer.run());
    let of_applier = (&detectors, detector.clone());
    let mut applier = Applier::new(&engine, shared.rows.clone(), of_applier, applied);
    let recovery = Recovering {
        reader: &reader,
        snapshots: &snapshots,
        committed,
        sealed,
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
        let applied = apply(epochs, (applier, &shared.status), &arrival);
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
    (applier, status): (&mut Applier<'_>, &Status),
    arrival: &Cell<Instant>,
) -> Result<(), ServiceError> {
    let _end = NoMore(status);
    for SealedEpoch { epoch, arrived } in epochs {
        arrival.set(epoch.at);
        let number = epoch.number;
        applier.apply(epoch, arrived)?;
        status.applied(number);
    }
    Ok(())
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
