//! That another process is lost: told once, and seen by whoever would wait for it.

use std::sync::{Arc, OnceLock};

/// A process that is lost.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "process {process} at {address} was lost: {told}; all processes of a run stop together: start them again"
)]
pub struct Lost {
    /// Which.
    pub process: usize,
    /// Where it listened.
    pub address: String,
    /// How it was noticed.
    pub told: String,
}

/// Whether a process is lost; the first is kept.
#[derive(Clone, Debug, Default)]
pub struct Loss(Arc<OnceLock<Lost>>);

impl Loss {
    pub(super) fn tell(&self, lost: Lost) {
        // A later one is a consequence of the first.
        let _ = self.0.set(lost);
    }

    /// The process that is lost.
    pub fn get(&self) -> Option<&Lost> {
        self.0.get()
    }
}
