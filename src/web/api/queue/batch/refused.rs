//! Why something was not done about a batch, as a problem.

use http::StatusCode;

use super::super::refused::refused;
use super::no_such_batch;
use crate::review::{Desk, LARGEST_BATCH, Refused, Viewer, Wrong};
use crate::web::problem::Problem;

/// The problem that a refusal of the desk is told as, of a batch.
pub(super) fn batch_refused(desk: &Desk, who: &Viewer, why: &Refused) -> Problem {
    let forbidden = |code, remedy: &'static str| {
        Problem::new(StatusCode::FORBIDDEN, code, why.to_string(), remedy)
    };
    match why {
        Refused::NotFound => no_such_batch(),
        Refused::NotTheirs { .. } => forbidden(
            "not_theirs",
            "see `allowed` of `GET /v1/batches/offer`, `can_decide` and `can_undo` of the batch, or leave it to whoever may",
        ),
        Refused::TookPart => forbidden(
            "took_part",
            "leave it to a supervisor who did not propose it",
        ),
        Refused::ListMoved => Problem::conflict(
            "list_moved",
            why.to_string(),
            "ask `GET /v1/batches/offer` again, look at what there is now, and send its `mark`",
        ),
        Refused::Wrong(Wrong::TooMany) => Problem::unprocessable(
            "too_many",
            format!("a list of more than {LARGEST_BATCH} alerts is not acted on as one"),
            "narrow the list by filters",
        ),
        why => refused(desk, who, why),
    }
}
