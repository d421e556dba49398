//! `/admin/users/{id}`: one user, and what an administrator changes of them.
//!
//! Must hold: nobody changes their own role or state, whatever form they send; the number is in the address, not the name.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

use super::admin::{
    code_page, fault, provinces, provinces_text, refusal, role_of, roles, state, totp, user_address,
};
use super::answer::{self, see};
use super::app::{App, machine_now};
use super::caller::Caller;
use super::directory::{Member, MemberChange};
use super::fault::Fault;
use super::filters::Choice;
use super::label::Label;
use super::prove::prove;
use super::shell::{Shell, role};
use super::told::{moment, told};
use crate::language::PageMessages;

/// The fields of the forms of changes.
const FIELDS: [&str; 3] = ["change", "role", "provinces"];

#[derive(Template)]
#[template(path = "admin_user.html")]
struct UserPage {
    shell: Shell,
    address: String,
    name: String,
    role: &'static str,
    province_text: String,
    provinces: String,
    state: Label,
    totp: &'static str,
    signed_in: String,
    sessions: String,
    code_until: Option<String>,
    is_own: bool,
    is_brought: bool,
    is_active: bool,
    roles: Vec<Choice>,
}

/// `GET /admin/users/{id}`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let member = find(&app, &id).await?;
    let t = caller.texts();
    let mut shell = Shell::new(&caller, &member.display_name);
    shell.done = caller.fields.get("done").and_then(|done| said(done, t));
    show(&caller, shell, &member, StatusCode::OK)
}

/// `POST /admin/users/{id}`.
pub(super) async fn change(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let member = find(&app, &id).await?;
    let t = caller.texts();
    let name = caller.fields.filled("change").ok_or(Fault::Bad)?;
    let change = match asked(&caller, name, t)? {
        Ok(_) if is_own(&caller, &member)? => return refused(&caller, &member, t.member_own),
        Ok(change) => change,
        Err(why) => return refused(&caller, &member, why),
    };
    let proved = match prove(&app, &caller, &FIELDS).await? {
        Ok(proved) => proved,
        Err(asked) => return Ok(asked),
    };
    let (cookie, id) = (proved.cookie.clone(), member.id);
    let changed = app.ask(move |parts| Ok(parts.directory.change(&cookie, id, &change)));
    let answer = match changed.await {
        Ok(Ok(Some(code))) => Ok(code_page(&app, &caller, member.name, id, code)),
        Ok(Ok(None)) => Ok(see(&format!("{}?done={name}", user_address(id)))),
        Ok(Err(why)) => match refusal(why, t) {
            Some(text) => refused(&caller, &member, text),
            None => Err(fault(why)),
        },
        Err(fault) => Err(fault),
    };
    Ok(proved.with(answer))
}

/// What a form asks for, or what of it cannot be.
fn asked(
    caller: &Caller,
    name: &str,
    t: &'static PageMessages,
) -> Result<Result<MemberChange, &'static str>, Fault> {
    let fields = &caller.fields;
    Ok(match name {
        "role" => {
            let role = role_of(fields.filled("role"));
            role.map(MemberChange::Role).ok_or(t.member_role_wrong)
        }
        "provinces" => {
            let codes = provinces(fields.filled("provinces"));
            codes
                .map(MemberChange::Provinces)
                .ok_or(t.member_provinces_wrong)
        }
        "enable" => Ok(MemberChange::Enable),
        "disable" => Ok(MemberChange::Disable),
        "reset" => Ok(MemberChange::Reset),
        "sessions" => Ok(MemberChange::EndSessions),
        _ => return Err(Fault::Bad),
    })
}

/// What is said after a change.
fn said(name: &str, t: &PageMessages) -> Option<String> {
    let text = match name {
        "role" => t.member_done_role,
        "provinces" => t.member_done_provinces,
        "enable" => t.member_done_enable,
        "disable" => t.member_done_disable,
        "sessions" => t.member_done_sessions,
        _ => return None,
    };
    Some(text.to_owned())
}

async fn find(app: &App, id: &str) -> Result<Member, Fault> {
    let id: u32 = id.parse().map_err(|_| Fault::NotFound)?;
    let members = app.ask(|parts| parts.directory.members().map_err(fault));
    let mut members = members.await?.into_iter();
    members.find(|own| own.id == id).ok_or(Fault::NotFound)
}

fn is_own(caller: &Caller, member: &Member) -> Result<bool, Fault> {
    Ok(caller.session()?.name == member.name)
}

fn refused(caller: &Caller, member: &Member, why: &str) -> Result<Response, Fault> {
    let mut shell = Shell::new(caller, &member.display_name);
    shell.refused = Some(why.to_owned());
    show(caller, shell, member, StatusCode::UNPROCESSABLE_ENTITY)
}

fn show(
    caller: &Caller,
    mut shell: Shell,
    member: &Member,
    status: StatusCode,
) -> Result<Response, Fault> {
    let (language, t) = (caller.language, caller.texts());
    let address = user_address(member.id);
    shell.path = address.clone();
    let code_until = member.setup_until.filter(|until| *until > machine_now());
    let page = UserPage {
        shell,
        address,
        name: member.name.clone(),
        role: role(member.role, t),
        province_text: provinces_text(&member.provinces, t),
        provinces: member.provinces.join(", "),
        state: state(member, t),
        totp: totp(member, t),
        signed_in: { member.signed_in_at }.map_or(t.unknown.to_owned(), |at| moment(language, at)),
        sessions: language.count(member.sessions as u64),
        code_until: code_until
            .map(|until| told(t.member_code_until, &[("at", &moment(language, until))])),
        is_own: is_own(caller, member)?,
        is_brought: member.is_brought,
        is_active: member.is_active,
        roles: roles(Some(member.role), t),
    };
    Ok(answer::page(status, &page))
}
