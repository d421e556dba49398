//! `GET /feeds`: streams and sources, how they stand, and what of them was not accepted.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::answer;
use super::app::App;
use super::caller::Caller;
use super::fault::Fault;
use super::form::query;
use super::label::Label;
use super::rejected::RejectTotal;
use super::rejects;
use super::shell::Shell;
use super::standing::{self, Standing, standings};
use super::told::{clock, told};
use crate::access::Action;
use crate::language::{Language, PageMessages};

struct StreamRow {
    name: &'static str,
    state: Label,
    last: String,
    silent: String,
    expected: String,
    complete: String,
    /// How many of its rows wait to be repaired, and where they are; none for whom they are not.
    open: Option<Open>,
}

struct SourceRow {
    name: String,
    kind: &'static str,
    state: Label,
    waiting: String,
    waits: String,
    positions: String,
    open: Option<Open>,
    /// Where it is let go on.
    resume: Option<String>,
}

/// Rejected rows that wait.
struct Open {
    count: String,
    /// None where there is none.
    address: Option<String>,
}

#[derive(Template)]
#[template(path = "feeds.html")]
struct FeedsPage {
    shell: Shell,
    lag: String,
    streams: Vec<StreamRow>,
    rows: Vec<SourceRow>,
    has_rejects: bool,
}

/// `GET /feeds`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let session = caller.session()?;
    let has_rejects = session.may(Action::ReadRejects);
    let resumes = session.may(Action::ResumeSource);
    let found = app.ask(move |parts| {
        let feeds = parts.feeds.feeds().map_err(|why| {
            tracing::error!(why, "sources cannot be told");
            Fault::Unavailable(None)
        })?;
        let totals = match has_rejects {
            true => Some(parts.rejects.totals().map_err(rejects::fault)?),
            false => None,
        };
        Ok((feeds, totals))
    });
    let ((feeds, lag), totals) = found.await?;
    let (language, t) = (caller.language, caller.texts());
    let open = |is_of: &dyn Fn(&RejectTotal) -> bool, name: &str, value: &str| {
        let totals = totals.as_ref()?.iter().filter(|total| is_of(total));
        let count: u64 = totals.map(|total| total.open).sum();
        let query = query(&[
            (name, Some(value.to_owned())),
            ("state", Some("open".to_owned())),
        ]);
        Some(Open {
            count: language.count(count),
            address: (count > 0).then(|| format!("/feeds/rejects?{query}")),
        })
    };
    let frontier = caller.frontier.filter(|own| own.epoch.is_some());
    let all = standings(&caller.streams, frontier.map(|own| own.at), caller.now);
    let streams = all.iter().map(|one| {
        let of = |total: &RejectTotal| total.stream == one.stream;
        let expected = caller.streams.iter().find(|own| own.stream == one.stream);
        let expected = expected.and_then(|own| own.expected);
        StreamRow {
            open: open(&of, "stream", one.stream.name()),
            ..stream_row(one, expected, (language, caller.now))
        }
    });
    let sources = feeds.into_iter().map(|feed| {
        let of = |total: &RejectTotal| total.source == feed.name;
        let resume = (feed.is_paused && resumes).then(|| resume_address(&feed.name));
        SourceRow {
            open: open(&of, "source", &feed.name),
            resume,
            state: state(feed.is_paused, feed.waits, t),
            kind: if feed.is_http {
                t.feed_http
            } else {
                t.feed_configured
            },
            waiting: language.count(feed.waiting_rows),
            waits: (feed.waits).map_or("–".to_owned(), |waits| span(waits, language)),
            positions: language.count(feed.positions),
            name: feed.name,
        }
    });
    let (streams, rows) = (streams.collect(), sources.collect());
    let seconds = language.decimal(lag.as_secs_f64());
    let mut shell = Shell::new(&caller, t.feeds);
    shell.done = (caller.fields.get("done")).map(|_| t.source_resumed.to_owned());
    let page = FeedsPage {
        shell,
        lag: told(t.feed_lag, &[("seconds", &seconds)]),
        streams,
        rows,
        has_rejects,
    };
    Ok(answer::page(StatusCode::OK, &page))
}

/// Where a source is let go on.
pub(super) fn resume_address(name: &str) -> String {
    format!("/feeds/sources/{name}/resume")
}

fn stream_row(
    one: &Standing,
    expected: Option<Duration>,
    (language, now): (Language, i64),
) -> StreamRow {
    let t = language.page_messages();
    let at = |at: Option<i64>| at.map_or("–".to_owned(), |at| clock(language, at, now));
    let silent = one.silent.and_then(|millis| u64::try_from(millis).ok());
    StreamRow {
        name: language.stream(one.stream),
        state: standing::label(one.state, t),
        last: at(one.last_at),
        silent: silent.map_or("–".to_owned(), |millis| {
            span(Duration::from_millis(millis), language)
        }),
        expected: expected.map_or(t.stream_not_expected.to_owned(), |expected| {
            span(expected, language)
        }),
        complete: at(one.complete_at),
        open: None,
    }
}

/// A source whose rows wait for longer than this does not get on.
const SLOW: Duration = Duration::from_secs(120);

fn state(is_paused: bool, waits: Option<Duration>, t: &PageMessages) -> Label {
    let is_slow = waits.is_some_and(|waits| waits > SLOW);
    let (class, sign, text) = match (is_paused, is_slow) {
        (true, _) => ("withdrawn", "✕", t.feed_paused),
        (false, true) => ("moved", "⚠", t.feed_slow),
        (false, false) => ("holds", "✓", t.feed_running),
    };
    Label {
        class,
        sign,
        text: text.to_owned(),
    }
}

/// A span of time in its two largest units.
pub(super) fn span(span: Duration, language: Language) -> String {
    let t = language.page_messages();
    let seconds = span.as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    let parts = match (days, hours, minutes) {
        (0, 0, 0) => [(rest, t.unit_seconds), (0, "")],
        (0, 0, _) => [(minutes, t.unit_minutes), (0, "")],
        (0, _, _) => [(hours, t.unit_hours), (minutes, t.unit_minutes)],
        _ => [(days, t.unit_days), (hours, t.unit_hours)],
    };
    let [first, second] = parts.map(|(number, unit)| {
        let number = language.count(number);
        format!("{number}\u{a0}{unit}")
    });
    match parts[1].0 {
        0 => first,
        _ => format!("{first} {second}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_two_units() {
        let of = |seconds| span(Duration::from_secs(seconds), Language::English);
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (900, "15 min"),
            (3_600, "1 h"),
            (5_400, "1 h 30 min"),
            (86_400, "1 d"),
            (176_400, "2 d 1 h"),
        ] {
            assert_eq!(of(seconds).replace('\u{a0}', " "), text);
        }
    }
}
