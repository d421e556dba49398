//! Stream `participants`: the National Insurance Database.

use super::cell::{Row, record};
use super::code::Sex;
use super::date::PartialDate;
use super::error::RowError;
use super::identifier::{PersonalId, SiNumber};
use super::name::Name;
use super::text::Text;

record! {
    /// A participant of the insurance.
    Participant {
        /// The key.
        required si_number: SiNumber,
        /// The citizen, where authenticated.
        optional personal_id: PersonalId,
        /// Full name.
        required full_name: Name,
        /// Date of birth.
        required birth_date: PartialDate,
        /// Legal sex.
        required sex: Sex,
        /// Province code.
        optional province: Text,
    }
}

impl Participant {
    pub(super) fn parse(row: &impl Row) -> Result<Self, RowError> {
        Self::read(row)
    }
}
