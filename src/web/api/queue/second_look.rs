//! `POST /v1/queue/{alert_id}/second-look`: an approver's own verdict, before the proposed one is told.
//!
//! Must hold: it is kept before the proposed one is told, and the first stands: whoever looks again is told what they found
//! at first.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::super::caller::Caller;
use super::super::document;
use super::act::verdict;
use super::refused::refused;
use super::{Id, alert_id, person};
use crate::review::WorkState;
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::shared::App;

const MAX_BYTES: u64 = 4 << 10;
const FIELDS: &str = "version and verdict";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    verdict: String,
}

#[derive(Serialize)]
struct Compared {
    /// What they found, at first.
    own: &'static str,
    proposed: &'static str,
    is_same: bool,
}

/// `POST /v1/queue/{alert_id}/second-look`.
pub(in crate::web::api) async fn second_look(
    caller: Caller,
    State(app): State<App>,
    id: Id,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::ApproveVerdicts, None)?;
    let (who, id) = (person(&caller, &app)?, alert_id(id)?);
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let asked = document::parse::<Document>(&bytes, FIELDS)?;
    let own = verdict(&asked.verdict)?;
    let compared = app.ask(move |app| {
        let desk = &app.desk;
        let looked = desk.look(&who, &id, (asked.version, own));
        let (item, own) = looked.map_err(|why| refused(desk, &who, &why))?;
        let is_proposed = item.work.state == WorkState::Proposed;
        let proposed = item.work.decided.filter(|_| is_proposed);
        let proposed = proposed.ok_or_else(nothing_to_approve)?.verdict;
        Ok(Compared {
            own: own.as_str(),
            proposed: proposed.as_str(),
            is_same: own == proposed,
        })
    });
    Ok(Json(compared.await?).into_response())
}

fn nothing_to_approve() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "nothing_to_approve",
        "nothing is proposed for the alert that the caller may approve",
        "look at what `allowed` of the alert names",
    )
}
