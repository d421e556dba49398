//! Rows that are sent: the boundary to what parses and journals them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::gate::Principal;
use crate::record::Stream;

/// What the body of a push is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// NDJSON rows of a stream.
    Rows(Stream),
    /// One XML envelope of claims (contract 1.3).
    Envelope,
}

/// A body, whole and unpacked, from somebody who may send it.
pub struct Push {
    /// Who sent it.
    pub principal: Arc<dyn Principal>,
    /// What the body is.
    pub payload: Payload,
    /// The bytes. They are charged to the budget of bytes in flight until the last clone is dropped, so they
    /// should not outlive their epoch.
    pub body: Bytes,
    /// What the sender calls this push, so that a second sending is known as one: 1 to 255 visible characters.
    pub idempotency_key: Option<String>,
}

impl fmt::Debug for Push {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Push")
            .field("principal", &self.principal.id())
            .field("payload", &self.payload)
            .field("bytes", &self.body.len())
            .field(
                "idempotency_key",
                &self.idempotency_key.as_ref().map(|_| "***"),
            )
            .finish()
    }
}

/// What became of a push whose rows are durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// How many rows were accepted.
    pub accepted: u64,
    /// The rows that were not: 1-based, with their stable code.
    pub rejected: Vec<(u64, &'static str)>,
    /// The epoch that holds them.
    pub epoch: u64,
}

/// Why a push was not taken. Texts are told to the sender, so nothing of the body may be in them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// There are as many rows in flight as there may be.
    #[error("the service is full")]
    Full {
        /// When it is likely to have room.
        retry_after: Duration,
    },
    /// The service is shutting down.
    #[error("the service is shutting down")]
    Draining,
    /// The idempotency key was used for another body.
    #[error("the idempotency key was used for another body")]
    KeyReused,
    /// A push under the same idempotency key is being worked on.
    #[error("a push under the same idempotency key is being worked on")]
    InProgress,
    /// Rows cannot be taken now.
    #[error("{0}")]
    Unavailable(&'static str),
}

/// The future of a push. It is driven to its end even if the sender leaves.
pub type Submission = Pin<Box<dyn Future<Output = Result<Receipt, PushError>> + Send + 'static>>;

/// Takes pushes.
pub trait Inlet: Send + Sync + 'static {
    /// Parses the rows, and resolves once those that are accepted and those that are not are durable. The call
    /// itself must not wait or work: it is made on a thread that serves requests.
    fn submit(&self, push: Push) -> Submission;
}
