//! Questions are answered from the store, and from what is known of sources.
//!
//! Must hold: an answer is of whole epochs; a question does not keep the store from being written.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use serde_json::value::RawValue;

use super::masked_line::masked;
use super::{Parts, authenticate};
use crate::config::HTTP_SOURCE;
use crate::record::{ErrorCode, Stream};
use crate::review::Viewer;
use crate::rule::{Class, Reason};
use crate::service::{Phase, Trouble};
use crate::store::{
    AlertFilter, AlertReader, AlertState, PageToken, RejectFilter, RejectState, StoreError,
    StoredReject,
};
use crate::web::{
    AlertQuery, Answer, Asked, Export, Filter, Page, Principal, ReadError, Reader, RejectQuery,
    TakeLine,
};

/// Readers that are kept for the next question.
const KEPT: usize = 8;
const UNREADABLE: &str = "the alert store cannot be read now; try again later";

/// Answers questions.
pub(super) struct StoreReader {
    parts: Parts,
    readers: Mutex<Vec<Box<dyn AlertReader>>>,
}

impl StoreReader {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            parts,
            readers: Mutex::default(),
        }
    }

    /// Asks the store, on a connection that nobody else uses meanwhile.
    fn ask<T>(
        &self,
        question: impl FnOnce(&mut dyn AlertReader) -> Result<T, StoreError>,
    ) -> Result<T, ReadError> {
        let kept = || self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = kept().pop();
        let asked = match reader {
            Some(reader) => Ok(reader),
            None => self.parts.store.reader(),
        };
        let answered = asked.and_then(|mut reader| Ok((question(&mut *reader)?, reader)));
        match answered {
            Ok((answer, reader)) => {
                let mut readers = kept();
                if readers.len() < KEPT {
                    readers.push(reader);
                }
                Ok(answer)
            }
            Err(error) => {
                tracing::warn!(%error, "a question to the alert store failed");
                Err(ReadError::Unavailable(UNREADABLE))
            }
        }
    }
}

fn raw(value: &serde_json::Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).expect("what was made of JSON is JSON")
}

/// The number by which a rejected row is asked for: its epoch, and its place among the rejected rows of it.
pub(super) fn reject_id(epoch: u64, ordinal: u32) -> u64 {
    epoch << ORDINAL_BITS | u64::from(ordinal)
}

/// Epoch and place of a rejected row.
pub(super) fn reject_place(id: u64) -> (u64, u32) {
    (id >> ORDINAL_BITS, (id & ((1 << ORDINAL_BITS) - 1)) as u32)
}

/// The rejected row of a number, if there is one.
pub(super) fn reject_at(
    store: &mut dyn AlertReader,
    id: u64,
) -> Result<Option<StoredReject>, StoreError> {
    let (epoch, ordinal) = reject_place(id);
    let before = match ordinal.checked_sub(1) {
        Some(ordinal) => Some((epoch, ordinal)),
        None => epoch.checked_sub(1).map(|epoch| (epoch, u32::MAX)),
    };
    let filter = RejectFilter {
        after: before,
        ..RejectFilter::default()
    };
    let found = store.rejects(&filter, 1)?.into_iter().next();
    Ok(found.filter(|stored| (stored.epoch, stored.reject.ordinal) == (epoch, ordinal)))
}

/// Sixteen million rejected rows an epoch, a trillion epochs.
const ORDINAL_BITS: u32 = 24;

fn reject(stored: &StoredReject) -> serde_json::Value {
    let row = &stored.reject;
    json!({
        "id": reject_id(stored.epoch, row.ordinal),
        "epoch": stored.epoch,
        "source": row.source,
        "stream": row.stream,
        "file": row.file,
        "row": row.row,
        "code": row.code,
        "reason": row.message,
        "received_at_ms": row.received_at,
        "state": stored.state.as_str(),
        "repaired_by_epoch": stored.repaired_by_epoch,
    })
}

impl Reader for StoreReader {
    fn alerts(&self, caller: &dyn Principal, query: &AlertQuery) -> Result<Page, ReadError> {
        let unknown = |filter| move || ReadError::UnknownValue(filter);
        let named = |text: &Option<String>, known: fn(&str) -> bool, filter| match text {
            Some(text) if !known(text) => Err(ReadError::UnknownValue(filter)),
            _ => Ok(text.clone()),
        };
        let state = query.state.as_deref();
        let filter = AlertFilter {
            reason: named(
                &query.reason,
                |name| Reason::from_name(name).is_some(),
                Filter::Reason,
            )?,
            class: named(
                &query.class,
                |name| Class::from_name(name).is_some(),
                Filter::Class,
            )?,
            state: state
                .map(|name| AlertState::from_name(name).ok_or_else(unknown(Filter::State)))
                .transpose()?,
            min_priority: query.min_priority.map(|least| least.ceil().max(0.0) as u32),
        };
        let after = query.page.as_deref().map(str::parse::<PageToken>);
        let after = after
            .transpose()
            .map_err(|_| ReadError::UnknownValue(Filter::Page))?;
        let page = self.ask(|store| store.alerts(&filter, after.as_ref(), query.limit))?;
        let unreadable = || ReadError::Unavailable(UNREADABLE);
        let viewer = caller.viewer();
        let mut items = Vec::with_capacity(page.alerts.len());
        for stored in page.alerts {
            let masked = masked(&stored.alert.line).ok_or_else(unreadable)?;
            let sees = |who: &Viewer| who.sees(masked.province.as_deref());
            // A page of somebody who does not see all has fewer than it may.
            if !viewer.as_ref().is_some_and(sees) {
                continue;
            }
            // The line is an object: what is known beside it is added at its end.
            let line = masked.line.strip_suffix('}').unwrap_or(&masked.line);
            let state = stored.state.as_str();
            let text = format!(
                "{line},\"state\":\"{state}\",\"changed_epoch\":{}}}",
                stored.changed_epoch
            );
            items.push(RawValue::from_string(text).map_err(|_| unreadable())?);
        }
        Ok(Page {
            items,
            next: page.next.map(|token| token.to_string()),
        })
    }

    fn export(
        &self,
        _caller: &dyn Principal,
        export: Export,
        line: &mut TakeLine<'_>,
    ) -> Result<(), ReadError> {
        let mut gone = None;
        let mut each = |text: &str| {
            line(text).map_err(|error| {
                gone = Some(error);
                std::io::Error::other("nobody takes it")
            })
        };
        let exported = self
            .parts
            .store
            .reader()
            .and_then(|mut reader| match export {
                Export::Alerts => reader.export_alerts(&mut each),
                Export::History => reader.export_history(0, &mut each),
            });
        match (exported, gone) {
            (Ok(()), _) => Ok(()),
            (Err(_), Some(gone)) => Err(gone.into()),
            (Err(error), None) => {
                tracing::warn!(%error, "an export failed");
                Err(ReadError::Unavailable(UNREADABLE))
            }
        }
    }

    fn rejects(&self, _caller: &dyn Principal, query: &RejectQuery) -> Result<Page, ReadError> {
        let state = query
            .state
            .as_deref()
            .map(|name| RejectState::from_name(name).ok_or(ReadError::UnknownValue(Filter::State)));
        let is_code = |name: &str| ErrorCode::ALL.iter().any(|code| code.as_str() == name);
        if query.code.as_deref().is_some_and(|name| !is_code(name)) {
            return Err(ReadError::UnknownValue(Filter::Code));
        }
        let page = query.page.as_deref().map(str::parse::<u64>);
        let after = page
            .transpose()
            .map_err(|_| ReadError::UnknownValue(Filter::Page))?;
        let filter = RejectFilter {
            state: state.transpose()?,
            source: None,
            stream: query.stream.map(Stream::name),
            code: query.code.clone(),
            after: after.map(reject_place),
        };
        let rejects = self.ask(|store| store.rejects(&filter, query.limit))?;
        let is_full = rejects.len() == query.limit as usize;
        let last = rejects.last().filter(|_| is_full);
        let next = last.map(|last| reject_id(last.epoch, last.reject.ordinal).to_string());
        Ok(Page {
            items: rejects.iter().map(|stored| raw(&reject(stored))).collect(),
            next,
        })
    }

    fn reject(&self, _caller: &dyn Principal, id: u64) -> Result<Option<Box<RawValue>>, ReadError> {
        let found = self.ask(|store| reject_at(store, id))?;
        Ok(found.map(|stored| raw(&reject(&stored))))
    }

    fn sources(&self, _caller: &dyn Principal) -> Result<Vec<Box<RawValue>>, ReadError> {
        let waiting = self.parts.service.queue.waiting();
        let sources = self.parts.sources.iter().map(|name| {
            let waits = waiting.get(name).copied().unwrap_or_default();
            let is_paused = self.parts.breakers.is_paused(name);
            raw(&json!({
                "name": name,
                "kind": if name == HTTP_SOURCE { "http" } else { "configured" },
                "state": if is_paused { "paused" } else { "running" },
                "waiting_rows": waits.rows,
                "waiting_bytes": waits.bytes,
                "positions": self.parts.service.positions.of_source(name).len(),
            }))
        });
        Ok(sources.collect())
    }

    fn status(&self, _caller: &dyn Principal) -> Result<Box<RawValue>, ReadError> {
        let status = &self.parts.service.status;
        let phase = match status.phase() {
            Phase::Opening => "opening",
            Phase::Recovering => "recovering",
            Phase::Running => "running",
            Phase::Draining => "draining",
            Phase::Stopped => "stopped",
            Phase::Failed(_) => "failed",
        };
        let trouble = |trouble: Trouble| json!({"code": trouble.code, "detail": trouble.detail});
        Ok(raw(&json!({
            "version": env!("CARGO_PKG_VERSION"),
            "phase": phase,
            "sealed_epoch": status.sealed_epoch(),
            "committed_epoch": status.committed_epoch(),
            "lag_seconds": status.lag().as_secs_f64(),
            "paused_sources": self.parts.breakers.paused(),
            "troubles": status.troubles().into_iter().map(trouble).collect::<Vec<_>>(),
        })))
    }

    fn authenticate(&self, asked: &Asked) -> Result<Answer, ReadError> {
        if !matches!(
            self.parts.service.status.phase(),
            Phase::Running | Phase::Draining
        ) {
            return Err(ReadError::NotReady {
                reason: "the service computes its journal again",
                retry_after: Duration::from_secs(5),
            });
        }
        let cause = authenticate::cause(&self.parts.service.rows, asked)?;
        Ok(Answer {
            cause: cause.map(|cause| cause.as_str()),
        })
    }
}
