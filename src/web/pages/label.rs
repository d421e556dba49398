//! Labels: a sign and a word for each band and state, so that nothing is said by colour alone.

use crate::language::{Language, PageMessages};
use crate::review::{Band, WorkState};
use crate::store::{AlertState, HistoryKind};

/// A sign and a word, and the class that colours them.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub class: &'static str,
    pub sign: &'static str,
    pub text: String,
}

fn label(class: &'static str, sign: &'static str, text: &str) -> Label {
    Label {
        class,
        sign,
        text: text.to_owned(),
    }
}

pub(super) fn band(band: Band, language: Language) -> Label {
    let (class, sign) = match band {
        Band::P1 => ("p1", "▲"),
        Band::P2 => ("p2", "△"),
        Band::P3 => ("p3", "◇"),
        Band::P4 => ("p4", "▽"),
    };
    label(class, sign, band.text(language))
}

pub(super) fn state(state: WorkState, language: Language) -> Label {
    let (class, sign) = match state {
        WorkState::New => ("new", "○"),
        WorkState::Assigned => ("assigned", "◔"),
        WorkState::InReview => ("review", "◑"),
        WorkState::Waiting => ("waiting", "◷"),
        WorkState::Snoozed => ("waiting", "☾"),
        WorkState::Escalated => ("escalated", "⇧"),
        WorkState::Proposed => ("proposed", "◕"),
        WorkState::Returned => ("returned", "↩"),
        WorkState::Closed => ("closed", "●"),
        WorkState::Reopened => ("returned", "↻"),
    };
    label(class, sign, state.text(language))
}

pub(super) fn evidence(state: AlertState, t: &PageMessages) -> Label {
    match state {
        AlertState::Active => label("holds", "✓", t.active_mark),
        AlertState::Withdrawn => label("withdrawn", "✕", t.withdrawn_mark),
        AlertState::Archived => label("archived", "▣", t.archived_mark),
    }
}

pub(super) fn kind(kind: HistoryKind, t: &PageMessages) -> &'static str {
    match kind {
        HistoryKind::Raised => t.kind_raised,
        HistoryKind::Changed => t.kind_changed,
        HistoryKind::Withdrawn => t.kind_withdrawn,
        HistoryKind::Archived => t.kind_archived,
    }
}
