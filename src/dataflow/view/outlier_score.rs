//! What the outlier score of a claim rests on: its features, observed from the claim and what was
//! known of the person before it (contract 2: the claim, its person's rows, nothing else).
//!
//! In: the dossier, and what the reasons that call for a score made of it. Out: an observation of each
//! claim that one of them may be about, and, where outliers are looked for, of every claim. Some of those
//! of reasons come to nothing - the citizen is dead, the cluster forgives - and then nobody asks for the
//! score. Must hold: an observation depends on the claim, the claims before it, the death evidence, the
//! card, and which model is in force, alone.

use std::sync::Arc;

use super::super::claim_fact::ClaimFact;
use super::super::dossier::{Dossier, Outcome};
use super::super::finding::Observed;
use super::super::row_ref::RowRef;
use super::cost_outlier::{Earlier, ToJudge};
use crate::model::{self, Visit, card_province};
use crate::rule::Reason;

pub(super) fn observe(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let mut subjects: Vec<RowRef> = out.iter().filter_map(subject_to_score).collect();
    let scoring = dossier.settings.scoring;
    if subjects.is_empty() && !scoring.is_on() {
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
    let all: Arc<[RowRef]> = match scoring.is_on() {
        true => dossier.claims.iter().map(ClaimFact::support).collect(),
        false => Arc::default(),
    };
    for (place, claim) in dossier.claims.iter().enumerate() {
        let is_called_for = subjects.binary_search(&claim.row()).is_ok();
        if !(is_called_for || scoring.is_on()) {
            continue;
        }
        let province = dossier.presented(claim).and_then(card_province);
        let observation =
            model::observe(&visits[place], &visits[..place], province, earliest_death);
        let observed = Observed {
            claim: claim.row(),
            person: dossier.person,
            model: scoring.model,
            observation,
            deaths: deaths.clone(),
        };
        if scoring.is_on() {
            out.push(Outcome::ToJudge(Box::new(ToJudge {
                observed: observed.clone(),
                level: scoring.level,
                is_given: is_called_for,
                tie: dossier.ties(claim).first().copied(),
                earlier: Earlier::new(all.clone(), place),
            })));
        }
        if is_called_for {
            out.push(Outcome::Observed(observed));
        }
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
        | Outcome::Sign(_)
        | Outcome::Basis(_)
        | Outcome::Compared(_)
        | Outcome::ToJudge(_) => None,
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
