//! Logs of earlier versions: files that are moved into the folder once, and named by an entry.
//!
//! Must hold: the name says the number of the entry that names it, so that after a crash between the move and the
//! entry, the next start writes the entry.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::chain::{ADDED, BEGUN};
use super::entry::without_braces;
use crate::hex::hex;
use crate::journal::Storage;

/// The log of earlier versions, in the data directory.
const OLD: &str = "access-log.ndjson";
const CHUNK: usize = 128 * 1024;

/// The name of an older log that the entry of a number names.
pub(super) fn name(n: u64) -> String {
    match n {
        1 => "before.ndjson".to_owned(),
        _ => format!("before-{n}.ndjson"),
    }
}

/// Whether a file is an older log.
pub(super) fn is_before(name: &str) -> bool {
    name.starts_with("before") && name.ends_with(".ndjson")
}

/// Moves the log of an earlier version from the data directory into a folder of it; whether there was one.
pub(super) fn take_over(data: &Path, folder: &Path, name: &str) -> io::Result<bool> {
    let old = data.join(OLD);
    match fs::rename(&old, folder.join(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        moved => moved?,
    }
    // First where it is now: it may be at both places after a crash, and not at none.
    File::open(folder)?.sync_all()?;
    File::open(data)?.sync_all()?;
    Ok(true)
}

/// The digest of a file and its length.
pub(super) fn digest(storage: &dyn Storage, name: &str) -> io::Result<([u8; 32], u64)> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    let mut length = 0;
    loop {
        let read = storage.read_at(name, length, &mut buffer)?;
        hash.update(&buffer[..read]);
        length += read as u64;
        if read < buffer.len() {
            return Ok((hash.finalize().into(), length));
        }
    }
}

#[derive(Serialize)]
struct Members<'a> {
    actor: &'a str,
    role: &'a str,
    action: &'a str,
    stage: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
}

/// What the entry of a number says that begins the log, or names an older one.
pub(super) fn members(
    storage: &dyn Storage,
    n: u64,
    origin: &str,
    has_older: bool,
) -> io::Result<Vec<u8>> {
    let file = name(n);
    let older = match has_older {
        true => Some(digest(storage, &file)?),
        false => None,
    };
    Ok(without_braces(&Members {
        actor: OURSELVES,
        role: ROLE,
        action: if n == 1 { BEGUN } else { ADDED },
        stage: "done",
        origin: (n == 1).then_some(origin),
        file: older.is_some().then_some(&file),
        digest: older.map(|(digest, _)| hex(&digest)),
        bytes: older.map(|(_, bytes)| bytes),
    }))
}

/// What a checkpoint's entry says.
pub(super) fn checkpoint(lines: u64) -> Vec<u8> {
    #[derive(Serialize)]
    struct Members {
        actor: &'static str,
        role: &'static str,
        action: &'static str,
        stage: &'static str,
        objects: u64,
    }
    without_braces(&Members {
        actor: OURSELVES,
        role: ROLE,
        action: super::chain::CHECKPOINT,
        stage: "done",
        objects: lines,
    })
}

/// Who writes the entries that the log makes of itself.
const OURSELVES: &str = "fundwatch";
const ROLE: &str = "service";
