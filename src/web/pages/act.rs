//! `POST /alerts/{id}/act`: something is done about an alert, as it was seen.
//!
//! Must hold: what is done is what the form said about the version and digest it showed; what was typed is not lost
//! where it is refused.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

use super::alert::{self, Typed};
use super::answer::see;
use super::app::App;
use super::caller::Caller;
use super::conflict;
use super::fault::Fault;
use super::filters::is_alert_id;
use super::form::Fields;
use super::refusal::refusal;
use super::rivals::Rival;
use super::shell::Shell;
use crate::language::PageMessages;
use crate::review::{Act, EvidenceDigest, Refused, Seen, Verdict, WorkAction};

/// `POST /alerts/{id}/act`.
pub(super) async fn act(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    if !is_alert_id(&id) {
        return Err(Fault::NotFound);
    }
    let act = asked(&caller.fields, caller.texts()).ok_or(Fault::Bad)?;
    let viewer = caller.viewer()?;
    let typed = caller.typed();
    let (asked_id, asked_act) = (id.clone(), act.clone());
    let answer = app.ask(move |parts| Ok(parts.desk.act(&viewer, &asked_id, &asked_act)));
    let answer = answer.await.map_err(|fault| match fault {
        Fault::Unavailable(_) => Fault::Unavailable(typed.clone()),
        other => other,
    })?;
    match answer {
        Ok(_) => Ok(see(&after(&caller, &id, act.action))),
        Err(Refused::NotFound) => Err(Fault::NotFound),
        Err(Refused::Database(error)) => {
            tracing::error!(%error, "an act cannot be kept");
            Err(Fault::Unavailable(typed))
        }
        Err(Refused::Moved {
            is_acted_on,
            is_changed,
            now,
        }) => conflict::page(&app, &caller, &act, is_acted_on, is_changed, *now).await,
        Err(why) => {
            let found = alert::found(&app, &caller, id).await?;
            let mut shell = Shell::new(&caller, "");
            shell.refused = Some(refusal(&why, shell.t).to_owned());
            // The page is shown at the address of a POST: what comes back to it is the alert's own.
            shell.path = caller.from().unwrap_or("/queue").to_owned();
            let typed = Typed {
                note: typed.unwrap_or_default(),
                until: caller.fields.filled("until").unwrap_or_default().to_owned(),
            };
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(alert::show(&caller, found, shell, status, typed))
        }
    }
}

/// Where to go on after something was done: the alert, in the list that it was opened from.
fn after(caller: &Caller, id: &str, action: WorkAction) -> String {
    let view = caller.from().and_then(|from| {
        let (_, query) = from.split_once('?')?;
        Some(Fields::read(query.as_bytes()).filled("view")?.to_owned())
    });
    let parts = [("view", view), ("done", Some(action.as_str().to_owned()))];
    format!("/alerts/{id}?{}", super::form::query(&parts))
}

/// What a form asks for.
pub(super) fn asked(fields: &Fields, t: &PageMessages) -> Option<Act> {
    let action = WorkAction::from_name(fields.filled("action")?)?;
    let seen = Seen {
        version: fields.filled("version")?.parse().ok()?,
        digest: EvidenceDigest::from_hex(fields.filled("digest")?)?,
    };
    let note = fields.filled("note").map(str::to_owned);
    let is_decision = matches!(action, WorkAction::Propose | WorkAction::Close);
    let verdict = fields.filled("verdict").and_then(Verdict::from_code);
    let ruled_out: Vec<&str> = fields
        .all("rival")
        .filter_map(Rival::from_name)
        .map(|rival| rival.text(t))
        .collect();
    let needs_words = action.needs_note() || verdict.is_some_and(Verdict::needs_note);
    let note = match (is_decision && !ruled_out.is_empty(), note) {
        (false, note) => note,
        // Boxes do not stand for the words that a code needs.
        (true, None) if needs_words => None,
        (true, note) => {
            let list = format!("{} {}.", t.rivals_checked, ruled_out.join("; "));
            Some(note.map_or(list.clone(), |note| format!("{note}\n{list}")))
        }
    };
    Some(Act {
        assignee: (action == WorkAction::Assign)
            .then(|| fields.filled("assignee").map(str::to_owned))
            .flatten(),
        until: action.needs_day().then(|| fields.day("until")).flatten(),
        verdict: is_decision.then_some(verdict).flatten(),
        note,
        ..Act::new(action, seen)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    fn of(rest: &str) -> Option<Act> {
        let digest = "0".repeat(32);
        let text = format!("version=3&digest={digest}&{rest}");
        asked(
            &Fields::read(text.as_bytes()),
            Language::English.page_messages(),
        )
    }

    #[test]
    fn boxes_do_not_stand_for_a_note_that_is_needed() {
        let needed = "action=propose&verdict=confirmed_fraud&rival=same_day";
        assert_eq!(of(needed).and_then(|act| act.note), None);
        let with = of(&format!("{needed}&note=seen")).and_then(|act| act.note);
        assert!(with.is_some_and(|note| note.starts_with("seen\nRuled out: Served before")));
        let not_needed = of("action=close&verdict=duplicate&rival=same_day&rival=bad");
        assert!(not_needed.and_then(|act| act.note).is_some());
    }

    #[test]
    fn what_an_action_does_not_take_is_left_out() {
        let act = of("action=take&verdict=duplicate&until=2026-12-01&assignee=an").expect("whole");
        assert_eq!((act.verdict, act.until, act.assignee), (None, None, None));
        assert!(of("action=dance").is_none());
        assert!(
            asked(
                &Fields::read(b"action=take"),
                Language::English.page_messages()
            )
            .is_none()
        );
    }
}
