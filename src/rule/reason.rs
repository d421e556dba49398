//! Reasons and classes under the contract's names.

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
        /// Examinations at three or more facilities on one day.
        SameDayFacilities = "same_day_facilities",
        /// More than 50 visits in 120 days.
        FrequentVisits = "frequent_visits",
        /// A diagnosis of the other sex.
        SexDiagnosisConflict = "sex_diagnosis_conflict",
        /// The amounts do not add up.
        MoneyMismatch = "money_mismatch",
        /// A valid card of someone dead.
        StaleCard = "stale_card",
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
    }
}
