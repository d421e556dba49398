//! Evidence of life, which is no reason: the citizen of a person is missing on record, and a claim of the
//! person is known, admitted on any day, since nothing tells from which day the citizen has been missing.
//! Few are missing, and only of them it is a fact, so that everybody else costs nothing.

use super::super::dossier::{Dossier, Outcome};
use super::super::finding::Sign;

/// Gives out the last day on which the person was admitted.
pub(super) fn find(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let citizen = dossier.citizen.or(dossier.person.as_citizen());
    let last = dossier.claims.last();
    if let (Some(citizen), Some(last)) = (citizen, last) {
        out.push(Outcome::Sign(Sign {
            citizen,
            person: dossier.person,
            last: last.admission_date(),
        }));
    }
}
