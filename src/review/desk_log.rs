//! Who looked at what on the desk, and did what: told to the access log.
//!
//! Must hold: nothing of an alert leaves the desk for somebody before it is in the log.

use super::correction::CorrectionAction;
use super::erasure::ErasedOf;
use super::error::DeskError;
use super::item::GroupId;
use super::lists::Group;
use super::purpose::Purpose;
use super::viewer::Viewer;
use super::work::WorkAction;
use crate::journal::Month;

/// What somebody looked at, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access<'a> {
    /// Looked at a list, with so many alerts.
    Queue(u64),
    /// Looked at an alert.
    Alert(&'a str),
    /// Looked at the alerts of a group, so many of them.
    Group(&'a Group, u64),
    /// Looked for a person by a number: whom, as a pseudonym, and how many alerts were found.
    Search(Option<GroupId>, u64),
    /// Had masked fields of a row of an alert shown.
    Reveal {
        /// The alert.
        alert_id: &'a str,
        /// Why.
        purpose: Purpose,
        /// Whom the row is about, as a pseudonym.
        subject: Option<GroupId>,
        /// The names of the fields.
        fields: &'a [&'static str],
    },
    /// Did something about an alert.
    Did(WorkAction, &'a str),
    /// Asked, on behalf of a citizen, for a correction: its reference, and whom it is about, as a pseudonym.
    AskedForCorrection(&'a str, GroupId),
    /// Looked at a list of so many requests for corrections.
    Corrections(u64),
    /// Looked at a request.
    Correction(&'a str, GroupId),
    /// Did something about a request.
    DidCorrection(CorrectionAction, &'a str, GroupId),
    /// Begins to take a list away, or has: how many alerts left, and whether those were all.
    Export(Option<(u64, bool)>),
    /// Had a part in a batch, by its number, of so many alerts.
    Batch(BatchStep, i64, u64),
}

/// Somebody's part in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchStep {
    /// Proposed it.
    Propose,
    /// Looked at it.
    Open,
    /// Approved it.
    Approve,
    /// Returned it.
    Return,
    /// Undid it.
    Undo,
}

/// Keeps who looked at what.
pub trait DeskLog: Send + Sync {
    /// Keeps an entry; when it returns, the entry is durable. `epoch` is the one up to which was shown what there is.
    ///
    /// # Errors
    /// [`DeskError::NotLogged`] when it cannot be kept: what the entry is about is then not shown.
    fn record(&self, who: &Viewer, access: &Access<'_>, epoch: u64) -> Result<(), DeskError>;

    /// Keeps that the service erased a month; when it returns, that is durable.
    ///
    /// # Errors
    /// [`DeskError::NotLogged`] when it cannot be kept.
    fn erased(&self, of: ErasedOf, month: Month, epoch: u64) -> Result<(), DeskError>;
}
