//! The rows of some persons, and whose alerts theirs are.
//!
//! In: rows, as often as they are asked for, and a part of the persons. Out: the keys of every row that names them or whom a register
//! ties to them, now or before, and which alerts are about them. Must hold: what decides on an alert about one of them is
//! among the rows, as it is for an evidence pack (see [`Named`]); each alert is about somebody of some part.
//!
//! Ties are followed until nothing new is named, which takes as many passes through the rows. Memory grows with the
//! rows of those persons alone.

use std::collections::HashSet;

use super::named::Named;
use super::slice::Slice;
use crate::record::{CardNumber, Key, PersonalId, Record, Text, Value};

/// Some persons.
#[derive(Debug)]
pub struct Persons {
    slice: Slice,
    /// The keys that a row of theirs has, or had.
    keys: HashSet<Key>,
    /// The visits that are about them, each as subjects of alerts name it.
    visits: HashSet<String>,
    share: f64,
}

/// How many participants there are, by their rows.
#[derive(Default)]
struct Counted {
    all: u64,
    chosen: u64,
}

impl Persons {
    /// Finds whose rows belong to a part of the persons. `each` gives every row that something is said by, the same ones
    /// each time.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn read<E>(
        slice: Slice,
        mut each: impl FnMut(&mut dyn FnMut(&Record)) -> Result<(), E>,
    ) -> Result<Self, E> {
        let (mut named, mut counted) = (Named::default(), Counted::default());
        each(&mut |record| {
            if let Record::Participants(participant) = record {
                counted.all += 1;
                counted.chosen += u64::from(slice.has(&participant.si_number.to_string()));
            }
            if is_about(slice, record) {
                named.begin(record);
            }
        })?;
        let mut keys = HashSet::new();
        loop {
            let known = named.len();
            each(&mut |record| {
                if named.is_named_by(record) {
                    named.follow_visit(record);
                    let key = record.key();
                    if !keys.contains(&key) {
                        keys.insert(key);
                    }
                }
            })?;
            if named.len() == known {
                break;
            }
        }
        Ok(Self {
            slice,
            keys,
            visits: named.visits().map(Key::to_string).collect(),
            share: match counted.all {
                0 => 1.0 / f64::from(slice.parts()),
                all => counted.chosen as f64 / all as f64,
            },
        })
    }

    /// Which part they are.
    pub fn slice(&self) -> Slice {
        self.slice
    }

    /// Whether a row of this key is one of theirs.
    pub fn have(&self, key: &Key) -> bool {
        self.keys.contains(key)
    }

    /// Whether an alert about a subject is about one of them.
    pub fn are_subject(&self, kind: &str, id: &str) -> bool {
        match kind {
            "claim" | "check_in" => self.visits.contains(id),
            "card" => CardNumber::from_text(id)
                .is_none_or(|card| self.slice.has(&card.holder().to_string())),
            "beneficiary" => {
                let person = id.split_once('/').map_or(id, |(person, _)| person);
                self.slice.has(person)
            }
            _ => self.slice.has(id),
        }
    }

    /// The share of the participants that they are.
    pub fn share(&self) -> f64 {
        self.share
    }
}

/// Whether an alert about a row would be about somebody of a part. A visit without card and number is dealt by its key.
fn is_about(slice: Slice, record: &Record) -> bool {
    let of_visit = |cards: &[CardNumber], id: Option<&Text>| {
        if !cards.is_empty() {
            let mut cards = cards.iter();
            return cards.any(|card| slice.has(&card.holder().to_string()));
        }
        let id = id.and_then(|id| PersonalId::from_text(id.as_str()));
        match id {
            Some(id) => slice.has(&id.to_string()),
            None => slice.has(&record.key().to_string()),
        }
    };
    match record {
        Record::Claims(r) => of_visit(&r.cards, r.personal_id.as_ref()),
        Record::CheckIns(r) => of_visit(&r.cards, r.personal_id.as_ref()),
        Record::Cards(r) => slice.has(&r.card_number.holder().to_string()),
        Record::Participants(r) => slice.has(&r.si_number.to_string()),
        Record::Beneficiaries(r) => slice.has(&r.personal_id.to_string()),
        Record::Citizens(_)
        | Record::DeathReports(_)
        | Record::Enterprises(_)
        | Record::Employments(_)
        | Record::HealthProfiles(_) => false,
    }
}
