//! `/v1/batches`: lists that are acted on as a whole - asked for, approved by somebody else, undone.
//!
//! In: a list by its filters, the mark of what was in it, what a second person says. Out: batches, and what came of their
//! alerts. Must hold: what is frozen is what was told: its mark comes back with it, and another set is refused; of a batch
//! with an alert that is not the caller's to see nothing is told; a proposal of an alert of it is told as in lists.

mod decide;
mod list;
mod offer;
mod one;
mod propose;
mod refused;
mod told;
mod undo;
mod which;

use axum::extract::Path;

pub(in crate::web::api) use decide::decide;
pub(in crate::web::api) use list::list;
pub(in crate::web::api) use offer::offer;
pub(in crate::web::api) use one::one;
pub(in crate::web::api) use propose::propose;
pub(in crate::web::api) use undo::undo;

use super::Id;
use super::refused::unusable;
use crate::access;
use crate::review::{BATCH_ACTIONS, Viewer, WorkAction};
use crate::web::problem::Problem;
use crate::web::shared::Shared;

/// Bytes of a document: the longest note, however its characters are escaped, and a list.
const MAX_BYTES: u64 = 64 << 10;

/// The number of a batch in a path.
fn number(id: Id) -> Result<i64, Problem> {
    let text = id.map(|Path(text)| text).unwrap_or_default();
    // As it is given out: no sign, no leading zero.
    let number = text.parse::<u32>().ok();
    let number = number.filter(|number| number.to_string() == text);
    number.map(i64::from).ok_or_else(no_such_batch)
}

/// There is none, or none of which all is theirs to see: which, is not told.
fn no_such_batch() -> Problem {
    Problem::not_found(
        "there is no such batch, or none of which all alerts are the caller's to see",
        "take a `number` from `GET /v1/batches`",
    )
}

/// What somebody may ask to be done with a list: who does not assign, closes.
fn allowed(who: &Viewer) -> impl Iterator<Item = WorkAction> {
    let reviews = access::is_allowed(who.role, access::Action::ReviewAlerts);
    let assigns = access::is_allowed(who.role, access::Action::AssignAlerts);
    let is_theirs = move |action: &WorkAction| match action {
        WorkAction::CloseTogether => reviews,
        _ => assigns,
    };
    BATCH_ACTIONS.into_iter().filter(is_theirs)
}

/// A batch after something was done about it, and it was gone on with for a while.
fn after(app: &Shared, who: &Viewer, number: i64) -> Result<told::Line, Problem> {
    app.desk.carry_on_a_while();
    let batch = app.desk.batch_alone(who, number);
    let batch = batch.map_err(|error| unusable(&error))?;
    let batch = batch.ok_or_else(no_such_batch)?;
    Ok(told::line(&batch, who, true))
}
