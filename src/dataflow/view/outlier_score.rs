//! What the outlier score of a claim rests on: its features, observed from the claim and what was
//! known of the person before it (contract 2: the claim, its person's rows, nothing else).
//!
//! In: the dossier, and what the reasons that call for a score made of it. Out: an observation of each
//! claim that one of them may be about. Some of those come to nothing - the citizen is dead, the
//! cluster forgives - and then nobody asks for the score. Must hold: an observation depends on the
//! claim, the claims before it, the death evidence and the card alone.

use super::super::claim_fact::ClaimFact;
use super::super::dossier::{Dossier, Outcome};
use super::super::finding::Observed;
use super::super::row_ref::RowRef;
use crate::model::{self, Visit, card_province};
use crate::rule::Reason;

pub(super) fn observe(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let mut subjects: Vec<RowRef> = out.iter().filter_map(subject_to_score).collect();
    if subjects.is_empty() {
        return;
    }
    subjects.sort_unstable();
    subjects.dedup();
    let visits: Vec<Visit> = dossier.claims.iter().map(visit).collect();
    let earliest_death = dossier.deaths.iter().map(|death| death.latest_day).min();
    let mut deaths: Vec<RowRef> = dossier
        .deaths
        .iter()
        .flat_map(|death| std::iter::once(death.row).chain(death.tie()))
        .collect();
    deaths.sort_unstable();
    deaths.dedup();
    let deaths: Box<[RowRef]> = deaths.into();
    for (place, claim) in dossier.claims.iter().enumerate() {
        if subjects.binary_search(&claim.row()).is_err() {
            continue;
        }
        let province = dossier.presented(claim).and_then(card_province);
        let observation =
            model::observe(&visits[place], &visits[..place], province, earliest_death);
        out.push(Outcome::Observed(Observed {
            claim: claim.row(),
            person: dossier.person,
            observation,
            deaths: deaths.clone(),
        }));
    }
}

/// The claim that an outcome is about, if its reason calls for a score.
fn subject_to_score(outcome: &Outcome) -> Option<RowRef> {
    match outcome {
        Outcome::Finding(finding) => {
            (finding.reason == Reason::ServiceAfterDeath).then_some(finding.subject)
        }
        Outcome::DiedThenCame(_, finding) | Outcome::OtherCitizen(_, _, finding) => {
            Some(finding.subject)
        }
        Outcome::Member(_, member) => member.claim(),
        Outcome::Observed(_)
        | Outcome::Visits(_)
        | Outcome::Forgiving(_)
        | Outcome::ReportedDead(..)
        | Outcome::Excluded(_)
        | Outcome::HoldsBetween(..)
        | Outcome::Sign(_) => None,
    }
}

fn visit(claim: &ClaimFact) -> Visit {
    Visit {
        admitted_at: claim.admitted_at(),
        discharged_at: claim.discharged_at(),
        facility: claim.facility,
        visit_type: claim.visit_type().number(),
        diagnosis: claim.diagnosis,
        cost: claim.cost(),
    }
}
