//! What an auditor holds a run to: what went in and came out, by what, and whether it still is.

mod code;
pub mod diff;
mod digest;
mod manifest;
mod statement;
mod thresholds;

pub use code::Code;
pub use digest::digest;
pub use manifest::{
    ActivatedModel, Inputs, JOURNAL, MANIFEST, Manifest, ManifestError, ReasonResult, Replayed,
    RunFiles, RunResult, Settings,
};
pub use statement::{
    FileAnnotations, FileDigest, Predicate, Sha256Digest, Statement, StatementError, stated_kind,
};
pub use thresholds::{ActivatedThresholds, StatedValues, Thresholds, ThresholdsFile};
