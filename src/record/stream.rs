//! The ten streams and how their rows become changes.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cell::{Column, FIRST_COLUMN, Kind, Row, Value, optional, required};
use super::change::{Change, Operation, Record};
use super::error::{ErrorCode, RowError};
use super::identifier::Facility;
use super::instant::Instant;
use super::key::Key;
use super::text::Text;
use super::{
    Beneficiary, Card, CheckIn, Citizen, Claim, DeathReport, Employment, Enterprise, HealthProfile,
    Participant,
};

macro_rules! streams {
    ($( $(#[$doc:meta])* $variant:ident($record:ident) = $name:literal, [$($key:literal),+], )*) => {
        /// An input stream (contract 1).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Stream { $( $(#[$doc])* $variant, )* }

        impl Stream {
            /// Every stream, in the contract's order.
            pub const ALL: &'static [Stream] = &[$(Stream::$variant,)*];

            /// The contract's name.
            pub fn name(self) -> &'static str {
                match self { $(Stream::$variant => $name,)* }
            }

            /// The stream's own columns; a row numbers them from 2, after `recorded_at` and `op`.
            pub fn columns(self) -> &'static [Column] {
                match self { $(Stream::$variant => $record::COLUMNS,)* }
            }

            /// The names of the columns that make the key, in order.
            pub fn key_columns(self) -> &'static [&'static str] {
                match self { $(Stream::$variant => &[$($key),+],)* }
            }

            fn parse_record(self, row: &impl Row) -> Result<Record, RowError> {
                Ok(match self { $(Stream::$variant => Record::$variant($record::parse(row)?.into()),)* })
            }
        }
    };
}

streams! {
    /// The population register.
    Citizens(Citizen) = "citizens", ["personal_id"],
    /// Reports of deaths.
    DeathReports(DeathReport) = "death_reports", ["report_id"],
    /// The insurance register.
    Participants(Participant) = "participants", ["si_number"],
    /// Health-insurance cards.
    Cards(Card) = "cards", ["card_number"],
    /// Claims of facilities.
    Claims(Claim) = "claims", ["facility", "visit_id"],
    /// Visits that have begun.
    CheckIns(CheckIn) = "check_ins", ["facility", "visit_id"],
    /// The enterprise register.
    Enterprises(Enterprise) = "enterprises", ["tax_code"],
    /// Employments.
    Employments(Employment) = "employments", ["si_number", "tax_code"],
    /// Benefits drawn.
    Beneficiaries(Beneficiary) = "beneficiaries", ["personal_id", "scheme"],
    /// Health profiles.
    HealthProfiles(HealthProfile) = "health_profiles", ["personal_id"],
}

/// The columns that every stream has, in their order in a row.
pub(super) const COMMON_COLUMNS: [&str; FIRST_COLUMN] = ["recorded_at", "op"];

impl Stream {
    /// The column names of a row, in the order in which [`Row::cell`] numbers them.
    pub fn column_names(self) -> impl Iterator<Item = &'static str> {
        COMMON_COLUMNS
            .into_iter()
            .chain(self.columns().iter().map(|c| c.name))
    }

    /// Knowledge time alone. It is read first, so that a row can be placed in time even when the
    /// rest of it does not parse.
    ///
    /// # Errors
    /// When it is absent or not RFC 3339.
    pub fn recorded_at(self, row: &impl Row) -> Result<Instant, RowError> {
        required(row, 0, COMMON_COLUMNS[0])
    }

    /// Knowledge time of a row that arrives at a time: the row's own, unless that is absent or later.
    ///
    /// # Errors
    /// When it is not RFC 3339.
    pub fn recorded_at_or(self, row: &impl Row, arrival: Instant) -> Result<Instant, RowError> {
        let own: Option<Instant> = optional(row, 0, COMMON_COLUMNS[0])?;
        Ok(own.map_or(arrival, |own| own.min(arrival)))
    }

    /// The facility whose row it is, where the stream has one and it can be read: it is asked for of rows
    /// that are not accepted.
    pub fn facility(self, row: &impl Row) -> Option<Facility> {
        let mut columns = self.columns().iter();
        let place = columns.position(|column| matches!(column.kind, Kind::Facility))?;
        optional(row, FIRST_COLUMN + place, "facility")
            .ok()
            .flatten()
    }

    /// Reads one row as a change known at `recorded_at`.
    ///
    /// # Errors
    /// The first thing that breaks the contract's formats.
    pub fn parse(self, row: &impl Row, recorded_at: Instant) -> Result<Change, RowError> {
        let operation = optional::<Text>(row, 1, COMMON_COLUMNS[1])?;
        let (key, operation) = match operation.as_ref().map_or("upsert", Text::as_str) {
            "upsert" => {
                let record = self.parse_record(row)?;
                (record.key(), Operation::Upsert(record))
            }
            "delete" => (self.parse_key(row)?, Operation::Delete),
            _ => {
                return Err(RowError::column(
                    ErrorCode::BadOp,
                    COMMON_COLUMNS[1],
                    "expected `upsert` or `delete`",
                ));
            }
        };
        Ok(Change {
            recorded_at,
            key,
            operation,
        })
    }

    /// A deletion needs its key and nothing else.
    fn parse_key(self, row: &impl Row) -> Result<Key, RowError> {
        fn key<T: Value>(stream: Stream, row: &impl Row, part: usize) -> Result<T, RowError> {
            let name = stream.key_columns()[part];
            let place = stream.columns().iter().position(|c| c.name == name);
            let column = FIRST_COLUMN + place.expect("a key column is a column of its stream");
            required(row, column, name)
        }
        Ok(match self {
            Stream::Citizens => Key::Citizen(key(self, row, 0)?),
            Stream::DeathReports => Key::DeathReport(key(self, row, 0)?),
            Stream::Participants => Key::Participant(key(self, row, 0)?),
            Stream::Cards => Key::Card(key(self, row, 0)?),
            Stream::Claims => Key::Claim(key(self, row, 0)?, key(self, row, 1)?),
            Stream::CheckIns => Key::CheckIn(key(self, row, 0)?, key(self, row, 1)?),
            Stream::Enterprises => Key::Enterprise(key(self, row, 0)?),
            Stream::Employments => Key::Employment(key(self, row, 0)?, key(self, row, 1)?),
            Stream::Beneficiaries => Key::Beneficiary(key(self, row, 0)?, key(self, row, 1)?),
            Stream::HealthProfiles => Key::HealthProfile(key(self, row, 0)?),
        })
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
