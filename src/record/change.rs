//! A row's effect: a record takes the place of what its key held, or the key holds nothing.

use serde::{Deserialize, Serialize};

use super::instant::Instant;
use super::key::Key;
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
