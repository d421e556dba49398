//! `POST /search`: the alerts of a person, found by a number of theirs. `GET /search`: the form alone.
//!
//! Must hold: the number is in the body of the request and nowhere else: no address, no page and no log has it; what is
//! found is told by a pseudonym; the search is in the access log before it is answered.

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
use super::shell::Shell;
use super::told::{clock, told};
use crate::review::{PersonNumber, Refused};

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    shell: Shell,
    none: Option<String>,
}

fn show(
    caller: &Caller,
    status: StatusCode,
    refused: Option<String>,
    none: Option<String>,
) -> Response {
    let mut shell = Shell::new(caller, caller.texts().search);
    shell.refused = refused;
    answer::page(status, &SearchPage { shell, none })
}

/// `GET /search`.
pub(super) async fn page(Extension(caller): Extension<Arc<Caller>>) -> Response {
    show(&caller, StatusCode::OK, None, None)
}

/// `POST /search`.
pub(super) async fn search(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let t = caller.texts();
    let typed = caller.fields.get("number").unwrap_or_default();
    let Some(number) = PersonNumber::read(typed) else {
        let why = t.search_bad.to_owned();
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(show(&caller, status, Some(why), None));
    };
    let viewer = caller.viewer()?;
    let answer = app.ask(move |parts| Ok(parts.desk.search(&viewer, number)));
    let at = |millis| clock(caller.language, millis, caller.now);
    match answer.await? {
        Ok(Some(group)) => Ok(see(&format!("/groups/{group}"))),
        Ok(None) => {
            let up_to = caller.frontier.filter(|own| own.epoch.is_some());
            let none = match up_to {
                Some(up_to) => told(t.search_none, &[("at", &at(up_to.at))]),
                None => t.search_none_unknown.to_owned(),
            };
            Ok(show(&caller, StatusCode::OK, None, Some(none)))
        }
        Err(Refused::Spent { next }) => {
            let why = told(t.search_spent, &[("at", &at(next))]);
            let status = StatusCode::TOO_MANY_REQUESTS;
            Ok(show(&caller, status, Some(why), None))
        }
        Err(error) => {
            tracing::error!(%error, "a search cannot be kept");
            Err(Fault::Unavailable(None))
        }
    }
}
