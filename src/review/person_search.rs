//! Alerts of a person are found by a number of theirs.
//!
//! In: who, and a number. Out: the group of the alerts that they may see, if there are any. Must hold: the number is not
//! kept, only its pseudonym is looked for; a citizen is found under the insurance number under which their alerts are, and
//! the other way around; so many searches an hour, whatever sessions they come through.

use std::fmt;

use rusqlite::{Connection, Transaction};

use super::act::Refused;
use super::database::Failure;
use super::item::GroupId;
use super::lists::{self, Group};
use super::reveal::{HOUR, room};
use super::review_key::ReviewKey;
use super::viewer::Viewer;
use crate::record::{CardNumber, PersonalId, SiNumber, Stream, Value};

/// Searches of one person in an hour.
pub const SEARCHES_PER_HOUR: u32 = 60;

/// A number that somebody is looked for by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PersonNumber {
    /// Of a card.
    Card(CardNumber),
    /// Of the insurance.
    Insurance(SiNumber),
    /// Of a citizen.
    Citizen(PersonalId),
}

impl PersonNumber {
    /// A number as people write it, with blanks, dots and dashes between its parts or without.
    pub fn read(text: &str) -> Option<Self> {
        let is_between = |c: char| c.is_whitespace() || matches!(c, '.' | '-');
        let text: String = text.chars().filter(|c| !is_between(*c)).take(16).collect();
        let text = text.to_ascii_uppercase();
        match text.len() {
            15 => CardNumber::from_text(&text).map(Self::Card),
            10 => SiNumber::from_text(&text).map(Self::Insurance),
            12 => PersonalId::from_text(&text).map(Self::Citizen),
            _ => None,
        }
    }

    /// The groups that its alerts may be of, the likeliest first.
    fn groups(self, key: &ReviewKey) -> Vec<Group> {
        let of = |stream: Stream, number: String| key.group(stream.name(), &number);
        let holder = |si: SiNumber| Group::Person(of(Stream::Participants, si.to_string()));
        match self {
            Self::Card(card) => vec![
                Group::Card(of(Stream::Cards, card.to_string())),
                holder(card.holder()),
            ],
            Self::Insurance(si) => vec![holder(si)],
            Self::Citizen(id) => vec![Group::Person(of(Stream::Citizens, id.to_string()))],
        }
    }
}

/// The number is not shown.
impl fmt::Debug for PersonNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Card(_) => "Card(•••)",
            Self::Insurance(_) => "Insurance(•••)",
            Self::Citizen(_) => "Citizen(•••)",
        })
    }
}

/// What was found.
pub(super) struct Found {
    /// Whom was looked for: the group that has alerts, else the likeliest.
    subject: Option<Group>,
    /// How many alerts of them they may see.
    pub(super) alerts: u64,
}

impl Found {
    /// Whom was looked for, as a pseudonym.
    pub(super) fn subject(&self) -> Option<GroupId> {
        match self.subject {
            Some(Group::Person(id) | Group::Card(id)) => Some(id),
            _ => None,
        }
    }

    /// The group, where there are alerts of it.
    pub(super) fn group(self) -> Option<Group> {
        self.subject.filter(|_| self.alerts > 0)
    }
}

/// Looks for the alerts of a person.
pub(super) fn search(
    transaction: &Transaction<'_>,
    who: &Viewer,
    number: PersonNumber,
    (key, now): (&ReviewKey, i64),
) -> Result<Found, Failure> {
    if let Some(next) = room(transaction, "search", (&who.name, now), SEARCHES_PER_HOUR)? {
        return Err(Refused::Spent { next }.into());
    }
    // Only what bounds them is kept here; whom they looked for is in the access log.
    transaction.execute("DELETE FROM search WHERE at <= ?", [now - HOUR])?;
    let insert = "INSERT INTO search (at, actor) VALUES (?, ?)";
    transaction.execute(insert, rusqlite::params![now, who.name])?;
    let mut subject = None;
    for group in number.groups(key) {
        let group = match group {
            Group::Person(id) => Group::Person(one_person(transaction, id)?),
            other => other,
        };
        let alerts = lists::group_count(transaction, who, &group)?;
        let whom = subject.get_or_insert(group.clone());
        if alerts > 0 {
            *whom = group;
            return Ok(Found { subject, alerts });
        }
    }
    Ok(Found { subject, alerts: 0 })
}

/// A citizen under the insurance number that their alerts are under, where there is just one; anybody else as they are.
pub(super) fn one_person(connection: &Connection, id: GroupId) -> Result<GroupId, Failure> {
    let query = "SELECT person FROM citizen WHERE citizen = ? LIMIT 2";
    let mut query = connection.prepare_cached(query)?;
    let found = query.query_map([id.0], |row| row.get::<_, [u8; 16]>(0))?;
    let found: Vec<[u8; 16]> = found.collect::<Result<_, _>>()?;
    Ok(match found[..] {
        [one] => GroupId(one),
        _ => id,
    })
}

/// Keeps which citizens are which persons, as pseudonyms: pairs of citizen and person.
pub(super) fn keep_citizens(
    transaction: &Transaction<'_>,
    pairs: &[(GroupId, GroupId)],
) -> Result<(), Failure> {
    let insert = "INSERT OR IGNORE INTO citizen (citizen, person) VALUES (?, ?)";
    let mut insert = transaction.prepare_cached(insert)?;
    // A link that was corrected is no link any more.
    let delete = "DELETE FROM citizen WHERE person = ? AND citizen <> ?";
    let mut delete = transaction.prepare_cached(delete)?;
    for (citizen, person) in pairs {
        delete.execute([person.0, citizen.0])?;
        insert.execute([citizen.0, person.0])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let kind = |text: &str| PersonNumber::read(text).map(|number| format!("{number:?}"));
        assert_eq!(kind(" ht 3 79 79-0000-0001 ").as_deref(), Some("Card(•••)"));
        assert_eq!(kind("7900000001").as_deref(), Some("Insurance(•••)"));
        assert_eq!(kind("079.051.000001").as_deref(), Some("Citizen(•••)"));
        let long = "7".repeat(1_000);
        for bad in [
            "",
            "790000000",
            "79000000011",
            "XX9797900000001",
            "Nguyễn An",
            &long,
            "7900000001١",
        ] {
            assert_eq!(PersonNumber::read(bad), None, "{bad}");
        }
    }
}
