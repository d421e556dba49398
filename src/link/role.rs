//! What a column holds, for linkage.
//!
//! In: a name such as `given_name`. Out: the role. Must hold: names are unique and read back.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The role of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Given names.
    GivenName,
    /// Family name.
    Surname,
    /// Family and given names in one cell, in any order.
    FullName,
    /// A date of birth, or its year.
    DateOfBirth,
    /// Sex.
    Sex,
    /// The number of a house.
    StreetNumber,
    /// A street, or a whole address.
    Address,
    /// City, suburb, commune.
    City,
    /// Postcode.
    Postcode,
    /// Province or state.
    Province,
    /// Telephone number.
    Phone,
    /// E-mail address.
    Email,
    /// The number of an identity card or passport.
    NationalId,
    /// A social-insurance number.
    Ssn,
    /// Anything else that can be compared.
    Text,
    /// Not compared.
    Ignore,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 16] = [
        Self::GivenName,
        Self::Surname,
        Self::FullName,
        Self::DateOfBirth,
        Self::Sex,
        Self::StreetNumber,
        Self::Address,
        Self::City,
        Self::Postcode,
        Self::Province,
        Self::Phone,
        Self::Email,
        Self::NationalId,
        Self::Ssn,
        Self::Text,
        Self::Ignore,
    ];

    /// Its name on the command line and in artefacts.
    pub fn name(self) -> &'static str {
        match self {
            Self::GivenName => "given_name",
            Self::Surname => "surname",
            Self::FullName => "full_name",
            Self::DateOfBirth => "date_of_birth",
            Self::Sex => "sex",
            Self::StreetNumber => "street_number",
            Self::Address => "address",
            Self::City => "city",
            Self::Postcode => "postcode",
            Self::Province => "province",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::NationalId => "national_id",
            Self::Ssn => "ssn",
            Self::Text => "text",
            Self::Ignore => "ignore",
        }
    }

    /// Whether its values are numbers that were given to one person.
    pub fn is_personal_number(self) -> bool {
        matches!(self, Self::NationalId | Self::Ssn)
    }

    /// Whether it is part of a name.
    pub fn is_name(self) -> bool {
        matches!(self, Self::GivenName | Self::Surname | Self::FullName)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let role = Self::ALL.into_iter().find(|role| role.name() == name);
        role.ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|role| role.name()).collect();
            format!("`{name}` is no role; the roles are {}", names.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        assert!("nobody".parse::<Role>().is_err());
    }
}
