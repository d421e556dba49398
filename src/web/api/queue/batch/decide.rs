//! `POST /v1/batches/{number}/decide`: somebody else's batch is approved, or returned.
//!
//! Must hold: whoever proposed it does not approve it, through whatever they come; why it is returned is said.

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
use crate::review::BatchDecision;
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::shared::App;

const FIELDS: &str = "decision and, as it takes one, note";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    decision: String,
    note: Option<String>,
}

/// `POST /v1/batches/{number}/decide`.
pub(in crate::web::api) async fn decide(
    caller: Caller,
    State(app): State<App>,
    id: Id,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::ReviewAlerts, None)?;
    let (who, number) = (person(&caller, &app)?, number(id)?);
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let Document { decision, note } = document::parse(&bytes, FIELDS)?;
    let decision = match &*decision {
        "approve" => BatchDecision::Approve,
        "return" => BatchDecision::Return,
        _ => {
            return Err(Problem::unprocessable(
                "unknown_decision",
                "`decision` is neither `approve` nor `return`",
                "take one of those",
            ));
        }
    };
    let told = app.ask(move |app| {
        let desk = &app.desk;
        let done = desk.decide_batch(&who, number, (decision, note.as_deref()));
        done.map_err(|why| batch_refused(desk, &who, &why))?;
        after(app, &who, number)
    });
    Ok(Json(told.await?).into_response())
}
