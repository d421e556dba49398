//! A row of a list of alerts.

use std::collections::BTreeMap;

use askama::Template;

use super::app::day_of;
use super::caller::Caller;
use super::difference;
use super::form::query;
use super::label::{self, Label};
use super::told::told;
use crate::language::{Language, PageMessages};
use crate::record::Day;
use crate::review::{Item, View};
use crate::store::{AlertState, HistoryKind};

/// Characters of an alert's id that are shown.
pub(super) const ID_SHOWN: usize = 8;

/// A row of a list.
pub(super) struct Row {
    id: String,
    pub short: String,
    /// The name of its box.
    pub select: String,
    /// What was seen of it: `id.version.digest`.
    pub seen: String,
    pub address: String,
    pub band: Label,
    pub reason: &'static str,
    pub class: &'static str,
    pub masked: String,
    pub provider: Option<String>,
    pub service_day: Option<String>,
    pub amount: String,
    pub grade: Option<String>,
    pub age: String,
    pub due: String,
    pub is_overdue: bool,
    pub state: Label,
    pub assignee: Option<String>,
    /// What is not as usual: withdrawn, archived.
    pub evidence: Option<Label>,
    pub is_moved: bool,
    /// What became of it since its list was seen.
    pub since: Option<Label>,
}

/// What became of alerts since their list was seen, by id.
pub(super) type Since = BTreeMap<String, Option<HistoryKind>>;

/// A table of alerts.
#[derive(Template)]
#[template(path = "rows.html")]
pub(super) struct Rows {
    pub t: &'static PageMessages,
    pub caption: String,
    pub rows: Vec<Row>,
    pub has_boxes: bool,
}

impl Rows {
    /// The same with marks of what became of alerts since the list was seen.
    pub fn marked(mut self, since: &Since) -> Self {
        for row in &mut self.rows {
            let kind = since.get(&row.id).copied().flatten();
            row.since = kind.and_then(|kind| difference::since(kind, self.t));
        }
        self
    }
}

/// The start of an id.
pub(super) fn short(id: &str) -> String {
    id.chars().take(ID_SHOWN).collect()
}

/// The address of an alert, from a view.
pub(super) fn address(id: &str, view: Option<View>) -> String {
    match view {
        Some(view) => {
            let view = Some(view.as_str().to_owned());
            format!("/alerts/{id}?{}", query(&[("view", view)]))
        }
        None => format!("/alerts/{id}"),
    }
}

/// What was seen of an alert.
pub(super) fn seen(item: &Item) -> String {
    let (finding, work) = (&item.finding, &item.work);
    format!("{}.{}.{}", finding.alert_id, work.version, finding.digest)
}

/// By when it should be decided, and whether that day is over.
pub(super) fn due(item: &Item, today: Day, language: Language) -> (String, bool) {
    let t = language.page_messages();
    let days = today.number() - item.work.due.number();
    if item.work.state.is_open() && days > 0 {
        let days = language.count(days.unsigned_abs().into());
        return (told(t.past_due, &[("days", &days)]), true);
    }
    let day = language.day(item.work.due);
    (told(t.due_by, &[("day", &day)]), false)
}

fn row(item: &Item, view: Option<View>, caller: &Caller) -> Row {
    let (language, t, now) = (caller.language, caller.texts(), caller.now);
    let (finding, work) = (&item.finding, &item.work);
    let days = (now - finding.raised_at).max(0) / 86_400_000;
    let (due, is_overdue) = due(item, day_of(now), language);
    let evidence = (finding.state != AlertState::Active).then(|| label::evidence(finding.state, t));
    Row {
        short: short(&finding.alert_id),
        select: told(t.select_alert, &[("id", &short(&finding.alert_id))]),
        seen: seen(item),
        address: address(&finding.alert_id, view),
        band: label::band(finding.band(), language),
        reason: finding.reason.title(language),
        class: finding.class.word(language),
        masked: finding.masked.clone(),
        provider: finding.facility.clone(),
        service_day: finding.service_day.map(|day| language.day(day)),
        amount: language.money(finding.amount),
        grade: finding.grade.map(|grade| grade.to_string()),
        age: if days == 0 {
            t.today.to_owned()
        } else {
            let days = language.count(days.unsigned_abs());
            told(t.days_old, &[("days", &days)])
        },
        due,
        is_overdue,
        state: label::state(work.state, language),
        assignee: work.assignee.clone(),
        evidence,
        is_moved: item.is_moved(),
        id: finding.alert_id.clone(),
        since: None,
    }
}

/// A table of items.
pub(super) fn rows(
    items: &[Item],
    view: Option<View>,
    caller: &Caller,
    caption: String,
    has_boxes: bool,
) -> Rows {
    Rows {
        t: caller.texts(),
        caption,
        rows: items.iter().map(|item| row(item, view, caller)).collect(),
        has_boxes,
    }
}
