//! `/sign-in/oidc` and what is behind it: to the identity provider, and back.
//!
//! ```text
//! /sign-in/oidc ──▶ provider ──▶ /sign-in/oidc/callback ──▶ a page that goes on by itself
//!                                /sign-in/oidc/logout ◀── the provider itself, with its signed word
//! ```
//! Must hold: what comes back is of this browser, by a cookie that no page of another site can set or read; the session is
//! a new one. A browser that comes from another site does not send the session's cookie, which is bound to this site, nor
//! where it is sent on from here: so the answer is a page of this site, which goes on without a script.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, SET_COOKIE};
use zeroize::Zeroizing;

use super::answer::{self, see};
use super::app::App;
use super::caller::Caller;
use super::cookies::Kept;
use super::fault::Fault;
use super::form::{own_path, query};
use super::shell::Shell;
use super::sign_in::SignInPage;
use super::told::told;
use super::vouching::{Arrival, VouchError, Vouched};
use crate::language::Language;

/// How long somebody may take at the provider, in seconds.
const LIFE: u32 = 600;

/// The link to the provider.
pub(super) struct ProviderLink {
    pub text: String,
    pub address: String,
}

/// The link to the provider for somebody who wants to go to `to` then, if there is a provider.
pub(super) fn link(app: &App, language: Language, to: &str) -> Option<ProviderLink> {
    let provider = app.parts.provider.as_ref()?;
    let to = Some(to.to_owned()).filter(|to| to != "/");
    let address = match query(&[("to", to)]) {
        empty if empty.is_empty() => "/sign-in/oidc".to_owned(),
        query => format!("/sign-in/oidc?{query}"),
    };
    let name = [("name", provider.name())];
    Some(ProviderLink {
        text: told(language.page_messages().sign_in_with, &name),
        address,
    })
}

/// A page between this service and elsewhere.
#[derive(Template)]
#[template(path = "passage.html")]
struct PassagePage {
    shell: Shell,
    text: &'static str,
    /// Where it goes on to by itself.
    address: Option<String>,
}

/// A page that says something and goes on.
pub(super) fn passage(
    caller: &Caller,
    title: &str,
    text: &'static str,
    address: Option<String>,
) -> Response {
    let refresh = address.as_ref().map(|address| format!("0;url={address}"));
    let mut shell = Shell::new(caller, title);
    shell.path = "/".to_owned();
    let page = PassagePage {
        shell,
        text,
        address,
    };
    let mut response = answer::page(StatusCode::OK, &page);
    // Without it, there is still the link.
    if let Some(Ok(value)) = refresh.map(|text| HeaderValue::from_str(&text)) {
        let name = HeaderName::from_static("refresh");
        response.headers_mut().insert(name, value);
    }
    response
}

/// `GET /sign-in/oidc`.
pub(super) async fn depart(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let provider = app.parts.provider.clone().ok_or(Fault::NotFound)?;
    let to = caller.fields.get("to").and_then(own_path).unwrap_or("/");
    let to = to.to_owned();
    let again = match caller.fields.get("again") {
        None => None,
        Some(_) => {
            let session = caller.session()?;
            let cookie = caller.cookie.clone().filter(|_| session.is_brought);
            Some(Zeroizing::new(cookie.ok_or(Fault::Bad)?))
        }
    };
    let goes = to.clone();
    let departed = app.ask_provider(move |_| {
        let again = again.as_ref().map(|cookie| cookie.as_str());
        Ok(provider.depart(&goes, again))
    });
    match departed.await? {
        Ok(departure) => {
            let mut response = see(&departure.address);
            let cookie = Kept::Departure.set(&departure.kept, Some(LIFE), app.is_secure());
            response
                .headers_mut()
                .append(SET_COOKIE, cookie.ok_or(Fault::Failed)?);
            Ok(response)
        }
        Err(why) => Ok(refused(&app, &caller, why, to)),
    }
}

/// `GET /sign-in/oidc/callback`.
pub(super) async fn arrive(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let provider = app.parts.provider.clone().ok_or(Fault::NotFound)?;
    let text = |name: &str| caller.fields.get(name).map(str::to_owned);
    let arrived = match caller.departure.clone() {
        None => Err(VouchError::NotBegun),
        Some(kept) => {
            let arrival = Arrival {
                kept,
                code: text("code").map(Zeroizing::new),
                state: text("state"),
                issuer: text("iss"),
                has_error: caller.fields.get("error").is_some(),
            };
            let arrived = app.ask_provider(move |_| Ok(provider.arrive(&arrival)));
            arrived.await?
        }
    };
    let mut response = match arrived {
        Ok(vouched) => came_back(&app, &caller, vouched)?,
        Err(why) => refused(&app, &caller, why, "/".to_owned()),
    };
    // It is good for one way there and back.
    let none = Kept::Departure.set("", Some(0), app.is_secure());
    response
        .headers_mut()
        .append(SET_COOKIE, none.ok_or(Fault::Failed)?);
    Ok(response)
}

fn came_back(app: &App, caller: &Caller, vouched: Vouched) -> Result<Response, Fault> {
    let t = vouched.language.page_messages();
    let caller = caller.in_language(vouched.language);
    let mut response = match vouched.is_again {
        // It has been opened beside the page that asked for it.
        true => passage(&caller, t.prove, t.proved_elsewhere, None),
        false => {
            let to = own_path(&vouched.to).unwrap_or("/").to_owned();
            passage(&caller, t.sign_in, t.signed_in_go_on, Some(to))
        }
    };
    let cookie = Kept::Session.set(&vouched.cookie, None, app.is_secure());
    let headers = response.headers_mut();
    headers.append(SET_COOKIE, cookie.ok_or(Fault::Failed)?);
    Ok(response)
}

fn refused(app: &App, caller: &Caller, why: VouchError, to: String) -> Response {
    let t = caller.texts();
    let text = match why {
        VouchError::Away => t.provider_away,
        VouchError::NotBegun => t.provider_not_begun,
        VouchError::Declined => t.provider_declined,
        VouchError::Unsound => t.provider_unsound,
        VouchError::NotAnew => t.provider_not_anew,
        VouchError::NoGroup => t.provider_no_group,
        VouchError::Disabled => t.provider_disabled,
        VouchError::OtherPerson => t.provider_other_person,
        VouchError::Ended => t.error_ended_help,
        VouchError::Unavailable => t.sign_in_unavailable,
    };
    let status = match why {
        VouchError::Away | VouchError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        VouchError::NoGroup | VouchError::Disabled | VouchError::OtherPerson => {
            StatusCode::FORBIDDEN
        }
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let mut shell = Shell::new(caller, t.sign_in);
    shell.refused = Some(text.to_owned());
    shell.path = "/sign-in".to_owned();
    let page = SignInPage::new(app, caller.language, shell, String::new(), to);
    let mut response = answer::page(status, &page);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from_static("5"));
    }
    response
}

/// `POST /sign-in/oidc/logout`: the provider itself, and no browser.
pub(super) async fn logout(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let provider = app.parts.provider.clone().ok_or(Fault::NotFound)?;
    let token = caller.fields.get("logout_token").unwrap_or_default();
    let token = Zeroizing::new(token.to_owned());
    let ended = app.ask_provider(move |_| Ok(provider.end_sessions(&token)));
    let status = match ended.await? {
        Ok(()) => return Ok(StatusCode::OK.into_response()),
        Err(VouchError::Away | VouchError::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
        Err(_) => StatusCode::BAD_REQUEST,
    };
    // As the specification has it; why, is in the log.
    let mut response = (status, r#"{"error":"invalid_request"}"#).into_response();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}
