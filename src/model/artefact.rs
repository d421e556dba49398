//! The outlier model of claims as it is stored, loaded and asked.
//!
//! In: JSON, or training data ([`OutlierModel::train`]). Out: scores and explanations. Must hold:
//! equal models have equal bytes and one digest; an artefact that loads cannot panic when asked.

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::calibration::Calibration;
use super::drift::{Bins, Reference};
use super::feature::{Feature, Observation};
use super::figures::{Encoded, Figures};
use super::json::to_json;
use super::misuse::MisuseModel;
use super::nn_ensemble::NnEnsemble;
use super::p_value::PValue;
use super::peer::Spread;
use super::robust_scaler::RobustScaler;
use super::score::Score;
use crate::record::{Day, Value};

/// The version of artefacts that this program writes and reads. It changes with the features, their
/// order, or what is done with them.
pub const VERSION: u32 = 2;

/// The share of ordinary claims that may raise an alert where nobody says otherwise, in millionths: one in a
/// thousand.
pub const ALERT_BUDGET: u32 = 1000;

/// Whose claims a model was trained and calibrated on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Population {
    /// A fund's own: its p-values hold for that fund.
    Fund,
    /// Made up: it puts claims in order, but how many of a fund's lie beyond a level is not known.
    Synthetic,
}

impl Population {
    /// Its name in artefacts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fund => "fund",
            Self::Synthetic => "synthetic",
        }
    }
}

/// The admission dates of the claims that a model was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredPeriod", into = "StoredPeriod")]
pub struct Period {
    /// The first of those that it was fitted on.
    pub first: Day,
    /// The first of those that it was calibrated on, which are the later ones.
    pub calibrated_from: Day,
    /// The last.
    pub last: Day,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredPeriod {
    first: String,
    calibrated_from: String,
    last: String,
}

impl TryFrom<StoredPeriod> for Period {
    type Error = &'static str;

    fn try_from(stored: StoredPeriod) -> Result<Self, Self::Error> {
        let day = |text: &str| Day::from_text(text).ok_or("a period has dates YYYY-MM-DD");
        let period = Self {
            first: day(&stored.first)?,
            calibrated_from: day(&stored.calibrated_from)?,
            last: day(&stored.last)?,
        };
        let ascends =
            period.first <= period.calibrated_from && period.calibrated_from <= period.last;
        ascends
            .then_some(period)
            .ok_or("the dates of a period ascend")
    }
}

impl From<Period> for StoredPeriod {
    fn from(period: Period) -> Self {
        Self {
            first: period.first.to_string(),
            calibrated_from: period.calibrated_from.to_string(),
            last: period.last.to_string(),
        }
    }
}

/// A trained outlier model of claims: a fund's figures, a scaled nearest-neighbour ensemble and a
/// calibration.
///
/// Cost and stay are first turned into deviations from the peer group, diagnosis and facility into their
/// surprises; the ten values are then scored by an [`NnEnsemble`], whose distance is turned into a [`PValue`]
/// and a [`Score`] by a [`Calibration`]. All that comes out is integers, the same on every machine:
/// floating point is used for one subtraction, division and multiplication a value, never summed, each
/// rounded as IEEE 754 prescribes (the compiler does not fuse them), and then rounded to thousandths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct OutlierModel {
    pub(super) trained_on: String,
    pub(super) calibrated_on: Population,
    pub(super) period: Period,
    pub(super) seed: u64,
    pub(super) observations: u64,
    /// How the values of each feature are spread among the fitted claims.
    pub(super) usual: [Spread; Feature::COUNT],
    pub(super) figures: Figures,
    pub(super) ensemble: NnEnsemble<f64>,
    pub(super) calibration: Calibration,
    pub(super) reference: Reference,
    pub(super) misuse: MisuseModel,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    trained_on: String,
    calibrated_on: Population,
    period: Period,
    seed: u64,
    observations: u64,
    features: Vec<StoredFeature>,
    figures: Figures,
    ensemble: NnEnsemble<f64>,
    calibration: Calibration,
    /// Of the claims that it was calibrated on.
    score: Bins,
    misuse: MisuseModel,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredFeature {
    name: String,
    percentiles: [i32; 5],
    bins: Bins,
}

/// The version of an artefact, read before all else, so that one of another version is told apart.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl TryFrom<Stored> for OutlierModel {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        of_this_version(stored.version)?;
        let names: Vec<&str> = stored
            .features
            .iter()
            .map(|feature| feature.name.as_str())
            .collect();
        let expected = Feature::ALL.map(Feature::name);
        if names != expected {
            return Err(format!(
                "the model has the features {}, but this program observes {}: train it anew",
                names.join(", "),
                expected.join(", ")
            ));
        }
        if stored.ensemble.columns() != Feature::COUNT {
            return Err(format!(
                "the ensemble has {} columns, but there are {} features",
                stored.ensemble.columns(),
                Feature::COUNT
            ));
        }
        let usual = Feature::ALL.map(|feature| Spread {
            percentiles: stored.features[feature.index()].percentiles,
        });
        if !usual.iter().all(Spread::ascends) {
            return Err("the percentiles of a feature do not ascend".to_owned());
        }
        let reference = Reference {
            features: Feature::ALL.map(|feature| stored.features[feature.index()].bins.clone()),
            score: stored.score,
        };
        Ok(Self {
            reference,
            trained_on: stored.trained_on,
            calibrated_on: stored.calibrated_on,
            period: stored.period,
            seed: stored.seed,
            observations: stored.observations,
            usual,
            figures: stored.figures,
            ensemble: stored.ensemble,
            calibration: stored.calibration,
            misuse: stored.misuse,
        })
    }
}

fn of_this_version(version: u32) -> Result<(), String> {
    if version == VERSION {
        return Ok(());
    }
    Err(format!(
        "the model has version {version}, but this program reads version {VERSION}: train it anew"
    ))
}

impl From<OutlierModel> for Stored {
    fn from(model: OutlierModel) -> Self {
        let feature = |feature: Feature| StoredFeature {
            name: feature.name().to_owned(),
            percentiles: model.usual[feature.index()].percentiles,
            bins: model.reference.features[feature.index()].clone(),
        };
        Self {
            score: model.reference.score.clone(),
            version: VERSION,
            features: Feature::ALL.into_iter().map(feature).collect(),
            trained_on: model.trained_on,
            calibrated_on: model.calibrated_on,
            period: model.period,
            seed: model.seed,
            observations: model.observations,
            figures: model.figures,
            ensemble: model.ensemble,
            calibration: model.calibration,
            misuse: model.misuse,
        }
    }
}

/// Why a text is no model.
#[derive(Debug, thiserror::Error)]
#[error("this is no outlier model that can be used: {0}")]
pub struct ArtefactError(#[from] serde_json::Error);

impl OutlierModel {
    /// Reads an artefact.
    ///
    /// # Errors
    /// If it is not JSON of the expected form, has another version or other features, or is
    /// inconsistent.
    pub fn from_json(json: &str) -> Result<Self, ArtefactError> {
        if let Ok(Versioned { version }) = serde_json::from_str(json) {
            of_this_version(version).map_err(<serde_json::Error as serde::de::Error>::custom)?;
        }
        Ok(serde_json::from_str(json)?)
    }

    /// The artefact, byte for byte the same for equal models.
    pub fn to_json(&self) -> String {
        to_json(self).expect("a model is made of numbers, lists and texts")
    }

    /// SHA-256 of [`to_json`](Self::to_json), in hexadecimal.
    pub fn digest(&self) -> String {
        let digest = Sha256::digest(self.to_json());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What it says that it was trained on.
    pub fn trained_on(&self) -> &str {
        &self.trained_on
    }

    /// The seed of its training.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How many claims it was trained and calibrated on.
    pub fn observations(&self) -> u64 {
        self.observations
    }

    /// Whose claims it was trained and calibrated on.
    pub fn calibrated_on(&self) -> Population {
        self.calibrated_on
    }

    /// Whether its p-values are those of a fund's own claims.
    pub fn is_calibrated_on_fund(&self) -> bool {
        self.calibrated_on == Population::Fund
    }

    /// When the claims that it was made of were admitted.
    pub fn period(&self) -> Period {
        self.period
    }

    /// What the fund's claims are like.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// How features are scaled.
    pub fn scaler(&self) -> &RobustScaler<f64> {
        self.ensemble.scaler()
    }

    /// The ensemble.
    pub fn ensemble(&self) -> &NnEnsemble<f64> {
        &self.ensemble
    }

    /// The calibration.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// How likely misuse is rather than an error, of claims under alerts.
    pub fn misuse(&self) -> &MisuseModel {
        &self.misuse
    }

    /// The same model with another one of misuse.
    pub fn with_misuse(self, misuse: MisuseModel) -> Self {
        Self { misuse, ..self }
    }

    /// How the values of a feature are spread among the fitted claims, in its own unit.
    pub fn usual(&self, feature: Feature) -> &Spread {
        &self.usual[feature.index()]
    }

    /// An observation among its peers.
    pub fn encode(&self, observation: &Observation) -> Encoded<'_> {
        self.figures.encode(observation)
    }

    /// The score of a claim.
    pub fn score(&self, observation: &Observation) -> Score {
        self.calibration.score(self.distance(observation))
    }

    /// The conformal p-value of a claim: the share of ordinary claims that are as unlike the others.
    pub fn p_value(&self, observation: &Observation) -> PValue {
        self.calibration.p_value(self.distance(observation))
    }

    /// The level below which the p-value of a claim is that of an outlier, so that at most a share of the
    /// ordinary claims - the budget, in millionths; see [`ALERT_BUDGET`] - are, with 95 % confidence. None,
    /// where the model was calibrated on too few claims to say.
    pub fn alert_level(&self, budget: u32) -> Option<PValue> {
        self.calibration.certified(budget)
    }

    /// The raw score of a claim, which orders claims of equal scores (see
    /// [`NnEnsemble::distance_row`]).
    pub fn distance(&self, observation: &Observation) -> u64 {
        self.distance_of(&self.encode(observation).row())
    }

    pub(super) fn distance_of(&self, row: &[f64; Feature::COUNT]) -> u64 {
        let distance = self.ensemble.distance_row(ArrayView1::from(row));
        distance.expect("finite numbers, and as many columns as features")
    }
}
