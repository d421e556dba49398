//! What of the settings the dataflow turns on, by the place that asks: where a row is fed, and where a
//! person is folded.
//!
//! In: the settings. Out: the part of each place. Must hold: a place sees its part alone, so that a change
//! elsewhere does not touch it, and none of its own is missed.

use serde::{Deserialize, Serialize};

use crate::model::{ModelId, OutlierModel, PValue};
use crate::rule::{
    BenefitMismatch, CardNotValid, DeathOnLivingCard, EmployerCeased, FrequentVisits,
    MoneyMismatch, NewbornCard, OverlappingStay, Reason, ReasonSet, SameDayFacilities,
    ServiceAfterDeath, Settings, VisitDuringStay,
};

macro_rules! part {
    ($(#[$doc:meta])* $Part:ident { $($group:ident: $Group:ident,)* $(; $extra:ident: $Extra:ident)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $Part { $(pub(super) $group: $Group,)* $(pub(super) $extra: $Extra,)? }

        impl From<&Settings> for $Part {
            fn from(settings: &Settings) -> Self {
                Self { $($group: settings.$group.clone(),)* $($extra: $Extra::default(),)? }
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
        ; scoring: Scoring
    }
}

/// Which model scores claims, and which of them are outliers; by default the first of the run, and none.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Scoring {
    /// The model in force.
    pub model: ModelId,
    /// The p-value below which a claim is an outlier, in millionths; 0 where `cost_outlier` is off.
    pub level: u32,
}

impl Scoring {
    /// What settings and the model in force come to. `cost_outlier` is off where it is not wanted, the model
    /// is not calibrated on the fund's own claims, or no level keeps to the budget.
    pub fn of(settings: &Settings, model: (ModelId, &OutlierModel), wanted: ReasonSet) -> Self {
        let (id, model) = model;
        let is_on = wanted.contains(Reason::CostOutlier) && model.is_calibrated_on_fund();
        let of_budget = || model.alert_level(settings.cost_outlier.alert_budget_millionths);
        let level = match settings.cost_outlier.level_millionths {
            _ if !is_on => 0,
            0 => of_budget().map_or(0, PValue::millionths),
            level => level,
        };
        Self { model: id, level }
    }

    /// Whether outliers are looked for.
    pub fn is_on(self) -> bool {
        self.level > 0
    }
}

impl PersonSettings {
    /// Those of settings and of the model in force.
    pub fn new(settings: &Settings, scoring: Scoring) -> Self {
        Self {
            scoring,
            ..Self::from(settings)
        }
    }
}
