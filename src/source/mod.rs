//! Bytes to changes: one file per format, each row either a [`Change`] or a [`Reject`].
//!
//! In: the files of a replay directory ([`discover`]). Out: the rows of each file in its own order
//! ([`open`]), with the place of each. Must hold: no file is ever held whole in memory; a bad row
//! harms only itself and is kept with its coordinates; nothing a file contains makes a reader panic.

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::record::{Change, ErrorCode, Facility, Instant, Row, RowError, Stream};

mod batch;
mod by_place;
mod compression;
mod csv;
mod debezium;
#[cfg(feature = "kafka")]
pub mod delivery;
mod discover;
mod external_sort;
mod file_rows;
mod json;
#[cfg(feature = "kafka")]
pub mod kafka;
mod line;
mod merge;
mod ndjson;
mod open;
mod order;
mod parquet;
mod plan;
mod unknown;
mod xml;

#[cfg(test)]
mod tests;

pub use discover::{Compression, Discovery, Format, InputFile, discover, stream_of_file};
pub use external_sort::{ExternalSort, SortLimits, Sorted, SpillError};
pub use merge::{Merge, MergeLimits, Sequenced};
pub use ndjson::LineReader;
pub use open::{Reading, open};
pub use order::{FileOrder, Open, survey};
pub use xml::open_xml;

/// A row that was not accepted, with what is needed to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The stream that the row was read for.
    pub stream: Stream,
    /// Knowledge time, where it could be read: it decides whether an as-of replay keeps the reject.
    pub recorded_at: Option<Instant>,
    /// The facility whose row it is, where it could be read.
    pub facility: Option<Facility>,
    /// The stable code and what was expected.
    pub error: RowError,
    /// The text of the row, cut at [`RAW_LIMIT`] bytes. It may hold personal data: it goes to
    /// `rejects.ndjson` and nowhere else.
    pub raw: String,
}

/// What is passed on of an accepted row: made on the thread that reads it.
pub trait Kept: Serialize + DeserializeOwned + Send + 'static {
    /// Knowledge time.
    fn recorded_at(&self) -> Instant;

    /// The stream that the row is of.
    fn stream(&self) -> Stream;
}

/// Makes what is passed on of an accepted row.
pub type Keep<T> = Arc<dyn Fn(Change) -> T + Send + Sync>;

impl Kept for Change {
    fn recorded_at(&self) -> Instant {
        self.recorded_at
    }

    fn stream(&self) -> Stream {
        self.key.stream()
    }
}

/// One row of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<T = Change> {
    /// 1-based record in its file (a CSV header is not counted; in XML, the HOSO).
    pub row: u64,
    /// What became of it.
    pub outcome: Result<T, Reject>,
}

impl Entry {
    /// Knowledge time, where it could be read.
    pub fn recorded_at(&self) -> Option<Instant> {
        match &self.outcome {
            Ok(change) => Some(change.recorded_at),
            Err(reject) => reject.recorded_at,
        }
    }
}

/// Reads the rows of one file in file order.
pub trait RowReader: Send {
    /// The next row, or `None` at the end.
    ///
    /// # Errors
    /// Only when the file itself cannot be read on (I/O, a damaged archive): a bad row is an entry.
    fn next_entry(&mut self) -> Result<Option<Entry>, SourceError>;

    /// Advances by one row and reads nothing of it but its knowledge time: `Some(None)` where that
    /// cannot be read, `None` at the end.
    ///
    /// For a first pass that finds out whether a file is in order. It counts the rows that
    /// [`RowReader::next_entry`] counts and answers as [`Entry::recorded_at`] does. By default it is
    /// no cheaper than reading the row.
    ///
    /// # Errors
    /// As [`RowReader::next_entry`].
    fn next_recorded_at(&mut self) -> Result<Option<Option<Instant>>, SourceError> {
        Ok(self.next_entry()?.map(|entry| entry.recorded_at()))
    }

    /// Columns that the stream does not have, of the rows read by [`RowReader::next_entry`] so far:
    /// each once, at most [`UNKNOWN_LIMIT`] of them. For one warning a file.
    fn unknown_columns(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The most bytes of a row that a reader takes in; a longer one is rejected as `row_too_large`.
pub const ROW_LIMIT: usize = 4 << 20;

/// The most bytes of a rejected row that are kept.
pub const RAW_LIMIT: usize = 64 << 10;

/// The most unknown columns of a file that are named.
pub const UNKNOWN_LIMIT: usize = 20;

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
    /// The input directory cannot be used.
    #[error("{}: {message}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What is wrong with it and what to do.
        message: String,
    },
}

/// Opens a file whose ending, `.gz` or `.zst`, says how it is compressed.
///
/// # Errors
/// When the file cannot be opened. Errors of reading it are told through [`SourceError::reading`].
pub(crate) fn open_by_ending(path: &Path) -> Result<Box<dyn BufRead + Send>, SourceError> {
    let compression = match path.extension().and_then(|ending| ending.to_str()) {
        Some("gz") => Compression::Gzip,
        Some("zst") => Compression::Zstd,
        _ => Compression::None,
    };
    compression::open(path, compression)
}

impl SourceError {
    /// The error of a failed read: a damaged archive where the decompressor said so.
    pub(crate) fn reading(path: &Path, error: std::io::Error) -> Self {
        let path = path.to_owned();
        match compression::damage(&error) {
            Some(message) => SourceError::Damaged { path, message },
            None => SourceError::Io { path, error },
        }
    }
}

impl Reject {
    /// A reject of a row whose knowledge time is not known.
    pub fn new(stream: Stream, error: RowError, raw: &str) -> Self {
        Self {
            stream,
            recorded_at: None,
            facility: None,
            error,
            raw: cut(raw).to_owned(),
        }
    }

    /// Shorthand for an error about the row as a whole.
    pub fn because(stream: Stream, code: ErrorCode, message: &str, raw: &str) -> Self {
        Self::new(stream, RowError::new(code, message), raw)
    }

    /// The same with the knowledge time, where it could be read.
    fn known_at(self, recorded_at: Option<Instant>) -> Self {
        Self {
            recorded_at,
            ..self
        }
    }

    /// A row beyond [`ROW_LIMIT`], of which `start` was kept.
    fn too_large(stream: Stream, start: &[u8]) -> Self {
        let message = format!("a row has at most {} MiB", ROW_LIMIT >> 20);
        Self::because(stream, ErrorCode::RowTooLarge, &message, &lossy(start))
    }

    /// A row that is not UTF-8.
    fn bad_utf8(stream: Stream, raw: &[u8]) -> Self {
        let message = "the text is not UTF-8; save the file as UTF-8";
        Self::because(stream, ErrorCode::BadUtf8, message, &lossy(raw))
    }
}

/// Reads a row as a change: its knowledge time first, so that a reject of the rest can be placed. Of a row
/// that arrives at some time, one that is absent or later is that time.
fn change(
    stream: Stream,
    row: &impl Row,
    arrival: Option<Instant>,
    raw: impl Fn() -> String,
) -> Result<Change, Reject> {
    let reject = |error, recorded_at| Reject {
        recorded_at,
        facility: stream.facility(row),
        ..Reject::new(stream, error, &raw())
    };
    let recorded_at = match arrival {
        Some(arrival) => stream.recorded_at_or(row, arrival),
        None => stream.recorded_at(row),
    };
    let recorded_at = match recorded_at {
        Ok(recorded_at) => recorded_at,
        Err(error) => return Err(reject(error, None)),
    };
    let change = stream.parse(row, recorded_at);
    change.map_err(|error| reject(error, Some(recorded_at)))
}

/// The text of bytes, as far as it is kept; it is cut first, so that the cut makes no character bad.
fn lossy(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    let is_inside = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let end = (RAW_LIMIT - 3..=RAW_LIMIT).rev().find(|at| !is_inside(*at));
    let end = end.unwrap_or(RAW_LIMIT).min(bytes.len());
    String::from_utf8_lossy(&bytes[..end])
}

/// The text up to [`RAW_LIMIT`] bytes, cut between characters.
fn cut(raw: &str) -> &str {
    &raw[..raw.floor_char_boundary(RAW_LIMIT)]
}
