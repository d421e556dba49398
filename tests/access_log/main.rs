//! The access log: what was acknowledged is there, in order, and whatever is changed is found.

#[path = "../common/binary.rs"]
mod binary;
#[path = "../support/running.rs"]
#[allow(dead_code, reason = "tests/monitoring uses the rest")]
mod running;
#[path = "../support/said.rs"]
mod said;
#[path = "../review/visitor.rs"]
#[allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test fails where it panics; tests/review uses the rest"
)]
mod visitor;

mod damage;
mod earlier;
mod faults;
mod pages;
mod searching;
mod served;
mod speed;
mod support;
mod threads;
mod watching;

/// What visitors of the pages sign in with: no app of codes is set up here.
mod people {
    pub const PASSWORD: &str = "mưa phùn cổng chùa gạch đỏ";
    pub const CODE: &str = "";
}
