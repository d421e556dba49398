//! `/v1/corrections`: what citizens say is wrong in their records, as people look into it and answer it.
//!
//! Must hold: nothing that a person typed is on the list; the number of whom a request is about is told to who looks into
//! it, each time after it is kept that it is; a request that is not there, or not theirs to see, is answered alike.

mod act;
mod list;
mod one;
mod refused;
mod reveal;

use axum::extract::Path;

pub(in crate::web::api) use act::act;
pub(in crate::web::api) use list::list;
pub(in crate::web::api) use one::one;
pub(in crate::web::api) use reveal::reveal;

use super::Id;
use crate::review::{CorrectionAction, is_alert_id};
use crate::web::problem::Problem;

/// What is done about a request here: asking for one is the citizen's, and its number is told by a route of its own.
pub(in crate::web::api) const ACTIONS: [CorrectionAction; 4] = [
    CorrectionAction::Start,
    CorrectionAction::Release,
    CorrectionAction::Accept,
    CorrectionAction::Refuse,
];

/// The reference of a request in a path, which has the form of an id of an alert.
fn reference(id: Id) -> Result<String, Problem> {
    let reference = id.map(|Path(id)| id).unwrap_or_default();
    match is_alert_id(&reference) {
        true => Ok(reference),
        false => Err(no_such_request()),
    }
}

fn no_such_request() -> Problem {
    Problem::not_found(
        "there is no such request for a correction, or none that is the caller's",
        "take a `reference` from `GET /v1/corrections`",
    )
}
