//! Registered cards of which none covers the visit.

use super::unknown_card::has_unknown_card;
use super::{Findings, about_presentation, presentations};
use crate::plain::{Card, Claim, Day, plus};
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for (kind, claim) in presentations(world) {
        let registered: Vec<_> = claim
            .cards
            .iter()
            .filter_map(|c| world.cards.get(c))
            .collect();
        if registered.is_empty() || has_unknown_card(world, &claim) {
            continue;
        }
        let covered = registered
            .iter()
            .any(|card| card.covers(claim.admission_date()));
        let outlived = kind == "claim"
            && claim.is_stay()
            && registered
                .iter()
                .all(|card| ends_long_before(card, &claim, world.thresholds.stay_grace_days));
        if !covered || outlived {
            findings.extend([about_presentation(world, (kind, &claim), "eligibility", [])]);
        }
    }
    findings
}

/// The discharge date is more than so many days after the card's valid_to.
fn ends_long_before(card: &Card, claim: &Claim, days: i32) -> bool {
    card.valid_to
        .is_some_and(|to| claim.discharge_date() > plus(to, days))
}
