//! `GET /v1/access-log` and the sample of a day that is to be checked: who saw and changed what.
//!
//! Must hold: that it is read is an entry of it, before anything of it is told; nothing of it is of a person of the
//! registers, their pseudonym neither; a sample is of a day that is over, so that it is the same whenever it is asked for.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::caller::Caller;
use crate::record::Instant;
use crate::review::Viewer;
use crate::web::gate::Action;
use crate::web::parameters::{Parameters, bad};
use crate::web::problem::Problem;
use crate::web::shared::App;
use crate::web::watched::{LogEntry, LogQuery, LogStanding};

/// What a caller is told to wait where the log cannot be read, or not that it was.
const A_WHILE: std::time::Duration = std::time::Duration::from_secs(30);

#[derive(Serialize)]
struct PageTold {
    /// The newest first.
    entries: Vec<EntryTold>,
    next_page: Option<String>,
    standing: Standing,
}

#[derive(Serialize)]
struct SampleTold {
    day: String,
    /// How many reveals there were on the day.
    reveals: u64,
    /// How many openings of alerts.
    openings: u64,
    /// A share of the reveals, then of the openings.
    entries: Vec<EntryTold>,
}

#[derive(Serialize)]
struct EntryTold {
    number: u64,
    at: String,
    actor: String,
    role: String,
    action: String,
    /// Whether it was done, all of it.
    is_done: bool,
    purpose: Option<String>,
    object: Option<String>,
    fields: Vec<String>,
    objects: Option<u64>,
    epoch: Option<u64>,
}

/// How the log stands.
#[derive(Serialize)]
struct Standing {
    entries: u64,
    signed_at: Option<String>,
    /// When the whole of it was last verified, and nothing was wrong.
    verified_at: Option<String>,
    /// Whether it was found changed or incomplete.
    is_damaged: bool,
}

/// `GET /v1/access-log`.
pub(super) async fn page(
    caller: Caller,
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::ReadAccessLog, None)?;
    let who = viewer(&caller)?;
    let query = asked(&mut parameters, &app)?;
    parameters.end()?;
    let told = app.ask(move |app| {
        let found = app.access_log.read(&who, &query).map_err(unread)?;
        Ok(PageTold {
            entries: found.entries.into_iter().map(entry).collect(),
            next_page: found.next.map(|next| next.to_string()),
            standing: standing(app.access_log.standing()),
        })
    });
    Ok(Json(told.await?).into_response())
}

/// `GET /v1/access-log/sample`.
pub(super) async fn sample(
    caller: Caller,
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Response, Problem> {
    caller.require(Action::ReadAccessLog, None)?;
    let who = viewer(&caller)?;
    let asked = parameters.day("day")?;
    parameters.end()?;
    let now = Instant::from_millis(app.desk.now()).unwrap_or(Instant::MAX);
    let latest = now.day().plus(-1);
    let day = asked.unwrap_or(latest);
    if day > latest {
        return Err(bad("day", "must be a day that is over"));
    }
    let told = app.ask(move |app| {
        let found = app.access_log.sample(&who, day).map_err(unread)?;
        Ok(SampleTold {
            day: day.to_string(),
            reveals: found.reveals,
            openings: found.openings,
            entries: found.entries.into_iter().map(entry).collect(),
        })
    });
    Ok(Json(told.await?).into_response())
}

fn viewer(caller: &Caller) -> Result<Viewer, Problem> {
    caller.principal().viewer().ok_or_else(Problem::forbidden)
}

fn asked(parameters: &mut Parameters, app: &App) -> Result<LogQuery, Problem> {
    let (limit, page) = parameters.page(&app.read)?;
    let before = page.map(|page| {
        let number = page.parse::<u64>().ok();
        let number = number.filter(|number| i64::try_from(*number).is_ok());
        number.ok_or_else(|| bad("page", "is not one that was given out as `next_page`"))
    });
    Ok(LogQuery {
        actor: parameters.entry_code("actor")?,
        action: parameters.word("action")?,
        object: parameters.entry_code("object")?,
        from: parameters.day("from")?,
        to: parameters.day("to")?,
        before: before.transpose()?,
        limit,
    })
}

fn time(millis: i64) -> String {
    let at = Instant::from_millis(millis).unwrap_or(Instant::MAX);
    at.to_string()
}

fn entry(entry: LogEntry) -> EntryTold {
    EntryTold {
        number: entry.n,
        at: time(entry.at),
        actor: entry.actor,
        role: entry.role,
        action: entry.action,
        is_done: entry.is_done,
        purpose: entry.purpose,
        object: entry.object,
        fields: entry.fields,
        objects: entry.objects,
        epoch: entry.epoch,
    }
}

fn standing(standing: LogStanding) -> Standing {
    Standing {
        entries: standing.lines,
        signed_at: standing.signed_at.map(time),
        verified_at: standing.verified_at.map(time),
        is_damaged: standing.is_damaged,
    }
}

/// The problem that the log cannot be read; why is for the log of the process.
fn unread(why: &'static str) -> Problem {
    tracing::error!(why, "the access log is not told");
    let detail = "the access log cannot be read, or that it was cannot be kept";
    Problem::unavailable("unavailable", detail, A_WHILE)
}
