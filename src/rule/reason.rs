//! Reasons and classes under the contract's names. What each means is the catalogue's.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $( $(#[$variant_doc:meta])* $variant:ident = $text:literal, )* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $( $(#[$variant_doc])* $variant, )* }

        impl $name {
            /// Every one, in the contract's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The contract's name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The one with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)* _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

named! {
    /// Why an alert holds (contract 2).
    Reason {
        /// A visit after the person's death.
        ServiceAfterDeath = "service_after_death",
        /// A death outcome on the card of someone who lives on.
        DeathOnLivingCard = "death_on_living_card",
        /// A listed card that is not registered.
        UnknownCard = "unknown_card",
        /// No listed card covers the visit.
        CardNotValid = "card_not_valid",
        /// The card was revoked, locked or reduced before the visit.
        CardWithdrawn = "card_withdrawn",
        /// The person holds cards in force under two social-insurance numbers.
        DuplicateIdentity = "duplicate_identity",
        /// The claim names another citizen than the card's holder.
        IdentityMismatch = "identity_mismatch",
        /// Two stays at different facilities overlap.
        OverlappingStay = "overlapping_stay",
        /// An examination elsewhere during a stay.
        VisitDuringStay = "visit_during_stay",
        /// The same visit claimed twice.
        DuplicateClaim = "duplicate_claim",
        /// Examinations at several facilities on one day.
        SameDayFacilities = "same_day_facilities",
        /// Unusually many visits.
        FrequentVisits = "frequent_visits",
        /// A diagnosis of the other sex.
        SexDiagnosisConflict = "sex_diagnosis_conflict",
        /// A diagnosis of another age.
        AgeDiagnosisConflict = "age_diagnosis_conflict",
        /// The amounts do not add up.
        MoneyMismatch = "money_mismatch",
        /// The fund is asked for more than the card's benefit level allows.
        BenefitMismatch = "benefit_mismatch",
        /// The claim's blood group is not the one on record.
        BloodGroupConflict = "blood_group_conflict",
        /// The card is an employee's, and the employer had long ceased.
        EmployerCeased = "employer_ceased",
        /// A valid card of someone dead.
        StaleCard = "stale_card",
        /// A benefit that someone dead still draws.
        BenefitAfterDeath = "benefit_after_death",
        /// A benefit drawn beside another, or an employment, that excludes it.
        ExclusiveBenefits = "exclusive_benefits",
        /// A participant that is not the citizen its row names.
        UnauthenticatedIdentity = "unauthenticated_identity",
        /// A participant that is probably registered twice.
        ProbableDuplicate = "probable_duplicate",
        /// A claim that is unlike the fund's others.
        CostOutlier = "cost_outlier",
    }
}

named! {
    /// What an alert suggests (contract 2).
    Class {
        /// A register is probably wrong.
        DataQuality = "data_quality",
        /// The visit was probably not covered.
        Eligibility = "eligibility",
        /// Two identities are mixed.
        Identity = "identity",
        /// The facility's bill is wrong.
        ProviderBilling = "provider_billing",
        /// Somebody may have misused a card.
        MisuseSuspected = "misuse_suspected",
        /// The claim is unlike others, which says nothing yet of why.
        Anomaly = "anomaly",
    }
}

impl Reason {
    /// Whether its alerts carry an outlier score (contract 2).
    pub fn is_scored(self) -> bool {
        matches!(
            self,
            Reason::ServiceAfterDeath
                | Reason::DeathOnLivingCard
                | Reason::DuplicateIdentity
                | Reason::IdentityMismatch
                | Reason::CostOutlier
        )
    }
}

/// A set of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonSet(u32);

impl ReasonSet {
    /// Every reason.
    pub const ALL: Self = Self((1 << Reason::ALL.len()) - 1);

    /// Whether a reason is in it.
    pub fn contains(self, reason: Reason) -> bool {
        self.0 & 1 << reason as u32 != 0
    }

    /// A bit a reason.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// The inverse of [`ReasonSet::bits`].
    pub fn from_bits(bits: u32) -> Option<Self> {
        (bits & !Self::ALL.0 == 0).then_some(Self(bits))
    }

    /// Its reasons, in the contract's order.
    pub fn iter(self) -> impl Iterator<Item = Reason> {
        Reason::ALL
            .iter()
            .copied()
            .filter(move |reason| self.contains(*reason))
    }
}

impl FromIterator<Reason> for ReasonSet {
    fn from_iter<I: IntoIterator<Item = Reason>>(reasons: I) -> Self {
        Self(
            reasons
                .into_iter()
                .fold(0, |set, reason| set | 1 << reason as u32),
        )
    }
}
