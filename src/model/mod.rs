//! The outlier model.
mod fit_error;
mod logarithm;
mod metric;
mod nn_anchors;
mod nn_ensemble;
mod nn_params;
mod robust_scaler;

pub use fit_error::{FitError, ScoreError};
pub use logarithm::{amount_of_thousandths, thousandths_of_ln};
pub use metric::{MetricError, auroc, average_precision};
pub use nn_ensemble::NnEnsemble;
pub use nn_params::{NnEnsembleParams, NnEnsembleValidParams};
pub use robust_scaler::{RobustScaler, RobustScalerParams, RobustScalerValidParams};
