//! The synthetic country, held to what a replay makes of it.
//!
//! In: countries of several sizes and seeds. Out: the labels in `truth.csv` against the alerts and the
//! history of a replay. Must hold: both are the same sets, and no single feature of a claim after
//! death tells misuse from error.

#![expect(
    clippy::unwrap_used,
    reason = "a test says with a panic that it failed"
)]

mod command;
mod country;
mod duplicates;
mod misuse;
mod queue;
mod truth;
