//! `POST /v1/corrections/{reference}/act`: a request for a correction is looked into, given back, or answered.
//!
//! Must hold: what is done names the version that was looked at; an answer is given with what answers alone.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::super::super::caller::Caller;
use super::super::super::document::{self, Count};
use super::super::act::not_taken;
use super::super::{Id, person};
use super::refused::correction_refused;
use super::{ACTIONS, reference};
use crate::review::CorrectionAction;
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::shared::App;

/// Bytes of a document: the longest answer, however its characters are escaped.
const MAX_BYTES: u64 = 32 << 10;
const FIELDS: &str = "action, version and, as the action takes one, answer";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    action: String,
    version: Count,
    answer: Option<String>,
}

#[derive(Serialize)]
struct Done {
    reference: String,
    /// What the next act on it names.
    version: u64,
    state: &'static str,
}

/// `POST /v1/corrections/{reference}/act`.
pub(in crate::web::api) async fn act(
    caller: Caller,
    State(app): State<App>,
    id: Id,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::AnswerCorrections, None)?;
    let (who, reference) = (person(&caller, &app)?, reference(id)?);
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let asked = document::parse::<Document>(&bytes, FIELDS)?;
    let action = action(&asked)?;
    let (version, answer) = (asked.version.0, asked.answer);
    let done = app.ask(move |app| {
        let desk = &app.desk;
        let done = desk.act_on_correction(&who, &reference, (action, version), answer.as_deref());
        let state = done.map_err(|why| correction_refused(desk, why))?;
        Ok(Done {
            reference,
            version: version + 1,
            state: state.as_str(),
        })
    });
    Ok(Json(done.await?).into_response())
}

/// What is to be done, where it takes what is said beside it.
fn action(asked: &Document) -> Result<CorrectionAction, Problem> {
    let action = CorrectionAction::from_name(&asked.action);
    let action = action.filter(|action| ACTIONS.contains(action));
    let action = action.ok_or_else(|| {
        Problem::unprocessable(
            "unknown_action",
            "`action` is none that is done about a request",
            "take one that `allowed` of the request names; `reveal` is `POST /v1/corrections/{reference}/reveal`",
        )
    })?;
    let answers = matches!(action, CorrectionAction::Accept | CorrectionAction::Refuse);
    match asked.answer.is_some() && !answers {
        true => Err(not_taken("answer")),
        false => Ok(action),
    }
}
