//! The digest of a file.

use std::io;

use sha2::{Digest, Sha256};

use super::error::SnapshotError;
use super::part_writer::storage_error;
use crate::journal::Storage;

/// Bytes that are read at once.
const PIECE: usize = 1 << 18;

/// SHA-256 of a file that is so many bytes long.
pub(super) fn digest(
    storage: &dyn Storage,
    name: &str,
    bytes: u64,
) -> Result<[u8; 32], SnapshotError> {
    check_length(storage, name, bytes)?;
    let mut sha256 = Sha256::new();
    let (mut piece, mut offset) = (vec![0; PIECE], 0);
    loop {
        let read = storage.read_at(name, offset, &mut piece);
        let read = read.map_err(|error| unreadable(storage, name, error))?;
        sha256.update(&piece[..read]);
        offset += read as u64;
        if read < PIECE {
            return Ok(sha256.finalize().into());
        }
    }
}

/// That a file is there, and as long as it was.
pub(super) fn check_length(
    storage: &dyn Storage,
    name: &str,
    bytes: u64,
) -> Result<(), SnapshotError> {
    let length = storage.length(name);
    match length.map_err(|error| unreadable(storage, name, error))? {
        length if length == bytes => Ok(()),
        _ => Err(SnapshotError::Damaged {
            place: storage.place(name),
            what: "it is not as long as it was written",
        }),
    }
}

/// The error of a part that the disk does not give.
pub(super) fn unreadable(storage: &dyn Storage, name: &str, error: io::Error) -> SnapshotError {
    match error.kind() {
        io::ErrorKind::NotFound => SnapshotError::Missing {
            place: storage.place(name),
        },
        _ => storage_error(storage, "be read", name, error),
    }
}
