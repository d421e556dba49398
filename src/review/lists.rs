//! Lists of items: the queue page by page, its counts, what one has, and groups.
//!
//! Must hold: what is not of the viewer's provinces is in none; pages that belong together hold each alert once,
//! whatever is raised meanwhile; a page reads so many rows of an index as it shows, and few more.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::band::Band;
use super::database::Failure;
use super::item::{GroupId, Item};
use super::rows;
use super::view::{Cursor, QueueQuery, View};
use super::viewer::Viewer;
use super::work::WorkState;
use crate::record::Day;
use crate::rule::Reason;
use crate::store::AlertState;

/// Ids below this are the sample: 13 of 256, one in twenty.
const SAMPLE: &str = "0d";
const DECEASED: &[Reason] = &[
    Reason::ServiceAfterDeath,
    Reason::DeathOnLivingCard,
    Reason::StaleCard,
    Reason::BenefitAfterDeath,
];
const DUPLICATES: &[Reason] = &[
    Reason::DuplicateIdentity,
    Reason::IdentityMismatch,
    Reason::ProbableDuplicate,
];
const OUTLIERS: &[Reason] = &[Reason::CostOutlier];

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuePage {
    /// Its items, the highest priority first.
    pub items: Vec<Item>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
    /// The epoch up to which alerts are in it; the next page is asked for with the same.
    pub as_of: u64,
}

/// What somebody has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mine {
    /// What is due today, or was before.
    pub due: Vec<Item>,
    /// What came back from a supervisor.
    pub returned: Vec<Item>,
    /// What changed, or was withdrawn, since it was last acted on.
    pub moved: Vec<Item>,
    /// What else is under way.
    pub under_way: Vec<Item>,
    /// What waits, or is snoozed.
    pub waiting: Vec<Item>,
    /// What a supervisor has to approve.
    pub proposed: Vec<Item>,
}

impl Mine {
    /// How many alerts there are in it.
    pub fn len(&self) -> usize {
        let lists = [
            &self.due,
            &self.returned,
            &self.moved,
            &self.under_way,
            &self.waiting,
            &self.proposed,
        ];
        lists.into_iter().map(Vec::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Alerts that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Group {
    /// Of one person.
    Person(GroupId),
    /// Of one card.
    Card(GroupId),
    /// Of one facility, by its code.
    Provider(String),
}

impl Group {
    /// The group of a kind and an id, as addresses have them: `person` and `card` with 32 hexadecimal digits, `provider` with
    /// the five of its code.
    pub fn named(kind: &str, id: &str) -> Option<Self> {
        Some(match kind {
            "person" => Self::Person(GroupId::from_hex(id)?),
            "card" => Self::Card(GroupId::from_hex(id)?),
            "provider" if id.len() == 5 && id.bytes().all(|byte| byte.is_ascii_digit()) => {
                Self::Provider(id.to_owned())
            }
            _ => return None,
        })
    }
}

/// As it is told in logs: no identifier of a person.
impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => write!(f, "person/{id}"),
            Self::Card(id) => write!(f, "card/{id}"),
            Self::Provider(code) => write!(f, "provider/{code}"),
        }
    }
}

/// What a view is of.
struct Of {
    places: &'static [&'static str],
    reasons: Option<&'static [Reason]>,
    only: Only,
}

/// What of its places a view is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Only {
    Everything,
    Urgent,
    Late,
    Sample,
}

fn of(view: View) -> Of {
    let of = |places| Of {
        places,
        reasons: None,
        only: Only::Everything,
    };
    let open = || of(&["open"]);
    match view {
        View::Open => open(),
        View::Urgent => Of {
            only: Only::Urgent,
            ..open()
        },
        View::Deceased => Of {
            reasons: Some(DECEASED),
            ..open()
        },
        View::Duplicates => Of {
            reasons: Some(DUPLICATES),
            ..open()
        },
        View::Outliers => Of {
            reasons: Some(OUTLIERS),
            ..open()
        },
        View::PastDue => Of {
            only: Only::Late,
            ..of(&["open", "under_way", "escalated", "proposed"])
        },
        View::UnderWay => of(&["under_way"]),
        View::Escalated => of(&["escalated"]),
        View::Proposed => of(&["proposed"]),
        View::Recheck => of(&["recheck"]),
        View::WithdrawnSample => Of {
            only: Only::Sample,
            ..of(&["left"])
        },
        View::Closed => of(&["closed"]),
    }
}

/// Clauses with their values, by place.
pub(super) struct Clauses {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
}

impl Clauses {
    pub(super) fn new(first: &str, value: impl Into<Value>) -> Self {
        Self {
            text: first.to_owned(),
            values: vec![value.into()],
        }
    }

    pub(super) fn and(&mut self, clause: &str, values: impl IntoIterator<Item = Value>) {
        let _ = write!(self.text, " AND {clause}");
        self.values.extend(values);
    }

    /// Only what is of the viewer's provinces, or of none.
    pub(super) fn seen_by(&mut self, who: &Viewer) {
        if !who.provinces.is_empty() {
            let places = vec!["?"; who.provinces.len()].join(", ");
            let clause = format!("(province IS NULL OR province IN ({places}))");
            self.and(&clause, who.provinces.iter().cloned().map(Value::from));
        }
    }
}

/// A page of a list, up to an epoch.
pub(super) fn queue(
    connection: &Connection,
    who: &Viewer,
    query: &QueueQuery,
    (as_of, today): (u64, Day),
) -> Result<QueuePage, Failure> {
    let of = of(query.view);
    let limit = query.limit.max(1) as usize;
    let asked = query.filters.reason;
    let reasons: Vec<Option<Reason>> = match (of.reasons, asked) {
        (None, asked) => vec![asked],
        (Some(own), None) => own.iter().copied().map(Some).collect(),
        (Some(own), Some(asked)) if own.contains(&asked) => vec![Some(asked)],
        (Some(_), Some(_)) => Vec::new(),
    };
    let mut items = Vec::new();
    for place in of.places {
        for reason in &reasons {
            let clauses = clauses(who, query, (place, *reason, of.only), (as_of, today));
            let mut text = format!("SELECT {} FROM item WHERE {}", rows::ITEM, clauses.text);
            let _ = write!(
                text,
                " ORDER BY priority DESC, alert_id LIMIT {}",
                limit + 1
            );
            let mut select = connection.prepare_cached(&text)?;
            items.extend(rows::items(&mut select, params_from_iter(clauses.values))?);
        }
    }
    items.sort_by(|a: &Item, b: &Item| {
        let key = |item: &Item| std::cmp::Reverse(item.finding.priority);
        (key(a), &a.finding.alert_id).cmp(&(key(b), &b.finding.alert_id))
    });
    let is_more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| is_more);
    Ok(QueuePage {
        next: last.map(|item| Cursor {
            priority: item.finding.priority,
            alert_id: item.finding.alert_id.clone(),
        }),
        items,
        as_of,
    })
}

fn clauses(
    who: &Viewer,
    query: &QueueQuery,
    (place, reason, only): (&str, Option<Reason>, Only),
    (as_of, today): (u64, Day),
) -> Clauses {
    let filters = &query.filters;
    let text = |value: &str| [Value::from(value.to_owned())];
    // The `+` keeps SQLite from walking the whole list where a facility's index has less.
    let first = match filters.facility {
        Some(_) => "+place = ?",
        None => "place = ?",
    };
    let mut clauses = Clauses::new(first, place.to_owned());
    if let Some(reason) = reason {
        clauses.and("reason = ?", text(reason.as_str()));
    }
    match only {
        Only::Urgent => {
            let least = i64::from(Band::P1.least_priority());
            clauses.and("priority >= ?", [least.into()]);
        }
        Only::Late => {
            clauses.and("due_day < ?", [i64::from(today.number()).into()]);
        }
        Only::Sample => clauses.and("alert_id < ?", text(SAMPLE)),
        Only::Everything => {}
    }
    let as_of = i64::try_from(as_of).unwrap_or(i64::MAX);
    clauses.and("raised_epoch <= ?", [as_of.into()]);
    if let Some(after) = &query.after {
        let priority = Value::from(i64::from(after.priority));
        // The first of them bounds the index, the second leaves out what was given.
        clauses.and(
            "priority <= ? AND (priority < ? OR alert_id > ?)",
            [priority.clone(), priority, after.alert_id.clone().into()],
        );
    }
    clauses.seen_by(who);
    if let Some(class) = filters.class {
        clauses.and("class = ?", text(class.as_str()));
    }
    if let Some(band) = filters.band {
        let least = i64::from(band.least_priority());
        clauses.and("priority >= ?", [least.into()]);
        let above = Band::ALL.iter().rev().find(|other| **other < band);
        if let Some(above) = above {
            let bound = i64::from(above.least_priority());
            clauses.and("priority < ?", [bound.into()]);
        }
    }
    if let Some(province) = &filters.province {
        clauses.and("province = ?", text(province));
    }
    if let Some(facility) = &filters.facility {
        clauses.and("facility = ?", text(facility));
    }
    if let Some(state) = filters.state {
        clauses.and("work = ?", text(state.as_str()));
    }
    if let Some(assignee) = &filters.assignee {
        clauses.and("assignee = ?", text(assignee));
    }
    clauses
}

/// How many items are on each list. It reads an index whole.
pub(super) fn counts(
    connection: &Connection,
    who: &Viewer,
    today: Day,
) -> Result<Vec<(View, u64)>, Failure> {
    let mut clauses = Clauses::new("place <> ?", String::new());
    clauses.seen_by(who);
    let query = format!(
        "SELECT place, reason, priority >= {urgent}, due_day < {today}, alert_id < '{SAMPLE}', count(*) FROM item INDEXED BY item_queue
         WHERE {} GROUP BY 1, 2, 3, 4, 5",
        clauses.text,
        urgent = Band::P1.least_priority(),
        today = today.number(),
    );
    let mut counts: BTreeMap<View, u64> = View::ALL.iter().map(|view| (*view, 0)).collect();
    let mut select = connection.prepare_cached(&query)?;
    let mut found = select.query(params_from_iter(clauses.values))?;
    while let Some(row) = found.next()? {
        let (place, reason): (String, String) = (row.get(0)?, row.get(1)?);
        let (is_urgent, is_late, is_sample): (bool, bool, bool) =
            (row.get(2)?, row.get(3)?, row.get(4)?);
        let reason = Reason::from_name(&reason);
        for (view, count) in &mut counts {
            let of = of(*view);
            let is_of = of.places.contains(&&*place)
                && of
                    .reasons
                    .is_none_or(|own| reason.is_some_and(|reason| own.contains(&reason)))
                && match of.only {
                    Only::Urgent => is_urgent,
                    Only::Late => is_late,
                    Only::Sample => is_sample,
                    Only::Everything => true,
                };
            *count += if is_of { row.get::<_, u64>(5)? } else { 0 };
        }
    }
    Ok(View::ALL
        .iter()
        .map(|view| (*view, counts.get(view).copied().unwrap_or_default()))
        .collect())
}

/// What somebody has.
pub(super) fn mine(connection: &Connection, who: &Viewer, today: Day) -> Result<Mine, Failure> {
    let query = format!(
        "SELECT {}, (SELECT epoch FROM event WHERE event.alert_id = item.alert_id
            AND event.actor = item.assignee ORDER BY number DESC LIMIT 1)
         FROM item WHERE assignee = ? AND place <> 'closed' AND place <> 'left' ORDER BY due_day, priority DESC, alert_id",
        rows::ITEM
    );
    let mut select = connection.prepare_cached(&query)?;
    let mut found = select.query([&who.name])?;
    let mut mine = Mine::default();
    while let Some(row) = found.next()? {
        let item = rows::item(row)?;
        if !who.sees(item.finding.province()) {
            continue;
        }
        let acted: Option<u64> = row.get(32)?;
        let is_moved = item.is_moved()
            || acted.is_some_and(|acted| item.finding.changed_epoch > acted)
            || item.finding.state == AlertState::Withdrawn;
        let list = match item.work.state {
            WorkState::Returned => &mut mine.returned,
            _ if is_moved => &mut mine.moved,
            WorkState::Proposed => &mut mine.proposed,
            WorkState::Waiting | WorkState::Snoozed => &mut mine.waiting,
            _ if item.work.due <= today => &mut mine.due,
            _ => &mut mine.under_way,
        };
        list.push(item);
    }
    Ok(mine)
}

/// What is of a group, and of the viewer's provinces. A person of the insurance and the citizen that they are, are one.
pub(super) fn of_group(who: &Viewer, group: &Group) -> Clauses {
    let mut clauses = match group {
        Group::Person(id) => {
            let id = Value::from(id.0.to_vec());
            let mut clauses = Clauses::new("person IN (SELECT ?", id.clone());
            clauses.text.push_str(
                " UNION SELECT person FROM citizen WHERE citizen = ?
                  UNION SELECT citizen FROM citizen WHERE person = ?)",
            );
            clauses.values.extend([id.clone(), id]);
            clauses
        }
        Group::Card(id) => Clauses::new("card = ?", id.0.to_vec()),
        Group::Provider(code) => Clauses::new("facility = ?", code.clone()),
    };
    clauses.seen_by(who);
    clauses
}

/// How many items there are of a group.
pub(super) fn group_count(
    connection: &Connection,
    who: &Viewer,
    group: &Group,
) -> Result<u64, Failure> {
    let clauses = of_group(who, group);
    let query = format!("SELECT count(*) FROM item WHERE {}", clauses.text);
    let mut count = connection.prepare_cached(&query)?;
    Ok(count.query_row(params_from_iter(clauses.values), |row| row.get(0))?)
}

/// The items of a group, the highest priority first.
pub(super) fn group(
    connection: &Connection,
    who: &Viewer,
    group: &Group,
    limit: u32,
) -> Result<Vec<Item>, Failure> {
    let clauses = of_group(who, group);
    let query = format!(
        "SELECT {} FROM item WHERE {} ORDER BY priority DESC, alert_id LIMIT {limit}",
        rows::ITEM,
        clauses.text
    );
    let mut select = connection.prepare_cached(&query)?;
    Ok(rows::items(&mut select, params_from_iter(clauses.values))?)
}

/// Where an alert stands, as far as lists turn on it.
pub(super) struct Standing {
    /// The province of its facility.
    pub(super) province: Option<String>,
    place: String,
    work: WorkState,
    reason: Option<Reason>,
    priority: u32,
    due: i32,
}

/// Where an alert stands.
pub(super) fn standing(
    connection: &Connection,
    alert_id: &str,
) -> Result<Option<Standing>, Failure> {
    let query =
        "SELECT province, place, work, reason, priority, due_day FROM item WHERE alert_id = ?";
    let mut query = connection.prepare_cached(query)?;
    let found = query.query_row([alert_id], |row| {
        Ok(Standing {
            province: row.get(0)?,
            place: row.get(1)?,
            work: rows::word(row, 2, WorkState::from_name)?,
            reason: Reason::from_name(row.get_ref(3)?.as_str()?),
            priority: row.get(4)?,
            due: row.get(5)?,
        })
    });
    Ok(found.optional()?)
}

/// Whether an alert is on a list, or would be, did it hold: what was withdrawn before anybody looked has left the list that
/// it was on.
pub(super) fn is_of(view: View, alert_id: &str, standing: &Standing, today: Day) -> bool {
    let of = of(view);
    let place = match (&*standing.place, standing.work) {
        (left, _) if of.only == Only::Sample => left,
        ("left", WorkState::New) => "open",
        ("left", _) => "under_way",
        (place, _) => place,
    };
    let reasons = of.reasons;
    of.places.contains(&place)
        && reasons.is_none_or(|own| standing.reason.is_some_and(|one| own.contains(&one)))
        && match of.only {
            Only::Everything => true,
            Only::Urgent => standing.priority >= Band::P1.least_priority(),
            Only::Late => standing.due < today.number(),
            Only::Sample => alert_id < SAMPLE,
        }
}

/// The alerts that somebody has, by id, also those that are closed, to which something happened after an epoch.
pub(super) fn touched_of(
    connection: &Connection,
    name: &str,
    since: u64,
) -> Result<Vec<String>, Failure> {
    let query = "SELECT alert_id FROM item WHERE assignee = ?1 AND (
            EXISTS (SELECT 1 FROM change WHERE change.alert_id = item.alert_id AND epoch > ?2)
            OR EXISTS (SELECT 1 FROM version WHERE version.alert_id = item.alert_id AND epoch > ?2))
        ORDER BY alert_id";
    let mut query = connection.prepare_cached(query)?;
    let ids = query.query_map(rusqlite::params![name, since], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}
