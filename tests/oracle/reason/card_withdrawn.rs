//! The person's card was revoked, locked or reduced by the admission date.

use super::{Findings, about_presentation, presentations};
use crate::person::card_of;
use crate::plain::Day;
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    let mut findings = Findings::new();
    for (kind, claim) in presentations(world) {
        let Some(card) = card_of(world, &claim).and_then(|card| world.cards.get(card)) else {
            continue;
        };
        if ["revoked", "locked", "reduced"].contains(&card.status)
            && card
                .status_date
                .is_some_and(|since| since <= claim.admission_date())
        {
            findings.extend([about_presentation(world, (kind, &claim), "eligibility", [])]);
        }
    }
    findings
}
