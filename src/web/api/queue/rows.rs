//! `GET /v1/queue/{alert_id}/rows`: why an alert holds, and the rows behind it, masked.
//!
//! Must hold: nothing identifies a person of the registers; what a row says is of the language that is asked for.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LANGUAGE, VARY};
use http::{HeaderMap, HeaderValue};
use serde::Serialize;

use super::super::caller::Caller;
use super::super::language::accepted;
use super::refused::{unreadable, unusable};
use super::told::day;
use super::{Id, alert_id, no_such_alert, viewer};
use crate::case::Field;
use crate::web::cases::RowTold;
use crate::web::gate::Action;
use crate::web::parameters::Parameters;
use crate::web::problem::Problem;
use crate::web::shared::App;

#[derive(Serialize)]
struct Told {
    /// Why it holds, in one sentence.
    sentence: String,
    rows: Vec<Row>,
    /// How many there are; those of them that are told are the first.
    rows_in_all: u64,
    /// What asking for a row unmasked names: what the alert rests on.
    digest: String,
    /// The same: how many rows the caller had told unmasked.
    before: u32,
    /// Whether they may.
    can_reveal: bool,
}

#[derive(Serialize)]
struct Row {
    /// What asking for it unmasked names.
    number: usize,
    stream: &'static str,
    valid_from: Option<String>,
    valid_to: Option<String>,
    known_at: String,
    /// Where it lies.
    place: String,
    /// What it says, masked; none where its content was erased.
    texts: Option<Vec<String>>,
    /// The fields that are masked in it.
    masked: Vec<&'static str>,
}

/// `GET /v1/queue/{alert_id}/rows`.
pub(in crate::web::api) async fn rows(
    caller: Caller,
    State(app): State<App>,
    id: Id,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::ReadAlerts, None)?;
    parameters.end()?;
    let (id, who) = (alert_id(id)?, viewer(&caller)?);
    let (is_person, language) = (caller.principal().is_person(), accepted(&headers));
    let told = app.ask(move |app| {
        let desk = &app.desk;
        let item = desk.item(&who, &id).map_err(|error| unusable(&error))?;
        let item = item.ok_or_else(no_such_alert)?;
        let case = app.cases.case(&who, &id, language);
        // One that is not kept any more has nothing behind it.
        let case = case
            .map_err(|error| unreadable(&error))?
            .unwrap_or_default();
        let reveals = desk.reveals(&id).map_err(|error| unusable(&error))?;
        let own = reveals
            .iter()
            .filter(|one| is_person && one.actor == who.name);
        Ok(Told {
            before: u32::try_from(own.count()).unwrap_or(u32::MAX),
            sentence: case.sentence,
            rows: (1..).zip(case.rows).map(row).collect(),
            rows_in_all: case.rows_in_all,
            digest: item.finding.digest.to_string(),
            can_reveal: is_person && desk.may_reveal(&who, &item),
        })
    });
    let mut response = Json(told.await?).into_response();
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("Accept-Language"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    Ok(response)
}

fn row((number, row): (usize, RowTold)) -> Row {
    let (from, to) = row.valid.unzip();
    Row {
        number,
        stream: row.stream.name(),
        valid_from: from.map(day),
        valid_to: to.flatten().map(day),
        known_at: row.known_at.to_string(),
        place: row.place,
        texts: row.texts,
        masked: row.fields.into_iter().map(Field::as_str).collect(),
    }
}
