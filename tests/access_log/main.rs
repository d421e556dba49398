//! The access log: what was acknowledged is there, in order, and whatever is changed is found.

mod damage;
mod earlier;
mod faults;
mod searching;
mod speed;
mod support;
mod threads;
