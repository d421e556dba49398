//! The access log: who saw what, and when.
//!
//! In: entries. Out: a line of JSON each, in a file that its owner alone can read. Must hold: an entry is durable
//! before what it is about leaves the service; nothing in it is of a person of the registers.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::service::Clock;
use crate::web::{AccessEntry, AccessError, Ledger, Stage};

/// The file, in the data directory.
pub(super) const FILE: &str = "access-log.ndjson";

/// The log.
pub(super) struct AccessLog {
    file: Mutex<File>,
    clock: Clock,
}

#[derive(Serialize)]
struct Line<'a> {
    at: String,
    principal: &'a str,
    role: &'static str,
    action: &'static str,
    stage: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    objects: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    complete: Option<bool>,
}

impl AccessLog {
    /// Opens the log of a data directory, or makes it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn open(data: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(data.join(FILE))?;
        // A line that a crash cut is ended, so that the next one stands alone.
        if file.metadata()?.len() > 0 {
            file.write_all(b"\n")?;
        }
        file.sync_all()?;
        File::open(data)?.sync_all()?;
        Ok(Self {
            file: Mutex::new(file),
            clock: Clock::system(),
        })
    }

    fn write(&self, line: &Line<'_>) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&text)?;
        file.sync_data()
    }
}

impl Ledger for AccessLog {
    fn record(&self, entry: &AccessEntry<'_>) -> Result<(), AccessError> {
        let (stage, objects, complete) = match entry.stage {
            Stage::Begun => ("begun", None, None),
            Stage::Ended { objects, complete } => ("ended", Some(objects), Some(complete)),
        };
        let line = Line {
            at: self.clock.now().to_string(),
            principal: entry.principal,
            role: entry.role,
            action: entry.action.name(),
            stage,
            objects,
            complete,
        };
        self.write(&line).map_err(|error| {
            tracing::error!(%error, "the access log cannot be written; what it would tell of is not told");
            AccessError
        })
    }
}
