//! A listed card that is not registered, and is neither a newborn's nor a force card.

use super::{Findings, about_presentation, presentations};
use crate::plain::{Claim, Day, is_force_card};
use crate::world::World;

pub fn find(world: &World, _: Option<Day>) -> Findings {
    presentations(world)
        .iter()
        .filter(|(_, claim)| has_unknown_card(world, claim))
        .map(|(kind, claim)| about_presentation(world, (kind, claim), "eligibility", []))
        .collect()
}

/// Whether the condition holds of a claim.
pub fn has_unknown_card(world: &World, claim: &Claim) -> bool {
    claim.cards.iter().any(|card| {
        !world.cards.contains_key(card)
            && !claim.is_newborn_card(card, world.thresholds.newborn_days)
            && !is_force_card(card)
    })
}
