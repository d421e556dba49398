//! `GET /next`: the alert after one, in a list.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;

use super::answer::see;
use super::app::App;
use super::caller::Caller;
use super::fault::Fault;
use super::filters;
use super::row::address;

/// `GET /next`.
pub(super) async fn next(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let mut query = filters::asked(&caller.fields);
    query.limit = 1;
    let (viewer, view) = (caller.viewer()?, query.view);
    let found = app
        .ask(move |parts| Ok(parts.desk.queue(&viewer, &query)?))
        .await?;
    Ok(see(&match found.items.first() {
        Some(item) => address(&item.finding.alert_id, Some(view)),
        None => format!("/queue?view={}&end=1", view.as_str()),
    }))
}
