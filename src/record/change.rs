//! A row's effect: a record takes the place of what its key held, or the key holds nothing.

use serde::{Deserialize, Serialize};

use super::cell::{ColumnWriter, Kind, Value};
use super::error::ErrorCode;
use super::instant::Instant;
use super::key::Key;
use super::stream::COMMON_COLUMNS;
use super::{
    Beneficiary, Card, CheckIn, Citizen, Claim, DeathReport, Employment, Enterprise, HealthProfile,
    Participant,
};

/// A record of any stream.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "a variant a stream, documented at its record")]
pub enum Record {
    Citizens(Citizen),
    DeathReports(DeathReport),
    Participants(Participant),
    Cards(Card),
    Claims(Box<Claim>),
    CheckIns(CheckIn),
    Enterprises(Enterprise),
    Employments(Employment),
    Beneficiaries(Beneficiary),
    HealthProfiles(HealthProfile),
}

impl Record {
    /// The key under which a later row replaces it.
    pub fn key(&self) -> Key {
        match self {
            Record::Citizens(r) => Key::Citizen(r.personal_id),
            Record::DeathReports(r) => Key::DeathReport(r.report_id.clone()),
            Record::Participants(r) => Key::Participant(r.si_number),
            Record::Cards(r) => Key::Card(r.card_number),
            Record::Claims(r) => Key::Claim(r.facility, r.visit_id.clone()),
            Record::CheckIns(r) => Key::CheckIn(r.facility, r.visit_id.clone()),
            Record::Enterprises(r) => Key::Enterprise(r.tax_code.clone()),
            Record::Employments(r) => Key::Employment(r.si_number, r.tax_code.clone()),
            Record::Beneficiaries(r) => Key::Beneficiary(r.personal_id, r.scheme.clone()),
            Record::HealthProfiles(r) => Key::HealthProfile(r.personal_id),
        }
    }

    fn write(&self, writer: &mut impl ColumnWriter) {
        match self {
            Record::Citizens(r) => r.write(writer),
            Record::DeathReports(r) => r.write(writer),
            Record::Participants(r) => r.write(writer),
            Record::Cards(r) => r.write(writer),
            Record::Claims(r) => r.write(writer),
            Record::CheckIns(r) => r.write(writer),
            Record::Enterprises(r) => r.write(writer),
            Record::Employments(r) => r.write(writer),
            Record::Beneficiaries(r) => r.write(writer),
            Record::HealthProfiles(r) => r.write(writer),
        }
    }
}

/// What happens to a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// The record takes the place of what the key held.
    Upsert(Record),
    /// The key holds nothing.
    Delete,
}

/// One accepted row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Knowledge time.
    pub recorded_at: Instant,
    /// Stream and key.
    pub key: Key,
    /// What happens to it.
    pub operation: Operation,
}

impl Change {
    /// Writes the columns of a row that makes this change: [`super::Stream::parse`] reads it back, but for
    /// what a record holds beside its columns.
    pub fn write(&self, writer: &mut impl ColumnWriter) {
        writer.one(COMMON_COLUMNS[0], &self.recorded_at);
        match &self.operation {
            Operation::Upsert(record) => record.write(writer),
            Operation::Delete => {
                writer.one(COMMON_COLUMNS[1], &Deletion);
                self.key.write(writer);
            }
        }
    }
}

/// The `op` of a deletion.
struct Deletion;

impl Value for Deletion {
    const KIND: Kind = Kind::OneOf(&["delete"]);
    const EXPECTED: &'static str = "expected `delete`";
    const CODE: ErrorCode = ErrorCode::BadOp;

    fn from_text(text: &str) -> Option<Self> {
        (text == "delete").then_some(Self)
    }

    fn write(&self, out: &mut String) {
        out.push_str("delete");
    }
}
