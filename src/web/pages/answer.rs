//! Answers: pages, redirects, and pages that say why not.

use askama::Template;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION, REFERRER_POLICY, RETRY_AFTER,
    STRICT_TRANSPORT_SECURITY,
};
use http::{HeaderValue, StatusCode};

use super::app::App;
use super::caller::Caller;
use super::fault::Fault;
use super::shell::Shell;

const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                   connect-src 'self'; form-action 'self'; frame-ancestors 'none'; \
                   base-uri 'none'; object-src 'none'";
const PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";

/// A page.
pub(super) fn page(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => {
            let mut response = (status, Body::from(text)).into_response();
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, html);
            response
        }
        Err(error) => {
            tracing::error!(%error, "a page cannot be made");
            Fault::Failed.into_response()
        }
    }
}

/// See another page.
pub(super) fn see(address: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let address = HeaderValue::from_str(address);
    let address = address.unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, address);
    response
}

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage<'a> {
    shell: Shell,
    help: &'static str,
    typed: Option<&'a str>,
    is_ended: bool,
}

/// The page that says why not.
pub(super) fn fault(caller: &Caller, fault: &Fault) -> Response {
    let t = caller.texts();
    let (title, help) = match fault {
        Fault::Bad => (t.error_bad, t.wrong_form),
        Fault::Ended(_) => (t.error_ended, t.error_ended_help),
        Fault::Forbidden => (t.error_forbidden, t.error_forbidden_help),
        Fault::Foreign(_) => (t.error_form, t.error_form_help),
        Fault::NotFound | Fault::Method => (t.error_not_found, t.error_not_found_help),
        Fault::TooMany => (t.error_too_many, t.error_too_many_help),
        Fault::Failed => (t.error_failed, t.error_failed_help),
        Fault::Unavailable(_) => (t.error_unavailable, t.error_unavailable_help),
    };
    let mut shell = Shell::new(caller, title);
    if matches!(fault, Fault::NotFound) {
        // An address that leads nowhere is not said again: it may be a number that somebody typed.
        shell.path = "/".to_owned();
    }
    let shown = FaultPage {
        shell,
        help,
        typed: fault.typed(),
        is_ended: matches!(fault, Fault::Ended(_)),
    };
    let status = fault.status();
    let Ok(text) = shown.render() else {
        return status.into_response();
    };
    let mut response = (status, Body::from(text)).into_response();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    if matches!(status.as_u16(), 429 | 503) {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// The middleware that tells browsers what a page may do.
pub(super) async fn harden(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, CSP),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if app.is_reached_by_tls() {
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(crate::web::exchange::YEAR),
        );
    }
    response
}
