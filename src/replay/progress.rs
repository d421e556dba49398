//! What a replay tells while it runs.

use crate::record::Instant;

/// Receives what a replay tells. Every method may be called many times a second.
pub trait Progress {
    /// Bytes of input whose order was checked, of all.
    fn checking(&mut self, _done: u64, _total: u64) {}

    /// Other processes have not come yet.
    fn waiting(&mut self, _for_processes: &[usize]) {}

    /// Rows that were replayed, of all, and the knowledge time they have reached.
    fn replaying(&mut self, _done: u64, _total: u64, _at: Instant) {}

    /// Rows that were gone through to find whose are replayed, where not everybody's are, of all; 0 while they are counted.
    fn choosing(&mut self, _done: u64, _total: u64) {}

    /// The claims are gone through again, for the so many-th time from 0, of so many, to train a model.
    fn counting(&mut self, _pass: u32, _passes: u32) {}

    /// Alerts that hold are being written.
    fn writing(&mut self, _alerts: usize) {}

    /// Something that the user should know, once.
    fn warning(&mut self, _message: &str) {}
}

/// Tells nothing.
pub struct Silent;

impl Progress for Silent {}
