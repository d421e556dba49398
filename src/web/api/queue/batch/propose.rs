//! `POST /v1/batches`: something is asked for with all of a list, as it was told.
//!
//! Must hold: the set is the one that its author was told, by its mark; a field that the action does not take is refused.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::Deserialize;

use super::super::super::caller::Caller;
use super::super::super::document;
use super::super::act::{not_taken, verdict};
use super::super::person;
use super::refused::batch_refused;
use super::which::ListAsked;
use super::{MAX_BYTES, after};
use crate::review::{BATCH_ACTIONS, BatchAct, EvidenceDigest, WorkAction};
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::shared::App;

const FIELDS: &str = "list, mark, action, note, and as the action takes them assignee and verdict";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    list: ListAsked,
    mark: String,
    action: String,
    note: Option<String>,
    assignee: Option<String>,
    verdict: Option<String>,
}

/// `POST /v1/batches`.
pub(in crate::web::api) async fn propose(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::ReviewAlerts, None)?;
    let who = person(&caller, &app)?;
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let document = document::parse::<Document>(&bytes, FIELDS)?;
    let mark = EvidenceDigest::from_hex(&document.mark).ok_or_else(bad_mark)?;
    let asked = BatchAct {
        action: action(&document)?,
        verdict: document.verdict.as_deref().map(verdict).transpose()?,
        assignee: document.assignee,
        note: document.note.unwrap_or_default(),
    };
    let query = document.list.query()?;
    let told = app.ask(move |app| {
        let desk = &app.desk;
        let number = desk.propose_batch(&who, (&query, mark), &asked);
        let number = number.map_err(|why| batch_refused(desk, &who, &why))?;
        after(app, &who, number)
    });
    Ok(Json(told.await?).into_response())
}

/// What is to be done, where it takes what is said beside it.
fn action(document: &Document) -> Result<WorkAction, Problem> {
    let action = WorkAction::from_name(&document.action);
    let action = action.filter(|action| BATCH_ACTIONS.contains(action));
    let action = action.ok_or_else(|| {
        Problem::unprocessable(
            "unknown_action",
            "`action` is none that is done with a list as a whole",
            "take one that `allowed` of `GET /v1/batches/offer` names",
        )
    })?;
    if document.assignee.is_some() && action != WorkAction::Assign {
        return Err(not_taken("assignee"));
    }
    if document.verdict.is_some() && action != WorkAction::CloseTogether {
        return Err(not_taken("verdict"));
    }
    Ok(action)
}

fn bad_mark() -> Problem {
    Problem::unprocessable(
        "bad_mark",
        "`mark` is not 32 hexadecimal digits",
        "give the `mark` that `GET /v1/batches/offer` told of the list",
    )
}
