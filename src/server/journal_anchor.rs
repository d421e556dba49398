//! The journal's chain, noted in the access log.
//!
//! In: how far the journal is durable. Out: an entry `seal_journal` with the last epoch and the chain up to it. Must
//! hold: an entry is of what was durable when it was written. The access log is a hash tree whose root is signed
//! hourly, so that who has one of its checkpoints finds any change of the journal before it, and any cut.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as Elapsed};

use crate::access_log::AccessLog;
use crate::service::Status;
use crate::web::{AccessAction, AccessEntry, Ledger, Stage};

/// How long epochs stay without an entry.
const EVERY: Duration = Duration::from_secs(3600);

/// Notes the journal's chain.
pub(super) struct JournalAnchor {
    log: Arc<AccessLog>,
    status: Arc<Status>,
    noted: Mutex<Noted>,
}

#[derive(Default)]
struct Noted {
    epoch: u64,
    at: Option<Elapsed>,
}

impl JournalAnchor {
    pub(super) fn new(log: Arc<AccessLog>, status: Arc<Status>) -> Self {
        Self {
            log,
            status,
            noted: Mutex::default(),
        }
    }

    /// Notes how far the journal is, where that was not noted for an hour: at the start as well.
    pub(super) fn note_hourly(&self) {
        let is_due = {
            let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
            noted.at.is_none_or(|at| at.elapsed() >= EVERY)
        };
        if is_due {
            self.note();
        }
    }

    /// Notes how far the journal is, where it is further than what was noted.
    pub(super) fn note(&self) {
        let Some((epoch, chain)) = self.status.sealed_chain() else {
            return;
        };
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if epoch > noted.epoch {
            let action = AccessAction::SealJournal;
            let entry = AccessEntry::new("fundwatch", "service", action, Stage::done(1));
            if self.log.record(&entry.epoch(epoch).digest(chain)).is_err() {
                tracing::error!("the journal's chain is not in the access log; it is tried again");
                return;
            }
            noted.epoch = epoch;
        }
        noted.at = Some(Elapsed::now());
    }
}
