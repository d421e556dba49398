//! `age_diagnosis_conflict`: a diagnosis is limited to a span of age, and no birth day that the claim's
//! birth date allows fits it on the admission date.

use crate::record::Claim;
use crate::rule::DiagnosisLimits;

/// Whether one of the claim's diagnoses, with these limits, conflicts.
pub(super) fn holds(claim: &Claim, limits: &DiagnosisLimits) -> bool {
    let allows =
        |ages: &crate::rule::AgeSpan| ages.allows(claim.birth_date, claim.admission_date());
    limits.ages.is_some_and(|ages| !allows(&ages))
}
