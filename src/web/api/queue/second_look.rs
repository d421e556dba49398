//! `POST /v1/queue/{alert_id}/second-look`: an approver's own verdict, before the proposed one is told.
//!
//! Must hold: where a look is due, nothing is approved without one of the proposal as it is, by this approver; it goes into
//! the note of the approval, so that it stays.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::super::caller::Caller;
use super::super::document;
use super::act::verdict;
use super::refused::unusable;
use super::{Id, alert_id, no_such_alert, person};
use crate::language::{Language, fill};
use crate::review::{Act, Desk, Viewer, WorkAction, WorkState};
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::shared::App;

const MAX_BYTES: u64 = 4 << 10;
const FIELDS: &str = "version and verdict";
/// The language of what stays: that of the fund.
const LANGUAGE: Language = Language::Vietnamese;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    verdict: String,
}

/// A look that was given, as an approval says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    verdict: String,
    seal: String,
}

#[derive(Serialize)]
struct Compared {
    own: &'static str,
    proposed: &'static str,
    is_same: bool,
    /// What the approval says beside the own verdict.
    seal: String,
}

/// `POST /v1/queue/{alert_id}/second-look`.
pub(in crate::web::api) async fn second_look(
    caller: Caller,
    State(app): State<App>,
    id: Id,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::ApproveVerdicts, None)?;
    let (who, id) = (person(&caller, &app)?, alert_id(id)?);
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let asked = document::parse::<Document>(&bytes, FIELDS)?;
    let own = verdict(&asked.verdict)?;
    let compared = app.ask(move |app| {
        let desk = &app.desk;
        let item = desk.item(&who, &id).map_err(|error| unusable(&error))?;
        let item = item.ok_or_else(no_such_alert)?;
        let work = &item.work;
        if work.version != asked.version {
            let detail = "somebody acted on the alert after it was looked at";
            let remedy = "look at it again, and give the `version` that it has";
            return Err(Problem::conflict("moved", detail, remedy));
        }
        let allowed = desk.allowed(&who, &item);
        let may = allowed
            .map_err(|error| unusable(&error))?
            .contains(&WorkAction::Approve);
        let proposed = work
            .decided
            .filter(|_| may && work.state == WorkState::Proposed);
        let proposed = proposed.ok_or_else(nothing_to_approve)?.verdict;
        Ok(Compared {
            own: own.as_str(),
            proposed: proposed.as_str(),
            is_same: own == proposed,
            seal: desk.second_look(&who, &id, work.version, own).to_string(),
        })
    });
    Ok(Json(compared.await?).into_response())
}

fn nothing_to_approve() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "nothing_to_approve",
        "nothing is proposed for the alert that the caller may approve",
        "look at what `allowed` of the alert names",
    )
}

/// An approval with the look that was due before it in its note.
///
/// # Errors
/// Where one is due and was not given.
pub(super) fn bound(
    desk: &Desk,
    who: &Viewer,
    id: &str,
    mut act: Act,
    given: Option<Given>,
) -> Result<Act, Problem> {
    let item = desk.item(who, id).map_err(|error| unusable(&error))?;
    let item = item.ok_or_else(no_such_alert)?;
    // Of another version the desk says that it moved.
    let is_due = item.work.version == act.seen.version && desk.is_looked_at_twice(&item);
    if !is_due {
        return Ok(act);
    }
    let given = given.ok_or_else(missing)?;
    let own = verdict(&given.verdict)?;
    let seal = desk.second_look(who, id, act.seen.version, own);
    if given.seal != seal.to_string() {
        return Err(missing());
    }
    let text = LANGUAGE.page_messages().second_look_note;
    let look = fill(text, |_| Some(own.text(LANGUAGE).to_owned())).unwrap_or_default();
    act.note = Some(
        act.note
            .map_or(look.clone(), |note| format!("{look}\n{note}")),
    );
    Ok(act)
}

fn missing() -> Problem {
    Problem::unprocessable(
        "second_look_missing",
        "whoever approves this says first what they think it is",
        "give your own verdict at `…/second-look`, and with the approval `second_look` with that verdict and the \
         `seal` of its answer",
    )
}
