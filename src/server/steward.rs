//! Rejected rows are repaired or dismissed, and paused sources let go on.
//!
//! Must hold: what is decided is in the journal, as every other input, before it is answered.

use std::collections::BTreeSet;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use bytes::Bytes;

use super::Parts;
use super::inlet::{answer, may_push, refusal};
use super::reader::{reject_at, reject_place};
use super::settling::Leave;
use crate::journal::{Delivery, LoadId, Settled};
use crate::record::{ErrorCode, Stream, Value};
use crate::service::{self, NotFound, Refused, Submission, UndoError, Undone, Whose};
use crate::store::{RejectState, StoredReject};
use crate::web::{Action, AskedId, Principal, PushError, Receipt, Restored, Steward, StewardError};

/// The source of what stewards send.
const SOURCE: &str = "repair";
const UNREADABLE: &str = "the alert store cannot be read now; try again later";
const UNREADABLE_ROWS: &str = "the rows cannot be read now; ask an operator";
const ALL_KEPT: &str = "no claim is retired, since `retention.claims` is not set";
const STOPPED: &str = "the service cannot go on; ask an operator";

const ERASED: &str = "the rows of a load are erased, so that it cannot be undone";
const FORGOTTEN: &str =
    "rows from before a load were erased after it came, so that it is not known what it replaced";
const RETIRED: &str =
    "a claim of the load is retired; restore the claims of its person first, and try again";
const BUSY: &str = "rows of the same keys come all the time; pause their source, and try again";
const UNREADABLE_JOURNAL: &str = "the journal cannot be read now; ask an operator";

/// Why loads are not undone.
enum Undoing {
    Undo(UndoError),
    Deliver(StewardError),
}

impl From<UndoError> for Undoing {
    fn from(error: UndoError) -> Self {
        Self::Undo(error)
    }
}

impl From<StewardError> for Undoing {
    fn from(error: StewardError) -> Self {
        Self::Deliver(error)
    }
}

/// Changes what stewards may change.
pub(super) struct JournalSteward(Parts);

impl JournalSteward {
    pub(super) fn new(parts: Parts) -> Self {
        Self(parts)
    }

    /// Leave to settle a rejected row: what the store says of it is asked after.
    fn take(&self, id: u64) -> Result<Leave<'_>, StewardError> {
        let stored = self.0.service.status.committed_epoch();
        let leave = self.0.settling.take(reject_place(id), stored);
        leave.ok_or(StewardError::Settled("somebody else settles the row"))
    }

    /// A rejected row that is open, and that the caller may settle.
    fn open(
        &self,
        caller: &dyn Principal,
        id: u64,
    ) -> Result<(StoredReject, Stream), StewardError> {
        let found = self
            .0
            .store
            .reader()
            .and_then(|mut store| reject_at(&mut *store, id));
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
        Ok(answer(self.sealed(delivery)?))
    }

    /// Waits until a delivery is durable.
    fn sealed(&self, delivery: Delivery) -> Result<service::Receipt, StewardError> {
        let (reply, told) = sync_channel(1);
        let reply = Box::new(move |outcome| {
            // Nobody is told where the caller gave up.
            let _ = reply.send(outcome);
        });
        let restores = (delivery.restores.as_ref()).map_or(0, |one| one.claims.len() / 16);
        let bytes = (delivery.rows.len() + restores) * 1024;
        let submission = Submission::of(delivery, bytes, Instant::now(), reply);
        let pushed = self.0.service.queue.try_push(submission);
        pushed.map_err(|(_, refused)| refusal(&refused))?;
        match told.recv() {
            Ok(Ok(receipt)) => Ok(receipt),
            Ok(Err(Refused::BeyondWindow)) => Err(StewardError::StillWrong {
                code: ErrorCode::BeyondWindow.as_str(),
            }),
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

fn number<T: Value>(field: &'static str, text: &str) -> Result<T, StewardError> {
    T::from_text(text).ok_or_else(|| StewardError::BadField {
        code: T::CODE.as_str(),
        field,
        expected: T::EXPECTED.to_owned(),
    })
}

impl Steward for JournalSteward {
    fn repair(&self, caller: &dyn Principal, id: u64, row: Bytes) -> Result<Receipt, StewardError> {
        let leave = self.take(id)?;
        let (stored, stream) = self.open(caller, id)?;
        let mut delivery = service::lines(stream, &row, self.0.clock.now());
        if let Some(reject) = delivery.rejects.first() {
            return Err(StewardError::StillWrong {
                code: reject.code.as_str(),
            });
        }
        // Nothing in its place is no repair, and a second row is none of it.
        if delivery.rows.len() != 1 {
            return Err(StewardError::BadField {
                code: "one_row",
                field: "row",
                expected: "expected one JSON object, the row that takes its place".to_owned(),
            });
        }
        delivery.source = SOURCE.to_owned();
        delivery.settled = settled(&stored, true);
        let receipt = self.deliver(delivery)?;
        leave.settled(receipt.epoch);
        Ok(receipt)
    }

    fn dismiss(&self, caller: &dyn Principal, id: u64, reason: &str) -> Result<(), StewardError> {
        let leave = self.take(id)?;
        let (stored, _) = self.open(caller, id)?;
        let delivery = Delivery {
            source: SOURCE.to_owned(),
            origin: reason.to_owned(),
            settled: settled(&stored, false),
            ..Delivery::default()
        };
        leave.settled(self.deliver(delivery)?.epoch);
        Ok(())
    }

    fn restore(
        &self,
        _caller: &dyn Principal,
        whose: &AskedId,
        days: Option<u32>,
    ) -> Result<Restored, StewardError> {
        may_push(&self.0)?;
        let whose = match whose {
            AskedId::Card(text) => Whose::Card(number("card", text)?),
            AskedId::SiNumber(text) => Whose::Participant(number("si_number", text)?),
            AskedId::PersonalId(text) => Whose::Citizen(number("personal_id", text)?),
        };
        let found = self.0.service.archive.find(whose, days);
        let found = found.map_err(|error| match error {
            NotFound::NoWindow => StewardError::NotConfigured(ALL_KEPT),
            NotFound::Days { most } => StewardError::BadField {
                code: "bad_days",
                field: "days",
                expected: format!("expected 1 to {most}, the days of `retention.claims`"),
            },
            error => {
                tracing::error!(%error, "retired claims cannot be looked for");
                StewardError::Unavailable(UNREADABLE_ROWS)
            }
        })?;
        let (claims, until) = (found.claims.len(), found.until.to_string());
        let epoch = match claims {
            0 => None,
            _ => Some(self.deliver(found.delivery())?.epoch),
        };
        Ok(Restored {
            claims,
            until,
            epoch,
        })
    }

    fn undo(
        &self,
        caller: &dyn Principal,
        loads: &BTreeSet<LoadId>,
    ) -> Result<Undone, StewardError> {
        may_push(&self.0)?;
        let service = &self.0.service;
        let undone = service
            .undoer
            .undo(loads, |delivery| -> Result<_, Undoing> {
                Ok(self.sealed(delivery)?)
            });
        let undone = undone.map_err(|error| match error {
            Undoing::Deliver(StewardError::StillWrong { .. }) => StewardError::NotUndoable(RETIRED),
            Undoing::Deliver(error) => error,
            Undoing::Undo(UndoError::Absent(_)) => StewardError::NotFound,
            Undoing::Undo(UndoError::Erased(_)) => StewardError::NotUndoable(ERASED),
            Undoing::Undo(UndoError::Forgotten(_)) => StewardError::NotUndoable(FORGOTTEN),
            Undoing::Undo(UndoError::Busy) => StewardError::Unavailable(BUSY),
            Undoing::Undo(error) => {
                tracing::error!(%error, "the journal cannot be read, so that loads are not undone");
                StewardError::Unavailable(UNREADABLE_JOURNAL)
            }
        })?;
        let (loads, rows, caller) = (loads.len(), undone.rows, caller.id());
        tracing::info!(loads, rows, caller, "loads are undone");
        Ok(undone)
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
