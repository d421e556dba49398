//! Record linkage as a user meets it: every test runs the real binary on files.
//!
//! In: files that a test makes, or public data where it is there. Out: what the program wrote, printed
//! and answered. Must hold: a wrong call has exit code 2, a failed run 1, each with its remedy, and
//! neither leaves an output or tells a cell of a record.

#![expect(
    clippy::unwrap_used,
    reason = "a test says with a panic that it failed"
)]

#[path = "../common/binary.rs"]
mod binary;
mod command_line;
mod public_data;
#[path = "../support/said.rs"]
mod said;
mod support;
