//! Whether the service lives, has started, and is ready: what the ops listener tells.

use std::borrow::Cow;

/// How far the start has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Startup {
    /// Whether it is done.
    pub done: bool,
    /// What is being done, from a short list (`recovering`, `hydrating`, …).
    pub phase: &'static str,
    /// Rows of the journal that are done.
    pub rows_done: u64,
    /// Rows there are, where that is known.
    pub rows_total: Option<u64>,
    /// Rows a second.
    pub rows_per_second: f64,
}

/// One reason why the service is not ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unready {
    /// A stable code: `hydrating`, `lagging`, `draining`, ….
    pub code: &'static str,
    /// One sentence, without personal data.
    pub detail: Cow<'static, str>,
}

/// Whether requests should be sent here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readiness {
    /// Why not; ready where empty.
    pub reasons: Vec<Unready>,
    /// What else operators want to see: lag of each feed, rules, model. An object, without personal data.
    pub details: serde_json::Map<String, serde_json::Value>,
}

/// Answers from memory, without waiting: a probe that waits for the worker it asks about tells nothing.
pub trait Health: Send + Sync + 'static {
    /// Whether the process turns its loop.
    ///
    /// # Errors
    /// One sentence why not: the process should then be started anew.
    fn live(&self) -> Result<(), Cow<'static, str>>;

    /// How far the start has come.
    fn startup(&self) -> Startup;

    /// Whether it is hydrated and inside its lag bound.
    fn readiness(&self) -> Readiness;
}
