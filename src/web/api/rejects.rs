//! `/v1/rejects`: the rows that were not accepted, and what becomes of them.

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::json;

use super::alerts::{listed, unread};
use super::caller::Caller;
use super::{document, push};
use crate::web::access::AccessAction;
use crate::web::gate::Action;
use crate::web::parameters::{Parameters, is_word};
use crate::web::problem::Problem;
use crate::web::reader::RejectQuery;
use crate::web::shared::App;
use crate::web::steward::StewardError;

/// Bytes of a row that is sent in the place of another.
const MAX_ROW: u64 = 1 << 20;
const MAX_REASON: u64 = 4 << 10;

type Id = Result<Path<String>, PathRejection>;

pub(super) async fn page(
    caller: Caller,
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::ReadRejects, None)?;
    let (limit, page) = parameters.page(&app.read)?;
    let stream = match parameters.word("stream")? {
        None => None,
        Some(name) => Some(push::stream(&name).ok_or_else(|| {
            let detail = "the value of the parameter `stream` is not known";
            Problem::bad(
                "bad_parameter",
                detail,
                "correct the parameter, or leave it out",
            )
        })?),
    };
    let query = RejectQuery {
        stream,
        code: parameters.word("code")?,
        state: parameters.word("state")?,
        limit,
        page,
    };
    parameters.end()?;
    let principal = caller.principal();
    let page = app.ask(move |app| {
        let page = app.reader.rejects(&*principal, &query).map_err(unread)?;
        let objects = page.items.len() as u64;
        app.record_done(&*principal, AccessAction::ReadRejects, objects)?;
        Ok(page)
    });
    Ok(listed("rejects", page.await?))
}

pub(super) async fn one(
    caller: Caller,
    State(app): State<App>,
    id: Id,
) -> Result<Response, Problem> {
    caller.require(Action::ReadRejects, None)?;
    let id = number(id)?;
    let principal = caller.principal();
    let reject = app.ask(move |app| {
        let reject = app.reader.reject(&*principal, id).map_err(unread)?;
        let reject = reject.ok_or_else(no_such_reject)?;
        app.record_done(&*principal, AccessAction::ReadRejects, 1)?;
        Ok(reject)
    });
    Ok(Json(reject.await?).into_response())
}

pub(super) async fn repair(
    caller: Caller,
    State(app): State<App>,
    id: Id,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::SettleRejects, None)?;
    let id = number(id)?;
    let row = document::bytes(&caller, &app, &headers, body, MAX_ROW).await?;
    let principal = caller.principal();
    let receipt = app.ask(move |app| {
        app.record_done(&*principal, AccessAction::RepairReject, 1)?;
        let receipt = app.steward.repair(&*principal, id, row);
        receipt.map_err(|error| unchanged(error, no_such_reject))
    });
    Ok(push::taken(&receipt.await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dismissal {
    reason: String,
}

pub(super) async fn dismiss(
    caller: Caller,
    State(app): State<App>,
    id: Id,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::SettleRejects, None)?;
    let id = number(id)?;
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_REASON).await?;
    let Dismissal { reason } = document::parse(&bytes, "reason")?;
    if !is_word(&reason) {
        let detail = "`reason` is not a word of lower-case letters, digits and `_`";
        let remedy = "give the reason as one word, without names or numbers of people";
        return Err(Problem::unprocessable("bad_reason", detail, remedy));
    }
    let principal = caller.principal();
    app.ask(move |app| {
        app.record_done(&*principal, AccessAction::DismissReject, 1)?;
        let dismissed = app.steward.dismiss(&*principal, id, &reason);
        dismissed.map_err(|error| unchanged(error, no_such_reject))
    })
    .await?;
    Ok(Json(json!({ "state": "dismissed" })).into_response())
}

fn number(id: Id) -> Result<u64, Problem> {
    let text = id.map(|Path(text)| text).unwrap_or_default();
    // As it is given out: no sign, no leading zero.
    let number = text.parse::<u64>().ok();
    number
        .filter(|number| number.to_string() == text)
        .ok_or_else(no_such_reject)
}

fn no_such_reject() -> Problem {
    let remedy = "take an `id` from `GET /v1/rejects`";
    Problem::not_found("there is no such rejected row", remedy)
}

/// The problem that an error of the steward is told as.
pub(super) fn unchanged(error: StewardError, no_such_thing: fn() -> Problem) -> Problem {
    match error {
        StewardError::NotFound => no_such_thing(),
        StewardError::NotTheirs => Problem::forbidden(),
        StewardError::Settled(detail) => {
            Problem::conflict("already_settled", detail, "nothing is left to be done")
        }
        StewardError::StillWrong { code } => Problem::unprocessable(
            code,
            "the row is rejected for this code, and the reject stays open",
            "correct the row",
        ),
        StewardError::BadField {
            code,
            field,
            expected,
        } => {
            let detail = format!("`{field}`: {expected}");
            Problem::unprocessable(code, detail, "correct the field")
        }
        StewardError::NotUndoable(detail) => {
            let remedy = "send rows that correct those of the load";
            Problem::conflict("not_undoable", detail, remedy)
        }
        StewardError::NotConfigured(detail) => {
            let remedy = "nothing is left to be done; see the configuration";
            Problem::conflict("not_configured", detail, remedy)
        }
        StewardError::Push(error) => push::refused(error),
        StewardError::Unavailable(reason) => {
            let a_while = std::time::Duration::from_secs(10);
            Problem::unavailable("unavailable", reason, a_while)
        }
    }
}
