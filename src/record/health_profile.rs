//! Stream `health_profiles`: the basic health information group (Decision 3074/QD-BYT).

use super::cell::{Row, record};
use super::code::BloodGroup;
use super::error::RowError;
use super::identifier::PersonalId;
use super::text::Text;

record! {
    /// What is known of a citizen's health at all times.
    HealthProfile {
        /// The key.
        required personal_id: PersonalId,
        /// Blood group.
        optional blood_group: BloodGroup,
        /// Allergies.
        list allergies: Text,
        /// Chronic conditions.
        list chronic_conditions: Text,
    }
}

impl HealthProfile {
    pub(super) fn parse(row: &impl Row) -> Result<Self, RowError> {
        Self::read(row)
    }
}
