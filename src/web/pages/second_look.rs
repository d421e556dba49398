//! `POST /alerts/{id}/second-look`: an approver's own verdict, before the proposed one is shown.
//!
//! Must hold: it is kept before the proposed one is shown, and the first stands: whoever looks again is told what they found
//! at first.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;

use super::alert::find;
use super::answer;
use super::app::App;
use super::caller::Caller;
use super::event::{EventRow, work};
use super::fault::Fault;
use super::filters::is_alert_id;
use super::panel::{Panel, panel};
use super::row::address;
use super::shell::Shell;
use super::told::told;
use crate::review::{Item, Refused, Verdict, WorkState};

#[derive(Template)]
#[template(path = "second_look.html")]
struct SecondLookPage {
    shell: Shell,
    id: String,
    own_text: String,
    proposed_text: String,
    is_same: bool,
    events: Vec<EventRow>,
    panel: Panel,
    address: String,
}

/// `POST /alerts/{id}/second-look`.
pub(super) async fn compare(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    if !is_alert_id(&id) {
        return Err(Fault::NotFound);
    }
    let own = caller.fields.filled("verdict").and_then(Verdict::from_code);
    let own = own.ok_or(Fault::Bad)?;
    let version = caller.fields.filled("version");
    let version: u32 = version
        .and_then(|text| text.parse().ok())
        .ok_or(Fault::Bad)?;
    let (viewer, language, of) = (caller.viewer()?, caller.language, id.clone());
    let found = app.ask(
        move |parts| match parts.desk.look(&viewer, &of, (version, own)) {
            Ok((_, own)) => Ok(Ok((own, find(parts, &viewer, &of, language)?))),
            Err(why) => Ok(Err(why)),
        },
    );
    let (own, found) = match found.await? {
        Ok(looked) => looked,
        Err(Refused::NotFound) => return Err(Fault::NotFound),
        Err(Refused::Database(error)) => {
            tracing::error!(%error, "a second look cannot be kept");
            return Err(Fault::Unavailable(None));
        }
        // It was decided meanwhile: the alert's own page says what holds now.
        Err(Refused::Moved { .. } | Refused::NotPossible { .. }) => {
            return Ok(answer::see(&address(&id, None)));
        }
        Err(_) => return Err(Fault::Forbidden),
    };
    let Item { work: state, .. } = &found.item;
    let proposed = state.decided.filter(|_| state.state == WorkState::Proposed);
    let proposed = proposed.ok_or(Fault::NotFound)?.verdict;
    let t = caller.texts();
    let text = |template, verdict: Verdict| told(template, &[("verdict", verdict.text(language))]);
    let mut shell = Shell::new(&caller, t.second_look);
    shell.path = address(&id, None);
    let page = SecondLookPage {
        shell,
        own_text: text(t.second_look_own, own),
        proposed_text: text(t.second_look_proposed, proposed),
        is_same: own == proposed,
        events: (found.events.iter().rev())
            .map(|event| work(event, false, language, t))
            .collect(),
        panel: panel(&found.item, &found.allowed, Vec::new(), language),
        address: address(&id, None),
        id,
    };
    Ok(answer::page(StatusCode::OK, &page))
}
