//! The page of a conflict: what was seen, what it is now, what was done meanwhile, and how to go on.
//!
//! Must hold: nothing was done; what was typed goes on with the new state.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use super::answer;
use super::app::App;
use super::caller::Caller;
use super::event::{EventRow, work};
use super::fault::Fault;
use super::label;
use super::panel::{Button, Panel, panel};
use super::row::{address, short};
use super::shell::Shell;
use super::told::told;
use crate::language::Language;
use crate::record::Money;
use crate::review::{Act, Item, WorkAction, WorkState};
use crate::store::AlertState;

/// One thing as it was seen and as it is.
struct Line {
    name: &'static str,
    saw: String,
    now: String,
    is_other: bool,
}

#[derive(Template)]
#[template(path = "conflict.html")]
struct ConflictPage {
    shell: Shell,
    id: String,
    reason: &'static str,
    alert: String,
    is_acted_on: bool,
    is_changed: bool,
    lines: Vec<Line>,
    meanwhile: Vec<EventRow>,
    panel: Panel,
    /// What was asked for, if it is still possible.
    again: Option<(Button, String)>,
    verdict: Option<&'static str>,
    verdict_text: Option<&'static str>,
    assignee: Option<String>,
    until: Option<String>,
    note: String,
    address: String,
}

pub(super) async fn page(
    app: &App,
    caller: &Caller,
    act: &Act,
    is_acted_on: bool,
    is_changed: bool,
    now: Item,
) -> Result<Response, Fault> {
    let (viewer, item) = (caller.viewer()?, now.clone());
    let (events, allowed, is_blind) = app
        .ask(move |parts| {
            let events = parts.desk.events(&item.finding.alert_id)?;
            let allowed = parts.desk.allowed(&viewer, &item)?;
            let is_approver = allowed.contains(&WorkAction::Approve);
            let is_blind = is_approver && parts.desk.is_look_due(&viewer, &item)?;
            Ok((events, allowed, is_blind))
        })
        .await?;
    let (language, t) = (caller.language, caller.texts());

    let finding = &now.finding;
    let since = act.seen.version as usize;
    let meanwhile = events.iter().skip(since);
    let is_possible = allowed.contains(&act.action) && act.action != WorkAction::Approve;
    let panel = panel(&now, &allowed, Vec::new(), language);
    let again = [
        &panel.at_once,
        &panel.with_more,
        &panel.decisions,
        &panel.approvals,
    ]
    .into_iter()
    .flatten()
    .find(|button| button.value == act.action.as_str() && is_possible)
    .cloned();
    let again = again.map(|button| {
        let text = told(t.conflict_go_on, &[("action", button.text)]);
        (button, text)
    });
    let mut shell = Shell::new(caller, t.conflict);
    shell.path = address(&finding.alert_id, None);
    let page = ConflictPage {
        shell,
        id: finding.alert_id.clone(),
        reason: finding.reason.title(language),
        alert: told(t.alert, &[("id", &short(&finding.alert_id))]),
        is_acted_on,
        is_changed,
        lines: lines(caller, act, &now, language),
        meanwhile: meanwhile
            .map(|event| work(event, is_blind, language, t))
            .collect(),
        panel,
        again,
        verdict: act.verdict.map(|verdict| verdict.as_str()),
        verdict_text: act.verdict.map(|verdict| verdict.text(language)),
        assignee: act.assignee.clone(),
        until: caller.fields.filled("until").map(str::to_owned),
        note: act.note.clone().unwrap_or_default(),
        address: address(&finding.alert_id, None),
    };
    Ok(answer::page(StatusCode::CONFLICT, &page))
}

fn lines(caller: &Caller, act: &Act, now: &Item, language: Language) -> Vec<Line> {
    let t = caller.texts();
    // What a form said that it showed; where it said nothing, nothing is told.
    let saw = caller.fields.get("saw").unwrap_or_default();
    let mut saw = saw.splitn(4, '|');
    let mut next = || saw.next().unwrap_or_default();
    let (state, evidence, amount, assignee) = (next(), next(), next(), next());
    let state = WorkState::from_name(state).map(|state| state.text(language).to_owned());
    let evidence = (AlertState::ALL.into_iter()).find(|own| own.as_str() == evidence);
    let evidence = evidence.map(|own| label::evidence(own, t).text);
    let amount = amount.parse().ok().map(Money::from_thousandths);
    let is_name = crate::access::is_plain_name(assignee);
    let someone = |name: Option<&str>| name.unwrap_or(t.nobody).to_owned();
    let assignee = (is_name || assignee.is_empty())
        .then(|| someone(Some(assignee).filter(|name| !name.is_empty())));
    let content = match act.seen.digest == now.finding.digest {
        true => t.conflict_same,
        false => t.conflict_other,
    };
    let line = |name, saw: Option<String>, now: String| {
        let saw = saw?;
        let is_other = saw != now;
        Some(Line {
            name,
            saw,
            now,
            is_other,
        })
    };
    let (finding, work) = (&now.finding, &now.work);
    let lines = [
        line(t.state, state, work.state.text(language).to_owned()),
        line(t.assignee, assignee, someone(work.assignee.as_deref())),
        line(
            t.conflict_evidence,
            evidence,
            label::evidence(finding.state, t).text,
        ),
        line(
            t.conflict_content,
            Some(t.conflict_same.to_owned()),
            content.to_owned(),
        ),
        line(
            t.amount,
            amount.map(|amount| language.money(amount)),
            language.money(finding.amount),
        ),
    ];
    lines.into_iter().flatten().collect()
}
