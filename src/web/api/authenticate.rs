//! `POST /v1/authenticate`: whether a person is who they are said to be.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::json;

use super::alerts::unread;
use super::caller::Caller;
use super::document;
use crate::web::access::AccessAction;
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::reader::{Asked, AskedId};
use crate::web::shared::App;

const MAX_BYTES: u64 = 8 << 10;
const LONGEST: usize = 256;
const FIELDS: &str =
    "card_number, si_number or personal_id (one of them), full_name, birth_date and sex";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    card_number: Option<String>,
    si_number: Option<String>,
    personal_id: Option<String>,
    full_name: String,
    birth_date: String,
    sex: Sex,
}

/// 1, 2 or 3, as a number or as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Sex {
    Number(u8),
    Text(String),
}

pub(super) async fn authenticate(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::Authenticate, None)?;
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let asked = document::parse::<Document>(&bytes, FIELDS)?.asked()?;
    let principal = caller.principal();
    let answer = app.ask(move |app| {
        // First the entry: what cannot be logged is not told.
        app.record_done(&*principal, AccessAction::Authenticate, 1)?;
        app.reader.authenticate(&asked).map_err(unread)
    });
    let cause = answer.await?.cause;
    Ok(Json(match cause {
        None => json!({ "matched": true }),
        Some(cause) => json!({ "matched": false, "cause": cause }),
    })
    .into_response())
}

impl Document {
    fn asked(self) -> Result<Asked, Problem> {
        let id = match (self.card_number, self.si_number, self.personal_id) {
            (Some(text), None, None) => AskedId::Card(text),
            (None, Some(text), None) => AskedId::SiNumber(text),
            (None, None, Some(text)) => AskedId::PersonalId(text),
            _ => {
                let detail = "not exactly one of card_number, si_number and personal_id is given";
                let remedy = "give one of them";
                return Err(Problem::unprocessable("one_number", detail, remedy));
            }
        };
        let sex = match self.sex {
            Sex::Number(number) => number.to_string(),
            Sex::Text(text) => text,
        };
        let (AskedId::Card(number) | AskedId::SiNumber(number) | AskedId::PersonalId(number)) = &id;
        let texts = [number, &self.full_name, &self.birth_date, &sex];
        if texts.iter().any(|text| text.len() > LONGEST) {
            let detail = format!("a field is longer than {LONGEST} bytes");
            let remedy = "give the fields as the registers have them";
            return Err(Problem::unprocessable("field_too_long", detail, remedy));
        }
        Ok(Asked {
            id,
            full_name: self.full_name,
            birth_date: self.birth_date,
            sex,
        })
    }
}
