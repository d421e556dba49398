//! `/account`: one's own password and shortcuts; the language has a form on every page.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use http::header::SET_COOKIE;
use zeroize::Zeroizing;

use super::answer::{self, see};
use super::app::App;
use super::caller::Caller;
use super::cookies::Kept;
use super::fault::Fault;
use super::shell::{Shell, role};
use super::sign_in::{refusal, status};
use super::told::told;

const A_YEAR: u32 = 365 * 86_400;

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    shell: Shell,
    name: String,
    role: &'static str,
    provinces: String,
    password_help: String,
    is_brought: bool,
}

/// `GET /account`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let t = caller.texts();
    let done = match caller.fields.get("done") {
        Some("password") => Some(t.password_changed.to_owned()),
        Some("shortcuts") => Some(t.saved.to_owned()),
        _ => None,
    };
    show(&app, &caller, done, None, StatusCode::OK)
}

fn show(
    app: &App,
    caller: &Caller,
    done: Option<String>,
    refused: Option<String>,
    status: StatusCode,
) -> Result<Response, Fault> {
    let t = caller.texts();
    let session = caller.session()?;
    let least = app.parts.accounts.least_password().to_string();
    let mut shell = Shell::new(caller, t.account);
    shell.done = done;
    shell.refused = refused;
    shell.path = "/account".to_owned();
    let page = AccountPage {
        shell,
        name: session.name.clone(),
        role: role(session.role, t),
        provinces: match session.provinces.is_empty() {
            true => t.all_provinces.to_owned(),
            false => session.provinces.join(", "),
        },
        password_help: told(t.password_help, &[("least", &least)]),
        is_brought: session.is_brought,
    };
    Ok(answer::page(status, &page))
}

/// `POST /account/password`.
pub(super) async fn password(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let t = caller.texts();
    let text = |name| Zeroizing::new(caller.fields.get(name).unwrap_or_default().to_owned());
    let (old, new, repeat) = (text("old"), text("password"), text("repeat"));
    if new != repeat {
        let why = Some(t.passwords_differ.to_owned());
        return show(&app, &caller, None, why, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let cookie = caller.cookie.clone().ok_or(Fault::Ended(None))?;
    let peer = caller.peer;
    let answer =
        app.ask_door(move |parts| Ok(parts.accounts.change_password(&cookie, &old, &new, peer)));
    match answer.await? {
        Ok(()) => Ok(see("/account?done=password")),
        Err(why) => {
            let text = refusal(why, caller.language);
            show(&app, &caller, None, Some(text), status(why))
        }
    }
}

/// `POST /account/shortcuts`: kept by the browser, since keyboards are the browser's.
pub(super) async fn shortcuts(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let value = match caller.fields.get("shortcuts") {
        Some("on") => "on",
        Some("off") => "off",
        _ => return Err(Fault::Bad),
    };
    let mut response = see("/account?done=shortcuts");
    if let Some(cookie) = Kept::Shortcuts.set(value, Some(A_YEAR), app.is_secure()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}
