//! `GET /v1/status`: what the service does.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::alerts::unread;
use super::caller::Caller;
use crate::web::gate::Action;
use crate::web::parameters::Parameters;
use crate::web::problem::Problem;
use crate::web::shared::App;

pub(super) async fn status(
    caller: Caller,
    State(app): State<App>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::ReadStatus, None)?;
    parameters.end()?;
    let principal = caller.principal();
    let status = app.ask(move |app| app.reader.status(&*principal).map_err(unread));
    Ok(Json(status.await?).into_response())
}
