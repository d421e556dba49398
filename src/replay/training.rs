//! What the outlier model is trained on.
//!
//! In: a directory of streams. Out: the observations of the claims whose alerts hold at the end and
//! call for a score, and the costs of every claim for the peer groups. Must hold: both are functions
//! of the accepted rows; no identifier goes into a model.

use super::error::ReplayError;
use super::options::Options;
use super::progress::Progress;
use crate::alert::RankedCase;
use crate::dataflow::Content;
use crate::model::{
    Judged, Labels, MisuseFeature, MisuseTraining, Observation, OutlierModel, PeerCounts,
};
use crate::record::Key;
use crate::staging::Staging;

/// An observed claim, for training and for comparison with what is known of it.
#[derive(Clone, Debug)]
pub struct ObservedClaim {
    /// The claim.
    pub claim: Key,
    /// Its features.
    pub observation: Observation,
}

/// What a model is trained on.
pub struct TrainingData {
    /// The claims under reasons that call for a score.
    pub claims: Vec<ObservedClaim>,
    /// The costs of all claims.
    pub peers: PeerCounts,
    /// The alerts that hold and are ranked by how likely misuse is, by alert id. An alert that was
    /// withdrawn is not among them, so that nobody learns from what was said of it.
    pub cases: Vec<RankedCase>,
}

impl TrainingData {
    /// The cases that have a label, with the outlier scores that a model gives. Check-ins are left out:
    /// they have no bill yet, and so cannot tell what a bill tells.
    pub fn labelled(&self, model: &OutlierModel, labels: &Labels) -> Vec<MisuseTraining> {
        let labelled = self.cases.iter().filter_map(|case| {
            let outlier = case.outlier.as_ref()?;
            let alert_id = case.alert_id.to_string();
            let is_misuse = labels.of(&alert_id, case.reason.name(), &case.subject.id)?;
            let mut observation = case.observation;
            let score = model.score(outlier).ten_thousandths();
            observation.values[MisuseFeature::OutlierScore.index()] = score.into();
            Some(MisuseTraining {
                reason: case.reason,
                observation,
                is_misuse,
            })
        });
        labelled.collect()
    }
}

impl TrainingData {
    /// The cases that have a label, as the model of the replay ranks them.
    pub fn judged(&self, labels: &Labels) -> Vec<Judged> {
        let judged = self.cases.iter().filter_map(|case| {
            let alert_id = case.alert_id.to_string();
            let is_misuse = labels.of(&alert_id, case.reason.name(), &case.subject.id)?;
            Some(Judged {
                reason: case.reason,
                is_misuse,
                score: case.score,
                probability: case.probability,
                priority: case.priority,
            })
        });
        judged.collect()
    }
}

/// Replays a directory and takes from it what a model is trained on. `options.output` is used for
/// temporary files only.
///
/// # Errors
/// See [`ReplayError`].
pub fn training_data(
    options: &Options,
    progress: &mut dyn Progress,
) -> Result<TrainingData, ReplayError> {
    let staging = Staging::create(&options.output).map_err(ReplayError::output(&options.output))?;
    let replayed = super::replay(options, &staging, progress)?;
    let mut claims = Vec::new();
    for (claim, observation) in replayed.ledger.scored_observations() {
        let claim = replayed.rows.key(claim).map_err(ReplayError::scratch)?;
        claims.push(ObservedClaim { claim, observation });
    }
    let mut peers = PeerCounts::new();
    let rows = replayed.rows.read();
    rows.each_latest(ReplayError::scratch, |row| {
        if let Some(Content::Claim(claim)) = &row.content {
            let visit_type = claim.visit_type.number();
            peers.add(visit_type, claim.diagnosis, i32::from(claim.cost));
        }
        Ok(())
    })?;
    drop(rows);
    let cases = replayed.ledger.ranked_cases(replayed.last_epoch());
    Ok(TrainingData {
        claims,
        peers,
        cases: cases.map_err(ReplayError::scratch)?,
    })
}
