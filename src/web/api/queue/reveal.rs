//! `POST /v1/queue/{alert_id}/reveal`: one row behind an alert is told unmasked, once, for a purpose.
//!
//! Must hold: nothing is told before it is durable in the work history and in the access log who had it told, and why; the
//! values are in this answer and nowhere else; an alert that is not there, not theirs to see, or not theirs to work on, is
//! answered alike.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::super::caller::Caller;
use super::super::document;
use super::act::digest;
use super::refused::{refused, unreadable, unusable};
use super::told::FieldShown;
use super::{Id, alert_id, person};
use crate::language::Language;
use crate::review::{Purpose, Refused};
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::reveal::{self, NotShown, RowAsked};
use crate::web::shared::App;

/// Bytes of a document: the longest note, however its characters are escaped.
const MAX_BYTES: u64 = 64 << 10;
const FIELDS: &str = "row, before, digest, purpose and, where there is more to say, note";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    row: u32,
    before: u32,
    digest: String,
    purpose: String,
    note: Option<String>,
}

#[derive(Serialize)]
struct Told {
    row: u32,
    stream: &'static str,
    /// What is masked otherwise; a field as often as the row has it.
    fields: Vec<FieldShown>,
}

/// `POST /v1/queue/{alert_id}/reveal`.
pub(in crate::web::api) async fn reveal(
    caller: Caller,
    State(app): State<App>,
    id: Id,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::Reveal, None)?;
    let who = person(&caller, &app)?;
    let id = alert_id(id).map_err(|_| no_such_alert())?;
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let asked = asked(document::parse(&bytes, FIELDS)?)?;
    let told = app.ask(move |app| {
        let desk = &app.desk;
        let item = desk.item(&who, &id).map_err(|error| unusable(&error))?;
        let item = item.ok_or_else(no_such_alert)?;
        // Values are told as the row has them, and not in words.
        let language = Language::English;
        let shown = reveal::reveal((desk, &*app.cases), &who, &item, &asked, language);
        let shown = shown.map_err(|why| match why {
            NotShown::Refused(Refused::NotFound) => no_such_alert(),
            NotShown::Refused(why) => refused(desk, &who, &why),
            NotShown::NoPurpose => no_purpose(),
            NotShown::NoRow => no_such_row(),
            NotShown::Unreadable(error) => unreadable(&error),
        })?;
        Ok(Told {
            row: asked.row,
            stream: shown.stream.name(),
            fields: shown.values.into_iter().map(FieldShown::from).collect(),
        })
    });
    Ok(Json(told.await?).into_response())
}

fn asked(document: Document) -> Result<RowAsked, Problem> {
    let purpose = Purpose::from_name(&document.purpose);
    Ok(RowAsked {
        row: document.row,
        before: document.before,
        digest: digest(&document.digest)?,
        purpose: Some(purpose.ok_or_else(no_purpose)?),
        note: document.note,
    })
}

fn no_purpose() -> Problem {
    Problem::unprocessable(
        "unknown_purpose",
        "`purpose` is no code of a purpose",
        "take one of the list of `Purpose` in the description of the API",
    )
}

fn no_such_row() -> Problem {
    Problem::unprocessable(
        "no_such_row",
        "the alert has no such row, it was erased, or nothing in it is masked",
        "take the `number` of a row of `GET /v1/queue/{alert_id}/rows` that has something in `masked`",
    )
}

/// There is none, or none of theirs to work on: which, is not told.
fn no_such_alert() -> Problem {
    Problem::not_found(
        "there is no such alert, or none that the caller has or supervises",
        "take the alert first, or leave it to whoever has it",
    )
}
