//! Entries of the access log as rows of a table.

use std::collections::BTreeSet;

use askama::Template;

use super::access_words::done;
use super::app::day_of;
use super::fault::Fault;
use super::filters::is_alert_id;
use super::parts::PagesParts;
use super::row::address;
use super::shell::role;
use super::told::clock;
use crate::access::{Action, Role, is_allowed};
use crate::language::{Language, PageMessages};
use crate::review::Viewer;
use crate::web::watched::LogEntry;

struct Row {
    n: u64,
    at: String,
    actor: String,
    role: String,
    action: String,
    is_done: bool,
    object: Option<String>,
    /// Where the object can be looked at.
    address: Option<String>,
    purpose: Option<String>,
    fields: Option<String>,
    count: Option<String>,
    epoch: Option<String>,
}

/// A table of entries.
#[derive(Template)]
#[template(path = "access_rows.html")]
pub(super) struct LogRows {
    t: &'static PageMessages,
    caption: String,
    rows: Vec<Row>,
}

impl LogRows {
    pub fn new(
        entries: Vec<LogEntry>,
        open: &BTreeSet<String>,
        caption: String,
        language: Language,
    ) -> Self {
        let t = language.page_messages();
        let rows = entries.into_iter().map(|entry| row(entry, open, language));
        Self {
            t,
            caption,
            rows: rows.collect(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// The alerts among what entries are about that somebody may open.
pub(super) fn may_open(
    parts: &PagesParts,
    who: &Viewer,
    entries: &[LogEntry],
) -> Result<BTreeSet<String>, Fault> {
    let mut open = BTreeSet::new();
    if !is_allowed(who.role, Action::ReadAlerts) {
        return Ok(open);
    }
    let objects = entries.iter().filter_map(|entry| entry.object.as_ref());
    let alerts: BTreeSet<&String> = objects.filter(|id| is_alert_id(id)).collect();
    for id in alerts {
        if parts.desk.is_theirs(who, id)? {
            open.insert(id.clone());
        }
    }
    Ok(open)
}

fn row(entry: LogEntry, open: &BTreeSet<String>, language: Language) -> Row {
    let t = language.page_messages();
    let day = language.day(day_of(entry.at));
    let clock = clock(language, entry.at, entry.at);
    let address = entry.object.as_ref().filter(|id| open.contains(*id));
    Row {
        n: entry.n,
        at: format!("{day} {clock}"),
        role: match Role::from_name(&entry.role) {
            Some(known) => role(known, t).to_owned(),
            None => "–".to_owned(),
        },
        action: done(&entry.action, language).map_or(entry.action.clone(), str::to_owned),
        is_done: entry.is_done,
        address: address.map(|id| address_of(id)),
        object: entry.object,
        actor: entry.actor,
        purpose: entry.purpose,
        fields: Some(entry.fields.join(", ")).filter(|text| !text.is_empty()),
        count: entry.objects.map(|count| language.count(count)),
        epoch: entry.epoch.map(|epoch| language.count(epoch)),
    }
}

fn address_of(id: &str) -> String {
    address(id, None)
}
