//! The audit replay: a directory of register extracts and claim logs in, the alerts that hold and
//! their history out.

mod options;
mod rejects;

pub use options::{EpochLength, Options};
pub use rejects::{Rejects, RejectsError};
