//! `GET /live`: what came and went since a page was made, as server-sent events.
//!
//! ```text
//!  desk ──frontier, every 500 ms──▶ watch ──▶ each open page ──changes since its epoch──▶ browser
//! ```
//! Must hold: one task asks for the frontier, however many pages are open; a session has two connections at most, and
//! all have a bound; a connection ends with its session, when the listener stops, and after a while, whereupon a browser opens another.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, http};
use futures_util::stream;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::timeout;

use super::app::App;
use super::caller::Caller;
use super::fault::Fault;
use super::filters::is_alert_id;

use super::told::clock;
use crate::review::{Changes, Frontier};
use crate::store::HistoryKind;
use crate::web::exchange::Exchange;
use crate::web::socket::Stopping;

/// How often the frontier is asked for.
const TICK: Duration = Duration::from_millis(500);
/// How often a page is told something, at most.
const PAUSE: Duration = Duration::from_secs(1);
/// After how long without news a connection says that it lives.
const SILENCE: Duration = Duration::from_secs(15);
/// How long a connection lasts.
const LIFE: Duration = Duration::from_secs(120);
/// Connections of a session.
const OF_A_SESSION: usize = 2;
/// Connections in all.
const IN_ALL: usize = 256;

/// The frontier as it was last, and who follows it.
pub(super) struct Live {
    frontier: watch::Sender<Option<Frontier>>,
    is_started: AtomicBool,
    seats: Arc<Mutex<HashMap<String, usize>>>,
}

impl Live {
    pub fn new() -> Self {
        Self {
            frontier: watch::Sender::new(None),
            is_started: AtomicBool::new(false),
            seats: Arc::default(),
        }
    }

    /// The frontier, at most half a second old. The first who asks starts the task that keeps it so.
    pub async fn frontier(&self, app: &App) -> Option<Frontier> {
        if !self.is_started.swap(true, Ordering::Relaxed) {
            let weak = Arc::downgrade(app);
            tokio::spawn(async move {
                while let Some(app) = weak.upgrade() {
                    let asked = app.ask(|parts| Ok(parts.desk.frontier()?)).await;
                    app.live.frontier.send_if_modified(|own| {
                        let is_new = asked.as_ref().is_ok_and(|frontier| *own != Some(*frontier));
                        if let (true, Ok(frontier)) = (is_new, asked) {
                            *own = Some(frontier);
                        }
                        is_new
                    });
                    drop(app);
                    tokio::time::sleep(TICK).await;
                }
            });
        }
        let mut frontier = self.frontier.subscribe();
        // The first page waits for the first answer.
        let known = timeout(TICK * 4, frontier.wait_for(Option::is_some)).await;
        known.ok()?.ok().and_then(|frontier| *frontier)
    }

    fn seat(&self, of: &str) -> Option<Seat> {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = seats.values().sum();
        let own = seats.entry(of.to_owned()).or_insert(0);
        if *own >= OF_A_SESSION || all >= IN_ALL {
            if *own == 0 {
                seats.remove(of);
            }
            return None;
        }
        *own += 1;
        Some(Seat {
            seats: self.seats.clone(),
            of: of.to_owned(),
        })
    }
}

/// A connection that is open.
struct Seat {
    seats: Arc<Mutex<HashMap<String, usize>>>,
    of: String,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = seats.get_mut(&self.of) {
            *own -= 1;
            if *own == 0 {
                seats.remove(&self.of);
            }
        }
    }
}

/// What follows the frontier for one page.
struct Follower {
    app: App,
    caller: Arc<Caller>,
    frontier: watch::Receiver<Option<Frontier>>,
    since: u64,
    alert_id: Option<String>,
    ends: Instant,
    is_first: bool,
    stopping: Option<Stopping>,
    _seat: Seat,
}

/// `GET /live?epoch=…&alert=…`.
pub(super) async fn events(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    exchange: Option<Extension<Arc<Exchange>>>,
    stopping: Option<Extension<Stopping>>,
) -> Result<Response, Fault> {
    let fields = &caller.fields;
    let since = fields.filled("epoch").and_then(|text| text.parse().ok());
    let since = since.ok_or(Fault::Bad)?;
    let alert_id = fields.filled("alert").filter(|id| is_alert_id(id));
    let seat = app.live.seat(&caller.csrf).ok_or(Fault::TooMany)?;
    if let Some(Extension(exchange)) = exchange {
        exchange.allow(LIFE + SILENCE * 2);
    }
    let follower = Follower {
        frontier: app.live.frontier.subscribe(),
        since,
        alert_id: alert_id.map(str::to_owned),
        ends: Instant::now() + LIFE,
        is_first: true,
        stopping: stopping.map(|Extension(stopping)| stopping),
        _seat: seat,
        caller: caller.clone(),
        app,
    };
    let events = stream::unfold(follower, |mut follower| async move {
        let event = follower.next().await?;
        Some((
            Ok::<_, std::convert::Infallible>(Bytes::from(event)),
            follower,
        ))
    });
    let mut response = Body::from_stream(events).into_response();
    let kind = HeaderValue::from_static("text/event-stream; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

impl Follower {
    /// The next event, or none where the connection is to end.
    async fn next(&mut self) -> Option<String> {
        if !self.is_first {
            let frontier = &mut self.frontier;
            let news = async {
                tokio::time::sleep(PAUSE).await;
                timeout(SILENCE, frontier.changed()).await
            };
            let news = match &mut self.stopping {
                None => news.await,
                Some(stopping) => tokio::select! {
                    () = stopping.told() => return None,
                    news = news => news,
                },
            };
            if Instant::now() > self.ends || !self.is_signed_in() {
                return None;
            }
            match news {
                Ok(changed) => changed.ok()?,
                Err(_) => return Some(": still here\n\n".to_owned()),
            }
        }
        self.is_first = false;
        let frontier = (*self.frontier.borrow_and_update())?;
        let (viewer, since) = (self.caller.viewer().ok()?, self.since);
        let own = self.alert_id.clone();
        let changes = self
            .app
            .ask(move |parts| Ok(parts.desk.changes_while(&viewer, since, own.as_deref())?));
        match changes.await {
            Ok((changes, own)) => Some(self.told(frontier, &changes, own)),
            Err(_) => Some(": busy\n\n".to_owned()),
        }
    }

    fn is_signed_in(&self) -> bool {
        let cookie = self.caller.cookie.as_deref();
        cookie.is_some_and(|cookie| self.app.parts.accounts.peek(cookie).is_some())
    }

    fn told(&self, frontier: Frontier, changes: &Changes, own: Option<HistoryKind>) -> String {
        let language = self.caller.language;
        let data = json!({
            "at": clock(language, frontier.at, self.app.now()),
            "raised": changes.raised,
            "withdrawn": changes.withdrawn,
            "raised_text": language.count(changes.raised),
            "withdrawn_text": language.count(changes.withdrawn),
            "alert": own.map(|kind| match kind {
                HistoryKind::Withdrawn => "withdrawn",
                _ => "changed",
            }),
        });
        format!("event: frontier\ndata: {data}\n\n")
    }
}
