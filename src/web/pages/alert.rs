//! `GET /alerts/{id}`: why it holds, what it rests on, what was done, what can be done.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

use super::answer;
use super::app::{App, day_of};
use super::caller::Caller;
use super::changes;
use super::difference::{FieldLine, lines, mark};
use super::event::{EventRow, work};
use super::fault::Fault;
use super::filters::is_alert_id;
use super::form::query;
use super::identity_drawing::{IdentityDrawing, identity_drawing};
use super::label::{self, Label};
use super::panel::{Codes, Panel, codes, panel};
use super::parts::{Colleague, PagesParts, colleagues};
use super::reveal::Shown;
use super::rivals::rivals;
use super::row::{due, short};
use super::shell::Shell;
use super::timeline::timeline;
use super::told::{moment, told, typed};
use crate::access::Action;
use crate::case::{Column, Field};
use crate::language::{Language, PageMessages};
use crate::review::{
    CorrectionLine, Item, Look, MachineChange, NetChange, Purpose, RevealEvent, View, Viewer,
    WorkAction, WorkEvent,
};
use crate::rule::LegalBasis;
use crate::store::{AlertState, HistoryKind};
use crate::web::cases::{CaseTold, RowTold};

/// What an alert's page is made of.
pub(super) struct Found {
    pub item: Item,
    pub events: Vec<WorkEvent>,
    pub changes: Vec<MachineChange>,
    pub case: Option<CaseTold>,
    pub allowed: Vec<WorkAction>,
    pub colleagues: Vec<Colleague>,
    /// What of it was shown to people.
    pub reveals: Vec<RevealEvent>,
    /// Whether the viewer may have masked fields shown.
    pub may_reveal: bool,
    /// The row that is shown, where one is.
    pub shown: Option<Shown>,
    /// Whether the viewer has to decide before the proposal is shown.
    pub is_blind: bool,
    /// With what it is compared; nothing where it is opened for the first time.
    pub from: Option<Look>,
    /// Up to where it is shown.
    pub until: Look,
    /// What became of it since.
    pub change: Option<NetChange>,
    /// What others did since.
    pub by_others: Vec<WorkEvent>,
    /// What the person says is wrong.
    pub corrections: Vec<CorrectionLine>,
}

struct EvidenceRow {
    number: usize,
    kind: &'static str,
    valid: String,
    known: String,
    place: String,
    texts: Option<Vec<String>>,
    /// The same unmasked, where it is shown.
    shown: Option<Vec<Column>>,
    /// What is offered to be shown.
    offer: Option<String>,
}

struct PurposeChoice {
    value: &'static str,
    text: &'static str,
    needs_note: bool,
}

struct FeatureRow {
    name: String,
    share: String,
    /// The width of its bar, of 100.
    width: u16,
    observed: String,
    typical: String,
}

struct HistoryRow {
    at: String,
    what: &'static str,
    causes: String,
}

struct Check {
    value: &'static str,
    text: &'static str,
}

/// What the person says is wrong.
struct SaidWrong {
    /// Where it is, for who may look into it.
    address: Option<String>,
    text: String,
}

struct Related {
    address: String,
    text: String,
}

/// What changed since the alert was opened before.
struct SinceLook {
    at: String,
    mark: Option<Label>,
    lines: Vec<FieldLine>,
    is_unknown: bool,
    events: Vec<EventRow>,
    epoch: u64,
    event: u64,
}

#[derive(Template)]
#[template(path = "alert.html")]
struct AlertPage {
    shell: Shell,
    id: String,
    short: String,
    band: Label,
    state: Label,
    evidence: Label,
    is_withdrawn: bool,
    is_moved: bool,
    reason: &'static str,
    class: &'static str,
    sentence: String,
    figures: Vec<(&'static str, String)>,
    checks: Vec<Check>,
    rows: Vec<EvidenceRow>,
    purposes: Vec<PurposeChoice>,
    /// How many rows of it the viewer had shown.
    before: usize,
    digest: String,
    view: Option<&'static str>,
    more: Option<String>,
    timeline: Option<String>,
    identity: Option<IdentityDrawing>,
    /// Whether rows that may tie the numbers as well are not drawn.
    is_cut: bool,
    score: Option<String>,
    likelihood: Option<String>,
    features: Vec<FeatureRow>,
    adjustment: &'static str,
    legal: Vec<LegalBasis>,
    panel: Panel,
    is_blind: bool,
    since: Option<SinceLook>,
    blind_codes: Vec<Codes>,
    proposal: Option<(String, String)>,
    history: Vec<HistoryRow>,
    events: Vec<EventRow>,
    related: Vec<Related>,
    next: Option<String>,
    back: String,
    typed: Typed,
    corrections: Vec<SaidWrong>,
}

/// What was typed before, where a form is shown again.
#[derive(Default)]
pub(super) struct Typed {
    pub note: String,
    pub until: String,
}

/// What is behind an alert's page.
pub(super) fn find(
    parts: &PagesParts,
    viewer: &Viewer,
    id: &str,
    language: Language,
) -> Result<Found, Fault> {
    let opened = parts.desk.open_alert(viewer, id)?;
    let opened = opened.ok_or(Fault::NotFound)?;
    let item = opened.item;
    let events = parts.desk.events(id)?;
    let case = parts.cases.case(viewer, id, language);
    let case = case.unwrap_or_else(|error| {
        tracing::error!(%error, "the rows behind an alert cannot be read");
        None
    });
    let allowed = parts.desk.allowed(viewer, &item)?;
    let colleagues = match allowed.contains(&WorkAction::Assign) {
        true => colleagues(parts, viewer)?,
        false => Vec::new(),
    };
    let is_blind =
        allowed.contains(&WorkAction::Approve) && parts.desk.is_look_due(viewer, &item)?;
    let person = item.finding.person;
    let corrections = person.map(|person| parts.desk.corrections_about(person));
    Ok(Found {
        corrections: corrections.transpose()?.unwrap_or_default(),
        events,
        changes: parts.desk.machine_changes(id)?,
        case,
        allowed,
        colleagues,
        reveals: parts.desk.reveals(id)?,
        may_reveal: parts.desk.may_reveal(viewer, &item),
        shown: None,
        is_blind,
        from: opened.from,
        until: opened.until,
        change: opened.change,
        by_others: opened.events,
        item,
    })
}

/// `GET /alerts/{id}`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let found = found(&app, &caller, id).await?;
    let mut shell = Shell::new(&caller, "");
    let done = caller.fields.filled("done").and_then(WorkAction::from_name);
    shell.done = done.map(|action| told(shell.t.done, &[("action", action.text(caller.language))]));
    shell.done = shell.done.or_else(|| changes::done(&caller));
    Ok(show(
        &caller,
        found,
        shell,
        StatusCode::OK,
        Typed::default(),
    ))
}

/// What is behind the page of this id.
pub(super) async fn found(app: &App, caller: &Caller, id: String) -> Result<Found, Fault> {
    if !is_alert_id(&id) {
        return Err(Fault::NotFound);
    }
    let (viewer, language) = (caller.viewer()?, caller.language);
    let found = app.ask(move |parts| find(parts, &viewer, &id, language));
    found.await
}

/// The page of an alert.
pub(super) fn show(
    caller: &Caller,
    found: Found,
    mut shell: Shell,
    status: StatusCode,
    typed: Typed,
) -> Response {
    let (language, t) = (caller.language, shell.t);
    let Found {
        item,
        events,
        changes,
        case,
        allowed,
        colleagues,
        reveals,
        may_reveal,
        shown: revealed,
        is_blind,
        from,
        until,
        change,
        by_others,
        corrections,
    } = found;
    let finding = &item.finding;
    let id = finding.alert_id.clone();
    shell.title = told(t.alert, &[("id", &short(&id))]);
    shell.alert_id.clone_from(&id);
    let case = case.unwrap_or_default();
    let view = caller.fields.filled("view").and_then(View::from_name);
    let rows = case.rows.iter().zip(1..);
    let is_more = case.rows_in_all > case.rows.len() as u64;
    let count = |number: u64| language.count(number);
    let own = caller.session.as_ref().map_or("", |own| &*own.name);
    let shown = count(case.rows.len() as u64);
    let checks = rivals(finding.reason).iter().map(|rival| Check {
        value: rival.as_str(),
        text: rival.text(t),
    });
    let panel = panel(&item, &allowed, colleagues, language);
    let since = since(from, until, change.as_ref(), language);
    let since = since.map(|since| SinceLook {
        events: (by_others.iter().rev())
            .map(|event| work(event, is_blind, language, t))
            .collect(),
        ..since
    });
    let since = since.filter(|since| since.mark.is_some() || !since.events.is_empty());
    let page = AlertPage {
        band: label::band(finding.band(), language),
        state: label::state(item.work.state, language),
        evidence: label::evidence(finding.state, t),
        is_withdrawn: finding.state == AlertState::Withdrawn,
        is_moved: item.is_moved() && !is_blind,
        reason: finding.reason.title(language),
        class: finding.class.word(language),
        figures: figures(&item, caller.now, language),
        checks: checks.collect(),
        rows: rows
            .map(|(row, number)| {
                let shown = revealed.as_ref().filter(|shown| shown.row == number);
                evidence(row, number, (may_reveal, shown), language)
            })
            .collect(),
        purposes: (Purpose::ALL.iter())
            .map(|purpose| PurposeChoice {
                value: purpose.as_str(),
                text: purpose.text(language),
                needs_note: purpose.needs_note(),
            })
            .collect(),
        before: reveals.iter().filter(|one| one.actor == own).count(),
        digest: finding.digest.to_string(),
        view: view.map(View::as_str),
        more: is_more.then(|| {
            let count = count(case.rows_in_all);
            told(t.evidence_more, &[("shown", &shown), ("count", &count)])
        }),
        timeline: timeline(&case.rows, language),
        identity: (case.identity.as_ref()).map(|path| identity_drawing(path, language)),
        is_cut: is_more || case.rows.iter().any(|row| row.texts.is_none()),
        score: finding.score.map(|score| {
            let score = language.decimal(f64::from(score) / 10_000.0);
            told(t.score_of, &[("score", &score)])
        }),
        likelihood: finding.misuse_probability.map(|likelihood| {
            let percent = format!("{}\u{a0}%", language.decimal(f64::from(likelihood) / 100.0));
            told(t.misuse_likelihood, &[("percent", &percent)])
        }),
        features: (case.features.iter())
            .map(|feature| FeatureRow {
                name: feature.name.clone(),
                share: format!("{}%", feature.share / 100),
                width: feature.share.min(10_000) / 100,
                observed: feature.observed.clone(),
                typical: feature.typical.clone(),
            })
            .collect(),
        adjustment: finding.reason.adjustment(language),
        legal: finding.reason.legal_basis(language),
        blind_codes: match is_blind {
            true => codes(None, language),
            false => Vec::new(),
        },
        proposal: proposal(&item, is_blind, language, t),
        history: (changes.iter().rev())
            .map(|event| machine(event, language, t))
            .collect(),
        events: done(&events, &reveals, is_blind, language),
        corrections: said_wrong(&corrections, caller),
        related: related(&item, t),
        next: view.map(|view| {
            let after = format!("{}.{id}", finding.priority);
            let view = Some(view.as_str().to_owned());
            format!("/next?{}", query(&[("view", view), ("after", Some(after))]))
        }),
        back: view.map_or("/queue".to_owned(), |view| {
            let view = Some(view.as_str().to_owned());
            format!("/queue?{}", query(&[("view", view)]))
        }),
        sentence: match case.sentence.is_empty() {
            true => t.sentence_unknown.to_owned(),
            false => case.sentence,
        },
        short: short(&id),
        id,
        panel,
        is_blind,
        since,
        typed,
        shell,
    };
    answer::page(status, &page)
}

fn since(
    from: Option<Look>,
    until: Look,
    change: Option<&NetChange>,
    language: Language,
) -> Option<SinceLook> {
    let t = language.page_messages();
    let lines = change.and_then(|change| lines(change, language));
    let is_changed = change.is_some_and(|change| change.kind == HistoryKind::Changed);
    Some(SinceLook {
        at: told(t.since_look_at, &[("at", &moment(language, from?.at))]),
        mark: change.map(|change| mark(change.kind, t)),
        is_unknown: is_changed && lines.is_none(),
        lines: lines.unwrap_or_default(),
        events: Vec::new(),
        epoch: until.epoch,
        event: until.event,
    })
}

fn said_wrong(lines: &[CorrectionLine], caller: &Caller) -> Vec<SaidWrong> {
    let language = caller.language;
    let may = (caller.session.as_ref()).is_some_and(|own| own.may(Action::AnswerCorrections));
    let told = |line: &CorrectionLine| SaidWrong {
        address: may.then(|| format!("/corrections/{}", line.reference)),
        text: format!(
            "{}: {} ({})",
            language.record(line.stream),
            line.field.text(language),
            line.state.text(language)
        ),
    };
    lines.iter().map(told).collect()
}

fn figures(item: &Item, now: i64, language: Language) -> Vec<(&'static str, String)> {
    let t = language.page_messages();
    let finding = &item.finding;
    let (due, _) = due(item, day_of(now), language);
    let figures = [
        Some((t.amount, language.money(finding.amount))),
        Some((t.person, finding.masked.clone())),
        finding.facility.clone().map(|code| (t.provider, code)),
        (finding.service_day).map(|day| (t.service_date, language.day(day))),
        finding.grade.map(|grade| (t.grade, grade.to_string())),
        Some((t.kind_raised, moment(language, finding.raised_at))),
        Some((t.age_due, due)),
        Some((
            t.assignee,
            (item.work.assignee.clone()).unwrap_or_else(|| t.nobody.to_owned()),
        )),
    ];
    figures.into_iter().flatten().collect()
}

fn evidence(
    row: &RowTold,
    number: usize,
    (may_reveal, shown): (bool, Option<&Shown>),
    language: Language,
) -> EvidenceRow {
    let is_offered = may_reveal && shown.is_none() && !row.fields.is_empty();
    let valid = row.valid.map_or_else(String::new, |(from, to)| match to {
        Some(to) if to == from => language.day(from),
        Some(to) => format!("{} – {}", language.day(from), language.day(to)),
        None => format!("{} –", language.day(from)),
    });
    EvidenceRow {
        number,
        kind: language.record(row.stream),
        valid,
        known: language.instant(row.known_at),
        place: row.place.clone(),
        texts: row.texts.clone(),
        shown: shown.map(|shown| shown.revealed.columns.clone()),
        offer: is_offered.then(|| {
            let fields = names(row.fields.iter().copied(), language);
            told(language.page_messages().reveal_show, &[("fields", &fields)])
        }),
    }
}

/// The names of fields, as people read them.
fn names(fields: impl Iterator<Item = Field>, language: Language) -> String {
    let names: Vec<&str> = fields.map(|field| field.text(language)).collect();
    names.join(", ")
}

/// What was done, the last thing first, with what was shown to whom.
fn done(
    events: &[WorkEvent],
    reveals: &[RevealEvent],
    is_blind: bool,
    language: Language,
) -> Vec<EventRow> {
    let t = language.page_messages();
    let events = events
        .iter()
        .map(|event| (event.at, work(event, is_blind, language, t)));
    let reveals = reveals
        .iter()
        .map(|event| (event.at, reveal(event, language)));
    let mut all: Vec<(i64, EventRow)> = events.chain(reveals).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().rev().map(|(_, row)| row).collect()
}

fn reveal(event: &RevealEvent, language: Language) -> EventRow {
    let fields = event
        .fields
        .iter()
        .filter_map(|name| Field::from_name(name));
    let values = [
        ("row", &*language.count(event.row.into())),
        ("fields", &names(fields, language)),
        ("purpose", event.purpose.text(language)),
    ];
    EventRow {
        at: moment(language, event.at),
        who: event.actor.clone(),
        what: told(language.page_messages().reveal_event, &values),
        to: None,
        note: event
            .note
            .as_ref()
            .map(|note| typed(note, language.page_messages())),
        batch: None,
    }
}

fn machine(event: &MachineChange, language: Language, t: &PageMessages) -> HistoryRow {
    let causes = event.causes.iter().map(|stream| language.stream(*stream));
    HistoryRow {
        at: moment(language, event.at),
        what: label::kind(event.kind, t),
        causes: causes.collect::<Vec<_>>().join(", "),
    }
}

/// What is proposed or decided, and by whom.
fn proposal(
    item: &Item,
    is_blind: bool,
    language: Language,
    t: &PageMessages,
) -> Option<(String, String)> {
    let decided = item.work.decided?;
    let who = item.work.proposer.as_deref().unwrap_or_default();
    let who = match who.is_empty() {
        true => String::new(),
        false => told(t.proposed_by, &[("who", who)]),
    };
    let verdict = match is_blind {
        true => t.hidden_until_look,
        false => decided.verdict.text(language),
    };
    Some((verdict.to_owned(), who))
}

fn related(item: &Item, t: &PageMessages) -> Vec<Related> {
    let finding = &item.finding;
    let of = |kind: &str, id: String, text: &str| Related {
        address: format!("/groups/{kind}/{id}"),
        text: text.to_owned(),
    };
    let links = [
        (finding.person).map(|id| of("person", id.to_string(), t.related_person)),
        (finding.card).map(|id| of("card", id.to_string(), t.related_card)),
        (finding.facility.clone()).map(|code| {
            let text = told(t.related_provider, &[("code", &code)]);
            of("provider", code, &text)
        }),
    ];
    links.into_iter().flatten().collect()
}
