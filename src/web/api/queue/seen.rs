//! `POST /v1/changes/seen`: somebody has seen a list, what they have, or an alert, up to somewhere.
//!
//! Must hold: what was seen before stays seen, and nothing is seen that has not happened; an alert that is not theirs is as
//! one that is not there.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::json;

use super::super::caller::Caller;
use super::super::document::{self, Count};
use super::refused::unusable;
use super::{no_such_alert, person};
use crate::review::{Place, is_alert_id};
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::shared::App;

const MAX_BYTES: u64 = 4 << 10;
const FIELDS: &str = "place or alert_id, epoch and event";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    place: Option<String>,
    alert_id: Option<String>,
    epoch: Count,
    event: Count,
}

/// `POST /v1/changes/seen`.
pub(in crate::web::api) async fn seen(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::ReadAlerts, None)?;
    let who = person(&caller, &app)?;
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let asked = document::parse::<Document>(&bytes, FIELDS)?;
    let (place, seen) = (place(&asked)?, (asked.epoch.0, asked.event.0));
    app.ask(move |app| {
        let desk = &app.desk;
        if let Place::Alert(id) = &place
            && !desk.is_theirs(&who, id).map_err(|error| unusable(&error))?
        {
            return Err(no_such_alert());
        }
        let marked = desk.mark_seen(&who, &place, seen);
        marked.map_err(|error| unusable(&error))
    })
    .await?;
    Ok(Json(json!({ "state": "seen" })).into_response())
}

fn place(asked: &Document) -> Result<Place, Problem> {
    match (&asked.place, &asked.alert_id) {
        (Some(name), None) => Place::from_name(name).ok_or_else(|| {
            Problem::unprocessable(
                "unknown_place",
                "`place` is neither `mine` nor a `view` of `GET /v1/queue`",
                "take one of those",
            )
        }),
        (None, Some(id)) if is_alert_id(id) => Ok(Place::Alert(id.clone())),
        (None, Some(_)) => Err(no_such_alert()),
        _ => Err(Problem::unprocessable(
            "one_place",
            "either `place` or `alert_id` is given, and not both",
            "name one thing that was seen",
        )),
    }
}
