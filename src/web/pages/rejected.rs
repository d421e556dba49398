//! What the pages of rejected rows stand on.
//!
//! Every method may block. Must hold: nothing that crosses here to the pages identifies a person of the registers; that
//! rows are read, repaired or dismissed, or a source let go on, is in the access log, durably, before it is told or done.

use std::fmt;

use crate::record::{ErrorCode, Presence, Stream};
use crate::review::Viewer;
use crate::store::RejectState;

/// Which rejected rows are asked for. What is none is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RejectsAsked {
    /// From this source.
    pub source: Option<String>,
    /// Of this stream.
    pub stream: Option<Stream>,
    /// With this code.
    pub code: Option<ErrorCode>,
    /// In this state.
    pub state: Option<RejectState>,
    /// After the row with this id.
    pub after: Option<u64>,
    /// How many, at most.
    pub limit: u32,
}

/// A row that was not accepted: where it came from and why, not what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectTold {
    /// Its id.
    pub id: u64,
    /// The source.
    pub source: String,
    /// The stream.
    pub stream: Stream,
    /// The file, where the source has files.
    pub file: Option<String>,
    /// The record in the file or the request, from 1.
    pub row: u64,
    /// What is wrong; none where a later version knew it.
    pub code: Option<ErrorCode>,
    /// The column in which it is, where it is in one.
    pub column: Option<&'static str>,
    /// When it was received, in milliseconds since 1970.
    pub received_at: i64,
    /// What became of it.
    pub state: RejectState,
}

/// A page of rejected rows, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RejectsPage {
    /// The rows.
    pub rejects: Vec<RejectTold>,
    /// The id after which the next page begins, if there is one.
    pub next: Option<u64>,
}

/// A field of a rejected row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowField {
    /// The column.
    pub name: &'static str,
    /// Whether it has to have a value.
    pub presence: Presence,
    /// The words that it may have, of a column that has a list of them.
    pub words: Vec<String>,
    /// What it says, where that may be told.
    pub text: Option<String>,
    /// Whether it says something that is not told: it may identify a person, or say how they are.
    pub is_masked: bool,
}

/// A rejected row with its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectOpened {
    /// Where it came from, and why it was rejected.
    pub told: RejectTold,
    /// Its fields, every column of the stream.
    pub fields: Vec<RowField>,
    /// Whether its fields could be read: not of a row that is no object of columns, or whose text was erased.
    pub is_read: bool,
}

/// What a field of a repaired row comes to say.
#[derive(Clone, PartialEq, Eq)]
pub enum Given {
    /// What it said.
    Kept,
    /// This.
    Text(String),
    /// Nothing.
    Nothing,
}

/// It may name a person: it is not shown.
impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kept => "Kept",
            Self::Text(_) => "Text(***)",
            Self::Nothing => "Nothing",
        })
    }
}

/// How many rejected rows of a source and stream wait for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectTotal {
    /// The source.
    pub source: String,
    /// The stream.
    pub stream: Stream,
    /// How many are open.
    pub open: u64,
}

/// Why something about a rejected row, or a source, is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectFault {
    /// There is no such row, or source.
    NotFound,
    /// They may not.
    NotTheirs,
    /// It was repaired, dismissed or let go on since.
    Settled,
    /// The repaired row would be rejected too, and why.
    StillWrong(Option<ErrorCode>),
    /// As much waits as may wait.
    Full,
    /// Not now.
    Unavailable,
}

/// Rejected rows, and sources that are paused for them.
pub trait Rejects: Send + Sync + 'static {
    /// A page of rejected rows.
    ///
    /// # Errors
    /// When the store cannot be read, or the access log not be written.
    fn list(&self, who: &Viewer, asked: &RejectsAsked) -> Result<RejectsPage, RejectFault>;

    /// How many rows wait for somebody, by source and stream. It tells of no row.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn totals(&self) -> Result<Vec<RejectTotal>, RejectFault>;

    /// A rejected row with its fields, masked.
    ///
    /// # Errors
    /// When there is none, it cannot be read, or the access log not be written.
    fn open(&self, who: &Viewer, id: u64) -> Result<RejectOpened, RejectFault>;

    /// Sends a row in the place of a rejected one: every column that is not given is kept.
    ///
    /// # Errors
    /// Why nothing is sent.
    fn repair(
        &self,
        who: &Viewer,
        id: u64,
        given: &[(&'static str, Given)],
    ) -> Result<(), RejectFault>;

    /// Says that a rejected row will not be repaired. `reason` is one word of lower-case letters, digits and `_`.
    ///
    /// # Errors
    /// Why it is not dismissed.
    fn dismiss(&self, who: &Viewer, id: u64, reason: &'static str) -> Result<(), RejectFault>;

    /// Lets a paused source go on.
    ///
    /// # Errors
    /// Why it does not.
    fn resume(&self, who: &Viewer, source: &str) -> Result<(), RejectFault>;
}
