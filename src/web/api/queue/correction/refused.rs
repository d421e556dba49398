//! Why something was not done about a request for a correction, as a problem.

use super::super::refused::{spent, unusable};
use super::no_such_request;
use crate::review::{CorrectionRefused, Desk, LONGEST_TEXT};
use crate::web::problem::Problem;

/// The problem that a refusal is told as.
pub(super) fn correction_refused(desk: &Desk, why: CorrectionRefused) -> Problem {
    match why {
        CorrectionRefused::NotFound => no_such_request(),
        CorrectionRefused::Wrong => Problem::unprocessable(
            "bad_answer",
            format!("`answer` is missing, or longer than {LONGEST_TEXT} characters"),
            "say in `answer` what the citizen is told",
        ),
        CorrectionRefused::Moved => Problem::conflict(
            "moved",
            "the request is not any more what was looked at",
            "look at it again, and act on the `version` that it has",
        ),
        CorrectionRefused::NotPossible => Problem::conflict(
            "not_possible",
            "that is not the caller's to do now, or not possible where the request stands",
            "do one of the things that `allowed` of the request names",
        ),
        CorrectionRefused::Spent { next } => spent(desk, &why, next),
        CorrectionRefused::Database(error) => unusable(&error),
        // No assertion is used here.
        CorrectionRefused::Replayed => Problem::internal(),
    }
}
