//! Evidence of life, which is no reason: the citizen of a person is missing on record, and a claim of the
//! person is known, admitted on any day, since nothing tells from which day the citizen has been missing.
//!
//! ```text
//! missing citizens ─┬─ join participants ─▶ facts by person ─ find
//!                   └─────────────────────▶ facts by person, of claims without a card
//! ```
//! Few are missing, so that everybody else costs nothing.

use differential_dataflow::VecCollection;

use super::super::dossier::{Dossier, Outcome};
use super::super::fact::Fact;
use super::super::finding::Sign;
use super::super::graph::ParticipantsByCitizen;
use super::super::node::{Node, Person};
use crate::record::LifeStatus;

/// That the citizen is missing, as facts about the participants that it is, and about itself.
pub(in super::super) fn missing_citizens<'scope>(
    life_statuses: VecCollection<'scope, u32, (Node, LifeStatus), i32>,
    participants: ParticipantsByCitizen<'scope>,
) -> VecCollection<'scope, u32, (Person, Fact), i32> {
    let missing = life_statuses.flat_map(|(citizen, status)| match status {
        LifeStatus::Missing => Some(citizen),
        _ => None,
    });
    let of_participants = missing
        .clone()
        .arrange_by_self_named("missing citizens")
        .join_core(participants, |_citizen, (), participant| {
            Some((*participant, Fact::Missing))
        });
    of_participants.concat(missing.map(|citizen| (citizen, Fact::Missing)))
}

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
