//! What an auditor holds a run to: digests of what went in and came out.

mod manifest;
mod thresholds;

pub use manifest::{FileDigest, Manifest, digest};
