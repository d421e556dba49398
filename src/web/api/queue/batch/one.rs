//! `GET /v1/batches/{number}`: a batch, what came of it, and some of its alerts.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::super::super::caller::Caller;
use super::super::refused::unusable;
use super::super::{Id, viewer};
use super::{no_such_batch, number, told};
use crate::web::gate::Action;
use crate::web::parameters::Parameters;
use crate::web::problem::Problem;
use crate::web::shared::App;

/// `GET /v1/batches/{number}`.
pub(in crate::web::api) async fn one(
    caller: Caller,
    State(app): State<App>,
    id: Id,
    parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::ReviewAlerts, None)?;
    parameters.end()?;
    let (number, who) = (number(id)?, viewer(&caller)?);
    let is_person = caller.principal().is_person();
    let whole = app.ask(move |app| {
        let found = app.desk.batch(&who, number);
        let found = found.map_err(|error| unusable(&error))?;
        let found = found.ok_or_else(no_such_batch)?;
        Ok(told::whole(found, &who, is_person))
    });
    Ok(Json(whole.await?).into_response())
}
