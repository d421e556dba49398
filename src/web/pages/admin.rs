//! `/admin` and `/admin/users`: who signs in, what each role may, what is in force; and new users.
//!
//! Must hold: a setup code is in the one answer that gives it, and in no address.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::access_words::may;
use super::answer;
use super::app::{App, day_of};
use super::caller::Caller;
use super::directory::{AccountSettings, DirectoryError, GivenCode, Member, NewMember};
use super::fault::Fault;
use super::filters::Choice;
use super::label::Label;
use super::prove::prove;
use super::shell::{Shell, role};
use super::told::{moment, told};
use crate::access::{Action, ProvinceSet, Role, display_name, is_allowed, is_plain_name};
use crate::language::{Language, PageMessages};
use crate::review::{has_holidays_of, holidays_of};

/// The fields of the form of a new user.
const FIELDS: [&str; 5] = ["name", "display_name", "role", "provinces", "language"];

/// A user in the list.
struct MemberRow {
    address: String,
    name: String,
    display_name: String,
    role: &'static str,
    provinces: String,
    state: Label,
    totp: &'static str,
    signed_in: String,
    sessions: String,
}

/// What a role may.
struct MatrixRow {
    action: &'static str,
    answers: Vec<bool>,
}

/// A setting in force.
struct Setting {
    name: &'static str,
    value: String,
}

#[derive(Template)]
#[template(path = "admin.html")]
struct AdminPage {
    shell: Shell,
    caption: String,
    members: Vec<MemberRow>,
    name: String,
    display_name: String,
    provinces: String,
    roles: Vec<Choice>,
    languages: Vec<Choice>,
    matrix_roles: Vec<&'static str>,
    matrix: Vec<MatrixRow>,
    settings: Vec<Setting>,
    retention: Vec<Setting>,
    calendars: Vec<Calendar>,
    /// What is missing in them.
    missing: Option<String>,
}

#[derive(Template)]
#[template(path = "admin_code.html")]
struct CodePage {
    shell: Shell,
    name: String,
    code: GivenCode,
    help: String,
    address: String,
}

/// `GET /admin`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    show(&app, &caller, None).await
}

/// The page, with what was refused of the form of a new user.
async fn show(
    app: &App,
    caller: &Caller,
    refused: Option<&'static str>,
) -> Result<Response, Fault> {
    let members = app.ask(|parts| parts.directory.members().map_err(fault));
    let members = members.await?;
    let (language, t) = (caller.language, caller.texts());
    let typed = |name| caller.fields.get(name).unwrap_or_default().to_owned();
    let mut shell = Shell::new(caller, t.admin);
    shell.refused = refused.map(str::to_owned);
    shell.path = "/admin".to_owned();
    let chosen = typed("language");
    let own = app.parts.directory.settings();
    let (year, ..) = day_of(caller.now).civil();
    let count = language.count(members.len() as u64);
    let page = AdminPage {
        shell,
        caption: told(t.members_caption, &[("count", &count)]),
        members: { members.into_iter() }
            .map(|member| row(member, language))
            .collect(),
        name: typed("name"),
        display_name: typed("display_name"),
        provinces: typed("provinces"),
        roles: roles(Role::from_name(&typed("role")), t),
        languages: { Language::ALL.into_iter().rev() }
            .map(|one| Choice {
                value: one.code(),
                text: own_name(one).to_owned(),
                is_chosen: one.code() == chosen,
            })
            .collect(),
        matrix_roles: Role::ALL.iter().map(|own| role(*own, t)).collect(),
        matrix: { Action::ALL.iter() }
            .map(|action| MatrixRow {
                action: may(*action, language),
                answers: (Role::ALL.iter())
                    .map(|role| is_allowed(*role, *action))
                    .collect(),
            })
            .collect(),
        settings: settings(&own, t, language),
        retention: retention(&own, t, language),
        calendars: { [year, year + 1].into_iter() }
            .map(|year| calendar(year, language))
            .collect(),
        missing: missing(year, t),
    };
    let status = match refused {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(answer::page(status, &page))
}

/// `POST /admin/users`: a new user.
pub(super) async fn add(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let new = match new_member(&caller) {
        Ok(new) => new,
        Err(why) => return show(&app, &caller, Some(why)).await,
    };
    let proved = match prove(&app, &caller, &FIELDS).await? {
        Ok(proved) => proved,
        Err(asked) => return Ok(asked),
    };
    let (cookie, name) = (proved.cookie.clone(), new.name.clone());
    let added = app.ask(move |parts| Ok(parts.directory.add(&cookie, &new)));
    let answer = match added.await {
        Ok(Ok((id, code))) => Ok(code_page(&app, &caller, name, id, code)),
        Ok(Err(why)) => match refusal(why, caller.texts()) {
            Some(text) => show(&app, &caller, Some(text)).await,
            None => Err(fault(why)),
        },
        Err(fault) => Err(fault),
    };
    Ok(proved.with(answer))
}

/// What the form says, or what of it cannot be.
fn new_member(caller: &Caller) -> Result<NewMember, &'static str> {
    let (fields, t) = (&caller.fields, caller.texts());
    let name = fields.filled("name").unwrap_or_default();
    if !is_plain_name(name) {
        return Err(t.member_name_wrong);
    }
    let shown = display_name(fields.filled("display_name").unwrap_or_default());
    let language = fields.filled("language").and_then(Language::from_code);
    Ok(NewMember {
        name: name.to_owned(),
        display_name: shown.ok_or(t.member_display_name_wrong)?,
        role: role_of(fields.filled("role")).ok_or(t.member_role_wrong)?,
        provinces: provinces(fields.filled("provinces")).ok_or(t.member_provinces_wrong)?,
        language: language.unwrap_or(Language::Vietnamese),
    })
}

/// The page with a setup code, which is shown by this answer alone.
pub(super) fn code_page(
    app: &App,
    caller: &Caller,
    name: String,
    id: u32,
    code: GivenCode,
) -> Response {
    let (t, language) = (caller.texts(), caller.language);
    let life = span(app.parts.directory.settings().setup_code, t, language);
    let mut shell = Shell::new(caller, t.setup_code);
    shell.path = user_address(id);
    let page = CodePage {
        shell,
        name,
        code,
        help: told(t.member_code_help, &[("life", &life)]),
        address: user_address(id),
    };
    answer::page(StatusCode::OK, &page)
}

/// The page of a user.
pub(super) fn user_address(id: u32) -> String {
    format!("/admin/users/{id}")
}

/// The role of this name, if people can have it.
pub(super) fn role_of(name: Option<&str>) -> Option<Role> {
    Role::from_name(name?).filter(|role| !role.is_of_systems())
}

/// Codes of provinces with commas or spaces between; none is all.
pub(super) fn provinces(text: Option<&str>) -> Option<Vec<String>> {
    let codes = text.unwrap_or_default().split([',', ';', ' ']);
    let codes: Vec<&str> = codes.filter(|code| !code.is_empty()).collect();
    let set = ProvinceSet::from_codes(codes.iter().copied())?;
    Some(set.codes().map(|code| format!("{code:02}")).collect())
}

/// The roles that people can have.
pub(super) fn roles(chosen: Option<Role>, t: &'static PageMessages) -> Vec<Choice> {
    let all = Role::ALL.iter().filter(|role| !role.is_of_systems());
    all.map(|own| Choice {
        value: own.as_str(),
        text: role(*own, t).to_owned(),
        is_chosen: chosen == Some(*own),
    })
    .collect()
}

/// Why a user is not made or changed, where the form is to be shown again.
pub(super) fn refusal(why: DirectoryError, t: &'static PageMessages) -> Option<&'static str> {
    match why {
        DirectoryError::OwnAccount => Some(t.member_own),
        DirectoryError::NameTaken => Some(t.member_name_taken),
        DirectoryError::Unfit => Some(t.member_unfit),
        DirectoryError::OfProvider => Some(t.member_provider_help),
        DirectoryError::NotAllowed | DirectoryError::NoSuchUser | DirectoryError::Unavailable => {
            None
        }
    }
}

/// The same, where it is not.
pub(super) fn fault(why: DirectoryError) -> Fault {
    match why {
        DirectoryError::NotAllowed => Fault::Forbidden,
        DirectoryError::NoSuchUser => Fault::NotFound,
        DirectoryError::OwnAccount
        | DirectoryError::NameTaken
        | DirectoryError::OfProvider
        | DirectoryError::Unfit => Fault::Bad,
        DirectoryError::Unavailable => Fault::Unavailable(None),
    }
}

fn row(member: Member, language: Language) -> MemberRow {
    let t = language.page_messages();
    MemberRow {
        address: user_address(member.id),
        role: role(member.role, t),
        provinces: provinces_text(&member.provinces, t),
        state: state(&member, t),
        totp: totp(&member, t),
        signed_in: { member.signed_in_at }.map_or("–".to_owned(), |at| moment(language, at)),
        sessions: language.count(member.sessions as u64),
        name: member.name,
        display_name: member.display_name,
    }
}

/// Whether there is an app of codes: that is the identity provider's affair of whom it brought.
pub(super) fn totp(member: &Member, t: &PageMessages) -> &'static str {
    match member.is_brought {
        true => t.member_provider,
        false => yes_no(member.has_totp, t),
    }
}

/// Whether a user may sign in, and has begun.
pub(super) fn state(member: &Member, t: &PageMessages) -> Label {
    let (class, sign, text) = match (member.is_active, member.has_begun) {
        (false, _) => ("withdrawn", "✕", t.member_disabled),
        (true, true) => ("holds", "✓", t.member_active),
        (true, false) => ("waiting", "◷", t.member_not_begun),
    };
    Label {
        class,
        sign,
        text: text.to_owned(),
    }
}

pub(super) fn provinces_text(provinces: &[String], t: &PageMessages) -> String {
    match provinces {
        [] => t.all_provinces.to_owned(),
        some => some.join(", "),
    }
}

fn yes_no(is: bool, t: &PageMessages) -> &'static str {
    if is { t.yes } else { t.no }
}

fn own_name(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::Vietnamese => "Tiếng Việt",
    }
}

fn settings(own: &AccountSettings, t: &PageMessages, language: Language) -> Vec<Setting> {
    let span = |span: Duration| self::span(span, t, language);
    let totp = match own.is_totp_required {
        true => t.setting_totp_required,
        false => t.setting_totp_optional,
    };
    [
        (t.setting_totp, totp.to_owned()),
        (t.setting_idle, span(own.idle)),
        (t.setting_absolute, span(own.absolute)),
        (t.setting_setup_code, span(own.setup_code)),
    ]
    .map(|(name, value)| Setting { name, value })
    .into()
}

/// For how long things are kept, in words.
fn retention(own: &AccountSettings, t: &PageMessages, language: Language) -> Vec<Setting> {
    let claims = match own.claims_days {
        Some(days) => told(
            t.retention_claims_days,
            &[("count", &language.count(days.into()))],
        ),
        None => t.retention_claims_all.to_owned(),
    };
    let notes = match own.notes_days {
        Some(days) => told(
            t.retention_notes_days,
            &[("count", &language.count(days.into()))],
        ),
        None => t.retention_journal_kept.to_owned(),
    };
    [
        (t.retention_claims, claims),
        (t.retention_journal, t.retention_journal_kept.to_owned()),
        (t.retention_alerts, t.retention_alerts_kept.to_owned()),
        (t.retention_work, t.retention_work_kept.to_owned()),
        (t.retention_notes, notes),
        (t.retention_log, t.retention_log_kept.to_owned()),
    ]
    .map(|(name, value)| Setting { name, value })
    .into()
}

/// The holidays of a year.
struct Calendar {
    caption: String,
    days: Vec<Holidays>,
}

/// Holidays of one kind.
struct Holidays {
    name: &'static str,
    days: String,
}

fn calendar(year: i32, language: Language) -> Calendar {
    let t = language.page_messages();
    let all = holidays_of(year);
    let of_kind = |is_listed: bool, name: &'static str| {
        let own = all.iter().filter(|holiday| holiday.is_listed == is_listed);
        let days: Vec<String> = own.map(|holiday| language.day(holiday.day)).collect();
        Holidays {
            name,
            days: match days.is_empty() {
                true => t.calendars_none.to_owned(),
                false => days.join(", "),
            },
        }
    };
    Calendar {
        caption: told(t.calendars_of, &[("year", &format!("{year:04}"))]),
        days: vec![
            of_kind(false, t.calendars_fixed),
            of_kind(true, t.calendars_listed),
        ],
    }
}

/// Which of this year and the next have no holidays of their own listed.
fn missing(year: i32, t: &PageMessages) -> Option<String> {
    let years = [year, year + 1].into_iter();
    let missing = years.filter(|year| !has_holidays_of(*year));
    let missing: Vec<String> = missing.map(|year| format!("{year:04}")).collect();
    let years = missing.join(", ");
    (!missing.is_empty()).then(|| told(t.calendars_missing, &[("years", &years)]))
}

/// A span of time: in hours where it is whole ones, else in minutes.
fn span(span: Duration, t: &PageMessages, language: Language) -> String {
    let minutes = span.as_secs() / 60;
    let (text, count) = match minutes.is_multiple_of(60) {
        true => (t.setting_hours, minutes / 60),
        false => (t.setting_minutes, minutes),
    };
    told(text, &[("count", &language.count(count))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_without_its_list_is_told() {
        for language in Language::ALL {
            let t = language.page_messages();
            assert_eq!(missing(2025, t), None);
            let next = missing(2026, t).expect("the next year is missing");
            assert!(next.contains("2027") && !next.contains("2026"), "{next}");
            let both = missing(2030, t).expect("both are missing");
            assert!(both.contains("2030, 2031"), "{both}");
            let own = calendar(2026, language);
            assert!(
                own.days[1]
                    .days
                    .contains(&language.day(holiday("2026-02-17")))
            );
            assert_eq!(calendar(2031, language).days[1].days, t.calendars_none);
        }
    }

    fn holiday(text: &str) -> crate::record::Day {
        crate::record::Value::from_text(text).expect("a day")
    }

    #[test]
    fn retention_is_told_in_words() {
        let own = AccountSettings {
            is_totp_required: true,
            idle: Duration::from_secs(900),
            absolute: Duration::from_secs(36_000),
            setup_code: Duration::from_secs(86_400),
            claims_days: Some(400),
            notes_days: Some(3650),
        };
        for language in Language::ALL {
            let t = language.page_messages();
            let told = retention(&own, t, language);
            assert!(told[0].value.contains("400"), "{}", told[0].value);
            let notes = &told[4].value;
            assert!(notes.contains(&language.count(3650)), "{notes}");
            let for_ever = AccountSettings {
                claims_days: None,
                ..own
            };
            assert_eq!(
                retention(&for_ever, t, language)[0].value,
                t.retention_claims_all
            );
        }
    }

    #[test]
    fn provinces_are_read_as_people_write_them() {
        let some = |codes: &[&str]| Some(codes.iter().map(|code| (*code).to_owned()).collect());
        assert_eq!(provinces(Some("79, 01;79")), some(&["01", "79"]));
        assert_eq!(provinces(None), some(&[]));
        assert_eq!(provinces(Some("7")), None);
        assert_eq!(provinces(Some("00")), None);
        assert_eq!(role_of(Some("feed")), None);
        assert_eq!(role_of(Some("auditor")), Some(Role::Auditor));
    }
}
