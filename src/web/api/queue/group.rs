//! `GET /v1/groups/{kind}/{id}`: the alerts of a person, of a card or of a provider.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::super::caller::Caller;
use super::refused::unusable;
use super::told::{self, GroupTold, ItemTold, Proposal};
use super::viewer;
use crate::alert::serialize_amount;
use crate::record::Money;
use crate::review::{Group, Item};
use crate::rule::Reason;
use crate::web::gate::Action;
use crate::web::parameters::Parameters;
use crate::web::problem::Problem;
use crate::web::shared::App;

/// Alerts that are told.
const MOST: u32 = 200;

#[derive(Serialize)]
struct Told {
    group: GroupTold,
    #[serde(serialize_with = "serialize_amount")]
    amount_vnd: Money,
    by_reason: Vec<Total>,
    /// Whether there may be more than are told; sums are of those that are.
    is_limited: bool,
    items: Vec<ItemTold>,
}

#[derive(Serialize)]
struct Total {
    reason: &'static str,
    alerts: usize,
    open: usize,
    #[serde(serialize_with = "serialize_amount")]
    amount_vnd: Money,
}

/// `GET /v1/groups/{kind}/{id}`.
pub(in crate::web::api) async fn group(
    caller: Caller,
    State(app): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::ReadAlerts, None)?;
    parameters.end()?;
    let Path((kind, id)) = path.map_err(|_| no_such_group())?;
    let group = Group::named(&kind, &id).ok_or_else(no_such_group)?;
    let (who, asked) = (viewer(&caller)?, group.clone());
    let items = app.ask(move |app| {
        let items = app.desk.group(&who, &asked, MOST);
        items.map_err(|error| unusable(&error))
    });
    let items = items.await?;
    if items.is_empty() {
        return Err(no_such_group());
    }
    let mut reasons: BTreeMap<Reason, Vec<&Item>> = BTreeMap::new();
    for item in &items {
        reasons.entry(item.finding.reason).or_default().push(item);
    }
    Ok(Json(Told {
        group: GroupTold::from(&group),
        amount_vnd: sum(items.iter()),
        by_reason: reasons.into_iter().map(total).collect(),
        is_limited: items.len() >= MOST as usize,
        items: (items.iter())
            .map(|item| told::item(item, Proposal::Hidden))
            .collect(),
    })
    .into_response())
}

fn total((reason, items): (Reason, Vec<&Item>)) -> Total {
    let is_open = |item: &&&Item| item.work.state.is_open();
    Total {
        reason: reason.as_str(),
        alerts: items.len(),
        open: items.iter().filter(is_open).count(),
        amount_vnd: sum(items.into_iter()),
    }
}

fn sum<'a>(items: impl Iterator<Item = &'a Item>) -> Money {
    let sum = items.fold(0i64, |sum, item| {
        sum.saturating_add(item.finding.amount.thousandths())
    });
    Money::from_thousandths(sum)
}

fn no_such_group() -> Problem {
    Problem::not_found(
        "there is no such group, or no alert of it that is the caller's to see",
        "take a group of `groups` of an alert, or of an answer of `POST /v1/search`",
    )
}
