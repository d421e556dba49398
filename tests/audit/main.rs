//! What an auditor holds a run to, as they meet it: every test runs the real binary on directories.
//!
//! In: runs that a test makes of made-up countries. Out: what the program wrote, printed and answered. Must hold:
//! nothing is left behind outside of temporary directories.

#![expect(
    clippy::unwrap_used,
    reason = "a test says with a panic that it failed"
)]

#[path = "../common/binary.rs"]
mod binary;
mod diff;
mod diff_country;
mod diff_hindsight;
mod diff_live;
mod diff_rules;
#[path = "../service/live.rs"]
#[allow(dead_code, reason = "others use the rest")]
mod in_process;
mod live;
#[path = "../access_log/support.rs"]
#[allow(dead_code, reason = "others use the rest")]
mod logs;
mod made_log;
mod manifest;
mod pack;
mod pdf;
mod proofs;
mod report;
#[path = "../support/running.rs"]
#[allow(dead_code, reason = "others use the rest")]
mod running;
#[path = "../support/said.rs"]
mod said;
mod sample;
mod self_replay;
mod self_replay_erased;
mod self_replay_nightly;
mod self_replay_served;
mod self_replay_slices;
mod service;
mod standards;
mod support;
mod undo;
mod verify;
mod what_if;
mod what_if_parts;
mod witness;
