//! `/v1/sources`: what is read from, and letting it go on.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::alerts::unread;
use super::caller::Caller;
use super::rejects::unchanged;
use crate::web::access::AccessAction;
use crate::web::gate::Action;
use crate::web::parameters::Parameters;
use crate::web::problem::Problem;
use crate::web::shared::App;

const LONGEST_NAME: usize = 64;

pub(super) async fn all(
    caller: Caller,
    State(app): State<App>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::ReadSources, None)?;
    parameters.end()?;
    let principal = caller.principal();
    let sources = app.ask(move |app| app.reader.sources(&*principal).map_err(unread));
    let sources = sources.await?;
    Ok(Json(std::collections::BTreeMap::from([("sources", sources)])).into_response())
}

pub(super) async fn resume(
    caller: Caller,
    State(app): State<App>,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    caller.require(Action::ResumeSources, None)?;
    let name = name.map(|Path(name)| name).unwrap_or_default();
    if !is_name(&name) {
        return Err(no_such_source());
    }
    let principal = caller.principal();
    app.ask(move |app| {
        app.record_done(&*principal, AccessAction::ResumeSource, 1)?;
        let resumed = app.steward.resume(&*principal, &name);
        resumed.map_err(|error| unchanged(error, no_such_source))
    })
    .await?;
    Ok(Json(json!({ "state": "resumed" })).into_response())
}

fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(fits)
}

fn no_such_source() -> Problem {
    let remedy = "take a `name` from `GET /v1/sources`";
    Problem::not_found("there is no such source", remedy)
}
