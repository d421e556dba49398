//! `/sign-in` and `/sign-out`.
//!
//! Must hold: whoever signs in goes on to a page of this service.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::header::{HeaderName, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use zeroize::Zeroizing;

use super::answer::{self, see};
use super::app::App;
use super::caller::Caller;
use super::cookies::Kept;
use super::fault::Fault;
use super::form::own_path;
use super::oidc::{ProviderLink, link, passage};
use super::parts::AccountError;
use super::shell::Shell;
use super::told::{moment, told};
use crate::language::Language;

#[derive(Template)]
#[template(path = "sign_in.html")]
pub(super) struct SignInPage {
    shell: Shell,
    name: String,
    to: String,
    provider: Option<ProviderLink>,
    has_passwords: bool,
}

impl SignInPage {
    /// The page for somebody who wants to go to `to` then.
    pub fn new(app: &App, language: Language, shell: Shell, name: String, to: String) -> Self {
        Self {
            provider: link(app, language, &to),
            has_passwords: app.parts.has_passwords,
            shell,
            name,
            to,
        }
    }
}

/// How long a browser keeps what it is known by, in seconds.
const KNOWN_FOR: u32 = 180 * 86_400;

/// Has the browser keep what it is known by.
pub(super) fn keep_device(app: &App, device: &str, response: &mut Response) -> Result<(), Fault> {
    let cookie = Kept::Device.set(device, Some(KNOWN_FOR), app.is_secure());
    let headers = response.headers_mut();
    headers.append(SET_COOKIE, cookie.ok_or(Fault::Failed)?);
    Ok(())
}

/// `GET /sign-in`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let to = caller.fields.get("to").and_then(own_path).unwrap_or("/");
    if caller.session.is_some() {
        return Ok(see(to));
    }
    let t = caller.texts();
    let mut shell = Shell::new(&caller, t.sign_in);
    let is_set_up = caller.fields.get("setup").is_some();
    shell.done = is_set_up.then(|| t.setup_done.to_owned());
    let page = SignInPage::new(&app, caller.language, shell, String::new(), to.to_owned());
    Ok(answer::page(StatusCode::OK, &page))
}

/// `POST /sign-in`.
pub(super) async fn sign_in(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    // Nobody signs in here by a password.
    if !app.parts.has_passwords {
        return Err(Fault::NotFound);
    }
    let fields = &caller.fields;
    let text = |name: &str| fields.get(name).unwrap_or_default().to_owned();
    let name = text("name").trim().to_owned();
    let password = Zeroizing::new(text("password"));
    let code: String = text("code").split_whitespace().collect();
    let (asked, browser) = (name.clone(), caller.browser());
    let answer = app.ask_door(move |parts| {
        let code = Some(code.as_str()).filter(|code| !code.is_empty());
        Ok(parts.accounts.sign_in(&asked, &password, code, &browser))
    });
    let to = fields
        .get("to")
        .and_then(own_path)
        .unwrap_or("/")
        .to_owned();
    match answer.await? {
        Ok(signed_in) => {
            let mut response = see(&to);
            let cookie = Kept::Session.set(&signed_in.cookie, None, app.is_secure());
            let headers = response.headers_mut();
            headers.append(SET_COOKIE, cookie.ok_or(Fault::Failed)?);
            // What the forms before were bound to has no use any more.
            let none = Kept::Form.set("", Some(0), app.is_secure());
            headers.append(SET_COOKIE, none.ok_or(Fault::Failed)?);
            let device = signed_in.device.as_ref().map(|device| device.as_str());
            // One that was known is kept for as long again.
            if let Some(device) = device.or(caller.device.as_deref()) {
                keep_device(&app, device, &mut response)?;
            }
            Ok(response)
        }
        Err(why) => {
            let mut shell = Shell::new(&caller, caller.texts().sign_in);
            shell.refused = Some(refusal(why, caller.language));
            shell.path = "/sign-in".to_owned();
            let page = SignInPage::new(&app, caller.language, shell, name, to);
            Ok(answer::page(status(why), &page))
        }
    }
}

/// `POST /sign-out`.
pub(super) async fn sign_out(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    if let Some(cookie) = caller.cookie.clone() {
        app.ask(move |parts| {
            let ended = parts.accounts.sign_out(&cookie);
            ended.map_err(|_| Fault::Unavailable(None))
        })
        .await?;
    }
    let is_brought = caller.session.as_ref().is_some_and(|own| own.is_brought);
    let provider = app.parts.provider.as_ref().filter(|_| is_brought);
    let mut response = match provider.and_then(|provider| provider.sign_out_address()) {
        // A form may lead to this service alone, so that a page goes on to the provider.
        Some(address) => {
            let t = caller.texts();
            passage(
                &caller.nobody(),
                t.sign_out,
                t.signed_out_here,
                Some(address),
            )
        }
        None => see("/sign-in"),
    };
    // What was shown is not to be found in the browser by whoever sits there next. Browsers heed it over TLS.
    let own = HeaderValue::from_static("\"cache\", \"storage\"");
    response
        .headers_mut()
        .insert(HeaderName::from_static("clear-site-data"), own);
    if let Some(cookie) = Kept::Session.set("", Some(0), app.is_secure()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Why an account is not what was asked for.
pub(super) fn refusal(why: AccountError, language: Language) -> String {
    let t = language.page_messages();
    let text = match why {
        AccountError::Refused => t.sign_in_refused,
        AccountError::Locked(until) => {
            return told(t.sign_in_locked, &[("at", &moment(language, until))]);
        }
        AccountError::NeedsCode => t.sign_in_needs_code,
        AccountError::WrongCode => t.setup_wrong_code,
        AccountError::NeedsSetup => t.sign_in_needs_setup,
        AccountError::BadPassword => t.password_bad,
        AccountError::Busy => t.sign_in_busy,
        AccountError::Unavailable => t.sign_in_unavailable,
    };
    text.to_owned()
}

pub(super) fn status(why: AccountError) -> StatusCode {
    match why {
        AccountError::Locked(_) => StatusCode::TOO_MANY_REQUESTS,
        AccountError::Busy | AccountError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
