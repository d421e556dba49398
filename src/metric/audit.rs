//! The access log: entries, checkpoints, verifications.

use prometheus::IntCounter;

use super::bounds::BoundsError;
use super::family::{Spec, Unit};
use super::handle::{By, Once, unix_seconds};
use super::label::label;
use super::registrar::Registrar;
use crate::record::Instant;

const ENTRIES: Spec = Spec::new(
    "fundwatch_audit_entries_total",
    Unit::Count,
    "Entries of the access log that are durable, by what was done.",
);
const CHECKPOINT: Spec = Spec::new(
    "fundwatch_audit_checkpoint_timestamp_seconds",
    Unit::UnixSeconds,
    "When the access log was signed last.",
);
const FAILURES: Spec = Spec::new(
    "fundwatch_audit_verification_failures_total",
    Unit::Count,
    "Verifications of the access log, at the start and daily, that found it changed or incomplete.",
);

label! {
    /// What an entry of the access log is about.
    AuditClass as "class" {
        /// The state of an alert or of a row was changed.
        Decision = "decision",
        /// Something was looked at, masked.
        Read = "read",
        /// Something of a person was looked at, unmasked.
        Reveal = "reveal",
        /// Something was taken away.
        Export = "export",
        /// Users, sources or the log itself.
        Config = "config",
        /// Somebody came, went, or was not let in.
        Login = "login",
    }
}

/// How the access log does.
pub struct AuditMetrics {
    entries: By<AuditClass, IntCounter>,
    checkpoint: Once,
    failures: IntCounter,
}

impl AuditMetrics {
    pub(super) fn new(to: &mut Registrar) -> Result<Self, BoundsError> {
        to.subject("Access log");
        Ok(Self {
            entries: to.counter_by(ENTRIES)?,
            checkpoint: to.once(CHECKPOINT)?,
            failures: to.counter(FAILURES)?,
        })
    }

    /// An entry is durable.
    pub fn kept(&self, class: AuditClass) {
        self.entries.of(class).inc();
    }

    /// The log was signed, or was found signed at the start.
    pub fn set_checkpoint(&self, at: Instant) {
        self.checkpoint.set(unix_seconds(at));
    }

    /// A verification found something.
    pub fn verification_failed(&self) {
        self.failures.inc();
    }
}
