//! `card_not_valid`: at least one listed card is registered, none is unknown, and of the registered
//! ones none covers the admission date - or the claim is a stay that ends more than a grace period after
//! the last day of every one.

use super::super::claim_fact::ClaimFact;
use super::super::dossier::{Dossier, Outcome, about};
use super::super::fact::CardFact;
use crate::record::Day;
use crate::rule::{CardNotValid, Reason};

/// The earliest last day of a card that is valid for the claim to its end.
pub(in super::super) fn needed_until(claim: &ClaimFact, settings: &CardNotValid) -> Day {
    let discharge = claim.discharged_at().day();
    match claim.visit_type().is_stay() {
        true => discharge.plus(-settings.stay_grace_days),
        // A card that covers the admission date is valid for it.
        false => claim.admission_date(),
    }
}

/// Whether none of the registered cards, of which there is at least one, is valid for a claim of an
/// admission date that needs one until a day.
pub(in super::super) fn presented_is_not_valid<'a>(
    (admission, needed_until): (Day, Day),
    registered: impl Iterator<Item = &'a CardFact> + Clone,
) -> bool {
    let (mut cards, mut again) = (registered.clone(), registered);
    !cards.any(|card| card.covers(admission)) || again.all(|card| card.valid_to < needed_until)
}

pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    for claim in dossier
        .presentations()
        .filter(|claim| !claim.lists_several_cards())
    {
        let Some(card) = claim.card_prefix().and_then(|prefix| dossier.card(prefix)) else {
            continue;
        };
        let needed_until = needed_until(claim, &dossier.settings.card_not_valid);
        let presented = (claim.admission_date(), needed_until);
        if presented_is_not_valid(presented, std::iter::once(card)) {
            let finding = about(claim, Reason::CardNotValid, dossier.ties(claim));
            out.push(Outcome::Finding(finding));
        }
    }
}
