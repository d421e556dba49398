//! Why a journal could not be opened, read or written. Each says where and what to do; none shows what an
//! epoch holds.

use std::io;

use super::chain::JournalId;
use super::frame::{MAX_PLAIN_BYTES, MAX_SECRET_BYTES};
use super::key::KeyError;
use super::month::Month;

/// What went wrong with a journal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// A file could not be read or written.
    #[error(
        "{place}: the journal cannot {doing}: {error}; check the disk, and that the service owns the directory"
    )]
    Storage {
        /// What was to be done.
        doing: &'static str,
        /// The file.
        place: String,
        /// What the disk said.
        error: io::Error,
    },
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The system gave no random bytes.
    #[error("the system gives no random numbers: {error}; nothing can be sealed without")]
    Random {
        /// What it said.
        error: getrandom::Error,
    },
    /// Another service on this machine has the journal open.
    #[error(
        "{place}: another service writes this journal ({holder}); stop it first, or give this one a data directory of its own"
    )]
    Locked {
        /// The lock.
        place: String,
        /// Process and start of the one that holds it.
        holder: String,
    },
    /// Another service is opening the journal at the same moment.
    #[error(
        "{place}: another service takes this journal over at the same moment; run one of them, and start that one again"
    )]
    Contended {
        /// What it holds.
        place: String,
    },
    /// A newer writer has taken the journal over; this one is dead. The frame that was to be appended may
    /// or may not be part of the journal.
    #[error(
        "another service has taken this journal over from generation {generation}; this process must end, and only one service may run on a journal"
    )]
    Fenced {
        /// The generation that this writer had.
        generation: u64,
    },
    /// A sync failed earlier, so that what is durable is unknown; this writer is dead. The frame that was to
    /// be appended then may or may not be part of the journal.
    #[error(
        "the disk failed to make an epoch durable, so the journal accepts nothing more; check the disk and start the service again, which recovers"
    )]
    Stopped,
    /// The append that stopped the writer: see [`JournalError::Stopped`].
    #[error(
        "{place}: the disk cannot {doing}: {error}; what is durable is unknown, so the journal stops; check the disk and start the service again, which recovers"
    )]
    Failed {
        /// What was to be done.
        doing: &'static str,
        /// The file.
        place: String,
        /// What the disk said.
        error: io::Error,
    },
    /// An append was refused; the journal is as before, and goes on.
    #[error("{error}")]
    Refused {
        /// Whether the same append may succeed later: the disk was full, say.
        retryable: bool,
        /// Why.
        error: Box<JournalError>,
    },
    /// An append is not the next one.
    #[error(
        "epoch {given} was to be appended, and the journal's next is {next}; another wrote meanwhile, or an epoch was left out: start the service again, which reads the journal anew"
    )]
    NotNext {
        /// The number given.
        given: u64,
        /// The number that is due.
        next: u64,
    },
    /// An epoch is too large for a frame.
    #[error(
        "an epoch of {plain} plain and {secret} sealed bytes is more than a frame holds ({MAX_PLAIN_BYTES} and {MAX_SECRET_BYTES}); make epochs of fewer rows"
    )]
    TooLarge {
        /// Bytes.
        plain: usize,
        /// Bytes before they are compressed.
        secret: usize,
    },
    /// What was once durable is not as it was written.
    #[error(
        "{place}: the journal is damaged at byte {offset}, in epoch {epoch}: {what}; nothing was cut off: restore this file from a backup, or from another copy of the journal"
    )]
    Damaged {
        /// The segment.
        place: String,
        /// Where in it.
        offset: u64,
        /// The epoch that was expected there.
        epoch: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// A segment that another follows is not there.
    #[error(
        "{place}: this segment is missing, and a later one follows it; restore it from a backup, or from another copy of the journal"
    )]
    Missing {
        /// The segment.
        place: String,
    },
    /// A segment is of another journal.
    #[error(
        "{place}: this segment is of journal {found}, and the others are of {expected}; keep each journal in a directory of its own"
    )]
    Mixed {
        /// The segment.
        place: String,
        /// Its journal.
        found: JournalId,
        /// The journal of the later segments.
        expected: JournalId,
    },
    /// A later version of the program wrote a segment.
    #[error(
        "{place}: this segment is of format {found}, and this program reads up to {}; run the version that wrote it, or a later one",
        super::segment::VERSION
    )]
    Later {
        /// The segment.
        place: String,
        /// Its format.
        found: u32,
    },
    /// There is no journal.
    #[error("{place}: no journal is there; the service makes it when it first starts")]
    Absent {
        /// The directory.
        place: String,
    },
    /// The journal ends before an epoch that was once durable.
    #[error(
        "{place}: the journal ends at epoch {upper}, and epoch {at_least} was once durable in it; restore the journal from its newest backup, or from another copy"
    )]
    Behind {
        /// The directory.
        place: String,
        /// Where it ends.
        upper: u64,
        /// What the caller knows it to have held.
        at_least: u64,
    },
    /// What is sealed in a frame does not open.
    #[error(
        "{place}: what is sealed at byte {offset}, in epoch {epoch}, does not open under the key of {month}; the chain is intact, so it was sealed wrongly: report this as a defect"
    )]
    Unsealed {
        /// The segment.
        place: String,
        /// Where in it.
        offset: u64,
        /// The epoch.
        epoch: u64,
        /// The month of the key.
        month: Month,
    },
    /// A reader had read an epoch that no writer had confirmed, and a newer writer put another in its place.
    #[error(
        "epoch {epoch} was read before it was confirmed, and a newer service wrote another in its place; read again from epoch {epoch}"
    )]
    Superseded {
        /// The first epoch that is another now.
        epoch: u64,
    },
}

impl JournalError {
    /// The same as the reason why an append was refused.
    pub(super) fn refused(self, retryable: bool) -> Self {
        Self::Refused {
            retryable,
            error: Box::new(self),
        }
    }
}
