//! What the histories of two runs say of the alerts that differ.
//!
//! In: `history.ndjson` and ids. Out: of each, the last event. Must hold: nothing is kept of other alerts.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::line::LineError;

/// The last event of an alert.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LastEvent {
    /// Its id.
    pub alert_id: String,
    /// The last knowledge time in the epoch.
    pub at: String,
    /// What happened.
    pub kind: String,
    /// The inputs that changed.
    pub cause: Vec<ChangedInput>,
}

/// An input that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedInput {
    /// The stream; `as_of` is the as-of date, `rules` are the settings, `model` is the outlier model.
    pub stream: String,
    /// The key.
    pub key: String,
}

/// The last events of alerts, by id.
pub type LastEvents = HashMap<u128, LastEvent>;

/// An alert's id as a number.
pub fn number(id: &str) -> Option<u128> {
    u128::from_str_radix(id, 16).ok()
}

/// Reads the last events of some alerts.
///
/// # Errors
/// When the history cannot be read.
pub fn last_events(path: &Path, wanted: &HashSet<u128>) -> Result<LastEvents, LineError> {
    let mut events = LastEvents::new();
    if wanted.is_empty() {
        return Ok(events);
    }
    let unreadable = |error| LineError::Io {
        path: path.to_owned(),
        error,
    };
    let file = File::open(path).map_err(unreadable)?;
    for (line, number_of_line) in BufReader::with_capacity(1 << 18, file).lines().zip(1..) {
        let line = line.map_err(unreadable)?;
        let event: LastEvent = serde_json::from_str(&line).map_err(|error| LineError::NoAlert {
            path: path.to_owned(),
            line: number_of_line,
            error,
        })?;
        if let Some(id) = number(&event.alert_id)
            && wanted.contains(&id)
        {
            events.insert(id, event);
        }
    }
    Ok(events)
}
