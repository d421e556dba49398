//! The catalogue of reasons: what each is called, how it is classed, which rows support it, what to do
//! about it; and the settings, which are the values of its thresholds.
//!
//! In: `rules/catalogue.toml`, which is part of the program. Out: constants and pure functions of a finding.
//! Must hold: names are the contract's.

mod age;
mod catalogue;
mod diagnosis;
mod dial;
mod exclusive_benefits;
mod priority;
mod reason;
mod rules;
mod settings;
mod severity;
mod threshold;
mod wording;

pub use age::AgeSpan;
pub use catalogue::{
    Catalogue, CatalogueError, Entry, LegalBasis, catalogue, catalogue_digest, check_catalogue,
};
pub use diagnosis::{DiagnosisLimits, diagnosis_limits};
pub use dial::{Dial, DialsInForce};
pub use exclusive_benefits::{ExclusiveBenefits, ListError, Scheme};
pub use priority::priority;
pub use reason::{Class, Reason, ReasonSet};
pub use rules::{Activation, BUILTIN_MODEL, Rules, RulesError, RulesSource};
pub use settings::{
    BenefitMismatch, CardNotValid, CostOutlier, DeathOnLivingCard, DongByDay, EmployerCeased,
    FrequentVisits, MoneyMismatch, NewbornCard, OverlappingStay, SameDayFacilities,
    ServiceAfterDeath, Settings, Values, VisitDuringStay, serialize_values,
};
pub use severity::Severity;
pub use threshold::{Threshold, Unit, Value};
