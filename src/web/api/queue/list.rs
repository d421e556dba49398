//! `GET /v1/queue`: a list of alerts to work on, a page at a time.
//!
//! Must hold: pages that belong together are of one epoch: `next_page` says of which.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::super::caller::Caller;
use super::refused::unusable;
use super::told::{self, ItemTold, Proposal};
use super::viewer;
use crate::review::{Band, Cursor, Filters, QueueQuery, View, WorkState, is_alert_id};
use crate::rule::{Class, Reason};
use crate::web::gate::Action;
use crate::web::options::ReadLimits;
use crate::web::parameters::{Parameters, bad};
use crate::web::problem::Problem;
use crate::web::shared::App;

#[derive(Serialize)]
struct Page {
    items: Vec<ItemTold>,
    as_of: u64,
    next_page: Option<String>,
}

/// `GET /v1/queue`.
pub(in crate::web::api) async fn list(
    caller: Caller,
    State(app): State<App>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::ReadAlerts, None)?;
    let who = viewer(&caller)?;
    let query = asked(parameters, &app.read)?;
    let page = app.ask(move |app| {
        app.desk
            .queue(&who, &query)
            .map_err(|error| unusable(&error))
    });
    let page = page.await?;
    let next = page.next.as_ref();
    Ok(Json(Page {
        next_page: next.map(|next| format!("{}.{}.{}", page.as_of, next.priority, next.alert_id)),
        items: (page.items.iter())
            .map(|item| told::item(item, Proposal::Hidden))
            .collect(),
        as_of: page.as_of,
    })
    .into_response())
}

/// Of what a list is asked for.
pub(super) fn filtered(parameters: &mut Parameters) -> Result<(View, Filters), Problem> {
    let view = parameters.one_of("view", View::from_name)?;
    let filters = Filters {
        reason: parameters.one_of("reason", Reason::from_name)?,
        class: parameters.one_of("class", Class::from_name)?,
        band: parameters.one_of("band", Band::from_name)?,
        province: parameters.digits("province", 2)?,
        facility: parameters.digits("facility", 5)?,
        state: parameters.one_of("state", WorkState::from_name)?,
        assignee: parameters.plain_name("assignee")?,
    };
    Ok((view.unwrap_or(View::Open), filters))
}

fn asked(mut parameters: Parameters, limits: &ReadLimits) -> Result<QueueQuery, Problem> {
    let (view, filters) = filtered(&mut parameters)?;
    let as_of = parameters.epoch("as_of")?;
    let (limit, page) = parameters.page(limits)?;
    parameters.end()?;
    let before = page.map(|page| {
        cursor(&page).ok_or_else(|| bad("page", "is not one that was given out as `next_page`"))
    });
    let before = before.transpose()?;
    if let (Some((own, _)), Some(as_of)) = (&before, as_of)
        && *own != as_of
    {
        return Err(bad("as_of", "is another than that of the page"));
    }
    let (of_page, after) = before.unzip();
    Ok(QueueQuery {
        view,
        filters,
        as_of: of_page.or(as_of),
        after,
        limit,
    })
}

/// What a page was given out as: the epoch, and the last item of the page before.
fn cursor(text: &str) -> Option<(u64, Cursor)> {
    let mut parts = text.split('.');
    let (epoch, priority, id) = (parts.next()?, parts.next()?, parts.next()?);
    let is_whole = parts.next().is_none() && is_alert_id(id);
    let cursor = Cursor {
        priority: priority.parse().ok()?,
        alert_id: id.to_owned(),
    };
    let epoch = u64::try_from(epoch.parse::<i64>().ok()?).ok()?;
    is_whole.then_some((epoch, cursor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_one_that_was_given_out() {
        let id = "0123456789abcdef0123456789abcdef";
        let (epoch, after) = cursor(&format!("7.120.{id}")).expect("whole");
        assert_eq!((epoch, after.priority, &*after.alert_id), (7, 120, id));
        for wrong in [
            String::new(),
            "7.120".to_owned(),
            format!("7.120.{id}.1"),
            format!("-7.120.{id}"),
            format!("7.-120.{id}"),
            "7.120.zz".to_owned(),
        ] {
            assert!(cursor(&wrong).is_none(), "{wrong}");
        }
    }
}
