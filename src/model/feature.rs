//! The features of a claim: what the outlier model looks at.
//!
//! In: nothing. Out: the list, in the order of an observation's values, with units, sentences for
//! people and the guard against leakage. Must hold: names and order are kept by artefacts, so a
//! change of either needs a new artefact version.
//!
//! *Leakage* would be a feature that knows the outcome of the review, or what happened only after
//! the claim. All features look at the claim itself, the person's card, the person's earlier claims and
//! the artefact's figures, and at nothing else: no label, no alert, no later claim, no death.
//!
//! The first [`Feature::OBSERVED`] are observed from rows; the others are made of what is observed by the
//! artefact, since they say how a fund's claims are.

use serde::{Deserialize, Serialize};

use super::age_band::AgeBand;
use crate::record::Facility;

/// A feature of a claim. *Earlier* claims of the person are those before it by `admitted_at`, then
/// `facility`, then `visit_id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// `floor(1000 ln(1 + cost_total in whole dong))`; the model compares it with the peer group.
    Cost,
    /// Claims of the person, this one and earlier ones, admitted on days 0-29 before this admission
    /// date.
    #[serde(rename = "visits_30_days")]
    Visits30Days,
    /// Distinct facilities of those claims.
    #[serde(rename = "facilities_30_days")]
    Facilities30Days,
    /// Difference of the ranks of the facility's and the card's province among the province codes;
    /// 0 without a card or with an unknown code.
    ProvinceDistance,
    /// `floor(1000 ln(1 + minutes from admitted_at to discharged_at))`; the model compares it with the
    /// peer group.
    Stay,
    /// Earlier claims of the person at this facility, at most 365 days before.
    VisitsAtFacility,
    /// Earlier claims of the person with the same diagnosis category, at most 365 days before. All
    /// codes without a category count as one.
    VisitsWithDiagnosis,
    /// Days since the person's previous claim; 365 when there is none or it is longer ago.
    DaysSinceVisit,
    /// `-1000 ln P(diagnosis category | kind of visit)`, shrunk to the category's share of all claims.
    DiagnosisSurprise,
    /// `-1000 ln P(facility | province of the card)`, shrunk to the facility's share of all claims.
    FacilitySurprise,
}

impl Feature {
    /// Number of features.
    pub const COUNT: usize = 10;

    /// Number of features that are observed from rows: the first ones.
    pub const OBSERVED: usize = 8;

    /// Every feature; the observed ones in the order of an observation's values.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Cost,
        Self::Visits30Days,
        Self::Facilities30Days,
        Self::ProvinceDistance,
        Self::Stay,
        Self::VisitsAtFacility,
        Self::VisitsWithDiagnosis,
        Self::DaysSinceVisit,
        Self::DiagnosisSurprise,
        Self::FacilitySurprise,
    ];

    /// Its place in [`Feature::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Its name, which artefacts and outputs keep.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Visits30Days => "visits_30_days",
            Self::Facilities30Days => "facilities_30_days",
            Self::ProvinceDistance => "province_distance",
            Self::Stay => "stay",
            Self::VisitsAtFacility => "visits_at_facility",
            Self::VisitsWithDiagnosis => "visits_with_diagnosis",
            Self::DaysSinceVisit => "days_since_visit",
            Self::DiagnosisSurprise => "diagnosis_surprise",
            Self::FacilitySurprise => "facility_surprise",
        }
    }

    /// The feature with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.name() == name)
    }

    /// The unit of an observed value.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Cost => "thousandths of ln dong",
            Self::Stay => "thousandths of ln minutes",
            Self::DaysSinceVisit => "days",
            Self::Visits30Days | Self::VisitsAtFacility | Self::VisitsWithDiagnosis => "claims",
            Self::Facilities30Days => "facilities",
            Self::ProvinceDistance => "ranks",
            Self::DiagnosisSurprise | Self::FacilitySurprise => "thousandths of nats",
        }
    }

    /// The claims that an observed value is about.
    pub const fn window(self) -> &'static str {
        match self {
            Self::Cost
            | Self::Stay
            | Self::ProvinceDistance
            | Self::DiagnosisSurprise
            | Self::FacilitySurprise => "this claim",
            Self::Visits30Days | Self::Facilities30Days => "30 days, with this one",
            Self::VisitsAtFacility | Self::VisitsWithDiagnosis => "365 days before",
            Self::DaysSinceVisit => "the claim before",
        }
    }

    /// What it says of a claim, in English.
    pub const fn english(self) -> &'static str {
        match self {
            Self::Cost => {
                "How the total cost compares with claims of the same kind, diagnosis, age and tier of facility."
            }
            Self::Visits30Days => "How many visits the person made in the 30 days up to this one.",
            Self::Facilities30Days => "How many different facilities those visits were at.",
            Self::ProvinceDistance => {
                "How far the facility's province is from the card's, counted in provinces from north to south."
            }
            Self::Stay => {
                "How the length of the visit compares with claims of the same kind, diagnosis, age and tier of facility."
            }
            Self::VisitsAtFacility => {
                "How often the person came to this facility in the year before."
            }
            Self::VisitsWithDiagnosis => {
                "How often the person was treated for the same diagnosis in the year before."
            }
            Self::DaysSinceVisit => "How many days passed since the person's previous visit.",
            Self::DiagnosisSurprise => "How rare the diagnosis is at this kind of visit.",
            Self::FacilitySurprise => {
                "How rarely people with cards of this province come to this facility."
            }
        }
    }

    /// What it says of a claim, in Vietnamese.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::Cost => {
                "Tổng chi phí so với các hồ sơ cùng loại khám chữa bệnh, chẩn đoán, nhóm tuổi và nhóm cơ sở."
            }
            Self::Visits30Days => "Số lượt khám chữa bệnh trong 30 ngày tính đến lượt này.",
            Self::Facilities30Days => "Số cơ sở khám chữa bệnh khác nhau của các lượt đó.",
            Self::ProvinceDistance => {
                "Khoảng cách giữa tỉnh của cơ sở và tỉnh trên thẻ, tính theo số tỉnh từ bắc vào nam."
            }
            Self::Stay => {
                "Thời gian điều trị so với các hồ sơ cùng loại khám chữa bệnh, chẩn đoán, nhóm tuổi và nhóm cơ sở."
            }
            Self::VisitsAtFacility => "Số lượt đến cơ sở này trong một năm trước đó.",
            Self::VisitsWithDiagnosis => {
                "Số lượt điều trị cùng nhóm chẩn đoán trong một năm trước đó."
            }
            Self::DaysSinceVisit => "Số ngày kể từ lượt khám chữa bệnh liền trước.",
            Self::DiagnosisSurprise => "Mức độ hiếm gặp của chẩn đoán ở loại khám chữa bệnh này.",
            Self::FacilitySurprise => "Mức độ hiếm khi người có thẻ của tỉnh này đến cơ sở này.",
        }
    }

    /// Why it tells nothing that was not known when the claim was made.
    pub const fn guard(self) -> &'static str {
        match self {
            Self::Cost => {
                "The claim's own bill. Peer figures are frozen in the artefact, so that a claim never moves the group it is compared with."
            }
            Self::Visits30Days => "The window ends with the claim: later visits are not counted.",
            Self::Facilities30Days => {
                "The window ends with the claim: later facilities are not counted."
            }
            Self::ProvinceDistance => "Two codes printed on the claim and the card.",
            Self::Stay => {
                "The claim's own times. It says nothing of the outcome or how the patient left."
            }
            Self::VisitsAtFacility => {
                "Earlier claims only, and their number alone: no record of reviews."
            }
            Self::VisitsWithDiagnosis => "Earlier claims only, by main diagnosis.",
            Self::DaysSinceVisit => {
                "Looks back only; how long it is until the next visit is not used."
            }
            Self::DiagnosisSurprise => {
                "Two codes of the claim. Shares are frozen in the artefact, and learnt from claims before those it is calibrated on."
            }
            Self::FacilitySurprise => {
                "Two codes printed on the claim and the card. Shares are of claims, not of decisions, and frozen in the artefact."
            }
        }
    }
}

/// What is observed of one claim. It holds no identifier of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Observation {
    /// The facility.
    pub facility: Facility,
    /// The category of the main diagnosis: see [`parse_category`](super::parse_category).
    pub diagnosis: u16,
    /// The kind of visit, 1 to 16.
    pub visit_type: u8,
    /// The age at the admission.
    pub age: AgeBand,
    /// The province of the person's card, one of the 63; 0 without a card or with an unknown code.
    pub card_province: u8,
    /// A value for each of the first [`Feature::OBSERVED`] of [`Feature::ALL`].
    pub values: [i32; Feature::OBSERVED],
}

impl Observation {
    /// The observed value of a feature; 0 of one that only an artefact makes (see
    /// [`OutlierModel::encode`](super::OutlierModel::encode)).
    pub fn value(&self, feature: Feature) -> i32 {
        self.values.get(feature.index()).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_in_order_and_named_once() {
        for (place, feature) in Feature::ALL.into_iter().enumerate() {
            assert_eq!(feature.index(), place);
            assert_eq!(Feature::from_name(feature.name()), Some(feature));
            let name = serde_json::to_string(&feature).unwrap();
            assert_eq!(name.trim_matches('"'), feature.name());
            assert!(feature.english().ends_with('.') && feature.vietnamese().ends_with('.'));
            assert!(!feature.guard().is_empty() && !feature.unit().is_empty());
            assert!(!feature.window().is_empty());
        }
        assert_eq!(Feature::from_name("outcome"), None);
    }
}
