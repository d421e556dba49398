//! The door of every page: who is it, may they, is a form theirs.
//!
//! In: a request. Out: the answer of its handler, or a page that says why not. Must hold: what is not in
//! [`PAGE_ROUTES`](super::PAGE_ROUTES) is not answered; no handler runs before its route's condition holds, and none
//! of a POST before the form is known to come from a page of the same session.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use http::header::{HOST, ORIGIN, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::answer::{self, see};
use super::app::{App, hexadecimal};
use super::caller::Caller;
use super::cookies::Kept;
use super::fault::Fault;
use super::form::{Fields, query};
use super::missing::is_of_api;
use super::parts::Session;
use super::{Needs, needs};
use crate::language::Language;
use crate::web::exchange::Exchange;
use crate::web::metrics::Event;
use crate::web::socket::Peer;

/// Bytes of a form: some hundred alerts, and a long note.
const LARGEST_FORM: usize = 256 * 1024;

/// The same of somebody who is not signed in: a name, a password, a code; or what was typed before a session ended.
const STRANGERS_FORM: usize = 32 * 1024;
/// How long a form may take to arrive.
const FORM_TIME: Duration = Duration::from_secs(30);
/// What a page sends along that asks for itself again, and nobody with it.
const UNATTENDED: &str = "x-unattended";
const STRANGERS_TIME: Duration = Duration::from_secs(10);

/// The middleware around every page.
pub(super) async fn admit(State(app): State<App>, request: Request, next: Next) -> Response {
    let frontier = app.live.frontier(&app).await;
    let headers = request.headers();
    let is_secure = app.is_secure();
    let cookie = Kept::Session.read(headers, is_secure);
    let accounts = &app.parts.accounts;
    let session = cookie
        .as_deref()
        .and_then(|cookie| match request.uri().path() {
            // An open page asks by itself: that nobody sits before it is not to be missed.
            "/live" => accounts.peek(cookie),
            _ if headers.contains_key(UNATTENDED) => accounts.peek(cookie),
            _ => accounts.session(cookie),
        });
    if let (Some(exchange), Some(session)) = (request.extensions().get::<Arc<Exchange>>(), &session)
    {
        exchange.is_of(&session.name);
    }
    let kept = Kept::Language.read(headers, is_secure);
    let before = kept.and_then(|code| Language::from_code(&code));
    let language = session.as_ref().map_or(before, |own| Some(own.language));
    let form = Kept::Form.read(headers, is_secure);
    let (form, is_new) = match form {
        Some(form) => (form, false),
        None => (random(), true),
    };
    let csrf = match &session {
        Some(session) => session.csrf_token.clone(),
        None => Zeroizing::new(app.sealed("form", &[&form])),
    };
    let uri = request.uri();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let caller = Caller {
        cookie,
        device: Kept::Device.read(headers, is_secure),
        departure: Kept::Departure.read(headers, is_secure),
        language: language.unwrap_or(Language::Vietnamese),
        path: path.to_owned(),
        fields: Fields::read(uri.query().unwrap_or_default().as_bytes()),
        csrf,
        has_shortcuts: Kept::Shortcuts.read(headers, is_secure).as_deref() != Some("off"),
        now: app.now(),
        peer: request.extensions().get::<Peer>().map(|peer| peer.0),
        frontier,
        streams: match &session {
            Some(_) => app.parts.feeds.streams(),
            None => Vec::new(),
        },
        session,
    };
    let (caller, mut response) = answered(&app, caller, request, next).await;
    if let Some(fault) = response.extensions_mut().remove::<Fault>() {
        // A handler that gave the browser a cookie before it failed did so for good.
        let cookies = response.headers_mut().remove(SET_COOKIE);
        response = answer::fault(&caller, &fault);
        if let Some(cookie) = cookies {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    if is_new && caller.session.is_none() && !is_of_api(&caller.path) {
        let cookie = Kept::Form.set(&form, None, is_secure);
        if let Some(cookie) = cookie {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}

async fn answered(
    app: &App,
    mut caller: Caller,
    request: Request,
    next: Next,
) -> (Arc<Caller>, Response) {
    let template = request.extensions().get::<MatchedPath>().cloned();
    let template = template.as_ref().map_or("", MatchedPath::as_str);
    let refused = |caller: Caller, fault: Fault| (Arc::new(caller), fault.into_response());
    let Some(needs) = needs(request.method(), template) else {
        return refused(caller, Fault::Method);
    };
    let is_post = request.method() == Method::POST;
    let (head, body) = request.into_parts();
    if is_post {
        // Whoever is nobody yet sends little, and not for long.
        let (most, within) = match &caller.session {
            Some(_) => (LARGEST_FORM, FORM_TIME),
            None => (STRANGERS_FORM, STRANGERS_TIME),
        };
        let Ok(Ok(body)) = tokio::time::timeout(within, to_bytes(body, most)).await else {
            return refused(caller, Fault::Bad);
        };
        caller.fields = Fields::read(&body);
        let typed = caller.typed();
        let is_of_system = needs == Needs::Signature;
        if !is_of_system && needs != Needs::Anybody && caller.session.is_none() {
            return refused(caller, Fault::Ended(typed));
        }
        let origin = app.parts.public_origin.as_deref();
        let is_own = is_from_here(&head.headers, origin) && is_theirs(&caller);
        if !is_of_system && !is_own {
            return refused(caller, Fault::Foreign(typed));
        }
    }
    match (admitted(needs, caller.session.as_deref()), is_post) {
        (Ok(()), _) => {}
        (Err(Fault::Ended(_)), false) => {
            let to = Some(caller.path.clone()).filter(|path| path != "/");
            let address = match query(&[("to", to)]) {
                empty if empty.is_empty() => "/sign-in".to_owned(),
                query => format!("/sign-in?{query}"),
            };
            return (Arc::new(caller), see(&address));
        }
        (Err(fault), _) => return refused(caller, fault),
    }
    let caller = Arc::new(caller);
    let mut request = Request::from_parts(head, axum::body::Body::empty());
    request.extensions_mut().insert(caller.clone());
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let response = answer.unwrap_or_else(|_| {
        app.parts.metrics.count(Event::Panicked);
        Fault::Failed.into_response()
    });
    (caller, response)
}

fn admitted(needs: Needs, session: Option<&Session>) -> Result<(), Fault> {
    match (needs, session) {
        (Needs::Anybody | Needs::Signature, _) | (Needs::SignedIn, Some(_)) => Ok(()),
        (_, None) => Err(Fault::Ended(None)),
        (Needs::May(action), Some(session)) if session.may(action) => Ok(()),
        _ => Err(Fault::Forbidden),
    }
}

/// Whether a browser says that the form is of a page of this service: at this address, where it is known. One that says
/// nothing is not believed.
fn is_from_here(headers: &HeaderMap, public_origin: Option<&str>) -> bool {
    let text = |value: &'_ HeaderValue| value.to_str().ok().map(str::to_owned);
    let origin = headers.get(ORIGIN).and_then(text);
    let is_another = |own| origin.as_ref().is_some_and(|origin| origin != own);
    if public_origin.is_some_and(is_another) {
        return false;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    if let Some(own) = public_origin {
        return origin.as_deref() == Some(own);
    }
    let host = headers.get(HOST).and_then(text);
    let (Some(origin), Some(host)) = (origin, host) else {
        return false;
    };
    ["https://", "http://"]
        .iter()
        .any(|scheme| origin.strip_prefix(scheme) == Some(&host))
}

/// Whether the form has the token of the session, or of the browser where there is none.
fn is_theirs(caller: &Caller) -> bool {
    let shown = caller.fields.get("csrf").unwrap_or_default();
    shown.as_bytes().ct_eq(caller.csrf.as_bytes()).into()
}

fn random() -> String {
    let mut bytes = [0; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => hexadecimal(&bytes),
        // The token is keyed all the same; it is only not this browser's own.
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_comes_from_here_or_is_not_believed() {
        let of = |public: Option<&str>, pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            super::is_from_here(&headers, public)
        };
        let is_from_here = |pairs: &[(&'static str, &'static str)]| of(None, pairs);
        assert!(is_from_here(&[("sec-fetch-site", "same-origin")]));
        assert!(is_from_here(&[
            ("origin", "https://fund.example:8443"),
            ("host", "fund.example:8443")
        ]));
        assert!(!is_from_here(&[]));
        assert!(!is_from_here(&[("host", "fund.example")]));
        for site in ["cross-site", "same-site", "none"] {
            let origin = [("origin", "https://a"), ("host", "a")];
            assert!(is_from_here(&origin));
            assert!(!is_from_here(&[
                ("sec-fetch-site", site),
                origin[0],
                origin[1]
            ]));
        }
        assert!(!is_from_here(&[("origin", "null"), ("host", "a")]));
        assert!(!is_from_here(&[("origin", "https://b"), ("host", "a")]));
        // Behind a proxy, which may ask by another name.
        let public =
            |pairs: &[(&'static str, &'static str)]| of(Some("https://fund.example"), pairs);
        assert!(public(&[
            ("origin", "https://fund.example"),
            ("host", "a:8080")
        ]));
        assert!(public(&[("sec-fetch-site", "same-origin")]));
        for other in ["http://fund.example", "https://a:8080", "null"] {
            assert!(!public(&[("origin", other), ("host", "a:8080")]), "{other}");
            assert!(!public(&[
                ("sec-fetch-site", "same-origin"),
                ("origin", other)
            ]));
        }
        assert!(!public(&[("host", "fund.example")]));
    }
}
