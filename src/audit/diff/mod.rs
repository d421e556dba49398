//! What two runs decided differently, and why.
//!
//! In: two directories of outputs - of replays, or of a service's exports. Out: each alert of either with what became
//! of it, and what the two runs differ in that it turns on; sums of these. Must hold: memory grows with the alerts that
//! differ, 16 bytes each and what the history says of them, and not with those that do not; a run differs from itself in
//! nothing; an alert that nothing explains is counted as such and never passed over.
//!
//! ```text
//! alerts.ndjson of A ─┐ merge ─▶ differing ids ─▶ history.ndjson of both ─▶ their last events
//! alerts.ndjson of B ─┘   └────────────────────── once more ───────────────▶ state, because ─▶ sums, lines
//! ```
//!
//! States are those of SARIF's `baselineState`, with run A as the baseline.

mod because;
mod compare;
mod events;
mod line;
mod run;
mod stated;
mod sums;

pub use because::{Because, Side};
pub use compare::{Compared, DiffError, Difference, Differing, State, diff};
pub use events::ChangedInput;
pub use line::LineError;
pub use run::RunReadError;
pub use stated::{Stated, StatedDifference};
pub use sums::{Amount, Count, Counted, Sums};
