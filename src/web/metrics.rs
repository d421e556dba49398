//! What is measured of requests: the boundary to the metrics.

/// One request, when its answer has been sent or given up. Every text is of a short list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation<'a> {
    /// The route's template, never a path; `unmatched` where there is none.
    pub route: &'a str,
    /// The method; `OTHER` where it is none of HTTP's own.
    pub method: &'static str,
    /// The status that was sent, or would have been.
    pub status: u16,
    /// `2xx` to `5xx`.
    pub class: &'static str,
    /// From the end of the head to the end of the answer.
    pub seconds: f64,
}

/// Something that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// A connection was accepted.
    ConnectionOpened,
    /// A connection that was accepted has ended.
    ConnectionClosed,
    /// A connection was refused: there are as many as there may be.
    RefusedTotal,
    /// A connection was refused: its address has as many as it may have.
    RefusedPeer,
    /// TLS was not agreed on, or not in time.
    HandshakeFailed,
    /// A connection was cut: its head came too slowly, or its answer was taken too slowly.
    Cut,
    /// A handler panicked.
    Panicked,
    /// A caller was not known.
    Unauthenticated,
    /// A caller in this role was refused.
    Denied(&'static str),
}

/// Counts, and renders what was counted.
pub trait Metrics: Send + Sync + 'static {
    /// Every metric of the program in the text format 0.0.4 of Prometheus. May take a while; called from a thread
    /// that may block.
    fn render(&self) -> Vec<u8>;

    /// Counts a request. Must not wait.
    fn observe(&self, observation: &Observation<'_>);

    /// Counts an event. Must not wait.
    fn count(&self, event: Event);
}
