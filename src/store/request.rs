//! A request that was answered, so that the same again is answered the same.

use std::fmt;

/// An answered request with an idempotency key.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// Who asked.
    pub principal: String,
    /// The digest of the idempotency key.
    pub key_digest: [u8; 32],
    /// The digest of what was sent.
    pub body_digest: [u8; 32],
    /// The answer, as JSON.
    pub response: String,
    /// When it was received: milliseconds since 1970-01-01T00:00Z.
    pub received_at: i64,
}

/// Tells nothing of who asked for what.
impl fmt::Debug for RequestRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestRow")
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}

/// What is known of an answered request.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredRequest {
    /// The digest of what was sent.
    pub body_digest: [u8; 32],
    /// The epoch that it went into.
    pub epoch: u64,
    /// The answer, as JSON.
    pub response: String,
    /// When it was received: milliseconds since 1970-01-01T00:00Z.
    pub received_at: i64,
}

/// Tells nothing of what was asked.
impl fmt::Debug for StoredRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredRequest")
            .field("epoch", &self.epoch)
            .field("received_at", &self.received_at)
            .finish_non_exhaustive()
    }
}
