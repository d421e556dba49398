//! `POST /v1/loads/undo`: what loads brought is taken back, as if they had never come.

use std::collections::BTreeSet;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::json;

use super::caller::Caller;
use super::{document, rejects};
use crate::journal::LoadId;
use crate::web::access::AccessAction;
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::shared::App;

const MAX_BYTES: u64 = 256 << 10;
/// Loads that are undone at once.
pub(super) const MOST_LOADS: usize = 10_000;
const FIELDS: &str = "loads, a list of names such as 120.0";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    loads: Vec<String>,
}

pub(super) async fn undo(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::UndoLoads, None)?;
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let document = document::parse::<Document>(&bytes, FIELDS)?;
    let loads: Result<BTreeSet<LoadId>, _> =
        document.loads.iter().map(|load| load.parse()).collect();
    let loads = loads
        .ok()
        .filter(|loads| (1..=MOST_LOADS).contains(&loads.len()));
    let loads = loads.ok_or_else(|| {
        Problem::unprocessable(
            "bad_loads",
            "loads: expected 1 to 10,000 names such as 120.0, an epoch and a place in it",
            "take the names from `fundwatch loads`",
        )
    })?;
    let principal = caller.principal();
    let undone = app.ask(move |app| {
        // First the entry: what cannot be logged is not done.
        app.record_done(&*principal, AccessAction::UndoLoads, loads.len() as u64)?;
        let undone = app.steward.undo(&*principal, &loads);
        undone.map_err(|error| rejects::unchanged(error, no_such_load))
    });
    let undone = undone.await?;
    Ok(Json(json!({ "undone": undone.rows, "epoch": undone.epoch })).into_response())
}

fn no_such_load() -> Problem {
    Problem::not_found(
        "there is no such load",
        "take the names from `fundwatch loads`",
    )
}
