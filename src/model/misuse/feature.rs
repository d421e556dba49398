//! The features by which misuse is told from errors.
//!
//! In: nothing. Out: the list, in the order of an observation's values, with units, sentences for people
//! and what each can say. Must hold: names and order are kept by artefacts.

use serde::{Deserialize, Serialize};

macro_rules! features {
    ($( $feature:ident = $name:literal, $unit:literal, $english:literal, $vietnamese:literal; )*) => {
        /// A feature of a claim under an alert. *The death* is the earliest death evidence before the
        /// admission date; of `death_on_living_card`, the end of the visit with that outcome. A feature
        /// that does not apply is -1, where 0 would say something.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum MisuseFeature {
            $( #[doc = $english] $feature, )*
        }

        impl MisuseFeature {
            /// Every feature, in the order of an observation's values.
            pub const ALL: &[Self] = &[$( Self::$feature, )*];

            /// Its name, which artefacts and outputs keep.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$feature => $name, )* }
            }

            /// The unit of a value.
            pub const fn unit(self) -> &'static str {
                match self { $( Self::$feature => $unit, )* }
            }

            /// What it says, in English.
            pub const fn english(self) -> &'static str {
                match self { $( Self::$feature => $english, )* }
            }

            /// What it says, in Vietnamese.
            pub const fn vietnamese(self) -> &'static str {
                match self { $( Self::$feature => $vietnamese, )* }
            }
        }
    };
}

features! {
    Sources = "death_sources", "sources",
        "How many independent sources put the death before the visit.",
        "Số nguồn độc lập ghi nhận tử vong trước lượt khám.";
    DefaultDate = "death_default_date", "0 no, 1 and the visit is within its reach, 2 and beyond it",
        "Whether the date of death is one that software puts for an unknown one: the first of a month, or of a year.",
        "Ngày tử vong có phải là ngày mặc định của phần mềm: ngày đầu tháng hoặc đầu năm.";
    SwappedDate = "death_date_swapped", "0 or 1",
        "Whether the visit would be before the death if day and month of its date were exchanged.",
        "Lượt khám có trước ngày tử vong nếu đổi chỗ ngày và tháng.";
    LaterEvidence = "death_later_evidence", "0 or 1",
        "Whether another evidence, or the outcome of a later visit, has the person die on the day of the visit or after it.",
        "Có nguồn khác, hoặc kết quả điều trị sau đó, ghi nhận tử vong vào ngày khám hoặc sau ngày khám.";
    DaysAfterDeath = "days_after_death", "days",
        "How many days after the death the visit began.",
        "Số ngày từ ngày tử vong đến ngày vào khám.";
    DeathKnownAfter = "death_known_after", "days",
        "How many days after the death it became known.",
        "Số ngày từ ngày tử vong đến khi được ghi nhận.";
    DaysAfterKnown = "days_after_known", "days, negative before",
        "How many days after the death was known the visit began.",
        "Số ngày từ khi tử vong được ghi nhận đến ngày vào khám.";
    VisitsAfterDeath = "visits_after_death", "claims",
        "How many claims of the person began after the death.",
        "Số hồ sơ của người này bắt đầu sau ngày tử vong.";
    FacilitiesAfterDeath = "facilities_after_death", "facilities",
        "How many facilities those claims are from.",
        "Số cơ sở khám chữa bệnh của các hồ sơ đó.";
    DiagnosesAfterDeath = "diagnoses_after_death", "categories",
        "How many different diagnoses those claims have.",
        "Số nhóm chẩn đoán khác nhau của các hồ sơ đó.";
    LastVisitAfterDeath = "last_visit_after_death", "days",
        "How many days after the death the last of those claims began.",
        "Số ngày từ ngày tử vong đến lượt khám cuối cùng.";
    LastVisitAfterKnown = "last_visit_after_known", "days, negative before",
        "How many days after the death was known the last of those claims began.",
        "Số ngày từ khi tử vong được ghi nhận đến lượt khám cuối cùng.";
    QuietBefore = "days_quiet_before", "days, at most 400",
        "How many days before the death, or before the visit, the person's previous claim began.",
        "Số ngày từ lượt khám trước đó đến ngày tử vong, hoặc đến lượt khám này.";
    VisitsYearBefore = "visits_year_before", "claims",
        "How many claims of the person began in the year before.",
        "Số hồ sơ của người này trong một năm trước đó.";
    VisitsAtFacility = "visits_at_facility_before", "claims",
        "How many of those claims are from the same facility.",
        "Số hồ sơ trong đó của cùng cơ sở khám chữa bệnh.";
    VisitsWithDiagnosis = "visits_with_diagnosis_before", "claims",
        "How many of those claims have the same diagnosis.",
        "Số hồ sơ trong đó có cùng nhóm chẩn đoán.";
    WholeWeeks = "whole_weeks_apart", "0 or 1",
        "Whether a neighbouring visit under question is a whole number of weeks away, as bills that are made up at regular distances are.",
        "Lượt khám nghi vấn liền kề cách đúng số tuần tròn, như các hồ sơ lập khống theo chu kỳ.";
    Cost = "cost_of_visit", "thousandths of ln dong",
        "What the visit cost.",
        "Chi phí của lượt khám.";
    Stay = "is_stay", "0 or 1",
        "Whether it is a stay.",
        "Là điều trị nội trú hoặc lưu trú.";
    Referred = "is_referred", "0 or 1",
        "Whether another facility sent the patient.",
        "Người bệnh do cơ sở khác chuyển đến.";
    NamesCitizen = "names_citizen", "0 nobody, 1 the person, 2 somebody else",
        "Whom the personal id on the claim names.",
        "Số định danh trên hồ sơ là của ai.";
    DigitsOff = "id_digits_off", "digits, -1 without a number",
        "In how many digits the personal id on the claim differs from the person's.",
        "Số chữ số khác nhau giữa số định danh trên hồ sơ và của người này.";
    IdIsKnown = "id_is_known", "0 or 1, -1 without a number",
        "Whether the population register knows the personal id on the claim.",
        "Số định danh trên hồ sơ có trong cơ sở dữ liệu dân cư.";
    CardWithdrawn = "card_withdrawn", "0 in force, 1 withdrawn, -1 not registered",
        "Whether the card is no longer valid.",
        "Thẻ không còn giá trị.";
    CardDaysAfter = "card_withdrawn_after", "days from -400 to 400, 999 while in force",
        "How many days after the death, or after the visit, the card was withdrawn.",
        "Số ngày từ ngày tử vong, hoặc từ lượt khám, đến khi thẻ bị thu hồi hoặc giảm.";
    VisitsOtherNumbers = "visits_other_numbers", "claims",
        "How many claims there are under the person's other insurance numbers within half a year of the visit.",
        "Số hồ sơ theo mã số BHXH khác của cùng người trong vòng nửa năm.";
    DaysToOtherNumber = "days_to_other_number", "days, at most 400",
        "How many days away the nearest claim under another number is.",
        "Số ngày đến hồ sơ gần nhất theo mã số khác.";
    DiagnosisOtherNumbers = "diagnosis_other_numbers", "claims",
        "How many of the claims under other numbers have the same diagnosis.",
        "Số hồ sơ theo mã số khác có cùng nhóm chẩn đoán.";
    NextVisit = "days_to_next_visit", "days, at most 400",
        "How many days later the person's next claim began.",
        "Số ngày đến lượt khám tiếp theo.";
    OutlierScore = "outlier_score", "ten-thousandths",
        "How unlike ordinary claims the claim is.",
        "Mức độ khác thường của hồ sơ.";
}

impl MisuseFeature {
    /// Number of features.
    pub const COUNT: usize = Self::ALL.len();

    /// Its place in [`MisuseFeature::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The feature with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|feature| feature.name() == name)
    }
}

/// What is observed of a claim under an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MisuseObservation {
    /// A value for each of [`MisuseFeature::ALL`].
    pub values: [i32; MisuseFeature::COUNT],
}

impl MisuseObservation {
    /// The value of a feature.
    pub const fn value(&self, feature: MisuseFeature) -> i32 {
        self.values[feature.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_in_order_and_named_once() {
        for (place, feature) in MisuseFeature::ALL.iter().copied().enumerate() {
            assert_eq!(feature.index(), place);
            assert_eq!(MisuseFeature::from_name(feature.name()), Some(feature));
            assert!(feature.english().ends_with('.') && feature.vietnamese().ends_with('.'));
            assert!(!feature.unit().is_empty());
        }
        assert_eq!(MisuseFeature::from_name("label"), None);
    }
}
