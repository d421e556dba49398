//! `GET /access-log/sample`: a share of what was revealed and opened on a day, for somebody to check.
//!
//! Must hold: of a day that is over, so that it is the same whenever it is asked for.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::access_log::{day_text, unread};
use super::access_row::{LogRows, may_open};
use super::answer;
use super::app::{App, day_of, machine_now};
use super::caller::Caller;
use super::fault::Fault;
use super::shell::Shell;
use super::told::told;

#[derive(Template)]
#[template(path = "access_sample.html")]
struct SamplePage {
    shell: Shell,
    day: String,
    latest: String,
    counts: String,
    rows: LogRows,
}

/// `GET /access-log/sample`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let (language, t) = (caller.language, caller.texts());
    let latest = day_of(machine_now()).plus(-1);
    let asked = caller.fields.day("day");
    let is_over = asked.is_none_or(|day| day <= latest);
    let day = asked.filter(|day| *day <= latest).unwrap_or(latest);
    let viewer = caller.viewer()?;
    let found = app.ask(move |parts| {
        let found = parts.access_log.sample(&viewer, day).map_err(unread)?;
        let open = may_open(parts, &viewer, &found.entries)?;
        Ok((found, open))
    });
    let (found, open) = found.await?;
    let mut shell = Shell::new(&caller, t.log_sample);
    shell.refused = (!is_over).then(|| t.log_sample_day_over.to_owned());
    let count = |count: u64| language.count(count);
    let caption = told(t.log_sample_caption, &[("day", &language.day(day))]);
    let page = SamplePage {
        shell,
        day: day_text(day),
        latest: day_text(latest),
        counts: told(
            t.log_sample_counts,
            &[
                ("shown", &count(found.entries.len() as u64)),
                ("reveals", &count(found.reveals)),
                ("openings", &count(found.openings)),
            ],
        ),
        rows: LogRows::new(found.entries, &open, caption, language),
    };
    let status = match is_over {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(answer::page(status, &page))
}
