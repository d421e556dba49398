//! Batches as rows of the database.

use rusqlite::{Connection, OptionalExtension, Row};

use super::batch::{Batch, BatchOutcome, BatchPart, BatchState};
use super::database::Failure;
use super::error::DeskError;
use super::review_key::ReviewKey;
use super::rows;
use super::typed::Typed;
use super::verdict::Verdict;
use super::viewer::Viewer;
use super::work::WorkAction;
use crate::access::Role;

const COLUMNS: &str = "number, at, actor, role, provinces, action, assignee, verdict, note, state, decided_at, decider, \
     decided_note, undone_at, undoer, undone_note";

/// What a note of a batch is bound to.
pub(super) fn sealed_with(number: i64) -> String {
    format!("batch {number}")
}

/// A batch, if there is one with this number.
pub(super) fn find(
    connection: &Connection,
    number: i64,
    key: &ReviewKey,
) -> Result<Option<Batch>, Failure> {
    let query = format!("SELECT {COLUMNS} FROM batch WHERE number = ?");
    let mut query = connection.prepare_cached(&query)?;
    let found = query.query_row([number], |row| Ok(read(row, key)));
    let Some(batch) = found.optional()?.transpose()? else {
        return Ok(None);
    };
    Ok(Some(counted(connection, batch)?))
}

/// The batches of a state, or all, that somebody may see, the latest first, at most `limit`.
pub(super) fn latest(
    connection: &Connection,
    who: &Viewer,
    (state, limit): (Option<BatchState>, usize),
    key: &ReviewKey,
) -> Result<Vec<Batch>, Failure> {
    let clause = match state {
        Some(state) => format!("state = '{state}'"),
        None => "true".to_owned(),
    };
    let query = format!("SELECT {COLUMNS} FROM batch WHERE {clause} ORDER BY number DESC");
    let mut query = connection.prepare_cached(&query)?;
    let mut found = query.query([])?;
    let mut batches = Vec::new();
    while let Some(row) = found.next()? {
        let batch = read(row, key)?;
        if batch.is_of(who) {
            batches.push(counted(connection, batch)?);
        }
        if batches.len() >= limit {
            break;
        }
    }
    Ok(batches)
}

fn counted(connection: &Connection, mut batch: Batch) -> Result<Batch, Failure> {
    let query = "SELECT outcome, count(*) FROM batch_member WHERE batch = ? GROUP BY 1 ORDER BY 1";
    let mut query = connection.prepare_cached(query)?;
    let counted = query.query_map([batch.number], |row| {
        let outcome = rows::word_or_none(row, 0, BatchOutcome::from_name)?;
        Ok((outcome, row.get(1)?))
    })?;
    batch.outcomes = counted.collect::<Result<_, _>>()?;
    Ok(batch)
}

fn read(row: &Row<'_>, key: &ReviewKey) -> Result<Batch, Failure> {
    let number = row.get(0)?;
    let note = |column: usize| -> Result<Option<Typed>, Failure> {
        let sealed: Option<Vec<u8>> = row.get(column)?;
        let opened = sealed.map(|sealed| key.open(&sealed_with(number), &sealed));
        Ok(opened.transpose().map_err(|error: DeskError| error)?)
    };
    // When, who and why, of somebody who may not have had a part yet.
    let part = |at: usize, name: usize, why: usize| -> Result<Option<BatchPart>, Failure> {
        let (at, name): (Option<i64>, Option<String>) = (row.get(at)?, row.get(name)?);
        let note = note(why)?;
        Ok(at.zip(name).map(|(at, name)| BatchPart { at, name, note }))
    };
    let provinces: String = row.get(4)?;
    Ok(Batch {
        number,
        proposed: BatchPart {
            at: row.get(1)?,
            name: row.get(2)?,
            note: note(8)?,
        },
        role: rows::word(row, 3, Role::from_name)?,
        provinces: (provinces.split(',').filter(|one| !one.is_empty()))
            .map(str::to_owned)
            .collect(),
        action: rows::word(row, 5, WorkAction::from_name)?,
        assignee: row.get(6)?,
        verdict: rows::word_or_none(row, 7, Verdict::from_code)?,
        state: rows::word(row, 9, BatchState::from_name)?,
        decided: part(10, 11, 12)?,
        undone: part(13, 14, 15)?,
        outcomes: Vec::new(),
    })
}
