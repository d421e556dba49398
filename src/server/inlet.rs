//! Pushes become deliveries.
//!
//! In: bodies of requests. Out: deliveries in the queue of the service, and what became of them. Must hold:
//! nothing is parsed on a thread that serves requests; a push that is refused has left nothing behind.

use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::Parts;
use crate::config::HTTP_SOURCE;
use crate::journal::{Delivery, Request};
use crate::service::{self, Phase, Refused, Submission};
use crate::web::{self, Inlet, Payload, Push, PushError};

/// When a sender is to try again that met a full queue.
const RETRY_AFTER: Duration = Duration::from_secs(1);

const RECOVERING: &str =
    "the service computes its journal again; try again when /readyz says ready";
const PAUSED: &str =
    "pushes are paused, since too many of their rows were not accepted; ask an operator";
const UNREADABLE: &str = "the body cannot be read";
const UNWRITABLE: &str = "the journal cannot be written now; try again later";
const BEYOND: &str = "the claim is retired; restore the claims of its person first";
const FAILED: &str = "the service cannot go on; ask an operator";

/// Takes pushes for a service.
pub(super) struct QueueInlet(Parts);

impl QueueInlet {
    pub(super) fn new(parts: Parts) -> Self {
        Self(parts)
    }
}

impl Inlet for QueueInlet {
    fn submit(&self, push: Push) -> web::Submission {
        let parts = self.0.clone();
        Box::pin(async move {
            may_push(&parts)?;
            // Before it waits for a thread: that is part of how long its alerts took.
            let arrived = Instant::now();
            let (reply, told) = tokio::sync::oneshot::channel();
            let pushed = tokio::task::spawn_blocking(move || {
                let bytes = push.body.len();
                let rows = rows_at_most(&push);
                let sender = push.principal.clone();
                let queue = &parts.service.queue;
                if !queue.has_room(HTTP_SOURCE, sender.id(), rows, bytes) {
                    return Err(refusal(&Refused::Full));
                }
                let delivery = delivery(&parts, push)?;
                let counts = (
                    delivery.rows.len() + delivery.rejects.len(),
                    delivery.rejects.len(),
                );
                let reply = Box::new(move |outcome| {
                    // The sender may have left.
                    let _ = reply.send(outcome);
                });
                let submission = Submission::of(delivery, bytes, arrived, reply);
                let taken = queue.try_push(submission.sent_by(sender.id()));
                taken.map_err(|(_, refused)| refusal(&refused))?;
                let (rows, rejected) = counts;
                count(&parts, rows as u64, rejected as u64);
                Ok::<(), PushError>(())
            });
            pushed
                .await
                .unwrap_or(Err(PushError::Unavailable(FAILED)))?;
            match told.await {
                Ok(Ok(receipt)) => Ok(answer(receipt)),
                Ok(Err(refused)) => Err(refusal(&refused)),
                Err(_) => Err(PushError::Unavailable(FAILED)),
            }
        })
    }
}

/// Rows of a body, of which empty lines are taken for some; an envelope is taken for one.
fn rows_at_most(push: &Push) -> usize {
    match push.payload {
        Payload::Rows(_) => push.body.iter().filter(|byte| **byte == b'\n').count() + 1,
        Payload::Envelope => 1,
    }
}

/// Whether rows are taken at all.
pub(super) fn may_push(parts: &Parts) -> Result<(), PushError> {
    match parts.service.status.phase() {
        Phase::Running if parts.breakers.is_paused(HTTP_SOURCE) => {
            Err(PushError::Unavailable(PAUSED))
        }
        Phase::Running => Ok(()),
        Phase::Opening | Phase::Recovering => Err(PushError::Unavailable(RECOVERING)),
        Phase::Draining | Phase::Stopped => Err(PushError::Draining),
        Phase::Failed(_) => Err(PushError::Unavailable(FAILED)),
    }
}

fn delivery(parts: &Parts, push: Push) -> Result<Delivery, PushError> {
    let arrival = parts.clock.now();
    let digest = |bytes: &[u8]| -> [u8; 32] { Sha256::digest(bytes).into() };
    let request = push.idempotency_key.as_ref().map(|key| Request {
        principal: push.principal.id().to_owned(),
        key: digest(key.as_bytes()),
        body: digest(&push.body),
    });
    let mut delivery = match push.payload {
        Payload::Rows(stream) => service::lines(stream, &push.body, arrival),
        Payload::Envelope => service::envelope(push.body.to_vec(), arrival)
            .map_err(|_| PushError::Unavailable(UNREADABLE))?,
    };
    delivery.source = HTTP_SOURCE.to_owned();
    delivery.request = request;
    Ok(delivery)
}

fn count(parts: &Parts, rows: u64, rejected: u64) {
    if parts
        .breakers
        .count(HTTP_SOURCE, rows, rejected, Instant::now())
    {
        tracing::error!(
            source = HTTP_SOURCE,
            "too many rows are not accepted; the source is paused"
        );
    }
}

/// What became of rows, as their sender is told.
pub(super) fn answer(receipt: service::Receipt) -> web::Receipt {
    web::Receipt {
        accepted: receipt.accepted,
        rejected: receipt.rejected,
        epoch: receipt.epoch,
    }
}

/// Why a push was not taken, as its sender is told.
pub(super) fn refusal(refused: &Refused) -> PushError {
    match refused {
        Refused::Full => PushError::Full {
            retry_after: RETRY_AFTER,
        },
        Refused::Closed => PushError::Draining,
        Refused::KeyReused => PushError::KeyReused,
        Refused::InProgress => PushError::InProgress,
        Refused::BeyondWindow => PushError::Unavailable(BEYOND),
        // A push follows on no place, so that none has moved.
        Refused::Unwritable(_) | Refused::Moved | Refused::Restored => {
            PushError::Unavailable(UNWRITABLE)
        }
    }
}
