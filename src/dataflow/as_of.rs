//! Findings that turn on the as-of date.
//!
//! The as-of date is never crossed with what may be found: a candidate carries the first and the last
//! day on which it holds, and those meet the days that have passed.
//!
//! ```text
//! candidates: from, until ─┬─ +1 on the first day ───────────┐
//!                          └─ -1 on the day after the last ──┴ join ─▶ findings
//! days passed (1900-01-01 … as-of date) ─────────────────────┘
//! ```

use differential_dataflow::VecCollection;
use differential_dataflow::trace::implementations::{KeyBatcher, KeySpine};

use super::fact::OPEN;
use super::finding::Finding;
use super::graph::Findings;
use crate::record::Day;

/// Days before this one count as this one, so that few days need to pass: 1900-01-01.
pub const FIRST_DAY: Day = Day::from_number(-25_567);

/// The candidates that hold on the last day passed.
pub fn held_on_last_day<'scope>(
    candidates: VecCollection<'scope, u32, (Day, Day, Finding), i32>,
    days_passed: VecCollection<'scope, u32, Day, i32>,
) -> Findings<'scope> {
    let begins = candidates
        .clone()
        .map(|(first, _, finding)| (first.max(FIRST_DAY), finding));
    let ends = candidates
        .filter(|(_, last, _)| *last != OPEN)
        .map(|(_, last, finding)| (last.plus(1).max(FIRST_DAY), finding))
        .negate();
    begins
        .concat(ends)
        .arrange_by_key_named("candidates by day")
        .join_core(
            days_passed.arrange_by_self_named("days passed"),
            |_day, finding, ()| Some(finding.clone()),
        )
        .consolidate_named::<_, KeySpine<_, _, _>, _>(
            "candidates that hold, once",
            KeyBatcher::new,
            |finding, ()| finding.clone(),
        )
}
