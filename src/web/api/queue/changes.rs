//! `GET /v1/changes`: what became of alerts since an epoch, net.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::super::caller::Caller;
use super::refused::unusable;
use super::viewer;
use crate::web::access::AccessAction;
use crate::web::gate::Action;
use crate::web::parameters::{Parameters, bad};
use crate::web::problem::Problem;
use crate::web::shared::App;

#[derive(Serialize)]
struct Told {
    since: u64,
    until: u64,
    raised: u64,
    changed: u64,
    withdrawn: u64,
    /// The first of them, by id.
    alerts: Vec<Changed>,
}

#[derive(Serialize)]
struct Changed {
    alert_id: String,
    kind: &'static str,
}

/// `GET /v1/changes`.
pub(in crate::web::api) async fn changes(
    caller: Caller,
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::ReadAlerts, None)?;
    let who = viewer(&caller)?;
    let since = parameters.epoch("since")?;
    parameters.end()?;
    let since = since.ok_or_else(|| bad("since", "is missing: the `until` of the look before"))?;
    let principal = caller.principal();
    let changes = app.ask(move |app| {
        let changes = app.desk.changes_since(&who, since);
        let changes = changes.map_err(|error| unusable(&error))?;
        let named = changes.alerts.len() as u64;
        app.record_done(&*principal, AccessAction::OpenQueue, named)?;
        Ok(changes)
    });
    let changes = changes.await?;
    let alerts = changes.alerts.into_iter();
    Ok(Json(Told {
        since: changes.since,
        until: changes.until,
        raised: changes.raised,
        changed: changes.changed,
        withdrawn: changes.withdrawn,
        alerts: alerts
            .map(|(alert_id, kind)| Changed {
                alert_id,
                kind: kind.as_str(),
            })
            .collect(),
    })
    .into_response())
}
