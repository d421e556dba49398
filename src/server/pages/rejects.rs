//! Rejected rows, for the pages of those who repair them: the store, the journal, and the steward of the API.
//!
//! Must hold: what a row says leaves the process only where it identifies nobody; who reads or settles rows is in the access
//! log before; what is decided is decided by the same steward as over the API, with the same permission.

use std::sync::Arc;

use bytes::Bytes;

use super::row_fields;
use crate::access::is_allowed;
use crate::record::{ErrorCode, Stream};
use crate::review::Viewer;
use crate::server::Parts;
use crate::server::reader::{reject_at, reject_id, reject_place};
use crate::server::steward::JournalSteward;
use crate::service::JournalledRows;
use crate::store::{RejectFilter, StoreError, StoredReject};
use crate::web::pages::{
    Given, RejectFault, RejectOpened, RejectTold, RejectTotal, Rejects, RejectsAsked, RejectsPage,
};
use crate::web::{
    AccessAction, AccessEntry, Action, Ledger, Principal, PushError, Stage, Steward, StewardError,
};

/// The longest name of a field in an entry of the log, and how many there may be.
const MOST_FIELDS: usize = 64;

/// Rejected rows of the service.
pub(in crate::server) struct JournalledRejects {
    pub(in crate::server) parts: Parts,
    pub(in crate::server) rows: Arc<JournalledRows>,
    pub(in crate::server) steward: JournalSteward,
    pub(in crate::server) log: Arc<dyn Ledger>,
}

/// Somebody who has signed in, as the API knows callers.
struct PageCaller(Viewer);

impl Principal for PageCaller {
    fn id(&self) -> &str {
        &self.0.name
    }

    fn role(&self) -> &'static str {
        self.0.role.as_str()
    }

    fn may(&self, action: Action, _stream: Option<Stream>) -> bool {
        is_allowed(self.0.role, action.granted())
    }
}

impl JournalledRejects {
    fn keep(
        &self,
        who: &Viewer,
        action: AccessAction,
        object: Option<&str>,
        (objects, fields): (u64, &[&str]),
    ) -> Result<(), RejectFault> {
        let stage = Stage::done(objects);
        let entry = AccessEntry::new(&who.name, who.role.as_str(), action, stage);
        let entry = entry.fields(&fields[..fields.len().min(MOST_FIELDS)]);
        let entry = match object {
            Some(object) => entry.object(object),
            None => entry,
        };
        let kept = self.log.record(&entry);
        kept.map_err(|_| RejectFault::Unavailable)
    }

    fn find(&self, id: u64) -> Result<(StoredReject, RejectTold), RejectFault> {
        let store = self.parts.store.reader();
        let found = store.and_then(|mut store| reject_at(&mut *store, id));
        let stored = found.map_err(unread)?.ok_or(RejectFault::NotFound)?;
        let told = told(&stored).ok_or(RejectFault::NotFound)?;
        Ok((stored, told))
    }

    /// What a rejected row says, with when it was known; nothing where that is erased, or no object of columns.
    fn columns(
        &self,
        id: u64,
    ) -> Result<Option<serde_json::Map<String, serde_json::Value>>, RejectFault> {
        let (epoch, ordinal) = reject_place(id);
        let rejected = self.rows.rejected(epoch, ordinal).map_err(|error| {
            tracing::error!(%error, "a rejected row cannot be read");
            RejectFault::Unavailable
        })?;
        Ok(rejected.and_then(|rejected| {
            let mut row = row_fields::read(&rejected.raw)?;
            // A change envelope says it beside the row, and what is pushed may leave it out: sent again, the row is not
            // known any later.
            if let Some(known) = rejected.recorded_at {
                let known = known.to_string();
                row.entry(row_fields::RECORDED_AT)
                    .or_insert_with(|| serde_json::Value::from(known));
            }
            Some(row)
        }))
    }
}

fn unread(error: StoreError) -> RejectFault {
    tracing::warn!(%error, "rejected rows cannot be looked up");
    RejectFault::Unavailable
}

fn stream(name: &str) -> Option<Stream> {
    let mut streams = Stream::ALL.iter().copied();
    streams.find(|stream| stream.name() == name)
}

fn code(name: &str) -> Option<ErrorCode> {
    let mut codes = ErrorCode::ALL.iter().copied();
    codes.find(|code| code.as_str() == name)
}

fn told(stored: &StoredReject) -> Option<RejectTold> {
    let row = &stored.reject;
    let stream = stream(&row.stream)?;
    // The message names the column, and quotes nothing of the row.
    let column = row.message.strip_prefix("column `");
    let column = column.and_then(|rest| row_fields::column(stream, rest.split('`').next()?));
    Some(RejectTold {
        id: reject_id(stored.epoch, row.ordinal),
        source: row.source.clone(),
        stream,
        file: row.file.clone(),
        row: row.row,
        code: code(&row.code),
        column,
        received_at: row.received_at,
        state: stored.state,
    })
}

fn object(id: u64) -> String {
    format!("reject:{id}")
}

fn refused(error: StewardError) -> RejectFault {
    match error {
        StewardError::NotFound => RejectFault::NotFound,
        StewardError::NotTheirs => RejectFault::NotTheirs,
        StewardError::Settled(_) => RejectFault::Settled,
        StewardError::StillWrong { code: name } => RejectFault::StillWrong(code(name)),
        StewardError::BadField { code: name, .. } => RejectFault::StillWrong(code(name)),
        StewardError::Push(PushError::Full { .. }) => RejectFault::Full,
        StewardError::NotConfigured(_)
        | StewardError::NotUndoable(_)
        | StewardError::Push(_)
        | StewardError::Unavailable(_) => RejectFault::Unavailable,
    }
}

impl Rejects for JournalledRejects {
    fn list(&self, who: &Viewer, asked: &RejectsAsked) -> Result<RejectsPage, RejectFault> {
        let filter = RejectFilter {
            state: asked.state,
            source: asked.source.clone(),
            stream: asked.stream.map(Stream::name),
            code: asked.code.map(|code| code.as_str().to_owned()),
            after: asked.after.map(reject_place),
        };
        let store = self.parts.store.reader();
        // One more than is told says whether there are more.
        let mut found = store
            .and_then(|mut store| store.rejects(&filter, asked.limit + 1))
            .map_err(unread)?;
        let is_more = found.len() > asked.limit as usize;
        found.truncate(asked.limit as usize);
        let last = found.last().filter(|_| is_more);
        let next = last.map(|last| reject_id(last.epoch, last.reject.ordinal));
        let rejects: Vec<RejectTold> = found.iter().filter_map(told).collect();
        let count = rejects.len() as u64;
        self.keep(who, AccessAction::ReadRejects, None, (count, &[]))?;
        Ok(RejectsPage { rejects, next })
    }

    fn totals(&self) -> Result<Vec<RejectTotal>, RejectFault> {
        let store = self.parts.store.reader();
        let counts = store.and_then(|mut store| store.reject_counts());
        let mut totals: Vec<RejectTotal> = Vec::new();
        for count in counts.map_err(unread)? {
            let Some(stream) = stream(&count.stream) else {
                continue;
            };
            let known = { totals.iter_mut() }
                .find(|one| one.stream == stream && one.source == count.source);
            match known {
                Some(one) => one.open += count.open,
                None => totals.push(RejectTotal {
                    source: count.source,
                    stream,
                    open: count.open,
                }),
            }
        }
        Ok(totals)
    }

    fn open(&self, who: &Viewer, id: u64) -> Result<RejectOpened, RejectFault> {
        let (_, told) = self.find(id)?;
        let row = self.columns(id)?;
        let fields = row_fields::fields(told.stream, row.as_ref());
        let object = object(id);
        self.keep(who, AccessAction::ReadRejects, Some(&object), (1, &[]))?;
        Ok(RejectOpened {
            told,
            fields,
            is_read: row.is_some(),
        })
    }

    fn repair(
        &self,
        who: &Viewer,
        id: u64,
        given: &[(&'static str, Given)],
    ) -> Result<(), RejectFault> {
        let (_, told) = self.find(id)?;
        let row = self.columns(id)?;
        let sent = row_fields::repaired(told.stream, row.as_ref(), given);
        let changed = given.iter().filter(|(_, given)| *given != Given::Kept);
        let changed: Vec<&str> = changed.map(|(name, _)| *name).collect();
        // First the entry: what cannot be logged is not done.
        let object = object(id);
        let of = (1, &*changed);
        self.keep(who, AccessAction::RepairReject, Some(&object), of)?;
        let caller = PageCaller(who.clone());
        let repaired = self.steward.repair(&caller, id, Bytes::from(sent));
        repaired.map(drop).map_err(refused)
    }

    fn dismiss(&self, who: &Viewer, id: u64, reason: &'static str) -> Result<(), RejectFault> {
        let (_, told) = self.find(id)?;
        let object = object(told.id);
        self.keep(who, AccessAction::DismissReject, Some(&object), (1, &[]))?;
        let caller = PageCaller(who.clone());
        let dismissed = self.steward.dismiss(&caller, id, reason);
        dismissed.map_err(refused)
    }

    fn resume(&self, who: &Viewer, source: &str) -> Result<(), RejectFault> {
        let mut sources = self.parts.sources.iter();
        if !sources.any(|own| own == source) {
            return Err(RejectFault::NotFound);
        }
        let object = format!("source:{source}");
        self.keep(who, AccessAction::ResumeSource, Some(&object), (1, &[]))?;
        let caller = PageCaller(who.clone());
        self.steward.resume(&caller, source).map_err(refused)
    }
}
