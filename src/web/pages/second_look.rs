//! `POST /alerts/{id}/second-look`: an approver's own verdict, before the proposed one is shown.
//!
//! Must hold: where a look is due, nothing is approved without; the look is of the proposal as it is, and of this
//! approver; it goes into the note of the approval, so that it stays.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

use super::alert::find;
use super::answer;
use super::app::App;
use super::caller::Caller;
use super::event::{EventRow, work};
use super::fault::Fault;
use super::filters::is_alert_id;
use super::panel::{Panel, panel};
use super::parts::PagesParts;
use super::row::address;
use super::shell::Shell;
use super::told::told;
use crate::review::{Act, Item, Verdict, WorkAction, WorkState};

/// Whether a proposal is looked at twice.
pub(super) fn is_due(parts: &PagesParts, item: &Item) -> bool {
    parts.desk.is_looked_at_twice(item)
}

#[derive(Template)]
#[template(path = "second_look.html")]
struct SecondLookPage {
    shell: Shell,
    id: String,
    own: &'static str,
    own_text: String,
    proposed_text: String,
    is_same: bool,
    seal: String,
    events: Vec<EventRow>,
    panel: Panel,
    address: String,
}

/// What binds a verdict to the proposal that it was given on.
fn seal(
    app: &App,
    caller: &Caller,
    id: &str,
    version: u32,
    verdict: Verdict,
) -> Result<String, Fault> {
    let desk = &app.parts.desk;
    let seal = desk.second_look(&caller.viewer()?, id, version, verdict);
    Ok(seal.to_string())
}

/// `POST /alerts/{id}/second-look`.
pub(super) async fn compare(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    if !is_alert_id(&id) {
        return Err(Fault::NotFound);
    }
    let own = caller.fields.filled("verdict").and_then(Verdict::from_code);
    let own = own.ok_or(Fault::Bad)?;
    let (viewer, language, of) = (caller.viewer()?, caller.language, id.clone());
    let found = app
        .ask(move |parts| find(parts, &viewer, &of, language))
        .await?;
    let Item { work: state, .. } = &found.item;
    let proposed = state.decided.filter(|_| state.state == WorkState::Proposed);
    if !found.allowed.contains(&WorkAction::Approve) {
        return Err(Fault::Forbidden);
    }
    let proposed = proposed.ok_or(Fault::NotFound)?.verdict;
    let t = caller.texts();
    let text = |template, verdict: Verdict| told(template, &[("verdict", verdict.text(language))]);
    let mut shell = Shell::new(&caller, t.second_look);
    shell.path = address(&id, None);
    let page = SecondLookPage {
        shell,
        own: own.as_str(),
        own_text: text(t.second_look_own, own),
        proposed_text: text(t.second_look_proposed, proposed),
        is_same: own == proposed,
        seal: seal(&app, &caller, &id, state.version, own)?,
        events: (found.events.iter().rev())
            .map(|event| work(event, false, language, t))
            .collect(),
        panel: panel(&found.item, &found.allowed, Vec::new(), language),
        address: address(&id, None),
        id,
    };
    Ok(answer::page(StatusCode::OK, &page))
}

/// An approval with the look that was due before it in its note.
///
/// # Errors
/// Where one is due and was not given.
pub(super) async fn bound(
    app: &App,
    caller: &Caller,
    id: &str,
    mut act: Act,
) -> Result<Act, Fault> {
    let (viewer, of, version) = (caller.viewer()?, id.to_owned(), act.seen.version);
    let is_due = app.ask(move |parts| {
        let item = parts.desk.item(&viewer, &of)?.ok_or(Fault::NotFound)?;
        // Of another version the desk says that it moved.
        Ok(item.work.version == version && is_due(parts, &item))
    });
    if !is_due.await? {
        return Ok(act);
    }
    let own = caller.fields.filled("own").and_then(Verdict::from_code);
    let own = own.ok_or(Fault::Bad)?;
    if caller.fields.get("seal") != Some(&seal(app, caller, id, act.seen.version, own)?) {
        return Err(Fault::Bad);
    }
    let look = told(
        caller.texts().second_look_note,
        &[("verdict", own.text(caller.language))],
    );
    act.note = Some(
        act.note
            .map_or(look.clone(), |note| format!("{look}\n{note}")),
    );
    Ok(act)
}
