//! `unknown_card`: a listed card is not registered, and it is neither a temporary newborn card nor a
//! force card. A claim that lists several cards is decided where its cards are (see
//! [`super::super::presented`]).

use super::super::dossier::{Dossier, Outcome, about};
use crate::rule::Reason;

pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    for claim in dossier
        .presentations()
        .filter(|claim| !claim.lists_several_cards())
    {
        let Some(prefix) = claim.card_prefix() else {
            continue;
        };
        if !claim.may_be_unregistered() && dossier.card(prefix).is_none() {
            let finding = about(claim, Reason::UnknownCard, dossier.ties(claim));
            out.push(Outcome::Finding(finding));
        }
    }
}
