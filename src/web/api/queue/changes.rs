//! `GET /v1/changes`: what became of alerts since an epoch, or since the caller marked a list as seen, net.
//!
//! Must hold: to look at it changes nothing; what others did is told without its verdict and words, since whoever has to
//! decide a second time must not know them.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::super::caller::Caller;
use super::refused::unusable;
use super::told::{Actor, time};
use super::{person, viewer};
use crate::review::{Changes, Look, Place, SinceLook, WorkEvent};
use crate::web::access::AccessAction;
use crate::web::gate::Action;
use crate::web::parameters::{Parameters, bad};
use crate::web::problem::Problem;
use crate::web::shared::App;

#[derive(Serialize)]
struct Told {
    /// Nothing where the caller never marked the list as seen, and says no epoch.
    since: Option<u64>,
    until: u64,
    /// The number of the last thing that people had done: with `until`, what is marked as seen. Nothing where what people
    /// did is not told.
    event: Option<u64>,
    /// Whether there is more, after `until` or `event`.
    is_cut: bool,
    /// Whether there are more alerts than are named.
    is_limited: bool,
    raised: u64,
    changed: u64,
    withdrawn: u64,
    /// The first of them, by id.
    alerts: Vec<Changed>,
    /// Of what the caller has: what others did, the first thing first.
    events: Vec<ByOthers>,
}

#[derive(Serialize)]
struct Changed {
    alert_id: String,
    kind: &'static str,
}

#[derive(Serialize)]
struct ByOthers {
    alert_id: String,
    at: String,
    actor: Option<Actor>,
    action: &'static str,
    to: &'static str,
}

/// `GET /v1/changes`.
pub(in crate::web::api) async fn changes(
    caller: Caller,
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::ReadAlerts, None)?;
    let since = parameters.epoch("since")?;
    let place = parameters.one_of("place", Place::from_name)?;
    parameters.end()?;
    let told = match (place, since) {
        (Some(place), since) => {
            let who = person(&caller, &app)?;
            let found = app.ask(move |app| {
                // Asked first: what comes after it is not marked as seen.
                let here = app.desk.here().map_err(|error| unusable(&error))?;
                let found = app.desk.since_look(&who, &place, since);
                Ok((found.map_err(|error| unusable(&error))?, here))
            });
            let (found, here) = found.await?;
            found.map_or_else(|| nothing_seen(here), since_look)
        }
        (None, Some(since)) => {
            let (who, principal) = (viewer(&caller)?, caller.principal());
            let found = app.ask(move |app| {
                let here = app.desk.here().map_err(|error| unusable(&error))?;
                let changes = app.desk.changes_since(&who, since);
                let changes = changes.map_err(|error| unusable(&error))?;
                let named = changes.alerts.len() as u64;
                app.record_done(&*principal, AccessAction::OpenQueue, named)?;
                Ok((changes, here))
            });
            let (changes, here) = found.await?;
            since_epoch(changes, here)
        }
        (None, None) => {
            let missing = "is missing: the `until` of the look before, or else a `place`";
            return Err(bad("since", missing));
        }
    };
    Ok(Json(told).into_response())
}

/// What was not seen yet is seen up to here, where that is marked.
fn nothing_seen(here: Look) -> Told {
    Told {
        since: None,
        until: here.epoch,
        event: Some(here.event),
        is_cut: false,
        is_limited: false,
        raised: 0,
        changed: 0,
        withdrawn: 0,
        alerts: Vec::new(),
        events: Vec::new(),
    }
}

fn since_epoch(changes: Changes, here: Look) -> Told {
    let all = changes.raised + changes.changed + changes.withdrawn;
    let is_limited = (changes.alerts.len() as u64) < all;
    let alerts = changes.alerts.into_iter();
    Told {
        since: Some(changes.since),
        until: changes.until,
        event: None,
        is_cut: changes.until < here.epoch,
        is_limited,
        raised: changes.raised,
        changed: changes.changed,
        withdrawn: changes.withdrawn,
        alerts: alerts
            .map(|(alert_id, kind)| Changed {
                alert_id,
                kind: kind.as_str(),
            })
            .collect(),
        events: Vec::new(),
    }
}

fn since_look(found: SinceLook) -> Told {
    let changes = &found.changes;
    let all = changes.raised + changes.changed + changes.withdrawn;
    Told {
        since: Some(found.from.epoch),
        until: found.until.epoch,
        event: Some(found.until.event),
        is_cut: found.is_cut,
        is_limited: (found.alerts.len() as u64) < all,
        raised: found.changes.raised,
        changed: found.changes.changed,
        withdrawn: found.changes.withdrawn,
        alerts: (found.alerts.into_iter())
            .map(|change| Changed {
                alert_id: change.alert_id,
                kind: change.kind.as_str(),
            })
            .collect(),
        events: found.events.into_iter().map(by_others).collect(),
    }
}

fn by_others(event: WorkEvent) -> ByOthers {
    ByOthers {
        alert_id: event.alert_id,
        at: time(event.at),
        actor: event.actor.map(Actor::from),
        action: event.action.as_str(),
        to: event.to.as_str(),
    }
}
