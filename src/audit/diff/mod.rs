//! What two runs decided differently, alert by alert, and why.
//!
//! In: the output directories of two replays, or of a service's exports. Out: what differs between what went in, each
//! alert that differs with what explains it, and counts. Must hold: a run against itself gives nothing; neither run is
//! held in memory, since both are sorted by alert; what nothing explains is said to be unexplained.
//!
//! ```text
//! A/manifest.json ─┬─▶ differences ───────────────┐
//! B/manifest.json ─┘                              ▼
//! A/alerts.ndjson ─┬─▶ merge join ─▶ changes ─▶ because ─▶ rows, summary
//! B/alerts.ndjson ─┘                              ▲
//! A/history.ndjson ── by alert, the last events ──┤   (only once some alert differs)
//! B/history.ndjson ── by alert, the last events ──┘
//! ```

mod alert_file;
mod because;
mod changes;
mod differences;
mod error;
mod explain;
mod hindsight;
mod last_events;
mod lines;
mod numbers;
mod row;
mod run;
mod summary;
mod told;

use std::cmp::Ordering;
use std::path::Path;

pub use because::{Basis, Because, RowDifference, Side};
pub use changes::Changes;
pub use differences::{Differences, FileDifference, InputDifference, Part, ValueDifference};
pub use error::DiffError;
pub use hindsight::Later;
pub use row::{Amount, DifferingAlert, Pair, State};
pub use summary::{Cell, DiffSummary, Dong, Tally};

use crate::persons::Slice;
use crate::rule::ReasonSet;
use alert_file::{AlertFile, AlertLine};
use explain::{Case, Explainer};
use last_events::Histories;
use numbers::NumberFile;
use run::Run;

/// What is asked.
pub struct DiffOptions<'a> {
    /// The run that is compared with.
    pub a: &'a Path,
    /// The run that is compared.
    pub b: &'a Path,
    /// Alerts of other reasons are left out.
    pub reasons: ReasonSet,
    /// How many of the differing alerts the summary has.
    pub first: usize,
    /// Where histories are sorted that are larger than memory.
    pub scratch: &'a Path,
}

/// Compares two runs. Every alert that differs goes to `each`, by alert id.
///
/// # Errors
/// When a run cannot be read, a line is not as it was written, or `each` fails.
pub fn diff(
    options: &DiffOptions<'_>,
    mut each: impl FnMut(&DifferingAlert) -> Result<(), DiffError>,
) -> Result<DiffSummary, DiffError> {
    let (a, b) = (Run::open(options.a)?, Run::open(options.b)?);
    of_the_same_persons(&a, &b)?;
    let differences = Differences::of(a.manifest(), b.manifest());
    let explainer = Explainer::new(&differences);
    let mut summary = DiffSummary::new(differences.clone(), options.first);
    let mut numbers = Pair {
        a: NumberFile::open(&a)?,
        b: NumberFile::open(&b)?,
    };
    let mut histories = Histories::new(&a, &b, options.scratch);
    let (mut of_a, mut of_b) = (AlertFile::open(&a)?, AlertFile::open(&b)?);
    loop {
        let order = match (of_a.head(), of_b.head()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.alert_id.cmp(&b.alert_id),
        };
        let (has_a, has_b) = (order.is_le(), order.is_ge());
        let head = if has_a { of_a.head() } else { of_b.head() };
        let head = head.expect("one of the runs has an alert left").clone();
        if options.reasons.contains(head.reason) {
            let same = has_a && has_b && of_a.bytes() == of_b.bytes();
            let lines = Pair {
                a: (has_a && !same).then(|| of_a.line()).transpose()?,
                b: (has_b && !same).then(|| of_b.line()).transpose()?,
            };
            let state = match &lines {
                Pair { a: None, b: None } => State::Unchanged,
                Pair { a: None, .. } => State::New,
                Pair { b: None, .. } => State::Absent,
                Pair {
                    a: Some(a),
                    b: Some(b),
                } if changes::changes(a, b).is_empty() => State::Unchanged,
                _ => State::Updated,
            };
            if state == State::Unchanged {
                summary.add_unchanged(&head);
            } else {
                let case = Case {
                    state,
                    changed: match &lines {
                        Pair {
                            a: Some(a),
                            b: Some(b),
                        } => changes::changes(a, b),
                        _ => Changes::new(),
                    },
                    told: histories.told(head.alert_id)?,
                    numbers: Pair {
                        a: numbers.a.of(head.alert_id)?,
                        b: numbers.b.of(head.alert_id)?,
                    },
                    lines,
                    head,
                };
                let because = explainer.explain(&case);
                let differing = differing(case, because);
                summary.add(&differing);
                each(&differing)?;
            }
        }
        if has_a {
            of_a.advance()?;
        }
        if has_b {
            of_b.advance()?;
        }
    }
    Ok(summary)
}

/// What is absent from a run since it is of others is no difference.
fn of_the_same_persons(a: &Run, b: &Run) -> Result<(), DiffError> {
    let persons = |run: &Run| {
        let stated = run
            .manifest()
            .and_then(|one| one.predicate.settings.persons);
        stated.unwrap_or(Slice::ALL)
    };
    match (persons(a), persons(b)) {
        (a, b) if a == b => Ok(()),
        (a, b) => Err(DiffError::OtherPersons { a, b }),
    }
}

fn differing(case: Case, because: Vec<Because>) -> DifferingAlert {
    let amount = |line: &Option<AlertLine>| line.as_ref().map(|line| Amount(line.amount_vnd));
    DifferingAlert {
        alert_id: case.head.alert_id,
        reason: case.head.reason,
        subject: case.head.subject,
        state: case.state,
        amount_vnd: Pair {
            a: amount(&case.lines.a),
            b: amount(&case.lines.b),
        },
        changed: case.changed,
        because,
    }
}
