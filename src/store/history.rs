//! One line of an alert's history, which is never changed.

use std::fmt;

use super::alert::Word;

/// What happened to an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HistoryKind {
    /// It began to hold.
    Raised,
    /// It holds still, otherwise.
    Changed,
    /// It holds no more.
    Withdrawn,
    /// What it rests on is retired: it stands as it was.
    Archived,
}

impl HistoryKind {
    /// The word in the store and in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Changed => "changed",
            Self::Withdrawn => "withdrawn",
            Self::Archived => "archived",
        }
    }
}

/// A raise, change or withdrawal, or that it is archived.
#[derive(Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// The alert.
    pub alert_id: String,
    /// What happened.
    pub kind: HistoryKind,
    /// When, as the line says it.
    pub at: String,
    /// Why the alert holds or held.
    pub reason: Word,
    /// The line of `history.ndjson`, without its end.
    pub line: String,
}

/// Tells what happened, not to whom.
impl fmt::Debug for HistoryRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HistoryRow")
            .field("alert_id", &self.alert_id)
            .field("kind", &self.kind)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}
