//! `death_on_living_card`: the claim ends in death, its citizen is alive, and another claim of the
//! person begins some days after it ended.
//!
//! Whether the citizen is alive is a fact about the person, where it is not.

use super::super::dossier::{Dossier, Outcome};
use super::super::finding::Finding;
use super::super::row_ref::RowRef;
use crate::rule::{Class, Reason};

pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let Some(citizen) = dossier.citizen.or_else(|| dossier.person.as_citizen()) else {
        return;
    };
    let days_later = dossier.settings.death_on_living_card.days_later;
    for claim in dossier.claims.iter().filter(|claim| claim.died()) {
        let alive_on = claim.discharged_at().day().plus(days_later);
        // Claims are by arrival: the first one after the death.
        let Some(later) = dossier
            .claims
            .iter()
            .find(|c| c.admission_date() >= alive_on)
        else {
            continue;
        };
        let class = if claim.visit_type().is_stay() {
            Class::MisuseSuspected
        } else {
            Class::DataQuality
        };
        let mut evidence = dossier.ties(claim);
        evidence.push(later.support());
        evidence.push(RowRef::citizen(citizen));
        evidence.extend(dossier.participant_row());
        let finding = Finding::new(Reason::DeathOnLivingCard, class, claim.row(), evidence);
        out.push(match dossier.is_alive {
            true => Outcome::Finding(finding),
            false => Outcome::DiedThenCame(claim.row()),
        });
    }
}
