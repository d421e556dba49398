//! Snapshots from outside: what is written is read, whatever dies when, and nothing of what is erased.

mod changes;
mod damage;
mod erasure;
mod every_fault;
mod reading_back;
mod support;
