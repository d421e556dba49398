//! What names a person, or ties persons to each other: whose rows belong together.
//!
//! In: rows. Out: whether a row names somebody of those whose rows were taken before. Must hold: rows that a rule joins
//! for an alert about somebody name them, directly or through those whom they name in turn; whoever takes rows until
//! none adds a name has all of them.

use std::collections::HashSet;

use crate::record::{CardNumber, Key, OldId, PersonalId, Record, SiNumber, Text, Value};

/// What names a person, or ties persons to each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Named {
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
    /// How many names it has: it is whole once no row adds one.
    pub(crate) fn len(&self) -> usize {
        self.participants.len()
            + self.citizens.len()
            + self.old_ids.len()
            + self.listed.len()
            + self.enterprises.len()
            + self.subjects.len()
    }

    /// The visits whose claim or check-in is one of theirs, each by the key of its claim.
    pub(crate) fn visits(&self) -> impl Iterator<Item = &Key> {
        self.subjects.iter()
    }

    /// Whether a record names one of them.
    pub(crate) fn is_named_by(&self, record: &Record) -> bool {
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
    pub(crate) fn follow(&mut self, record: &Record) {
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

    /// Takes whom a row names of a visit that is one of theirs: it may be on the card of another now, or have been before.
    pub(crate) fn follow_visit(&mut self, record: &Record) {
        match record {
            Record::Claims(_) | Record::CheckIns(_)
                if self.subjects.contains(&visit(&record.key())) =>
            {
                self.begin(record);
            }
            _ => self.follow(record),
        }
    }

    /// Takes whom a row names that an alert rests on: also those whose card or number it lists.
    pub(crate) fn begin(&mut self, record: &Record) {
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
