//! `card_withdrawn`: the person's card was revoked, locked or reduced on or before the admission
//! date.

use super::super::dossier::{Dossier, Outcome, about};
use super::super::fact::UNDATED;
use crate::record::CardStatus;
use crate::rule::Reason;

pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    for claim in dossier.presentations() {
        let Some(card) = claim.card_prefix().and_then(|prefix| dossier.card(prefix)) else {
            continue;
        };
        let withdrawn = matches!(
            card.status,
            CardStatus::Revoked | CardStatus::Locked | CardStatus::Reduced
        );
        let since = card.status_date;
        if withdrawn && since != UNDATED && since <= claim.admission_date() {
            let finding = about(claim, Reason::CardWithdrawn, dossier.ties(claim));
            out.push(Outcome::Finding(finding));
        }
    }
}
