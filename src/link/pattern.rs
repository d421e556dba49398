//! How far two records agree: the level of each field.
//!
//! In: a schema and two records. Out: a pattern. Must hold: a pure function, symmetric in the records.

use super::level::{Level, MISSING, compare, different, is_close};
use super::role::Role;
use super::schema::Schema;
use super::value::Value;

/// The values of a record, by field.
pub trait Record {
    /// The value of a field, where it is known.
    fn value(&self, field: usize) -> Option<&Value>;
}

impl Record for [Option<Value>] {
    fn value(&self, field: usize) -> Option<&Value> {
        self.get(field)?.as_ref()
    }
}

/// Four bits a field, and from the 120th on a bit a pair of exchanged fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Pattern(u128);

const EXCHANGED: usize = 120;

impl Pattern {
    /// The pattern of two records.
    pub fn of<R: Record + ?Sized>(schema: &Schema, a: &R, b: &R) -> Self {
        let mut pattern = Self::straight(schema, a, b);
        for (number, &(i, j)) in schema.exchanged().iter().enumerate() {
            let role = schema.fields()[i].role;
            let straight = quality(role, pattern.level(i)) + quality(role, pattern.level(j));
            // Nothing beats two fields that agree where they are.
            if straight >= 2 * CLOSE {
                continue;
            }
            let x = compare(role, a.value(i), b.value(j));
            let y = compare(role, a.value(j), b.value(i));
            if !is_close(role, x) && !is_close(role, y) {
                continue;
            }
            if quality(role, x) + quality(role, y) > straight {
                // The better level first, so that the order of the records does not matter.
                let (x, y) = match (x, y) {
                    (MISSING, y) => (y, MISSING),
                    (x, MISSING) => (x, MISSING),
                    (x, y) => (x.min(y), x.max(y)),
                };
                pattern.set(i, x);
                pattern.set(j, y);
                pattern.0 |= 1 << (EXCHANGED + number);
            }
        }
        pattern
    }

    /// The pattern with every field where it is.
    pub fn straight<R: Record + ?Sized>(schema: &Schema, a: &R, b: &R) -> Self {
        let mut pattern = Self::default();
        for (place, field) in schema.fields().iter().enumerate() {
            pattern.set(place, compare(field.role, a.value(place), b.value(place)));
        }
        pattern
    }

    fn set(&mut self, field: usize, level: Level) {
        let shift = field * 4;
        self.0 = self.0 & !(0xf << shift) | u128::from(level) << shift;
    }

    /// The level of a field.
    pub fn level(self, field: usize) -> Level {
        (self.0 >> (field * 4) & 0xf) as Level
    }

    /// Whether a pair of fields is exchanged.
    pub fn is_exchanged(self, number: usize) -> bool {
        self.0 >> (EXCHANGED + number) & 1 == 1
    }
}

const CLOSE: i32 = 3;

/// How much a level speaks for a way to lay the fields against each other.
fn quality(role: Role, level: Level) -> i32 {
    match level {
        MISSING => 0,
        1 | 2 if is_close(role, level) => CLOSE + 1,
        level if is_close(role, level) => CLOSE,
        level if level == different(role) => -2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::schema::Field;

    fn schema() -> Schema {
        let field = |role: Role| Field {
            name: role.name().to_owned(),
            role,
        };
        Schema::new(
            [Role::GivenName, Role::Surname, Role::City]
                .map(field)
                .into(),
        )
    }

    fn record(cells: [&str; 3]) -> Vec<Option<Value>> {
        let roles = [Role::GivenName, Role::Surname, Role::City];
        let values = roles.into_iter().zip(cells);
        values
            .map(|(role, cell)| Value::parse(role, cell))
            .collect()
    }

    fn levels(a: [&str; 3], b: [&str; 3]) -> ([Level; 3], bool) {
        let (a, b) = (record(a), record(b));
        let pattern = Pattern::of(&schema(), a.as_slice(), b.as_slice());
        assert_eq!(pattern, Pattern::of(&schema(), b.as_slice(), a.as_slice()));
        let levels = [0, 1, 2].map(|field| pattern.level(field));
        (levels, pattern.is_exchanged(0))
    }

    #[test]
    fn exchanged_names_are_found() {
        let lan = ["Lan", "Trần", "Huế"];
        assert_eq!(levels(lan, lan), ([1, 1, 1], false));
        assert_eq!(levels(lan, ["Trần", "Lan", ""]), ([1, 1, 0], true));
        assert_eq!(
            levels(["", "Thomas", ""], ["Thomas", "Gabriel", ""]),
            ([1, 0, 0], true)
        );
        assert_eq!(
            levels(lan, ["Gabriel", "Thomas", "Leeds"]),
            ([7, 7, 6], false)
        );
    }
}
