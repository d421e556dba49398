//! What is handed over to the service at once, and what whoever handed it over is told.
//!
//! In: deliveries, and who sent them. Out: a submission, which is durable as a whole or not at all, and one reply to it.

use std::time::Instant as Clock;

use crate::journal::{Delivery, Request};
use crate::record::Key;

/// What a delivery that is handed over came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// How many rows were accepted.
    pub accepted: u64,
    /// The rows that were not: 1-based, with their stable code.
    pub rejected: Vec<(u64, &'static str)>,
    /// The epoch that holds them.
    pub epoch: u64,
}

/// Why a delivery was not taken; nothing of it is in the journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// As much waits as may wait.
    #[error("as many rows wait as may wait")]
    Full,
    /// The service is being stopped.
    #[error("the service is being stopped")]
    Closed,
    /// The key of the request was used for another body.
    #[error("the idempotency key was used for another body")]
    KeyReused,
    /// A request with the same key is being worked on.
    #[error("a request with the same idempotency key is being worked on")]
    InProgress,
    /// What repairs a rejected row is beyond the window.
    #[error("the claim is retired")]
    BeyondWindow,
    /// The journal cannot be written now.
    #[error("the journal cannot be written now: {0}")]
    Unwritable(String),
    /// A claim that was to be removed, since it was retired, was restored meanwhile.
    #[error("a claim that was retired is restored meanwhile")]
    Restored,
    /// The source was read further meanwhile, by somebody else.
    #[error("the source was read further meanwhile; read on from where it durably is")]
    Moved,
}

/// What is told of a delivery: to whom it is handed over once its rows are durable, or it was refused.
pub type Reply = Box<dyn FnOnce(Result<Receipt, Refused>) + Send>;

/// Where a source durably is for a submission to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Follows {
    /// The part of the source.
    pub part: String,
    /// The place in it; none where it was never read.
    pub place: Option<String>,
}

/// Deliveries of one source on their way into an epoch: durable as a whole, or not at all.
pub struct Submission {
    /// What is delivered, by where in the source it is from.
    pub deliveries: Vec<Delivery>,
    /// The durable places that it follows on. It is refused where a source is elsewhere; nothing is asked of
    /// parts that are not named.
    pub follows: Vec<Follows>,
    /// Who sent it, where several share the source.
    pub sender: Option<String>,
    /// Whether it only seals anew what is in force. It is then sealed in so far as it still is.
    pub carries_forward: bool,
    /// What it takes in memory, about.
    pub bytes: usize,
    /// When it was taken in.
    pub arrived: Clock,
    /// Who waits for it.
    pub reply: Reply,
}

impl Submission {
    /// One delivery, wherever its source is.
    pub fn of(delivery: Delivery, bytes: usize, arrived: Clock, reply: Reply) -> Self {
        Self {
            deliveries: vec![delivery],
            follows: Vec::new(),
            sender: None,
            carries_forward: false,
            bytes,
            arrived,
            reply,
        }
    }

    /// The same, of one of those who share the source.
    #[must_use]
    pub fn sent_by(self, sender: &str) -> Self {
        let sender = Some(sender.to_owned());
        Self { sender, ..self }
    }

    /// Rows, whatever became of them.
    pub fn rows(&self) -> usize {
        let rows = |delivery: &Delivery| delivery.rows.len() + delivery.rejects.len();
        self.deliveries.iter().map(rows).sum()
    }

    /// The source.
    pub fn source(&self) -> &str {
        let first = self.deliveries.first();
        first.map_or("", |delivery| &delivery.source)
    }

    /// The claims that it restores.
    pub(super) fn restored(&self) -> impl Iterator<Item = &Key> {
        let restorations = self
            .deliveries
            .iter()
            .filter_map(|one| one.restores.as_ref());
        restorations.flat_map(|restoration| &restoration.claims)
    }

    /// The requests that pushed it.
    pub(super) fn requests(&self) -> impl Iterator<Item = &Request> {
        let deliveries = self.deliveries.iter();
        deliveries.filter_map(|delivery| delivery.request.as_ref())
    }
}
