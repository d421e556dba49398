//! `stale_card`: a `valid` card covers the as-of date, and its holder has a death evidence whose
//! latest day is before it.
//! Only cards of holders with death evidence are candidates, each with the days between which it is
//! stale (see [`super::super::as_of`]).

use super::super::dossier::{Dossier, Outcome};
use super::super::finding::Finding;
use super::super::row_ref::RowRef;
use crate::record::CardStatus;
use crate::rule::Reason;

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
        out.push(Outcome::HoldsBetween(first, card.valid_to, finding));
    }
}
