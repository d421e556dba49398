//! `GET /v1/corrections`: requests for corrections, those that are due first; or those that are answered, the last first.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::super::super::caller::Caller;
use super::super::refused::unusable;
use super::super::told::{day, time};
use super::super::viewer;
use crate::record::{Day, Instant};
use crate::review::CorrectionLine;
use crate::web::gate::Action;
use crate::web::parameters::Parameters;
use crate::web::problem::Problem;
use crate::web::shared::App;

#[derive(Serialize)]
struct Told {
    corrections: Vec<Line>,
}

/// A request in a list: nothing that was typed.
#[derive(Serialize)]
struct Line {
    reference: String,
    at: String,
    /// The day on which the answer is due.
    due: String,
    is_late: bool,
    database: &'static str,
    field: &'static str,
    state: &'static str,
    handler: Option<String>,
}

/// `GET /v1/corrections`.
pub(in crate::web::api) async fn list(
    caller: Caller,
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::AnswerCorrections, None)?;
    let is_open = parameters.one_of("view", |word| match word {
        "open" => Some(true),
        "answered" => Some(false),
        _ => None,
    })?;
    parameters.end()?;
    let who = viewer(&caller)?;
    let corrections = app.ask(move |app| {
        let found = app.desk.corrections(&who, is_open.unwrap_or(true));
        let found = found.map_err(|error| unusable(&error))?;
        let now = Instant::from_millis(app.desk.now()).unwrap_or(Instant::MAX);
        let told = found.into_iter().map(|one| line(one, now.day()));
        Ok(told.collect())
    });
    let corrections = corrections.await?;
    Ok(Json(Told { corrections }).into_response())
}

fn line(line: CorrectionLine, today: Day) -> Line {
    Line {
        reference: line.reference,
        at: time(line.at),
        due: day(line.due),
        is_late: line.state.is_open() && line.due < today,
        database: line.stream.name(),
        field: line.field.as_str(),
        state: line.state.as_str(),
        handler: line.handler,
    }
}
