//! `POST /alerts/{id}/reveal`: one row behind an alert is shown unmasked, once, for a purpose.
//!
//! Must hold: nothing is shown before it is durable in the work history and in the access log who had it shown, and why;
//! the values are in the body of the answer to this request and nowhere else; sent again, or loaded again, the page is
//! masked; an alert that is not there, not theirs to see, or not theirs to work on, is answered alike.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

use super::alert::{self, Found, Typed, find};
use super::answer::see;
use super::app::App;
use super::caller::Caller;
use super::fault::Fault;
use super::filters::is_alert_id;
use super::parts::PagesParts;
use super::refusal::refusal;
use super::row::address;
use super::shell::Shell;
use super::told::{clock, told};
use crate::language::{Language, PageMessages};
use crate::review::{EvidenceDigest, Purpose, Refused, View, Viewer};
use crate::web::cases::Revealed;
use crate::web::reveal::{self, NotShown, RowAsked};

/// A row that is shown, of the page of an alert.
pub(super) struct Shown {
    /// The number of the row, from 1 on.
    pub row: usize,
    pub revealed: Revealed,
}

/// What came of it, with the page to tell it on.
enum Came {
    Shown,
    Refused(Refused),
    /// There is no purpose, or no such row.
    Missing,
}

fn asked(caller: &Caller) -> Option<RowAsked> {
    let number = |name: &str| caller.fields.filled(name)?.parse::<u32>().ok();
    let purpose = caller.fields.filled("purpose");
    Some(RowAsked {
        row: number("row").filter(|row| *row > 0)?,
        before: number("before")?,
        digest: EvidenceDigest::from_hex(caller.fields.filled("digest")?)?,
        purpose: purpose.and_then(Purpose::from_name),
        note: caller.fields.filled("note").map(str::to_owned),
    })
}

fn reveal(
    parts: &PagesParts,
    viewer: &Viewer,
    id: &str,
    asked: &RowAsked,
    language: Language,
) -> Result<(Found, Came), Fault> {
    let mut found = find(parts, viewer, id, language)?;
    let behind = (&*parts.desk, &*parts.cases);
    match reveal::reveal(behind, viewer, &found.item, asked, language) {
        Ok(revealed) => {
            found.reveals = parts.desk.reveals(id)?;
            found.shown = Some(Shown {
                row: asked.row as usize,
                revealed,
            });
            Ok((found, Came::Shown))
        }
        Err(NotShown::Refused(why)) => Ok((found, Came::Refused(why))),
        Err(NotShown::NoPurpose | NotShown::NoRow) => Ok((found, Came::Missing)),
        Err(NotShown::Unreadable(error)) => {
            tracing::error!(%error, "a row behind an alert cannot be read");
            Err(Fault::Unavailable(asked.note.clone()))
        }
    }
}

/// `POST /alerts/{id}/reveal`.
pub(super) async fn show(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    if !is_alert_id(&id) {
        return Err(Fault::NotFound);
    }
    let asked = asked(&caller).ok_or(Fault::Bad)?;
    let (row, purpose) = (asked.row, asked.purpose);
    let (viewer, language, of) = (caller.viewer()?, caller.language, id.clone());
    let (found, came) = app
        .ask(move |parts| reveal(parts, &viewer, &of, &asked, language))
        .await?;
    let t = caller.texts();
    let mut shell = Shell::new(&caller, "");
    // The page is shown at the address of a POST: what comes back to it is the alert's own, masked.
    let view = caller.fields.filled("view").and_then(View::from_name);
    shell.path = address(&id, view);
    let (status, why) = match &came {
        Came::Shown => {
            let row = language.count(row.into());
            let purpose = purpose.map_or("", |purpose| purpose.text(language));
            let values = [("row", &*row), ("purpose", purpose)];
            shell.confidential = t.reveal_confidential;
            shell.done = Some(told(t.reveal_recorded, &values));
            let typed = Typed::default();
            return Ok(alert::show(&caller, found, shell, StatusCode::OK, typed));
        }
        // Sent again: what it showed is not shown twice for one entry.
        Came::Refused(Refused::ShownBefore) => return Ok(see(&shell.path)),
        Came::Refused(Refused::NotFound) => return Err(Fault::NotFound),
        Came::Refused(Refused::Database(error)) => {
            tracing::error!(%error, "it cannot be kept that a row is shown");
            return Err(Fault::Unavailable(caller.typed()));
        }
        Came::Refused(why) => (status(why), refused(why, caller.now, language, t)),
        Came::Missing => {
            let why = t.reveal_purpose_missing.to_owned();
            (StatusCode::UNPROCESSABLE_ENTITY, why)
        }
    };
    shell.refused = Some(why);
    let typed = Typed {
        note: caller.typed().unwrap_or_default(),
        ..Typed::default()
    };
    Ok(alert::show(&caller, found, shell, status, typed))
}

fn status(why: &Refused) -> StatusCode {
    match why {
        Refused::Spent { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refused::Moved { .. } => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

fn refused(why: &Refused, now: i64, language: Language, t: &PageMessages) -> String {
    match why {
        Refused::Spent { next } => {
            let at = clock(language, *next, now);
            told(t.reveal_spent, &[("at", &at)])
        }
        other => refusal(other, t).to_owned(),
    }
}
