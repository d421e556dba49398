//! The access log: what was acknowledged is there, in order, and whatever is changed is found.

#[path = "../common/binary.rs"]
mod binary;
#[path = "../support/running.rs"]
#[allow(dead_code, reason = "tests/monitoring uses the rest")]
mod running;

mod damage;
mod earlier;
mod faults;
mod searching;
mod served;
mod speed;
mod support;
mod threads;
mod watching;
