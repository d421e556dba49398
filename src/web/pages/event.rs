//! What people did about an alert, as pages tell it.

use super::label::{self, Label};
use super::told::{moment, told, typed};
use crate::language::{Language, PageMessages};
use crate::review::{WorkEvent, WorkState};

/// Something that was done.
pub(super) struct EventRow {
    pub at: String,
    pub who: String,
    pub what: String,
    /// Where the alert came to be; none where it stayed.
    pub to: Option<Label>,
    pub note: Option<String>,
    /// The number of the batch that it was of.
    pub batch: Option<i64>,
}

/// An event, without its verdict and note where those are not to be seen yet.
pub(super) fn work(
    event: &WorkEvent,
    is_blind: bool,
    language: Language,
    t: &PageMessages,
) -> EventRow {
    let is_hidden = is_blind && event.to == WorkState::Proposed;
    let mut what = event.action.text(language).to_owned();
    if let Some(verdict) = event.verdict.filter(|_| !is_hidden) {
        what = format!("{what}: {}", verdict.text(language));
    }
    if let Some(assignee) = &event.assignee {
        what = format!("{what} → {assignee}");
    }
    if let Some(until) = event.until {
        what = format!("{what}, {} {}", t.until.to_lowercase(), language.day(until));
    }
    if let Some(look) = event.look {
        let found = told(t.second_look_own, &[("verdict", look.text(language))]);
        what = format!("{what} ({found})");
    }
    let note = match is_hidden && (event.note.is_some() || event.verdict.is_some()) {
        true => Some(t.hidden_until_look.to_owned()),
        false => event.note.as_ref().map(|note| typed(note, t)),
    };
    EventRow {
        at: moment(language, event.at),
        who: (event.actor.as_ref()).map_or(t.by_clock.to_owned(), |(name, _)| name.clone()),
        what,
        to: Some(label::state(event.to, language)),
        note,
        batch: event.batch,
    }
}
