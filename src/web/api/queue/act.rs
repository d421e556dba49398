//! `POST /v1/queue/{alert_id}/act`: something is done about an alert, as it was seen.
//!
//! Must hold: a field that is misspelt, or that the action does not take, is refused and not left out: nobody believes that
//! a verdict was kept that was not; where a second look is due, nothing is approved without.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use serde::Deserialize;

use super::super::caller::Caller;
use super::super::document;
use super::look::Look;
use super::refused::{refused, unusable};
use super::{Id, alert_id, person};
use crate::record::{Day, Value as _};
use crate::review::{Act, EvidenceDigest, Seen, Verdict, WorkAction};
use crate::web::gate::Action;
use crate::web::problem::Problem;
use crate::web::shared::App;

/// Bytes of a document: the longest note, however its characters are escaped.
const MAX_BYTES: u64 = 64 << 10;
const FIELDS: &str =
    "action, version, digest, and as the action takes them assignee, until, verdict, note";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    action: String,
    version: u32,
    digest: String,
    assignee: Option<String>,
    until: Option<String>,
    verdict: Option<String>,
    note: Option<String>,
}

/// What an act says beside what was seen.
pub(super) struct Said {
    pub assignee: Option<String>,
    pub until: Option<String>,
    pub verdict: Option<String>,
    pub note: Option<String>,
}

/// `POST /v1/queue/{alert_id}/act`.
pub(in crate::web::api) async fn act(
    caller: Caller,
    State(app): State<App>,
    id: Id,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.require(Action::ReviewAlerts, None)?;
    let (who, id) = (person(&caller, &app)?, alert_id(id)?);
    let bytes = document::bytes(&caller, &app, &headers, body, MAX_BYTES).await?;
    let asked = document::parse::<Document>(&bytes, FIELDS)?;
    let action = action(&asked.action)?;
    let said = Said {
        assignee: asked.assignee,
        until: asked.until,
        verdict: asked.verdict,
        note: asked.note,
    };
    let seen = seen(asked.version, &asked.digest)?;
    let act = said.act(action, seen)?;
    let look = app.ask(move |app| {
        let desk = &app.desk;
        let done = desk.act(&who, &id, &act);
        let item = done.map_err(|why| refused(desk, &who, &why))?;
        Look::new(desk, &who, true, &item).map_err(|error| unusable(&error))
    });
    Ok(Json(look.await?).into_response())
}

/// The action of a word. What time does, nobody does; what a batch does, two people decide on elsewhere.
pub(super) fn action(word: &str) -> Result<WorkAction, Problem> {
    let known = WorkAction::from_name(word).filter(|action| is_done_by_one(*action));
    known.ok_or_else(|| {
        Problem::unprocessable(
            "unknown_action",
            "`action` is none that is known",
            "take one that `allowed` of the alert names",
        )
    })
}

/// Whether somebody does it to one alert, by themselves.
pub(in crate::web::api) fn is_done_by_one(action: WorkAction) -> bool {
    !matches!(
        action,
        WorkAction::Wake | WorkAction::Undo | WorkAction::CloseTogether
    )
}

/// What a caller says that they saw.
pub(super) fn seen(version: u32, text: &str) -> Result<Seen, Problem> {
    let digest = digest(text)?;
    Ok(Seen { version, digest })
}

/// What an alert rested on when a caller looked at it.
pub(super) fn digest(text: &str) -> Result<EvidenceDigest, Problem> {
    EvidenceDigest::from_hex(text).ok_or_else(|| {
        Problem::unprocessable(
            "bad_digest",
            "`digest` is not 32 hexadecimal digits",
            "give the `version` and the `digest` that the alert had when it was looked at",
        )
    })
}

/// An action has nothing to do with a field.
pub(super) fn not_taken(field: &'static str) -> Problem {
    let detail = format!("the action takes no `{field}`");
    Problem::unprocessable("field_not_taken", detail, "leave the field out")
}

/// The verdict of a code.
pub(super) fn verdict(code: &str) -> Result<Verdict, Problem> {
    Verdict::from_code(code).ok_or_else(|| {
        Problem::unprocessable(
            "unknown_verdict",
            "`verdict` is no code of a verdict",
            "take a code of the list in docs/review.md",
        )
    })
}

impl Said {
    /// The act that this says, on what was seen.
    ///
    /// # Errors
    /// Where a field has no meaning, or the action takes none such.
    pub fn act(&self, action: WorkAction, seen: Seen) -> Result<Act, Problem> {
        let takes_verdict = matches!(action, WorkAction::Propose | WorkAction::Close);
        for (field, is_given, is_taken) in [
            (
                "assignee",
                self.assignee.is_some(),
                action == WorkAction::Assign,
            ),
            ("until", self.until.is_some(), action.needs_day()),
            ("verdict", self.verdict.is_some(), takes_verdict),
        ] {
            if is_given && !is_taken {
                return Err(not_taken(field));
            }
        }
        let until = self.until.as_deref().map(|text| {
            Day::from_text(text).ok_or_else(|| {
                let detail = "`until` is not a day";
                Problem::unprocessable("bad_day", detail, "give it as YYYY-MM-DD")
            })
        });
        Ok(Act {
            assignee: self.assignee.clone(),
            until: until.transpose()?,
            verdict: self.verdict.as_deref().map(verdict).transpose()?,
            note: self.note.clone(),
            ..Act::new(action, seen)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> Said {
        Said {
            assignee: None,
            until: None,
            verdict: None,
            note: None,
        }
    }

    fn told(said: &Said, action: WorkAction) -> Result<Act, &'static str> {
        let seen = seen(3, &"0".repeat(32)).map_err(|problem| problem.code())?;
        said.act(action, seen).map_err(|problem| problem.code())
    }

    #[test]
    fn a_field_that_an_action_does_not_take_is_refused() {
        let assignee = Said {
            assignee: Some("an".to_owned()),
            ..said()
        };
        let until = Said {
            until: Some("2026-12-01".to_owned()),
            ..said()
        };
        let verdict = Said {
            verdict: Some("duplicate".to_owned()),
            ..said()
        };
        let all = WorkAction::ALL.iter().copied();
        for action in all.filter(|action| is_done_by_one(*action)) {
            assert!(told(&said(), action).is_ok(), "{action}");
            let takes = |said: &Said| told(said, action).is_ok();
            assert_eq!(takes(&assignee), action == WorkAction::Assign, "{action}");
            assert_eq!(takes(&until), action.needs_day(), "{action}");
            let decides = matches!(action, WorkAction::Propose | WorkAction::Close);
            assert_eq!(takes(&verdict), decides, "{action}");
        }
    }

    #[test]
    fn what_has_no_meaning_is_told_apart() {
        let until = Said {
            until: Some("tomorrow".to_owned()),
            ..said()
        };
        assert_eq!(told(&until, WorkAction::Wait), Err("bad_day"));
        let verdict = Said {
            verdict: Some("guilty".to_owned()),
            ..said()
        };
        assert_eq!(told(&verdict, WorkAction::Close), Err("unknown_verdict"));
        let code = |problem: Problem| problem.code();
        assert_eq!(action("dance").map_err(code), Err("unknown_action"));
        for word in ["wake", "undo", "close_together"] {
            assert_eq!(action(word).map_err(code), Err("unknown_action"));
        }
        assert_eq!(seen(1, "x").map_err(code), Err("bad_digest"));
    }
}
