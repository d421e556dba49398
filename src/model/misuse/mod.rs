//! How likely misuse is, of a claim that an alert is about, rather than an error of a register.
//!
//! In: what is known of the claim, its person and the registers when somebody is to look at it. Out: a
//! probability, and what each feature adds to its log-odds. Must hold: a pure function of what is known
//! and the artefact, in integers, the same on every machine.
//!
//! ```text
//! Circumstances ─ observe ─▶ MisuseObservation ─ MisuseModel ─▶ probability, contributions
//! labelled cases ─ train ────────────────────────────┘
//! ```
//! The outlier model asks how unlike others a claim is; nearly all that it looks at happened by the
//! time of the claim. Whether somebody misused a card or a clerk erred is told by what came after as
//! well: a person who goes on seeing doctors for months is not dead. So these features look at all that
//! is known, and change as more becomes known; nothing but a claim's place in the queue rests on them.

mod card;
mod feature;
mod model;
mod observe;
mod train;

pub use card::write_misuse_card;
pub use feature::{MisuseFeature, MisuseObservation};
pub use model::{MisuseContribution, MisuseModel};
pub use observe::{
    CardState, Circumstances, DeathEvidence, NamedCitizen, ReasonKind, VisitSeen, observe_misuse,
};
pub use train::{FEWEST_OF_EITHER, MisuseTrainOptions, MisuseTraining, train_misuse};
