//! `POST /v1/search`: the alerts of a person, found by a number of theirs.
//!
//! Must hold: the number is in the body of the request and nowhere else; what is found is told by a pseudonym; the search
//! is in the access log before it is answered; so many an hour.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::super::caller::Caller;
use super::super::document;
use super::refused::{refused, unusable};
use super::told::GroupTold;
use super::viewer;
use crate::review::PersonNumber;
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::shared::App;

const MAX_BYTES: u64 = 1 << 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    number: String,
}

#[derive(Serialize)]
struct Found {
    /// Their alerts; nothing where there is none that the caller may see.
    group: Option<GroupTold>,
    /// The epoch up to which was searched; nothing before there is one.
    as_of: Option<u64>,
}

/// `POST /v1/search`.
pub(in crate::web::api) async fn search(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::SearchPeople, None)?;
    let who = viewer(&caller)?;
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let Document { number } = document::parse(&bytes, "number")?;
    let number = PersonNumber::read(&number).ok_or_else(|| {
        Problem::unprocessable(
            "bad_number",
            "`number` is not the number of a card, of the insurance or of a citizen",
            "give 15 characters, 10 digits or 12 digits, with or without blanks, dots and dashes between them",
        )
    })?;
    let found = app.ask(move |app| {
        let desk = &app.desk;
        let frontier = desk.frontier().map_err(|error| unusable(&error))?;
        let group = desk.search(&who, number);
        let group = group.map_err(|why| refused(desk, &who, &why))?;
        Ok(Found {
            group: group.as_ref().map(GroupTold::from),
            as_of: frontier.epoch,
        })
    });
    Ok(Json(found.await?).into_response())
}
