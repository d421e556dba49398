//! The parts of an API that nobody calls.

use std::collections::BTreeSet;

use bytes::Bytes;
use fundwatch::journal::LoadId;
use fundwatch::language::Language;
use fundwatch::service::Undone;
use fundwatch::web::{
    AccessEntry, AccessError, AlertQuery, Answer, Asked, AskedCorrection, AskedId, Event, Export,
    Inlet, Ledger, Metrics, Observation, Page, Principal, Push, PushError, ReadError, Reader,
    Receipt, RejectQuery, Restored, SelfCheck, SelfCheckError, Steward, StewardError, Submission,
    TakeLine,
};
use serde_json::Value;
use serde_json::value::RawValue;

pub struct Nothing;

const NONE: ReadError = ReadError::Unavailable("not here");

impl Inlet for Nothing {
    fn submit(&self, _: Push) -> Submission {
        Box::pin(async { Err(PushError::Draining) })
    }
}

impl Reader for Nothing {
    fn alerts(&self, _: &dyn Principal, _: &AlertQuery) -> Result<Page, ReadError> {
        Err(NONE)
    }

    fn export(&self, _: &dyn Principal, _: Export, _: &mut TakeLine<'_>) -> Result<(), ReadError> {
        Err(NONE)
    }

    fn rejects(&self, _: &dyn Principal, _: &RejectQuery) -> Result<Page, ReadError> {
        Err(NONE)
    }

    fn reject(&self, _: &dyn Principal, _: u64) -> Result<Option<Box<RawValue>>, ReadError> {
        Err(NONE)
    }

    fn sources(&self, _: &dyn Principal) -> Result<Vec<Box<RawValue>>, ReadError> {
        Err(NONE)
    }

    fn status(&self, _: &dyn Principal) -> Result<Box<RawValue>, ReadError> {
        Err(NONE)
    }

    fn authenticate(&self, _: &Asked) -> Result<Answer, ReadError> {
        Err(NONE)
    }
}

impl Steward for Nothing {
    fn repair(&self, _: &dyn Principal, _: u64, _: Bytes) -> Result<Receipt, StewardError> {
        Err(StewardError::NotFound)
    }

    fn dismiss(&self, _: &dyn Principal, _: u64, _: &str) -> Result<(), StewardError> {
        Err(StewardError::NotFound)
    }

    fn resume(&self, _: &dyn Principal, _: &str) -> Result<(), StewardError> {
        Err(StewardError::NotFound)
    }

    fn restore(
        &self,
        _: &dyn Principal,
        _: &AskedId,
        _: Option<u32>,
    ) -> Result<Restored, StewardError> {
        Err(StewardError::NotFound)
    }

    fn undo(&self, _: &dyn Principal, _: &BTreeSet<LoadId>) -> Result<Undone, StewardError> {
        Err(StewardError::NotFound)
    }
}

impl Ledger for Nothing {
    fn record(&self, _: &AccessEntry<'_>) -> Result<(), AccessError> {
        Ok(())
    }
}

impl Metrics for Nothing {
    fn render(&self) -> Vec<u8> {
        Vec::new()
    }

    fn observe(&self, _: &Observation<'_>) {}

    fn count(&self, event: Event) {
        assert!(event != Event::Panicked, "a page panicked");
    }
}

impl SelfCheck for Nothing {
    fn records(&self, _: &dyn Principal, _: &str, _: Language) -> Result<Value, SelfCheckError> {
        Err(SelfCheckError::NotAPortal)
    }

    fn correct(
        &self,
        _: &dyn Principal,
        _: &str,
        _: &AskedCorrection,
        _: Language,
    ) -> Result<Value, SelfCheckError> {
        Err(SelfCheckError::NotAPortal)
    }

    fn status(
        &self,
        _: &dyn Principal,
        _: &str,
        _: &str,
        _: Language,
    ) -> Result<Value, SelfCheckError> {
        Err(SelfCheckError::NotAPortal)
    }
}
