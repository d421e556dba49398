//! `blood_group_conflict`: the claim's blood group and that of the person's health profile differ in
//! the letters of the ABO system.

use super::super::dossier::{Dossier, Outcome, about};
use super::super::row_ref::RowRef;
use crate::rule::Reason;

pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let Some(known) = dossier.blood_type else {
        return;
    };
    for claim in &dossier.claims {
        if claim.blood_type().is_some_and(|claimed| claimed != known) {
            let mut evidence = dossier.ties(claim);
            evidence.extend(dossier.participant_row());
            let citizen = dossier.citizen.or(dossier.person.as_citizen());
            evidence.extend(citizen.map(RowRef::health_profile));
            let finding = about(claim, Reason::BloodGroupConflict, evidence);
            out.push(Outcome::Finding(finding));
        }
    }
}
