//! `stale_card`: a `valid` card covers the as-of date, and its holder has a death evidence whose
//! latest day is before it.
//!
//! The as-of date is never crossed with the cards: only cards of holders with death evidence are
//! candidates, each with the days between which it is stale, and those days meet the days that have
//! passed.
//!
//! ```text
//! persons ─ fold ─▶ stale from, until ─┬─ +1 on the first day ───────┐
//!                                      └─ -1 on the day after the last ┴ join ─▶ findings
//! days passed (1900-01-01 … as-of date) ──────────────────────────────┘
//! ```

use differential_dataflow::VecCollection;
use differential_dataflow::trace::implementations::{KeyBatcher, KeySpine};

use super::super::dossier::{Dossier, Outcome};
use super::super::fact::OPEN;
use super::super::finding::Finding;
use super::super::graph::Findings;
use super::super::row_ref::RowRef;
use crate::record::{CardStatus, Day};
use crate::rule::Reason;

/// Days before this one count as this one, so that few days need to pass: 1900-01-01.
pub(in super::super) const FIRST_DAY: Day = Day::from_number(-25_567);

pub(super) fn candidates(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let (Some(holder), Some(died)) = (
        dossier.person.as_participant(),
        dossier.deaths.iter().map(|death| death.latest_day).min(),
    ) else {
        return;
    };
    for card in dossier
        .cards
        .iter()
        .filter(|card| card.status == CardStatus::Valid)
    {
        let first = card.valid_from.max(died.plus(1));
        if first > card.valid_to {
            continue;
        }
        let mut evidence: Vec<RowRef> = dossier.deaths.iter().map(|death| death.row).collect();
        evidence.extend(dossier.deaths.iter().filter_map(|death| death.tie()));
        let subject = RowRef::card(card.number(holder));
        let reason = Reason::StaleCard;
        let finding = Finding::new(reason, reason.class(), subject, evidence);
        out.push(Outcome::Stale(first, card.valid_to, finding));
    }
}

/// The candidates that hold on the last day passed.
pub(in super::super) fn stale_card<'scope>(
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
        .arrange_by_key_named("stale cards, by day")
        .join_core(
            days_passed.arrange_by_self_named("days passed"),
            |_day, finding, ()| Some(finding.clone()),
        )
        .consolidate_named::<_, KeySpine<_, _, _>, _>(
            "stale cards, once",
            KeyBatcher::new,
            |finding, ()| finding.clone(),
        )
}
