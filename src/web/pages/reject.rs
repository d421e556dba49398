//! `/feeds/rejects/{id}`: a row that was not accepted, and a form that repairs it.
//!
//! Must hold: what of the row may not be told is not in the form, and is kept where nothing else is given; what was typed
//! is not lost where it is refused; of two who settle a row the second is told so.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

use super::answer::{self, see};
use super::app::App;
use super::caller::Caller;
use super::fault::Fault;
use super::form::Fields;
use super::rejected::{Given, RejectFault, RejectOpened, RowField};
use super::rejects::{RejectRow, fault, row};
use super::shell::Shell;
use super::told::told;
use crate::access::Action;
use crate::language::{Language, code_words, worded};
use crate::record::{Presence, Stream};
use crate::store::RejectState;

/// The longest text of a field, in bytes.
const LONGEST: usize = 16 << 10;

worded! {
    /// Why a rejected row is not repaired.
    Dismissal {
        SentAgain = "sent_again", "The sender has sent it again, corrected", "Đơn vị đã gửi lại bản đúng";
        NotNeeded = "not_needed", "It is a duplicate, or out of date", "Bản ghi trùng hoặc đã lỗi thời";
        TestRow = "test_row", "It is a row of a test", "Bản ghi thử nghiệm";
        SenderInformed = "sender_informed", "The sender was informed, and will correct it at the source", "Đã báo đơn vị gửi sửa tại nguồn";
        CannotBeRead = "cannot_be_read", "It cannot be read at all", "Không thể đọc được";
    }
}

struct FieldRow {
    name: &'static str,
    is_required: bool,
    /// Whether several values may be given, with `;` between.
    is_list: bool,
    words: Vec<WordChoice>,
    value: String,
    /// Whether what it says is kept where nothing is typed.
    is_masked: bool,
    /// Whether it is the field that is wrong.
    is_wrong: bool,
    is_emptied: bool,
}

struct WordChoice {
    value: String,
    is_chosen: bool,
}

struct ReasonChoice {
    value: &'static str,
    text: &'static str,
}

#[derive(Template)]
#[template(path = "reject.html")]
struct RejectPage {
    shell: Shell,
    row: RejectRow,
    is_read: bool,
    fields: Vec<FieldRow>,
    reasons: Vec<ReasonChoice>,
    can_settle: bool,
    /// Why it cannot be settled any more.
    is_settled: bool,
}

/// `GET /feeds/rejects/{id}`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let opened = opened(&app, &caller, number(&id)?).await?;
    let t = caller.texts();
    let done = caller
        .fields
        .filled("done")
        .and_then(RejectState::from_name);
    let done = done.and_then(|done| match done {
        RejectState::Repaired => Some(t.reject_sent),
        RejectState::Dismissed => Some(t.reject_set_aside),
        RejectState::Open => None,
    });
    let mut shell = Shell::new(&caller, "");
    shell.done = done.map(str::to_owned);
    // What was just done is stored a moment later.
    let is_done = shell.done.is_some();
    Ok(shown(
        &caller,
        opened,
        shell,
        (StatusCode::OK, is_done),
        None,
    ))
}

async fn opened(app: &App, caller: &Caller, id: u64) -> Result<RejectOpened, Fault> {
    let viewer = caller.viewer()?;
    let found = app.ask(move |parts| parts.rejects.open(&viewer, id).map_err(fault));
    found.await
}

/// A number as it is given out: no sign, no leading zero.
fn number(text: &str) -> Result<u64, Fault> {
    let number = text.parse::<u64>().ok();
    let number = number.filter(|number| number.to_string() == text);
    number.ok_or(Fault::NotFound)
}

fn shown(
    caller: &Caller,
    opened: RejectOpened,
    mut shell: Shell,
    (status, is_done): (StatusCode, bool),
    typed: Option<&Fields>,
) -> Response {
    let language = caller.language;
    let RejectOpened {
        told: reject,
        fields,
        is_read,
    } = opened;
    let may = |session: &Arc<super::parts::Session>| session.may(Action::RepairRejects);
    let is_open = reject.state == RejectState::Open && !is_done;
    let number = reject.id.to_string();
    shell.title = told(shell.t.reject, &[("id", &number)]);
    let can_settle = is_open && caller.session.as_ref().is_some_and(may);
    let page = RejectPage {
        fields: fields
            .into_iter()
            .map(|field| field_row(field, reject.column, typed))
            .collect(),
        reasons: reasons(language),
        can_settle,
        is_settled: !is_open,
        is_read,
        row: row(&reject, language),
        shell,
    };
    answer::page(status, &page)
}

fn reasons(language: Language) -> Vec<ReasonChoice> {
    let reasons = Dismissal::ALL.iter();
    let reasons = reasons.map(|reason| ReasonChoice {
        value: reason.as_str(),
        text: reason.text(language),
    });
    reasons.collect()
}

fn field_row(field: RowField, wrong: Option<&str>, typed: Option<&Fields>) -> FieldRow {
    let is_emptied = typed.is_some_and(|typed| is_emptied(typed, field.name));
    let typed = typed.and_then(|typed| typed.get(&input(field.name)));
    let value = typed.map(str::to_owned).or(field.text).unwrap_or_default();
    let word = |word: String| WordChoice {
        is_chosen: word == value,
        value: word,
    };
    FieldRow {
        name: field.name,
        is_required: field.presence == Presence::Required,
        is_list: field.presence == Presence::List,
        words: field.words.into_iter().map(word).collect(),
        is_masked: field.is_masked,
        is_wrong: wrong == Some(field.name),
        is_emptied,
        value,
    }
}

/// The name of the input of a column, and of the box that empties it: no column is called like a field of every form.
fn input(column: &str) -> String {
    format!("c.{column}")
}

fn is_emptied(fields: &Fields, column: &str) -> bool {
    fields.all("empty").any(|own| own == column)
}

/// What a form gives: of a column that is masked, nothing typed is what came.
fn given(
    fields: &Fields,
    stream: Stream,
    is_masked: &BTreeMap<&str, bool>,
) -> Option<Vec<(&'static str, Given)>> {
    let mut all = Vec::new();
    for name in stream.column_names() {
        let text = fields.filled(&input(name));
        let masked = is_masked.get(name).copied().unwrap_or_default();
        let given = match text {
            _ if is_emptied(fields, name) => Given::Nothing,
            Some(text) if text.len() > LONGEST => return None,
            Some(text) => Given::Text(text.to_owned()),
            None if masked => Given::Kept,
            None => Given::Nothing,
        };
        all.push((name, given));
    }
    Some(all)
}

/// `POST /feeds/rejects/{id}/repair`.
pub(super) async fn repair(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let id = number(&id)?;
    let (viewer, own) = (caller.viewer()?, caller.clone());
    let outcome = app.ask(move |parts| {
        let opened = match parts.rejects.open(&viewer, id) {
            Ok(opened) => opened,
            Err(error) => return Err(fault(error)),
        };
        let masked = opened
            .fields
            .iter()
            .map(|field| (field.name, field.is_masked));
        let given = given(&own.fields, opened.told.stream, &masked.collect());
        let given = given.ok_or(Fault::Bad)?;
        Ok(parts.rejects.repair(&viewer, id, &given))
    });
    settled(&app, &caller, id, (outcome.await?, RejectState::Repaired)).await
}

/// `POST /feeds/rejects/{id}/dismiss`.
pub(super) async fn dismiss(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let id = number(&id)?;
    let reason = caller
        .fields
        .filled("reason")
        .and_then(Dismissal::from_name);
    let Some(reason) = reason else {
        let opened = opened(&app, &caller, id).await?;
        let mut shell = Shell::new(&caller, "");
        shell.path = address(id);
        shell.refused = Some(shell.t.reject_reason_missing.to_owned());
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(shown(&caller, opened, shell, (status, false), None));
    };
    let viewer = caller.viewer()?;
    let outcome = app.ask(move |parts| {
        let dismissed = parts.rejects.dismiss(&viewer, id, reason.as_str());
        Ok(dismissed)
    });
    settled(&app, &caller, id, (outcome.await?, RejectState::Dismissed)).await
}

fn address(id: u64) -> String {
    format!("/feeds/rejects/{id}")
}

/// What is answered once a row was settled, or was not.
async fn settled(
    app: &App,
    caller: &Caller,
    id: u64,
    (outcome, to): (Result<(), RejectFault>, RejectState),
) -> Result<Response, Fault> {
    let why = match outcome {
        Ok(()) => return Ok(see(&format!("{}?done={}", address(id), to.as_str()))),
        Err(why @ (RejectFault::NotFound | RejectFault::NotTheirs)) => return Err(fault(why)),
        Err(why) => why,
    };
    let opened = opened(app, caller, id).await?;
    let language = caller.language;
    let mut shell = Shell::new(caller, "");
    // The page is shown at the address of a POST.
    shell.path = address(id);
    let t = shell.t;
    let (status, text) = match why {
        RejectFault::Settled => (StatusCode::CONFLICT, t.reject_settled.to_owned()),
        RejectFault::StillWrong(code) => {
            let words = code.map_or(t.reject_unknown, |code| code_words(code, language));
            let text = told(t.reject_still_wrong, &[("why", words)]);
            (StatusCode::UNPROCESSABLE_ENTITY, text)
        }
        RejectFault::Full => (
            StatusCode::TOO_MANY_REQUESTS,
            t.error_too_many_help.to_owned(),
        ),
        RejectFault::NotFound | RejectFault::NotTheirs | RejectFault::Unavailable => (
            StatusCode::SERVICE_UNAVAILABLE,
            t.error_unavailable_help.to_owned(),
        ),
    };
    shell.refused = Some(text);
    let typed = (to == RejectState::Repaired).then_some(&caller.fields);
    Ok(shown(caller, opened, shell, (status, false), typed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_masked_is_kept_unless_it_is_typed_or_emptied() {
        let fields = Fields::read(
            "c.card_number=&c.valid_from=+2024-12-01+&c.valid_to=&c.status=valid&empty=status_date&c.status_date=x"
                .as_bytes(),
        );
        let masked = [
            ("card_number", true),
            ("valid_from", true),
            ("status_date", true),
        ];
        let given = given(&fields, Stream::Cards, &masked.into()).expect("short");
        let of = |name: &str| {
            given
                .iter()
                .find(|(own, _)| *own == name)
                .map(|(_, one)| one)
        };
        assert_eq!(of("card_number"), Some(&Given::Kept));
        let day = Given::Text("2024-12-01".to_owned());
        assert_eq!(of("valid_from"), Some(&day));
        assert_eq!(of("valid_to"), Some(&Given::Nothing));
        assert_eq!(of("status_date"), Some(&Given::Nothing));
        assert_eq!(format!("{day:?}"), "Text(***)");
        for wrong in ["", "01", "-1", "+1", "x", "18446744073709551616"] {
            assert!(number(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reasons_are_words_that_a_steward_takes() {
        for reason in Dismissal::ALL {
            let is_fit = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
            assert!(reason.as_str().bytes().all(is_fit));
            assert_eq!(Dismissal::from_name(reason.as_str()), Some(*reason));
        }
    }
}
