//! `GET /access-log`: who saw and changed what, the newest first, and how the log stands.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::access_row::{LogRows, may_open};
use super::access_words::{done, names};
use super::answer;
use super::app::App;
use super::caller::Caller;
use super::fault::Fault;
use super::filters::Choice;
use super::form::{Fields, query};
use super::label::Label;
use super::shell::Shell;
use super::told::{moment, told};
use crate::language::{Language, PageMessages};
use crate::record::Day;
use crate::web::is_entry_code;
use crate::web::watched::{LogQuery, LogStanding};

/// Entries on a page.
const PAGE: u32 = 50;
/// The longest id of an entry.
const LONGEST_ID: usize = 128;

#[derive(Template)]
#[template(path = "access_log.html")]
struct AccessLogPage {
    shell: Shell,
    lines: String,
    signed: String,
    verified: String,
    state: Label,
    is_damaged: bool,
    actor: String,
    actions: Vec<Choice>,
    object: String,
    from: String,
    to: String,
    is_filtered: bool,
    rows: LogRows,
    first: Option<String>,
    next: Option<String>,
}

/// `GET /access-log`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let asked = asked(&caller.fields);
    let (viewer, query) = (caller.viewer()?, asked.clone());
    let found = app.ask(move |parts| {
        let found = parts.access_log.read(&viewer, &query).map_err(unread)?;
        let open = may_open(parts, &viewer, &found.entries)?;
        Ok((found, open, parts.access_log.standing()))
    });
    let (found, open, standing) = found.await?;
    let (language, t) = (caller.language, caller.texts());
    let action = |name: &'static str| Choice {
        value: name,
        text: done(name, language).unwrap_or(name).to_owned(),
        is_chosen: asked.action.as_deref() == Some(name),
    };
    let mut actions: Vec<Choice> = names().map(action).collect();
    actions.sort_by(|a, b| a.text.cmp(&b.text));
    let at = |at: Option<i64>| at.map_or(t.log_never.to_owned(), |at| moment(language, at));
    let day = |day: Option<Day>| day.map_or(String::new(), day_text);
    let page = AccessLogPage {
        lines: language.count(standing.lines),
        signed: at(standing.signed_at),
        verified: at(standing.verified_at),
        state: state(&standing, t),
        is_damaged: standing.is_damaged,
        actor: asked.actor.clone().unwrap_or_default(),
        actions,
        object: asked.object.clone().unwrap_or_default(),
        from: day(asked.from),
        to: day(asked.to),
        is_filtered: LogQuery {
            before: None,
            ..asked.clone()
        } != of(None),
        rows: LogRows::new(found.entries, &open, caption(&asked, language), language),
        first: asked.before.map(|_| address(&asked, None)),
        next: found.next.map(|next| address(&asked, Some(next))),
        shell: Shell::new(&caller, t.access_log),
    };
    Ok(answer::page(StatusCode::OK, &page))
}

/// A day as browsers and addresses write it.
pub(super) fn day_text(day: Day) -> String {
    let (year, month, day) = day.civil();
    format!("{year:04}-{month:02}-{day:02}")
}

/// Why the log is not shown.
pub(super) fn unread(why: &'static str) -> Fault {
    tracing::error!(why, "the access log is not shown");
    Fault::Unavailable(None)
}

fn caption(asked: &LogQuery, language: Language) -> String {
    let t = language.page_messages();
    match asked.before {
        None => t.log_caption.to_owned(),
        Some(before) => told(t.log_caption_before, &[("n", &language.count(before))]),
    }
}

fn state(standing: &LogStanding, t: &PageMessages) -> Label {
    let (class, sign, text) = match (standing.is_damaged, standing.verified_at) {
        (true, _) => ("withdrawn", "✕", t.log_damaged),
        (false, Some(_)) => ("holds", "✓", t.log_whole),
        (false, None) => ("waiting", "◷", t.log_unverified),
    };
    Label {
        class,
        sign,
        text: text.to_owned(),
    }
}

fn of(before: Option<u64>) -> LogQuery {
    LogQuery {
        before,
        limit: PAGE,
        ..LogQuery::default()
    }
}

/// What the query of an address asks for; what is no code is not asked for.
fn asked(fields: &Fields) -> LogQuery {
    let code = |name| {
        let text = fields.filled(name);
        text.filter(|text| is_entry_code(text, LONGEST_ID))
            .map(str::to_owned)
    };
    let action = fields.filled("action");
    LogQuery {
        actor: code("actor"),
        action: action.and_then(|name| names().find(|own| *own == name).map(str::to_owned)),
        object: code("object"),
        from: fields.day("from"),
        to: fields.day("to"),
        ..of(fields.filled("before").and_then(|text| text.parse().ok()))
    }
}

fn address(asked: &LogQuery, before: Option<u64>) -> String {
    let day = |day: Option<Day>| day.map(day_text);
    let parts = [
        ("actor", asked.actor.clone()),
        ("action", asked.action.clone()),
        ("object", asked.object.clone()),
        ("from", day(asked.from)),
        ("to", day(asked.to)),
        ("before", before.map(|before| before.to_string())),
    ];
    match query(&parts) {
        empty if empty.is_empty() => "/access-log".to_owned(),
        query => format!("/access-log?{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_asks_for_what_it_was_made_of() {
        let text = "actor=lan.tran&action=open_alert&object=0123456789abcdef0123456789abcdef\
                    &from=2026-11-01&to=2026-11-27&before=77";
        let query = asked(&Fields::read(text.as_bytes()));
        assert_eq!(query.actor.as_deref(), Some("lan.tran"));
        assert_eq!(address(&query, query.before), format!("/access-log?{text}"));
        assert_eq!(address(&of(None), None), "/access-log");
    }

    #[test]
    fn what_may_be_a_person_is_not_asked_for() {
        let text =
            "actor=Nguy%E1%BB%85n+V%C4%83n+A&object=HT3797900000001&action=dance&from=x&before=y";
        assert_eq!(asked(&Fields::read(text.as_bytes())), of(None));
        let number = asked(&Fields::read(b"object=001090012345"));
        assert_eq!(number.object, None);
    }
}
