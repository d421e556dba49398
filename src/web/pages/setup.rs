//! `/setup`: a first use, in two steps: setup code and password, then the app of codes.
//!
//! Must hold: nothing is kept between the steps but in the form of the second, which the browser has.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use zeroize::Zeroizing;

use super::answer::{self, see};
use super::app::App;
use super::caller::Caller;
use super::fault::Fault;
use super::parts::{AccountError, Setup};
use super::shell::Shell;
use super::sign_in::{keep_device, refusal, status};
use super::told::told;

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    shell: Shell,
    name: String,
    password_help: String,
}

#[derive(Template)]
#[template(path = "setup_code.html")]
struct CodePage {
    shell: Shell,
    name: String,
    setup_code: Zeroizing<String>,
    password: Zeroizing<String>,
    secret: Zeroizing<String>,
    picture: Zeroizing<String>,
}

/// `GET /setup`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    // There is nothing to set up.
    if !app.parts.has_passwords {
        return Err(Fault::NotFound);
    }
    Ok(first(&app, &caller, String::new(), None, StatusCode::OK))
}

fn first(
    app: &App,
    caller: &Caller,
    name: String,
    refused: Option<String>,
    status: StatusCode,
) -> Response {
    let t = caller.texts();
    let least = app.parts.accounts.least_password().to_string();
    let mut shell = Shell::new(caller, t.setup);
    shell.refused = refused;
    shell.path = "/setup".to_owned();
    let page = SetupPage {
        shell,
        name,
        password_help: told(t.password_help, &[("least", &least)]),
    };
    answer::page(status, &page)
}

/// `POST /setup`: the first step, or where a code of the app came with it, the second.
pub(super) async fn step(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    // Nobody signs in here by a password.
    if !app.parts.has_passwords {
        return Err(Fault::NotFound);
    }
    let fields = &caller.fields;
    let t = caller.texts();
    let text = |name: &str| fields.get(name).unwrap_or_default().to_owned();
    let name = text("name").trim().to_owned();
    let setup_code = Zeroizing::new(text("setup_code").trim().to_owned());
    let password = Zeroizing::new(text("password"));
    let code = fields
        .get("code")
        .map(|code| code.split_whitespace().collect::<String>());
    if code.is_none() && fields.get("repeat") != Some(password.as_str()) {
        let why = Some(t.passwords_differ.to_owned());
        return Ok(first(
            &app,
            &caller,
            name,
            why,
            StatusCode::UNPROCESSABLE_ENTITY,
        ));
    }
    let peer = caller.peer;
    let (own_name, own_code) = (name.clone(), setup_code.clone());
    let own_password = password.clone();
    let answer = app.ask_door(move |parts| {
        let accounts = &parts.accounts;
        let begun = |refused| {
            (
                refused,
                accounts.begin_setup(&own_name, &own_code, &own_password, peer),
            )
        };
        Ok(match code {
            None => match accounts.begin_setup(&own_name, &own_code, &own_password, peer) {
                Ok(Setup { secret: None, .. }) => {
                    let done = accounts.finish_setup(&own_name, &own_code, &own_password, "", peer);
                    done.map(Err)
                }
                Ok(begun) => Ok(Ok((None, begun))),
                Err(why) => Err(why),
            },
            Some(code) => {
                match accounts.finish_setup(&own_name, &own_code, &own_password, &code, peer) {
                    Ok(device) => Ok(Err(device)),
                    // The step is shown again, with the same key.
                    Err(why @ (AccountError::WrongCode | AccountError::NeedsCode)) => {
                        let (refused, setup) = begun(Some(why));
                        setup.map(|setup| Ok((refused, setup)))
                    }
                    Err(why) => Err(why),
                }
            }
        })
    });
    match answer.await? {
        Ok(Err(device)) => {
            let mut response = see("/sign-in?setup=done");
            keep_device(&app, &device, &mut response)?;
            Ok(response)
        }
        Ok(Ok((refused, setup))) => {
            let mut shell = Shell::new(&caller, t.setup);
            shell.refused = refused.map(|why| refusal(why, caller.language));
            shell.path = "/setup".to_owned();
            let shown = refused.map_or(StatusCode::OK, status);
            let page = CodePage {
                shell,
                name,
                setup_code,
                password,
                secret: grouped(&setup.secret.unwrap_or_default()),
                picture: Zeroizing::new(STANDARD.encode(setup.picture.as_bytes())),
            };
            Ok(answer::page(shown, &page))
        }
        Err(why) => {
            let text = match why {
                AccountError::Refused => t.setup_refused.to_owned(),
                why => refusal(why, caller.language),
            };
            Ok(first(&app, &caller, name, Some(text), status(why)))
        }
    }
}

/// A key in groups of four letters, which is how people type it.
fn grouped(secret: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(secret.len() * 5 / 4));
    for (letter, place) in secret.chars().filter(|letter| *letter != ' ').zip(0..) {
        if place > 0 && place % 4 == 0 {
            text.push(' ');
        }
        text.push(letter);
    }
    text
}
