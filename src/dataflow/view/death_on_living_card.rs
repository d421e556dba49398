//! `death_on_living_card`: the claim ends in death, its citizen is alive, and another claim of the
//! person begins some days after it ended.
//!
//! ```text
//! persons ─ fold ─▶ died, then came (by citizen) ─┐
//!                                                 join ─▶ findings
//! citizens by personal id ─ alive ────────────────┘
//! ```

use super::super::dossier::{Dossier, Outcome};
use super::super::finding::Finding;
use super::super::graph::{Findings, LifeStatuses};
use super::super::node::Node;
use crate::record::LifeStatus;
use crate::rule::{Class, Reason};
use differential_dataflow::VecCollection;

pub(super) fn candidates(dossier: &Dossier, out: &mut Vec<Outcome>) {
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
        evidence.push(super::super::row_ref::RowRef::citizen(citizen));
        evidence.extend(dossier.participant_row());
        let finding = Finding::new(Reason::DeathOnLivingCard, class, claim.row(), evidence);
        out.push(Outcome::DiedThenCame(citizen, finding));
    }
}

/// Keeps the candidates whose citizen is alive.
pub(in super::super) fn death_on_living_card<'scope>(
    candidates: VecCollection<'scope, u32, (Node, Finding), i32>,
    citizens: LifeStatuses<'scope>,
) -> Findings<'scope> {
    candidates
        .arrange_by_key_named("died then came, by citizen")
        .join_core(citizens, |_citizen, finding, status| {
            (*status == LifeStatus::Alive).then(|| finding.clone())
        })
}
