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
mod journalled_rows;
mod lanes;
mod late;
mod measured;
mod opening;
mod outputs;
mod pace;
mod parse;
#[cfg(feature = "kafka")]
mod partitions;
mod person_rows;
mod places;
mod positions;
mod queue;
mod recovery;
mod requests;
mod restore;
mod restored;
mod running;
mod sequencer;
mod snapshot_taker;
mod status;
mod stored_changes;
mod submission;
mod telling;
mod undo;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

pub use applier::{Applied, Applier};
pub use archive::Archive;
pub use breaker::{BoundsOf, BreakerBounds, Breakers};
pub use clock::Clock;
pub use detectors::Detectors;
pub use error::ServiceError;
pub use inbox::{Inbox, InboxOptions, Intake};
pub use journalled_rows::{JournalledRow, JournalledRows};
pub use measured::MeasuredFeed;
pub(crate) use parse::add_entry;
pub use parse::{envelope, lines};
#[cfg(feature = "kafka")]
pub use partitions::PartitionIntake;
pub use person_rows::{PersonRow, PersonRows, RowsOfPeople};
pub use positions::Positions;
pub use queue::{Queue, QueueBounds, Waiting};
pub use restore::{Found, NotFound, RESTORED_DAYS, Whose};
pub use sequencer::EpochBounds;
pub use snapshot_taker::SnapshotPolicy;
pub use status::{Phase, Recovery, Status, Trouble};
pub use stored_changes::{StoredChanges, StoredFeed};
pub use submission::{Follows, Receipt, Refused, Reply, Submission};
pub use undo::{UndoError, Undoer, Undone};

use crate::alert::{SharedRows, Weighings};
use crate::dataflow::people;
use crate::detector::Detector;
use crate::journal::{MasterKey, Rows};
use crate::metric::Metrics;
use crate::processes::Hosts;
use crate::store::StorePlace;
pub(crate) use carried_forward::SOURCE as CARRIED_FORWARD;
use opening::open;
pub(crate) use outputs::raised_of_stored;
pub(crate) use places::{Places, make};
pub(crate) use restored::of_stored as restored_claim;
use running::{Shared, run};

/// What a service is asked to do.
pub struct Options {
    /// Its directory: the journal, its keys and artefacts, and by default the store.
    pub data: PathBuf,
    /// Where alerts are stored.
    pub store: StorePlace,
    /// What decides.
    pub detector: Detector,
    /// Dataflow threads of each process.
    pub workers: usize,
    /// The processes that share the dataflow, where there are several, of which this is number 0.
    pub processes: Option<Hosts>,
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
    /// Whether the rows of one person are to be found: it takes some 8 bytes of memory a person more, and 16 bytes of the
    /// scratch directory a row.
    pub finds_people: bool,
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
    journalled: Arc<JournalledRows>,
    undoer: Arc<Undoer>,
    stored: Arc<StoredFeed>,
    measured: Arc<MeasuredFeed>,
    weighings: Weighings,
    thread: JoinHandle<Result<(), ServiceError>>,
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
        let rows = match options.finds_people {
            true => Rows::create_with_names(&scratch, people),
            false => Rows::create(&scratch),
        };
        let rows = SharedRows::new(rows.map_err(ServiceError::Scratch)?);
        let queue = Arc::new(Queue::new(options.queue));
        let (status, positions) = (Arc::new(Status::default()), Arc::new(Positions::default()));
        let archive = Archive::new(rows.clone(), options.detector.retention);
        let archive = Arc::new(archive);
        let journalled = Arc::new(JournalledRows::new(opened.lookup()?));
        let undoer = Arc::new(opened.undoer());
        let stored = Arc::new(StoredFeed::default());
        let measured = Arc::new(MeasuredFeed::default());
        let weighings = Weighings::default();
        let shared = Shared {
            measured: measured.clone(),
            weighings: weighings.clone(),
            archive: archive.clone(),
            queue: queue.clone(),
            status: status.clone(),
            positions: positions.clone(),
            rows: rows.clone(),
            stored: stored.clone(),
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
            journalled,
            undoer,
            stored,
            measured,
            weighings,
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

    /// The rows of the journal, by their places.
    pub fn journalled_rows(&self) -> Arc<JournalledRows> {
        self.journalled.clone()
    }

    /// What undoes loads of the journal.
    pub fn undoer(&self) -> Arc<Undoer> {
        self.undoer.clone()
    }

    /// The rows of one person, where [`Options::finds_people`] says so.
    pub fn rows_of_people(&self) -> RowsOfPeople {
        RowsOfPeople::new(
            self.rows.clone(),
            self.journalled.clone(),
            self.status.clone(),
        )
    }

    /// The data measures, for whoever asks.
    pub fn measured(&self) -> Arc<MeasuredFeed> {
        self.measured.clone()
    }

    /// What other thresholds would come to, for whoever asks.
    pub fn weighings(&self) -> Weighings {
        self.weighings.clone()
    }

    /// What is stored, as it comes. It has one follower.
    pub fn stored_feed(&self) -> Arc<StoredFeed> {
        self.stored.clone()
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

fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread
        .spawn(work)
        .expect("the system gives a thread to a service that starts")
}
