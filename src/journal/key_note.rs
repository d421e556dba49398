//! What is noted of a month's key: that it is to be destroyed, or that it was.
//!
//! In: a note. Out: 36 bytes, and back. Must hold: bytes that are damaged, of another month or of another kind are
//! no note.

use super::month::Month;

/// Bytes of a note.
pub(super) const NOTE_BYTES: usize = 36;
const VERSION: u32 = 1;
/// Whichever key the month had.
pub(super) const ANY: [u8; 8] = [0; 8];

/// What is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noted {
    /// The key is to be destroyed.
    Requested,
    /// It was destroyed, or written off.
    Destroyed,
}

impl Noted {
    fn magic(self) -> &'static [u8; 8] {
        match self {
            Self::Requested => b"fwkeyend",
            Self::Destroyed => b"fwkeygon",
        }
    }
}

/// A note of a month's key.
pub(super) struct KeyNote {
    /// Of which key, to tell it from another of the same month; or [`ANY`].
    pub(super) mark: [u8; 8],
    /// When it was written, in nanoseconds since 1970.
    pub(super) at: i64,
}

impl KeyNote {
    pub(super) fn encode(&self, (month, noted): (Month, Noted)) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(NOTE_BYTES);
        bytes.extend_from_slice(noted.magic());
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&month.number().to_le_bytes());
        bytes.extend_from_slice(&self.mark);
        bytes.extend_from_slice(&self.at.to_le_bytes());
        let checksum = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// The version of a note that is of a later one.
    pub(super) fn later(bytes: &[u8], noted: Noted) -> Option<u8> {
        let found = u32::from_le_bytes(*bytes.strip_prefix(noted.magic())?.first_chunk()?);
        (found > VERSION).then(|| u8::try_from(found).unwrap_or(u8::MAX))
    }

    pub(super) fn decode(bytes: &[u8], of: (Month, Noted)) -> Option<Self> {
        let note = Self {
            mark: *bytes.get(16..)?.first_chunk()?,
            at: i64::from_le_bytes(*bytes.get(24..)?.first_chunk()?),
        };
        (note.encode(of) == bytes).then_some(note)
    }
}
