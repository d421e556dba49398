//! `POST /v1/queue/act`: the same thing for several alerts, each as it was seen.
//!
//! Must hold: what is decided by two people, or by one on the evidence, is decided alert by alert, but for duplicates; of each
//! alert it is told what became of it.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::super::caller::Caller;
use super::super::document;
use super::act::{Said, action, seen};
use super::look::Look;
use super::person;
use super::refused::{refused, unusable};
use crate::review::{Act, Item, Refused, Verdict, Viewer, WorkAction, is_alert_id};
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::shared::{App, Shared};

/// Bytes of a document: as many alerts as are acted on as one, and the longest note.
const MAX_BYTES: u64 = 96 << 10;
const FIELDS: &str = "action, alerts (a list of alert_id, version and digest), and as the action takes them assignee, until, \
                      verdict, note";
/// What is done to several alerts at a time.
const OFFERED: [WorkAction; 7] = [
    WorkAction::Take,
    WorkAction::Assign,
    WorkAction::Release,
    WorkAction::Snooze,
    WorkAction::Wait,
    WorkAction::Resume,
    WorkAction::Escalate,
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    action: String,
    alerts: Vec<Alert>,
    assignee: Option<String>,
    until: Option<String>,
    verdict: Option<String>,
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Alert {
    alert_id: String,
    version: u32,
    digest: String,
}

#[derive(Serialize)]
struct Outcomes {
    done: usize,
    refused: usize,
    /// The number of the batch that undoes what was done; none where nothing was.
    batch: Option<i64>,
    outcomes: Vec<Outcome>,
}

#[derive(Serialize)]
struct Outcome {
    alert_id: String,
    /// What asking for this alert alone would have been answered with.
    status: u16,
    /// `done`, or the code of the problem.
    code: &'static str,
    /// What is wrong, where something is.
    detail: Option<String>,
    /// The alert after what was done, or as it is where it moved.
    now: Option<Look>,
}

/// `POST /v1/queue/act`.
pub(in crate::web::api) async fn act_on_all(
    caller: Caller,
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::ReviewAlerts, None)?;
    let who = person(&caller, &app)?;
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let acts = acts(document::parse::<Document>(&bytes, FIELDS)?)?;
    let outcomes = app.ask(move |app| {
        let desk = &app.desk;
        let done = desk.act_on_all(&who, &acts);
        let done = done.map_err(|why| refused(desk, &who, &why))?;
        let told = |(id, result)| outcome(app, &who, id, result);
        let outcomes = done.outcomes.into_iter().map(told);
        Ok((outcomes.collect::<Result<Vec<_>, _>>()?, done.batch))
    });
    let (outcomes, batch) = outcomes.await?;
    let done = outcomes.iter().filter(|one| one.status == 200).count();
    Ok(Json(Outcomes {
        done,
        refused: outcomes.len() - done,
        batch,
        outcomes,
    })
    .into_response())
}

fn acts(asked: Document) -> Result<Vec<(String, Act)>, Problem> {
    let action = action(&asked.action)?;
    let said = Said {
        assignee: asked.assignee,
        until: asked.until,
        verdict: asked.verdict,
        note: asked.note,
    };
    let is_duplicate =
        action == WorkAction::Close && said.verdict.as_deref() == Some(Verdict::Duplicate.as_str());
    if !OFFERED.contains(&action) && !is_duplicate {
        return Err(Problem::unprocessable(
            "one_by_one",
            "this is decided alert by alert",
            "use `POST /v1/queue/{alert_id}/act`; several alerts at a time are closed as `duplicate` alone",
        ));
    }
    if asked.alerts.is_empty() {
        let detail = "`alerts` is empty";
        return Err(Problem::unprocessable(
            "no_alert",
            detail,
            "name at least one alert",
        ));
    }
    let alerts = asked.alerts.into_iter();
    alerts
        .map(|alert| {
            if !is_alert_id(&alert.alert_id) {
                let detail = "an `alert_id` is not 32 hexadecimal digits in lower case";
                let remedy = "take the ids from `GET /v1/queue`";
                return Err(Problem::unprocessable("bad_alert_id", detail, remedy));
            }
            let seen = seen(alert.version, &alert.digest)?;
            Ok((alert.alert_id, said.act(action, seen)?))
        })
        .collect()
}

fn outcome(
    app: &Shared,
    who: &Viewer,
    alert_id: String,
    result: Result<Item, Refused>,
) -> Result<Outcome, Problem> {
    let desk = &app.desk;
    let look = |item| Look::new(desk, who, true, item).map_err(|error| unusable(&error));
    Ok(match result {
        Ok(item) => Outcome {
            alert_id,
            status: 200,
            code: "done",
            detail: None,
            now: Some(look(&item)?),
        },
        Err(why) => {
            let problem = refused(desk, who, &why);
            let now = match &why {
                Refused::Moved { now, .. } => Some(look(now)?),
                _ => None,
            };
            Outcome {
                alert_id,
                status: problem.status().as_u16(),
                code: problem.code(),
                detail: Some(problem.detail().to_owned()),
                now,
            }
        }
    })
}
