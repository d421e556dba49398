//! What became of an accepted row.

use crate::dataflow::Content;
use crate::record::{Instant, Stream};

/// What became of an accepted row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is what its key holds.
    Applied,
    /// Its key held the same.
    Duplicate,
    /// Its key held what was recorded later.
    Stale,
}

/// A row, and what became of it.
pub struct Resolved<'r> {
    /// Its stream.
    pub stream: Stream,
    /// Its knowledge time.
    pub recorded_at: Instant,
    /// What became of it.
    pub outcome: Outcome,
    /// What its key held before.
    pub before: Option<&'r Content>,
    /// What its key holds after it.
    pub after: Option<&'r Content>,
}

/// Is told of rows.
pub type Listener = Box<dyn FnMut(Resolved<'_>)>;
