//! `/feeds/sources/{name}/resume`: a source that was stopped is let go on, once that is confirmed.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

use super::answer::{self, see};
use super::app::App;
use super::caller::Caller;
use super::fault::Fault;
use super::feeds::resume_address;
use super::parts::Feed;
use super::rejected::RejectFault;
use super::rejects::fault;
use super::shell::Shell;
use super::told::told;
use crate::web::is_entry_code;

const LONGEST_NAME: usize = 64;

#[derive(Template)]
#[template(path = "resume.html")]
struct ResumePage {
    shell: Shell,
    name: String,
    address: String,
    waiting: String,
    is_paused: bool,
}

/// `GET /feeds/sources/{name}/resume`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(name): Path<String>,
) -> Result<Response, Fault> {
    let feed = find(&app, name).await?;
    let shell = Shell::new(&caller, caller.texts().source_resume);
    Ok(shown(&caller, feed, shell, StatusCode::OK))
}

async fn find(app: &App, name: String) -> Result<Feed, Fault> {
    if !is_entry_code(&name, LONGEST_NAME) {
        return Err(Fault::NotFound);
    }
    let feeds = app.ask(|parts| {
        parts.feeds.feeds().map_err(|why| {
            tracing::error!(why, "sources cannot be told");
            Fault::Unavailable(None)
        })
    });
    let (feeds, _) = feeds.await?;
    let mut feeds = feeds.into_iter();
    feeds.find(|feed| feed.name == name).ok_or(Fault::NotFound)
}

fn shown(caller: &Caller, feed: Feed, shell: Shell, status: StatusCode) -> Response {
    let waiting = caller.language.count(feed.waiting_rows);
    let page = ResumePage {
        waiting: told(shell.t.source_waiting, &[("count", &waiting)]),
        address: resume_address(&feed.name),
        is_paused: feed.is_paused,
        name: feed.name,
        shell,
    };
    answer::page(status, &page)
}

/// `POST /feeds/sources/{name}/resume`.
pub(super) async fn resume(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(name): Path<String>,
) -> Result<Response, Fault> {
    let feed = find(&app, name.clone()).await?;
    let viewer = caller.viewer()?;
    let outcome = app.ask(move |parts| Ok(parts.rejects.resume(&viewer, &name)));
    match outcome.await? {
        Ok(()) => Ok(see("/feeds?done=resumed")),
        Err(RejectFault::Settled) => {
            let mut shell = Shell::new(&caller, caller.texts().source_resume);
            shell.path = resume_address(&feed.name);
            shell.refused = Some(shell.t.source_runs.to_owned());
            let feed = Feed {
                is_paused: false,
                ..feed
            };
            Ok(shown(&caller, feed, shell, StatusCode::CONFLICT))
        }
        Err(why) => Err(fault(why)),
    }
}
