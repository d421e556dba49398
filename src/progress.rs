//! How far work in phases has come.

/// Is told of progress, from any thread.
pub trait Progress: Sync {
    /// So much of a phase is done.
    fn told(&self, phase: &'static str, done: u64, total: u64);
}

/// Tells nobody.
pub struct Silent;

impl Progress for Silent {
    fn told(&self, _: &'static str, _: u64, _: u64) {}
}
