//! A report of a running service.

use super::report::Report;
use crate::record::Instant;

/// What is measured of a running service.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The report.
    pub report: Report,
    /// From when on rows that came are counted; none where from the first on. What holds is counted whole.
    pub counted_from: Option<Instant>,
    /// When it was made.
    pub at: Instant,
}
