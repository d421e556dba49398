//! `GET /feeds`: sources, and how far they are read.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::answer;
use super::app::App;
use super::caller::Caller;
use super::fault::Fault;
use super::label::Label;
use super::shell::Shell;
use super::told::told;

struct Row {
    name: String,
    kind: &'static str,
    state: Label,
    waiting: String,
    positions: String,
}

#[derive(Template)]
#[template(path = "feeds.html")]
struct FeedsPage {
    shell: Shell,
    lag: String,
    rows: Vec<Row>,
}

/// `GET /feeds`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let found = app.ask(|parts| {
        parts.feeds.feeds().map_err(|why| {
            tracing::error!(why, "sources cannot be told");
            Fault::Unavailable(None)
        })
    });
    let (feeds, lag) = found.await?;
    let (language, t) = (caller.language, caller.texts());
    let row = |feed: super::parts::Feed| {
        let (class, sign, text) = match feed.is_paused {
            true => ("withdrawn", "✕", t.feed_paused),
            false => ("holds", "✓", t.feed_running),
        };
        Row {
            name: feed.name,
            kind: if feed.is_http {
                t.feed_http
            } else {
                t.feed_configured
            },
            state: Label {
                class,
                sign,
                text: text.to_owned(),
            },
            waiting: language.count(feed.waiting_rows),
            positions: language.count(feed.positions),
        }
    };
    let seconds = language.decimal(lag.as_secs_f64());
    let page = FeedsPage {
        shell: Shell::new(&caller, t.feeds),
        lag: told(t.feed_lag, &[("seconds", &seconds)]),
        rows: feeds.into_iter().map(row).collect(),
    };
    Ok(answer::page(StatusCode::OK, &page))
}
