//! `POST /queue/act`: the same thing for several alerts, each as it was seen.
//!
//! Must hold: what is acted on is the set that was shown and selected, with the version and digest of each, and no
//! other: nothing is selected again here.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::answer::{self, see};
use super::app::App;
use super::caller::Caller;
use super::fault::Fault;
use super::filters::is_alert_id;
use super::parts::Colleague;
use super::refusal::refusal;
use super::row::{address, short};
use super::shell::Shell;
use super::told::told;

use crate::language::Language;
use crate::review::{Act, EvidenceDigest, LARGEST_BULK, Refused, Seen, Verdict, WorkAction};

/// The choice that closes as a duplicate.
const DUPLICATE: &str = "duplicate";
/// What is offered for several alerts.
const OFFERED: [WorkAction; 6] = [
    WorkAction::Take,
    WorkAction::Release,
    WorkAction::Snooze,
    WorkAction::Wait,
    WorkAction::Resume,
    WorkAction::Escalate,
];

/// A choice of what to do.
pub(super) struct Choice {
    pub value: &'static str,
    pub text: &'static str,
}

/// The bar below a list.
pub(super) struct BulkForm {
    pub actions: Vec<Choice>,
    pub colleagues: Vec<Colleague>,
}

pub(super) fn form(assigns: bool, colleagues: Vec<Colleague>, language: Language) -> BulkForm {
    let choice = |action: WorkAction| Choice {
        value: action.as_str(),
        text: action.text(language),
    };
    let mut actions: Vec<Choice> = OFFERED.into_iter().map(choice).collect();
    if assigns {
        actions.insert(1, choice(WorkAction::Assign));
    }
    let text = language.page_messages().bulk_duplicate;
    let value = DUPLICATE;
    actions.push(Choice { value, text });
    BulkForm {
        actions,
        colleagues,
    }
}

/// What was done, after it was.
pub(super) fn done(caller: &Caller) -> Option<String> {
    let count: u64 = caller.fields.filled("done")?.parse().ok()?;
    let count = caller.language.count(count);
    Some(told(caller.texts().bulk_done, &[("count", &count)]))
}

struct Outcome {
    short: String,
    address: String,
    text: String,
    is_done: bool,
}

#[derive(Template)]
#[template(path = "bulk.html")]
struct BulkPage {
    shell: Shell,
    counts: String,
    outcomes: Vec<Outcome>,
    note: Option<String>,
    from: String,
}

/// `POST /queue/act`.
pub(super) async fn act(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let fields = &caller.fields;
    let t = caller.texts();
    let from = caller.from().unwrap_or("/queue").to_owned();
    let word = fields.filled("action").unwrap_or_default();
    let (action, verdict) = match word {
        DUPLICATE => (Some(WorkAction::Close), Some(Verdict::Duplicate)),
        word => (WorkAction::from_name(word), None),
    };
    let action = action.filter(|action| {
        let is_offered = OFFERED.contains(action) || *action == WorkAction::Assign;
        is_offered || verdict.is_some()
    });
    let Some(action) = action else {
        return Ok(refused(&caller, t.wrong_form, from));
    };
    let chosen: Option<Vec<(String, Seen)>> = fields.all("alert").map(seen).collect();
    let Some(chosen) = chosen else {
        return Ok(refused(&caller, t.wrong_form, from));
    };
    if chosen.is_empty() {
        return Ok(refused(&caller, t.bulk_nothing, from));
    }
    if chosen.len() > LARGEST_BULK {
        let most = caller.language.count(LARGEST_BULK as u64);
        let text = told(t.bulk_too_many, &[("most", &most)]);
        return Ok(refused(&caller, &text, from));
    }
    let acts: Vec<(String, Act)> = chosen
        .into_iter()
        .map(|(id, seen)| {
            let act = Act {
                assignee: fields.filled("assignee").map(str::to_owned),
                until: action.needs_day().then(|| fields.day("until")).flatten(),
                verdict,
                note: fields.filled("note").map(str::to_owned),
                ..Act::new(action, seen)
            };
            (id, act)
        })
        .collect();
    let viewer = caller.viewer()?;
    let typed = caller.typed();
    let outcomes = app.ask(move |parts| Ok(parts.desk.act_on_all(&viewer, &acts)));
    let outcomes = outcomes.await?;
    let outcomes = outcomes.map_err(|why| match why {
        Refused::Database(error) => {
            tracing::error!(%error, "acts cannot be kept");
            Fault::Unavailable(typed)
        }
        _ => Fault::Bad,
    })?;
    let batch = outcomes.batch;
    let outcomes = outcomes.outcomes;
    let is_done = outcomes.iter().filter(|(_, result)| result.is_ok()).count();
    if is_done == outcomes.len() {
        let joint = if from.contains('?') { '&' } else { '?' };
        let undo = batch.map_or(String::new(), |number| format!("&batch={number}"));
        return Ok(see(&format!("{from}{joint}done={is_done}{undo}")));
    }
    let outcomes = outcomes.into_iter().map(|(id, result)| Outcome {
        short: short(&id),
        address: address(&id, None),
        is_done: result.is_ok(),
        text: match result {
            Ok(_) => t.outcome_done.to_owned(),
            Err(why) => refusal(&why, t).to_owned(),
        },
    });
    let outcomes: Vec<Outcome> = outcomes.collect();
    let count = |number: usize| caller.language.count(number as u64);
    let page = BulkPage {
        shell: Shell::new(&caller, t.bulk_outcome),
        counts: told(
            t.bulk_counts,
            &[
                ("done", &count(is_done)),
                ("refused", &count(outcomes.len() - is_done)),
            ],
        ),
        outcomes,
        note: caller.typed(),
        from,
    };
    Ok(answer::page(StatusCode::CONFLICT, &page))
}

/// What a box says: `id.version.digest`.
fn seen(text: &str) -> Option<(String, Seen)> {
    let mut parts = text.split('.');
    let (id, version, digest) = (parts.next()?, parts.next()?, parts.next()?);
    let is_whole = parts.next().is_none() && is_alert_id(id);
    let seen = Seen {
        version: version.parse().ok()?,
        digest: EvidenceDigest::from_hex(digest)?,
    };
    is_whole.then(|| (id.to_owned(), seen))
}

fn refused(caller: &Caller, why: &str, from: String) -> Response {
    let mut shell = Shell::new(caller, caller.texts().bulk_outcome);
    shell.refused = Some(why.to_owned());
    let page = BulkPage {
        shell,
        counts: String::new(),
        outcomes: Vec::new(),
        note: caller.typed(),
        from,
    };
    answer::page(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_says_what_was_seen() {
        let (id, digest) = ("0123456789abcdef0123456789abcdef", "00".repeat(16));
        let (own, of) = seen(&format!("{id}.7.{digest}")).expect("whole");
        assert_eq!((own.as_str(), of.version), (id, 7));
        for wrong in [
            String::new(),
            id.to_owned(),
            format!("{id}.7"),
            format!("{id}.-7.{digest}"),
            format!("{id}.7.{digest}.1"),
            format!("x.7.{digest}"),
        ] {
            assert!(seen(&wrong).is_none(), "{wrong}");
        }
    }
}
