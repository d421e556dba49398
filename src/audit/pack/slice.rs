//! Every row that names the persons of an alert.
//!
//! In: the rows that alerts list as their evidence, and all rows of the inputs. Out: the rows in force that name the
//! same people: their cards, visits, reports, employments, benefits, and whoever a register ties to them. Must hold: a row that
//! could decide on the alert is in it; what holds is what a replay would hold at its end - of a key, the row that was
//! recorded last.
//!
//! Ties are followed until nothing new is named, which takes as many passes through the inputs: a chain of numbers
//! that replaced one another is as long as it is. Memory grows with the rows of those people alone.

use std::collections::{BTreeMap, HashSet};

use super::inputs::{InputRow, Inputs, InputsError};
use crate::case::Alert;
use crate::record::{
    CardNumber, Instant, Key, OldId, Operation, PersonalId, Record, SiNumber, Text, Value,
};

/// The rows that name the persons of an alert.
#[derive(Clone, Debug, Default)]
pub struct Slice {
    /// Rows in force, by stream and key.
    pub rows: Vec<SliceRow>,
}

impl Slice {
    /// How many rows there are, by stream.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for row in &self.rows {
            *counts
                .entry(row.key.stream().name().to_owned())
                .or_default() += 1;
        }
        counts
    }
}

/// A row in force.
#[derive(Clone, Debug)]
pub struct SliceRow {
    /// Stream and key.
    pub key: Key,
    /// Knowledge time.
    pub recorded_at: Instant,
    /// The file, as evidence names it.
    pub file: std::sync::Arc<str>,
    /// 1-based record in it.
    pub row: u64,
    /// What it says.
    pub record: Record,
}

/// What names a person, or ties persons to each other.
#[derive(Clone, Debug, Default)]
struct Named {
    participants: HashSet<SiNumber>,
    citizens: HashSet<PersonalId>,
    old_ids: HashSet<OldId>,
    /// Cards that a claim of theirs lists: whose they are does not make the holder one of them.
    listed: HashSet<CardNumber>,
    enterprises: HashSet<Text>,
    /// Visits whose claim or check-in is one of theirs.
    subjects: HashSet<Key>,
}

impl Named {
    fn len(&self) -> usize {
        self.participants.len()
            + self.citizens.len()
            + self.old_ids.len()
            + self.listed.len()
            + self.enterprises.len()
            + self.subjects.len()
    }

    /// Whether a record names one of them.
    fn is_named_by(&self, record: &Record) -> bool {
        let citizen = |id: &PersonalId| self.citizens.contains(id);
        let participant = |si: &SiNumber| self.participants.contains(si);
        match record {
            Record::Citizens(r) => {
                citizen(&r.personal_id)
                    || r.superseded_by.as_ref().is_some_and(citizen)
                    || r.old_id.is_some_and(|id| self.old_ids.contains(&id))
            }
            Record::DeathReports(r) => {
                r.personal_id.as_ref().is_some_and(citizen)
                    || r.si_number.as_ref().is_some_and(participant)
            }
            Record::Participants(r) => {
                participant(&r.si_number) || r.personal_id.as_ref().is_some_and(citizen)
            }
            Record::Cards(r) => {
                participant(&r.card_number.holder()) || self.listed.contains(&r.card_number)
            }
            Record::Claims(r) => self.is_visit(&record.key(), &r.cards, r.personal_id.as_ref()),
            Record::CheckIns(r) => self.is_visit(&record.key(), &r.cards, r.personal_id.as_ref()),
            Record::Enterprises(r) => self.enterprises.contains(&r.tax_code),
            Record::Employments(r) => participant(&r.si_number),
            Record::Beneficiaries(r) => citizen(&r.personal_id),
            Record::HealthProfiles(r) => citizen(&r.personal_id),
        }
    }

    fn is_visit(&self, key: &Key, cards: &[CardNumber], id: Option<&Text>) -> bool {
        let of_card = |card: &CardNumber| self.participants.contains(&card.holder());
        let without_card = || {
            let id = id.and_then(|id| PersonalId::from_text(id.as_str()));
            id.is_some_and(|id| self.citizens.contains(&id))
        };
        self.subjects.contains(&visit(key))
            || cards.iter().any(of_card)
            || cards.is_empty() && without_card()
    }

    /// Takes whom a row names that names one of them.
    fn follow(&mut self, record: &Record) {
        match record {
            Record::Citizens(r) => {
                self.citizens.insert(r.personal_id);
                self.citizens.extend(r.superseded_by);
                self.old_ids.extend(r.old_id);
            }
            Record::Participants(r) => {
                self.participants.insert(r.si_number);
                self.citizens.extend(r.personal_id);
            }
            Record::Claims(r) => self.listed.extend(r.cards.iter().copied()),
            Record::CheckIns(r) => self.listed.extend(r.cards.iter().copied()),
            Record::Employments(r) => {
                self.enterprises.insert(r.tax_code.clone());
            }
            Record::DeathReports(_)
            | Record::Cards(_)
            | Record::Enterprises(_)
            | Record::Beneficiaries(_)
            | Record::HealthProfiles(_) => {}
        }
    }

    /// Takes whom a row names that an alert rests on: also those whose card or number it lists.
    fn begin(&mut self, record: &Record) {
        self.follow(record);
        let id = |id: Option<&Text>| id.and_then(|id| PersonalId::from_text(id.as_str()));
        match record {
            Record::Claims(r) => {
                self.subjects.insert(visit(&record.key()));
                self.participants
                    .extend(r.cards.iter().map(|card| card.holder()));
                self.citizens.extend(id(r.personal_id.as_ref()));
            }
            Record::CheckIns(r) => {
                self.subjects.insert(visit(&record.key()));
                self.participants
                    .extend(r.cards.iter().map(|card| card.holder()));
                self.citizens.extend(id(r.personal_id.as_ref()));
            }
            Record::DeathReports(r) => {
                self.citizens.extend(r.personal_id);
                self.participants.extend(r.si_number);
            }
            Record::Cards(r) => drop(self.participants.insert(r.card_number.holder())),
            Record::Employments(r) => drop(self.participants.insert(r.si_number)),
            Record::Beneficiaries(r) => drop(self.citizens.insert(r.personal_id)),
            Record::HealthProfiles(r) => drop(self.citizens.insert(r.personal_id)),
            Record::Citizens(_) | Record::Participants(_) | Record::Enterprises(_) => {}
        }
    }
}

/// The key of the claim of a visit, for claim and check-in.
fn visit(key: &Key) -> Key {
    match key {
        Key::CheckIn(facility, visit) => Key::Claim(*facility, visit.clone()),
        key => key.clone(),
    }
}

/// What is known of a key while the inputs are read.
struct Latest {
    /// What of two rows is the later: knowledge time, file, row.
    at: (Instant, u64, u64),
    file: std::sync::Arc<str>,
    record: Option<Record>,
}

/// The rows in force of everybody whom some alerts are about.
pub struct Slices {
    rows: Vec<SliceRow>,
}

impl Slices {
    /// Reads the rows of everybody whom alerts are about.
    ///
    /// # Errors
    /// When the inputs cannot be read.
    pub fn read(inputs: &Inputs, alerts: &[Alert]) -> Result<Self, InputsError> {
        let places: HashSet<(&str, u64)> = (alerts.iter())
            .flat_map(|alert| &alert.evidence)
            .map(|place| (place.file.as_str(), place.row))
            .collect();
        let mut named = Named::default();
        inputs.each(|row| {
            if let Operation::Upsert(record) = &row.change.operation
                && places.contains(&(&*row.file, row.row))
            {
                named.begin(record);
            }
        })?;
        // Keys of which a row names one of them, now or before.
        let mut keys: HashSet<Key> = HashSet::new();
        loop {
            let known = named.len();
            inputs.each(|row| {
                if let Operation::Upsert(record) = &row.change.operation
                    && named.is_named_by(record)
                {
                    named.follow(record);
                    if !keys.contains(&row.change.key) {
                        keys.insert(row.change.key.clone());
                    }
                }
            })?;
            if named.len() == known {
                break;
            }
        }
        let mut latest: BTreeMap<Key, Latest> = BTreeMap::new();
        inputs.each(|row| {
            if keys.contains(&row.change.key) {
                take(&mut latest, row);
            }
        })?;
        let in_force = |(key, latest): (Key, Latest)| {
            Some(SliceRow {
                key,
                recorded_at: latest.at.0,
                file: latest.file,
                row: latest.at.2,
                record: latest.record?,
            })
        };
        Ok(Self {
            rows: latest.into_iter().filter_map(in_force).collect(),
        })
    }

    /// The rows that name the persons of one of the alerts.
    pub fn of(&self, alert: &Alert) -> Slice {
        let evidence = |row: &&SliceRow| {
            let is_it = |place: &crate::case::EvidencePlace| {
                *place.file == *row.file
                    && place.row == row.row
                    && place.stream == row.key.stream().name()
            };
            alert.evidence.iter().any(is_it)
        };
        let mut named = Named::default();
        for row in self.rows.iter().filter(evidence) {
            named.begin(&row.record);
        }
        let mut is_in = vec![false; self.rows.len()];
        loop {
            let known = named.len();
            for (row, is_in) in self.rows.iter().zip(&mut is_in) {
                if named.is_named_by(&row.record) {
                    named.follow(&row.record);
                    *is_in = true;
                }
            }
            if named.len() == known {
                break;
            }
        }
        let rows = self.rows.iter().zip(is_in);
        Slice {
            rows: rows
                .filter(|(_, is_in)| *is_in)
                .map(|(row, _)| row.clone())
                .collect(),
        }
    }
}

fn take(latest: &mut BTreeMap<Key, Latest>, row: InputRow) {
    let at = (row.change.recorded_at, row.order, row.row);
    let known = latest.get(&row.change.key).map(|known| known.at);
    let is_taken = match row.replaced {
        None => known.is_none_or(|known| known <= at),
        Some(place) => known.is_some_and(|(_, order, row)| (order, row) == place),
    };
    if !is_taken {
        return;
    }
    let record = match row.change.operation {
        Operation::Upsert(record) => Some(record),
        Operation::Delete => None,
    };
    latest.insert(
        row.change.key,
        Latest {
            at,
            file: row.file,
            record,
        },
    );
}
