//! A part: one immutable file of rows of one stream that arrived in one month.

use std::fmt;

use crate::hex::hex;
use crate::journal::{DerivedKey, JournalId, KeyMark, Keys, Month};
use crate::record::{Instant, Stream};

use super::error::SnapshotError;

/// How the name of a part ends.
pub(super) const SUFFIX: &str = ".parquet";

/// Where a row stands in its journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ordinal {
    /// The epoch.
    pub epoch: u64,
    /// Which of the epoch's rows, in the caller's count.
    pub row: u64,
}

/// Where and when a row arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Where in the journal.
    pub ordinal: Ordinal,
    /// When its epoch was closed.
    pub at: Instant,
    /// The one row whose place it takes, where it undoes that one.
    pub replaced: Option<Ordinal>,
}

impl Arrival {
    /// The month whose key seals the row.
    pub fn month(self) -> Month {
        Month::of(self.at.nanos())
    }
}

/// A file of rows.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name in the directory of snapshots; no two parts ever have the same.
    pub name: String,
    /// The stream of its rows.
    pub stream: Stream,
    /// The month in which they arrived, whose key seals them.
    pub month: Month,
    /// Which key of the month.
    pub(super) mark: KeyMark,
    /// Bytes of the file.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
    /// The first row.
    pub first: Ordinal,
    /// The last row.
    pub last: Ordinal,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} rows)", self.name, self.rows)
    }
}

/// A name that no other part has: the random digits make it one, and so its key too.
pub(super) fn new_name(stream: Stream, month: Month) -> Result<String, SnapshotError> {
    let mut digits = [0; 12];
    getrandom::fill(&mut digits).map_err(|error| SnapshotError::Random { error })?;
    let stream = stream.name().replace('_', "-");
    Ok(format!("{stream}-{month}-{}{SUFFIX}", hex(&digits)))
}

/// Whether a text can be the name of a part: it is one of this directory, and of no other.
pub(super) fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    text.ends_with(SUFFIX) && text.bytes().all(is_plain)
}

/// What the key of a part is for. It binds the file to what it is: a file in the place of another does not open.
fn purpose(journal: JournalId, stream: Stream, name: &str) -> Vec<u8> {
    let mut purpose = b"fundwatch snapshot part 1\0".to_vec();
    purpose.extend_from_slice(&journal.0);
    purpose.extend_from_slice(stream.name().as_bytes());
    purpose.push(0);
    purpose.extend_from_slice(name.as_bytes());
    purpose
}

/// The key to write a part with.
pub(super) fn key_to_write(
    keys: &Keys,
    journal: JournalId,
    (stream, month): (Stream, Month),
    name: &str,
) -> Result<(KeyMark, DerivedKey), SnapshotError> {
    Ok(keys.derive_to_seal(month, &purpose(journal, stream, name))?)
}

/// The key that opens a part; nothing when the month's key is destroyed.
pub(super) fn key_to_read(
    keys: &Keys,
    journal: JournalId,
    part: &Part,
) -> Result<Option<DerivedKey>, SnapshotError> {
    let purpose = purpose(journal, part.stream, &part.name);
    Ok(keys.derive_to_open((part.month, part.mark), &purpose)?)
}
