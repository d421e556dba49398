//! Training of the outlier model.
//!
//! In: observations of claims, in any order, and the counts of their peers. Out: an
//! [`OutlierModel`]. Must hold: the same observations, counts and options give the same bytes.

use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array2, ArrayView1};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::artefact::{OutlierModel, row};
use super::calibration::Calibration;
use super::feature::{Feature, Observation};
use super::fit_error::FitError;
use super::nn_ensemble::{NnEnsemble, distinct};
use super::peer::{PeerCounts, PeerGroups};

/// How a model is trained.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainOptions {
    /// The seed of all that is drawn.
    pub seed: u64,
    /// What the observations are, for the artefact and its card. No identifiers.
    pub trained_on: String,
    /// Samples of the ensemble.
    pub samples: usize,
    /// Anchors of a sample.
    pub anchors: usize,
    /// Share of the fitted observations that a first fit puts aside.
    pub trim: f64,
    /// The least number of claims of a peer group.
    pub peer_minimum: u64,
    /// The most observations that are fitted; of more, so many are drawn.
    pub most_fitted: usize,
    /// The most observations that are held out for calibration: a fifth, up to this.
    pub most_calibrated: usize,
}

impl Default for TrainOptions {
    /// Seed 0; 100 samples of 16 anchors, a fifth trimmed; peer groups of 200 claims; at most
    /// 200,000 observations fitted and 1999 held out, so that p-values are multiples of 0.0005.
    fn default() -> Self {
        Self {
            seed: 0,
            trained_on: String::new(),
            samples: 100,
            anchors: 16,
            trim: 0.2,
            peer_minimum: 200,
            most_fitted: 200_000,
            most_calibrated: 1999,
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
    /// Peers were counted over no claims.
    #[error("no costs were counted for peer groups: count the claims that are trained on")]
    NoPeers,
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

    /// Trains a model on observations, in any order, and counted peers.
    ///
    /// Observations are sorted, so that their order does not matter; a seeded draw holds out a
    /// fifth, up to a limit, for calibration; the ensemble is fitted on the others, or on as many
    /// of them, drawn, as the options allow. Claims known to be wrong should be left out of both:
    /// those that are not, make the calibration conservative.
    ///
    /// # Errors
    /// [`TrainError`] with too few observations, without peers, or if an option is out of range.
    pub fn train(
        observations: &[Observation],
        peers: &PeerCounts,
        options: &TrainOptions,
    ) -> Result<Self, TrainError> {
        let (found, needed) = (observations.len(), Self::FEWEST_OBSERVATIONS);
        if found < needed {
            return Err(TrainError::TooFewObservations { found, needed });
        }
        for (name, value, least) in [
            ("most_fitted", options.most_fitted, 400),
            ("most_calibrated", options.most_calibrated, 100),
        ] {
            if value < least {
                return Err(TrainError::Option { name, least });
            }
        }
        let peers = PeerGroups::new(peers, options.peer_minimum).ok_or(TrainError::NoPeers)?;
        let mut sorted = observations.to_vec();
        sorted.sort_unstable();
        let mut generator = ChaCha8Rng::seed_from_u64(options.seed);
        let held_out = (found / 5).min(options.most_calibrated);
        let (held_out, rest) = split(sorted, held_out, &mut generator);
        let size = options.most_fitted.min(rest.len());
        let (fitted, _) = split(rest, size, &mut generator);

        let rows: Vec<f64> = fitted.iter().flat_map(|claim| row(claim, &peers)).collect();
        let rows = Array2::from_shape_vec((fitted.len(), Feature::COUNT), rows)
            .expect("there are as many values a row as features");
        let typical = Feature::ALL.map(|feature| {
            let mut column: Vec<f64> = rows.column(feature.index()).to_vec();
            column.sort_unstable_by(f64::total_cmp);
            // Values are whole numbers of 32 bits: see `row`.
            column[(column.len() - 1) / 2] as i32
        });
        let ensemble: NnEnsemble<f64> = NnEnsemble::<f64>::params()
            .samples(options.samples)
            .anchors(options.anchors)
            .trim(options.trim)
            .seed(options.seed)
            .fit(&DatasetBase::from(rows))?;
        let distance = |claim: &Observation| {
            let distance = ensemble.distance_row(ArrayView1::from(&row(claim, &peers)));
            distance.expect("nine finite numbers, and an ensemble of nine columns")
        };
        let calibration = Calibration::new(held_out.iter().map(distance).collect())
            .expect("at least 100 observations were held out");
        Ok(Self {
            trained_on: options.trained_on.clone(),
            seed: options.seed,
            observations: found as u64,
            typical,
            peers,
            ensemble,
            calibration,
            calibrated_on_fund: true,
        })
    }
}

/// So many observations, drawn, and the others; both in their order.
fn split(
    observations: Vec<Observation>,
    size: usize,
    generator: &mut ChaCha8Rng,
) -> (Vec<Observation>, Vec<Observation>) {
    let mut is_drawn = vec![false; observations.len()];
    for place in distinct(observations.len(), size, generator) {
        is_drawn[place] = true;
    }
    let mut drawn = is_drawn.into_iter();
    observations
        .into_iter()
        .partition(|_| drawn.next().unwrap_or(false))
}
