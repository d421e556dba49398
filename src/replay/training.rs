//! What the outlier model is trained on.
//!
//! In: a directory of streams. Out: a sample of its ordinary claims, what all of them are like, and the
//! observations of the claims whose alerts hold at the end and call for a score. Must hold: all are functions
//! of the accepted rows, whatever their order; memory is bounded by the size of the sample; no identifier of a
//! person goes into a model.

use super::error::ReplayError;
use super::options::Options;
use super::progress::Progress;
use crate::alert::{Ledger, RankedCase};
use crate::dataflow::{ClaimContent, Content, RowRef};
use crate::journal::Rows;
use crate::model::{
    Counted, FigureLimits, Figures, Judged, Labels, MisuseFeature, MisuseTraining, OutlierModel,
    TrainingClaim, card_province, thousandths_of_ln,
};
use crate::record::Day;
use crate::staging::Staging;

/// How many ordinary claims a model is trained on.
pub const SAMPLE: u64 = 250_000;

/// How often the claims are gone through.
const PASSES: u32 = 3;

/// What a model is trained on.
pub struct TrainingData {
    /// A sample of the claims under no reason that calls for a score: those whose draws are smallest.
    pub ordinary: Vec<TrainingClaim>,
    /// What ordinary claims are like, before those that a model of this sample is calibrated on; none without claims.
    pub figures: Option<Figures>,
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

    /// The cases that have a label, as the model of the replay, which is asked for p-values, ranks them.
    pub fn judged(&self, model: &OutlierModel, labels: &Labels) -> Vec<Judged> {
        let judged = self.cases.iter().filter_map(|case| {
            let alert_id = case.alert_id.to_string();
            let is_misuse = labels.of(&alert_id, case.reason.name(), &case.subject.id)?;
            Some(Judged {
                reason: case.reason,
                is_misuse,
                score: case.score,
                p_value: case.outlier.as_ref().map(|claim| model.p_value(claim)),
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
    let options = Options {
        sample: Some(SAMPLE),
        ..options.clone()
    };
    let replayed = super::replay(&options, &staging, progress)?;
    let sample = replayed.ledger.ordinary_sample().take(SAMPLE as usize);
    let ordinary: Vec<TrainingClaim> = sample
        .map(|sampled| TrainingClaim {
            admitted: sampled.admitted,
            observation: sampled.observation,
        })
        .collect();
    let figures = match OutlierModel::figures_before(&ordinary) {
        Some(before) => {
            let rows = replayed.rows.read();
            figures(&rows, &replayed.ledger, before, progress)?
        }
        None => None,
    };
    let cases = replayed.ledger.ranked_cases(replayed.last_epoch());
    Ok(TrainingData {
        ordinary,
        figures,
        cases: cases.map_err(ReplayError::scratch)?,
    })
}

/// What ordinary claims admitted before a day are like.
fn figures(
    rows: &Rows<Content>,
    ledger: &Ledger,
    before: Day,
    progress: &mut dyn Progress,
) -> Result<Option<Figures>, ReplayError> {
    let each = |pass: u32, tell: &mut dyn FnMut(&Counted)| {
        progress.counting(pass, PASSES);
        rows.each_latest(ReplayError::scratch, |row| {
            if let Some(Content::Claim(claim)) = &row.content
                && claim.admitted_at.day() < before
                && !ledger.carries_score(RowRef::claim(row.number))
            {
                tell(&counted(claim));
            }
            Ok(())
        })
    };
    Figures::learn(each, &FigureLimits::default())
}

/// A claim as it is counted. Of several cards the first one listed counts, since it is nearly always the
/// person's.
fn counted(claim: &ClaimContent) -> Counted {
    let card = claim.cards.first().map(|(card, _)| *card);
    let minutes = claim.discharged_at.minutes() - claim.admitted_at.minutes();
    Counted {
        visit_type: claim.visit_type.number(),
        diagnosis: claim.diagnosis,
        age: claim.age,
        facility: claim.facility,
        card_province: card.and_then(card_province).unwrap_or(0),
        cost: i32::from(claim.cost),
        stay: thousandths_of_ln(minutes),
    }
}
