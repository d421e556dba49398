//! A row that was refused: where it came from, why, and what became of it. Its text stays in the
//! journal, where it is found by epoch and ordinal.

use std::fmt;

use super::alert::Word;

/// What became of a refused row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RejectState {
    /// Nothing yet.
    Open,
    /// A later row took its place.
    Repaired,
    /// A person decided that it is not needed.
    Dismissed,
}

impl RejectState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Repaired, Self::Dismissed];

    /// The word in the store and in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Repaired => "repaired",
            Self::Dismissed => "dismissed",
        }
    }

    /// The state with this word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A row that an epoch refused.
#[derive(Clone, PartialEq, Eq)]
pub struct RejectRow {
    /// Which of the epoch's refused rows, from 0.
    pub ordinal: u32,
    /// The source, as the settings call it.
    pub source: String,
    /// The stream.
    pub stream: Word,
    /// The file, where the source has files.
    pub file: Option<String>,
    /// The record in the file or the request, from 1.
    pub row: u64,
    /// The stable code of what is wrong.
    pub code: Word,
    /// What is wrong, in words that quote nothing of the row.
    pub message: String,
    /// When it was received: milliseconds since 1970-01-01T00:00Z.
    pub received_at: i64,
}

/// Tells which row, not what is in it.
impl fmt::Debug for RejectRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RejectRow")
            .field("ordinal", &self.ordinal)
            .field("stream", &self.stream)
            .field("row", &self.row)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

/// What an epoch settles of a refused row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledReject {
    /// The epoch that refused it.
    pub epoch: u64,
    /// Which of that epoch's.
    pub ordinal: u32,
    /// Whether it was repaired by a row of the epoch that settles it; else it is dismissed.
    pub is_repaired: bool,
}

impl SettledReject {
    /// The state it leaves the row in.
    pub fn state(&self) -> RejectState {
        match self.is_repaired {
            true => RejectState::Repaired,
            false => RejectState::Dismissed,
        }
    }
}

/// A refused row as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReject {
    /// The epoch that refused it.
    pub epoch: u64,
    /// The row.
    pub reject: RejectRow,
    /// What became of it.
    pub state: RejectState,
    /// The epoch whose row took its place.
    pub repaired_by_epoch: Option<u64>,
}

/// Which refused rows are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RejectFilter {
    /// In this state.
    pub state: Option<RejectState>,
    /// From this source.
    pub source: Option<String>,
    /// Of this stream.
    pub stream: Option<&'static str>,
    /// With this code.
    pub code: Option<String>,
    /// Those after this epoch and ordinal.
    pub after: Option<(u64, u32)>,
}

/// How many rows of a source are refused for a code and still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectCount {
    /// The source.
    pub source: String,
    /// The stream.
    pub stream: Word,
    /// The code.
    pub code: Word,
    /// How many.
    pub open: u64,
    /// When the oldest was received: milliseconds since 1970-01-01T00:00Z.
    pub oldest_received_at: i64,
}

/// A text that every store keeps: PostgreSQL has no NUL in texts, and a bad row must not hold up its epoch.
pub(super) fn storable(text: &str) -> std::borrow::Cow<'_, str> {
    match text.contains('\0') {
        true => text.replace('\0', "\u{fffd}").into(),
        false => text.into(),
    }
}
