//! Claims that are decided on for a while though they are beyond the window.

use std::fmt;

use super::alert::Word;

/// A claim or check-in that an epoch restored.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RestoredClaim {
    /// Its stream.
    pub stream: Word,
    /// The facility.
    pub facility: String,
    /// The visit, in the facility's numbering.
    pub visit_id: String,
    /// The last as-of day on which it is decided on, in days since 1970-01-01.
    pub until_day: i32,
}

impl RestoredClaim {
    /// What names it.
    pub(super) fn key(&self) -> (&str, &str, &str) {
        (&self.stream, &self.facility, &self.visit_id)
    }
}

/// Tells until when, not which.
impl fmt::Debug for RestoredClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RestoredClaim")
            .field("stream", &self.stream)
            .field("until_day", &self.until_day)
            .finish_non_exhaustive()
    }
}

/// A restored claim as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRestoration {
    /// The epoch that restored it.
    pub epoch: u64,
    /// The claim.
    pub claim: RestoredClaim,
}
