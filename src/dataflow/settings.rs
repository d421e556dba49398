//! What of the settings the dataflow turns on, by the place that asks: where a row is fed, and where a
//! person is folded.
//!
//! In: the settings. Out: the part of each place. Must hold: a place sees its part alone, so that a change
//! elsewhere does not touch it, and none of its own is missed.

use serde::{Deserialize, Serialize};

use crate::rule::{
    BenefitMismatch, CardNotValid, DeathOnLivingCard, EmployerCeased, FrequentVisits,
    MoneyMismatch, NewbornCard, OverlappingStay, SameDayFacilities, ServiceAfterDeath, Settings,
    VisitDuringStay,
};

macro_rules! part {
    ($(#[$doc:meta])* $Part:ident { $($group:ident: $Group:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $Part { $(pub(super) $group: $Group,)* }

        impl From<&Settings> for $Part {
            fn from(settings: &Settings) -> Self {
                Self { $($group: settings.$group.clone(),)* }
            }
        }
    };
}

part! {
    /// Decides what a row is fed as: the reasons of a claim's own columns, and what the cards of a claim
    /// must be. When it changes, the rows that are known are fed again where that makes a difference.
    RowSettings {
        newborn_card: NewbornCard,
        card_not_valid: CardNotValid,
        money_mismatch: MoneyMismatch,
        benefit_mismatch: BenefitMismatch,
    }
}

part! {
    /// Decides what the facts of a person come to. When it changes, every person is folded again.
    PersonSettings {
        service_after_death: ServiceAfterDeath,
        death_on_living_card: DeathOnLivingCard,
        card_not_valid: CardNotValid,
        overlapping_stay: OverlappingStay,
        visit_during_stay: VisitDuringStay,
        same_day_facilities: SameDayFacilities,
        frequent_visits: FrequentVisits,
        employer_ceased: EmployerCeased,
    }
}
