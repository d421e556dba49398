//! An access log that is made up: what was read of it is kept, so that tests see it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use fundwatch::record::Day;
use fundwatch::review::Viewer;
use fundwatch::web::{
    AccessAction, AccessLogReader, LogEntry, LogPage, LogQuery, LogSample, LogStanding,
};

use super::made::{id, now};

#[derive(Default)]
pub struct Watched {
    /// Who read, and what.
    pub reads: Mutex<Vec<(String, String)>>,
    /// That it cannot be written.
    pub fails: AtomicBool,
    pub is_damaged: AtomicBool,
}

impl Watched {
    fn keep(&self, who: &Viewer, what: String) -> Result<(), &'static str> {
        if self.fails.load(Ordering::SeqCst) {
            return Err("the disk is full");
        }
        self.reads.lock().unwrap().push((who.name.clone(), what));
        Ok(())
    }
}

/// One entry of each action, and one that this version does not know.
fn entries() -> Vec<LogEntry> {
    let names = AccessAction::ALL.iter().map(|action| action.name());
    let names: Vec<&str> = names.chain(["log_begun", "checkpoint"]).collect();
    let mut entries: Vec<LogEntry> = { (1..).zip(names) }
        .map(|(n, name)| LogEntry {
            n,
            at: now() - 90_000_000 + i64::try_from(n).unwrap() * 60_000,
            actor: ["an", "binh", "chi"][n as usize % 3].to_owned(),
            role: ["reviewer", "reviewer", "supervisor"][n as usize % 3].to_owned(),
            action: name.to_owned(),
            is_done: name != "export_alerts",
            purpose: (name == "reveal").then(|| "verify_identity".to_owned()),
            object: match name {
                "open_alert" => Some(id(1)),
                "reveal" => Some(id(999)),
                "manage_user" => Some("binh".to_owned()),
                _ => None,
            },
            fields: match name {
                "reveal" => vec!["name".to_owned(), "birth_date".to_owned()],
                _ => Vec::new(),
            },
            objects: Some(n * 100),
            epoch: (n % 2 == 0).then_some(1_204),
        })
        .collect();
    entries.reverse();
    entries
}

impl AccessLogReader for Watched {
    fn read(&self, who: &Viewer, query: &LogQuery) -> Result<LogPage, &'static str> {
        let mut entries = entries();
        entries.retain(|entry| {
            query.actor.as_ref().is_none_or(|own| *own == entry.actor)
                && query.action.as_ref().is_none_or(|own| *own == entry.action)
                && (query.object.is_none() || query.object == entry.object)
                && query.before.is_none_or(|before| entry.n < before)
        });
        // Pages are short here, so that there is more than one.
        let most = 30.min(query.limit as usize);
        let next = entries
            .get(most - 1)
            .map(|last| last.n)
            .filter(|_| entries.len() > most);
        entries.truncate(most);
        self.keep(who, format!("{query:?}"))?;
        Ok(LogPage { entries, next })
    }

    fn sample(&self, who: &Viewer, day: Day) -> Result<LogSample, &'static str> {
        let mut entries = entries();
        entries.retain(|entry| entry.action == "reveal" || entry.action == "open_alert");
        self.keep(who, format!("sample {:?}", day.civil()))?;
        Ok(LogSample {
            entries,
            reveals: 4,
            openings: 1_157,
        })
    }

    fn standing(&self) -> LogStanding {
        LogStanding {
            lines: 12_345,
            signed_at: Some(now() - 600_000),
            verified_at: Some(now() - 7_200_000),
            is_damaged: self.is_damaged.load(Ordering::SeqCst),
        }
    }
}
