//! `GET /feeds/rejects`: the rows that were not accepted, where they came from and why.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::answer;
use super::app::App;
use super::caller::Caller;
use super::fault::Fault;
use super::filters::Choice;
use super::form::{Fields, query};
use super::label::Label;
use super::rejected::{RejectFault, RejectTold, RejectsAsked};
use super::shell::Shell;
use super::told::moment;
use crate::language::{Language, PageMessages, code_words};
use crate::mask;
use crate::record::{ErrorCode, Stream};
use crate::store::RejectState;
use crate::web::is_entry_code;

/// Rows on a page.
const PAGE: u32 = 50;
const LONGEST_SOURCE: usize = 64;

/// A rejected row in a list, or at the head of its page.
pub(super) struct RejectRow {
    pub id: u64,
    pub at: String,
    pub source: String,
    pub stream: &'static str,
    pub place: String,
    /// The stable code.
    pub code: &'static str,
    pub why: &'static str,
    pub column: Option<&'static str>,
    pub state: Label,
}

struct SourceChoice {
    value: String,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "rejects.html")]
struct RejectsListPage {
    shell: Shell,
    sources: Vec<SourceChoice>,
    streams: Vec<Choice>,
    codes: Vec<Choice>,
    states: Vec<Choice>,
    is_filtered: bool,
    rows: Vec<RejectRow>,
    first: Option<String>,
    next: Option<String>,
}

/// `GET /feeds/rejects`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let asked = asked(&caller.fields);
    let (viewer, query) = (caller.viewer()?, asked.clone());
    let found = app.ask(move |parts| {
        let page = parts.rejects.list(&viewer, &query).map_err(fault)?;
        let (feeds, _) = parts.feeds.feeds().map_err(|why| {
            tracing::error!(why, "sources cannot be told");
            Fault::Unavailable(None)
        })?;
        Ok((page, feeds))
    });
    let (found, feeds) = found.await?;
    let (language, t) = (caller.language, caller.texts());
    let source = |name: String| SourceChoice {
        is_chosen: asked.source.as_deref() == Some(&*name),
        value: name,
    };
    // Rows that were repaired wrongly come from the steward's own source, which is not configured.
    let own = asked.source.clone().into_iter();
    let own = own.filter(|name| feeds.iter().all(|feed| feed.name != *name));
    let names: Vec<String> = own
        .chain(feeds.iter().map(|feed| feed.name.clone()))
        .collect();
    let choice = |value: &'static str, text: &str, is_chosen: bool| Choice {
        value,
        text: text.to_owned(),
        is_chosen,
    };
    let streams = Stream::ALL.iter().map(|one| {
        let is_chosen = asked.stream == Some(*one);
        choice(one.name(), language.stream(*one), is_chosen)
    });
    let codes = ErrorCode::ALL.iter().map(|one| {
        let is_chosen = asked.code == Some(*one);
        choice(one.as_str(), code_words(*one, language), is_chosen)
    });
    let states = RejectState::ALL.iter().map(|one| {
        let text = state(*one, t).text;
        choice(one.as_str(), &text, asked.state == Some(*one))
    });
    let mut codes: Vec<Choice> = codes.collect();
    codes.sort_by(|a, b| a.text.cmp(&b.text));
    let page = RejectsListPage {
        shell: Shell::new(&caller, t.rejects),
        sources: names.into_iter().map(source).collect(),
        streams: streams.collect(),
        codes,
        states: states.collect(),
        is_filtered: RejectsAsked {
            after: None,
            ..asked.clone()
        } != of(None),
        rows: found.rejects.iter().map(|one| row(one, language)).collect(),
        first: asked.after.map(|_| address(&asked, None)),
        next: found.next.map(|next| address(&asked, Some(next))),
    };
    Ok(answer::page(StatusCode::OK, &page))
}

/// A rejected row as it is listed.
pub(super) fn row(told: &RejectTold, language: Language) -> RejectRow {
    let t = language.page_messages();
    // Whoever named a file may have named it after somebody.
    let file = told.file.as_deref().map(mask::text);
    let number = language.count(told.row);
    RejectRow {
        id: told.id,
        at: moment(language, told.received_at),
        source: told.source.clone(),
        stream: language.stream(told.stream),
        place: match file {
            Some(file) => format!("{file} · {number}"),
            None => number,
        },
        code: told.code.map_or("–", ErrorCode::as_str),
        why: told
            .code
            .map_or(t.reject_unknown, |code| code_words(code, language)),
        column: told.column,
        state: state(told.state, t),
    }
}

/// What became of a rejected row, as a sign and a word.
pub(super) fn state(state: RejectState, t: &PageMessages) -> Label {
    let (class, sign, text) = match state {
        RejectState::Open => ("moved", "○", t.reject_open),
        RejectState::Repaired => ("holds", "✓", t.reject_repaired),
        RejectState::Dismissed => ("archived", "–", t.reject_dismissed),
    };
    Label {
        class,
        sign,
        text: text.to_owned(),
    }
}

/// Why rejected rows are not shown.
pub(super) fn fault(fault: RejectFault) -> Fault {
    match fault {
        RejectFault::NotFound => Fault::NotFound,
        RejectFault::NotTheirs => Fault::Forbidden,
        RejectFault::Full => Fault::TooMany,
        RejectFault::Settled | RejectFault::StillWrong(_) | RejectFault::Unavailable => {
            Fault::Unavailable(None)
        }
    }
}

fn of(after: Option<u64>) -> RejectsAsked {
    RejectsAsked {
        after,
        limit: PAGE,
        ..RejectsAsked::default()
    }
}

/// What the query of an address asks for; what is not known is not asked for.
fn asked(fields: &Fields) -> RejectsAsked {
    let source = fields.filled("source");
    let source = source.filter(|name| is_entry_code(name, LONGEST_SOURCE));
    let named = |name: &'static str| fields.filled(name);
    let stream = named("stream").and_then(|name| {
        let mut streams = Stream::ALL.iter().copied();
        streams.find(|own| own.name() == name)
    });
    let code = named("code").and_then(|name| {
        let mut codes = ErrorCode::ALL.iter().copied();
        codes.find(|own| own.as_str() == name)
    });
    RejectsAsked {
        source: source.map(str::to_owned),
        stream,
        code,
        state: named("state").and_then(RejectState::from_name),
        ..of(named("after").and_then(|text| text.parse().ok()))
    }
}

fn address(asked: &RejectsAsked, after: Option<u64>) -> String {
    let text = |text: &str| text.to_owned();
    let parts = [
        ("source", asked.source.clone()),
        ("stream", asked.stream.map(|own| text(own.name()))),
        ("code", asked.code.map(|own| text(own.as_str()))),
        ("state", asked.state.map(|own| text(own.as_str()))),
        ("after", after.map(|after| after.to_string())),
    ];
    match query(&parts) {
        empty if empty.is_empty() => "/feeds/rejects".to_owned(),
        query => format!("/feeds/rejects?{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_asks_for_what_it_was_made_of() {
        let text = "source=hospital-files&stream=claims&code=bad_date&state=open&after=77";
        let query = asked(&Fields::read(text.as_bytes()));
        assert_eq!(query.code, Some(ErrorCode::BadDate));
        assert_eq!(
            address(&query, query.after),
            format!("/feeds/rejects?{text}")
        );
        assert_eq!(address(&of(None), None), "/feeds/rejects");
        let text = "source=079051000001&stream=x&code=y&state=z&after=-1";
        assert_eq!(asked(&Fields::read(text.as_bytes())), of(None));
    }
}
