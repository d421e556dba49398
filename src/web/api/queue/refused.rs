//! Why something was not done, as a problem.

use std::time::Duration;

use http::StatusCode;

use super::look::Look;
use super::no_such_alert;
use crate::review::{Desk, DeskError, Refused, Viewer, Wrong};
use crate::web::cases::CaseError;
use crate::web::problem::Problem;

/// What a caller is told to wait where the desk cannot be used.
const A_WHILE: Duration = Duration::from_secs(10);

/// The problem that the desk cannot be used; why is for the log.
pub(super) fn unusable(error: &DeskError) -> Problem {
    tracing::error!(%error, "the desk cannot be used");
    let detail = match error {
        DeskError::NotLogged => {
            "the access log cannot be written, and nothing is told or done without it"
        }
        _ => "the database of reviews cannot be used now",
    };
    Problem::unavailable("unavailable", detail, A_WHILE)
}

/// The problem that the rows behind an alert cannot be read.
pub(super) fn unreadable(error: &CaseError) -> Problem {
    tracing::error!(%error, "the rows behind an alert cannot be told");
    let detail = "the rows behind the alert cannot be read now";
    Problem::unavailable("unavailable", detail, A_WHILE)
}

/// The problem that as much was done as one may, with the time when they may again, in milliseconds since 1970.
pub(super) fn spent(desk: &Desk, why: &dyn std::fmt::Display, next: i64) -> Problem {
    let left = u64::try_from(next.saturating_sub(desk.now())).unwrap_or_default();
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "spent",
        why.to_string(),
        "try again after `Retry-After`",
    )
    .retry_after(Duration::from_millis(left))
}

/// The problem that a refusal of the desk is told as. Of what moved, the item is told as it is.
pub(super) fn refused(desk: &Desk, who: &Viewer, why: &Refused) -> Problem {
    let forbidden = |code, remedy: &'static str| {
        Problem::new(StatusCode::FORBIDDEN, code, why.to_string(), remedy)
    };
    match why {
        Refused::NotFound => no_such_alert(),
        Refused::NotPossible { .. } => Problem::unprocessable(
            "not_possible",
            why.to_string(),
            "do one of the things that `allowed` of the alert names",
        ),
        Refused::NotTheirs { .. } => forbidden(
            "not_theirs",
            "do one of the things that `allowed` of the alert names, or leave it to whoever may",
        ),
        Refused::TookPart => forbidden(
            "took_part",
            "leave it to a supervisor who had no part since the alert was last new, reopened or returned",
        ),
        Refused::Overtaken => {
            Problem::conflict("overtaken", why.to_string(), "return it with a note")
        }
        Refused::Wrong(wrong) => {
            Problem::unprocessable(code(*wrong), why.to_string(), remedy(*wrong))
        }
        Refused::Moved {
            is_acted_on,
            is_changed,
            now,
        } => match Look::new(desk, who, true, now) {
            Ok(look) => Problem::conflict(
                "moved",
                why.to_string(),
                "look at it as it is now, and act on the `version` and the `digest` that it has",
            )
            .telling("acted_on", is_acted_on)
            .telling("evidence_changed", is_changed)
            .telling("now", &look),
            Err(error) => unusable(&error),
        },
        Refused::Spent { next } => spent(desk, why, *next),
        Refused::LookDue => Problem::unprocessable(
            "second_look_due",
            why.to_string(),
            "give it at `POST /v1/queue/{alert_id}/second-look`, and approve then",
        ),
        Refused::ListMoved => {
            Problem::conflict("list_moved", why.to_string(), "look at the list again")
        }
        Refused::BatchIs { .. } => {
            Problem::conflict("batch_decided", why.to_string(), "look at the batch again")
        }
        Refused::ShownBefore => {
            Problem::conflict("shown_before", why.to_string(), "look at the alert again")
        }
        Refused::Database(error) => unusable(error),
    }
}

fn code(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::NoteMissing => "note_missing",
        Wrong::NoteTooLong => "note_too_long",
        Wrong::VerdictMissing => "verdict_missing",
        Wrong::NeedsApproval => "needs_approval",
        Wrong::BadDay => "bad_day",
        Wrong::BadAssignee => "bad_assignee",
        Wrong::TooMany => "too_many",
        Wrong::NotTogether => "not_together",
        Wrong::NothingToUphold => "nothing_to_uphold",
    }
}

fn remedy(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::NoteMissing => "say why in `note`",
        Wrong::NoteTooLong => "shorten `note`",
        Wrong::VerdictMissing => "give a `verdict`",
        Wrong::NeedsApproval => {
            "propose it, and have it approved by somebody else; of a closed alert, reopen it first"
        }
        Wrong::BadDay => "give the last day of the wait in `until`, as YYYY-MM-DD",
        Wrong::BadAssignee => "give in `assignee` the name under which somebody signs in",
        Wrong::TooMany => "send fewer alerts at a time",
        Wrong::NotTogether => "give it to each alert for itself",
        Wrong::NothingToUphold => "nothing is left to be done",
    }
}
