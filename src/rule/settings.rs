//! The settings: the value of every threshold, typed, for the code that decides.
//!
//! In: values of thresholds, by the names that the catalogue gives them. Out: [`Settings`]. Must hold: the
//! fields are the catalogue's thresholds, each once; what is not said has the catalogue's default.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::catalogue::{Catalogue, catalogue};
use super::reason::ReasonSet;
use super::threshold::{Unit, Value};
use crate::hex::hex;
use crate::record::Day;

/// A Rust type that holds the value of a threshold.
trait Setting: Sized {
    /// The setting of a value, where it is of its shape and fits.
    fn of(value: &Value) -> Option<Self>;

    /// Its value.
    fn value(&self) -> Value;
}

macro_rules! whole_settings {
    ($($ty:ty),*) => { $(
        impl Setting for $ty {
            fn of(value: &Value) -> Option<Self> {
                value.as_whole()?.try_into().ok()
            }

            fn value(&self) -> Value {
                Value::Whole(i64::from(*self))
            }
        }
    )* };
}

whole_settings!(u8, u32, i32, i64);

impl<const N: usize> Setting for [i64; N] {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::List(list) => list.as_slice().try_into().ok(),
            _ => None,
        }
    }

    fn value(&self) -> Value {
        Value::List(self.to_vec())
    }
}

/// An amount in dong from a day on, by day.
pub type DongByDay = Arc<[(Day, i64)]>;

impl Setting for DongByDay {
    fn of(value: &Value) -> Option<Self> {
        match value {
            Value::ByDay(Unit::Dong, days) => Some(days.as_slice().into()),
            Value::List(list) if list.is_empty() => Some([].into()),
            _ => None,
        }
    }

    fn value(&self) -> Value {
        Value::ByDay(Unit::Dong, self.to_vec())
    }
}

macro_rules! settings {
    ($(
        $(#[$group_doc:meta])*
        $group:ident: $Group:ident { $( $(#[$doc:meta])* $key:ident: $ty:ty, )* }
    )*) => {
        $(
            $(#[$group_doc])*
            #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
            pub struct $Group { $( $(#[$doc])* pub $key: $ty, )* }
        )*

        /// The value of every threshold.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Settings { $( $(#[$group_doc])* pub $group: $Group, )* }

        impl Settings {
            /// The settings of values, taken out of a map by group and name.
            fn take(values: &mut Values) -> Result<Self, String> {
                Ok(Self { $( $group: $Group { $(
                    $key: take(values, stringify!($group), stringify!($key))?,
                )* }, )* })
            }

            /// The values, by group and name.
            pub fn values(&self) -> Values {
                let mut values = Values::new();
                $( $( values.insert(
                    (stringify!($group).to_owned(), stringify!($key).to_owned()),
                    self.$group.$key.value(),
                ); )* )*
                values
            }
        }
    };
}

/// Values of thresholds: by the reason, or the term that several reasons use, and their names in it.
pub type Values = BTreeMap<(String, String), Value>;

fn take<T: Setting>(values: &mut Values, group: &str, key: &str) -> Result<T, String> {
    let value = values.remove(&(group.to_owned(), key.to_owned()));
    let value = value.ok_or_else(|| format!("{group}: no threshold `{key}`"))?;
    T::of(&value).ok_or_else(|| format!("{group}: `{key}` cannot be {value}"))
}

settings! {
    /// A newborn's temporary card.
    newborn_card: NewbornCard {
        /// Days before the admission date in which a birth day must lie.
        days: u8,
    }
    /// `service_after_death`.
    service_after_death: ServiceAfterDeath {
        /// Distinct sources from which misuse is suspected.
        misuse_sources: u8,
    }
    /// `death_on_living_card`.
    death_on_living_card: DeathOnLivingCard {
        /// Days after the discharge date from which another visit shows that the person lives.
        days_later: i32,
    }
    /// `card_not_valid`.
    card_not_valid: CardNotValid {
        /// Days for which a card that expires during a stay still covers it.
        stay_grace_days: i32,
    }
    /// `overlapping_stay`.
    overlapping_stay: OverlappingStay {
        /// Minutes by which stays may overlap.
        overlap_minutes: i64,
    }
    /// `visit_during_stay`.
    visit_during_stay: VisitDuringStay {
        /// Minutes after the start of a stay in which a visit elsewhere is no wonder.
        minutes_after_admission: i64,
        /// Minutes before its end.
        minutes_before_discharge: i64,
    }
    /// `same_day_facilities`.
    same_day_facilities: SameDayFacilities {
        /// Different facilities from which the day is remarkable.
        facilities: u32,
    }
    /// `frequent_visits`.
    frequent_visits: FrequentVisits {
        /// Visits that are not yet remarkable.
        visits: u32,
        /// Days of the window, the admission date included.
        window_days: i32,
    }
    /// `money_mismatch`.
    money_mismatch: MoneyMismatch {
        /// Dong a line by which amounts may differ.
        tolerance_dong_per_line: u32,
    }
    /// `benefit_mismatch`.
    benefit_mismatch: BenefitMismatch {
        /// Dong a line by which the amount may exceed the rate.
        tolerance_dong_per_line: u32,
        /// What the fund pays in per cent of the covered cost, by benefit level from 1 to 5.
        level_rates_percent: [i64; 5],
        /// Per cent of the base salary below which the fund pays a visit in full.
        exempt_percent: i64,
        /// The base salary in dong a month from a day on, by day.
        base_salaries: DongByDay,
    }
    /// `employer_ceased`.
    employer_ceased: EmployerCeased {
        /// Days after an enterprise has ceased in which its employees' cards are still to be taken back.
        grace_days: i32,
    }
    /// `cost_outlier`.
    cost_outlier: CostOutlier {
        /// The share of ordinary claims that may be alerted.
        alert_budget_millionths: u32,
        /// The p-value below which a claim is alerted; 0 for the level that keeps to the budget.
        level_millionths: u32,
    }
}

impl Settings {
    /// The catalogue's defaults.
    pub fn defaults() -> &'static Self {
        static DEFAULTS: OnceLock<Settings> = OnceLock::new();
        DEFAULTS.get_or_init(|| {
            Self::of_catalogue(catalogue()).expect("the catalogue was checked when it was read")
        })
    }

    /// The defaults of a catalogue.
    ///
    /// # Errors
    /// When its thresholds are not the fields of this type, or a default does not fit.
    pub(super) fn of_catalogue(catalogue: &Catalogue) -> Result<Self, String> {
        let mut values: Values = catalogue
            .thresholds()
            .map(|(group, key, threshold)| {
                (
                    (group.to_owned(), key.to_owned()),
                    threshold.default.clone(),
                )
            })
            .collect();
        let settings = Self::take(&mut values)?;
        match values.keys().next() {
            Some((group, key)) => Err(format!("{group}: no code uses the threshold `{key}`")),
            None => Ok(settings),
        }
    }

    /// The settings with other values in the place of some.
    ///
    /// # Errors
    /// When a value has no threshold, or is none that it may have.
    pub fn with(&self, changed: &Values) -> Result<Self, String> {
        let mut values = self.values();
        for ((group, key), value) in changed {
            let threshold = catalogue().threshold(group, key);
            let threshold = threshold.ok_or_else(|| format!("{group}: no threshold `{key}`"))?;
            threshold
                .check(value)
                .map_err(|why| format!("{group}.{key}: {why}"))?;
            values.insert((group.clone(), key.clone()), value.clone());
        }
        Self::take(&mut values)
    }

    /// The values that are others than those of other settings.
    pub fn differences(&self, from: &Self) -> Values {
        let theirs = from.values();
        let mut values = self.values();
        values.retain(|name, value| theirs.get(name) != Some(value));
        values
    }

    /// The reasons that turn on a value which is another than in other settings.
    pub fn reasons_changed(&self, from: &Self) -> ReasonSet {
        let changed = self.differences(from);
        let reasons = changed
            .keys()
            .flat_map(|(group, _)| catalogue().reasons_of(group));
        reasons.collect()
    }

    /// Every value, each a line `group.name = value` as a file of thresholds has it, sorted.
    pub fn to_text(&self) -> String {
        let values = self.values().into_iter();
        values
            .map(|((group, key), value)| format!("{group}.{key} = {value}\n"))
            .collect()
    }

    /// What these settings are called where they cause something: 128 bits of the SHA-256 of their text.
    pub fn key(&self) -> String {
        hex(&Sha256::digest(self.to_text())[..16])
    }
}

/// By group, then by name.
pub fn serialize_values<S: Serializer>(values: &Values, serializer: S) -> Result<S::Ok, S::Error> {
    let mut groups: BTreeMap<&str, BTreeMap<&str, &Value>> = BTreeMap::new();
    for ((group, key), value) in values {
        groups.entry(group).or_default().insert(key, value);
    }
    groups.serialize(serializer)
}
