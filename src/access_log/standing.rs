//! How a log stands, for whoever watches it.

use crate::record::Instant;

/// How a log stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Standing {
    /// How many lines are durable.
    pub lines: u64,
    /// When the log was signed last, if it was.
    pub signed_at: Option<Instant>,
    /// When the whole of it was last verified, since the start, and nothing was wrong.
    pub verified_at: Option<Instant>,
    /// Whether it was found changed or incomplete, at the start or since.
    pub is_damaged: bool,
}
