//! The ops listener: `/metrics`, `/livez`, `/readyz` and `/startupz`.
//!
//! Must hold: nothing that it tells is of a person; it needs nothing of the API's threads.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::exchange::{Watch, exchange};
use super::health::Health;
use super::metrics::Metrics;
use super::options::OpsOptions;
use super::problem::Problem;
use super::shared::{finished, took_too_long};

/// Scrapes that are rendered at a time.
const RENDERING: usize = 2;
/// Prometheus gives up after ten seconds.
const RENDER_TIMEOUT: Duration = Duration::from_secs(10);
const TEXT_FORMAT: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// What the ops listener stands on.
#[derive(Clone)]
pub struct OpsParts {
    /// Tells whether the service is well.
    pub health: Arc<dyn Health>,
    /// Renders what is counted.
    pub metrics: Arc<dyn Metrics>,
}

#[derive(Clone)]
struct Ops {
    parts: OpsParts,
    rendering: Arc<Semaphore>,
}

/// Threads that may be blocked at a time.
pub(super) const THREADS: usize = RENDERING;

/// The router of the ops listener.
pub(super) fn router(options: &OpsOptions, parts: OpsParts) -> Router {
    let watch = Watch {
        metrics: parts.metrics.clone(),
        within: RENDER_TIMEOUT * 2 + options.limits.write_timeout,
        has_tls: options.tls.is_some(),
    };
    let state = Ops {
        parts,
        rendering: Arc::new(Semaphore::new(RENDERING)),
    };
    Router::new()
        .route("/metrics", get(metrics))
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .route("/startupz", get(startup))
        .with_state(state)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .fallback(async || {
            let remedy = "ask for /metrics, /livez, /readyz or /startupz";
            Problem::not_found("there is nothing at this address", remedy)
        })
        .layer(from_fn_with_state(watch, exchange))
}

async fn metrics(State(ops): State<Ops>) -> Result<Response, Problem> {
    let rendering = async {
        let permit = ops.rendering.acquire_owned().await;
        let metrics = ops.parts.metrics;
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            Ok(metrics.render())
        });
        finished(task).await
    };
    let bytes = timeout(RENDER_TIMEOUT, rendering).await;
    let bytes = bytes.unwrap_or_else(|_| Err(took_too_long()))?;
    Ok(([(CONTENT_TYPE, TEXT_FORMAT)], bytes).into_response())
}

async fn live(State(ops): State<Ops>) -> Response {
    match ops.parts.health.live() {
        Ok(()) => Json(json!({ "live": true })).into_response(),
        Err(reason) => not_yet(json!({ "live": false, "reason": reason })),
    }
}

async fn ready(State(ops): State<Ops>) -> Response {
    let readiness = ops.parts.health.readiness();
    let reasons = readiness.reasons.iter();
    let reasons = reasons.map(|reason| json!({ "code": reason.code, "detail": reason.detail }));
    let is_ready = readiness.reasons.is_empty();
    let answer = json!({
        "ready": is_ready,
        "reasons": reasons.collect::<Vec<_>>(),
        "details": readiness.details,
    });
    match is_ready {
        true => Json(answer).into_response(),
        false => not_yet(answer),
    }
}

async fn startup(State(ops): State<Ops>) -> Response {
    let startup = ops.parts.health.startup();
    let answer = json!({
        "started": startup.done,
        "phase": startup.phase,
        "rows_done": startup.rows_done,
        "rows_total": startup.rows_total,
        "rows_per_second": startup.rows_per_second,
    });
    match startup.done {
        true => Json(answer).into_response(),
        false => not_yet(answer),
    }
}

fn not_yet(answer: serde_json::Value) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, Json(answer)).into_response()
}
