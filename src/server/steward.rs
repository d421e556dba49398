//! Rejected rows are repaired or dismissed, and paused sources let go on.
//!
//! Must hold: what is decided is in the journal, as every other input, before it is answered.

use std::sync::mpsc::sync_channel;
use std::time::Instant;

use bytes::Bytes;

use super::Parts;
use super::inlet::{answer, refusal};
use super::reader::reject_at;
use crate::journal::{Delivery, Settled};
use crate::record::Stream;
use crate::service::{self, Submission};
use crate::store::{RejectState, StoredReject, open_reader};
use crate::web::{Action, Principal, PushError, Receipt, Steward, StewardError};

/// The source of what stewards send.
const SOURCE: &str = "repair";
const UNREADABLE: &str = "the alert store cannot be read now; try again later";
const STOPPED: &str = "the service cannot go on; ask an operator";

/// Changes what stewards may change.
pub(super) struct JournalSteward(Parts);

impl JournalSteward {
    pub(super) fn new(parts: Parts) -> Self {
        Self(parts)
    }

    /// A rejected row that is open, and that the caller may settle.
    fn open(
        &self,
        caller: &dyn Principal,
        id: u64,
    ) -> Result<(StoredReject, Stream), StewardError> {
        let found = open_reader(&self.0.store).and_then(|mut store| reject_at(&mut *store, id));
        let found = found.map_err(|error| {
            tracing::warn!(%error, "a rejected row cannot be looked up");
            StewardError::Unavailable(UNREADABLE)
        })?;
        let stored = found.ok_or(StewardError::NotFound)?;
        let name = &*stored.reject.stream;
        let stream = Stream::ALL.iter().find(|stream| stream.name() == name);
        let stream = *stream.ok_or(StewardError::NotFound)?;
        if !caller.may(Action::SettleRejects, Some(stream)) {
            return Err(StewardError::NotTheirs);
        }
        match stored.state {
            RejectState::Open => Ok((stored, stream)),
            RejectState::Repaired => Err(StewardError::Settled("the row is repaired already")),
            RejectState::Dismissed => Err(StewardError::Settled("the row is dismissed already")),
        }
    }

    fn deliver(&self, delivery: Delivery) -> Result<Receipt, StewardError> {
        let (reply, told) = sync_channel(1);
        let reply = Box::new(move |outcome| {
            // Nobody is told where the caller gave up.
            let _ = reply.send(outcome);
        });
        let bytes = delivery.rows.len() * 1024;
        let submission = Submission::of(delivery, bytes, Instant::now(), reply);
        let pushed = self.0.service.queue.try_push(submission);
        pushed.map_err(|(_, refused)| refusal(&refused))?;
        match told.recv() {
            Ok(Ok(receipt)) => Ok(answer(receipt)),
            Ok(Err(refused)) => Err(refusal(&refused).into()),
            Err(_) => Err(PushError::Unavailable(STOPPED).into()),
        }
    }
}

fn settled(stored: &StoredReject, is_repaired: bool) -> Vec<Settled> {
    vec![Settled {
        epoch: stored.epoch,
        ordinal: stored.reject.ordinal,
        is_repaired,
    }]
}

impl Steward for JournalSteward {
    fn repair(&self, caller: &dyn Principal, id: u64, row: Bytes) -> Result<Receipt, StewardError> {
        let (stored, stream) = self.open(caller, id)?;
        let mut delivery = service::lines(stream, &row, self.0.clock.now());
        if let Some(reject) = delivery.rejects.first() {
            return Err(StewardError::StillWrong {
                code: reject.code.as_str(),
            });
        }
        delivery.source = SOURCE.to_owned();
        delivery.settled = settled(&stored, true);
        self.deliver(delivery)
    }

    fn dismiss(&self, caller: &dyn Principal, id: u64, reason: &str) -> Result<(), StewardError> {
        let (stored, _) = self.open(caller, id)?;
        let delivery = Delivery {
            source: SOURCE.to_owned(),
            origin: reason.to_owned(),
            settled: settled(&stored, false),
            ..Delivery::default()
        };
        self.deliver(delivery).map(drop)
    }

    fn resume(&self, caller: &dyn Principal, source: &str) -> Result<(), StewardError> {
        if !self.0.sources.iter().any(|name| name == source) {
            return Err(StewardError::NotFound);
        }
        match self.0.breakers.resume(source) {
            true => {
                tracing::info!(source, caller = caller.id(), "a paused source goes on");
                Ok(())
            }
            false => Err(StewardError::Settled("the source is not paused")),
        }
    }
}
