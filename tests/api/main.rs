//! The API of a running service, as a process of its own: tokens that act as users, what is masked, and whether what is
//! answered is what the description says.
//!
//! The last takes schemathesis, which `tests/run` installs; where it is absent, the test says so loudly and passes, unless
//! `FUNDWATCH_REQUIRE_SCHEMATHESIS=1`.

#[path = "../common/binary.rs"]
mod binary;
mod client;
mod described;
#[path = "../support/running.rs"]
#[allow(dead_code, reason = "not all of it is asked for here")]
mod running;
#[path = "../support/said.rs"]
mod said;
mod served;
