//! `GET /queue.csv`: a list as a table to take away.
//!
//! Must hold: it is masked as the page is; that it begins, and how much left, is in the access log; all of it is of one
//! epoch; no cell is a formula.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use super::app::App;
use super::caller::Caller;
use super::fault::Fault;
use super::filters;
use crate::record::Instant;
use crate::review::{Exported, Item};
use crate::sheet;
use crate::web::exchange::Exchange;
use crate::web::export::{Lines, lines};
use crate::web::problem::Problem;

/// How long a peer may take for a piece, and for all.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
const WITHIN: std::time::Duration = std::time::Duration::from_secs(600);

const COLUMNS: [&str; 22] = [
    "alert_id",
    "reason",
    "class",
    "severity",
    "priority",
    "band",
    "subject",
    "masked",
    "facility",
    "service_date",
    "amount",
    "evidence_grade",
    "outlier_score",
    "misuse_probability",
    "raised_at",
    "evidence",
    "work",
    "assignee",
    "due",
    "verdict",
    "proposer",
    "version",
];

/// `GET /queue.csv`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    exchange: Option<Extension<Arc<Exchange>>>,
) -> Result<Response, Fault> {
    let mut query = filters::asked(&caller.fields);
    query.after = None;
    let viewer = caller.viewer()?;
    let permit = app.exports.clone().try_acquire_owned();
    let permit = permit.map_err(|_| Fault::TooMany)?;
    if let Some(Extension(exchange)) = exchange {
        exchange.allow(WITHIN);
    }
    let (mut lines, answer) = lines(PATIENCE, WITHIN);
    let own = app.clone();
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let desk = &own.parts.desk;
        let header = format!("{}{}", sheet::MARK, sheet::line(COLUMNS));
        let mut is_begun = false;
        let exported = desk.export(&viewer, &query, &mut |item| {
            if !std::mem::replace(&mut is_begun, true) && send(&mut lines, &header).is_err() {
                return false;
            }
            send(&mut lines, &row(item)).is_ok()
        });
        match exported {
            Ok(Exported { is_whole: true, .. }) => {
                let header = match is_begun {
                    true => Ok(()),
                    false => send(&mut lines, &header),
                };
                if header.is_ok() && lines.flush().is_ok() {
                    // A peer that has left needs no end.
                    let _ = lines.end();
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "a list cannot be exported");
                lines.fail(Problem::internal());
            }
        }
    });
    let body = answer.begin().await.map_err(|_| Fault::Unavailable(None))?;
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
        ),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"fundwatch-queue.csv\""),
        ),
    ];
    Ok((headers, Body::new(body)).into_response())
}

/// With the line end of RFC 4180.
fn send(lines: &mut Lines, line: &str) -> Result<(), crate::web::Gone> {
    lines.line(&format!("{line}\r"))
}

fn row(item: &Item) -> String {
    let (finding, work) = (&item.finding, &item.work);
    let number = |number: Option<u16>| number.map_or(String::new(), |number| number.to_string());
    let raised = Instant::from_millis(finding.raised_at).unwrap_or(Instant::MAX);
    let cells = [
        finding.alert_id.clone(),
        finding.reason.as_str().to_owned(),
        finding.class.as_str().to_owned(),
        finding.severity.as_str().to_owned(),
        finding.priority.to_string(),
        finding.band().as_str().to_owned(),
        finding.subject_kind.clone(),
        finding.masked.clone(),
        finding.facility.clone().unwrap_or_default(),
        (finding.service_day).map_or(String::new(), |day| day.to_string()),
        finding.amount.to_string(),
        number(finding.grade.map(u16::from)),
        number(finding.score),
        number(finding.misuse_probability),
        raised.to_string(),
        finding.state.as_str().to_owned(),
        work.state.as_str().to_owned(),
        work.assignee.clone().unwrap_or_default(),
        work.due.to_string(),
        (work.decided).map_or(String::new(), |decided| decided.verdict.as_str().to_owned()),
        work.proposer.clone().unwrap_or_default(),
        work.version.to_string(),
    ];
    sheet::line(cells.iter().map(String::as_str))
}
