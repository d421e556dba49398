//! `POST /v1/batches/{number}/undo`: what a batch did is led back, but for what somebody acted on since.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::Deserialize;

use super::super::super::caller::Caller;
use super::super::super::document;
use super::super::{Id, person};
use super::refused::batch_refused;
use super::{MAX_BYTES, after, number};
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::shared::App;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    note: Option<String>,
}

/// `POST /v1/batches/{number}/undo`.
pub(in crate::web::api) async fn undo(
    caller: Caller,
    State(app): State<App>,
    id: Id,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::ReviewAlerts, None)?;
    let (who, number) = (person(&caller, &app)?, number(id)?);
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let Document { note } = document::parse(&bytes, "note")?;
    let told = app.ask(move |app| {
        let desk = &app.desk;
        let done = desk.undo_batch(&who, number, note.as_deref());
        done.map_err(|why| batch_refused(desk, &who, &why))?;
        after(app, &who, number)
    });
    Ok(Json(told.await?).into_response())
}
