//! What the outlier score of a claim rests on: its features, observed from the claim and what was
//! known of the person before it (contract 2: the claim, its person's rows, nothing else).
//!
//! In: the dossier, and what the reasons that call for a score made of it. Out: an observation of each
//! claim that one of them may be about, and, where outliers are looked for, of every claim. Some of those
//! of reasons come to nothing - the citizen is dead, the cluster forgives - and then nobody asks for the
//! score. For training, also an observation of each claim that a sample takes. Must hold: an observation
//! depends on the claim, the claims before it, the card, and which model is in force, alone; what a sample
//! takes depends on the claim's own content.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::claim_fact::ClaimFact;
use super::super::dossier::{Dossier, Outcome};
use super::super::finding::{Observed, Sampled};
use super::super::row_ref::RowRef;
use super::cost_outlier::{Earlier, ToJudge};
use crate::model::{self, Visit, card_province};
use crate::record::CardNumber;
use crate::rule::Reason;

/// Which claims are observed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Observe {
    /// Those that a reason with a score may be about.
    #[default]
    Flagged,
    /// Those, and, as a sample, each claim whose draw is at most this.
    Sampled(u64),
}

pub(super) fn observe(dossier: &Dossier, observe: Observe, out: &mut Vec<Outcome>) {
    let mut subjects: Vec<RowRef> = out.iter().filter_map(subject_to_score).collect();
    let scoring = dossier.settings.scoring;
    if subjects.is_empty() && observe == Observe::Flagged && !scoring.is_on() {
        return;
    }
    subjects.sort_unstable();
    subjects.dedup();
    let all: Arc<[RowRef]> = match scoring.is_on() {
        true => dossier.claims.iter().map(ClaimFact::support).collect(),
        false => Arc::default(),
    };
    let visit = |claim| visit(claim, dossier.presented(claim));
    let visits: Vec<Visit> = dossier.claims.iter().map(visit).collect();
    let observations = model::observations(&visits);
    for (place, (claim, observation)) in dossier.claims.iter().zip(observations).enumerate() {
        if let Observe::Sampled(most) = observe {
            let draw = draw(claim, dossier.presented(claim));
            if draw <= most {
                out.push(Outcome::Sampled(Sampled {
                    draw,
                    admitted: claim.admission_date(),
                    claim: claim.row(),
                    observation,
                }));
            }
        }
        let is_called_for = subjects.binary_search(&claim.row()).is_ok();
        if !(is_called_for || scoring.is_on()) {
            continue;
        }
        let observed = Observed {
            claim: claim.row(),
            person: dossier.person,
            model: scoring.model,
            observation,
        };
        if scoring.is_on() {
            out.push(Outcome::ToJudge(Box::new(ToJudge {
                observed: observed.clone(),
                level: scoring.level,
                facility: claim.facility,
                admitted: claim.admission_date(),
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

/// A number that a claim's own content draws, as good as at random: which claims a sample takes does not
/// hang on the order in which they became known.
fn draw(claim: &ClaimFact, card: Option<CardNumber>) -> u64 {
    let words = [
        claim.admitted_at().minutes() as u64,
        claim.discharged_at().minutes() as u64,
        claim.facility.packed().into(),
        claim.bill(),
        claim.visit_type().number().into(),
        card.map_or(0, CardNumber::packed),
    ];
    words.into_iter().fold(0, |hash, word| mix(hash ^ word))
}

/// Mixes 64 bits (the finalizer of SplitMix64: Steele, Lea & Flood, OOPSLA 2014).
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let word = (word ^ word >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ word >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ word >> 31
}

/// The claim that an outcome is about, if its reason calls for a score.
fn subject_to_score(outcome: &Outcome) -> Option<RowRef> {
    match outcome {
        Outcome::Finding(finding) => match finding.reason {
            Reason::ServiceAfterDeath | Reason::DeathOnLivingCard => Some(finding.subject),
            _ => None,
        },
        Outcome::DiedThenCame(claim) => Some(*claim),
        Outcome::OtherCitizen(_, _, finding) => Some(finding.subject),
        Outcome::Member(_, member) => member.claim(),
        Outcome::Observed(_)
        | Outcome::Sampled(_)
        | Outcome::Visits(_)
        | Outcome::Forgiving(_)
        | Outcome::ReportedDead(..)
        | Outcome::Excluded(_)
        | Outcome::HoldsBetween(..)
        | Outcome::Sign(_)
        | Outcome::Basis(_)
        | Outcome::Compared(_)
        | Outcome::Weighed(_)
        | Outcome::ToJudge(_) => None,
    }
}

fn visit(claim: &ClaimFact, card: Option<CardNumber>) -> Visit {
    Visit {
        admitted_at: claim.admitted_at(),
        discharged_at: claim.discharged_at(),
        facility: claim.facility,
        visit_type: claim.visit_type().number(),
        diagnosis: claim.diagnosis(),
        age: claim.age(),
        cost: claim.cost(),
        card_province: card.and_then(card_province),
    }
}
