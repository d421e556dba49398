//! An explanation in words.
//!
//! In: a factor, or a change, and the reader's language. Out: a sentence, or part of one. Must hold: every text
//! is in both languages, by exhaustive matches; values are told in units that people use.

use super::change::Change;
use super::explanation::{Explanation, Factor};
use super::feature::Feature;
use super::logarithm::amount_of_thousandths;
use crate::language::Language;
use crate::record::Money;

impl Feature {
    /// What it is called, to stand in a sentence.
    pub const fn words(self, language: Language) -> &'static str {
        use Language::{English, Vietnamese};
        match (self, language) {
            (Self::Cost, English) => "the total cost",
            (Self::Cost, Vietnamese) => "tổng chi phí",
            (Self::Visits30Days, English) => "visits in 30 days",
            (Self::Visits30Days, Vietnamese) => "số lượt khám trong 30 ngày",
            (Self::Facilities30Days, English) => "facilities in 30 days",
            (Self::Facilities30Days, Vietnamese) => "số cơ sở trong 30 ngày",
            (Self::ProvinceDistance, English) => "provinces between card and facility",
            (Self::ProvinceDistance, Vietnamese) => "số tỉnh giữa thẻ và cơ sở",
            (Self::Stay, English) => "the length of the visit",
            (Self::Stay, Vietnamese) => "thời gian điều trị",
            (Self::VisitsAtFacility, English) => "visits to the facility in the year before",
            (Self::VisitsAtFacility, Vietnamese) => "số lượt đến cơ sở trong năm trước",
            (Self::VisitsWithDiagnosis, English) => "visits for the diagnosis in the year before",
            (Self::VisitsWithDiagnosis, Vietnamese) => "số lượt khám cùng bệnh trong năm trước",
            (Self::DaysSinceVisit, English) => "days since the visit before",
            (Self::DaysSinceVisit, Vietnamese) => "số ngày từ lượt khám trước",
            (Self::DiagnosisSurprise, English) => "how often the diagnosis is met at such visits",
            (Self::DiagnosisSurprise, Vietnamese) => "tần suất của chẩn đoán ở loại khám này",
            (Self::FacilitySurprise, English) => {
                "how often people of the card's province come to the facility"
            }
            (Self::FacilitySurprise, Vietnamese) => "tần suất người của tỉnh trên thẻ đến cơ sở",
        }
    }

    /// A value of it, with its unit.
    pub fn value_in_words(self, value: i32, language: Language) -> String {
        let amount = amount_of_thousandths(value);
        let count = |number: i64| language.count(number.unsigned_abs());
        match self {
            Self::Cost => language.money(Money::dong(amount.min(MOST_DONG))),
            Self::Stay => {
                const HOUR: i64 = 60;
                const DAY: i64 = 24 * HOUR;
                let [minutes, hours, days] = match language {
                    Language::English => ["min", "h", "days"],
                    Language::Vietnamese => ["phút", "giờ", "ngày"],
                };
                let (number, unit) = match amount {
                    ..120 => (amount, minutes),
                    120..2880 => (amount / HOUR, hours),
                    _ => (amount / DAY, days),
                };
                format!("{}\u{a0}{unit}", count(number))
            }
            Self::DiagnosisSurprise | Self::FacilitySurprise => {
                // The surprise of one in so many.
                let many = count(amount.saturating_add(1));
                match language {
                    Language::English => format!("1\u{a0}in\u{a0}{many}"),
                    Language::Vietnamese => format!("1\u{a0}trên\u{a0}{many}"),
                }
            }
            Self::Visits30Days
            | Self::Facilities30Days
            | Self::ProvinceDistance
            | Self::VisitsAtFacility
            | Self::VisitsWithDiagnosis
            | Self::DaysSinceVisit => count(value.into()),
        }
    }
}

/// More than all of a fund's money.
const MOST_DONG: i64 = 1_000_000_000_000_000;

impl Factor {
    /// What the claim's value is, and between which values those of nine in ten such claims lie.
    pub fn in_words(&self, language: Language) -> String {
        let name = self.feature.words(language);
        let value = |value| self.feature.value_in_words(value, language);
        let [low, high] = self.range;
        let (observed, typical, low, high) = (
            value(self.observed),
            value(self.typical),
            value(low),
            value(high),
        );
        match language {
            Language::English => {
                format!("{name}: {observed}, usually {typical} (nine in ten: {low} to {high})")
            }
            Language::Vietnamese => {
                format!("{name}: {observed}, thường là {typical} (9/10 hồ sơ: {low} đến {high})")
            }
        }
    }
}

impl Explanation {
    /// With which claims cost and stay are compared.
    pub fn peers_in_words(&self, language: Language) -> String {
        let (group, claims) = (&self.peer_group, language.count(self.peers.claims));
        match language {
            Language::English => format!("compared with {claims} claims of the group {group}"),
            Language::Vietnamese => format!("so với {claims} hồ sơ của nhóm {group}"),
        }
    }
}

impl Change {
    /// With which value the claim would be no outlier.
    pub fn in_words(&self, language: Language) -> String {
        let name = self.feature.words(language);
        let value = |value| self.feature.value_in_words(value, language);
        let (from, to) = (value(self.from), value(self.to));
        match language {
            Language::English => {
                format!(
                    "It would be no outlier with another value of {name}: {to} instead of {from}."
                )
            }
            Language::Vietnamese => {
                format!("Hồ sơ sẽ không còn bất thường nếu {name} là {to} thay vì {from}.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Vietnamese};

    #[test]
    fn values_are_told_in_units_that_people_use() {
        let told = |feature: Feature, value, language| {
            feature
                .value_in_words(value, language)
                .replace('\u{a0}', " ")
        };
        assert_eq!(told(Feature::Cost, 13_815, English), "VND 999,489");
        assert_eq!(told(Feature::Stay, 4510, Vietnamese), "90 phút");
        assert_eq!(told(Feature::Stay, 8_000, English), "2 days");
        assert_eq!(told(Feature::Stay, 6_000, Vietnamese), "6 giờ");
        assert_eq!(told(Feature::DiagnosisSurprise, 2995, English), "1 in 20");
        assert_eq!(
            told(Feature::FacilitySurprise, 6907, Vietnamese),
            "1 trên 1.000"
        );
        assert_eq!(told(Feature::Visits30Days, 1234, Vietnamese), "1.234");
    }

    #[test]
    fn factors_and_changes_are_told_in_both_languages() {
        let factor = Factor {
            feature: Feature::Visits30Days,
            contribution: 7,
            share: 10_000,
            observed: 12,
            typical: 1,
            range: [1, 4],
        };
        assert_eq!(
            factor.in_words(English),
            "visits in 30 days: 12, usually 1 (nine in ten: 1 to 4)"
        );
        assert_eq!(
            factor.in_words(Vietnamese),
            "số lượt khám trong 30 ngày: 12, thường là 1 (9/10 hồ sơ: 1 đến 4)"
        );
        let change = Change {
            feature: Feature::ProvinceDistance,
            from: 40,
            to: 7,
        };
        assert_eq!(
            change.in_words(English),
            "It would be no outlier with another value of provinces between card and facility: 7 instead of 40."
        );
        assert_eq!(
            change.in_words(Vietnamese),
            "Hồ sơ sẽ không còn bất thường nếu số tỉnh giữa thẻ và cơ sở là 7 thay vì 40."
        );
        for feature in Feature::ALL {
            for value in [i32::MIN, -1, 0, 1, 43_668, i32::MAX] {
                for language in Language::ALL {
                    assert!(!feature.value_in_words(value, language).is_empty());
                }
            }
        }
    }
}
