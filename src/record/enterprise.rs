//! Stream `enterprises`: the National Database on Enterprise Registration.

use super::cell::{Row, record};
use super::code::EnterpriseStatus;
use super::count::Count;
use super::date::Day;
use super::error::RowError;
use super::text::Text;

record! {
    /// An enterprise and its registration status.
    Enterprise {
        /// The key.
        required tax_code: Text,
        /// Registered name.
        required name: Text,
        /// Its status.
        required status: EnterpriseStatus,
        /// The day from which the status holds.
        required effective_date: Day,
        /// The enterprise that took over its obligations.
        optional successor: Text,
        /// Declared workforce.
        optional workforce: Count,
    }
}

impl Enterprise {
    pub(super) fn parse(row: &impl Row) -> Result<Self, RowError> {
        Self::read(row)
    }
}
