//! `GET /mine`: what is somebody's own, the most pressing first.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::answer::{self, see};
use super::app::App;
use super::caller::Caller;
use super::changes::{self, SinceLink};
use super::fault::Fault;

use super::row::{Rows, Since, rows};
use super::shell::Shell;
use crate::access::Action;
use crate::review::{Item, Mine, Place};

struct Section {
    id: &'static str,
    count: String,
    rows: Rows,
}

#[derive(Template)]
#[template(path = "mine.html")]
struct MinePage {
    shell: Shell,
    since: SinceLink,
    sections: Vec<Section>,
    is_empty: bool,
}

/// `GET /`: the first page of a role.
pub(super) async fn landing(Extension(caller): Extension<Arc<Caller>>) -> Result<Response, Fault> {
    let session = caller.session()?;
    Ok(see(match () {
        _ if session.may(Action::ReviewAlerts) => "/mine",
        _ if session.may(Action::ReadAlerts) => "/queue",
        _ if session.may(Action::ReadStatus) => "/feeds",
        _ => "/account",
    }))
}

fn all(mine: &Mine) -> impl Iterator<Item = &Item> {
    let lists = [
        &mine.due,
        &mine.returned,
        &mine.moved,
        &mine.under_way,
        &mine.waiting,
        &mine.proposed,
    ];
    lists.into_iter().flatten()
}

/// `GET /mine`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let viewer = caller.viewer()?;
    let found = app.ask(move |parts| {
        // Asked first: what comes after it is not marked as seen.
        let here = parts.desk.here()?;
        let mine = parts.desk.mine(&viewer)?;
        let count = parts.desk.changed_count(&viewer, &Place::Mine)?;
        let items = all(&mine).cloned().collect::<Vec<Item>>();
        let kinds = parts.desk.changed_of(&viewer, &Place::Mine, &items)?;
        let ids = items.into_iter().map(|item| item.finding.alert_id);
        Ok((here, mine, count, ids.zip(kinds).collect::<Since>()))
    });
    let (here, mine, count, since) = found.await?;
    let (language, t) = (caller.language, caller.texts());
    let section = |(id, text, items): (&'static str, &str, Vec<Item>)| Section {
        id,
        count: language.count(items.len() as u64),
        rows: rows(&items, None, &caller, text.to_owned(), false).marked(&since),
    };
    let sections = [
        ("due", t.mine_due, mine.due),
        ("returned", t.mine_returned, mine.returned),
        ("moved", t.mine_moved, mine.moved),
        ("under-way", t.mine_under_way, mine.under_way),
        ("waiting", t.mine_waiting, mine.waiting),
        ("proposed", t.mine_proposed, mine.proposed),
    ];
    let mut shell = Shell::new(&caller, t.mine);
    shell.is_list = true;
    shell.done = changes::done(&caller);
    let shown = (here.epoch, here.event);
    let since = changes::link(&caller, &Place::Mine, count, shown);
    let sections: Vec<Section> = sections.into_iter().map(section).collect();
    let page = MinePage {
        shell,
        since,
        is_empty: sections.iter().all(|section| section.rows.rows.is_empty()),
        sections,
    };
    Ok(answer::page(StatusCode::OK, &page))
}
