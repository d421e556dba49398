//! A citizen says that a record of theirs is wrong: what is asked for, where it stands, what is answered.
//!
//! In: requests that come through portals, and what people at the fund do about them. Out: requests with their states. Must
//! hold: what was typed, and whom it is about, is not shown by `Debug`.

use super::item::GroupId;
use super::typed::Typed;
use crate::access::Role;
use crate::language::worded;
use crate::record::{Day, Stream};
use crate::self_check::OwnField;

/// Characters of what is right.
pub const LONGEST_VALUE: usize = 200;
/// Characters of what is said beside it, and of an answer.
pub const LONGEST_TEXT: usize = 2_000;
/// Working days within which an answer is due (Decree 356/2025/ND-CP).
pub const ANSWERED_WITHIN: u32 = 2;
/// Requests of one person in a day.
pub const CORRECTIONS_PER_DAY: u32 = 5;
/// What one person asks for in an hour, of any kind.
pub const REQUESTS_PER_HOUR: u32 = 30;

worded! {
    /// Where a request for a correction stands.
    CorrectionState {
        Received = "received", "Received", "Đã tiếp nhận";
        InReview = "in_review", "Being looked into", "Đang xem xét";
        Accepted = "accepted", "Accepted, passed on to the register", "Đã chấp nhận, đã chuyển cơ quan quản lý dữ liệu";
        Refused = "refused", "Refused", "Không chấp nhận";
    }
}

impl CorrectionState {
    /// Whether somebody still has to do something.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Received | Self::InReview)
    }
}

worded! {
    /// What is done about a request for a correction.
    CorrectionAction {
        Request = "request", "asked for", "gửi yêu cầu";
        Start = "start", "looks into it", "bắt đầu xem xét";
        Release = "release", "gave it back", "trả lại danh sách";
        Accept = "accept", "accepted", "chấp nhận";
        Refuse = "refuse", "refused", "không chấp nhận";
        Reveal = "reveal", "had the personal id shown", "xem số định danh cá nhân";
    }
}

/// What a citizen asks for, through a portal.
#[derive(Clone, PartialEq, Eq)]
pub struct NewCorrection {
    /// The portal.
    pub portal: String,
    /// The pseudonym of the citizen.
    pub person: GroupId,
    /// All under which alerts of theirs may be, that one among them.
    pub people: Vec<GroupId>,
    /// Their number.
    pub subject: String,
    /// Which database.
    pub stream: Stream,
    /// What of it.
    pub field: OwnField,
    /// What is right: 1 to [`LONGEST_VALUE`] characters.
    pub should_be: String,
    /// More about it: at most [`LONGEST_TEXT`] characters.
    pub note: Option<String>,
}

/// A request for a correction.
#[derive(Clone, PartialEq, Eq)]
pub struct Correction {
    /// What the citizen knows it by: 32 hexadecimal digits that nobody can guess.
    pub reference: String,
    /// When it came, in milliseconds since 1970.
    pub at: i64,
    /// The day on which the answer is due.
    pub due: Day,
    /// Through which portal.
    pub portal: String,
    /// The pseudonym of the citizen.
    pub person: GroupId,
    /// Which database.
    pub stream: Stream,
    /// What of it.
    pub field: OwnField,
    /// What is right.
    pub should_be: Typed,
    /// More about it.
    pub note: Option<Typed>,
    /// Where it stands.
    pub state: CorrectionState,
    /// Who looks into it, or answered.
    pub handler: Option<String>,
    /// The answer.
    pub answer: Option<Typed>,
    /// When it was given, in milliseconds since 1970.
    pub answered_at: Option<i64>,
    /// Changes with everything that is done about it.
    pub version: u64,
}

macro_rules! hides {
    ($($name:ident),*) => { $(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("stream", &self.stream)
                    .field("field", &self.field)
                    .finish_non_exhaustive()
            }
        }
    )* };
}

hides!(NewCorrection, Correction);

/// A request as lists have it: nothing that was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionLine {
    /// What it is known by.
    pub reference: String,
    /// When it came, in milliseconds since 1970.
    pub at: i64,
    /// The day on which the answer is due.
    pub due: Day,
    /// Which database.
    pub stream: Stream,
    /// What of it.
    pub field: OwnField,
    /// Where it stands.
    pub state: CorrectionState,
    /// Who looks into it, or answered.
    pub handler: Option<String>,
}

/// What was done about a request, as it is kept for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionEvent {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Who; of what the citizen did, the portal.
    pub actor: String,
    /// In which role.
    pub role: Role,
    /// What.
    pub action: CorrectionAction,
}

/// A request with all that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionCase {
    /// The request.
    pub correction: Correction,
    /// What was done about it, the first thing first.
    pub events: Vec<CorrectionEvent>,
    /// The groups of the person that have alerts.
    pub groups: Vec<GroupId>,
}

/// An assertion that is about to be used.
#[derive(Clone, PartialEq, Eq)]
pub struct UsedAssertion<'a> {
    /// The portal.
    pub portal: &'a str,
    /// The id of the assertion.
    pub id: &'a str,
    /// When it expires, in milliseconds since 1970.
    pub until: i64,
    /// Now, by the clock that assertions are judged by.
    pub now: i64,
    /// Whom it is about, as a pseudonym.
    pub person: GroupId,
    /// Requests of the portal in a minute.
    pub per_minute: u32,
}

/// Why nothing is done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CorrectionRefused {
    /// There is no such request, or none of theirs.
    #[error("there is no such request")]
    NotFound,
    /// The assertion was used before.
    #[error("the assertion was used before")]
    Replayed,
    /// As much was asked for as one may.
    #[error("that is as often as one may")]
    Spent {
        /// When they may again, in milliseconds since 1970.
        next: i64,
    },
    /// Something typed is missing, too long, or not of this database.
    #[error("something is missing, too long, or not of this database")]
    Wrong,
    /// It is for somebody else to do, or not possible where it stands.
    #[error("it is not theirs to do now")]
    NotPossible,
    /// Somebody else did something meanwhile.
    #[error("somebody else did something meanwhile")]
    Moved,
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] super::DeskError),
}
