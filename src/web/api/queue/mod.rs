//! The desk as JSON: the lists, an alert, what people do about it, whole lists that are acted on as one, and what citizens
//! say is wrong, by the same rules as on the pages.
//!
//! In: callers whose tokens act as people, or read for a system. Out: items with both axes, problems that say why not.
//! Must hold:
//! 1. What is decided is decided by a person: a token of a system reads, and acts on nothing.
//! 2. An act names the version and the digest that its author saw; what moved since is told and not done.
//! 3. What the pages do not show to somebody - alerts of other provinces, a proposal before a second look, a number
//!    whole - is not told here either, and a look is in the access log before it is answered.
//!
//! `Idempotency-Key` has no meaning here: an act that is sent again names a version that has passed, and is answered 409
//! with the item as it is. A note alone is bound to none, and is kept as often as it is sent; so is
//! a list that is proposed, and a citizen's number that is told: look at the list of batches before one is sent again.

mod act;
pub(super) mod batch;
mod bulk;
mod changes;
pub(super) mod correction;
mod group;
mod list;
mod look;
mod one;
mod refused;
mod reveal;
mod rows;
mod search;
mod second_look;
mod seen;
mod told;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;

pub(super) use act::{act, is_done_by_one};
pub(super) use bulk::act_on_all;
pub(super) use changes::changes;
pub(super) use group::group;
pub(super) use list::list;
pub(super) use one::one;
pub(super) use reveal::reveal;
pub(super) use rows::rows;
pub(super) use search::search;
pub(super) use second_look::second_look;
pub(super) use seen::seen;

use super::caller::Caller;
use crate::review::{Viewer, is_alert_id};
use crate::web::metrics::Event;
use crate::web::problem::Problem;
use crate::web::shared::App;

type Id = Result<Path<String>, PathRejection>;

/// As whom a caller looks.
fn viewer(caller: &Caller) -> Result<Viewer, Problem> {
    caller.principal().viewer().ok_or_else(Problem::forbidden)
}

/// As whom a caller acts; a refusal is counted.
fn person(caller: &Caller, app: &App) -> Result<Viewer, Problem> {
    let principal = caller.principal();
    if !principal.is_person() {
        app.metrics.count(Event::Denied(principal.role()));
        return Err(Problem::no_person());
    }
    viewer(caller)
}

/// The id of an alert in a path.
fn alert_id(id: Id) -> Result<String, Problem> {
    let id = id.map(|Path(id)| id).unwrap_or_default();
    match is_alert_id(&id) {
        true => Ok(id),
        false => Err(no_such_alert()),
    }
}

/// There is none, or none of theirs: which, is not told.
fn no_such_alert() -> Problem {
    Problem::not_found(
        "there is no such alert, or none that is the caller's to see",
        "take an `alert_id` from `GET /v1/queue`",
    )
}
