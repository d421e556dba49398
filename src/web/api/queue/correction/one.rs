//! `GET /v1/corrections/{reference}`: a request for a correction, what was done about it, and what can be.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::super::super::caller::Caller;
use super::super::refused::unusable;
use super::super::told::{Actor, GroupTold, day, note_state, text, time};
use super::super::{Id, viewer};
use super::{no_such_request, reference};
use crate::review::{
    CorrectionAction, CorrectionCase, CorrectionEvent, Group, Viewer, allowed_corrections,
};
use crate::web::gate::Action;
use crate::web::parameters::Parameters;
use crate::web::problem::Problem;
use crate::web::shared::App;

#[derive(Serialize)]
struct Whole {
    reference: String,
    /// What an act on it names.
    version: u64,
    at: String,
    /// The day on which the answer is due.
    due: String,
    portal: String,
    database: &'static str,
    field: &'static str,
    state: &'static str,
    handler: Option<String>,
    /// What is right, as the citizen says.
    should_be: Option<String>,
    /// What became of it.
    should_be_state: Option<&'static str>,
    note: Option<String>,
    note_state: Option<&'static str>,
    answer: Option<String>,
    answer_state: Option<&'static str>,
    answered_at: Option<String>,
    /// What was done about it, the first thing first.
    events: Vec<EventTold>,
    /// The groups of the person that have alerts which the caller may see.
    groups: Vec<GroupTold>,
    /// What the caller can do; nothing, where no person asks.
    allowed: Vec<&'static str>,
}

#[derive(Serialize)]
struct EventTold {
    at: String,
    actor: Actor,
    action: &'static str,
}

/// `GET /v1/corrections/{reference}`.
pub(in crate::web::api) async fn one(
    caller: Caller,
    State(app): State<App>,
    id: Id,
    parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::AnswerCorrections, None)?;
    parameters.end()?;
    let (reference, who) = (reference(id)?, viewer(&caller)?);
    let is_person = caller.principal().is_person();
    let whole = app.ask(move |app| {
        let found = app.desk.correction(&who, &reference);
        let found = found.map_err(|error| unusable(&error))?;
        let found = found.ok_or_else(no_such_request)?;
        Ok(told(found, &who, is_person))
    });
    Ok(Json(whole.await?).into_response())
}

fn told(found: CorrectionCase, who: &Viewer, is_person: bool) -> Whole {
    let CorrectionCase {
        correction,
        events,
        groups,
    } = found;
    let allowed = match is_person {
        true => allowed_corrections(who, &correction),
        false => Vec::new(),
    };
    Whole {
        version: correction.version,
        at: time(correction.at),
        due: day(correction.due),
        portal: correction.portal,
        database: correction.stream.name(),
        field: correction.field.as_str(),
        state: correction.state.as_str(),
        handler: correction.handler,
        should_be_state: note_state(Some(&correction.should_be)),
        should_be: text(Some(correction.should_be)),
        note_state: note_state(correction.note.as_ref()),
        note: text(correction.note),
        answer_state: note_state(correction.answer.as_ref()),
        answer: text(correction.answer),
        answered_at: correction.answered_at.map(time),
        events: events.into_iter().map(event).collect(),
        groups: (groups.into_iter())
            .map(|group| GroupTold::from(&Group::Person(group)))
            .collect(),
        allowed: allowed.into_iter().map(CorrectionAction::as_str).collect(),
        reference: correction.reference,
    }
}

fn event(event: CorrectionEvent) -> EventTold {
    EventTold {
        at: time(event.at),
        actor: Actor::from((event.actor, event.role)),
        action: event.action.as_str(),
    }
}
