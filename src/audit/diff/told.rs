//! What the history of a run tells of an alert.

use serde::{Deserialize, Serialize};

use crate::alert::AlertId;
use crate::record::Instant;

/// What happened to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Raised,
    Changed,
    Withdrawn,
    Archived,
}

/// A line of history, as far as it is compared. In order: by alert, then by line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Event {
    pub alert_id: AlertId,
    /// The line.
    pub line: u64,
    pub kind: Kind,
    /// The last knowledge time of the epoch.
    pub at: Instant,
    /// The inputs that changed: stream and key.
    pub cause: Vec<(String, String)>,
}

/// What the history of a run tells of an alert.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// What happened last.
    pub last: Option<Event>,
    /// What raised it last.
    pub raised: Option<Event>,
    /// The end of the history: of its last line.
    pub until: Option<Instant>,
}

impl Event {
    /// Whether both histories tell the same.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.kind, self.at, &self.cause) == (other.kind, other.at, &other.cause)
    }
}
