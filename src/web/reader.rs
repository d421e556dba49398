//! What callers ask: the boundary to the stores of alerts, rejects and sources.
//!
//! Every method is called from a thread that may block, never more of them at a time than
//! [`ReadLimits`](super::ReadLimits) allows; a caller who waits too long is answered without the result.

use std::fmt;
use std::time::Duration;

use serde_json::value::RawValue;

use super::gate::Principal;

/// The filters and the page of a list of alerts. A text is of lower-case letters, digits and `_`, at most 64 of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlertQuery {
    /// Only this reason.
    pub reason: Option<String>,
    /// Only this class.
    pub class: Option<String>,
    /// Only in this state.
    pub state: Option<String>,
    /// Only of this priority, or higher.
    pub min_priority: Option<f64>,
    /// How many, at most.
    pub limit: u32,
    /// Where the page before ended, as its [`Page::next`] said.
    pub page: Option<String>,
}

/// The filters and the page of a list of rejected rows; texts as in [`AlertQuery`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RejectQuery {
    /// Only of this stream.
    pub stream: Option<crate::record::Stream>,
    /// Only with this code.
    pub code: Option<String>,
    /// Only in this state: `open`, `repaired` or `dismissed`.
    pub state: Option<String>,
    /// How many, at most.
    pub limit: u32,
    /// Where the page before ended.
    pub page: Option<String>,
}

/// A page of a list.
#[derive(Debug, Default)]
pub struct Page {
    /// The objects, as JSON.
    pub items: Vec<Box<RawValue>>,
    /// What to ask for to get the next page: letters, digits, `-`, `_`, `.` and `=`, at most 512 of them. It must
    /// not hold an identifier of a person, since it stands in a URL.
    pub next: Option<String>,
}

/// What is taken away whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// The alerts that hold: the lines of `alerts.ndjson`.
    Alerts,
    /// Every raise, change and withdrawal: the lines of `history.ndjson`.
    History,
}

/// By which number a person is asked for.
#[derive(Clone, PartialEq, Eq)]
pub enum AskedId {
    /// The number of a card.
    Card(String),
    /// A social-insurance number.
    SiNumber(String),
    /// A personal id.
    PersonalId(String),
}

impl fmt::Debug for AskedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Card(_) => "Card(***)",
            Self::SiNumber(_) => "SiNumber(***)",
            Self::PersonalId(_) => "PersonalId(***)",
        })
    }
}

/// Who somebody is said to be. The texts are as they came, at most 256 bytes each, and not yet checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Asked {
    /// The number.
    pub id: AskedId,
    /// Full name.
    pub full_name: String,
    /// Date of birth, which may be partial.
    pub birth_date: String,
    /// Sex: 1, 2 or 3.
    pub sex: String,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Whether a person authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The cause of contract 2 (`unauthenticated_identity`) why not; none where they do.
    pub cause: Option<&'static str>,
}

/// Nobody takes the lines of an export any more: its peer left, or took them too slowly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody takes the lines any more")]
pub struct Gone;

/// Takes the lines of an export, one at a time, without their line ends. An export ends at the first error.
pub type TakeLine<'a> = dyn FnMut(&str) -> Result<(), Gone> + 'a;

/// A filter whose value may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Filter {
    /// `reason`.
    Reason,
    /// `class`.
    Class,
    /// `state`.
    State,
    /// `code`.
    Code,
    /// `page`: not one that was given out, or no longer valid.
    Page,
}

impl Filter {
    /// The name of the parameter.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reason => "reason",
            Self::Class => "class",
            Self::State => "state",
            Self::Code => "code",
            Self::Page => "page",
        }
    }
}

/// Why there is no result. Texts are told to the caller, so no identifier may be in them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// A filter has a value that is not known.
    #[error("the value of `{}` is not known", .0.name())]
    UnknownValue(Filter),
    /// A field of what was asked breaks its format.
    #[error("`{field}`: {expected}")]
    BadField {
        /// The stable code of the format (contract 1.1).
        code: &'static str,
        /// The field.
        field: &'static str,
        /// What was expected; never the value.
        expected: &'static str,
    },
    /// The service is not ready to answer.
    #[error("{reason}")]
    NotReady {
        /// Why.
        reason: &'static str,
        /// When it is likely to be.
        retry_after: Duration,
    },
    /// The store cannot be read.
    #[error("{0}")]
    Unavailable(&'static str),
    /// Nobody takes the lines of an export any more.
    #[error(transparent)]
    Gone(#[from] Gone),
}

/// Answers questions. Masking, where the pages mask, is its task: the caller is given.
pub trait Reader: Send + Sync + 'static {
    /// A page of alerts, by priority, the highest first.
    ///
    /// # Errors
    /// When a filter is not known, or the store cannot be read.
    fn alerts(&self, caller: &dyn Principal, query: &AlertQuery) -> Result<Page, ReadError>;

    /// Gives every line of an export to `line`, in order, as they are at one moment. To give a line may take as
    /// long as [`ReadLimits::line_patience`](super::ReadLimits::line_patience), and all of them
    /// [`export_timeout`](super::ReadLimits::export_timeout): no lock that others need may be held meanwhile.
    ///
    /// # Errors
    /// When the store cannot be read. What was sent is then marked as incomplete by an answer that breaks off.
    fn export(
        &self,
        caller: &dyn Principal,
        export: Export,
        line: &mut TakeLine<'_>,
    ) -> Result<(), ReadError>;

    /// A page of rejected rows, the oldest first, each with its `id`.
    ///
    /// # Errors
    /// When a filter is not known, or the store cannot be read.
    fn rejects(&self, caller: &dyn Principal, query: &RejectQuery) -> Result<Page, ReadError>;

    /// A rejected row, where there is one with this id.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn reject(&self, caller: &dyn Principal, id: u64) -> Result<Option<Box<RawValue>>, ReadError>;

    /// The sources, each with its name, its state and how far it is read.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn sources(&self, caller: &dyn Principal) -> Result<Vec<Box<RawValue>>, ReadError>;

    /// What the service does, as an object without personal data.
    ///
    /// # Errors
    /// When it cannot be told.
    fn status(&self, caller: &dyn Principal) -> Result<Box<RawValue>, ReadError>;

    /// Whether a person authenticates.
    ///
    /// # Errors
    /// When a field breaks its format, or the registers cannot be read.
    fn authenticate(&self, asked: &Asked) -> Result<Answer, ReadError>;
}
