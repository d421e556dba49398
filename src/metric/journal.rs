//! How the durable parts do: the journal, the alert store, snapshots, recovery.
//!
//! In: times, sizes, epochs and failures. Out: the same. Must hold: a failure is counted where it is met,
//! also when it is tried again and succeeds.

use std::time::Duration;

use prometheus::{Gauge, Histogram, IntCounter};

use super::bounds::BoundsError;
use super::family::{Spec, Unit};
use super::handle::{By, Once, unix_seconds};
use super::label::label;
use super::registrar::Registrar;
use crate::record::Instant;

const APPEND: Spec = Spec::new(
    "fundwatch_journal_append_seconds",
    Unit::Seconds,
    "Time to write an epoch to the journal, without making it durable.",
);
const SYNC: Spec = Spec::new(
    "fundwatch_journal_sync_seconds",
    Unit::Seconds,
    "Time to make an epoch of the journal durable.",
);
const BYTES: Spec = Spec::new(
    "fundwatch_journal_bytes_total",
    Unit::Bytes,
    "Bytes written to the journal.",
);
const SEALED: Spec = Spec::new(
    "fundwatch_journal_sealed_epoch",
    Unit::Epoch,
    "Last epoch that is durable in the journal.",
);
const FAILURES: Spec = Spec::new(
    "fundwatch_journal_failures_total",
    Unit::Count,
    "Operations of the journal that failed, by operation.",
);
const COMMIT: Spec = Spec::new(
    "fundwatch_store_commit_seconds",
    Unit::Seconds,
    "Time to store the alert changes of an epoch.",
);
const COMMITTED: Spec = Spec::new(
    "fundwatch_store_committed_epoch",
    Unit::Epoch,
    "Last epoch whose alert changes are stored.",
);
const COMMIT_FAILURES: Spec = Spec::new(
    "fundwatch_store_commit_failures_total",
    Unit::Count,
    "Commits to the alert store that failed.",
);
const SNAPSHOT_LAST: Spec = Spec::new(
    "fundwatch_snapshot_last_success_timestamp_seconds",
    Unit::UnixSeconds,
    "Unix time at which the last snapshot was complete; absent when there is none.",
);
const SNAPSHOT_FAILURES: Spec = Spec::new(
    "fundwatch_snapshot_failures_total",
    Unit::Count,
    "Snapshots that failed.",
);
const SNAPSHOT_EPOCH: Spec = Spec::new(
    "fundwatch_snapshot_epoch",
    Unit::Epoch,
    "Last epoch that the newest snapshot holds; 0 when there is none.",
);
const RECOVERY_DONE: Spec = Spec::new(
    "fundwatch_recovery_rows_done",
    Unit::Count,
    "Rows of the snapshot and the journal that the recovery since the last start has fed to the dataflow.",
);
const RECOVERY_EXPECTED: Spec = Spec::new(
    "fundwatch_recovery_rows_expected",
    Unit::Count,
    "Rows that the recovery since the last start has to feed to the dataflow; it is over when as many are done.",
);

const MONTHS_TO_ERASE: Spec = Spec::new(
    "fundwatch_journal_months_to_erase",
    Unit::Count,
    "Months of the journal whose key is to be destroyed, as was asked, and is not yet.",
);
const CARRIED_FORWARD: Spec = Spec::new(
    "fundwatch_journal_rows_carried_forward_total",
    Unit::Count,
    "Rows in force that were sealed anew, before the key of their month was destroyed.",
);

/// From a fast disk's cache to a disk that has stopped.
const DISK_BUCKETS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0,
];

label! {
    /// What the journal was asked to do.
    JournalOperation as "operation" {
        /// To write.
        Append = "append",
        /// To make durable.
        Sync = "sync",
    }
}

/// How the durable parts do.
pub struct JournalMetrics {
    append: Histogram,
    sync: Histogram,
    bytes: IntCounter,
    sealed: Gauge,
    failures: By<JournalOperation, IntCounter>,
    commit: Histogram,
    committed: Gauge,
    commit_failures: IntCounter,
    snapshot_last: Once,
    snapshot_failures: IntCounter,
    snapshot_epoch: Gauge,
    recovery_done: Gauge,
    recovery_expected: Gauge,
    months_to_erase: Gauge,
    carried_forward: IntCounter,
}

impl JournalMetrics {
    pub(super) fn new(to: &mut Registrar) -> Result<Self, BoundsError> {
        to.subject("Journal, store, snapshots and recovery");
        Ok(Self {
            append: to.histogram(APPEND, DISK_BUCKETS)?,
            sync: to.histogram(SYNC, DISK_BUCKETS)?,
            bytes: to.counter(BYTES)?,
            sealed: to.gauge(SEALED)?,
            failures: to.counter_by(FAILURES)?,
            commit: to.histogram(COMMIT, DISK_BUCKETS)?,
            committed: to.gauge(COMMITTED)?,
            commit_failures: to.counter(COMMIT_FAILURES)?,
            snapshot_last: to.once(SNAPSHOT_LAST)?,
            snapshot_failures: to.counter(SNAPSHOT_FAILURES)?,
            snapshot_epoch: to.gauge(SNAPSHOT_EPOCH)?,
            recovery_done: to.gauge(RECOVERY_DONE)?,
            recovery_expected: to.gauge(RECOVERY_EXPECTED)?,
            months_to_erase: to.gauge(MONTHS_TO_ERASE)?,
            carried_forward: to.counter(CARRIED_FORWARD)?,
        })
    }

    /// So many months are to be erased.
    pub fn set_months_to_erase(&self, months: usize) {
        self.months_to_erase.set(months as f64);
    }

    /// Rows were sealed anew.
    pub fn carried_forward(&self, rows: u64) {
        self.carried_forward.inc_by(rows);
    }

    /// An epoch was written.
    pub fn appended(&self, bytes: u64, took: Duration) {
        self.bytes.inc_by(bytes);
        self.append.observe(took.as_secs_f64());
    }

    /// An epoch, and all before it, are durable.
    pub fn sealed(&self, epoch: u64, took: Duration) {
        self.sync.observe(took.as_secs_f64());
        self.set_sealed(epoch);
    }

    /// The last durable epoch, as the journal tells after a restart.
    pub fn set_sealed(&self, epoch: u64) {
        self.sealed.set(epoch as f64);
    }

    /// The journal could not do something.
    pub fn failed(&self, operation: JournalOperation) {
        self.failures.of(operation).inc();
    }

    /// The alert changes of an epoch, and all before it, are stored.
    pub fn committed(&self, epoch: u64, took: Duration) {
        self.commit.observe(took.as_secs_f64());
        self.set_committed(epoch);
    }

    /// The last stored epoch, as the store tells after a restart.
    pub fn set_committed(&self, epoch: u64) {
        self.committed.set(epoch as f64);
    }

    /// A commit to the store failed.
    pub fn commit_failed(&self) {
        self.commit_failures.inc();
    }

    /// A snapshot is complete, or was found at the start.
    pub fn set_snapshot(&self, epoch: u64, completed_at: Instant) {
        self.snapshot_epoch.set(epoch as f64);
        self.snapshot_last.set(unix_seconds(completed_at));
    }

    /// A snapshot failed.
    pub fn snapshot_failed(&self) {
        self.snapshot_failures.inc();
    }

    /// How far a recovery is, in rows. It is over when `done` is `expected`.
    pub fn set_recovery(&self, done: u64, expected: u64) {
        self.recovery_done.set(done as f64);
        self.recovery_expected.set(expected as f64);
    }
}
