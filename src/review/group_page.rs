//! A group of alerts - of a person, of a card, of a facility - a page at a time, with what is summed over all of it.
//!
//! In: a group, and which page and months of it. Out: alerts, the highest priority first; sums by stage of proof and by
//! reason; facilities; on which days services were. Must hold: sums are of all alerts of the group that the viewer sees and
//! that were raised up to the page's epoch, whatever page it is; they are exact; all is of one state of the database.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::database::Failure;
use super::item::Item;
use super::lists::{Clauses, Group, of_group};
use super::money_stage::MoneyStage;
use super::rows;
use super::verdict::Verdict;
use super::view::Cursor;
use super::viewer::Viewer;
use super::work::WorkState;
use crate::record::{Day, Money};
use crate::rule::Reason;
use crate::store::AlertState;

/// Months with services that are told at once.
const MONTHS: usize = 3;
/// Facilities that are told.
const FACILITIES: u32 = 20;
/// Alerts whose rows are looked at for the days of services.
const LOOKED_AT: u32 = 60;
/// The longest stay that reaches into the first month that is told.
const LONGEST_STAY: i32 = 92;

/// A calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    /// The year.
    pub year: i32,
    /// From 1 to 12.
    pub month: u32,
}

impl Month {
    /// The month that a day is in.
    pub fn of(day: Day) -> Self {
        let (year, month, _) = day.civil();
        Self { year, month }
    }

    /// Read from `2026-03`.
    pub fn from_text(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let is_digits = |part: &str, count| {
            part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !is_digits(year, 4) || !is_digits(month, 2) {
            return None;
        }
        let (year, month) = (year.parse().ok()?, month.parse().ok()?);
        (1..=12).contains(&month).then_some(Self { year, month })
    }

    /// Its first day; none of a year that no day is of.
    pub fn first(self) -> Option<Day> {
        Day::from_civil(self.year, self.month, 1)
    }

    /// Its last day; none of a year that no day is of.
    pub fn last(self) -> Option<Day> {
        let (year, month) = match self.month {
            12 => (self.year + 1, 1),
            month => (self.year, month + 1),
        };
        Some(Day::from_civil(year, month, 1)?.plus(-1))
    }
}

/// As it is written in addresses.
impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// Which page of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupQuery {
    /// After which alert.
    pub after: Option<Cursor>,
    /// Only alerts that were raised up to this epoch: pages that belong together say the same.
    pub as_of: Option<u64>,
    /// How many alerts, at most.
    pub limit: u32,
    /// The last month whose services are told; none is the last that has any.
    pub until: Option<Month>,
}

/// Alerts, and what they are about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub alerts: u64,
    /// How many of them nobody has decided.
    pub open: u64,
    /// The amounts at stake. A claim with two alerts is in it twice.
    pub amount: Money,
}

/// Services of a day at a facility that alerts are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceDay {
    /// The day of arrival.
    pub day: Day,
    /// The facility.
    pub facility: String,
    /// How many alerts are about them.
    pub alerts: u64,
}

/// A page of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupPage {
    /// Alerts, the highest priority first.
    pub items: Vec<Item>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
    /// The epoch up to which alerts are in it.
    pub as_of: u64,
    /// All alerts of the group.
    pub all: Sum,
    /// The same by stage of proof, in their order; each alert is in one.
    pub by_stage: Vec<(MoneyStage, Sum)>,
    /// The same by reason.
    pub by_reason: Vec<(Reason, Sum)>,
    /// Of a person and of a card, the facilities that alerts are of, most alerts first.
    pub facilities: Vec<(String, Sum)>,
    /// Of a facility, others with alerts of the same people, and of how many, most first.
    pub shared: Vec<(String, u64)>,
    /// The months that are told, the last first.
    pub months: Vec<Month>,
    /// The month before them that has services.
    pub earlier: Option<Month>,
    /// The last month that has services, where it is not among them.
    pub latest: Option<Month>,
    /// Services in these months, by day.
    pub days: Vec<ServiceDay>,
    /// Of a person and of a card, alerts whose rows tell of services in these months.
    pub alert_ids: Vec<String>,
    /// Whether there are more of them than are named.
    pub is_cut: bool,
}

/// A page of a group, up to an epoch.
pub(super) fn group_page(
    connection: &Connection,
    who: &Viewer,
    group: &Group,
    (query, as_of): (&GroupQuery, u64),
) -> Result<GroupPage, Failure> {
    let whole = || {
        let mut clauses = of_group(who, group);
        let as_of = i64::try_from(as_of).unwrap_or(i64::MAX);
        clauses.and("raised_epoch <= ?", [Value::from(as_of)]);
        clauses
    };
    let mut page = GroupPage {
        as_of,
        ..GroupPage::default()
    };
    items(connection, whole(), query, &mut page)?;
    sums(connection, &whole(), &mut page)?;
    match group {
        Group::Provider(code) => page.shared = shared(connection, who, code)?,
        Group::Person(_) | Group::Card(_) => page.facilities = facilities(connection, &whole())?,
    }
    months(connection, &whole(), query.until, &mut page)?;
    days(connection, whole(), &mut page)?;
    if !matches!(group, Group::Provider(_)) {
        looked_at(connection, whole(), &mut page)?;
    }
    Ok(page)
}

fn items(
    connection: &Connection,
    mut clauses: Clauses,
    query: &GroupQuery,
    page: &mut GroupPage,
) -> Result<(), Failure> {
    if let Some(after) = &query.after {
        let priority = Value::from(i64::from(after.priority));
        clauses.and(
            "priority <= ? AND (priority < ? OR alert_id > ?)",
            [priority.clone(), priority, after.alert_id.clone().into()],
        );
    }
    let limit = query.limit.max(1);
    let select = format!(
        "SELECT {} FROM item WHERE {} ORDER BY priority DESC, alert_id LIMIT {}",
        rows::ITEM,
        clauses.text,
        u64::from(limit) + 1
    );
    let mut select = connection.prepare_cached(&select)?;
    page.items = rows::items(&mut select, params_from_iter(clauses.values))?;
    let is_more = page.items.len() > limit as usize;
    page.items.truncate(limit as usize);
    let last = page.items.last().filter(|_| is_more);
    page.next = last.map(|item| Cursor {
        priority: item.finding.priority,
        alert_id: item.finding.alert_id.clone(),
    });
    Ok(())
}

/// Amounts, added up without a bound: a few absurd ones do not keep a page from being shown.
#[derive(Clone, Copy, Default)]
struct Adding {
    alerts: u64,
    open: u64,
    thousandths: i128,
}

impl Adding {
    fn add(&mut self, other: Self) {
        self.alerts += other.alerts;
        self.open += other.open;
        self.thousandths += other.thousandths;
    }

    fn sum(self) -> Sum {
        let bounds = (i128::from(i64::MIN), i128::from(i64::MAX));
        let bounded = self.thousandths.clamp(bounds.0, bounds.1);
        Sum {
            alerts: self.alerts,
            open: self.open,
            amount: Money::from_thousandths(bounded as i64),
        }
    }
}

/// Columns that sum amounts in two parts, neither of which overflows.
const AMOUNTS: &str = "count(*), sum(amount / 1000), sum(amount % 1000)";

/// The columns [`AMOUNTS`], from a place on.
fn adding(row: &rusqlite::Row<'_>, place: usize) -> rusqlite::Result<Adding> {
    let (dong, parts): (i64, i64) = (row.get(place + 1)?, row.get(place + 2)?);
    Ok(Adding {
        alerts: row.get(place)?,
        open: 0,
        thousandths: i128::from(dong) * 1000 + i128::from(parts),
    })
}

fn sums(connection: &Connection, clauses: &Clauses, page: &mut GroupPage) -> Result<(), Failure> {
    let select = format!(
        "SELECT reason, state, work, verdict, {AMOUNTS} FROM item WHERE {} GROUP BY 1, 2, 3, 4",
        clauses.text
    );
    let mut select = connection.prepare_cached(&select)?;
    let mut found = select.query(params_from_iter(&clauses.values))?;
    let mut all = Adding::default();
    let mut by_stage: BTreeMap<MoneyStage, Adding> = BTreeMap::new();
    let mut by_reason: BTreeMap<Reason, Adding> = BTreeMap::new();
    while let Some(row) = found.next()? {
        let reason = rows::word(row, 0, Reason::from_name)?;
        let state = rows::word(row, 1, AlertState::from_name)?;
        let work = rows::word(row, 2, WorkState::from_name)?;
        let verdict = rows::word_or_none(row, 3, Verdict::from_code)?;
        let mut own = adding(row, 4)?;
        own.open = if work.is_open() { own.alerts } else { 0 };
        let stage = MoneyStage::of(state, work, verdict);
        all.add(own);
        by_stage.entry(stage).or_default().add(own);
        by_reason.entry(reason).or_default().add(own);
    }
    page.all = all.sum();
    page.by_stage = (MoneyStage::ALL.iter())
        .map(|stage| {
            let own = by_stage.get(stage).copied().unwrap_or_default();
            (*stage, own.sum())
        })
        .collect();
    page.by_reason = { by_reason.into_iter() }
        .map(|(reason, own)| (reason, own.sum()))
        .collect();
    Ok(())
}

fn facilities(connection: &Connection, clauses: &Clauses) -> Result<Vec<(String, Sum)>, Failure> {
    let select = format!(
        "SELECT facility, {AMOUNTS}, count(*) FILTER (WHERE work <> 'closed') FROM item
         WHERE facility IS NOT NULL AND {} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {FACILITIES}",
        clauses.text
    );
    let mut select = connection.prepare_cached(&select)?;
    let found = select.query_map(params_from_iter(&clauses.values), |row| {
        let mut own = adding(row, 1)?;
        own.open = row.get(4)?;
        Ok((row.get(0)?, own.sum()))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Facilities with alerts of people of whom this one has alerts too.
fn shared(
    connection: &Connection,
    who: &Viewer,
    code: &str,
) -> Result<Vec<(String, u64)>, Failure> {
    let mut clauses = Clauses::new(
        "person IN (SELECT person FROM item WHERE facility = ? AND person IS NOT NULL)",
        code.to_owned(),
    );
    clauses.and("facility <> ?", [Value::from(code.to_owned())]);
    clauses.seen_by(who);
    let select = format!(
        "SELECT facility, count(DISTINCT person) FROM item WHERE {} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {FACILITIES}",
        clauses.text
    );
    let mut select = connection.prepare_cached(&select)?;
    let found = select.query_map(params_from_iter(clauses.values), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn months(
    connection: &Connection,
    clauses: &Clauses,
    until: Option<Month>,
    page: &mut GroupPage,
) -> Result<(), Failure> {
    let select = format!(
        "SELECT DISTINCT strftime('%Y-%m', service_day * 86400, 'unixepoch') FROM item
         WHERE service_day IS NOT NULL AND {} ORDER BY 1 DESC",
        clauses.text
    );
    let mut select = connection.prepare_cached(&select)?;
    let found = select.query_map(params_from_iter(&clauses.values), |row| {
        row.get::<_, Option<String>>(0)
    })?;
    let mut all = Vec::new();
    for month in found {
        all.extend(month?.as_deref().and_then(Month::from_text));
    }
    let is_told = |month: &&Month| until.is_none_or(|until| **month <= until);
    let mut told = all.iter().filter(is_told).copied();
    page.months = told.by_ref().take(MONTHS).collect();
    page.earlier = told.next();
    let latest = all.first().copied();
    page.latest = latest.filter(|latest| !page.months.contains(latest));
    Ok(())
}

/// From the first day of the months that are told to their last.
fn span(page: &GroupPage) -> Option<(Day, Day)> {
    let (last, first) = (page.months.first()?, page.months.last()?);
    Some((first.first()?, last.last()?))
}

fn days(
    connection: &Connection,
    mut clauses: Clauses,
    page: &mut GroupPage,
) -> Result<(), Failure> {
    let Some((first, last)) = span(page) else {
        return Ok(());
    };
    // What is of no facility has no day of service.
    let bounds = [first, last].map(|day| Value::from(i64::from(day.number())));
    clauses.and(
        "facility IS NOT NULL AND service_day BETWEEN ? AND ?",
        bounds,
    );
    let select = format!(
        "SELECT service_day, facility, count(*) FROM item WHERE {} GROUP BY 1, 2 ORDER BY 1, 2",
        clauses.text
    );
    let mut select = connection.prepare_cached(&select)?;
    let found = select.query_map(params_from_iter(clauses.values), |row| {
        Ok(ServiceDay {
            day: Day::from_number(row.get(0)?),
            facility: row.get(1)?,
            alerts: row.get(2)?,
        })
    })?;
    page.days = found.collect::<Result<_, _>>()?;
    Ok(())
}

fn looked_at(
    connection: &Connection,
    mut clauses: Clauses,
    page: &mut GroupPage,
) -> Result<(), Failure> {
    let Some((first, last)) = span(page) else {
        return Ok(());
    };
    let bounds = [first.plus(-LONGEST_STAY), last].map(|day| Value::from(i64::from(day.number())));
    clauses.and("service_day BETWEEN ? AND ?", bounds);
    let select = format!(
        "SELECT alert_id FROM item WHERE {} ORDER BY service_day DESC, alert_id LIMIT {}",
        clauses.text,
        LOOKED_AT + 1
    );
    let mut select = connection.prepare_cached(&select)?;
    let found = select.query_map(params_from_iter(clauses.values), |row| row.get(0))?;
    page.alert_ids = found.collect::<Result<_, _>>()?;
    page.is_cut = page.alert_ids.len() > LOOKED_AT as usize;
    page.alert_ids.truncate(LOOKED_AT as usize);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Value as _;

    #[test]
    fn months_are_read_and_have_their_days() {
        let day = |text: &str| Day::from_text(text).expect("a day");
        for (text, first, last) in [
            ("2026-02", "2026-02-01", "2026-02-28"),
            ("2024-02", "2024-02-01", "2024-02-29"),
            ("2025-12", "2025-12-01", "2025-12-31"),
        ] {
            let month = Month::from_text(text).expect("a month");
            assert_eq!(month.to_string(), text);
            assert_eq!(month.first(), Some(day(first)));
            assert_eq!(month.last(), Some(day(last)));
            assert_eq!(Month::of(day(last)), month);
        }
        for wrong in [
            "",
            "2026",
            "2026-13",
            "2026-00",
            "2026-1",
            "+026-01",
            "2026-01-01",
        ] {
            assert_eq!(Month::from_text(wrong), None, "{wrong}");
        }
    }
}
