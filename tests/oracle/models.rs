//! The outlier models of the histories: two small ones, which count as calibrated on the fund's own claims, and
//! the one that comes with the program, which does not.
//!
//! What a model makes of an observation is tested beside it. Here it is a function that has to be asked for
//! the right observation at the right time.

use std::sync::{Arc, LazyLock};

use fundwatch::model::{Feature, ModelRegistry, NO_CATEGORY, OutlierModel, builtin};

use crate::outlier_model::{Usual, trained};

/// Under which names rules activate them; the first is in force before the first row.
pub const NAMES: [&str; 3] = ["own.json", "other.json", "builtin"];

/// The models, by the place of their name.
pub fn models() -> &'static [Arc<OutlierModel>; 3] {
    static MODELS: LazyLock<[Arc<OutlierModel>; 3]> = LazyLock::new(|| {
        let builtin = Arc::new(builtin().clone());
        let [own, other] = [1, 2]
            .map(|seed| Arc::new(trained(seed, &USUAL).with_misuse(builtin.misuse().clone())));
        [own, other, builtin]
    });
    &MODELS
}

/// As a replay is given them.
pub fn registry() -> ModelRegistry {
    static REGISTRY: LazyLock<ModelRegistry> = LazyLock::new(|| {
        let mut registry = ModelRegistry::new(models()[0].clone());
        for (name, model) in NAMES.into_iter().zip(models()) {
            registry.add(name, model.clone()).expect("few models");
        }
        registry
    });
    REGISTRY.clone()
}

/// What a model is called where it is a cause.
pub fn key(model: usize) -> String {
    models()[model].digest()[..16].to_owned()
}

/// Claims about as the histories have them, so that they are told apart.
const USUAL: Usual = Usual {
    of: |feature| match feature {
        Feature::Cost => &[14_508, 14_508, 14_508, 14_509, 10_463, 13_081, 16_606],
        Feature::Visits30Days => &[1, 1, 1, 2, 2, 3, 4, 6],
        Feature::Facilities30Days => &[1, 1, 1, 2, 2, 3],
        Feature::ProvinceDistance => &[0, 0, 1, 50],
        Feature::Stay => &[
            0, 0, 3433, 5484, 5488, 7273, 7273, 7966, 9980, 10_045, 10_363,
        ],
        Feature::VisitsAtFacility => &[0, 0, 1, 1, 2, 4],
        Feature::VisitsWithDiagnosis => &[0, 0, 0, 1, 1, 2],
        Feature::DaysSinceVisit => &[0, 0, 1, 2, 31, 365, 365],
        Feature::DiagnosisSurprise | Feature::FacilitySurprise => &[],
    },
    visit_types: &[1, 1, 1, 3, 3, 3, 9, 2, 4, 5],
    // I10, C61, J18, O96, Z99, A33, A50, C53, and what has no category.
    diagnoses: &[
        810,
        810,
        261,
        918,
        1496,
        2599,
        33,
        50,
        253,
        NO_CATEGORY as i32,
    ],
    facilities: &[
        ("01001", 79),
        ("01002", 79),
        ("79B_1", 79),
        ("79010", 79),
        ("48005", 79),
        ("03001", 79),
        ("01001", 48),
        ("01002", 48),
        ("79010", 48),
        ("01001", 1),
        ("01002", 1),
        ("79B_1", 1),
        ("01001", 0),
        ("01002", 0),
        ("79B_1", 0),
        ("79010", 0),
    ],
};
