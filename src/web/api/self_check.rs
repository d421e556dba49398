//! `POST /v1/self` and what belongs to it: what citizens ask through portals about themselves.
//!
//! Must hold: who the person is stands in the body alone, in an assertion that the portal has signed; every refusal is the same
//! whether there is such a person or not; what is told is kept by nobody on the way.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_LANGUAGE, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::caller::Caller;
use super::document;
use super::language::accepted;
use crate::language::Language;
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::self_check::{AskedCorrection, SelfCheckError};
use crate::web::shared::App;

/// An assertion of 4 KiB, and 2,000 characters of up to 12 bytes in JSON.
const MAX_BYTES: u64 = 32 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    assertion: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    assertion: String,
    database: String,
    field: String,
    should_be: String,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusOf {
    assertion: String,
    reference: String,
}

/// `POST /v1/self`.
pub(super) async fn records(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::SelfCheck, None)?;
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let asked = document::parse::<Asked>(&bytes, "assertion")?;
    let (principal, language) = (caller.principal(), accepted(&headers));
    let told = app.ask(move |app| {
        let told = app
            .self_check
            .records(&*principal, &asked.assertion, language);
        told.map_err(refused)
    });
    Ok(answer(StatusCode::OK, told.await?, language))
}

/// `POST /v1/self/corrections`.
pub(super) async fn correct(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::SelfCheck, None)?;
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let fields = "assertion, database, field, should_be and, where there is more to say, note";
    let document = document::parse::<Correction>(&bytes, fields)?;
    let (principal, language) = (caller.principal(), accepted(&headers));
    let told = app.ask(move |app| {
        let asked = AskedCorrection {
            database: document.database,
            field: document.field,
            should_be: document.should_be,
            note: document.note,
        };
        let told = (app.self_check).correct(&*principal, &document.assertion, &asked, language);
        told.map_err(refused)
    });
    Ok(answer(StatusCode::ACCEPTED, told.await?, language))
}

/// `POST /v1/self/corrections/status`.
pub(super) async fn status(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::SelfCheck, None)?;
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let asked = document::parse::<StatusOf>(&bytes, "assertion and reference")?;
    let (principal, language) = (caller.principal(), accepted(&headers));
    let told = app.ask(move |app| {
        let of = (&*asked.assertion, &*asked.reference);
        let told = app.self_check.status(&*principal, of.0, of.1, language);
        told.map_err(refused)
    });
    Ok(answer(StatusCode::OK, told.await?, language))
}

fn answer(status: StatusCode, told: Value, language: Language) -> Response {
    let mut response = (status, Json(told)).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("Accept-Language"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    response
}

fn refused(error: SelfCheckError) -> Problem {
    match error {
        SelfCheckError::NotAPortal => Problem::new(
            StatusCode::FORBIDDEN,
            "not_a_portal",
            "the token or certificate is not of a portal that is configured",
            "ask whoever runs the service for a section [[portals]] of the name of this token",
        ),
        SelfCheckError::Untrusted(why) => {
            Problem::unprocessable(why.code(), why.to_string(), why.remedy())
        }
        SelfCheckError::Replayed => Problem::conflict(
            "assertion_replayed",
            "the assertion was used before",
            "make an assertion with a jti of its own for every request",
        ),
        SelfCheckError::Spent { retry_after } => Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "asked_too_often",
            "that is as often as the person, or the portal, may ask",
            "ask again after `Retry-After`, with a new assertion",
        )
        .retry_after(retry_after),
        SelfCheckError::NoSuchRequest => Problem::not_found(
            "the person has no request of this reference",
            "give the reference that the request was answered with",
        ),
        SelfCheckError::BadRequest => Problem::unprocessable(
            "bad_correction",
            "the database or the field is not one that can be corrected, or a text is empty or too long",
            "give a database and a field as the records have them; should_be with 1 to 200 characters, note with up to 2000",
        ),
        SelfCheckError::NotLogged => Problem::unavailable(
            "no_access_log",
            "the access log cannot be written, and nothing is told without it",
            Duration::from_secs(30),
        ),
        SelfCheckError::Unavailable(why) => {
            Problem::unavailable("unavailable", why, Duration::from_secs(30))
        }
    }
}
