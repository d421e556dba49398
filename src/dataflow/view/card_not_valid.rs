//! `card_not_valid`: at least one listed card is registered, none is unknown, and of the registered
//! ones none covers the admission date - or the claim is a stay that ends more than 15 days after
//! the last day of every one.

use super::super::dossier::{Dossier, Outcome, about};
use super::super::fact::{CardFact, OPEN};
use crate::record::{Day, VisitType};
use crate::rule::Reason;

/// Days for which a card that expires during a stay still covers it (Decree 188/2025, Article 50).
const GRACE_DAYS: i32 = 15;

/// What of a claim decides whether the cards presented are valid for it.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Presented {
    pub(in super::super) admission: Day,
    pub(in super::super) discharge: Day,
    pub(in super::super) visit_type: VisitType,
}

/// Whether none of the registered cards, of which there is at least one, is valid for the claim.
pub(in super::super) fn presented_is_not_valid<'a>(
    claim: Presented,
    registered: impl Iterator<Item = &'a CardFact> + Clone,
) -> bool {
    let ended =
        |card: &CardFact| card.valid_to != OPEN && claim.discharge > card.valid_to.plus(GRACE_DAYS);
    let mut cards = registered.clone();
    !cards.any(|card| card.covers(claim.admission))
        || (claim.visit_type.is_stay() && registered.clone().all(ended))
}

pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    for claim in dossier
        .presentations()
        .filter(|claim| !claim.lists_several_cards())
    {
        let Some(card) = claim.card_prefix().and_then(|prefix| dossier.card(prefix)) else {
            continue;
        };
        let presented = Presented {
            admission: claim.admission_date(),
            discharge: claim.discharged_at().day(),
            visit_type: claim.visit_type(),
        };
        if presented_is_not_valid(presented, std::iter::once(card)) {
            let finding = about(claim, Reason::CardNotValid, dossier.ties(claim));
            out.push(Outcome::Finding(finding));
        }
    }
}
