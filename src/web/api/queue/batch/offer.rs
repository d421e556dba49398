//! `GET /v1/batches/offer`: what a list would be as a batch, and the mark by which it is asked for.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::super::super::caller::Caller;
use super::super::list::filtered;
use super::super::refused::unusable;
use super::super::viewer;
use super::allowed;
use super::told::{Total, totals};
use super::which::{ListTold, list_told, query};
use crate::alert::serialize_amount;
use crate::record::Money;
use crate::review::WorkAction;
use crate::web::gate::Action;
use crate::web::parameters::Parameters;
use crate::web::problem::Problem;
use crate::web::shared::App;

#[derive(Serialize)]
struct Told {
    /// What asking for a batch names: the list.
    list: ListTold,
    /// The same: what tells the set from any other.
    mark: String,
    alerts: u64,
    #[serde(serialize_with = "serialize_amount")]
    amount_vnd: Money,
    by_reason: Vec<Total>,
    /// Whether the list has more than are acted on as one: then it cannot be.
    is_too_large: bool,
    /// What the caller can ask for; nothing, where no person asks.
    allowed: Vec<&'static str>,
}

/// `GET /v1/batches/offer`.
pub(in crate::web::api) async fn offer(
    caller: Caller,
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::ReviewAlerts, None)?;
    let (view, filters) = filtered(&mut parameters)?;
    let as_of = parameters.epoch("as_of")?;
    parameters.end()?;
    let (who, is_person) = (viewer(&caller)?, caller.principal().is_person());
    let query = query(view, filters, as_of);
    let told = app.ask(move |app| {
        let offer = app.desk.offer_batch(&who, &query);
        let offer = offer.map_err(|error| unusable(&error))?;
        Ok(Told {
            list: list_told(&query, offer.as_of),
            mark: offer.mark.to_string(),
            alerts: offer.alerts(),
            amount_vnd: offer.amount(),
            by_reason: totals(&offer.by_reason),
            is_too_large: offer.is_too_large,
            allowed: match is_person {
                true => allowed(&who).map(WorkAction::as_str).collect(),
                false => Vec::new(),
            },
        })
    });
    Ok(Json(told.await?).into_response())
}
