//! The rows of one person, in every stream.
//!
//! In: the number of a citizen. Out: the rows that are in force of what it names: the citizen's own, the participants that it
//! is, and what names any of them. Must hold: all rows are of one moment, the last epoch whose alerts are stored; a row is
//! told that names the person in that epoch, and no other; how much is looked at and told is bounded, and that more was
//! left out is said; who resolves rows is kept waiting for a bounded number of look-ups.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use super::error::ServiceError;
use super::journalled_rows::{JournalledRow, JournalledRows};
use super::status::Status;
use crate::alert::SharedRows;
use crate::dataflow::{Content, Whom, people};
use crate::journal::{Row, Rows};
use crate::record::{Instant, Key, Operation, PersonalId, Record, SiNumber, Stream};

/// Rows that are looked at for one number.
const LOOKED_AT: usize = 2_000;
/// Participants of one citizen whose rows are looked for: more than one is an error already.
const PARTICIPANTS: usize = 8;
/// Visits that are told, the last first; and rows of every other stream.
const VISITS: usize = 20;
const OTHERS: usize = 10;

/// A row that is in force.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonRow {
    /// Stream and key.
    pub key: Key,
    /// When it became known.
    pub recorded_at: Instant,
    /// What it says; none where the key of its month is destroyed.
    pub record: Option<Record>,
}

/// What is known of a person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonRows {
    /// The epoch at whose end it was so.
    pub epoch: u64,
    /// The rows: by stream, and in it the last that became known first.
    pub rows: Vec<PersonRow>,
    /// The streams of which there are rows that are not told.
    pub cut: Vec<Stream>,
    /// The participants that the citizen is.
    pub participants: Vec<SiNumber>,
}

/// Finds the rows of people.
#[derive(Clone)]
pub struct RowsOfPeople {
    rows: SharedRows,
    journalled: Arc<JournalledRows>,
    status: Arc<Status>,
}

/// Where a row stands that will be read.
struct Place {
    key: Key,
    epoch: u64,
    row: u64,
    recorded_at: Instant,
}

impl RowsOfPeople {
    pub(super) fn new(
        rows: SharedRows,
        journalled: Arc<JournalledRows>,
        status: Arc<Status>,
    ) -> Self {
        Self {
            rows,
            journalled,
            status,
        }
    }

    /// Whether they can be found at all.
    pub fn are_kept(&self) -> bool {
        self.rows.read().has_names()
    }

    /// The rows of a citizen; none of somebody who is not known.
    ///
    /// # Errors
    /// When the scratch file or the journal cannot be read.
    pub fn of(&self, id: PersonalId) -> Result<PersonRows, ServiceError> {
        let epoch = self.status.committed_epoch();
        let mut told = PersonRows {
            epoch,
            ..PersonRows::default()
        };
        let mut places = self
            .places(id, epoch, &mut told)
            .map_err(ServiceError::Scratch)?;
        // By epoch, so that none is opened twice.
        places.sort_by_key(|place| (place.epoch, place.row));
        for place in places {
            let record = match self.journalled.row(place.epoch, place.row)? {
                JournalledRow::Kept(change) if change.key == place.key => match change.operation {
                    Operation::Upsert(record) => Some(record),
                    Operation::Delete => None,
                },
                _ => None,
            };
            told.rows.push(PersonRow {
                key: place.key,
                recorded_at: place.recorded_at,
                record,
            });
        }
        told.rows.sort_by(|a, b| {
            let order = |row: &PersonRow| (row.key.stream(), std::cmp::Reverse(row.recorded_at));
            order(a).cmp(&order(b)).then_with(|| a.key.cmp(&b.key))
        });
        Ok(told)
    }

    /// The participants that a citizen is.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn participants(&self, id: PersonalId) -> Result<Vec<SiNumber>, ServiceError> {
        let epoch = self.status.committed_epoch();
        let mut told = PersonRows::default();
        let places = self.places(id, epoch, &mut told);
        places.map_err(ServiceError::Scratch)?;
        Ok(told.participants)
    }

    /// Where the rows stand that are told.
    fn places(&self, id: PersonalId, epoch: u64, told: &mut PersonRows) -> io::Result<Vec<Place>> {
        let rows = self.rows.read();
        let mut found: Vec<Row<Content>> = Vec::new();
        for key in [Key::Citizen(id), Key::HealthProfile(id)] {
            let latest = rows.latest(&key)?.map(|(_, row)| row);
            found.extend(in_force(&rows, latest, epoch)?);
        }
        let mut seen = HashSet::new();
        let mut is_cut = naming(&rows, Whom::Citizen(id), epoch, (&mut found, &mut seen))?;
        for row in &found {
            if let Some(Content::Participant(participant)) = &row.content {
                match told.participants.len() < PARTICIPANTS {
                    true => told.participants.push(participant.si),
                    false => is_cut = true,
                }
            }
        }
        if is_cut {
            // Among those that were not looked at may be a number of theirs, and what is under it.
            told.cut.push(Stream::Participants);
        }
        told.participants.sort_unstable();
        for si in told.participants.clone() {
            naming(&rows, Whom::Participant(si), epoch, (&mut found, &mut seen))?;
        }
        // A claim takes the place of the check-in of its visit.
        let claimed: HashSet<Key> = (found.iter())
            .filter_map(|row| match &row.key {
                Key::Claim(facility, visit) => Some(Key::CheckIn(*facility, visit.clone())),
                _ => None,
            })
            .collect();
        found.retain(|row| !claimed.contains(&row.key));
        drop(rows);
        Ok(bounded(found, told))
    }
}

/// The row that was in force at the end of an epoch, if its key held something.
fn in_force(
    rows: &Rows<Content>,
    latest: Option<Row<Content>>,
    epoch: u64,
) -> io::Result<Option<Row<Content>>> {
    let mut row = latest;
    // Rows bear the number of their epoch as that of their file.
    while let Some(later) = row.as_ref().filter(|row| u64::from(row.file) > epoch) {
        row = later.previous.map(|place| rows.at(place)).transpose()?;
    }
    Ok(row.filter(|row| row.content.is_some()))
}

/// Adds the rows in force that name somebody. Tells whether there may be more than were looked at.
fn naming(
    rows: &Rows<Content>,
    whom: Whom,
    epoch: u64,
    (found, seen): (&mut Vec<Row<Content>>, &mut HashSet<Key>),
) -> io::Result<bool> {
    let numbers = rows.naming(whom.number(), LOOKED_AT)?;
    let is_cut = numbers.len() >= LOOKED_AT;
    for number in numbers {
        let key = rows.key(number)?;
        let latest = rows.latest(&key)?.map(|(_, row)| row);
        let Some(row) = in_force(rows, latest, epoch)? else {
            continue;
        };
        // What is found may have named them before, or be found by chance.
        let names =
            (row.content.as_ref()).is_some_and(|content| people(content).contains(&whom.number()));
        if names && seen.insert(key) {
            found.push(row);
        }
    }
    Ok(is_cut)
}

/// The last rows of every stream.
fn bounded(mut found: Vec<Row<Content>>, told: &mut PersonRows) -> Vec<Place> {
    // Visits by when they were, others by when they became known.
    let when = |row: &Row<Content>| match &row.content {
        Some(Content::Claim(visit) | Content::CheckIn(visit)) => {
            i64::from(visit.admitted_at.day().number())
        }
        _ => row.recorded_at.nanos(),
    };
    found.sort_by(|a, b| {
        let order = |row: &Row<Content>| (row.key.stream(), std::cmp::Reverse(when(row)));
        order(a).cmp(&order(b)).then_with(|| a.key.cmp(&b.key))
    });
    let mut places: Vec<Place> = Vec::new();
    for row in found {
        let stream = row.key.stream();
        let most = match stream {
            Stream::Claims | Stream::CheckIns => VISITS,
            _ => OTHERS,
        };
        let before = places
            .iter()
            .filter(|place| place.key.stream() == stream)
            .count();
        if before < most {
            places.push(Place {
                key: row.key,
                epoch: u64::from(row.file),
                row: row.row,
                recorded_at: row.recorded_at,
            });
        } else if !told.cut.contains(&stream) {
            told.cut.push(stream);
        }
    }
    places
}
