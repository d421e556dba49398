//! `sex_diagnosis_conflict`: a diagnosis is allowed for one sex only and the claim's sex is the
//! other. Sex 3 (undetermined) never conflicts.

use crate::record::{Claim, Sex};
use crate::rule::diagnosis_sex;

pub(super) fn holds(claim: &Claim) -> bool {
    let conflicts = |code: &str| match diagnosis_sex(code) {
        Some(Sex::MALE) => claim.sex == Sex::FEMALE,
        Some(Sex::FEMALE) => claim.sex == Sex::MALE,
        _ => false,
    };
    std::iter::once(&claim.main_diagnosis)
        .chain(&claim.other_diagnoses)
        .any(|diagnosis| conflicts(diagnosis.as_str()))
}
