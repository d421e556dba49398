//! Stream `employments`: who is insured through which enterprise.

use super::cell::{Row, record};
use super::date::Day;
use super::error::{ErrorCode, RowError};
use super::identifier::SiNumber;
use super::text::Text;

record! {
    /// An employment. `si_number` and `tax_code` are the key.
    Employment {
        /// The participant.
        required si_number: SiNumber,
        /// The enterprise.
        required tax_code: Text,
        /// First day.
        required from: Day,
        /// Last day; open when absent.
        optional to: Day,
    }
}

impl Employment {
    pub(super) fn parse(row: &impl Row) -> Result<Self, RowError> {
        let employment = Self::read(row)?;
        if employment.to.is_some_and(|to| to < employment.from) {
            return Err(RowError::new(
                ErrorCode::ToBeforeFrom,
                "`to` is before `from`",
            ));
        }
        Ok(employment)
    }
}
