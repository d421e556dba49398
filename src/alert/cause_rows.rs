//! What changed of all that an alert rests on, part by part.
//!
//! In: a finding, or what else an alert rests on, and the rows that changed in an epoch. Out: the causes of what
//! became of the alert. Must hold: what is behind an alert, before the epoch or after it, and changed, is
//! among them.

use std::io;

use super::causes::{ChangedRows, Changes, Side};
use super::epoch::EpochEnd;
use super::event::Cause;
use super::visits::{earlier, window};
use crate::dataflow::{Finding, Observed, RowRef, Support};
use crate::record::Stream;
use crate::rule::Reason;

/// What else than rows changed in an epoch and belongs to what a reason rests on: the as-of date, the
/// settings, and the model.
pub(super) fn causes_beside_rows(epoch: &EpochEnd, reason: Reason) -> Vec<Cause> {
    let turns_on_the_day = matches!(reason, Reason::StaleCard | Reason::BenefitAfterDeath);
    let as_of = epoch.as_of.filter(|_| turns_on_the_day);
    let rules = epoch.rules.as_ref();
    let rules = rules.filter(|rules| rules.reasons.contains(reason));
    let as_of = as_of.map(|day| Cause {
        stream: "as_of",
        key: day.to_string().into(),
    });
    let rules = rules.map(|rules| Cause {
        stream: "rules",
        key: rules.key.clone(),
    });
    let model = epoch.model.as_ref().filter(|_| reason.is_scored());
    let model = model.map(|key| Cause {
        stream: "model",
        key: key.clone(),
    });
    as_of.into_iter().chain(rules).chain(model).collect()
}

/// Adds what changed of the rows that a finding rests on.
pub(super) fn add_evidence(
    finding: &Finding,
    side: Side,
    changed: &mut ChangedRows<'_>,
    changes: &mut Changes,
) -> io::Result<()> {
    changed.add(finding.subject, side, changes)?;
    match &finding.evidence {
        Support::Rows(rows) => rows
            .iter()
            .try_for_each(|row| changed.add(*row, side, changes)),
        Support::Window {
            person,
            first,
            visits,
        } => {
            let range = window(changed.visits(*person, side), *first, *visits);
            changed.add_visits((*person, side), range, changes)?;
            let tie = person.as_citizen().map(RowRef::citizen);
            tie.map_or(Ok(()), |tie| changed.add_one(tie, changes))
        }
    }
}

/// Adds what changed of the rows that an observation rests on beside its claim: the person's claims before
/// it.
pub(super) fn add_observed(
    observed: &Observed,
    side: Side,
    changed: &mut ChangedRows<'_>,
    changes: &mut Changes,
) -> io::Result<()> {
    let range = earlier(changed.visits(observed.person, side), observed.claim);
    changed.add_visits((observed.person, side), range, changes)
}

/// Adds what changed of the cards that decide, or decided, whose a claim is.
pub(super) fn add_deciding_cards(
    epoch: &EpochEnd,
    subject: RowRef,
    changed: &mut ChangedRows<'_>,
    changes: &mut Changes,
) -> io::Result<()> {
    let row = changed.look_up(subject)?;
    let may_list_cards = matches!(row.stream, Stream::Claims | Stream::CheckIns);
    let was_claim = may_list_cards && !row.is_claim && epoch.ordinal > 0;
    let cards = match was_claim {
        true => changed.known(Side::Before).deciding_cards(subject)?,
        false => row.cards.clone(),
    };
    cards
        .iter()
        .try_for_each(|card| changed.add_one(*card, changes))
}

/// Adds the claim of a check-in where it changed: one that comes takes over the check-in's alerts, and
/// gives them back when it goes.
pub(super) fn add_claim_of_check_in(
    subject: RowRef,
    changed: &mut ChangedRows<'_>,
    changes: &mut Changes,
) -> io::Result<()> {
    if changed.look_up(subject)?.stream != Stream::CheckIns {
        return Ok(());
    }
    match changed.known(Side::After).claim_of_check_in(subject)? {
        Some(claim) => changed.add_one(claim, changes),
        None => Ok(()),
    }
}
