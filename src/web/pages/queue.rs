//! `GET /queue`: views, filters, and alerts to work on.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::answer;
use super::app::App;
use super::bulk::{self, BulkForm};
use super::caller::Caller;
use super::changes::{self, SinceLink};
use super::fault::Fault;
use super::filters::{self, FilterForm};

use super::parts::colleagues;
use super::row::{Rows, Since, rows};
use super::shell::{Shell, complete};
use super::told::{clock, told};
use crate::access::Action;
use crate::review::{Cursor, Place, QueueQuery, View};

/// A view at the left.
pub(super) struct ViewLink {
    pub address: String,
    pub text: &'static str,
    pub count: Option<String>,
    pub is_current: bool,
}

#[derive(Template)]
#[template(path = "queue.html")]
struct QueuePage {
    shell: Shell,
    since: SinceLink,
    views: Vec<ViewLink>,
    filters: FilterForm,
    rows: Rows,
    shown: String,
    empty: String,
    first: Option<String>,
    next: Option<String>,
    clear: String,
    bulk: Option<BulkForm>,
    /// Acts on all of the list.
    batch: Option<String>,
    undo: Option<String>,
    /// Takes all of the list away.
    sheet: Option<String>,
}

/// `GET /queue`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let asked = filters::asked(&caller.fields);
    let (viewer, query) = (caller.viewer()?, asked.clone());
    let session = caller.session()?;
    let is_reviewer = session.may(Action::ReviewAlerts);
    let assigns = session.may(Action::AssignAlerts);
    let exports = session.may(Action::Export);
    let place = Place::List(asked.view);
    let of = place.clone();
    let (found, counts, colleagues, count, since) = app
        .ask(move |parts| {
            let found = parts.desk.queue(&viewer, &query)?;
            let counts = parts.desk.counts(&viewer)?;
            let colleagues = match assigns {
                true => colleagues(parts, &viewer)?,
                false => Vec::new(),
            };
            let count = parts.desk.changed_count(&viewer, &of)?;
            let kinds = parts.desk.changed_of(&viewer, &of, &found.items)?;
            let ids = found.items.iter().map(|item| &item.finding.alert_id);
            let since: Since = ids.cloned().zip(kinds).collect();
            Ok((found, counts, colleagues, count, since))
        })
        .await?;
    let (language, t) = (caller.language, caller.texts());
    let view = |view: &View| ViewLink {
        address: filters::address(&of_view(*view)),
        text: view.text(language),
        count: (counts.iter().find(|(own, _)| own == view))
            .map(|(_, count)| language.count(*count)),
        is_current: *view == asked.view,
    };
    let is_form = is_reviewer && !found.items.is_empty();
    let bulk = is_form.then(|| bulk::form(assigns, colleagues, language));
    let at = caller.frontier.map_or(0, |frontier| frontier.at);
    let at = clock(language, at, caller.now);
    let caption = told(
        t.list_caption,
        &[("view", asked.view.text(language)), ("at", &at)],
    );
    let shown = language.count(found.items.len() as u64);
    let form = filters::form(&asked, language);
    let complete = complete(&caller);
    let empty = match (form.is_used, complete.worst.as_deref()) {
        (true, _) => t.empty_filtered.to_owned(),
        (false, None) if complete.is_behind() => told(t.empty_not_complete, &[("at", &at)]),
        (false, None) => told(t.empty_complete, &[("at", &at)]),
        (false, Some(worst)) => told(t.empty_stream_behind, &[("stream", worst)]),
    };
    let mut shell = Shell::new(&caller, t.queue);
    shell.is_list = true;
    shell.done = match caller.fields.get("end") {
        Some(_) => Some(t.no_next.to_owned()),
        None => bulk::done(&caller).or_else(|| changes::done(&caller)),
    };
    let follows = |after: Option<Cursor>| {
        let as_of = after.is_some().then_some(found.as_of);
        filters::address(&QueueQuery {
            after,
            as_of,
            ..asked.clone()
        })
    };
    let page = QueuePage {
        shell,
        views: View::ALL.iter().map(view).collect(),
        filters: form,
        shown: told(t.shown_count, &[("count", &shown)]),
        empty,
        first: asked.after.is_some().then(|| follows(None)),
        next: found.next.clone().map(|next| follows(Some(next))),
        clear: filters::address(&of_view(asked.view)),
        batch: bulk
            .is_some()
            .then(|| whole("/batches/new", &asked, found.as_of)),
        undo: undo(&caller),
        sheet: exports.then(|| whole("/queue.csv", &asked, found.as_of)),
        rows: rows(
            &found.items,
            Some(asked.view),
            &caller,
            caption,
            bulk.is_some(),
        )
        .marked(&since),
        since: changes::link(&caller, &place, count, (found.as_of, 0)),
        bulk,
    };
    Ok(answer::page(StatusCode::OK, &page))
}

/// Where all of a list is had, as far as its pages go.
fn whole(path: &str, asked: &QueueQuery, as_of: u64) -> String {
    let whole = QueueQuery {
        after: None,
        as_of: Some(as_of),
        ..asked.clone()
    };
    let address = filters::address(&whole);
    format!("{path}{}", address.trim_start_matches("/queue"))
}

/// Where what was just done is undone.
fn undo(caller: &Caller) -> Option<String> {
    let number: u32 = caller.fields.filled("batch")?.parse().ok()?;
    Some(format!("/batches/{number}"))
}

fn of_view(view: View) -> QueueQuery {
    QueueQuery {
        view,
        filters: crate::review::Filters::default(),
        as_of: None,
        after: None,
        limit: filters::PAGE,
    }
}
