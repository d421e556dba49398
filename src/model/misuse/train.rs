//! Learning what misuse looks like from labelled alerts.
//!
//! In: observations with labels, by reason. Out: a [`MisuseModel`]. Must hold: the same cases and options
//! give the same bytes, in whatever order the cases are.

use linfa::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2};

use super::feature::{MisuseFeature, MisuseObservation};
use super::model::MisuseModel;
use super::observe::ReasonKind;
use crate::model::boosted_params::Monotone;
use crate::model::boosted_trees::BoostedTrees;
use crate::model::fit_error::FitError;

/// So many alerts of either kind a reason must have to be learned from.
pub const FEWEST_OF_EITHER: usize = 20;

/// A labelled alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MisuseTraining {
    /// Why it was raised.
    pub reason: ReasonKind,
    /// What was known of it.
    pub observation: MisuseObservation,
    /// Whether it was misuse.
    pub is_misuse: bool,
}

/// How the model of misuse is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MisuseTrainOptions {
    /// The seed of all that is drawn.
    pub seed: u64,
    /// Trees a reason.
    pub trees: usize,
    /// Levels of a tree.
    pub depth: usize,
    /// How much of each tree is taken.
    pub learning_rate: f64,
    /// Share of the features that a tree sees. Below 1 it spreads what is learned over features that say
    /// the same, so that no habit of one register carries it alone.
    pub columns: f64,
}

impl Default for MisuseTrainOptions {
    fn default() -> Self {
        Self {
            seed: 0,
            trees: 300,
            depth: 3,
            learning_rate: 0.05,
            columns: 0.3,
        }
    }
}

/// In which features the likelihood of misuse may only grow, or only fall: what holds by what a feature
/// means, whatever the labels of one country happen to say. Who is seen by more doctors, at more places
/// and for longer is less likely dead; what more sources say is more likely so.
fn monotone(reason: ReasonKind) -> Vec<Monotone> {
    use MisuseFeature as F;
    let (grows, falls): (&[F], &[F]) = match reason {
        ReasonKind::ServiceAfterDeath => (
            &[F::Sources, F::WholeWeeks],
            &[
                F::SwappedDate,
                F::LaterEvidence,
                F::VisitsAfterDeath,
                F::FacilitiesAfterDeath,
                F::DiagnosesAfterDeath,
                F::LastVisitAfterDeath,
                F::LastVisitAfterKnown,
            ],
        ),
        ReasonKind::DeathOnLivingCard => (&[F::Stay], &[]),
        ReasonKind::DuplicateIdentity => (
            &[F::VisitsOtherNumbers, F::DiagnosisOtherNumbers],
            &[F::DaysToOtherNumber],
        ),
        ReasonKind::IdentityMismatch => (&[F::DigitsOff, F::IdIsKnown], &[]),
    };
    let of = |feature: &F| match feature {
        feature if grows.contains(feature) => Monotone::Increasing,
        feature if falls.contains(feature) => Monotone::Decreasing,
        _ => Monotone::None,
    };
    F::ALL.iter().map(of).collect()
}

/// Trains on labelled alerts. A reason with fewer than [`FEWEST_OF_EITHER`] of misuse or of errors keeps
/// what `before` knows of it.
///
/// # Errors
/// [`FitError`] where an option is out of range.
pub fn train_misuse(
    cases: &[MisuseTraining],
    before: &MisuseModel,
    options: &MisuseTrainOptions,
) -> Result<MisuseModel, FitError> {
    let mut model = before.clone();
    for reason in ReasonKind::ALL {
        let of_reason: Vec<_> = cases.iter().filter(|case| case.reason == reason).collect();
        let misuse = of_reason.iter().filter(|case| case.is_misuse).count();
        if misuse.min(of_reason.len() - misuse) < FEWEST_OF_EITHER {
            continue;
        }
        let values = of_reason.iter();
        let values = values.flat_map(|case| case.observation.values.map(f64::from));
        let records =
            Array2::from_shape_vec((of_reason.len(), MisuseFeature::COUNT), values.collect())
                .expect("there are as many values a row as features");
        let labels: Array1<bool> = of_reason.iter().map(|case| case.is_misuse).collect();
        let trees: BoostedTrees<f64> = BoostedTrees::<f64>::params()
            .trees(options.trees)
            .depth(options.depth)
            .learning_rate(options.learning_rate)
            .columns(options.columns)
            .monotone(monotone(reason))
            .seed(options.seed)
            .fit(&DatasetBase::new(records, labels))?;
        model.set(reason, trees);
    }
    Ok(model)
}
