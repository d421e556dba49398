//! The chain of lines: each has its number and the digest of the one before.
//!
//! In: lines in their order. Out: what is wrong with the first that does not follow, and the hash tree over all.
//! Must hold: what the writer writes is what follows.

use serde::Deserialize;

use super::lines::LONGEST_LINE;
use super::merkle::{Hash, Tree, sha256};
use super::time::{millis_of, month_text, time_text};
use crate::hex::{hex, unhex};

/// What stands before the first line: its digest is the first line's `prev`.
pub(super) const HEADER: &str = "fundwatch access log, format 1";

/// Entries that the log makes of itself.
pub(super) const BEGUN: &str = "log_begun";
pub(super) const ADDED: &str = "log_added";
pub(super) const CHECKPOINT: &str = "checkpoint";

/// What of a line the log itself reads.
#[derive(Debug, Deserialize)]
pub(super) struct Head<'a> {
    pub(super) n: u64,
    pub(super) at: &'a str,
    pub(super) action: &'a str,
    pub(super) prev: &'a str,
    /// Of [`BEGUN`]: the name of the log.
    #[serde(default)]
    pub(super) origin: Option<&'a str>,
    /// Of [`BEGUN`] and [`ADDED`]: an older log, its digest and its length.
    #[serde(default)]
    pub(super) file: Option<&'a str>,
    #[serde(default)]
    pub(super) digest: Option<&'a str>,
    #[serde(default)]
    pub(super) bytes: Option<u64>,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Wrong {
    /// No entry of the log.
    #[error("the line is no entry of the log")]
    Malformed,
    /// The number does not follow: a line was taken out, put in or moved.
    #[error("the entry has number {found}, not {expected}: a line was taken out, put in or moved")]
    Number {
        /// What follows from the line before.
        expected: u64,
        /// What stands there.
        found: u64,
    },
    /// The digest is not that of the line before.
    #[error("the entry does not continue the line before: that line or this one was changed")]
    Digest,
    /// The time is of a later month than the file.
    #[error("the entry is of another month than the file")]
    Month,
    /// The last line has no end.
    #[error("the line is torn")]
    Torn,
    /// There are fewer lines than there were.
    #[error("the log ends after {lines} lines, and there were {known}: lines were cut off")]
    Cut {
        /// How many there are.
        lines: u64,
        /// How many there were.
        known: u64,
    },
    /// The lines are not those that were signed.
    #[error("the first {size} lines are not those that were signed")]
    Root {
        /// How many were signed.
        size: u64,
    },
    /// What stands among the checkpoints is none.
    #[error("this is no checkpoint of the log")]
    Note,
    /// A checkpoint has no signature of a known key.
    #[error("the checkpoint of {size} lines is not signed by a key of the log")]
    Signature {
        /// Of how many lines.
        size: u64,
    },
    /// Checkpoints that there were are missing.
    #[error("a checkpoint of {size} lines was signed and is missing")]
    Missing {
        /// Of how many lines.
        size: u64,
    },
    /// The file that holds where the log stood is not what was written.
    #[error(
        "the state of the last checkpoint does not agree with the lines; it is made again at the next start"
    )]
    State,
    /// An older log was changed since it was taken over.
    #[error("the older log is not what it was when it was taken over")]
    Before,
    /// The lines are not those that a witness saw.
    #[error(
        "the first {size} lines are not those that the witness {witness} saw: the log was written anew, whatever it is signed \
         by"
    )]
    Unseen {
        /// How many lines were seen.
        size: u64,
        /// Who saw them.
        witness: String,
    },
    /// There are fewer lines than a witness saw.
    #[error(
        "the log ends after {lines} lines, and the witness {witness} saw {seen}: lines were cut off"
    )]
    CutUnseen {
        /// How many there are.
        lines: u64,
        /// How many were seen.
        seen: u64,
        /// Who saw them.
        witness: String,
    },
    /// A witness saw another log.
    #[error(
        "this is the log {origin}, and the witness {witness} saw {seen}: it was begun anew, or the checkpoint is of another service"
    )]
    OtherLog {
        /// The log.
        origin: String,
        /// The one that was seen.
        seen: String,
        /// Who saw it.
        witness: String,
    },
    /// A file that the log does not have.
    #[error("no such file belongs to the log, or it stands at the wrong place")]
    Stray,
}

/// How far a chain was followed.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// The number of the last entry.
    pub(super) last: u64,
    /// The digest of the last line.
    pub(super) prev: Hash,
    /// Over all lines.
    pub(super) tree: Tree,
}

impl Chain {
    /// Before the first line.
    pub(super) fn new() -> Self {
        Self {
            last: 0,
            prev: sha256(HEADER.as_bytes()),
            tree: Tree::default(),
        }
    }

    /// Takes a line as the next, if it is.
    pub(super) fn follow<'a>(&mut self, line: &'a [u8], month: &str) -> Result<Head<'a>, Wrong> {
        let head: Option<Head<'a>> = match line.len() {
            ..=LONGEST_LINE => serde_json::from_slice(line).ok(),
            _ => None,
        };
        let head = head.ok_or(Wrong::Malformed)?;
        let at = millis_of(head.at).ok_or(Wrong::Malformed)?;
        let expected = self.last + 1;
        if head.n != expected {
            let found = head.n;
            return Err(Wrong::Number { expected, found });
        }
        if unhex(head.prev) != Some(self.prev) {
            return Err(Wrong::Digest);
        }
        // A clock that is put back writes into the file of the later month.
        if *month_text(at) > *month {
            return Err(Wrong::Month);
        }
        self.take(line, head.n);
        Ok(head)
    }

    /// Takes a line as the next, whatever it is.
    pub(super) fn take(&mut self, line: &[u8], n: u64) {
        self.tree.push(line);
        self.prev = sha256(line);
        self.last = n;
    }

    /// Writes the next line, without its end, and takes it.
    pub(super) fn write(&mut self, at: i64, members: &[u8]) -> Vec<u8> {
        let n = self.last + 1;
        let mut line = format!("{{\"n\":{n},\"at\":\"{}\",", time_text(at)).into_bytes();
        line.extend_from_slice(members);
        line.extend_from_slice(format!(",\"prev\":\"{}\"}}", hex(&self.prev)).as_bytes());
        self.take(&line, n);
        line
    }
}
