//! The access log, for the pages of those who watch it.
//!
//! Must hold: that it was read is an entry, which is durable before anything of it is given.

use std::sync::Arc;

use crate::access_log::{AccessLog, Entry, Query};
use crate::record::{Day, Instant};
use crate::review::Viewer;
use crate::web::{
    AccessAction, AccessEntry, AccessLogReader, Ledger, LogEntry, LogPage, LogQuery, LogSample,
    LogStanding, Stage,
};

const UNREAD: &str = "the access log cannot be searched";
/// Characters of a name that an entry has room for.
const LONGEST_ACTOR: usize = 120;
const UNKEPT: &str = "that the access log was read cannot be kept";

/// The log of the service.
pub(in crate::server) struct WatchedLog(pub(in crate::server) Arc<AccessLog>);

impl WatchedLog {
    /// Keeps that entries are read, and which were asked for.
    fn keep(&self, who: &Viewer, object: Option<&str>, count: usize) -> Result<(), &'static str> {
        let role = who.role.as_str();
        let stage = Stage::done(count as u64);
        let entry = AccessEntry::new(&who.name, role, AccessAction::ReadAccessLog, stage);
        let entry = match object {
            Some(object) => entry.object(object),
            None => entry,
        };
        self.0.record(&entry).map_err(|_| UNKEPT)
    }
}

impl AccessLogReader for WatchedLog {
    fn read(&self, who: &Viewer, query: &LogQuery) -> Result<LogPage, &'static str> {
        // A day beyond all that can be told bounds as well: nothing is after a late one, or before an early one.
        let start = |day: Day| {
            let beyond = match day.number() < 0 {
                true => Instant::from_millis(0),
                false => Some(Instant::MAX),
            };
            Instant::on(day, 0).or(beyond)
        };
        let asked = Query {
            actor: query.actor.clone(),
            action: query.action.clone(),
            object: query.object.clone(),
            subject: None,
            from: query.from.and_then(start),
            until: query.to.and_then(|day| start(day.plus(1))),
            before: query.before,
            limit: query.limit as usize,
        };
        let found = self.0.search(&asked).map_err(|error| {
            tracing::error!(%error, "the access log cannot be searched");
            UNREAD
        })?;
        // An entry has room for no more, and no name is as long.
        let of_actor = query.actor.as_ref().map(|name| {
            let known: String = name.chars().take(LONGEST_ACTOR).collect();
            format!("actor:{known}")
        });
        let object = query.object.as_deref().or(of_actor.as_deref());
        self.keep(who, object, found.entries.len())?;
        Ok(LogPage {
            entries: found.entries.into_iter().map(told).collect(),
            next: found.next,
        })
    }

    fn sample(&self, who: &Viewer, day: Day) -> Result<LogSample, &'static str> {
        let sample = self.0.sample(day).map_err(|error| {
            tracing::error!(%error, "the access log cannot be searched");
            UNREAD
        })?;
        let (year, month, of_month) = day.civil();
        let object = format!("sample:{year:04}-{month:02}-{of_month:02}");
        self.keep(who, Some(&object), sample.entries.len())?;
        Ok(LogSample {
            entries: sample.entries.into_iter().map(told).collect(),
            reveals: sample.reveals,
            openings: sample.openings,
        })
    }

    fn standing(&self) -> LogStanding {
        let standing = self.0.standing();
        LogStanding {
            lines: standing.lines,
            signed_at: standing.signed_at.map(millis),
            verified_at: standing.verified_at.map(millis),
            is_damaged: standing.is_damaged,
        }
    }
}

pub(super) fn millis(at: Instant) -> i64 {
    at.nanos().div_euclid(1_000_000)
}

fn told(entry: Entry) -> LogEntry {
    LogEntry {
        n: entry.n,
        at: entry.time().map_or(0, millis),
        actor: entry.actor,
        role: entry.role,
        action: entry.action,
        is_done: entry.stage == "done",
        purpose: entry.purpose,
        object: entry.object,
        fields: entry.fields,
        objects: entry.objects,
        epoch: entry.epoch,
    }
}
