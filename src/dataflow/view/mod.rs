//! The reasons, one file each.
//!
//! Three shapes, by what decides a reason:
//!
//! - its own columns: a function of the claim (`money_mismatch`, `sex_diagnosis_conflict`, …);
//! - one person: a function of the [`Dossier`], called by the fold over persons;
//! - several persons, registers or days: a function from collections to findings, with its drawing.

mod age_diagnosis_conflict;
mod benefit_after_death;
mod benefit_mismatch;
mod blood_group_conflict;
mod card_not_valid;
mod card_withdrawn;
mod cost_outlier;
mod death_on_living_card;
pub(super) mod duplicate_claim;
mod duplicate_identity;
mod employer_ceased;
mod evidence_of_life;
pub(super) mod exclusive_benefits;
mod frequent_visits;
mod identity_mismatch;
pub(super) mod money_mismatch;
mod outlier_score;
mod overlapping_stay;
pub(super) mod probable_duplicate;
mod same_day_facilities;
mod service_after_death;
mod sex_diagnosis_conflict;
mod stale_card;
pub(super) mod unauthenticated_identity;
mod unknown_card;
mod visit_during_stay;

pub(super) use benefit_after_death::{BenefitEnd, benefit_after_death};
pub use benefit_mismatch::{Asked, OverpaidLevels};
pub(super) use card_not_valid::{needed_until, presented_is_not_valid};
pub(super) use cost_outlier::Judge;
pub use cost_outlier::{Shadow, ToJudge};
pub(super) use duplicate_identity::{Member, duplicate_identity};
pub(super) use employer_ceased::ceased_employers;
pub use exclusive_benefits::{BenefitFact, Excluded, UnemployedFact};
pub(super) use identity_mismatch::{Part as ForgivingPart, identity_mismatch};
pub use outlier_score::Observe;

use super::dossier::{Dossier, Outcome};
use super::finding::{Support, Visits};
use super::row_ref::RowRef;
use crate::record::Claim;
use crate::rule::{Reason, ReasonSet, diagnosis_limits};

/// The reasons that the claim's own columns decide under any settings.
pub(super) fn reasons_of_claim(claim: &Claim) -> impl Iterator<Item = Reason> + use<> {
    let (mut sex, mut age) = (false, false);
    for diagnosis in std::iter::once(&claim.main_diagnosis).chain(&claim.other_diagnoses) {
        let limits = diagnosis_limits(diagnosis.as_str());
        sex |= sex_diagnosis_conflict::holds(claim, &limits);
        age |= age_diagnosis_conflict::holds(claim, &limits);
    }
    let reasons = [
        sex.then_some(Reason::SexDiagnosisConflict),
        age.then_some(Reason::AgeDiagnosisConflict),
    ];
    reasons.into_iter().flatten()
}

/// The reasons that one person decides, and what other views need of the person.
pub(super) fn of_person(
    dossier: &Dossier,
    (wanted, observe): (ReasonSet, Observe),
    out: &mut Vec<Outcome>,
) {
    let mut find = |reason: Reason, view: fn(&Dossier, &mut Vec<Outcome>)| {
        if wanted.contains(reason) {
            view(dossier, out);
        }
    };
    if !dossier.deaths.is_empty() {
        find(Reason::StaleCard, stale_card::candidates);
        find(Reason::BenefitAfterDeath, benefit_after_death::reported);
    }
    if !dossier.unemployed.is_empty() {
        find(Reason::ExclusiveBenefits, exclusive_benefits::employed);
    }
    if !(dossier.claims.is_empty() && dossier.check_ins.is_empty()) {
        find(Reason::UnknownCard, unknown_card::find);
        find(Reason::CardNotValid, card_not_valid::find);
        find(Reason::CardWithdrawn, card_withdrawn::find);
        if !dossier.deaths.is_empty() {
            find(Reason::ServiceAfterDeath, service_after_death::find);
        }
    }
    if dossier.claims.is_empty() {
        if dossier.cluster.is_some() {
            find(Reason::DuplicateIdentity, duplicate_identity::members);
        }
        visits_behind(dossier, out);
        return;
    }
    find(Reason::IdentityMismatch, identity_mismatch::candidates);
    find(Reason::BloodGroupConflict, blood_group_conflict::find);
    find(Reason::EmployerCeased, employer_ceased::find);
    if dossier.claims.len() > 1 {
        find(Reason::DeathOnLivingCard, death_on_living_card::find);
        find(Reason::OverlappingStay, overlapping_stay::find);
        find(Reason::VisitDuringStay, visit_during_stay::find);
        find(Reason::DuplicateClaim, duplicate_claim::find);
        find(Reason::SameDayFacilities, same_day_facilities::find);
        find(Reason::FrequentVisits, frequent_visits::find);
    }
    if dossier.cluster.is_some() {
        find(Reason::DuplicateIdentity, duplicate_identity::members);
    }
    if dossier.is_missing {
        evidence_of_life::find(dossier, out);
    }
    outlier_score::observe(dossier, observe, out);
    visits_behind(dossier, out);
}

/// Adds the person's claims and death evidence, once, where something rests on many of them, or somebody
/// will ask whether it is misuse or an error.
fn visits_behind(dossier: &Dossier, out: &mut Vec<Outcome>) {
    let rests_on_visits = |outcome: &Outcome| match outcome {
        Outcome::Finding(finding) => {
            matches!(finding.evidence, Support::Window { .. })
                || finding.reason == Reason::ServiceAfterDeath
        }
        Outcome::Observed(_) => true,
        _ => false,
    };
    if out.iter().any(rests_on_visits) {
        let mut deaths: Vec<RowRef> = dossier.deaths.iter().map(|death| death.row).collect();
        deaths.sort_unstable();
        deaths.dedup();
        out.push(Outcome::Visits(Visits {
            person: dossier.person,
            claims: dossier.claims.iter().map(|claim| claim.support()).collect(),
            deaths: deaths.into(),
        }));
    }
}
