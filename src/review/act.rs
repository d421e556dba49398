//! What somebody wants done about an alert, and why it may not be.

use super::item::{EvidenceDigest, Item};
use super::verdict::Verdict;
use super::work::{WorkAction, WorkState};
use crate::record::Day;

/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 4_000;
/// The longest wait or snooze, in days.
pub const LONGEST_WAIT: i32 = 180;

/// What somebody saw when they decided to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// [`super::Work::version`].
    pub version: u32,
    /// [`super::Finding::digest`].
    pub digest: EvidenceDigest,
}

/// Something to be done about an alert.
#[derive(Clone, PartialEq, Eq)]
pub struct Act {
    /// What.
    pub action: WorkAction,
    /// What its author saw.
    pub seen: Seen,
    /// To whom, of an assignment.
    pub assignee: Option<String>,
    /// The last day of a wait or a snooze.
    pub until: Option<Day>,
    /// Of a proposal or a closing.
    pub verdict: Option<Verdict>,
    /// Why, in the author's words.
    pub note: Option<String>,
}

impl Act {
    /// An act with nothing beside what it is.
    pub fn new(action: WorkAction, seen: Seen) -> Self {
        Self {
            action,
            seen,
            assignee: None,
            until: None,
            verdict: None,
            note: None,
        }
    }
}

/// A note may name people: it is not shown.
impl std::fmt::Debug for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Act")
            .field("action", &self.action)
            .field("seen", &self.seen)
            .field("verdict", &self.verdict)
            .finish_non_exhaustive()
    }
}

/// Why something is not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// There is no such alert, or none that is theirs.
    #[error("there is no such alert")]
    NotFound,
    /// The table has no such line.
    #[error("{action} is not possible while an alert is {state}")]
    NotPossible {
        /// What was asked for.
        action: WorkAction,
        /// Where the alert is.
        state: WorkState,
    },
    /// It is for somebody else to do.
    #[error("{action} is for somebody else to do")]
    NotTheirs {
        /// What was asked for.
        action: WorkAction,
    },
    /// Who took part does not approve.
    #[error("whoever took part in a proposal does not approve it")]
    TookPart,
    /// The evidence changed after it was proposed.
    #[error(
        "the evidence changed after this was proposed: return it, so that it is proposed on what there is now"
    )]
    Overtaken,
    /// Something is missing or wrong in what was asked for.
    #[error("{0}")]
    Wrong(Wrong),
    /// Somebody else acted, or the evidence changed, after it was looked at.
    #[error("the alert is not any more what was looked at")]
    Moved {
        /// Whether somebody else acted.
        is_acted_on: bool,
        /// Whether its evidence changed.
        is_changed: bool,
        /// As it is now.
        now: Box<Item>,
    },
    /// They have done so as often as one may in a time.
    #[error("that is as often as one may for now")]
    Spent {
        /// When they may again, in milliseconds since 1970.
        next: i64,
    },
    /// Who approves has to find for themselves first.
    #[error("this proposal is looked at twice: give your own verdict before you see it")]
    LookDue,
    /// A list is not any more what was looked at.
    #[error("the list is not any more what was looked at")]
    ListMoved,
    /// A batch was decided, or undone, meanwhile.
    #[error("the batch is {state}")]
    BatchIs {
        /// Where it is.
        state: super::BatchState,
    },
    /// What was asked to be shown was shown since.
    #[error("it was shown since it was asked for")]
    ShownBefore,
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] super::DeskError),
}

/// What is missing or wrong in an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A note is needed.
    #[error("a note is needed")]
    NoteMissing,
    /// The note is too long.
    #[error("a note has at most {LONGEST_NOTE} characters")]
    NoteTooLong,
    /// A verdict is needed.
    #[error("a verdict is needed")]
    VerdictMissing,
    /// The verdict is not one to be closed with alone.
    #[error("this verdict has to be proposed, and approved by somebody else")]
    NeedsApproval,
    /// A day is needed, after today and not too far off.
    #[error("a day is needed, after today and at most {LONGEST_WAIT} days from it")]
    BadDay,
    /// To whom is missing, or cannot have alerts.
    #[error("name somebody who reviews alerts")]
    BadAssignee,
    /// More alerts than are acted on as one.
    #[error("at most {} alerts are acted on as one", super::LARGEST_BULK)]
    TooMany,
    /// A verdict that is given to each alert for itself.
    #[error("this verdict is given to each alert for itself, not to many at a time")]
    NotTogether,
    /// The decision was not overtaken: there is nothing to uphold.
    #[error("the decision was not overtaken")]
    NothingToUphold,
}
