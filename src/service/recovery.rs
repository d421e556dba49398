//! What the journal holds is computed again.
//!
//! In: the journal, and the newest snapshot that is good. Out: rows and epochs to the applier, by which the
//! service is what it was when it ended; how the journal ends. Must hold: what comes of a snapshot and the
//! epochs after it is what comes of all epochs; a snapshot that is not what was written is not used, and that
//! is said.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::applier::Applier;
use super::carried_forward;
use super::error::ServiceError;
use super::requests::Requests;
use super::restored;
use super::running::Shared;
use crate::journal::{ChainHash, Epoch, Frame, JournalReader, RowPlace};
use crate::metric::Frontier;
use crate::record::{Change, Day, Instant, Stream};
use crate::resolve::Incoming;
use crate::snapshot::{Manifest, SnapshotError, Snapshots};
use crate::source::{Keep, Sequenced};
use crate::store::StoredRestoration;

/// Rows of a snapshot that go from the thread that reads them at once.
const ROWS_AT_ONCE: usize = 4096;
/// How many times so many may wait.
const WAITING: usize = 8;

/// How the journal ends.
#[derive(Default)]
pub(super) struct Tail {
    pub(super) last: Option<(u64, Instant)>,
    pub(super) clock: Option<Day>,
    pub(super) rows: u64,
    /// The snapshot that the service began with.
    pub(super) snapshot: Option<Manifest>,
}

/// What is recovered from.
pub(super) struct Recovery<'r> {
    pub(super) reader: &'r JournalReader,
    pub(super) snapshots: &'r Snapshots,
    /// The last epoch that the store has, if it has any.
    pub(super) committed: Option<u64>,
    /// The last epoch of the journal.
    pub(super) sealed: u64,
    /// The journal's chain up to there.
    pub(super) chain: ChainHash,
    pub(super) shared: &'r Shared,
    /// What the store has of restored claims.
    pub(super) restored: &'r [StoredRestoration],
}

impl Recovery<'_> {
    /// Computes what the journal holds: as one epoch up to the last that is stored, then epoch by epoch.
    ///
    /// # Errors
    /// When the journal cannot be read, or the dataflow stopped.
    pub(super) fn run(
        &self,
        applier: &mut Applier<'_>,
        requests: &mut Requests,
    ) -> Result<Tail, ServiceError> {
        let mut tail = Tail::default();
        if self.sealed == 0 {
            return Ok(tail);
        }
        let total = self.rows_until()?;
        let Shared {
            status, metrics, ..
        } = self.shared;
        status.recovering(total);
        let snapshot = self.newest()?;
        tracing::info!(
            epochs = self.sealed,
            rows = total,
            snapshot = snapshot.as_ref().map(|manifest| manifest.epoch),
            "computing again what is known"
        );
        let mut last_of = BTreeMap::new();
        let (mut stored, mut next, mut erased) = (Vec::new(), 1, 0);
        if let Some(manifest) = &snapshot {
            last_of = self.load(manifest, applier)?;
            applier.count_from(manifest.at)?;
            tail.last = Some((manifest.epoch, manifest.at));
            tail.clock = Some(manifest.clock);
            tail.rows = manifest.rows;
            next = manifest.epoch + 1;
            if self.committed == Some(manifest.epoch) {
                applier.end(of_snapshot(manifest), Vec::new(), None)?;
            }
        }
        for frame in self.reader.frames(next)? {
            let frame = frame?;
            let mut epoch = decode(&frame)?;
            (self.shared.positions).reach(epoch.deliveries.iter().flatten());
            let arrived = epoch.deliveries.iter().flatten();
            let arrived = arrived.filter(|one| one.source != carried_forward::SOURCE);
            let arrived = arrived.flat_map(|one| &one.rows);
            last_of.extend(arrived.map(|row| (row.change.key.stream(), epoch.at)));
            let number = epoch.number;
            tail.last = Some((number, epoch.at));
            tail.clock = Some(epoch.clock);
            let rows = Epoch::accepted_rows(number, &frame.plain)?;
            tail.rows = epoch.rows_before + rows;
            if epoch.deliveries.is_none() {
                erased += rows;
            }
            let accepted = applier.add(&mut epoch)?;
            if epoch.deliveries.is_none() {
                // What it restored is erased with it, but for what the store has of it.
                self.restore(applier, |of| of == number)?;
            }
            match self.committed {
                Some(committed) if number <= committed => {
                    stored.extend(accepted);
                    if number == committed {
                        applier.end(epoch, std::mem::take(&mut stored), None)?;
                    }
                }
                _ => {
                    // The store does not know them yet.
                    requests.recover(&epoch, &accepted);
                    applier.end(epoch, accepted, None)?;
                }
            }
            status.recovered_rows(tail.rows);
            metrics.journal().set_recovery(tail.rows, total);
            if number == self.sealed {
                break;
            }
        }
        if erased > 0 {
            tracing::warn!(
                rows = erased,
                "rows of the journal are erased, since the keys of their months are destroyed"
            );
        }
        for (stream, at) in last_of {
            metrics.input().set_last(stream, at);
        }
        let journal = metrics.journal();
        journal.set_recovery(total, total);
        journal.set_sealed(self.sealed);
        if let Some((_, at)) = tail.last {
            metrics.flow().set_frontier(Frontier::Journal, at);
        }
        status.resume_at(self.sealed, self.chain);
        tail.snapshot = snapshot;
        Ok(tail)
    }

    /// Rows accepted up to the end of the journal.
    fn rows_until(&self) -> Result<u64, ServiceError> {
        let last = self.reader.frames(self.sealed)?.next();
        let Some(last) = last.transpose()? else {
            return Ok(0);
        };
        Ok(decode(&last)?.rows_before + Epoch::accepted_rows(last.number, &last.plain)?)
    }

    /// The newest snapshot that is of this journal, that the store is not behind, and whose files are what was
    /// written.
    fn newest(&self) -> Result<Option<Manifest>, ServiceError> {
        let listing = match self.snapshots.list() {
            Ok(listing) => listing,
            Err(error) => {
                tracing::error!(%error, "snapshots cannot be listed; the whole journal is read");
                return Ok(None);
            }
        };
        for (epoch, error) in &listing.unreadable {
            self.told_unusable(*epoch, error);
        }
        let Some(committed) = self.committed else {
            if !listing.manifests.is_empty() {
                tracing::info!("the store is new; it is filled from the whole journal");
            }
            return Ok(None);
        };
        for manifest in listing.manifests {
            if manifest.epoch > committed {
                tracing::info!(
                    epoch = manifest.epoch,
                    committed,
                    "the store is behind this snapshot, which is not used therefore"
                );
                continue;
            }
            if !self.is_of_journal(&manifest)? {
                tracing::error!(
                    epoch = manifest.epoch,
                    "this snapshot is of another journal, and is not used; \
                     keep each service in a data directory of its own"
                );
                continue;
            }
            match self.snapshots.verify(&manifest) {
                Ok(()) => {
                    let metrics = self.shared.metrics.journal();
                    metrics.set_snapshot(manifest.epoch, manifest.at);
                    return Ok(Some(manifest));
                }
                Err(error) => self.told_unusable(manifest.epoch, &error),
            }
        }
        Ok(None)
    }

    /// Restores the claims that the store has as restored in some epochs.
    fn restore(
        &self,
        applier: &mut Applier<'_>,
        is_of: impl Fn(u64) -> bool,
    ) -> Result<(), ServiceError> {
        for stored in self.restored.iter().filter(|one| is_of(one.epoch)) {
            if let Some((key, until)) = restored::of_stored(&stored.claim) {
                applier.restore(&[key], until)?;
            }
        }
        Ok(())
    }

    fn told_unusable(&self, epoch: u64, error: &SnapshotError) {
        self.shared.metrics.journal().snapshot_failed();
        tracing::error!(epoch, %error, "a snapshot is not used; the one before it is, or the journal");
    }

    /// Whether the journal has the same chain at its epoch.
    fn is_of_journal(&self, manifest: &Manifest) -> Result<bool, ServiceError> {
        if manifest.journal != self.reader.journal() || manifest.epoch > self.sealed {
            return Ok(false);
        }
        let frame = self.reader.frames(manifest.epoch)?.next().transpose()?;
        Ok(frame.is_some_and(|frame| frame.chain == manifest.chain))
    }

    /// Adds the rows of a snapshot to the epoch in progress. Gives when the last of each stream arrived.
    fn load(
        &self,
        manifest: &Manifest,
        applier: &mut Applier<'_>,
    ) -> Result<BTreeMap<Stream, Instant>, ServiceError> {
        applier.begin(manifest)?;
        self.restore(applier, |of| of <= manifest.epoch)?;
        let incoming = applier.keep();
        let mut last_of: BTreeMap<Stream, Instant> = BTreeMap::new();
        let (mut done, mut told) = (0, 0);
        let loaded = std::thread::scope(|scope| {
            let (sender, rows) = sync_channel(WAITING);
            let snapshots = self.snapshots;
            let reading = scope.spawn(move || read(snapshots, manifest, &incoming, sender));
            let mut add = |rows: Receiver<Vec<OfSnapshot>>| {
                for rows in rows {
                    done += rows.len() as u64;
                    for (arrived_at, row, replaced) in rows {
                        let last = last_of.entry(row.change.key.stream()).or_insert(arrived_at);
                        *last = arrived_at.max(*last);
                        applier.load(row, replaced)?;
                    }
                    if done - told >= 16 * ROWS_AT_ONCE as u64 {
                        told = done;
                        self.shared.status.recovered_rows(done);
                        let metrics = self.shared.metrics.journal();
                        metrics.set_recovery(done, manifest.rows.max(done));
                    }
                }
                Ok(())
            };
            let added: Result<(), ServiceError> = add(rows);
            let read = reading.join().unwrap_or(Err(ReadFailed::Stopped));
            added.map(|()| read)
        })?;
        match loaded {
            Ok(erased) => {
                self.shared.status.recovered_rows(manifest.rows);
                tracing::info!(
                    epoch = manifest.epoch,
                    rows = done,
                    erased,
                    "the rows of the snapshot are loaded"
                );
                Ok(last_of)
            }
            Err(ReadFailed::Stopped) => Err(ServiceError::Computing),
            Err(ReadFailed::Snapshot(error)) => {
                // Some rows of it are in the dataflow, so that this start is lost. The next is not to fail alike.
                if error.is_of_the_snapshot()
                    && let Err(left) = self.snapshots.withdraw(manifest.epoch)
                {
                    tracing::error!(error = %left, "a damaged snapshot cannot be removed");
                }
                Err(ServiceError::Snapshot(error))
            }
        }
    }
}

/// A row of a snapshot, when it arrived, and the one row whose place it takes, where it undoes that one.
type OfSnapshot = (Instant, Sequenced<Incoming>, Option<RowPlace>);

/// Why a snapshot was not read to its end.
enum ReadFailed {
    /// Nobody takes its rows any more.
    Stopped,
    Snapshot(SnapshotError),
}

impl From<SnapshotError> for ReadFailed {
    fn from(error: SnapshotError) -> Self {
        Self::Snapshot(error)
    }
}

/// Reads the rows of a snapshot. Gives how many more it had that are erased.
fn read(
    snapshots: &Snapshots,
    manifest: &Manifest,
    incoming: &Keep<Incoming>,
    to: SyncSender<Vec<OfSnapshot>>,
) -> Result<u64, ReadFailed> {
    let mut rows = Vec::with_capacity(ROWS_AT_ONCE);
    let send = |rows: &mut Vec<OfSnapshot>| {
        let full = std::mem::replace(rows, Vec::with_capacity(ROWS_AT_ONCE));
        to.send(full).map_err(|_| ReadFailed::Stopped)
    };
    let loaded = snapshots.load(manifest, |arrived| {
        let place = arrived.arrival.ordinal;
        let change: Change = arrived.change;
        rows.push((
            arrived.arrival.at,
            Sequenced {
                change: incoming(change),
                file: u32::try_from(place.epoch).unwrap_or(u32::MAX),
                row: place.row,
            },
            arrived.arrival.replaced.map(|place| RowPlace {
                epoch: place.epoch,
                row: place.row,
            }),
        ));
        match rows.len() == ROWS_AT_ONCE {
            true => send(&mut rows),
            false => Ok(()),
        }
    })?;
    send(&mut rows)?;
    Ok(loaded.erased.values().sum())
}

/// The epoch of a snapshot, without what arrived in it.
fn of_snapshot(manifest: &Manifest) -> Epoch {
    Epoch {
        number: manifest.epoch,
        at: manifest.at,
        clock: manifest.clock,
        rows_before: manifest.rows,
        detector: manifest.detector.clone(),
        deliveries: None,
    }
}

/// The epoch of a frame.
pub(super) fn decode(frame: &Frame) -> Result<Epoch, ServiceError> {
    let of = (frame.number, Instant::from_nanos(frame.at));
    Ok(Epoch::decode(of, &frame.plain, frame.secret.as_deref())?)
}
