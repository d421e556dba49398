//! `GET /corrections`: what citizens say is wrong in their records, to be answered or answered.
//!
//! Must hold: nothing that a person typed is on the list.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::answer;
use super::app::{App, day_of};
use super::caller::Caller;
use super::fault::Fault;
use super::row::short;
use super::shell::Shell;
use super::told::moment;
use crate::review::CorrectionLine;

struct Row {
    address: String,
    short: String,
    database: &'static str,
    field: &'static str,
    state: &'static str,
    asked: String,
    due: String,
    is_late: bool,
    handler: String,
}

#[derive(Template)]
#[template(path = "corrections.html")]
struct CorrectionsPage {
    shell: Shell,
    is_open: bool,
    rows: Vec<Row>,
}

/// `GET /corrections`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let is_open = caller.fields.filled("view") != Some("answered");
    let viewer = caller.viewer()?;
    let found = app.ask(move |parts| Ok(parts.desk.corrections(&viewer, is_open)?));
    let lines = found.await?;
    let page = CorrectionsPage {
        shell: Shell::new(&caller, caller.texts().corrections),
        is_open,
        rows: lines.iter().map(|line| row(line, &caller)).collect(),
    };
    Ok(answer::page(StatusCode::OK, &page))
}

fn row(line: &CorrectionLine, caller: &Caller) -> Row {
    let language = caller.language;
    Row {
        address: format!("/corrections/{}", line.reference),
        short: short(&line.reference),
        database: language.record(line.stream),
        field: line.field.text(language),
        state: line.state.text(language),
        asked: moment(language, line.at),
        due: language.day(line.due),
        is_late: line.state.is_open() && line.due < day_of(caller.now),
        handler: line.handler.clone().unwrap_or_default(),
    }
}
