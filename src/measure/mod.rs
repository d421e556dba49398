//! Data measures: is what the fund knows correct, sufficient, clean and live?
//!
//! In: what each accepted row did to its key, the rejected rows, the alerts that hold. Out: shares and
//! delays by stream, by facility and of enterprises; lines of `measures.ndjson`, a block of the summary,
//! metrics. Must hold: integer counters only, which after any history of late rows, corrections and
//! deletions are those of the rows that hold; memory grows with facilities and enterprises, not with rows.
//!
//! ```text
//! record ─ Note (8 bytes, on the reader's thread) ─▶ row log ─▶ before, after ─▶ Measures ─┐
//! rejects ─────────────────────────────────────────────────────────────────────▶ Rejected ─┼─▶ Report
//! alerts ──────────────────────────────────────────────────────────────────────▶ checks ───┘
//! ```
//!
//! | question | measure |
//! |---|---|
//! | correct | rows that no alert of some reasons is about, of the rows that hold (`correct`) |
//! | sufficient | cells that are filled, of those that are expected (`indicator`) |
//! | clean | rows sent again or rejected, of the rows that came (`measures`, `rejected`) |
//! | live | age of the last row; from when something was true to when it was known (`delay`) |

mod correct;
mod delay;
mod describe;
mod exposition;
mod failing;
mod indicator;
mod measured;
mod measures;
mod note;
mod rejected;
mod report;
mod share;
mod standing;
mod tally;
mod workforce;

pub use correct::{CHECKS, Check};
pub use delay::{DEADLINES, Deadline};
pub use describe::describe;
pub use exposition::exposition;
pub use failing::Failing;
pub use indicator::Indicator;
pub use measured::Measured;
pub use measures::{Held, Measures, Outcome};
pub use note::Note;
pub use rejected::Rejected;
pub use report::{
    CleanReport, CorrectReport, DelayClass, DelayReport, EnterprisesReport, FacilityReport,
    LiveReport, Named, Parts, PercentClass, Percentile, ReadError, Report, Run, StreamReport,
};
pub use share::Share;
pub use standing::{Aspect, worst_first};
pub use workforce::{Registered, Workforce};

#[cfg(test)]
mod tests;
