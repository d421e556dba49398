//! What is wrong with a proof.

use super::signed_note::SignatureFault;
use super::text::Malformed;

/// A proof that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofFault {
    /// It is not what was written.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The checkpoint in it is not signed as it has to be.
    #[error(transparent)]
    Signature(#[from] SignatureFault),
    /// The entry is not in the log at that place.
    #[error(
        "the proof does not lead to the root of the checkpoint: entry {n} of the first {size} lines is not this one, or the \
         proof was changed"
    )]
    NotIncluded {
        /// The number of the entry, from 1.
        n: u64,
        /// How many lines the checkpoint signs.
        size: u64,
    },
    /// It has no entry, and none was given.
    #[error(
        "the proof has no entry in it: name the file with the line of the log with --entry-file"
    )]
    NoEntry,
    /// It has another entry than was given.
    #[error("the entry in the proof is not the one that was given")]
    OtherEntry,
    /// The checkpoint that was noted is of another log.
    #[error("the noted checkpoint is of the log {noted}, and the proof of {origin}")]
    OtherLog {
        /// The log of the proof.
        origin: String,
        /// The log of the noted checkpoint.
        noted: String,
    },
    /// The checkpoint that was noted is of another size.
    #[error("the noted checkpoint signs {noted} lines, and the proof begins with {old}")]
    OtherSize {
        /// With how many lines the proof begins.
        old: u64,
        /// How many the noted checkpoint signs.
        noted: u64,
    },
    /// The first lines are not those that were signed before.
    #[error(
        "the proof does not lead from the {old} lines that were signed before to the {size} lines of the checkpoint: those were \
         changed, or the proof was"
    )]
    Inconsistent {
        /// How many lines were signed before.
        old: u64,
        /// How many are signed.
        size: u64,
    },
}

impl ProofFault {
    /// Whether something is to be named that was not: nothing was found wrong then.
    pub fn is_wrong_call(&self) -> bool {
        matches!(
            self,
            Self::NoEntry | Self::OtherLog { .. } | Self::OtherSize { .. }
        )
    }
}
