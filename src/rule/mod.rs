//! The catalogue of reasons: what each is called, how it is classed, which rows support it.
//!
//! In: nothing. Out: constants and pure functions of a finding. Must hold: names are the contract's.

mod age;
mod catalogue;
mod diagnosis;
mod exclusive_benefits;
mod reason;
mod wording;

pub use age::AgeSpan;
pub use catalogue::{Severity, catalogue_digest, priority};
pub use diagnosis::{DiagnosisLimits, diagnosis_limits};
pub use exclusive_benefits::{
    BUILTIN as BUILTIN_EXCLUSIVE_BENEFITS, ExclusiveBenefits, ListError, Scheme,
};
pub use reason::{Class, Reason, ReasonSet};
