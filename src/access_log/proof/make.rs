//! Proofs made from the files of a log.
//!
//! In: the data directory of a service, which may run. Out: a proof, with the newest signed checkpoint or another. Must
//! hold: lines are read one after another, so that memory does not grow with the log; a proof is made only where the
//! lines are those that the checkpoint signs.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use serde::Deserialize;

use super::consistency::ConsistencyProof;
use super::inclusion::InclusionProof;
use super::path::{self, Gather};
use super::signed_note::{SignatureFault, SignedCheckpoint};
use crate::access_log::chain::Head;
use crate::access_log::error::{LogError, failed};
use crate::access_log::key::verifying_keys;
use crate::access_log::lines::Lines;
use crate::access_log::merkle::{Hash, Tree, leaf};
use crate::access_log::note::{Note, VerifyingKey};
use crate::access_log::notes::{NOTES, Notes, Read};
use crate::access_log::opening::months;
use crate::access_log::{FOLDER, KEYS};
use crate::journal::{Directory, Storage};
use crate::web::AccessAction;

/// Which line is to be proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The entry of a number, from 1.
    Entry(u64),
    /// The first entry that has the journal's chain up to an epoch or a later one.
    JournalEpoch(u64),
}

/// Against which checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// The newest in the file of checkpoints.
    Newest,
    /// The one in that file that signs so many lines.
    Size(u64),
    /// This one, which may be cosigned.
    Checkpoint(SignedCheckpoint),
}

/// A proof that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proved {
    /// The proof.
    pub proof: InclusionProof,
    /// The number of the entry, from 1.
    pub n: u64,
    /// The epoch of the journal that the entry seals, where it was asked for by one.
    pub epoch: Option<u64>,
}

/// No proof can be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProveError {
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// There is no checkpoint.
    #[error(
        "{place}: no line of the log is signed yet; the service signs hourly and when it stops"
    )]
    Nothing {
        /// The file of checkpoints.
        place: String,
    },
    /// There is none of that size.
    #[error("{place}: no checkpoint signs {size} lines; the newest signs {newest}")]
    NoCheckpoint {
        /// The file of checkpoints.
        place: String,
        /// The size that was asked for.
        size: u64,
        /// How many lines the newest signs.
        newest: u64,
    },
    /// A checkpoint is not signed by the log.
    #[error("{0}")]
    Signature(#[from] SignatureFault),
    /// The checkpoint that was given is of another log.
    #[error("the checkpoint is of the log {noted}, and this is {origin}")]
    OtherLog {
        /// The log.
        origin: String,
        /// The one of the checkpoint.
        noted: String,
    },
    /// The entry is not signed.
    #[error("there is no entry {n} among the {size} lines that the checkpoint signs")]
    NoEntry {
        /// The number that was asked for.
        n: u64,
        /// How many lines are signed.
        size: u64,
    },
    /// No entry has the journal's chain so far.
    #[error(
        "no entry among the {size} lines that the checkpoint signs has the journal's chain up to epoch {epoch}"
    )]
    NoEpoch {
        /// The epoch that was asked for.
        epoch: u64,
        /// How many lines are signed.
        size: u64,
    },
    /// The checkpoint that was noted signs more lines than the one to prove.
    #[error(
        "the noted checkpoint signs {noted} lines, and the checkpoint only {size}: nothing leads back"
    )]
    Later {
        /// How many lines the noted checkpoint signs.
        noted: u64,
        /// How many the other one.
        size: u64,
    },
    /// The log ends early.
    #[error(
        "{place}: the log ends after {lines} lines, and the checkpoint signs {size}: lines were cut off"
    )]
    Cut {
        /// The folder.
        place: String,
        /// How many lines there are.
        lines: u64,
        /// How many were signed.
        size: u64,
    },
    /// The lines are not those that were signed.
    #[error(
        "{place}: the first {size} lines are not those that the checkpoint signs; `fundwatch verify` names the place"
    )]
    Root {
        /// The folder.
        place: String,
        /// How many were signed.
        size: u64,
    },
}

impl ProveError {
    /// Whether something was asked for that there is not: nothing was found wrong then.
    pub fn is_wrong_call(&self) -> bool {
        matches!(
            self,
            Self::Nothing { .. }
                | Self::NoCheckpoint { .. }
                | Self::OtherLog { .. }
                | Self::NoEntry { .. }
                | Self::NoEpoch { .. }
                | Self::Later { .. }
        )
    }
}

/// Proves that a line is in the access log of a data directory. Checkpoints have to be signed by the keys beside the log
/// or by those that are given.
///
/// # Errors
/// When there is no such line or checkpoint, or the lines are not those that were signed.
pub fn prove_inclusion(
    data: &Path,
    keys: &[VerifyingKey],
    wanted: Wanted,
    at: At,
) -> Result<Proved, ProveError> {
    let log = Files::open(data, keys)?;
    let signed = log.checkpoint(at)?;
    let size = signed.checkpoint.size;
    let (n, epoch) = match wanted {
        Wanted::Entry(n) => (n, None),
        Wanted::JournalEpoch(epoch) => {
            let (n, sealed) = log.seal(epoch, size)?;
            (n, Some(sealed))
        }
    };
    if n == 0 || n > size {
        return Err(ProveError::NoEntry { n, size });
    }
    let mut entry = None;
    let mut gather = Gather::new(&path::inclusion(n - 1, size));
    log.pass(&signed, |number, line, hash| {
        if number == n {
            entry = Some(line.to_vec());
        }
        gather.take(hash);
    })?;
    let path = gather.path().ok_or_else(|| log.root(size))?;
    // Who asks for a number gets the entry of it: in a log that is signed they agree.
    let is_it =
        |line: &Vec<u8>| serde_json::from_slice::<Head<'_>>(line).is_ok_and(|head| head.n == n);
    let entry = entry.filter(is_it).ok_or_else(|| log.root(size))?;
    Ok(Proved {
        proof: InclusionProof {
            entry: Some(entry),
            index: n - 1,
            path,
            signed,
        },
        n,
        epoch,
    })
}

/// Proves that the lines which a noted checkpoint signs are the first of the log; from nothing where none is given.
///
/// # Errors
/// When there is no such checkpoint, or the lines are not those that were signed, now or then.
pub fn prove_consistency(
    data: &Path,
    keys: &[VerifyingKey],
    noted: Option<&SignedCheckpoint>,
    at: At,
) -> Result<ConsistencyProof, ProveError> {
    let log = Files::open(data, keys)?;
    let signed = log.checkpoint(at)?;
    let size = signed.checkpoint.size;
    if let Some(noted) = noted {
        log.check(noted, &signed.checkpoint.origin)?;
    }
    let old = noted.map_or(0, |noted| noted.checkpoint.size);
    if old > size {
        return Err(ProveError::Later { noted: old, size });
    }
    let mut gather = Gather::new(&path::consistency(old, size));
    let mut tree = Tree::default();
    log.pass(&signed, |number, _, hash| {
        gather.take(hash);
        if number <= old {
            tree.push_hash(hash);
        }
    })?;
    if noted.is_some_and(|noted| noted.checkpoint.root != tree.root()) {
        return Err(log.root(old));
    }
    let path = gather.path().ok_or_else(|| log.root(size))?;
    Ok(ConsistencyProof { old, path, signed })
}

/// The files of a log, and the keys that may have signed it.
struct Files {
    folder: Directory,
    place: String,
    keys: Vec<VerifyingKey>,
}

impl Files {
    fn open(data: &Path, keys: &[VerifyingKey]) -> Result<Self, LogError> {
        let folder = data.join(FOLDER);
        let place = folder.display().to_string();
        let folder = Directory::open(&folder).map_err(failed("be read", place.clone()))?;
        let mut keys = keys.to_vec();
        match Directory::open(&data.join(KEYS)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed("be read", place)(error)),
            Ok(beside) => {
                let known = verifying_keys(&beside);
                keys.extend(known.map_err(failed("be read", place.clone()))?);
            }
        }
        Ok(Self {
            folder,
            place,
            keys,
        })
    }

    fn root(&self, size: u64) -> ProveError {
        ProveError::Root {
            place: self.place.clone(),
            size,
        }
    }

    /// The checkpoint that is asked for, which the log has signed.
    fn checkpoint(&self, at: At) -> Result<SignedCheckpoint, ProveError> {
        let newest = self.noted(None)?;
        let place = || self.folder.place(NOTES);
        let newest = newest.ok_or_else(|| ProveError::Nothing { place: place() });
        match at {
            At::Newest => self.signed(&newest?),
            At::Size(size) => {
                let found = self.noted(Some(size))?;
                let newest = newest?.checkpoint.size;
                let found = found.ok_or_else(|| ProveError::NoCheckpoint {
                    place: place(),
                    size,
                    newest,
                })?;
                self.signed(&found)
            }
            At::Checkpoint(given) => {
                self.check(&given, &newest?.checkpoint.origin)?;
                Ok(given)
            }
        }
    }

    /// The note of a size, or the last, up to the first that is none: of a service that runs, one may be half written.
    fn noted(&self, size: Option<u64>) -> Result<Option<Note>, ProveError> {
        let failed = |error| failed("be read", self.folder.place(NOTES))(error);
        let mut notes = Notes::new(&self.folder).map_err(failed)?;
        let mut last = None;
        while let Some(Read::Note(note)) = notes.next().map_err(failed)? {
            if size.is_none_or(|size| size == note.checkpoint.size) {
                last = Some(note);
            }
        }
        Ok(last)
    }

    /// A note of the file, with its signature, which a key of the log has to have made.
    fn signed(&self, note: &Note) -> Result<SignedCheckpoint, ProveError> {
        let (origin, size) = (&note.checkpoint.origin, note.checkpoint.size);
        let read = SignedCheckpoint::from_bytes(note.to_text().as_bytes());
        // What somebody has made of it need not be a signature.
        let read = read.map_err(|_| SignatureFault::Log {
            origin: origin.clone(),
            size,
        })?;
        self.check(&read, origin)?;
        Ok(read)
    }

    fn check(&self, signed: &SignedCheckpoint, origin: &str) -> Result<(), ProveError> {
        if signed.checkpoint.origin != origin {
            return Err(ProveError::OtherLog {
                origin: origin.to_owned(),
                noted: signed.checkpoint.origin.clone(),
            });
        }
        Ok(signed.check_log(&self.keys)?)
    }

    /// The number and epoch of the first line that has the journal's chain up to an epoch, or further.
    fn seal(&self, epoch: u64, size: u64) -> Result<(u64, u64), ProveError> {
        #[derive(Deserialize)]
        struct Seal {
            action: String,
            epoch: Option<u64>,
        }
        let name = AccessAction::SealJournal.name();
        let mut found = None;
        self.walk(size, |number, line| {
            if memchr::memmem::find(line, name.as_bytes()).is_some()
                && let Ok(seal) = serde_json::from_slice::<Seal>(line)
                && seal.action == name
                && let Some(sealed) = seal.epoch.filter(|sealed| *sealed >= epoch)
            {
                found = Some((number, sealed));
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        found.ok_or(ProveError::NoEpoch { epoch, size })
    }

    /// Reads the lines that a checkpoint signs, with the hash of each, and holds them to it.
    fn pass(
        &self,
        signed: &SignedCheckpoint,
        mut each: impl FnMut(u64, &[u8], Hash),
    ) -> Result<(), ProveError> {
        let size = signed.checkpoint.size;
        let mut tree = Tree::default();
        let lines = self.walk(size, |number, line| {
            let hash = leaf(line);
            tree.push_hash(hash);
            each(number, line, hash);
            ControlFlow::Continue(())
        })?;
        if lines < size {
            return Err(ProveError::Cut {
                place: self.place.clone(),
                lines,
                size,
            });
        }
        match tree.root() == signed.checkpoint.root {
            true => Ok(()),
            false => Err(self.root(size)),
        }
    }

    /// Reads lines, up to a number of them or until it is told to end; how many there were.
    fn walk(
        &self,
        size: u64,
        mut each: impl FnMut(u64, &[u8]) -> ControlFlow<()>,
    ) -> Result<u64, LogError> {
        let failed = |error| failed("be read", self.place.clone())(error);
        let mut number = 0;
        for name in months(&self.folder).map_err(failed)? {
            let mut lines = Lines::new(&self.folder, &name, 0);
            while number < size {
                let Some(line) = lines.next().map_err(failed)? else {
                    break;
                };
                if !line.is_ended {
                    return Ok(number);
                }
                number += 1;
                if each(number, line.bytes).is_break() {
                    return Ok(number);
                }
            }
        }
        Ok(number)
    }
}
