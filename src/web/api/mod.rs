//! The routes of the API: a file per kind of thing.
//!
//! Must hold: every route is in [`ROUTES`] with its permission, and nothing is done, or read of a body, before the
//! caller is known to have it.

mod access_log;
mod alerts;
mod authenticate;
mod caller;
mod document;
mod language;
mod loads;
mod openapi;
mod push;
mod queue;
mod rejects;
mod restore;
mod self_check;
mod sources;
mod status;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};

use super::access::Ledger;
use super::cases::Cases;
use super::exchange::{Watch, exchange};
use super::gate::{Action, Gate};
use super::inlet::Inlet;
use super::metrics::Metrics;
use super::options::ApiOptions;
use super::problem::Problem;
use super::reader::Reader;
use super::self_check::SelfCheck;
use super::shared::{App, Shared};
use super::steward::Steward;
use super::watched::AccessLogReader;
use crate::review::Desk;

/// What the API stands on.
#[derive(Clone)]
pub struct ApiParts {
    /// Takes rows.
    pub inlet: Arc<dyn Inlet>,
    /// Knows callers.
    pub gate: Arc<dyn Gate>,
    /// Answers questions.
    pub reader: Arc<dyn Reader>,
    /// Changes rejects and sources.
    pub steward: Arc<dyn Steward>,
    /// Answers citizens about themselves.
    pub self_check: Arc<dyn SelfCheck>,
    /// Keeps the access log.
    pub ledger: Arc<dyn Ledger>,
    /// What people do about alerts.
    pub desk: Arc<Desk>,
    /// What is behind an alert.
    pub cases: Arc<dyn Cases>,
    /// Tells who saw and changed what.
    pub access_log: Arc<dyn AccessLogReader>,
    /// Counts.
    pub metrics: Arc<dyn Metrics>,
    /// Further routes, such as pages for people, with a state of their own. They are measured, logged and bounded in
    /// time as the others; who may see them is theirs to ask. They must not have a fallback.
    pub pages: Option<Router>,
}

/// A route and what it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The template of the path.
    pub template: &'static str,
    /// What the caller must be allowed to do; none where anybody may ask.
    pub action: Option<Action>,
}

const fn route(method: &'static str, template: &'static str, action: Action) -> Route {
    Route {
        method,
        template,
        action: Some(action),
    }
}

const fn of_anybody(method: &'static str, template: &'static str) -> Route {
    Route {
        method,
        template,
        action: None,
    }
}

/// Every route of the API.
pub const ROUTES: &[Route] = &[
    route("POST", "/v1/streams/{stream}", Action::Push),
    route("POST", "/v1/claims/xml", Action::Push),
    route("POST", "/v1/claims/restore", Action::RestoreClaims),
    route("POST", "/v1/loads/undo", Action::UndoLoads),
    route("POST", "/v1/authenticate", Action::Authenticate),
    route("GET", "/v1/alerts", Action::ReadAlerts),
    route("GET", "/v1/alerts.ndjson", Action::Export),
    route("GET", "/v1/history.ndjson", Action::Export),
    route("GET", "/v1/rejects", Action::ReadRejects),
    route("GET", "/v1/rejects/{id}", Action::ReadRejects),
    route("POST", "/v1/rejects/{id}/repair", Action::SettleRejects),
    route("POST", "/v1/rejects/{id}/dismiss", Action::SettleRejects),
    route("GET", "/v1/sources", Action::ReadSources),
    route("POST", "/v1/sources/{name}/resume", Action::ResumeSources),
    route("GET", "/v1/status", Action::ReadStatus),
    route("POST", "/v1/self", Action::SelfCheck),
    route("POST", "/v1/self/corrections", Action::SelfCheck),
    route("POST", "/v1/self/corrections/status", Action::SelfCheck),
    route("GET", "/v1/queue", Action::ReadAlerts),
    route("POST", "/v1/queue/act", Action::ReviewAlerts),
    route("GET", "/v1/queue/{alert_id}", Action::ReadAlerts),
    route("POST", "/v1/queue/{alert_id}/act", Action::ReviewAlerts),
    route(
        "POST",
        "/v1/queue/{alert_id}/second-look",
        Action::ApproveVerdicts,
    ),
    route("GET", "/v1/queue/{alert_id}/rows", Action::ReadAlerts),
    route("POST", "/v1/queue/{alert_id}/reveal", Action::Reveal),
    route("GET", "/v1/changes", Action::ReadAlerts),
    route("POST", "/v1/changes/seen", Action::ReadAlerts),
    route("POST", "/v1/search", Action::SearchPeople),
    route("GET", "/v1/groups/{kind}/{id}", Action::ReadAlerts),
    route("GET", "/v1/batches", Action::ReviewAlerts),
    route("GET", "/v1/batches/offer", Action::ReviewAlerts),
    route("POST", "/v1/batches", Action::ReviewAlerts),
    route("GET", "/v1/batches/{number}", Action::ReviewAlerts),
    route("POST", "/v1/batches/{number}/decide", Action::ReviewAlerts),
    route("POST", "/v1/batches/{number}/undo", Action::ReviewAlerts),
    route("GET", "/v1/corrections", Action::AnswerCorrections),
    route(
        "GET",
        "/v1/corrections/{reference}",
        Action::AnswerCorrections,
    ),
    route(
        "POST",
        "/v1/corrections/{reference}/act",
        Action::AnswerCorrections,
    ),
    route(
        "POST",
        "/v1/corrections/{reference}/reveal",
        Action::AnswerCorrections,
    ),
    route("GET", "/v1/access-log", Action::ReadAccessLog),
    route("GET", "/v1/access-log/sample", Action::ReadAccessLog),
    of_anybody("GET", "/v1/openapi.json"),
];

pub use openapi::openapi;

/// The router of the API.
pub(super) fn router(options: &ApiOptions, mut parts: ApiParts) -> Router {
    let pages = parts.pages.take().unwrap_or_default();
    let watch = Watch {
        metrics: parts.metrics.clone(),
        within: options.limits.request_timeout * 2 + options.limits.write_timeout,
        has_tls: options.tls.is_some(),
    };
    let routes = ROUTES.iter().fold(Router::new(), |router, route| {
        router.route(route.template, handler(route))
    });
    routes
        .with_state(Shared::new(options, parts))
        .merge(pages)
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .fallback(async || Problem::unmatched())
        .layer(from_fn_with_state(watch, exchange))
}

/// What answers a route. What is not in [`ROUTES`], where every role is tried against it, has nothing that answers.
///
/// # Panics
/// For a route that has nothing either: no service starts with it.
fn handler(route: &Route) -> MethodRouter<App> {
    match (route.method, route.template) {
        ("POST", "/v1/streams/{stream}") => post(push::rows),
        ("POST", "/v1/claims/xml") => post(push::envelope),
        ("POST", "/v1/claims/restore") => post(restore::restore),
        ("POST", "/v1/loads/undo") => post(loads::undo),
        ("POST", "/v1/authenticate") => post(authenticate::authenticate),
        ("GET", "/v1/alerts") => get(alerts::page),
        ("GET", "/v1/alerts.ndjson") => get(alerts::export_alerts),
        ("GET", "/v1/history.ndjson") => get(alerts::export_history),
        ("GET", "/v1/rejects") => get(rejects::page),
        ("GET", "/v1/rejects/{id}") => get(rejects::one),
        ("POST", "/v1/rejects/{id}/repair") => post(rejects::repair),
        ("POST", "/v1/rejects/{id}/dismiss") => post(rejects::dismiss),
        ("GET", "/v1/sources") => get(sources::all),
        ("POST", "/v1/sources/{name}/resume") => post(sources::resume),
        ("GET", "/v1/status") => get(status::status),
        ("POST", "/v1/self") => post(self_check::records),
        ("POST", "/v1/self/corrections") => post(self_check::correct),
        ("POST", "/v1/self/corrections/status") => post(self_check::status),
        ("GET", "/v1/queue") => get(queue::list),
        ("POST", "/v1/queue/act") => post(queue::act_on_all),
        ("GET", "/v1/queue/{alert_id}") => get(queue::one),
        ("POST", "/v1/queue/{alert_id}/act") => post(queue::act),
        ("POST", "/v1/queue/{alert_id}/second-look") => post(queue::second_look),
        ("GET", "/v1/queue/{alert_id}/rows") => get(queue::rows),
        ("POST", "/v1/queue/{alert_id}/reveal") => post(queue::reveal),
        ("GET", "/v1/changes") => get(queue::changes),
        ("POST", "/v1/changes/seen") => post(queue::seen),
        ("POST", "/v1/search") => post(queue::search),
        ("GET", "/v1/groups/{kind}/{id}") => get(queue::group),
        ("GET", "/v1/batches") => get(queue::batch::list),
        ("GET", "/v1/batches/offer") => get(queue::batch::offer),
        ("POST", "/v1/batches") => post(queue::batch::propose),
        ("GET", "/v1/batches/{number}") => get(queue::batch::one),
        ("POST", "/v1/batches/{number}/decide") => post(queue::batch::decide),
        ("POST", "/v1/batches/{number}/undo") => post(queue::batch::undo),
        ("GET", "/v1/corrections") => get(queue::correction::list),
        ("GET", "/v1/corrections/{reference}") => get(queue::correction::one),
        ("POST", "/v1/corrections/{reference}/act") => post(queue::correction::act),
        ("POST", "/v1/corrections/{reference}/reveal") => post(queue::correction::reveal),
        ("GET", "/v1/access-log") => get(access_log::page),
        ("GET", "/v1/access-log/sample") => get(access_log::sample),
        ("GET", "/v1/openapi.json") => get(openapi::document),
        (method, template) => unreachable!("{method} {template} has a handler"),
    }
}
