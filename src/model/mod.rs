//! The outlier model: how unlike other claims a claim is, and why.
//!
//! In: [`Observation`]s of claims, made by [`observations`] from a person's claims in order. Out: a
//! [`PValue`], a [`Score`] and an [`Explanation`]. Must hold: everything is a pure function of
//! the observation and the artefact, the same on every machine and whatever else is scored; what
//! was learned changes only when another artefact takes the place of this one.
//!
//! ```text
//! visits ─ observe ─▶ Observation ─ figures ─▶ robust_scaler ─▶ nn_ensemble ─▶ calibration ─▶ PValue, Score
//!                    (peers, tiers, surprises)                      └────────▶ explanation
//! ```
//!
//! [`OutlierEnsemble`], its components [`NnEnsemble`], [`IsolationForest`] and [`HistogramScore`], and
//! [`RobustScaler`] are linfa estimators for any data; the rest is about claims.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "a test says with a panic that it failed; other code is linted without tests"
    )
)]

mod age_band;
mod artefact;
mod binomial;
mod boosted_bins;
mod boosted_fit;
mod boosted_grow;
mod boosted_params;
mod boosted_tree;
mod boosted_trees;
mod builtin;
mod calibration;
mod card;
mod change;
mod diagnosis;
mod drift;
#[cfg(test)]
mod estimator_tests;
mod evaluation;
mod explanation;
mod false_alarms;
mod feature;
mod figures;
mod fit_error;
mod histogram_params;
mod histogram_score;
mod isolation_forest;
mod isolation_params;
mod json;
mod labels;
mod logarithm;
mod logistic;
#[cfg(test)]
mod made_up;
mod metric;
mod misuse;
mod narrative;
mod nn_anchors;
mod nn_ensemble;
mod nn_params;
mod observe;
mod outlier_ensemble;
mod outlier_params;
mod p_value;
mod peer;
mod peer_counts;
mod peer_group;
mod registry;
mod robust_scaler;
mod rows;
mod score;
mod surprise;
mod tail;
mod tier;
mod train;
mod words;

pub use age_band::AgeBand;
pub use artefact::{ALERT_BUDGET, ArtefactError, OutlierModel, Period, Population, VERSION};
pub use boosted_params::{BoostedTreesParams, BoostedTreesValidParams, Monotone};
pub use boosted_trees::BoostedTrees;
pub use builtin::builtin;
pub use calibration::Calibration;
pub use card::card;
pub use change::Change;
pub use diagnosis::{NO_CATEGORY, category_letter, category_text, parse_category};
pub use drift::{Bins, Drift, FEWEST_CLAIMS, SHIFTED, SHIFTED_MUCH};
pub use evaluation::{
    Evaluation, Judged, QueueShare, ReasonEvaluation, ReliabilityBin, Volume, evaluation_text,
    reliability_diagram,
};
pub use explanation::{Explanation, Factor};
pub use false_alarms::false_alarms;
pub use feature::{Feature, Observation};
pub use figures::{Counted, Encoded, FigureLimits, Figures};
pub use fit_error::{FitError, ScoreError};
pub use histogram_params::{HistogramScoreParams, HistogramScoreValidParams};
pub use histogram_score::HistogramScore;
pub use isolation_forest::IsolationForest;
pub use isolation_params::{IsolationForestParams, IsolationForestValidParams};
pub(crate) use json::to_json;
pub use labels::{Labels, LabelsError};
pub use logarithm::{amount_of_thousandths, thousandths_of_ln};
pub use logistic::probability;
pub use metric::{MetricError, auroc, average_precision};
pub use misuse::{
    CardState, Circumstances, DeathEvidence, FEWEST_OF_EITHER, MisuseContribution, MisuseFeature,
    MisuseModel, MisuseObservation, MisuseTrainOptions, MisuseTraining, NamedCitizen, ReasonKind,
    VisitSeen, observe_misuse, train_misuse,
};
pub use nn_ensemble::NnEnsemble;
pub use nn_params::{NnEnsembleParams, NnEnsembleValidParams};
pub use observe::{
    Visit, card_province, facility_province, is_province, observations, observe, province_distance,
};
pub use outlier_ensemble::{Attribution, OutlierEnsemble};
pub use outlier_params::{ComponentParams, OutlierEnsembleParams, OutlierEnsembleValidParams};
pub use p_value::PValue;
pub use peer::{PeerFigures, PeerGroups, Spread};
pub use peer_group::{PeerGroup, PeerKind};
pub use registry::{ModelId, ModelRegistry, TooManyModels};
pub use robust_scaler::{RobustScaler, RobustScalerParams, RobustScalerValidParams, SparseSpread};
pub use score::Score;
pub use surprise::{Category, Diagnosed, Surprises, Visited};
pub use tier::{Tier, Tiers};
pub use train::{TrainError, TrainOptions, TrainingClaim};
