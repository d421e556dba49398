//! What an auditor holds a run to: digests of what went in and came out.

mod manifest;
pub mod report;
mod run;
pub mod sample;
mod thresholds;

pub use manifest::{FileDigest, Manifest, digest};
pub use run::{Run, RunError, Stated};
