//! `GET /v1/alerts`, a page at a time, and the two exports, line by line.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::caller::Caller;
use crate::web::access::{AccessAction, Stage};
use crate::web::export::{Lines, lines};
use crate::web::gate::{Action, Principal};
use crate::web::metrics::Event;
use crate::web::parameters::Parameters;
use crate::web::problem::Problem;
use crate::web::reader::{AlertQuery, Export, Gone, Page, ReadError};
use crate::web::shared::{App, Shared, took_too_long};

/// What a caller is told to wait where others are exporting.
const NEXT_EXPORT: Duration = Duration::from_secs(30);
const A_WHILE: Duration = Duration::from_secs(10);

pub(super) async fn page(
    caller: Caller,
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::ReadAlerts, None)?;
    let (limit, page) = parameters.page(&app.read)?;
    let query = AlertQuery {
        reason: parameters.word("reason")?,
        class: parameters.word("class")?,
        state: parameters.word("state")?,
        min_priority: parameters.number("min_priority")?,
        limit,
        page,
    };
    parameters.end()?;
    let principal = caller.principal();
    let page = app.ask(move |app| {
        let page = app.reader.alerts(&*principal, &query).map_err(unread)?;
        let objects = page.items.len() as u64;
        app.record_done(&*principal, AccessAction::ReadAlerts, objects)?;
        Ok(page)
    });
    Ok(listed("alerts", page.await?))
}

/// A page, under the name of what it lists.
pub(super) fn listed(name: &'static str, page: Page) -> Response {
    #[derive(serde::Serialize)]
    #[serde(untagged)]
    enum Part {
        Items(Vec<Box<RawValue>>),
        Next(Option<String>),
    }
    let parts = [
        (name, Part::Items(page.items)),
        ("next_page", Part::Next(page.next)),
    ];
    Json(std::collections::BTreeMap::from(parts)).into_response()
}

/// The problem that an error of the reader is told as.
pub(super) fn unread(error: ReadError) -> Problem {
    match error {
        ReadError::UnknownValue(filter) => {
            let detail = format!(
                "the value of the parameter `{}` is not known",
                filter.name()
            );
            Problem::bad(
                "bad_parameter",
                detail,
                "correct the parameter, or leave it out",
            )
        }
        ReadError::BadField {
            code,
            field,
            expected,
        } => {
            let detail = format!("`{field}`: {expected}");
            Problem::unprocessable(code, detail, "correct the field")
        }
        ReadError::NotReady {
            reason,
            retry_after,
        } => Problem::unavailable("not_ready", reason, retry_after),
        ReadError::Unavailable(reason) => Problem::unavailable("unavailable", reason, A_WHILE),
        ReadError::Gone(Gone) => {
            Problem::unavailable("unavailable", "the export was given up", A_WHILE)
        }
    }
}

pub(super) async fn export_alerts(
    caller: Caller,
    State(app): State<App>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    export(&caller, &app, parameters, Export::Alerts).await
}

pub(super) async fn export_history(
    caller: Caller,
    State(app): State<App>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    export(&caller, &app, parameters, Export::History).await
}

async fn export(
    caller: &Caller,
    app: &App,
    parameters: Parameters,
    export: Export,
) -> Result<Response, Problem> {
    caller.require(Action::Export, None)?;
    parameters.end()?;
    let Ok(permit) = app.exports.clone().try_acquire_owned() else {
        let detail = "as many exports are running as may at a time";
        return Err(Problem::unavailable("busy", detail, NEXT_EXPORT));
    };
    let within = app.read.export_timeout;
    caller.exchange.allow(within + A_WHILE);
    let (lines, answer) = lines(app.read.line_patience, within);
    let (own, principal) = (app.clone(), caller.principal());
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        produce(&own, &principal, export, lines);
    });
    let body = timeout(app.request_timeout, answer.begin()).await;
    let body = body.unwrap_or_else(|_| Err(took_too_long()))?;
    let form = (
        CONTENT_TYPE,
        HeaderValue::from_static("application/x-ndjson"),
    );
    Ok(([form], Body::new(body)).into_response())
}

/// Sends the lines of an export between its two entries in the access log.
fn produce(app: &Shared, caller: &Arc<dyn Principal>, export: Export, mut lines: Lines) {
    let action = match export {
        Export::Alerts => AccessAction::ExportAlerts,
        Export::History => AccessAction::ExportHistory,
    };
    if let Err(problem) = app.record(&**caller, action, Stage::Begun) {
        return lines.fail(problem);
    }
    let export = catch_unwind(AssertUnwindSafe(|| {
        let mut line = |line: &str| lines.line(line);
        app.reader.export(&**caller, export, &mut line)?;
        Ok(lines.flush()?)
    }));
    let result = match export {
        Ok(result) => result.map_err(unread),
        Err(_) => {
            app.metrics.count(Event::Panicked);
            Err(Problem::internal())
        }
    };
    let stage = Stage::Ended {
        objects: lines.sent(),
        complete: result.is_ok(),
    };
    let recorded = app.record(&**caller, action, stage);
    match result.and(recorded) {
        // A peer that has left needs no end.
        Ok(()) => drop(lines.end()),
        Err(problem) => lines.fail(problem),
    }
}
