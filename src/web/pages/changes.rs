//! `/changes`: what changed since somebody saw a list, and that they have seen it.
//!
//! Must hold: to look at it changes nothing; what is marked as seen is what the page showed, and no more.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::answer::{self, see};
use super::app::App;
use super::caller::Caller;
use super::difference::{FieldLine, lines, mark};
use super::fault::Fault;
use super::filters::is_alert_id;
use super::form::query;
use super::label::{self, Label};
use super::row::{address, short};
use super::shell::Shell;
use super::told::{moment, told};
use crate::access::Action;
use crate::language::{Language, PageMessages};
use crate::review::{ChangedCount, Item, Look, NetChange, Place, SinceLook, View, WorkEvent};

/// A list that can be chosen.
struct Choice {
    value: String,
    text: &'static str,
    is_chosen: bool,
}

struct AlertRow {
    mark: Label,
    reason: &'static str,
    address: String,
    short: String,
    band: Label,
    masked: String,
    amount: String,
    state: Label,
    /// What says something else; nothing where that is not told.
    lines: Vec<FieldLine>,
    is_unknown: bool,
}

/// Something that somebody else did.
struct EventRow {
    at: String,
    who: String,
    what: &'static str,
    to: Label,
    address: String,
    short: String,
}

/// What has been shown, to be marked as seen.
struct Shown {
    epoch: u64,
    event: u64,
}

#[derive(Template)]
#[template(path = "changes.html")]
struct ChangesPage {
    shell: Shell,
    places: Vec<Choice>,
    place: String,
    back: String,
    span: Option<String>,
    tiles: Vec<(&'static str, String)>,
    is_cut: bool,
    limited: Option<String>,
    rows: Vec<AlertRow>,
    events: Vec<EventRow>,
    shown: Shown,
}

/// What stands beside a list: how much changed since it was seen.
#[derive(Template)]
#[template(path = "since_link.html")]
pub(super) struct SinceLink {
    t: &'static PageMessages,
    csrf: String,
    from: String,
    address: String,
    text: String,
    has_changes: bool,
    /// Whether there is something to be marked as seen.
    can_mark: bool,
    place: String,
    shown: Shown,
}

/// The link of a list that is shown up to here.
pub(super) fn link(
    caller: &Caller,
    place: &Place,
    count: Option<ChangedCount>,
    (epoch, event): (u64, u64),
) -> SinceLink {
    let (language, t) = (caller.language, caller.texts());
    let has_changes = count.is_some_and(|count| count.count > 0 || count.is_more);
    let text = match count {
        None => t.changes_begin.to_owned(),
        Some(count) => {
            let at = moment(language, count.from.at);
            let more = if count.is_more { "+" } else { "" };
            let number = format!("{}{more}", language.count(count.count));
            let template = match has_changes {
                true => t.changes_link,
                false => t.changes_none,
            };
            told(template, &[("count", &number), ("at", &at)])
        }
    };
    SinceLink {
        t,
        csrf: caller.csrf.to_string(),
        from: caller.path.clone(),
        address: changes_address(place),
        text,
        has_changes,
        can_mark: count.is_none() || has_changes,
        place: place.to_string(),
        shown: Shown { epoch, event },
    }
}

fn changes_address(place: &Place) -> String {
    format!("/changes?{}", query(&[("place", Some(place.to_string()))]))
}

/// The place that is asked for.
fn asked(caller: &Caller) -> Result<Place, Fault> {
    let is_reviewer = caller.session()?.may(Action::ReviewAlerts);
    let usual = match is_reviewer {
        true => Place::Mine,
        false => Place::List(View::Open),
    };
    let place = caller.fields.filled("place").and_then(Place::from_name);
    Ok(place.unwrap_or(usual))
}

/// `GET /changes?place=…&since=…`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let place = asked(&caller)?;
    let since = caller.fields.filled("since");
    let since = since.and_then(|text| text.parse::<u64>().ok());
    let (viewer, of) = (caller.viewer()?, place.clone());
    let found = app.ask(move |parts| {
        let found = parts.desk.since_look(&viewer, &of, since)?;
        // What was not seen yet is seen up to here, where that is marked.
        let now = match &found {
            Some(found) => found.until,
            None => parts.desk.here()?,
        };
        Ok((found, now))
    });
    let (found, now) = found.await?;
    Ok(answer::page(
        StatusCode::OK,
        &shown(&caller, &place, found, now),
    ))
}

fn shown(caller: &Caller, place: &Place, found: Option<SinceLook>, now: Look) -> ChangesPage {
    let (language, t) = (caller.language, caller.texts());
    let mut shell = Shell::new(caller, t.changes);
    shell.done = done(caller);
    shell.is_list = true;
    let choice = |place_of: Place, text| Choice {
        value: place_of.to_string(),
        text,
        is_chosen: place_of == *place,
    };
    let is_reviewer = caller
        .session
        .as_ref()
        .is_some_and(|own| own.may(Action::ReviewAlerts));
    let lists = View::ALL.iter().copied();
    let lists = lists.map(|view| choice(Place::List(view), view.text(language)));
    let mine = is_reviewer.then(|| choice(Place::Mine, t.mine));
    let mut page = ChangesPage {
        shell,
        places: mine.into_iter().chain(lists).collect(),
        place: place.to_string(),
        back: back(place),
        span: None,
        tiles: Vec::new(),
        is_cut: false,
        limited: None,
        rows: Vec::new(),
        events: Vec::new(),
        shown: Shown {
            epoch: now.epoch,
            event: now.event,
        },
    };
    let Some(found) = found else {
        return page;
    };
    let at = |look: &Look| match look.at {
        0 => told(t.epoch_number, &[("epoch", &language.count(look.epoch))]),
        at => moment(language, at),
    };
    let values = [("from", &*at(&found.from)), ("to", &*at(&found.until))];
    page.span = Some(told(t.changes_span, &values));
    let changes = &found.changes;
    page.tiles = vec![
        (t.kind_raised, language.count(changes.raised)),
        (t.kind_changed, language.count(changes.changed)),
        (t.kind_withdrawn, language.count(changes.withdrawn)),
    ];
    if *place == Place::Mine {
        let others = language.count(found.events.len() as u64);
        page.tiles.push((t.changes_events, others));
    }
    page.is_cut = found.is_cut;
    let all = changes.raised + changes.changed + changes.withdrawn;
    let listed = found.alerts.len() as u64;
    page.limited = (listed < all).then(|| {
        let count = language.count(listed);
        told(t.changes_limited, &[("count", &count)])
    });
    let items: BTreeMap<&str, &Item> = { found.items.iter() }
        .map(|item| (&*item.finding.alert_id, item))
        .collect();
    let mut alerts: Vec<(&NetChange, &Item)> = { found.alerts.iter() }
        .filter_map(|change| Some((change, *items.get(&*change.alert_id)?)))
        .collect();
    alerts.sort_by_key(|(_, item)| std::cmp::Reverse(item.finding.priority));
    page.rows = { alerts.into_iter() }
        .map(|(change, item)| alert_row(change, item, language))
        .collect();
    page.events = { found.events.iter() }
        .rev()
        .map(|event| event_row(event, language))
        .collect();
    page
}

/// The list that a place is of.
fn back(place: &Place) -> String {
    match place {
        Place::List(view) => {
            let view = Some(view.as_str().to_owned());
            format!("/queue?{}", query(&[("view", view)]))
        }
        Place::Mine | Place::Alert(_) => "/mine".to_owned(),
    }
}

fn alert_row(change: &NetChange, item: &Item, language: Language) -> AlertRow {
    let t = language.page_messages();
    let finding = &item.finding;
    let lines = lines(change, language);
    AlertRow {
        mark: mark(change.kind, t),
        reason: finding.reason.title(language),
        address: address(&finding.alert_id, None),
        short: short(&finding.alert_id),
        band: label::band(finding.band(), language),
        masked: finding.masked.clone(),
        amount: language.money(finding.amount),
        state: label::state(item.work.state, language),
        is_unknown: change.kind == crate::store::HistoryKind::Changed && lines.is_none(),
        lines: lines.unwrap_or_default(),
    }
}

/// What somebody did, without its verdict and words: whoever has to decide a second time must not know them, and the alert
/// tells them.
fn event_row(event: &WorkEvent, language: Language) -> EventRow {
    let t = language.page_messages();
    EventRow {
        at: moment(language, event.at),
        who: (event.actor.as_ref()).map_or(t.by_clock.to_owned(), |(name, _)| name.clone()),
        what: event.action.text(language),
        to: label::state(event.to, language),
        address: address(&event.alert_id, None),
        short: short(&event.alert_id),
    }
}

/// What is said after something was marked as seen.
pub(super) fn done(caller: &Caller) -> Option<String> {
    let is_done = caller.fields.get("seen").is_some();
    is_done.then(|| caller.texts().marked_seen.to_owned())
}

/// `POST /changes`: a place was seen, up to where its page showed it.
pub(super) async fn seen(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let fields = &caller.fields;
    let number = |name: &str| fields.filled(name).and_then(|text| text.parse().ok());
    let epoch: u64 = number("epoch").ok_or(Fault::Bad)?;
    let event: u64 = number("event").ok_or(Fault::Bad)?;
    let place = match fields.filled("alert") {
        Some(id) if is_alert_id(id) => Place::Alert(id.to_owned()),
        Some(_) => return Err(Fault::NotFound),
        None => {
            let name = fields.filled("place").ok_or(Fault::Bad)?;
            Place::from_name(name).ok_or(Fault::Bad)?
        }
    };
    let usual = match &place {
        Place::Alert(id) => address(id, None),
        place => changes_address(place),
    };
    let viewer = caller.viewer()?;
    app.ask(move |parts| {
        if let Place::Alert(id) = &place
            && !parts.desk.is_theirs(&viewer, id)?
        {
            return Err(Fault::NotFound);
        }
        Ok(parts.desk.mark_seen(&viewer, &place, (epoch, event))?)
    })
    .await?;
    let to = caller.from().map_or(usual, str::to_owned);
    Ok(see(&with_seen(&to)))
}

/// The address that says it, once.
fn with_seen(to: &str) -> String {
    let (path, rest) = to.split_once('?').unwrap_or((to, ""));
    let parts = rest
        .split('&')
        .filter(|part| !part.is_empty() && *part != "seen=1");
    let parts: Vec<&str> = parts.chain(["seen=1"]).collect();
    format!("{path}?{}", parts.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_it_is_marked_is_said_once() {
        for (to, address) in [
            ("/mine", "/mine?seen=1"),
            ("/queue?view=open", "/queue?view=open&seen=1"),
            ("/queue?seen=1&view=open", "/queue?view=open&seen=1"),
        ] {
            assert_eq!(with_seen(to), address);
        }
    }
}
