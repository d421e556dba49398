//! `GET /v1/batches`: the batches that are the caller's to see, the latest first.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::super::super::caller::Caller;
use super::super::refused::unusable;
use super::super::viewer;
use super::told::{self, Line};
use crate::review::BatchState;
use crate::web::gate::Action;
use crate::web::parameters::Parameters;
use crate::web::problem::Problem;
use crate::web::shared::App;

/// Batches that are told.
const LISTED: usize = 50;

#[derive(Serialize)]
struct Told {
    batches: Vec<Line>,
}

/// `GET /v1/batches`.
pub(in crate::web::api) async fn list(
    caller: Caller,
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::ReviewAlerts, None)?;
    let state = parameters.one_of("state", BatchState::from_name)?;
    parameters.end()?;
    let (who, is_person) = (viewer(&caller)?, caller.principal().is_person());
    let batches = app.ask(move |app| {
        let found = app.desk.batches(&who, state, LISTED);
        let found = found.map_err(|error| unusable(&error))?;
        let told = found.iter().map(|one| told::line(one, &who, is_person));
        Ok(told.collect())
    });
    let batches = batches.await?;
    Ok(Json(Told { batches }).into_response())
}
