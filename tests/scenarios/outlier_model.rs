//! The model of scenarios that watch `cost_outlier`: claims as scenarios have them when they say nothing.

use std::sync::{Arc, LazyLock};

use fundwatch::model::{Feature, ModelRegistry};

use crate::support::{Usual, trained};

/// Examinations for a cold of some 100,000 dong that last an hour, by people who come now and then.
const USUAL: Usual = Usual {
    of: |feature| match feature {
        Feature::Cost => &[
            11_290, 11_400, 11_512, 11_512, 11_512, 11_600, 11_700, 11_800,
        ],
        Feature::ProvinceDistance => &[0],
        Feature::Visits30Days => &[1, 1, 1, 1, 2, 2, 3],
        Feature::Facilities30Days => &[1, 1, 1, 1, 2],
        Feature::Stay => &[3700, 3900, 4110, 4110, 4110, 4300, 4500],
        Feature::VisitsAtFacility => &[0, 0, 0, 1, 1, 2],
        Feature::VisitsWithDiagnosis => &[0, 0, 1, 1],
        Feature::DaysSinceVisit => &[1, 5, 20, 40, 90, 365, 365, 365],
        Feature::DiagnosisSurprise | Feature::FacilitySurprise => &[],
    },
    visit_types: &[1],
    diagnoses: &[906],
    facilities: &[("79001", 79)],
};

/// The model, as a replay is given it.
pub fn models() -> ModelRegistry {
    static MODELS: LazyLock<ModelRegistry> =
        LazyLock::new(|| ModelRegistry::new(Arc::new(trained(1, &USUAL))));
    MODELS.clone()
}
