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
use crate::persons::Named;
use crate::record::{Instant, Key, Operation, Record};

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
    let known = latest.get(&row.change.key);
    let says = |known: &Latest| match (&known.record, &row.change.operation) {
        (Some(record), Operation::Upsert(other)) => record == other,
        (None, Operation::Delete) => true,
        _ => false,
    };
    let is_taken = match row.replaced {
        None => known.is_none_or(|known| known.at <= at),
        // As rows take the place of one another in `resolve`.
        Some(place) => known.is_none_or(|known| {
            let (recorded_at, order, row) = known.at;
            (order, row) == place || recorded_at == at.0 && says(known)
        }),
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
