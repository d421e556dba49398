//! Values that come together more often than chance would have it.
//!
//! In: a schema and a record. Out: keys of what its values are together, such as a name and a year of
//! birth. Must hold: a pure function of the record; exchanged fields give the same key.
//!
//! A model that takes fields to be independent counts a commune and its province twice, and takes a
//! thousand people of one name and year of birth for a thousand coincidences. Where records agree on
//! all parts of a joint, what the parts weigh together is corrected by how often they come together.

use super::block_keys::{hash, join, mixed};
use super::level::{Level, MISSING, different};
use super::pattern::{Pattern, Record};
use super::role::Role;
use super::schema::Schema;

/// A part of a joint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The value of a field.
    Whole(usize),
    /// The year of a date.
    Year(usize),
}

/// Fields whose values may come together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joint {
    /// What they are.
    pub name: &'static str,
    /// Its parts.
    pub parts: Vec<Part>,
}

/// The joints of a schema.
pub fn joints(schema: &Schema) -> Vec<Joint> {
    let first = |role: Role| schema.fields().iter().position(|field| field.role == role);
    let whole = |role: Role| first(role).map(Part::Whole);
    let name = whole(Role::FullName).map(|name| vec![name]);
    let parts = whole(Role::GivenName).zip(whole(Role::Surname));
    let name = name.or_else(|| parts.map(|(given, surname)| vec![given, surname]));
    let mut joints = Vec::new();
    let mut push = |name, parts: Option<Vec<Part>>| {
        joints.extend(parts.map(|parts| Joint { name, parts }));
    };
    let year = first(Role::DateOfBirth).map(Part::Year);
    let with_year = name.clone().zip(year);
    let with_year = with_year.map(|(mut name, year)| {
        name.push(year);
        name
    });
    push("name and year of birth together", with_year);
    let given = whole(Role::GivenName).or_else(|| whole(Role::FullName));
    let two = |a: Option<Part>, b: Option<Part>| a.zip(b).map(|(a, b)| vec![a, b]);
    push("name and sex together", two(given, whole(Role::Sex)));
    let (city, province) = (whole(Role::City), whole(Role::Province));
    push("city and province together", two(city, province));
    let larger = city.or(province);
    push(
        "postcode and place together",
        two(whole(Role::Postcode), larger),
    );
    joints
}

impl Part {
    /// The key of a record's part.
    pub fn key<R: Record + ?Sized>(self, record: &R) -> Option<u64> {
        match self {
            Self::Whole(field) => Some(hash(&record.value(field)?.folded)),
            Self::Year(field) => Some(hash(record.value(field)?.folded.get(..4)?)),
        }
    }

    /// Whether a level of its field allows that the parts of two records are equal.
    fn may_be_equal(self, pattern: Pattern) -> bool {
        let last: Level = match self {
            Self::Whole(_) => 2,
            Self::Year(_) => 4,
        };
        let (Self::Whole(field) | Self::Year(field)) = self;
        (1..=last).contains(&pattern.level(field))
    }
}

impl Joint {
    /// The key of a record's parts, where all are known.
    pub fn key<R: Record + ?Sized>(&self, record: &R) -> Option<u64> {
        // Sums do not tell given name and surname that were exchanged from those that were not.
        let keys = self.parts.iter().map(|part| part.key(record));
        let sum = keys.sum_wrapping()?;
        Some(mixed(join(&[sum])))
    }

    /// Whether a pattern has all parts apart: the records disagree on each.
    pub fn is_apart(&self, schema: &Schema, pattern: Pattern) -> bool {
        self.parts.iter().all(|part| {
            let (Part::Whole(field) | Part::Year(field)) = *part;
            pattern.level(field) == different(schema.fields()[field].role)
        })
    }

    /// Whether a pattern has a level for all parts.
    pub fn is_told(&self, pattern: Pattern) -> bool {
        self.parts.iter().all(|part| {
            let (Part::Whole(field) | Part::Year(field)) = *part;
            pattern.level(field) != MISSING
        })
    }

    /// The key that two records of a pattern have in common.
    pub fn common<R: Record + ?Sized>(&self, pattern: Pattern, a: &R, b: &R) -> Option<u64> {
        if !self.parts.iter().all(|part| part.may_be_equal(pattern)) {
            return None;
        }
        self.key(a).filter(|key| self.key(b) == Some(*key))
    }
}

trait SumWrapping {
    fn sum_wrapping(self) -> Option<u64>;
}

impl<I: Iterator<Item = Option<u64>>> SumWrapping for I {
    fn sum_wrapping(mut self) -> Option<u64> {
        self.try_fold(0_u64, |sum, key| Some(sum.wrapping_add(mixed(key?))))
    }
}
