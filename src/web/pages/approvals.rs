//! `GET /approvals`: what waits for a second pair of eyes, and may have this one's.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::answer;
use super::app::App;
use super::batch::{self, BatchRow};
use super::caller::Caller;
use super::fault::Fault;
use super::row::{Rows, rows};
use super::shell::Shell;
use crate::review::{BatchState, Filters, QueueQuery, View, WorkAction};

/// Proposals that are shown at once: those that follow come up when these are decided.
const MOST: u32 = 100;

#[derive(Template)]
#[template(path = "approvals.html")]
struct ApprovalsPage {
    shell: Shell,
    rows: Rows,
    batches: Vec<BatchRow>,
}

/// `GET /approvals`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let viewer = caller.viewer()?;
    let (items, batches) = app
        .ask(move |parts| {
            let mut query = QueueQuery {
                view: View::Proposed,
                filters: Filters::default(),
                as_of: None,
                after: None,
                limit: MOST,
            };
            let mut items = Vec::new();
            // Their own proposals may come first, however many those are.
            loop {
                let page = parts.desk.queue(&viewer, &query)?;
                for item in page.items {
                    let allowed = parts.desk.allowed(&viewer, &item)?;
                    if allowed.contains(&WorkAction::Approve) {
                        items.push(item);
                    }
                }
                (query.as_of, query.after) = (Some(page.as_of), page.next);
                if query.after.is_none() || items.len() >= MOST as usize {
                    break;
                }
            }
            items.truncate(MOST as usize);
            let state = Some(BatchState::Proposed);
            let mut batches = parts.desk.batches(&viewer, state, MOST as usize)?;
            batches.retain(|batch| batch.may_decide(&viewer));
            Ok((items, batches))
        })
        .await?;
    let t = caller.texts();
    let mut shell = Shell::new(&caller, t.approvals);
    shell.is_list = true;
    let caption = t.approvals.to_owned();
    let view = Some(View::Proposed);
    let page = ApprovalsPage {
        shell,
        batches: (batches.iter())
            .map(|batch| batch::row(batch, caller.language))
            .collect(),
        rows: rows(&items, view, &caller, caption, false),
    };
    Ok(answer::page(StatusCode::OK, &page))
}
