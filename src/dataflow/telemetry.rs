//! What is told of a running dataflow.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::arrangement_sizes::ArrangementSize;

/// What a worker holds, and has done since it was told of last.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WorkerUse {
    /// Which worker.
    pub worker: usize,
    /// What each arrangement holds on it.
    pub arrangements: Vec<ArrangementSize>,
    /// How long it was busy in each named operator.
    pub busy: Vec<(String, Duration)>,
}

/// Is told of each worker now and then, on the worker's thread: it must not wait.
#[derive(Clone)]
pub struct Telemetry(Arc<dyn Fn(WorkerUse) + Send + Sync>);

impl Telemetry {
    /// Tells `listener`.
    pub fn new(listener: impl Fn(WorkerUse) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listener))
    }

    pub(super) fn tell(&self, of: WorkerUse) {
        (self.0)(of);
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telemetry")
    }
}
