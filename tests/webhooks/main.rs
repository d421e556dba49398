//! Receivers of webhooks: what they are told equals what became of alerts, whatever fails; how they answer; and a running
//! service that tells one.

#![expect(
    clippy::unwrap_used,
    reason = "a test says with a panic that it failed"
)]

#[path = "../common/binary.rs"]
mod binary;
mod delivery;
mod histories;
#[path = "../desk/made.rs"]
#[allow(dead_code, reason = "tests/desk uses the rest")]
mod made;
mod outbox;
#[path = "../notices/receiver.rs"]
#[allow(dead_code, reason = "tests/notices uses the rest")]
mod receiver;
#[path = "../support/running.rs"]
#[allow(dead_code, reason = "tests/monitoring uses the rest")]
mod running;
#[path = "../support/said.rs"]
mod said;
mod served;
mod support;
