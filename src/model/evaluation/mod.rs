//! How good a model is, on alerts of which it is known what they were.
//!
//! In: judged alerts - reason, label, outlier score, probability of misuse, place in the queue. Out: an
//! [`Evaluation`], as text, JSON and a reliability diagram. Must hold: labels are only compared with; the
//! order of the alerts does not matter.

mod diagram;
mod report;
mod text;

pub use diagram::reliability_diagram;
pub use report::{Evaluation, Judged, QueueShare, ReasonEvaluation, ReliabilityBin, Volume};
pub use text::evaluation_text;
