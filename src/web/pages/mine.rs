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
use super::fault::Fault;

use super::row::{Rows, rows};
use super::shell::Shell;
use crate::access::Action;
use crate::review::Item;

struct Section {
    id: &'static str,
    count: String,
    rows: Rows,
}

#[derive(Template)]
#[template(path = "mine.html")]
struct MinePage {
    shell: Shell,
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

/// `GET /mine`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let viewer = caller.viewer()?;
    let mine = app.ask(move |parts| Ok(parts.desk.mine(&viewer)?)).await?;
    let (language, t) = (caller.language, caller.texts());
    let section = |(id, text, items): (&'static str, &str, Vec<Item>)| Section {
        id,
        count: language.count(items.len() as u64),
        rows: rows(&items, None, &caller, text.to_owned(), false),
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
    let sections: Vec<Section> = sections.into_iter().map(section).collect();
    let page = MinePage {
        shell,
        is_empty: sections.iter().all(|section| section.rows.rows.is_empty()),
        sections,
    };
    Ok(answer::page(StatusCode::OK, &page))
}
