//! The access log: entries, checkpoints, verifications.

use prometheus::IntCounter;

use super::bounds::BoundsError;
use super::family::{Spec, Unit};
use super::handle::{By, By2, Once, unix_seconds};
use super::label::{Label, label};
use super::registrar::Registrar;
use crate::record::Instant;
use crate::review::Purpose;

const ENTRIES: Spec = Spec::new(
    "fundwatch_audit_entries_total",
    Unit::Count,
    "Entries of the access log that are durable, by what was done.",
);
const REVEALS: Spec = Spec::new(
    "fundwatch_pii_reveals_total",
    Unit::Count,
    "Rows with fields of a person that were shown unmasked, by the role of who saw them and by purpose.",
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

label! {
    /// The role of who had something shown unmasked. Few, since there are as many series for every purpose.
    RevealRole as "role" {
        /// Reviews alerts.
        Reviewer = "reviewer",
        /// Approves what reviewers propose.
        Supervisor = "supervisor",
        /// Any other: none other may, so that one is a defect.
        Other = "other",
    }
}

impl RevealRole {
    /// The role of a name.
    pub fn from_name(name: &str) -> Self {
        let role = Self::ALL.iter().find(|role| role.text() == name);
        role.copied().unwrap_or(Self::Other)
    }
}

/// How the access log does.
pub struct AuditMetrics {
    entries: By<AuditClass, IntCounter>,
    reveals: By2<RevealRole, Purpose, IntCounter>,
    checkpoint: Once,
    failures: IntCounter,
}

impl AuditMetrics {
    pub(super) fn new(to: &mut Registrar) -> Result<Self, BoundsError> {
        to.subject("Access log");
        Ok(Self {
            entries: to.counter_by(ENTRIES)?,
            reveals: to.counter_by2(REVEALS)?,
            checkpoint: to.once(CHECKPOINT)?,
            failures: to.counter(FAILURES)?,
        })
    }

    /// An entry is durable.
    pub fn kept(&self, class: AuditClass) {
        self.entries.of(class).inc();
    }

    /// It is durable that a row is shown unmasked.
    pub fn revealed(&self, role: RevealRole, purpose: Purpose) {
        self.reveals.of(role, purpose).inc();
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
