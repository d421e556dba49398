//! `GET /v1/queue/{alert_id}`: an alert with both axes, what can be done about it, and what was.
//!
//! Must hold: what is proposed is kept from whoever has to look at it themselves first, in the item and in what was done.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::super::caller::Caller;
use super::look::Look;
use super::refused::unusable;
use super::told::{Actor, day, note_state, text, time};
use super::{Id, alert_id, no_such_alert, viewer};
use crate::review::{MachineChange, RevealEvent, WorkEvent, WorkState};
use crate::web::gate::Action;
use crate::web::parameters::Parameters;
use crate::web::problem::Problem;
use crate::web::shared::App;

#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    look: Look,
    /// What people did, the first thing first.
    events: Vec<EventTold>,
    /// What the machine did, the first thing first.
    changes: Vec<ChangeTold>,
    /// What of it was shown unmasked, the first time first.
    reveals: Vec<RevealTold>,
}

#[derive(Serialize)]
struct EventTold {
    at: String,
    /// Who; of what time did, nobody.
    actor: Option<Actor>,
    action: &'static str,
    from: &'static str,
    to: &'static str,
    assignee: Option<String>,
    until: Option<String>,
    verdict: Option<&'static str>,
    note: Option<String>,
    /// What became of it.
    note_state: Option<&'static str>,
    epoch: u64,
    /// What an approver had found before they were told what was proposed, where they looked first.
    look: Option<&'static str>,
    /// The number of the batch that it was of.
    batch: Option<i64>,
}

#[derive(Serialize)]
struct ChangeTold {
    at: String,
    epoch: u64,
    kind: &'static str,
    causes: Vec<&'static str>,
}

#[derive(Serialize)]
struct RevealTold {
    at: String,
    actor: String,
    row: u32,
    fields: Vec<String>,
    purpose: &'static str,
    note: Option<String>,
    /// What became of it.
    note_state: Option<&'static str>,
}

/// `GET /v1/queue/{alert_id}`.
pub(in crate::web::api) async fn one(
    caller: Caller,
    State(app): State<App>,
    id: Id,
    parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::ReadAlerts, None)?;
    parameters.end()?;
    let (id, who) = (alert_id(id)?, viewer(&caller)?);
    let is_person = caller.principal().is_person();
    let whole = app.ask(move |app| {
        let desk = &app.desk;
        let item = desk.item(&who, &id).map_err(|error| unusable(&error))?;
        let item = item.ok_or_else(no_such_alert)?;
        let whole = || {
            let look = Look::new(desk, &who, is_person, &item)?;
            let is_blind = look.is_blind();
            let events = desk.events(&id)?.into_iter();
            Ok(Whole {
                events: events.map(|one| event(one, is_blind)).collect(),
                changes: desk.machine_changes(&id)?.iter().map(change).collect(),
                reveals: desk.reveals(&id)?.into_iter().map(reveal).collect(),
                look,
            })
        };
        whole().map_err(|error| unusable(&error))
    });
    Ok(Json(whole.await?).into_response())
}

fn event(event: WorkEvent, is_blind: bool) -> EventTold {
    let is_hidden = is_blind && event.to == WorkState::Proposed;
    EventTold {
        at: time(event.at),
        actor: event.actor.map(Actor::from),
        action: event.action.as_str(),
        from: event.from.as_str(),
        to: event.to.as_str(),
        assignee: event.assignee,
        until: event.until.map(day),
        verdict: event
            .verdict
            .filter(|_| !is_hidden)
            .map(|verdict| verdict.as_str()),
        note_state: note_state(event.note.as_ref().filter(|_| !is_hidden)),
        note: text(event.note.filter(|_| !is_hidden)),
        epoch: event.epoch,
        look: event.look.map(|verdict| verdict.as_str()),
        batch: event.batch,
    }
}

fn change(change: &MachineChange) -> ChangeTold {
    ChangeTold {
        at: time(change.at),
        epoch: change.epoch,
        kind: change.kind.as_str(),
        causes: change.causes.iter().map(|stream| stream.name()).collect(),
    }
}

fn reveal(event: RevealEvent) -> RevealTold {
    RevealTold {
        at: time(event.at),
        actor: event.actor,
        row: event.row,
        fields: event.fields,
        purpose: event.purpose.as_str(),
        note_state: note_state(event.note.as_ref()),
        note: text(event.note),
    }
}
