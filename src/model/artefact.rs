//! The outlier model of claims as it is stored, loaded and asked.
//!
//! In: JSON, or training data ([`OutlierModel::train`]). Out: scores and explanations. Must hold:
//! equal models have equal bytes and one digest; an artefact that loads cannot panic when asked.

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::calibration::Calibration;
use super::explanation::{Explanation, Factor, shares};
use super::feature::{Feature, Observation};
use super::json::to_json;
use super::nn_ensemble::NnEnsemble;
use super::peer::{PeerFigures, PeerGroups};
use super::robust_scaler::RobustScaler;
use super::score::Score;

/// The version of artefacts that this program writes and reads. It changes with the features, their
/// order, or what is done with them.
pub const VERSION: u32 = 1;

/// A trained outlier model of claims: peer groups, a scaled nearest-neighbour ensemble and a
/// calibration.
///
/// The cost of a claim is first turned into its deviation from the peer group; the nine values are
/// then scored by an [`NnEnsemble`], whose distance is turned into a [`Score`] by a
/// [`Calibration`]. All that comes out is integers, the same on every machine: floating point is
/// used for one subtraction, division and multiplication a value, never summed, each rounded as
/// IEEE 754 prescribes (the compiler does not fuse them), and then rounded to thousandths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct OutlierModel {
    pub(super) trained_on: String,
    pub(super) seed: u64,
    pub(super) observations: u64,
    /// The usual value of each feature; that of the cost is a deviation from the peer group.
    pub(super) typical: [i32; Feature::COUNT],
    pub(super) peers: PeerGroups,
    pub(super) ensemble: NnEnsemble<f64>,
    pub(super) calibration: Calibration,
    pub(super) calibrated_on_fund: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    trained_on: String,
    seed: u64,
    observations: u64,
    features: Vec<StoredFeature>,
    peers: PeerGroups,
    ensemble: NnEnsemble<f64>,
    calibration: Calibration,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    calibrated_on_fund: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredFeature {
    name: String,
    typical: i32,
}

impl TryFrom<Stored> for OutlierModel {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        if stored.version != VERSION {
            return Err(format!(
                "the model has version {}, but this program reads version {VERSION}: train it anew",
                stored.version
            ));
        }
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
        let typical = |feature: Feature| stored.features[feature.index()].typical;
        Ok(Self {
            trained_on: stored.trained_on,
            seed: stored.seed,
            observations: stored.observations,
            typical: Feature::ALL.map(typical),
            peers: stored.peers,
            ensemble: stored.ensemble,
            calibration: stored.calibration,
            calibrated_on_fund: stored.calibrated_on_fund,
        })
    }
}

impl From<OutlierModel> for Stored {
    fn from(model: OutlierModel) -> Self {
        let feature = |feature: Feature| StoredFeature {
            name: feature.name().to_owned(),
            typical: model.typical[feature.index()],
        };
        Self {
            version: VERSION,
            features: Feature::ALL.into_iter().map(feature).collect(),
            trained_on: model.trained_on,
            seed: model.seed,
            observations: model.observations,
            peers: model.peers,
            ensemble: model.ensemble,
            calibration: model.calibration,
            calibrated_on_fund: model.calibrated_on_fund,
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

    /// The peer groups that costs are compared with.
    pub fn peers(&self) -> &PeerGroups {
        &self.peers
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

    /// The median of a feature in the training data; of the cost, that of deviations from the peer
    /// groups.
    pub fn typical(&self, feature: Feature) -> i32 {
        self.typical[feature.index()]
    }

    /// The score of a claim.
    pub fn score(&self, observation: &Observation) -> Score {
        self.calibration.score(self.distance(observation))
    }

    /// The raw score of a claim, which orders claims of equal scores (see
    /// [`NnEnsemble::distance_row`]).
    pub fn distance(&self, observation: &Observation) -> u64 {
        let row = row(observation, &self.peers);
        let distance = self.ensemble.distance_row(ArrayView1::from(&row));
        distance.expect("nine finite numbers, and an ensemble of nine columns")
    }

    /// Why a claim has its score.
    pub fn explain(&self, observation: &Observation) -> Explanation {
        let row = row(observation, &self.peers);
        let mut parts = [0; Feature::COUNT];
        let distance = self
            .ensemble
            .contributions_row(ArrayView1::from(&row), &mut parts);
        let distance = distance.expect("nine finite numbers, and an ensemble of nine columns");
        let (group, peers) = self
            .peers
            .find(observation.visit_type, observation.diagnosis);
        let shares = shares(&parts);
        let mut order = Feature::ALL;
        order.sort_by_key(|feature| std::cmp::Reverse(parts[feature.index()]));
        let factor = |feature: Feature| Factor {
            feature,
            share: shares[feature.index()],
            observed: observation.value(feature),
            typical: self.typical_among(feature, peers),
        };
        Explanation {
            score: self.calibration.score(distance),
            distance,
            peer_group: group.to_string(),
            peers,
            factors: order.into_iter().map(factor).collect(),
        }
    }

    fn typical_among(&self, feature: Feature, peers: PeerFigures) -> i32 {
        match feature {
            Feature::Cost => peers.median,
            _ => self.typical(feature),
        }
    }
}

/// The values that the ensemble sees: the cost as deviation from its peer group, the others as
/// observed.
pub(super) fn row(observation: &Observation, peers: &PeerGroups) -> [f64; Feature::COUNT] {
    let (_, figures) = peers.find(observation.visit_type, observation.diagnosis);
    Feature::ALL.map(|feature| {
        f64::from(match feature {
            Feature::Cost => figures.deviation(observation.value(feature)),
            _ => observation.value(feature),
        })
    })
}

#[cfg(test)]
#[path = "artefact_tests.rs"]
mod tests;
