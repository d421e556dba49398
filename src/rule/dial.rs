//! Dials: thresholds of which it is known at any time what another value would come to.
//!
//! In: a threshold whose condition compares one number of a claim with it. Out: on which side of a value that number
//! stands, how far from the value in force numbers are kept, and the values that are offered. Must hold: what is
//! beyond a value is what the reason would alert with that value, all other settings as they are; numbers are kept
//! on the side of alerts without end, and on the other as far as the [`Dial::loosest`] value or the one in force.
//!
//! A threshold is a dial where the dataflow has the number anyway: thresholds that decide what a row is fed as
//! (`money_mismatch`, `benefit_mismatch`), or that are met before a join (`death_on_living_card`), are none.

use serde::{Deserialize, Serialize};

use super::catalogue::catalogue;
use super::reason::Reason;
use super::settings::Settings;
use super::threshold::{Threshold, Unit};

macro_rules! dials {
    ($( $(#[$doc:meta])* $dial:ident = $code:literal, $reason:ident . $key:ident; )*) => {
        /// A threshold that can be turned.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Dial { $( $(#[$doc])* $dial, )* }

        impl Dial {
            /// Every one.
            pub const ALL: [Self; [$($code),*].len()] = [$(Self::$dial),*];

            /// Its code in addresses.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$dial => $code,)* }
            }

            /// The dial with this code.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$dial),)* _ => None }
            }

            /// The reason and the threshold, by their names in the catalogue.
            pub fn key(self) -> (&'static str, &'static str) {
                match self { $(Self::$dial => (stringify!($reason), stringify!($key)),)* }
            }

            /// The value that settings give it.
            fn of(self, settings: &Settings) -> i64 {
                match self { $(Self::$dial => i64::from(settings.$reason.$key),)* }
            }
        }
    };
}

dials! {
    /// Minutes that two stays of one person share.
    OverlapMinutes = "overlap-minutes", overlapping_stay.overlap_minutes;
    /// Minutes from the start of a stay to a visit elsewhere.
    MinutesAfterAdmission = "minutes-after-admission", visit_during_stay.minutes_after_admission;
    /// Minutes from a visit elsewhere to the end of a stay.
    MinutesBeforeDischarge = "minutes-before-discharge", visit_during_stay.minutes_before_discharge;
    /// Facilities of one person's examinations on one day.
    Facilities = "facilities", same_day_facilities.facilities;
    /// Claims of one person in the window.
    Visits = "visits", frequent_visits.visits;
    /// The p-value of a claim, in millionths.
    OutlierLevel = "outlier-level", cost_outlier.level_millionths;
}

/// The values that all dials have at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DialsInForce([u32; Dial::ALL.len()]);

impl Dial {
    /// The reason that turns on it.
    pub fn reason(self) -> Reason {
        Reason::from_name(self.key().0).expect("a dial is of a reason")
    }

    /// The threshold.
    pub fn threshold(self) -> &'static Threshold {
        let (group, key) = self.key();
        let threshold = catalogue().threshold(group, key);
        threshold.expect("settings, and so dials, are of the catalogue's thresholds")
    }

    /// What it counts.
    pub fn unit(self) -> Unit {
        self.threshold().unit
    }

    /// Whether a claim of this number is alerted under a value.
    pub fn is_alerted(self, number: u32, value: u32) -> bool {
        match self {
            Self::OverlapMinutes | Self::Visits => number > value,
            Self::MinutesAfterAdmission | Self::MinutesBeforeDischarge | Self::Facilities => {
                number >= value
            }
            Self::OutlierLevel => number < value,
        }
    }

    /// The value up to which numbers are kept that are not alerted, whatever is in force: so loose that few would
    /// want it, and so tight that what is kept is a small part of all claims.
    pub fn loosest(self) -> u32 {
        match self {
            Self::OverlapMinutes | Self::MinutesAfterAdmission | Self::MinutesBeforeDischarge => 0,
            Self::Facilities => 2,
            Self::Visits => 20,
            // One claim in a hundred.
            Self::OutlierLevel => 10_000,
        }
    }

    /// The loosest value of which everything is known while another is in force.
    pub fn reach(self, in_force: u32) -> u32 {
        match self {
            Self::OutlierLevel => in_force.max(self.loosest()),
            _ => in_force.min(self.loosest()),
        }
    }

    /// The tightest value that a slider offers; tighter ones are known as well.
    pub fn tightest(self) -> u32 {
        match self {
            Self::OverlapMinutes | Self::MinutesAfterAdmission | Self::MinutesBeforeDischarge => {
                1440
            }
            Self::Facilities => 10,
            Self::Visits => 120,
            Self::OutlierLevel => 10,
        }
    }

    /// The values that a table offers, ascending.
    pub fn steps(self) -> &'static [u32] {
        match self {
            Self::OverlapMinutes | Self::MinutesAfterAdmission | Self::MinutesBeforeDischarge => &[
                0, 15, 30, 60, 90, 120, 180, 240, 360, 480, 720, 1440, 2880, 4320, 10_080,
            ],
            Self::Facilities => &[2, 3, 4, 5, 6, 7, 8, 10],
            Self::Visits => &[20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 100, 120, 200],
            Self::OutlierLevel => &[
                10, 20, 50, 100, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000, 7000, 10_000,
            ],
        }
    }
}

impl DialsInForce {
    /// Those of settings and of the level of outliers that is in force, in millionths: 0 where outliers are not
    /// looked for.
    pub fn new(settings: &Settings, outlier_level: u32) -> Self {
        Self(Dial::ALL.map(|dial| match dial {
            Dial::OutlierLevel => outlier_level,
            // The catalogue allows no value below 0.
            dial => u32::try_from(dial.of(settings)).unwrap_or_default(),
        }))
    }

    /// The value of a dial; none where its reason is not looked for.
    pub fn of(self, dial: Dial) -> Option<u32> {
        let value = self.0[dial as usize];
        (dial != Dial::OutlierLevel || value > 0).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dial_is_a_threshold_of_the_catalogue() {
        for dial in Dial::ALL {
            let (group, _) = dial.key();
            assert_eq!(dial.reason().as_str(), group);
            assert_eq!(Dial::from_code(dial.as_str()), Some(dial));
            let threshold = dial.threshold();
            for step in dial.steps() {
                assert!(
                    threshold
                        .check(&crate::rule::Value::Whole(i64::from(*step)))
                        .is_ok()
                );
            }
            assert!(dial.steps().is_sorted());
        }
    }

    #[test]
    fn whatever_is_alerted_under_a_tighter_value_is_under_a_looser_one() {
        for dial in Dial::ALL {
            for in_force in [0, 1, 2, 20, 50, 10_000, 20_000] {
                let reach = dial.reach(in_force);
                for number in [0, 1, 2, 3, 19, 20, 21, 49, 50, 51, 9_999, 10_000, 19_999] {
                    let is_known = dial.is_alerted(number, reach);
                    for value in [in_force, dial.loosest()] {
                        assert!(
                            is_known || !dial.is_alerted(number, value),
                            "{dial:?} {number}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn values_are_those_of_the_settings() {
        let dials = DialsInForce::new(Settings::defaults(), 0);
        assert_eq!(dials.of(Dial::OverlapMinutes), Some(120));
        assert_eq!(dials.of(Dial::Facilities), Some(3));
        assert_eq!(dials.of(Dial::Visits), Some(50));
        assert_eq!(dials.of(Dial::OutlierLevel), None);
        let level = DialsInForce::new(Settings::defaults(), 900).of(Dial::OutlierLevel);
        assert_eq!(level, Some(900));
    }
}
