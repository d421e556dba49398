//! Snapshots, made beside the work.
//!
//! In: the journal, up to the last epoch that is stored. Out: snapshots, and the removal of old ones. Must hold:
//! the service waits for none of it; a snapshot that fails is told and tried again; the service ends without
//! waiting for one that is begun, which then was never there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Elapsed};

use super::beside::Beside;
use super::clock::Clock;
use super::error::ServiceError;
use super::recovery::decode;
use super::status::Status;
use crate::journal::{Epoch, JournalReader};
use crate::metric::Metrics;
use crate::record::Instant;
use crate::snapshot::{Arrival, Manifest, Ordinal, SnapshotError, Snapshots, Taken};

/// How often it is looked whether one is due.
const GLANCE: Duration = Duration::from_millis(250);
/// How long after one that failed the next is tried, at most.
const AFTER_FAILURE: Duration = Duration::from_secs(300);

/// When snapshots are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotPolicy {
    /// So long after the one before.
    pub every: Duration,
    /// Or after so many epochs.
    pub every_epochs: Option<u64>,
    /// So many are kept.
    pub keep: usize,
}

/// Makes snapshots.
pub(super) struct SnapshotTaker {
    pub(super) reader: JournalReader,
    pub(super) snapshots: Snapshots,
    pub(super) policy: SnapshotPolicy,
    /// The newest one that is known to be good.
    pub(super) newest: Option<Manifest>,
    pub(super) status: Arc<Status>,
    pub(super) clock: Clock,
    pub(super) metrics: Metrics,
}

/// Why a snapshot was not made.
#[derive(Debug, thiserror::Error)]
enum NotTaken {
    #[error("the service stops")]
    Stopped,
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error(transparent)]
    Journal(#[from] ServiceError),
}

impl SnapshotTaker {
    /// Starts the thread, which ends when what is given is dropped.
    pub(super) fn start(self) -> Beside {
        Beside::start("fundwatch-snapshot", move |stop| self.run(stop))
    }

    fn run(mut self, stop: &AtomicBool) {
        let mut since = self.clock.now();
        let mut rest_until: Option<Elapsed> = None;
        while !stop.load(Ordering::Acquire) {
            std::thread::sleep(GLANCE);
            let epoch = self.status.committed_epoch();
            let rests = rest_until.is_some_and(|until| Elapsed::now() < until);
            if rests || !self.is_due(epoch, since) {
                continue;
            }
            match self.take(epoch, stop) {
                Ok(manifest) => {
                    rest_until = None;
                    since = self.clock.now();
                    (self.metrics.journal()).set_snapshot(manifest.epoch, since);
                    self.newest = Some(manifest);
                    self.prune();
                }
                Err(NotTaken::Stopped) => return,
                Err(error) => {
                    let wait = self.policy.every.min(AFTER_FAILURE);
                    rest_until = Some(Elapsed::now() + wait);
                    self.metrics.journal().snapshot_failed();
                    tracing::error!(%error, "a snapshot could not be made; it is tried again");
                    if let NotTaken::Snapshot(error) = error
                        && error.is_of_the_snapshot()
                    {
                        // The next one shares no file with the one before.
                        self.newest = None;
                    }
                }
            }
        }
    }

    /// Whether there is to be one, at the last epoch that is stored.
    fn is_due(&self, epoch: u64, since: Instant) -> bool {
        let before = self.newest.as_ref().map_or(0, |newest| newest.epoch);
        let new = epoch.saturating_sub(before);
        let since = self.newest.as_ref().map_or(since, |newest| newest.at);
        let age = self.clock.now().nanos().saturating_sub(since.nanos());
        let every = i64::try_from(self.policy.every.as_nanos()).unwrap_or(i64::MAX);
        let is_much = self.policy.every_epochs.is_some_and(|every| new >= every);
        new > 0 && (age >= every || is_much)
    }

    fn take(&self, epoch: u64, stop: &AtomicBool) -> Result<Manifest, NotTaken> {
        let began = Elapsed::now();
        let before = self.newest.as_ref();
        let mut writer = (self.snapshots).begin(self.reader.journal(), before)?;
        let mut detector = before.and_then(|before| before.detector.clone());
        let next = before.map_or(1, |before| before.epoch + 1);
        let journal = |error| NotTaken::Journal(ServiceError::Journal(error));
        for frame in self.reader.frames(next).map_err(journal)? {
            if stop.load(Ordering::Acquire) {
                return Err(NotTaken::Stopped);
            }
            let frame = frame.map_err(journal)?;
            let read = decode(&frame)?;
            let accepted = Epoch::accepted_rows(frame.number, &frame.plain);
            let accepted = accepted.map_err(ServiceError::from)?;
            match &read.deliveries {
                None => writer.push_erased(frame.number, read.at, accepted)?,
                Some(_) => {
                    for (row, (arrived, replaced)) in (1..).zip(read.rows_with_replaced()) {
                        let arrival = Arrival {
                            ordinal: Ordinal {
                                epoch: frame.number,
                                row,
                            },
                            at: read.at,
                            replaced: replaced.map(|place| Ordinal {
                                epoch: place.epoch,
                                row: place.row,
                            }),
                        };
                        writer.push(arrival, &arrived.change)?;
                    }
                }
            }
            detector = read.detector.or(detector);
            if frame.number == epoch {
                let manifest = writer.finish(Taken {
                    epoch,
                    chain: frame.chain,
                    at: read.at,
                    clock: read.clock,
                    detector,
                    rows: read.rows_before + accepted,
                })?;
                tracing::info!(
                    epoch,
                    rows = manifest.rows,
                    new_rows = manifest.rows - before.map_or(0, |before| before.rows),
                    bytes = manifest.bytes(),
                    seconds = began.elapsed().as_secs_f64(),
                    "a snapshot is complete"
                );
                return Ok(manifest);
            }
        }
        Err(NotTaken::Stopped)
    }

    fn prune(&self) {
        match self.snapshots.prune(self.policy.keep) {
            Ok(swept) => {
                tracing::debug!(
                    manifests = swept.manifests,
                    files = swept.files,
                    "old snapshots are removed"
                );
            }
            Err(error) => tracing::warn!(%error, "old snapshots are not removed yet"),
        }
    }
}
