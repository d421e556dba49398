//! What the outlier model is trained on.
//!
//! In: a directory of streams. Out: a sample of its ordinary claims, what all of them are like, and the
//! observations of the claims whose alerts hold at the end and call for a score. Must hold: all are functions
//! of the accepted rows, whatever their order; memory is bounded by the size of the sample; no identifier of a
//! person goes into a model.

use super::error::ReplayError;
use super::options::Options;
use super::progress::Progress;
use crate::alert::Ledger;
use crate::dataflow::{ClaimContent, Content, RowRef};
use crate::journal::Rows;
use crate::model::{
    Counted, FigureLimits, Figures, Observation, OutlierModel, TrainingClaim, card_province,
    thousandths_of_ln,
};
use crate::record::{Day, Key};
use crate::staging::Staging;

/// How many ordinary claims a model is trained on.
pub const SAMPLE: u64 = 250_000;

/// How often the claims are gone through.
const PASSES: u32 = 3;

/// An observed claim, for comparison with what is known of it.
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
    pub flagged: Vec<ObservedClaim>,
    /// A sample of the others: of all whose draws are smallest.
    pub ordinary: Vec<TrainingClaim>,
    /// What ordinary claims are like, before those that a model of this sample is calibrated on; none without claims.
    pub figures: Option<Figures>,
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
    let mut flagged = Vec::new();
    for (claim, observation) in replayed.ledger.scored_observations() {
        let claim = replayed.rows.key(claim).map_err(ReplayError::scratch)?;
        flagged.push(ObservedClaim { claim, observation });
    }
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
    Ok(TrainingData {
        flagged,
        ordinary,
        figures,
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
