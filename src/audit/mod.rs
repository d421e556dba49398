//! What an auditor holds a run to: what went in and came out, by what, and whether it still is.

mod code;
mod digest;
mod manifest;
pub mod report;
mod run;
pub mod sample;
mod statement;
mod thresholds;

pub use code::Code;
pub use digest::digest;
pub use manifest::{
    ActivatedModel, Inputs, JOURNAL, MANIFEST, Manifest, ManifestError, ReasonResult, Replayed,
    RunFiles, RunResult, Settings,
};
pub use run::{Run, RunError, Stated};
pub use statement::{
    FileAnnotations, FileDigest, Predicate, Sha256Digest, Statement, StatementError, stated_kind,
};
pub use thresholds::{ActivatedThresholds, StatedValues, Thresholds, ThresholdsFile};
