//! Items and events as rows of the database.

use rusqlite::types::{FromSql, Type};
use rusqlite::{Row, Statement};

use super::event::WorkEvent;
use super::item::{Decided, EvidenceDigest, Finding, GroupId, Item, Work};
use super::review_key::ReviewKey;
use super::verdict::Verdict;
use super::work::{WorkAction, WorkState};
use crate::access::Role;
use crate::authenticate::Cause;
use crate::record::{Day, Money};
use crate::rule::{Class, Reason, Severity};
use crate::store::AlertState;

/// The columns of [`item`], in its order.
pub(super) const ITEM: &str = "alert_id, reason, class, severity, subject_kind, facility, person, card, masked, amount, \
     grade, cause, score, misuse_probability, priority, service_day, raised_at, raised_epoch, changed_epoch, state, digest, \
     work, assignee, since, until_day, due_day, verdict, decided_state, decided_digest, decided_epoch, proposer, version";

/// The columns of [`event`], in its order.
pub(super) const EVENT: &str = "number, at, alert_id, actor, role, action, from_, to_, assignee, until_day, verdict, note, \
     digest, epoch, batch, look";

/// A column whose value this version does not know.
pub(super) fn unknown(column: usize) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, String::new(), Type::Text)
}

/// A word of a list.
pub(super) fn word<T>(
    row: &Row<'_>,
    column: usize,
    known: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    known(row.get_ref(column)?.as_str()?).ok_or_else(|| unknown(column))
}

/// A word of a list, where there is one.
pub(super) fn word_or_none<T>(
    row: &Row<'_>,
    column: usize,
    known: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(column)?.as_str_or_null()?;
    text.map(|text| known(text).ok_or_else(|| unknown(column)))
        .transpose()
}

fn day(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Day>> {
    Ok(row.get::<_, Option<i32>>(column)?.map(Day::from_number))
}

fn get<T: FromSql>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    row.get(column)
}

/// What was decided, of four columns from `first` on.
pub(super) fn decided(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Decided>> {
    let verdict = word_or_none(row, first, Verdict::from_code)?;
    let state = word_or_none(row, first + 1, AlertState::from_name)?;
    let Some((verdict, state)) = verdict.zip(state) else {
        return Ok(None);
    };
    Ok(Some(Decided {
        verdict,
        state,
        digest: EvidenceDigest(get(row, first + 2)?),
        epoch: get(row, first + 3)?,
    }))
}

/// An item of a row with the columns [`ITEM`].
pub(super) fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        finding: Finding {
            alert_id: get(row, 0)?,
            reason: word(row, 1, Reason::from_name)?,
            class: word(row, 2, Class::from_name)?,
            severity: word(row, 3, |name| {
                Severity::ALL.into_iter().find(|one| one.as_str() == name)
            })?,
            subject_kind: get(row, 4)?,
            facility: get(row, 5)?,
            person: get::<Option<[u8; 16]>>(row, 6)?.map(GroupId),
            card: get::<Option<[u8; 16]>>(row, 7)?.map(GroupId),
            masked: get(row, 8)?,
            amount: Money::from_thousandths(get(row, 9)?),
            grade: get(row, 10)?,
            cause: word_or_none(row, 11, Cause::from_name)?,
            score: get(row, 12)?,
            misuse_probability: get(row, 13)?,
            priority: get(row, 14)?,
            service_day: day(row, 15)?,
            raised_at: get(row, 16)?,
            raised_epoch: get(row, 17)?,
            changed_epoch: get(row, 18)?,
            state: word(row, 19, AlertState::from_name)?,
            digest: EvidenceDigest(get(row, 20)?),
        },
        work: Work {
            state: word(row, 21, WorkState::from_name)?,
            assignee: get(row, 22)?,
            since: get(row, 23)?,
            until: day(row, 24)?,
            due: day(row, 25)?.unwrap_or(Day::from_number(0)),
            decided: decided(row, 26)?,
            proposer: get(row, 30)?,
            version: get(row, 31)?,
        },
    })
}

/// The items of a query.
pub(super) fn items(
    query: &mut Statement<'_>,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Vec<Item>> {
    query.query_map(values, item)?.collect()
}

/// An event of a row with the columns [`EVENT`].
pub(super) fn event(row: &Row<'_>, key: &ReviewKey) -> Result<WorkEvent, super::database::Failure> {
    let alert_id: String = row.get(2)?;
    let sealed: Option<Vec<u8>> = row.get(11)?;
    let note = sealed.map(|sealed| key.open(&alert_id, &sealed));
    let actor: Option<String> = row.get(3)?;
    let role = word_or_none(row, 4, Role::from_name)?;
    Ok(WorkEvent {
        number: row.get(0)?,
        at: row.get(1)?,
        actor: actor.zip(role),
        action: word(row, 5, WorkAction::from_name)?,
        from: word(row, 6, WorkState::from_name)?,
        to: word(row, 7, WorkState::from_name)?,
        assignee: row.get(8)?,
        until: day(row, 9)?,
        verdict: word_or_none(row, 10, Verdict::from_code)?,
        note: note.transpose()?,
        digest: EvidenceDigest(row.get(12)?),
        epoch: row.get(13)?,
        batch: row.get(14)?,
        look: word_or_none(row, 15, Verdict::from_code)?,
        alert_id,
    })
}
