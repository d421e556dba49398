//! Why an alert is otherwise in one run than in the other.
//!
//! In: the alert in both, what the runs state differently, and what their histories say last. Out: everything that the
//! runs differ in and that the alert turns on. Must hold: a threshold explains only reasons that use it, a model only
//! what rests on scores, a row only what rests on it; where nothing does, that is said.

use serde::Serialize;
use serde_json::Value;

use super::events::{ChangedInput, LastEvent};
use super::line::Line;
use super::stated::Stated;
use crate::record::{Instant, Value as _};
use crate::rule::Reason;

/// One of two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Side {
    /// The first, the baseline.
    A,
    /// The second.
    B,
}

/// What explains that an alert differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Because {
    /// The reason was not computed in a run.
    ReasonNotComputed {
        /// In which.
        run: Side,
    },
    /// A threshold that the reason uses differs.
    Threshold {
        /// Its name.
        name: String,
        /// The value in A.
        a: Value,
        /// The value in B.
        b: Value,
    },
    /// The catalogue of rules differs.
    Rules,
    /// The outlier model differs, and what differs rests on it.
    Model,
    /// The model that links participants, or the least probability, differs.
    LinkModel,
    /// The list of benefits that exclude each other differs.
    ExclusiveBenefits,
    /// Something became known between the as-of times of the runs.
    KnownLater {
        /// When.
        at: String,
        /// What happened to the alert then.
        event: String,
        /// What became known.
        inputs: Vec<ChangedInput>,
    },
    /// The as-of date differs, on which the reason turns.
    AsOf,
    /// Rows that it rests on differ.
    Rows {
        /// Those that differ.
        inputs: Vec<ChangedInput>,
    },
    /// Another program computed it, and nothing else differs that it turns on.
    Code,
    /// Nothing that the runs state, and nothing in their histories.
    Unexplained,
}

/// What is known of an alert in both runs.
pub struct Pair<'a> {
    /// Its line in A and in B.
    pub lines: [Option<&'a Line>; 2],
    /// Its last event in A and in B.
    pub events: [Option<&'a LastEvent>; 2],
    /// The members that differ, where it is in both.
    pub changed: &'a [String],
}

/// Why an alert differs.
pub fn because(pair: &Pair<'_>, stated: &Stated) -> Vec<Because> {
    let line = pair.lines[0]
        .or(pair.lines[1])
        .expect("an alert of at least one run");
    let reason = line.alert.reason;
    let mut told = Vec::new();
    for (side, reasons) in [(Side::A, &stated.reasons[0]), (Side::B, &stated.reasons[1])] {
        if reasons
            .as_ref()
            .is_some_and(|reasons| !reasons.contains(reason))
        {
            told.push(Because::ReasonNotComputed { run: side });
        }
    }
    let of_reason = stated
        .thresholds
        .iter()
        .filter(|(.., reasons)| reasons.contains(reason));
    told.extend(of_reason.map(|(name, a, b, _)| Because::Threshold {
        name: name.clone(),
        a: a.clone(),
        b: b.clone(),
    }));
    if stated.differs_in("rules") {
        told.push(Because::Rules);
    }
    if stated.differs_in("model") && rests_on_model(reason, pair) {
        told.push(Because::Model);
    }
    let is_linked = reason == Reason::ProbableDuplicate;
    if is_linked && (stated.differs_in("link_model") || stated.differs_in("link_weight")) {
        told.push(Because::LinkModel);
    }
    if reason == Reason::ExclusiveBenefits && stated.differs_in("exclusive_benefits") {
        told.push(Because::ExclusiveBenefits);
    }
    told.extend(known_later(pair, stated));
    let turns_on_day = matches!(reason, Reason::StaleCard | Reason::BenefitAfterDeath);
    if turns_on_day && stated.day[0] != stated.day[1] {
        told.push(Because::AsOf);
    }
    // Of the same files by the same time, the same rows are known.
    if !(stated.same_inputs && stated.as_of[0] == stated.as_of[1]) {
        let inputs = differing_rows(pair);
        if !inputs.is_empty()
            && told
                .iter()
                .all(|one| !matches!(one, Because::KnownLater { .. }))
        {
            told.push(Because::Rows { inputs });
        }
    }
    if told.is_empty() && stated.differs_in("code") {
        told.push(Because::Code);
    }
    if told.is_empty() {
        told.push(Because::Unexplained);
    }
    told
}

/// Whether what differs of an alert may rest on the outlier model.
fn rests_on_model(reason: Reason, pair: &Pair<'_>) -> bool {
    let of_scores = [
        "score",
        "score_features",
        "misuse_probability",
        "misuse_features",
        "priority",
    ];
    let is_both = pair.lines.iter().all(Option::is_some);
    reason == Reason::CostOutlier
        || is_both
            && pair
                .changed
                .iter()
                .any(|member| of_scores.contains(&member.as_str()))
}

/// What the run that knows more says of the alert after the time up to which the other knows.
fn known_later(pair: &Pair<'_>, stated: &Stated) -> Option<Because> {
    let [a, b] = stated.as_of;
    let (until, later) = match (a, b) {
        (Some(a), None) => (a, 1),
        (None, Some(b)) => (b, 0),
        (Some(a), Some(b)) if a < b => (a, 1),
        (Some(a), Some(b)) if b < a => (b, 0),
        _ => return None,
    };
    let event = pair.events[later]?;
    let at = Instant::from_text(&event.at)?;
    (at > until).then(|| Because::KnownLater {
        at: event.at.clone(),
        event: event.kind.clone(),
        inputs: event.cause.clone(),
    })
}

/// The rows that differ: of the evidence, else what the last events say, else what the alert rests on in the one run
/// that has it.
fn differing_rows(pair: &Pair<'_>) -> Vec<ChangedInput> {
    let evidence = |line: Option<&Line>| -> Vec<(ChangedInput, Instant)> {
        let places = line.into_iter().flat_map(|line| &line.alert.evidence);
        let row = |place: &crate::case::EvidencePlace| {
            let input = ChangedInput {
                stream: place.stream.clone(),
                key: place.key.clone(),
            };
            (input, place.recorded_at)
        };
        places.map(row).collect()
    };
    let [a, b] = pair.lines.map(evidence);
    if pair.lines.iter().all(Option::is_some) {
        let only = |one: &[(ChangedInput, Instant)], other: &[(ChangedInput, Instant)]| {
            let rows = one.iter().filter(|row| !other.contains(row));
            rows.map(|(input, _)| input.clone()).collect::<Vec<_>>()
        };
        let mut rows = only(&a, &b);
        rows.extend(
            only(&b, &a)
                .into_iter()
                .filter(|row| !rows.contains(row))
                .collect::<Vec<_>>(),
        );
        if !rows.is_empty() {
            return rows;
        }
    }
    let [of_a, of_b] = pair.events;
    if of_a.map(|event| &event.cause) != of_b.map(|event| &event.cause) {
        // Where it is not, what withdrew it tells more than what raised it elsewhere.
        let missing = pair.lines.iter().position(Option::is_none);
        let events = [missing.and_then(|side| pair.events[side]), of_b, of_a];
        if let Some(event) = events.into_iter().flatten().next() {
            // The as-of date, settings and models are no rows, and told otherwise.
            let is_row =
                |input: &&ChangedInput| !["as_of", "rules", "model"].contains(&&*input.stream);
            let rows: Vec<ChangedInput> = event.cause.iter().filter(is_row).cloned().collect();
            if !rows.is_empty() {
                return rows;
            }
        }
    }
    a.into_iter().chain(b).map(|(input, _)| input).collect()
}
