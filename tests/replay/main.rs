//! The audit replay as a user meets it: every test runs the real binary on directories.
//!
//! In: directories that a test makes, or the converted public data where it is there. Out: what the
//! program wrote, printed and answered. Must hold: nothing is left behind outside of temporary
//! directories.

#![expect(
    clippy::unwrap_used,
    reason = "a test says with a panic that it failed"
)]

#[path = "../common/binary.rs"]
mod binary;
mod command_line;
mod country;
#[path = "../support/envelope.rs"]
mod envelope;
mod faults;
mod interruption;
mod invariance;
mod linkage;
mod malformed;
mod malformed_xml;
mod measures;
mod model;
mod network;
mod outliers;
#[path = "../support/ports.rs"]
mod ports;
mod processes;
mod real_data;
mod retraction;
mod rules;
#[path = "../support/said.rs"]
mod said;
mod support;
mod tables;
