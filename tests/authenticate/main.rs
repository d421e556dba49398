//! Authentication, held to what is true of a synthetic country, and the command as a user meets it.
//!
//! In: countries whose `truth.csv` says which participants do not authenticate, why, and what would put
//! it right. Out: tables of cause against truth. Must hold: what makes the errors shares no code with
//! what finds them.

#![expect(
    clippy::unwrap_used,
    reason = "a test says with a panic that it failed"
)]

#[path = "../common/binary.rs"]
mod binary;
mod command;
mod confusion;
#[path = "../support/said.rs"]
mod said;
