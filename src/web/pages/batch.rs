//! `/batches`: a list that is acted on as a whole - asked for, approved by somebody else, undone.
//!
//! Must hold: what is frozen is what was shown: the mark of the set goes with the form, and another set is shown anew.

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
use super::filters;
use super::label::Label;
use super::parts::{Colleague, colleagues};
use super::refusal::refusal;
use super::row::{Rows, rows};
use super::shell::Shell;
use super::told::{moment, told, typed};
use crate::access::Action;
use crate::language::Language;
use crate::record::Money;
use crate::review::{
    BATCH_ACTIONS, Batch, BatchAct, BatchDecision, BatchOffer, BatchState, EvidenceDigest,
    LARGEST_BATCH, Refused, Verdict, WorkAction,
};
use crate::rule::Reason;

/// Batches that are listed.
const LISTED: usize = 50;

/// A choice of a form.
struct Choice {
    value: &'static str,
    text: &'static str,
    is_chosen: bool,
}

/// Alerts and amount of a reason.
struct Total {
    reason: &'static str,
    alerts: String,
    amount: String,
}

#[derive(Template)]
#[template(path = "batch_new.html")]
struct NewPage {
    shell: Shell,
    totals: String,
    by_reason: Vec<Total>,
    query: Vec<(&'static str, String)>,
    mark: String,
    refused: Option<String>,
    actions: Vec<Choice>,
    verdicts: Vec<Choice>,
    colleagues: Vec<Colleague>,
    assignee: String,
    note: String,
    back: String,
}

/// A batch in a list.
pub(super) struct BatchRow {
    pub(super) address: String,
    pub(super) number: String,
    pub(super) what: String,
    pub(super) who: String,
    pub(super) at: String,
    pub(super) alerts: String,
    pub(super) state: Label,
}

#[derive(Template)]
#[template(path = "batches.html")]
struct BatchesPage {
    shell: Shell,
    batches: Vec<BatchRow>,
}

/// Somebody's part.
struct Part {
    text: String,
    at: String,
    note: Option<String>,
}

#[derive(Template)]
#[template(path = "batch.html")]
struct BatchPage {
    shell: Shell,
    what: String,
    state: Label,
    parts: Vec<Part>,
    totals: String,
    by_reason: Vec<Total>,
    outcomes: Vec<(&'static str, String)>,
    sample: Rows,
    may_decide: bool,
    may_undo: bool,
    action: String,
    note: String,
}

/// What was typed, to be shown again.
#[derive(Default)]
struct Typed {
    refused: Option<String>,
    action: Option<WorkAction>,
    verdict: Option<Verdict>,
    assignee: String,
    note: String,
}

/// `GET /batches/new`: what a list would be as a batch.
pub(super) async fn new(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    offer(&app, &caller, StatusCode::OK, Typed::default()).await
}

async fn offer(
    app: &App,
    caller: &Caller,
    status: StatusCode,
    typed: Typed,
) -> Result<Response, Fault> {
    let mut query = filters::asked(&caller.fields);
    query.after = None;
    let (viewer, asked) = (caller.viewer()?, query.clone());
    let assigns = caller.session()?.may(Action::AssignAlerts);
    let found = app.ask(move |parts| {
        let offer = parts.desk.offer_batch(&viewer, &asked)?;
        let colleagues = match assigns {
            true => colleagues(parts, &viewer)?,
            false => Vec::new(),
        };
        Ok((offer, colleagues))
    });
    let (offer, colleagues) = found.await?;
    let (language, t) = (caller.language, caller.texts());
    let most = language.count(LARGEST_BATCH as u64);
    let too_large = || told(t.batch_too_large, &[("most", &most)]);
    query.as_of = Some(offer.as_of);
    let page = NewPage {
        shell: Shell::new(caller, t.batch_new),
        totals: totals(&offer, language),
        by_reason: by_reason(&offer.by_reason, language),
        query: filters::parts(&query),
        mark: offer.mark.to_string(),
        refused: typed.refused.or_else(|| offer.is_too_large.then(too_large)),
        actions: actions(assigns, typed.action, language),
        verdicts: verdicts(typed.verdict, language),
        colleagues,
        assignee: typed.assignee,
        note: typed.note,
        back: filters::address(&query),
    };
    Ok(answer::page(status, &page))
}

/// What may be done with a list: who does not assign, closes.
fn actions(assigns: bool, chosen: Option<WorkAction>, language: Language) -> Vec<Choice> {
    let offered = BATCH_ACTIONS.into_iter();
    let offered = offered.filter(|action| assigns || *action == WorkAction::CloseTogether);
    let choice = |action: WorkAction| Choice {
        value: action.as_str(),
        text: action.text(language),
        is_chosen: chosen == Some(action),
    };
    offered.map(choice).collect()
}

fn verdicts(chosen: Option<Verdict>, language: Language) -> Vec<Choice> {
    let offered = Verdict::ALL.iter().filter(|one| !one.needs_approval());
    let choice = |verdict: &Verdict| Choice {
        value: verdict.as_str(),
        text: verdict.text(language),
        is_chosen: chosen == Some(*verdict),
    };
    offered.map(choice).collect()
}

fn totals(offer: &BatchOffer, language: Language) -> String {
    let (alerts, amount) = (
        language.count(offer.alerts()),
        language.money(offer.amount()),
    );
    told(
        language.page_messages().group_totals,
        &[("count", &alerts), ("amount", &amount)],
    )
}

fn by_reason(found: &[(Reason, u64, Money)], language: Language) -> Vec<Total> {
    let total = |(reason, alerts, amount): &(Reason, u64, Money)| Total {
        reason: reason.title(language),
        alerts: language.count(*alerts),
        amount: language.money(*amount),
    };
    found.iter().map(total).collect()
}

/// `POST /batches`.
pub(super) async fn propose(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let fields = &caller.fields;
    let mut query = filters::asked(fields);
    query.after = None;
    let action = fields.filled("action").and_then(WorkAction::from_name);
    let action = action.filter(|action| BATCH_ACTIONS.contains(action));
    let mark = fields.filled("mark").and_then(EvidenceDigest::from_hex);
    let (Some(action), Some(mark)) = (action, mark) else {
        return Err(Fault::Bad);
    };
    let asked = BatchAct {
        action,
        assignee: (action == WorkAction::Assign)
            .then(|| fields.filled("to").map(str::to_owned))
            .flatten(),
        verdict: (action == WorkAction::CloseTogether)
            .then(|| fields.filled("verdict").and_then(Verdict::from_code))
            .flatten(),
        note: fields.filled("note").unwrap_or_default().to_owned(),
    };
    let typed = Typed {
        action: Some(action),
        verdict: asked.verdict,
        assignee: asked.assignee.clone().unwrap_or_default(),
        note: asked.note.clone(),
        refused: None,
    };
    let viewer = caller.viewer()?;
    let done = app.ask(move |parts| {
        let done = parts.desk.propose_batch(&viewer, (&query, mark), &asked);
        if done.is_ok() {
            parts.desk.carry_on_a_while();
        }
        Ok(done)
    });
    match done.await? {
        Ok(number) => Ok(see(&format!("/batches/{number}"))),
        Err(why) => {
            let status = match &why {
                Refused::Database(error) => {
                    tracing::error!(%error, "a batch cannot be kept");
                    return Err(Fault::Unavailable(caller.typed()));
                }
                Refused::ListMoved => StatusCode::CONFLICT,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let refused = Some(refusal(&why, caller.texts()).to_owned());
            offer(&app, &caller, status, Typed { refused, ..typed }).await
        }
    }
}

/// `GET /batches`.
pub(super) async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let viewer = caller.viewer()?;
    let found = app
        .ask(move |parts| Ok(parts.desk.batches(&viewer, None, LISTED)?))
        .await?;
    let page = BatchesPage {
        shell: Shell::new(&caller, caller.texts().batches),
        batches: found.iter().map(|one| row(one, caller.language)).collect(),
    };
    Ok(answer::page(StatusCode::OK, &page))
}

/// Batches as a list shows them.
pub(super) fn row(batch: &Batch, language: Language) -> BatchRow {
    BatchRow {
        address: format!("/batches/{}", batch.number),
        number: batch.number.to_string(),
        what: what(batch, language),
        who: batch.proposed.name.clone(),
        at: moment(language, batch.proposed.at),
        alerts: language.count(batch.alerts()),
        state: state(batch.state, language),
    }
}

fn what(batch: &Batch, language: Language) -> String {
    let mut what = batch.action.text(language).to_owned();
    if let Some(verdict) = batch.verdict {
        what = format!("{what}: {}", verdict.text(language));
    }
    match &batch.assignee {
        Some(assignee) => format!("{what} → {assignee}"),
        None => what,
    }
}

fn state(state: BatchState, language: Language) -> Label {
    let (class, sign) = match state {
        BatchState::Proposed => ("proposed", "◕"),
        BatchState::UnderWay | BatchState::Undoing => ("waiting", "◷"),
        BatchState::Done => ("holds", "✓"),
        BatchState::Returned | BatchState::Undone => ("withdrawn", "✕"),
    };
    Label {
        class,
        sign,
        text: state.text(language).to_owned(),
    }
}

/// `GET /batches/{number}`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(number): Path<String>,
) -> Result<Response, Fault> {
    let number = number.parse().map_err(|_| Fault::NotFound)?;
    show(&app, &caller, number, StatusCode::OK, None).await
}

async fn show(
    app: &App,
    caller: &Caller,
    number: i64,
    status: StatusCode,
    refused: Option<String>,
) -> Result<Response, Fault> {
    let viewer = caller.viewer()?;
    let asked = viewer.clone();
    let found = app.ask(move |parts| Ok(parts.desk.batch(&asked, number)?));
    let found = found.await?.ok_or(Fault::NotFound)?;
    let (language, t) = (caller.language, caller.texts());
    let batch = &found.batch;
    let text = number.to_string();
    let mut shell = Shell::new(caller, &told(t.batch_title, &[("number", &text)]));
    shell.refused = refused;
    shell.path = format!("/batches/{number}");
    let offer = BatchOffer {
        by_reason: found.by_reason,
        is_too_large: false,
        as_of: 0,
        mark: EvidenceDigest([0; 16]),
    };
    let part = |template: &'static str, part: &crate::review::BatchPart| Part {
        text: told(template, &[("name", &part.name)]),
        at: moment(language, part.at),
        note: part.note.as_ref().map(|note| typed(note, t)),
    };
    let decided = match batch.state {
        BatchState::Returned => t.batch_returned_by,
        _ => t.batch_approved_by,
    };
    let mut parts = vec![part(t.batch_proposed_by, &batch.proposed)];
    parts.extend(batch.decided.iter().map(|one| part(decided, one)));
    parts.extend(batch.undone.iter().map(|one| part(t.batch_undone_by, one)));
    let outcome = |(outcome, alerts): &(Option<crate::review::BatchOutcome>, u64)| {
        let text = outcome.map_or(t.batch_outcome_none, |one| one.text(language));
        (text, language.count(*alerts))
    };
    let shown = language.count(found.sample.len() as u64);
    let page = BatchPage {
        what: what(batch, language),
        state: state(batch.state, language),
        parts,
        totals: totals(&offer, language),
        by_reason: by_reason(&offer.by_reason, language),
        outcomes: batch.outcomes.iter().map(outcome).collect(),
        sample: rows(
            &found.sample,
            None,
            caller,
            told(t.batch_sample, &[("count", &shown)]),
            false,
        ),
        may_decide: batch.may_decide(&viewer),
        may_undo: batch.may_undo(&viewer),
        action: format!("/batches/{number}"),
        note: caller.typed().unwrap_or_default(),
        shell,
    };
    Ok(answer::page(status, &page))
}

/// `POST /batches/{number}`: approves, returns or undoes it.
pub(super) async fn decide(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(number): Path<String>,
) -> Result<Response, Fault> {
    let number: i64 = number.parse().map_err(|_| Fault::NotFound)?;
    let decision = match caller.fields.filled("decision") {
        Some("approve") => Some(BatchDecision::Approve),
        Some("return") => Some(BatchDecision::Return),
        Some("undo") => None,
        _ => return Err(Fault::Bad),
    };
    let note = caller.fields.filled("note").map(str::to_owned);
    let viewer = caller.viewer()?;
    let done = app.ask(move |parts| {
        let desk = &parts.desk;
        let done = match decision {
            Some(decision) => desk.decide_batch(&viewer, number, (decision, note.as_deref())),
            None => desk.undo_batch(&viewer, number, note.as_deref()),
        };
        if done.is_ok() {
            desk.carry_on_a_while();
        }
        Ok(done)
    });
    match done.await? {
        Ok(()) => Ok(see(&format!("/batches/{number}"))),
        Err(Refused::NotFound) => Err(Fault::NotFound),
        Err(Refused::Database(error)) => {
            tracing::error!(%error, "a batch cannot be kept");
            Err(Fault::Unavailable(caller.typed()))
        }
        Err(why) => {
            let status = match &why {
                Refused::BatchIs { .. } => StatusCode::CONFLICT,
                Refused::NotTheirs { .. } | Refused::TookPart => StatusCode::FORBIDDEN,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let refused = refusal(&why, caller.texts()).to_owned();
            show(&app, &caller, number, status, Some(refused)).await
        }
    }
}
