//! `GET /corrections/{reference}`: one request, what was done about it, and what can be done. `POST …/act` does it, `POST
//! …/reveal` shows the number of whom it is about, once.
//!
//! Must hold: the number is shown only after it is kept that it is; what was typed is not lost where it is refused.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

use super::answer::{self, see};
use super::app::App;
use super::caller::Caller;
use super::event::EventRow;
use super::fault::Fault;
use super::filters::is_alert_id;
use super::parts::PagesParts;
use super::row::short;
use super::shell::{Shell, role};
use super::told::{clock, moment, told, typed};
use crate::language::{Language, PageMessages};
use crate::review::{
    Correction, CorrectionAction, CorrectionCase, CorrectionEvent, CorrectionRefused, Viewer,
    allowed_corrections,
};

struct Found {
    case: CorrectionCase,
    allowed: Vec<CorrectionAction>,
}

#[derive(Template)]
#[template(path = "correction.html")]
struct CorrectionPage {
    shell: Shell,
    reference: String,
    version: u64,
    state: &'static str,
    figures: Vec<(&'static str, String)>,
    should_be: String,
    note: Option<String>,
    answer: Option<String>,
    /// The number of whom it is about, where it is shown.
    number: Option<String>,
    /// Where alerts of the person are.
    alerts: Vec<String>,
    events: Vec<EventRow>,
    can_start: bool,
    can_release: bool,
    can_answer: bool,
    can_reveal: bool,
    typed: String,
}

fn find(parts: &PagesParts, viewer: &Viewer, reference: &str) -> Result<Found, Fault> {
    let found = parts.desk.correction(viewer, reference)?;
    let case = found.ok_or(Fault::NotFound)?;
    Ok(Found {
        allowed: allowed_corrections(viewer, &case.correction),
        case,
    })
}

async fn found(app: &App, caller: &Caller, reference: &str) -> Result<Found, Fault> {
    if !is_alert_id(reference) {
        return Err(Fault::NotFound);
    }
    let (viewer, reference) = (caller.viewer()?, reference.to_owned());
    app.ask(move |parts| find(parts, &viewer, &reference)).await
}

/// `GET /corrections/{reference}`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(reference): Path<String>,
) -> Result<Response, Fault> {
    let found = found(&app, &caller, &reference).await?;
    let mut shell = Shell::new(&caller, "");
    let is_done = caller.fields.filled("done").is_some();
    shell.done = is_done.then(|| shell.t.correction_done.to_owned());
    Ok(show(&caller, found, shell, StatusCode::OK, None))
}

fn show(
    caller: &Caller,
    found: Found,
    mut shell: Shell,
    status: StatusCode,
    number: Option<String>,
) -> Response {
    let (language, t) = (caller.language, shell.t);
    let Found { case, allowed } = found;
    let CorrectionCase {
        correction,
        events,
        groups,
    } = case;
    shell.title = told(t.correction, &[("id", &short(&correction.reference))]);
    let can = |action| allowed.contains(&action);
    let is_shown = number.is_some();
    let page = CorrectionPage {
        version: correction.version,
        state: correction.state.text(language),
        figures: figures(&correction, language, t),
        alerts: (groups.iter())
            .map(|group| format!("/groups/person/{group}"))
            .collect(),
        events: events
            .iter()
            .rev()
            .map(|event| row(event, language, t))
            .collect(),
        can_start: can(CorrectionAction::Start),
        can_release: can(CorrectionAction::Release),
        can_answer: can(CorrectionAction::Accept),
        can_reveal: can(CorrectionAction::Reveal) && !is_shown,
        typed: caller.fields.get("answer").unwrap_or_default().to_owned(),
        reference: correction.reference,
        should_be: typed(&correction.should_be, t),
        note: correction.note.as_ref().map(|note| typed(note, t)),
        answer: correction.answer.as_ref().map(|answer| typed(answer, t)),
        number,
        shell,
    };
    answer::page(status, &page)
}

fn figures(
    correction: &Correction,
    language: Language,
    t: &'static PageMessages,
) -> Vec<(&'static str, String)> {
    let answered = correction.answered_at.map(|at| moment(language, at));
    let figures = [
        Some((
            t.correction_database,
            language.record(correction.stream).to_owned(),
        )),
        Some((
            t.correction_field,
            correction.field.text(language).to_owned(),
        )),
        Some((t.correction_asked, moment(language, correction.at))),
        Some((t.correction_due, language.day(correction.due))),
        Some((t.correction_portal, correction.portal.clone())),
        correction
            .handler
            .clone()
            .map(|who| (t.correction_handler, who)),
        answered.map(|at| (t.corrections_answered, at)),
    ];
    figures.into_iter().flatten().collect()
}

fn row(event: &CorrectionEvent, language: Language, t: &'static PageMessages) -> EventRow {
    EventRow {
        at: moment(language, event.at),
        who: format!("{} ({})", event.actor, role(event.role, t)),
        what: event.action.text(language).to_owned(),
        to: None,
        note: None,
        batch: None,
    }
}

/// `POST /corrections/{reference}/act`.
pub(super) async fn act(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(reference): Path<String>,
) -> Result<Response, Fault> {
    if !is_alert_id(&reference) {
        return Err(Fault::NotFound);
    }
    let action = caller
        .fields
        .filled("action")
        .and_then(CorrectionAction::from_name);
    let version = caller
        .fields
        .filled("version")
        .and_then(|text| text.parse().ok());
    let (Some(action), Some(version)) = (action, version) else {
        return Err(Fault::Bad);
    };
    let answer = caller.fields.filled("answer").map(str::to_owned);
    let (viewer, of) = (caller.viewer()?, reference.clone());
    let done = app.ask(move |parts| {
        let what = (action, version);
        Ok((parts.desk).act_on_correction(&viewer, &of, what, answer.as_deref()))
    });
    match done.await? {
        Ok(_) => Ok(see(&format!("/corrections/{reference}?done=1"))),
        Err(why) => refused(&app, &caller, &reference, why).await,
    }
}

/// `POST /corrections/{reference}/reveal`.
pub(super) async fn reveal(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(reference): Path<String>,
) -> Result<Response, Fault> {
    if !is_alert_id(&reference) {
        return Err(Fault::NotFound);
    }
    let (viewer, of) = (caller.viewer()?, reference.clone());
    let shown = app.ask(move |parts| Ok(parts.desk.reveal_correction(&viewer, &of)));
    match shown.await? {
        Ok(number) => {
            let found = found(&app, &caller, &reference).await?;
            let mut shell = shell_of(&caller, &reference);
            shell.confidential = shell.t.reveal_confidential;
            Ok(show(&caller, found, shell, StatusCode::OK, Some(number)))
        }
        Err(why) => refused(&app, &caller, &reference, why).await,
    }
}

/// The shell of a page at the address of a POST: what comes back to it is the request's own.
fn shell_of(caller: &Caller, reference: &str) -> Shell {
    let mut shell = Shell::new(caller, "");
    shell.path = format!("/corrections/{reference}");
    shell
}

async fn refused(
    app: &App,
    caller: &Caller,
    reference: &str,
    why: CorrectionRefused,
) -> Result<Response, Fault> {
    let t = caller.texts();
    let (status, text) = match why {
        CorrectionRefused::NotFound => return Err(Fault::NotFound),
        CorrectionRefused::Wrong => (
            StatusCode::UNPROCESSABLE_ENTITY,
            t.correction_wrong.to_owned(),
        ),
        CorrectionRefused::Moved => (StatusCode::CONFLICT, t.correction_moved.to_owned()),
        CorrectionRefused::NotPossible => {
            (StatusCode::CONFLICT, t.correction_not_possible.to_owned())
        }
        CorrectionRefused::Spent { next } => {
            let at = clock(caller.language, next, caller.now);
            let text = told(t.reveal_spent, &[("at", &at)]);
            (StatusCode::TOO_MANY_REQUESTS, text)
        }
        error => {
            tracing::error!(%error, "what was done about a correction cannot be kept");
            let typed = caller.fields.filled("answer").map(str::to_owned);
            return Err(Fault::Unavailable(typed));
        }
    };
    let found = found(app, caller, reference).await?;
    let mut shell = shell_of(caller, reference);
    shell.refused = Some(text);
    Ok(show(caller, found, shell, status, None))
}
