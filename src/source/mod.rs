//! Bytes to changes: one file per format, each row either a [`Change`] or a [`Reject`].
//!
//! In: the files of a replay directory. Out: entries in `recorded_at` order, with the place of each
//! row. Must hold: no file is ever held whole in memory; a bad row harms only itself and is kept
//! with its coordinates; nothing a file contains makes a reader panic.

mod batch;
mod by_place;
mod external_sort;
mod file_rows;
mod merge;
mod order;
mod plan;

use std::path::PathBuf;

use crate::record::{Change, ErrorCode, Instant, RowError, Stream};

pub use external_sort::{ExternalSort, SortLimits, Sorted, SpillError};
pub use merge::{Merge, MergeLimits, Sequenced};
pub use order::{FileOrder, Open, survey};

/// A row that was not accepted, with what is needed to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The stream that the row was read for.
    pub stream: Stream,
    /// Knowledge time, where it could be read: it decides whether an as-of replay keeps the reject.
    pub recorded_at: Option<Instant>,
    /// The stable code and what was expected.
    pub error: RowError,
    /// The text of the row, cut at [`RAW_LIMIT`] bytes. It may hold personal data: it goes to
    /// `rejects.ndjson` and nowhere else.
    pub raw: String,
}

/// One row of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// 1-based record in its file (a CSV header is not counted; in XML, the HOSO).
    pub row: u64,
    /// What became of it.
    pub outcome: Result<Change, Reject>,
}

/// Reads the rows of one file in file order.
pub trait RowReader: Send {
    /// The next row, or `None` at the end.
    ///
    /// # Errors
    /// Only when the file itself cannot be read on (I/O, a damaged archive): a bad row is an entry.
    fn next_entry(&mut self) -> Result<Option<Entry>, SourceError>;

    /// Advances by one row and reads only its knowledge time, `None` inside where it cannot be
    /// read. `None` at the end.
    ///
    /// # Errors
    /// As [`RowReader::next_entry`].
    fn next_recorded_at(&mut self) -> Result<Option<Option<Instant>>, SourceError>;

    /// Columns met so far that the stream does not have.
    fn unknown_columns(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The most bytes of a row that a reader takes in; a longer one is rejected as `row_too_large`.
pub const ROW_LIMIT: usize = 4 << 20;

/// The most bytes of a rejected row that are kept.
pub const RAW_LIMIT: usize = 64 << 10;

/// A file that could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The operating system refused.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        error: std::io::Error,
    },
    /// The file is not what its name says.
    #[error("{}: {message}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what to do.
        message: String,
    },
}

impl Reject {
    /// A reject of a row whose knowledge time is not known.
    pub fn new(stream: Stream, error: RowError, raw: &str) -> Self {
        Self {
            stream,
            recorded_at: None,
            error,
            raw: cut(raw).to_owned(),
        }
    }

    /// Shorthand for an error about the row as a whole.
    pub fn because(stream: Stream, code: ErrorCode, message: &str, raw: &str) -> Self {
        Self::new(stream, RowError::new(code, message), raw)
    }
}

/// The text up to [`RAW_LIMIT`] bytes, cut between characters.
fn cut(raw: &str) -> &str {
    &raw[..raw.floor_char_boundary(RAW_LIMIT)]
}
