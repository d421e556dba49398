//! Training of the outlier model.
//!
//! In: claims, in any order, and a fund's figures. Out: an [`OutlierModel`]. Must hold: the same claims,
//! figures and options give the same bytes; what calibrates was not fitted on, and is not before it.

use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array2, ArrayView1};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::artefact::{OutlierModel, Period, Population};
use super::calibration::Calibration;
use super::drift::{Bins, Reference};
use super::feature::{Feature, Observation};
use super::figures::Figures;
use super::fit_error::FitError;
use super::misuse::MisuseModel;
use super::nn_ensemble::{NnEnsemble, distinct};
use super::peer::Spread;
use crate::record::Day;

/// A claim to train on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrainingClaim {
    /// The admission date.
    pub admitted: Day,
    /// Its features.
    pub observation: Observation,
}

/// How a model is trained.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainOptions {
    /// The seed of all that is drawn.
    pub seed: u64,
    /// What the observations are, for the artefact and its card. No identifiers.
    pub trained_on: String,
    /// Whose claims they are.
    pub population: Population,
    /// Samples of the ensemble.
    pub samples: usize,
    /// Anchors of a sample.
    pub anchors: usize,
    /// Share of the fitted observations that a first fit puts aside.
    pub trim: f64,
    /// The most observations that are fitted; of more, so many are drawn.
    pub most_fitted: usize,
    /// The most observations that are held out for calibration; of more, so many are drawn.
    pub most_calibrated: usize,
}

impl Default for TrainOptions {
    /// Seed 0; a fund's claims; 64 samples of 64 anchors, a twentieth trimmed, since claims known to be wrong
    /// are left out before; at most 200,000 observations fitted and 30,000 held out.
    fn default() -> Self {
        Self {
            seed: 0,
            trained_on: String::new(),
            population: Population::Fund,
            samples: 64,
            anchors: 64,
            trim: 0.05,
            most_fitted: 200_000,
            most_calibrated: 30_000,
        }
    }
}

/// Why a model cannot be trained.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// Too few observations.
    #[error("{found} claims are too few to train on: at least {needed} are needed")]
    TooFewObservations {
        /// Observations given.
        found: usize,
        /// Observations needed.
        needed: usize,
    },
    /// An option is out of range.
    #[error("`{name}` must be at least {least}")]
    Option {
        /// The option.
        name: &'static str,
        /// The least value that is allowed.
        least: usize,
    },
    /// The ensemble cannot be fitted.
    #[error(transparent)]
    Fit(#[from] FitError),
}

impl OutlierModel {
    /// The least number of observations that a model is trained on: 400 are fitted, 100 held out.
    pub const FEWEST_OBSERVATIONS: usize = 500;

    /// The admission date before which figures are to be learnt from, so that those of the claims that a
    /// model is calibrated on are not among them: the first of those, where any claim is before it. None
    /// without claims.
    pub fn figures_before(claims: &[TrainingClaim]) -> Option<Day> {
        let mut days: Vec<Day> = claims.iter().map(|claim| claim.admitted).collect();
        days.sort_unstable();
        let first_held_out = *days.get(days.len() - held_out(days.len()))?;
        let is_after_another = days.first().is_some_and(|first| *first < first_held_out);
        Some(match is_after_another {
            true => first_held_out,
            // All are of one day.
            false => first_held_out.plus(1),
        })
    }

    /// Trains a model on claims, in any order, and a fund's figures.
    ///
    /// Claims are put in the order of their admission dates, those of one date by a seeded draw, so that the order
    /// in which they are given does not matter. The last fifth is held out for calibration, so that the
    /// model is judged by claims after those that it has learnt from; the ensemble is fitted on the others,
    /// without those of the first year where there are several, since of them the year before is not known.
    /// Of either, as many are drawn as the options allow. Claims known to be wrong should be left out: those
    /// that are not, make the calibration conservative.
    ///
    /// # Errors
    /// [`TrainError`] with too few claims, or if an option is out of range.
    pub fn train(
        claims: &[TrainingClaim],
        figures: Figures,
        options: &TrainOptions,
    ) -> Result<Self, TrainError> {
        let (found, needed) = (claims.len(), Self::FEWEST_OBSERVATIONS);
        if found < needed {
            return Err(TrainError::TooFewObservations { found, needed });
        }
        for (name, value, least) in [
            ("most_fitted", options.most_fitted, FEWEST_FITTED),
            ("most_calibrated", options.most_calibrated, 100),
        ] {
            if value < least {
                return Err(TrainError::Option { name, least });
            }
        }
        let mut generator = ChaCha8Rng::seed_from_u64(options.seed);
        let sorted = in_time(claims, &mut generator);
        let (first, last) = (sorted[0].admitted, sorted[found - 1].admitted);
        let (earlier, later) = sorted.split_at(found - held_out(found));
        let period = Period {
            first,
            calibrated_from: later[0].admitted,
            last,
        };
        let earlier = with_their_year(earlier);
        let fitted = drawn(earlier, options.most_fitted, &mut generator);
        let held_out = drawn(later, options.most_calibrated, &mut generator);

        let mut rows = Vec::with_capacity(fitted.len() * Feature::COUNT);
        let mut values = vec![Vec::new(); Feature::COUNT];
        for claim in &fitted {
            let encoded = figures.encode(&claim.observation);
            rows.extend(encoded.row());
            for (values, value) in values.iter_mut().zip(encoded.values) {
                values.push((value, 1));
            }
        }
        let features = Feature::ALL.map(|feature| {
            let values = &values[feature.index()];
            Bins::of(values.iter().map(|(value, _)| *value).collect())
        });
        let usual = Feature::ALL.map(|feature| {
            let values = &mut values[feature.index()];
            values.sort_unstable();
            Spread::of(values)
        });
        let rows = Array2::from_shape_vec((fitted.len(), Feature::COUNT), rows)
            .expect("there are as many values a row as features");
        let ensemble: NnEnsemble<f64> = NnEnsemble::<f64>::params()
            .samples(options.samples)
            .anchors(options.anchors)
            .trim(options.trim)
            .seed(options.seed)
            .fit(&DatasetBase::from(rows))?;
        let distance = |claim: &TrainingClaim| {
            let row = figures.encode(&claim.observation).row();
            let distance = ensemble.distance_row(ArrayView1::from(&row));
            distance.expect("finite numbers, and as many columns as features")
        };
        let most = Calibration::MOST;
        let calibration = Calibration::new(held_out.iter().take(most).map(distance).collect())
            .expect("at least 100 claims were held out, and not too many");
        let scores = (held_out.iter())
            .map(|claim| calibration.score(distance(claim)).ten_thousandths().into());
        let reference = Reference {
            features,
            score: Bins::of(scores.collect()),
        };
        Ok(Self {
            reference,
            trained_on: options.trained_on.clone(),
            calibrated_on: options.population,
            period,
            seed: options.seed,
            observations: found as u64,
            usual,
            figures,
            ensemble,
            calibration,
            misuse: MisuseModel::new(),
        })
    }
}

/// The claims, in the order of time, that are preceded by a year of data, so that what the person did in it is known -
/// if most are, and enough. Else all: then history is as short for most claims that are to be judged.
fn with_their_year(claims: &[TrainingClaim]) -> &[TrainingClaim] {
    const YEAR: i32 = 365;
    let Some(first) = claims.first() else {
        return claims;
    };
    let start = first.admitted.plus(YEAR);
    let start = claims.partition_point(|claim| claim.admitted < start);
    let known = &claims[start..];
    if known.len() * 2 >= claims.len() && known.len() >= FEWEST_FITTED {
        known
    } else {
        claims
    }
}

/// The fewest claims that are fitted.
const FEWEST_FITTED: usize = 400;

/// How many of so many claims, the later ones, are held out.
fn held_out(claims: usize) -> usize {
    claims.div_ceil(5)
}

/// Claims by admission date, those of one date in an order that is drawn.
fn in_time(claims: &[TrainingClaim], generator: &mut ChaCha8Rng) -> Vec<TrainingClaim> {
    let mut sorted = claims.to_vec();
    sorted.sort_unstable();
    let draw = |claim: TrainingClaim| (claim.admitted, generator.next_u64(), claim);
    let mut drawn: Vec<_> = sorted.into_iter().map(draw).collect();
    drawn.sort_unstable();
    drawn.into_iter().map(|(_, _, claim)| claim).collect()
}

/// At most so many claims, drawn, in their order.
fn drawn(claims: &[TrainingClaim], most: usize, generator: &mut ChaCha8Rng) -> Vec<TrainingClaim> {
    if claims.len() <= most {
        return claims.to_vec();
    }
    let mut places = distinct(claims.len(), most, generator);
    places.sort_unstable();
    places.into_iter().map(|place| claims[place]).collect()
}
