//! Outliers of any table of numbers: the estimators on public data where it is there, and the real
//! binary on files; and those of claims, by a model that is trained on some.
//!
//! In: files and claims that a test makes, or data sets whose outliers are known. Out: what was scored, written
//! and answered. Must hold: a wrong call has exit code 2, a failed run 1, each with its remedy, and
//! neither leaves an output or tells a cell.

#![expect(
    clippy::unwrap_used,
    reason = "a test says with a panic that it failed"
)]

use fundwatch::record;

mod benchmarks;
#[path = "../common/binary.rs"]
mod binary;
mod command_line;
mod trained;
