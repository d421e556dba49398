//! A batch, as JSON tells it.

use serde::Serialize;

use super::super::told::{self, ItemTold, Proposal, note_state, text, time};
use crate::alert::serialize_amount;
use crate::record::Money;
use crate::review::{Batch, BatchPart, BatchState, BatchTold, Viewer};
use crate::rule::Reason;

/// A batch in a list: nothing that was typed.
#[derive(Serialize)]
pub(super) struct Line {
    number: i64,
    action: &'static str,
    /// To whom, of an assignment.
    assignee: Option<String>,
    /// Of a closing.
    verdict: Option<&'static str>,
    state: &'static str,
    alerts: u64,
    proposer: String,
    proposed_at: String,
    /// Whether the caller may approve or return it.
    can_decide: bool,
    /// Whether the caller may undo it.
    can_undo: bool,
}

/// A batch with all that belongs to it.
#[derive(Serialize)]
pub(super) struct Whole {
    #[serde(flatten)]
    line: Line,
    #[serde(serialize_with = "serialize_amount")]
    amount_vnd: Money,
    by_reason: Vec<Total>,
    /// What came of its alerts.
    outcomes: Vec<Outcome>,
    /// Who had a part in it, the first first.
    parts: Vec<Part>,
    /// Some of its alerts.
    sample: Vec<ItemTold>,
}

/// Alerts and amount of a reason.
#[derive(Serialize)]
pub(super) struct Total {
    reason: &'static str,
    alerts: u64,
    #[serde(serialize_with = "serialize_amount")]
    amount_vnd: Money,
}

#[derive(Serialize)]
struct Outcome {
    /// None of those of which nothing came yet.
    outcome: Option<&'static str>,
    alerts: u64,
}

#[derive(Serialize)]
struct Part {
    step: &'static str,
    at: String,
    name: String,
    note: Option<String>,
    /// What became of it.
    note_state: Option<&'static str>,
}

/// A batch as `who` sees it in a list; `is_person` says whether a person asks.
pub(super) fn line(batch: &Batch, who: &Viewer, is_person: bool) -> Line {
    Line {
        number: batch.number,
        action: batch.action.as_str(),
        assignee: batch.assignee.clone(),
        verdict: batch.verdict.map(|verdict| verdict.as_str()),
        state: batch.state.as_str(),
        alerts: batch.alerts(),
        proposer: batch.proposed.name.clone(),
        proposed_at: time(batch.proposed.at),
        can_decide: is_person && batch.may_decide(who),
        can_undo: is_person && batch.may_undo(who),
    }
}

/// The same with all that belongs to it.
pub(super) fn whole(found: BatchTold, who: &Viewer, is_person: bool) -> Whole {
    let line = line(&found.batch, who, is_person);
    let batch = found.batch;
    let decided = match batch.state {
        BatchState::Returned => "return",
        _ => "approve",
    };
    let parts = [
        Some(part("propose", batch.proposed)),
        batch.decided.map(|one| part(decided, one)),
        batch.undone.map(|one| part("undo", one)),
    ];
    let outcomes = batch.outcomes.into_iter();
    Whole {
        amount_vnd: sum(&found.by_reason),
        by_reason: totals(&found.by_reason),
        outcomes: outcomes
            .map(|(outcome, alerts)| Outcome {
                outcome: outcome.map(|outcome| outcome.as_str()),
                alerts,
            })
            .collect(),
        parts: parts.into_iter().flatten().collect(),
        sample: (found.sample.iter())
            .map(|item| told::item(item, Proposal::Hidden))
            .collect(),
        line,
    }
}

/// Alerts and amounts by reason.
pub(super) fn totals(by_reason: &[(Reason, u64, Money)]) -> Vec<Total> {
    let total = |(reason, alerts, amount): &(Reason, u64, Money)| Total {
        reason: reason.as_str(),
        alerts: *alerts,
        amount_vnd: *amount,
    };
    by_reason.iter().map(total).collect()
}

fn sum(by_reason: &[(Reason, u64, Money)]) -> Money {
    let sum = by_reason.iter().fold(0_i64, |sum, (_, _, amount)| {
        sum.saturating_add(amount.thousandths())
    });
    Money::from_thousandths(sum)
}

fn part(step: &'static str, part: BatchPart) -> Part {
    Part {
        step,
        at: time(part.at),
        name: part.name,
        note_state: note_state(part.note.as_ref()),
        note: text(part.note),
    }
}
