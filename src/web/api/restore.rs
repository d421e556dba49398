//! `POST /v1/claims/restore`: the retired claims of a person are decided on again for a while.
//!
//! Must hold: who the person is stands in the body alone, and is not told back.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::json;

use super::caller::Caller;
use super::{document, rejects};
use crate::web::access::AccessAction;
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::reader::AskedId;
use crate::web::shared::App;

const MAX_BYTES: u64 = 4 << 10;
const FIELDS: &str = "card, si_number or personal_id (one of them), and days";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    card: Option<String>,
    si_number: Option<String>,
    personal_id: Option<String>,
    days: Option<u32>,
}

pub(super) async fn restore(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::RestoreClaims, None)?;
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let document = document::parse::<Document>(&bytes, FIELDS)?;
    let whose = match (document.card, document.si_number, document.personal_id) {
        (Some(text), None, None) => AskedId::Card(text),
        (None, Some(text), None) => AskedId::SiNumber(text),
        (None, None, Some(text)) => AskedId::PersonalId(text),
        _ => {
            let detail = "not exactly one of card, si_number and personal_id is given";
            return Err(Problem::unprocessable(
                "one_number",
                detail,
                "give one of them",
            ));
        }
    };
    let principal = caller.principal();
    let restored = app.ask(move |app| {
        // First the entry: what cannot be logged is not done. It is about one person.
        app.record_done(&*principal, AccessAction::RestoreClaims, 1)?;
        let restored = app.steward.restore(&*principal, &whose, document.days);
        restored.map_err(|error| rejects::unchanged(error, no_such_person))
    });
    let restored = restored.await?;
    Ok(Json(json!({
        "restored": restored.claims,
        "until": restored.until,
        "epoch": restored.epoch,
    }))
    .into_response())
}

fn no_such_person() -> Problem {
    Problem::not_found("there is no such person", "correct the number")
}
