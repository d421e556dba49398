//! The claim: which writer the journal belongs to.
//!
//! A lock keeps a second service off on one machine. A claim keeps an old writer from acknowledging after
//! a new one has begun, wherever the two run and however long the old one slept, as long as they see the same
//! files. A writer's claim is a file named after its generation, with a random token in it.
//!
//! The new writer, before it reads the tail of the journal:
//! 1. makes a claim of a generation that is higher than every one it sees, exclusively, and syncs it;
//! 2. removes all lower claims, and syncs the directory;
//! 3. looks again: if there is a claim or a segment as high or higher, it gives up.
//!
//! Every writer, for every frame: writes it, syncs it, reads its claim, and acknowledges only if its own
//! token is still in it.
//!
//! **No acknowledged frame is lost.** Let A acknowledge a frame, and let B be another writer that passed
//! step 3 and reads the tail. Take the one of the two with the lower generation: it did not see the claim of the
//! higher one in its step 3, so that claim was made later, and step 2 of the higher one, which lists anew, removed
//! the lower claim before the higher one read the tail.
//! - A is the lower: it read its claim after it had synced the frame, and the claim was there. So the frame was
//!   durable and visible before the removal, and so before B read the tail. B continues after it.
//! - B is the lower: it acknowledges nothing after A's removal of its claim, and what it writes is void by the
//!   generation. Whatever of A it missed, it cannot harm.
//!
//! **No generation has two writers.** Claims are made exclusively. One that was made for a generation whose
//! claim had already been removed finds the remover's claim, which is higher, in step 3; and the dead
//! writer of that generation finds a token that is not its own.
//!
//! What a fenced writer still writes goes into segments of its own generation, behind the end that the new
//! writer's segment states for them, or into segments that no later one continues; it is void.

use std::io;

use super::error::JournalError;
use super::segment::SegmentId;
use super::storage::{Storage, read_small};

const SUFFIX: &str = ".claim";
const TOKEN_BYTES: usize = 16;

/// A claim that was made and passed.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) generation: u64,
    token: [u8; TOKEN_BYTES],
}

impl Claim {
    /// Takes the journal over from whoever had it. `holder` says who does, for people who look at the file.
    pub(super) fn make(storage: &dyn Storage, holder: &str) -> Result<Self, JournalError> {
        let failed = |doing, name: &str| failed(storage, doing, name);
        let contended = |name: &str| JournalError::Contended {
            place: storage.place(name),
        };
        let (claims, segments) = generations(storage)?;
        let highest = claims.iter().chain(&segments).max();
        let generation = highest.map_or(1, |highest| highest + 1);
        let mut token = [0; TOKEN_BYTES];
        getrandom::fill(&mut token).map_err(|error| JournalError::Random { error })?;
        let name = name(generation);
        match storage.create(&name) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(contended(&name));
            }
            made => made.map_err(failed("take over", &name))?,
        }
        let note = [&token[..], b"\n", holder.as_bytes(), b"\n"].concat();
        match storage
            .append(&name, &note)
            .and_then(|()| storage.sync(&name))
        {
            // A newer writer has removed it already.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(contended(&name)),
            written => written.map_err(failed("take over", &name))?,
        }
        for lower in generations(storage)?.0 {
            if lower < generation {
                let lower = self::name(lower);
                match storage.remove(&lower) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    removed => {
                        removed.map_err(failed("take over from the writer before", &lower))?
                    }
                }
            }
        }
        storage.sync_directory().map_err(failed("take over", ""))?;
        let (claims, segments) = generations(storage)?;
        let is_contended = claims.iter().any(|claim| *claim > generation)
            || segments.iter().any(|segment| *segment >= generation);
        let claim = Self { generation, token };
        if is_contended || !claim.holds(storage)? {
            return Err(contended(&name));
        }
        Ok(claim)
    }

    /// Whether the journal still belongs to this writer.
    pub(super) fn holds(&self, storage: &dyn Storage) -> Result<bool, JournalError> {
        let name = name(self.generation);
        let read = read_small(storage, &name, TOKEN_BYTES);
        let read = read.map_err(failed(storage, "see whose it is", &name))?;
        Ok(read.is_some_and(|read| read == self.token))
    }
}

fn name(generation: u64) -> String {
    format!("{generation:010}{SUFFIX}")
}

/// The generations of all claims, and those of all segments.
fn generations(storage: &dyn Storage) -> Result<(Vec<u64>, Vec<u64>), JournalError> {
    let names = storage.list().map_err(failed(storage, "be listed", ""))?;
    let claims = names
        .iter()
        .filter_map(|name| name.strip_suffix(SUFFIX)?.parse().ok());
    let segments = names.iter().filter_map(|name| SegmentId::from_name(name));
    Ok((
        claims.collect(),
        segments.map(|segment| segment.generation).collect(),
    ))
}

/// An error of the storage, with what was being done and where.
pub(super) fn failed(
    storage: &dyn Storage,
    doing: &'static str,
    name: &str,
) -> impl FnOnce(io::Error) -> JournalError + use<> {
    let place = storage.place(name);
    move |error| JournalError::Storage {
        doing,
        place,
        error,
    }
}
