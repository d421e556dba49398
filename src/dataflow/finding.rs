//! What a view finds: a reason that holds of a subject, and the rows it rests on.

use serde::{Deserialize, Serialize};

use super::row_ref::RowRef;
use crate::rule::{Class, Reason};

/// One reason that holds of one subject.
///
/// There is at most one finding of a reason and subject at any time; an attribute that changes is
/// this finding going and another coming.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Finding {
    /// The claim or card it is about.
    pub subject: RowRef,
    /// Why.
    pub reason: Reason,
    /// What it suggests.
    pub class: Class,
    /// Distinct sources of a death, for the reason that counts them; else 0.
    pub grade: u8,
    /// The rows it rests on beside the subject. For `frequent_visits` the claims of the window in
    /// their order; else in no meaningful order, without repetition.
    pub evidence: Box<[RowRef]>,
}

impl Finding {
    /// A finding whose rows are put in order and freed of repetition.
    pub fn new(reason: Reason, class: Class, subject: RowRef, mut evidence: Vec<RowRef>) -> Self {
        evidence.sort_unstable();
        evidence.dedup();
        Self {
            subject,
            reason,
            class,
            grade: 0,
            evidence: evidence.into(),
        }
    }
}
