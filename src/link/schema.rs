//! What is compared of a record.
//!
//! In: the roles of the columns of one table or two. Out: the fields, and which of them people
//! exchange. Must hold: the order of fields is a function of the columns.

use serde::{Deserialize, Serialize};

use super::role::Role;

/// The most fields that are compared.
pub const MOST_FIELDS: usize = 24;

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The name of its column.
    pub name: String,
    /// Its role.
    pub role: Role,
}

/// The fields of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    fields: Vec<Field>,
    exchanged: Vec<(usize, usize)>,
}

impl Schema {
    /// The fields, in order; no more than 24 are kept.
    pub fn new(mut fields: Vec<Field>) -> Self {
        fields.truncate(MOST_FIELDS);
        let first = |role: Role| fields.iter().position(|field| field.role == role);
        let mut exchanged = Vec::new();
        exchanged.extend(first(Role::GivenName).zip(first(Role::Surname)));
        let mut addresses = (0..fields.len()).filter(|&f| fields[f].role == Role::Address);
        exchanged.extend(addresses.next().zip(addresses.next()));
        Self { fields, exchanged }
    }

    /// The fields.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The pairs of fields whose cells people exchange: given name and surname, two lines of an
    /// address.
    pub fn exchanged(&self) -> &[(usize, usize)] {
        &self.exchanged
    }

    /// The field whose values a field's are held with: those that are exchanged are comparable.
    pub fn home(&self, field: usize) -> usize {
        let pair = self.exchanged.iter().find(|(_, second)| *second == field);
        pair.map_or(field, |(first, _)| *first)
    }
}
