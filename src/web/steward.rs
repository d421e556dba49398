//! What callers change, other than by sending rows: the boundary to rejects and sources.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::gate::Principal;
use super::inlet::{PushError, Receipt};
use super::reader::AskedId;
use crate::journal::LoadId;
use crate::service::Undone;

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StewardError {
    /// There is no such thing.
    #[error("there is no such thing")]
    NotFound,
    /// The caller may not change this one: it is of a stream that is not theirs.
    #[error("this one is not the caller's to change")]
    NotTheirs,
    /// It is already repaired, dismissed or running.
    #[error("{0}")]
    Settled(&'static str),
    /// The row that was sent in its place is rejected too.
    #[error("the row is rejected: {code}")]
    StillWrong {
        /// The stable code.
        code: &'static str,
    },
    /// A field of what was asked breaks its format.
    #[error("`{field}`: {expected}")]
    BadField {
        /// The stable code.
        code: &'static str,
        /// The field.
        field: &'static str,
        /// What was expected; never the value.
        expected: String,
    },
    /// What loads brought cannot be taken back.
    #[error("{0}")]
    NotUndoable(&'static str),
    /// What was asked for is not configured.
    #[error("{0}")]
    NotConfigured(&'static str),
    /// The row that was sent in its place could not be journalled.
    #[error(transparent)]
    Push(#[from] PushError),
    /// The store cannot be written.
    #[error("{0}")]
    Unavailable(&'static str),
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// How many claims and check-ins.
    pub claims: usize,
    /// The last day on which they are decided on.
    pub until: String,
    /// The epoch that restores them; none where there are none.
    pub epoch: Option<u64>,
}

/// Changes what operators and data stewards may change. Every method is called from a thread that may block, and
/// runs to its end even if the caller leaves; when it returns, the change is durable.
pub trait Steward: Send + Sync + 'static {
    /// Sends `row` (one JSON object) in the place of a rejected row.
    ///
    /// # Errors
    /// When there is no such reject, it is settled, or the row is rejected too.
    fn repair(&self, caller: &dyn Principal, id: u64, row: Bytes) -> Result<Receipt, StewardError>;

    /// Says that a rejected row will not be repaired. `reason` is one word of lower-case letters, digits and `_`.
    ///
    /// # Errors
    /// When there is no such reject, or it is settled.
    fn dismiss(&self, caller: &dyn Principal, id: u64, reason: &str) -> Result<(), StewardError>;

    /// Lets a source go on that stopped at something it could not read.
    ///
    /// # Errors
    /// When there is no such source, or it runs.
    fn resume(&self, caller: &dyn Principal, source: &str) -> Result<(), StewardError>;

    /// Has the retired claims of a person decided on again, for so many days.
    ///
    /// # Errors
    /// When the number or the days break their format, or no claim is ever retired.
    fn restore(
        &self,
        caller: &dyn Principal,
        whose: &AskedId,
        days: Option<u32>,
    ) -> Result<Restored, StewardError>;

    /// Takes back what loads brought, as if they had never come.
    ///
    /// # Errors
    /// When there is no such load, or it is not known any more what was before it.
    fn undo(
        &self,
        caller: &dyn Principal,
        loads: &BTreeSet<LoadId>,
    ) -> Result<Undone, StewardError>;
}
