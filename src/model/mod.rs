//! The outlier model: how unlike other claims a claim is, and why.
//!
//! In: [`Observation`]s of claims, made by [`observe`] from a claim and what was known of the person
//! before it. Out: a [`Score`] and an [`Explanation`]. Must hold: everything is a pure function of
//! the observation and the artefact, the same on every machine and whatever else is scored; what
//! was learned changes only when another artefact takes the place of this one.
//!
//! ```text
//! visits ─ observe ─▶ Observation ─ peer (cost) ─▶ robust_scaler ─▶ nn_ensemble ─▶ calibration ─▶ Score
//!                                                                       └───────▶ explanation
//! ```
//!
//! [`NnEnsemble`] and [`RobustScaler`] are linfa estimators for any data; the rest is about claims.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test says with a panic that it failed; other code is linted without tests"
    )
)]

mod artefact;
mod builtin;
mod calibration;
mod card;
mod diagnosis;
pub mod evaluate;
mod explanation;
mod feature;
mod fit_error;
mod json;
mod logarithm;
#[cfg(test)]
mod made_up;
mod metric;
mod nn_anchors;
mod nn_ensemble;
mod nn_params;
mod observe;
mod peer;
mod registry;
mod robust_scaler;
mod score;
mod stand_in;
mod train;

pub use artefact::{ArtefactError, OutlierModel, VERSION};
pub use builtin::builtin;
pub use calibration::Calibration;
pub use card::card;
pub use diagnosis::{NO_CATEGORY, category_letter, category_text, parse_category};
pub use explanation::{Explanation, Factor};
pub use feature::{Feature, Observation};
pub use fit_error::{FitError, ScoreError};
pub use logarithm::{amount_of_thousandths, thousandths_of_ln};
pub use metric::{MetricError, auroc, average_precision};
pub use nn_ensemble::NnEnsemble;
pub use nn_params::{NnEnsembleParams, NnEnsembleValidParams};
pub use observe::{Visit, card_province, facility_province, observe, province_distance};
pub use peer::{PeerCounts, PeerFigures, PeerGroup, PeerGroups};
pub use registry::{ModelId, ModelRegistry, TooManyModels};
pub use robust_scaler::{RobustScaler, RobustScalerParams, RobustScalerValidParams};
pub use score::Score;
pub use stand_in::PValue;
pub use train::{TrainError, TrainOptions};
