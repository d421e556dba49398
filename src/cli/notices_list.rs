//! What waits in an outbox, as text and as JSON.
//!
//! Keys of records are masked and values left out, unless they are to be revealed.

use std::io::{self, Write};

use console::style;
use serde::Serialize;
use serde_json::Value;

use super::replay_report::grouped;
use crate::mask;
use crate::notice::Moment;
use crate::notice::outbox::{DeliveryState, Frontier, Listed, ListedState, Listing, SinkLine};

/// What is shown, and how much of it.
pub(super) struct Shown<'a> {
    pub listing: &'a Listing,
    pub frontier: Option<Frontier>,
    /// The state of the notices that are listed.
    pub state: Option<ListedState>,
    /// Whether keys and values are shown in full.
    pub reveal: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    known_to: Option<String>,
    as_of: Option<String>,
    sinks: Vec<SinkDocument<'a>>,
    without_sink: Vec<WithoutSink<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    matching: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notices: Option<Vec<NoticeDocument<'a>>>,
}

#[derive(Serialize)]
struct SinkDocument<'a> {
    sink: &'a str,
    database: &'a str,
    kind: &'a str,
    pending: u64,
    stuck: u64,
    failed: u64,
    delivered: u64,
    superseded: u64,
    unneeded: u64,
    oldest_pending_since: Option<String>,
    next_attempt_at: Option<String>,
    failures_in_a_row: u32,
    last_error: Option<&'a str>,
    last_error_at: Option<String>,
    last_success_at: Option<String>,
}

#[derive(Serialize)]
struct WithoutSink<'a> {
    database: &'a str,
    notices: u64,
}

#[derive(Serialize)]
struct NoticeDocument<'a> {
    id: &'a str,
    sink: Option<&'a str>,
    state: &'a str,
    database: &'a str,
    stream: &'a str,
    key: String,
    field: &'a str,
    version: u32,
    kind: &'a str,
    since: String,
    attempts: u32,
    next_attempt_at: Option<String>,
    delivered_at: Option<String>,
    last_error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposed: Option<String>,
}

fn text(moment: Option<Moment>) -> Option<String> {
    moment.map(|moment| moment.to_string())
}

impl<'a> Shown<'a> {
    /// Writes one JSON document.
    pub fn json(&self, mut out: impl Write) -> io::Result<()> {
        let listing = self.listing;
        let document = Document {
            known_to: self.frontier.map(|frontier| frontier.at.to_string()),
            as_of: self.frontier.map(|frontier| frontier.as_of.to_string()),
            sinks: listing.sinks.iter().map(SinkDocument::of).collect(),
            without_sink: listing
                .without_sink
                .iter()
                .map(|(database, notices)| WithoutSink {
                    database,
                    notices: *notices,
                })
                .collect(),
            matching: self.state.map(|_| listing.matching),
            notices: self.state.map(|_| {
                let notices = listing.notices.iter();
                notices.map(|notice| self.notice(notice)).collect()
            }),
        };
        serde_json::to_writer_pretty(&mut out, &document)?;
        out.write_all(b"\n")
    }

    fn key(&self, notice: &Listed) -> String {
        match self.reveal {
            true => notice.record.clone(),
            false => mask::text(&notice.record),
        }
    }

    /// A value of a notice's body, where it may be shown.
    fn value(&self, notice: &Listed, name: &str) -> Option<String> {
        if !self.reveal {
            return None;
        }
        let body: Value = serde_json::from_str(&notice.body).ok()?;
        Some(body.get("data")?.get(name)?.as_str()?.to_owned())
    }

    fn notice(&self, notice: &'a Listed) -> NoticeDocument<'a> {
        NoticeDocument {
            id: &notice.key,
            sink: notice.sink.as_deref(),
            state: state(notice),
            database: &notice.database,
            stream: &notice.stream,
            key: self.key(notice),
            field: &notice.field,
            version: notice.version,
            kind: &notice.kind,
            since: notice.since.to_string(),
            attempts: notice.attempts,
            next_attempt_at: text(notice.next_attempt),
            delivered_at: text(notice.delivered_at),
            last_error: notice.last_error.as_deref(),
            current: self.value(notice, "current"),
            proposed: self.value(notice, "proposed"),
        }
    }

    /// Writes what people read.
    pub fn text(&self, mut out: impl Write) -> io::Result<()> {
        let listing = self.listing;
        match self.frontier {
            Some(frontier) => writeln!(out, "Known to {frontier}\n")?,
            None => writeln!(out, "Nothing was reconciled yet\n")?,
        }
        let heading = format!(
            "{:<24}{:<16}{:>9}{:>9}{:>9}{:>11}{:>12}{:>10}",
            "Sink", "database", "pending", "stuck", "failed", "delivered", "superseded", "unneeded"
        );
        writeln!(out, "{}", style(heading).bold())?;
        for sink in &listing.sinks {
            sink_lines(&mut out, sink)?;
        }
        for (database, notices) in &listing.without_sink {
            let notices = grouped(*notices);
            writeln!(out, "{:<24}{database:<16}{notices:>9}", "(no sink)")?;
        }
        let Some(state) = self.state else {
            return Ok(());
        };
        writeln!(out)?;
        let heading = format!(
            "Notices, {}: {} of {}",
            state.as_str(),
            grouped(listing.notices.len() as u64),
            grouped(listing.matching)
        );
        writeln!(out, "{}", style(heading).bold())?;
        for notice in &listing.notices {
            self.notice_lines(&mut out, notice)?;
        }
        Ok(())
    }

    fn notice_lines(&self, out: &mut impl Write, notice: &Listed) -> io::Result<()> {
        writeln!(
            out,
            "{}  {} {} {}  version {} {}",
            notice.key,
            notice.stream,
            self.key(notice),
            notice.field,
            notice.version,
            notice.kind
        )?;
        if let Some(current) = self.value(notice, "current") {
            writeln!(out, "  current   {current}")?;
        }
        if let Some(proposed) = self.value(notice, "proposed") {
            writeln!(out, "  proposed  {proposed}")?;
        }
        let to = notice.sink.as_deref().unwrap_or(&notice.database);
        write!(out, "  {} at {to} since {}", state(notice), notice.since)?;
        if notice.attempts > 0 {
            write!(out, ", {} attempts", notice.attempts)?;
        }
        if let Some(next) = notice.next_attempt {
            write!(out, ", next at {next}")?;
        }
        if let Some(at) = notice.delivered_at {
            write!(out, ", taken at {at}")?;
        }
        writeln!(out)?;
        match &notice.last_error {
            Some(error) => writeln!(out, "  last error: {error}"),
            None => Ok(()),
        }
    }
}

/// The state of a notice; without a sink, that it has none.
fn state(notice: &Listed) -> &str {
    let none = ListedState::NoSink.as_str();
    notice.state.as_deref().unwrap_or(none)
}

fn sink_lines(out: &mut impl Write, sink: &SinkLine) -> io::Result<()> {
    let count = |state| grouped(sink.count(state));
    writeln!(
        out,
        "{:<24}{:<16}{:>9}{:>9}{:>9}{:>11}{:>12}{:>10}",
        sink.name,
        sink.database,
        count(DeliveryState::Pending),
        grouped(sink.stuck),
        count(DeliveryState::Failed),
        count(DeliveryState::Delivered),
        count(DeliveryState::Superseded),
        count(DeliveryState::Unneeded)
    )?;
    if let (Some(oldest), Some(next)) = (sink.oldest_pending, sink.next_attempt) {
        writeln!(
            out,
            "  oldest pending since {oldest}, next attempt at {next}"
        )?;
    }
    if sink.failures > 0 {
        writeln!(out, "  {} failures in a row", sink.failures)?;
    }
    match &sink.last_error {
        Some((error, at)) => writeln!(out, "  last error at {at}: {error}"),
        None => Ok(()),
    }
}

impl<'a> SinkDocument<'a> {
    fn of(sink: &'a SinkLine) -> Self {
        Self {
            sink: &sink.name,
            database: &sink.database,
            kind: &sink.kind,
            pending: sink.count(DeliveryState::Pending),
            stuck: sink.stuck,
            failed: sink.count(DeliveryState::Failed),
            delivered: sink.count(DeliveryState::Delivered),
            superseded: sink.count(DeliveryState::Superseded),
            unneeded: sink.count(DeliveryState::Unneeded),
            oldest_pending_since: text(sink.oldest_pending),
            next_attempt_at: text(sink.next_attempt),
            failures_in_a_row: sink.failures,
            last_error: sink.last_error.as_ref().map(|(error, _)| error.as_str()),
            last_error_at: text(sink.last_error.as_ref().map(|(_, at)| *at)),
            last_success_at: text(sink.last_success),
        }
    }
}
