//! `sex_diagnosis_conflict`: a diagnosis is allowed for one sex only and the claim's sex is the
//! other. Sex 3 (undetermined) never conflicts.

use crate::record::{Claim, Sex};
use crate::rule::DiagnosisLimits;

/// Whether one of the claim's diagnoses, with these limits, conflicts.
pub(super) fn holds(claim: &Claim, limits: &DiagnosisLimits) -> bool {
    match limits.sex {
        Some(Sex::MALE) => claim.sex == Sex::FEMALE,
        Some(Sex::FEMALE) => claim.sex == Sex::MALE,
        _ => false,
    }
}
