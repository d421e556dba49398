//! Stream `death_reports`: what other sources say of a death.

use super::cell::{Row, record};
use super::code::DeathSource;
use super::date::PartialDate;
use super::error::RowError;
use super::identifier::{PersonalId, SiNumber};
use super::text::Text;

record! {
    /// A report that a person died. It names a personal id, a social-insurance number, both or
    /// neither.
    DeathReport {
        /// The key.
        required report_id: Text,
        /// The citizen it names.
        optional personal_id: PersonalId,
        /// The participant it names.
        optional si_number: SiNumber,
        /// Date of death.
        required death_date: PartialDate,
        /// Who reported it.
        required source: DeathSource,
    }
}

impl DeathReport {
    pub(super) fn parse(row: &impl Row) -> Result<Self, RowError> {
        Self::read(row)
    }
}
