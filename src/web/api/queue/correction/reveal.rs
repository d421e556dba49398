//! `POST /v1/corrections/{reference}/reveal`: the number of whom a request is about, for who looks into it.
//!
//! Must hold: it is durable in the history of the request and in the access log who had it told before it is; as many an
//! hour as of rows behind alerts, counted together.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::super::super::caller::Caller;
use super::super::told::FieldShown;
use super::super::{Id, person};
use super::reference;
use super::refused::correction_refused;
use crate::case::Field;
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::shared::App;

#[derive(Serialize)]
struct Told {
    reference: String,
    fields: [FieldShown; 1],
}

/// `POST /v1/corrections/{reference}/reveal`.
pub(in crate::web::api) async fn reveal(
    caller: Caller,
    State(app): State<App>,
    id: Id,
) -> Result<Response, Problem> {
    caller.require(Action::AnswerCorrections, None)?;
    let (who, reference) = (person(&caller, &app)?, reference(id)?);
    let told = app.ask(move |app| {
        let desk = &app.desk;
        let number = desk.reveal_correction(&who, &reference);
        let number = number.map_err(|why| correction_refused(desk, why))?;
        Ok(Told {
            reference,
            fields: [FieldShown::from((Field::PersonalId, number))],
        })
    });
    Ok(Json(told.await?).into_response())
}
