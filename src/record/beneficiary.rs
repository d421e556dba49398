//! Stream `beneficiaries`: who draws which benefit.

use super::cell::{Row, record};
use super::date::Day;
use super::error::{ErrorCode, RowError};
use super::identifier::PersonalId;
use super::money::Money;
use super::text::Text;

record! {
    /// A benefit drawn. `personal_id` and `scheme` are the key.
    Beneficiary {
        /// The citizen.
        required personal_id: PersonalId,
        /// The scheme.
        required scheme: Text,
        /// First day.
        required from: Day,
        /// Last day; open when absent.
        optional to: Day,
        /// Amount a month.
        required monthly_amount: Money,
    }
}

impl Beneficiary {
    pub(super) fn parse(row: &impl Row) -> Result<Self, RowError> {
        let beneficiary = Self::read(row)?;
        if beneficiary.to.is_some_and(|to| to < beneficiary.from) {
            return Err(RowError::new(
                ErrorCode::ToBeforeFrom,
                "`to` is before `from`",
            ));
        }
        Ok(beneficiary)
    }
}
