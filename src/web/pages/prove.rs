//! Who asks for something grave proves again who they are, unless they have just done so.
//!
//! In: a form, and what of it is to be kept. Out: the cookie with which it is done, or the page that asks for the password.
//! Must hold: nothing is done before the proof; whatever comes of the form then, the browser gets the cookie that the
//! proof gave, since the one before is nobody's any more.

use std::sync::Arc;

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{HeaderValue, SET_COOKIE};
use zeroize::Zeroizing;

use super::answer;
use super::app::{App, machine_now};
use super::caller::Caller;
use super::cookies::Kept;
use super::fault::Fault;
use super::parts::AccountError;
use super::shell::Shell;
use super::sign_in::{refusal, status};
use super::told::told;

/// For how many milliseconds a proof is good.
const GOOD_FOR: i64 = 5 * 60 * 1000;
/// The fields of the proof, which no other form has.
const PASSWORD: &str = "own_password";
const CODE: &str = "own_code";
/// Where the proof is given elsewhere: that it is said to be.
const ELSEWHERE: &str = "own_proof";

/// Somebody who has proved who they are.
pub(super) struct Proved {
    /// The cookie of their session.
    pub cookie: Zeroizing<String>,
    /// What sets it, where it is new.
    header: Option<HeaderValue>,
}

impl Proved {
    /// An answer that gives the browser the cookie, if it is new.
    pub fn with(self, answer: Result<Response, Fault>) -> Response {
        let mut response = answer.unwrap_or_else(Fault::into_response);
        if let Some(header) = self.header {
            response.headers_mut().append(SET_COOKIE, header);
        }
        response
    }
}

/// A field that is sent again with the proof.
struct Field {
    name: &'static str,
    value: String,
}

#[derive(Template)]
#[template(path = "prove.html")]
struct ProvePage {
    shell: Shell,
    action: String,
    name: String,
    fields: Vec<Field>,
}

/// For those whom an identity provider brought, and who have no password here.
#[derive(Template)]
#[template(path = "prove_elsewhere.html")]
struct ElsewherePage {
    shell: Shell,
    help: String,
    link: String,
    action: String,
    fields: Vec<Field>,
}

/// Proves who asks, or gives the page that asks for it. `kept` are the fields of the form.
pub(super) async fn prove(
    app: &App,
    caller: &Arc<Caller>,
    kept: &[&'static str],
) -> Result<Result<Proved, Response>, Fault> {
    let session = caller.session()?;
    let cookie = caller.cookie.clone().ok_or(Fault::Ended(None))?;
    let age = machine_now() - session.verified_at;
    if (0..GOOD_FOR).contains(&age) {
        let cookie = Zeroizing::new(cookie);
        return Ok(Ok(Proved {
            cookie,
            header: None,
        }));
    }
    if session.is_brought {
        return Ok(Err(asked_elsewhere(app, caller, kept)?));
    }
    let Some(password) = caller.fields.get(PASSWORD) else {
        return Ok(Err(asked(caller, kept, None)?));
    };
    let password = Zeroizing::new(password.to_owned());
    let code: String = (caller.fields.get(CODE).unwrap_or_default())
        .split_whitespace()
        .collect();
    let answer = app.ask_door(move |parts| {
        let code = Some(code.as_str()).filter(|code| !code.is_empty());
        Ok(parts.accounts.verify_again(&cookie, &password, code))
    });
    match answer.await? {
        Ok(cookie) => {
            let header = Kept::Session.set(&cookie, None, app.is_secure());
            let header = Some(header.ok_or(Fault::Failed)?);
            Ok(Ok(Proved { cookie, header }))
        }
        Err(why) => Ok(Err(asked(caller, kept, Some(why))?)),
    }
}

fn asked(
    caller: &Caller,
    kept: &[&'static str],
    why: Option<AccountError>,
) -> Result<Response, Fault> {
    let t = caller.texts();
    let mut shell = Shell::new(caller, t.prove);
    shell.refused = why.map(|why| match why {
        AccountError::Refused => t.prove_refused.to_owned(),
        why => refusal(why, caller.language),
    });
    // The other language has no form to come back to.
    shell.path = "/".to_owned();
    let page = ProvePage {
        shell,
        action: action(caller),
        name: caller.session()?.name.clone(),
        fields: fields(caller, kept),
    };
    let status = why.map_or(StatusCode::OK, status);
    Ok(answer::page(status, &page))
}

/// The page that asks for a proof at the identity provider, beside it, so that what was typed stays.
fn asked_elsewhere(app: &App, caller: &Caller, kept: &[&'static str]) -> Result<Response, Fault> {
    let t = caller.texts();
    // One who was brought by a provider that is not in force any more proves nothing.
    let provider = app.parts.provider.as_ref().ok_or(Fault::Forbidden)?;
    let name = [("name", provider.name())];
    let was_asked = caller.fields.get(ELSEWHERE).is_some();
    let mut shell = Shell::new(caller, t.prove);
    shell.refused = was_asked.then(|| t.prove_not_yet.to_owned());
    shell.path = "/".to_owned();
    let page = ElsewherePage {
        shell,
        help: told(t.prove_elsewhere_help, &name),
        link: told(t.prove_elsewhere, &name),
        action: action(caller),
        fields: fields(caller, kept),
    };
    let status = match was_asked {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    Ok(answer::page(status, &page))
}

/// Where the form goes again.
fn action(caller: &Caller) -> String {
    caller.path.split('?').next().unwrap_or("/").to_owned()
}

fn fields(caller: &Caller, kept: &[&'static str]) -> Vec<Field> {
    let fields = kept.iter().flat_map(|name| {
        let texts = caller.fields.all(name);
        texts.map(|text| Field {
            name,
            value: text.to_owned(),
        })
    });
    fields.collect()
}
