//! What a row is about: the key under which a later row replaces it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::cell::ColumnWriter;
use super::identifier::{CardNumber, Facility, PersonalId, SiNumber};
use super::stream::Stream;
use super::text::Text;

/// A stream and a key in it. `Display` writes the key as outputs do, parts joined by `/`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Key {
    /// `citizens`.
    Citizen(PersonalId),
    /// `death_reports`.
    DeathReport(Text),
    /// `participants`.
    Participant(SiNumber),
    /// `cards`.
    Card(CardNumber),
    /// `claims`.
    Claim(Facility, Text),
    /// `check_ins`.
    CheckIn(Facility, Text),
    /// `enterprises`.
    Enterprise(Text),
    /// `employments`.
    Employment(SiNumber, Text),
    /// `beneficiaries`.
    Beneficiary(PersonalId, Text),
    /// `health_profiles`.
    HealthProfile(PersonalId),
}

impl Key {
    /// The stream it is a key of.
    pub fn stream(&self) -> Stream {
        match self {
            Key::Citizen(_) => Stream::Citizens,
            Key::DeathReport(_) => Stream::DeathReports,
            Key::Participant(_) => Stream::Participants,
            Key::Card(_) => Stream::Cards,
            Key::Claim(..) => Stream::Claims,
            Key::CheckIn(..) => Stream::CheckIns,
            Key::Enterprise(_) => Stream::Enterprises,
            Key::Employment(..) => Stream::Employments,
            Key::Beneficiary(..) => Stream::Beneficiaries,
            Key::HealthProfile(_) => Stream::HealthProfiles,
        }
    }

    /// Writes the key columns of the stream.
    pub(super) fn write(&self, writer: &mut impl ColumnWriter) {
        let names = self.stream().key_columns();
        match self {
            Key::Citizen(id) | Key::HealthProfile(id) => writer.one(names[0], id),
            Key::DeathReport(id) | Key::Enterprise(id) => writer.one(names[0], id),
            Key::Participant(si) => writer.one(names[0], si),
            Key::Card(card) => writer.one(names[0], card),
            Key::Claim(facility, visit) | Key::CheckIn(facility, visit) => {
                writer.one(names[0], facility);
                writer.one(names[1], visit);
            }
            Key::Employment(si, tax_code) => {
                writer.one(names[0], si);
                writer.one(names[1], tax_code);
            }
            Key::Beneficiary(id, scheme) => {
                writer.one(names[0], id);
                writer.one(names[1], scheme);
            }
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Citizen(id) | Key::HealthProfile(id) => write!(f, "{id}"),
            Key::DeathReport(id) | Key::Enterprise(id) => write!(f, "{id}"),
            Key::Participant(si) => write!(f, "{si}"),
            Key::Card(card) => write!(f, "{card}"),
            Key::Claim(facility, visit) | Key::CheckIn(facility, visit) => {
                write!(f, "{facility}/{visit}")
            }
            Key::Employment(si, tax_code) => write!(f, "{si}/{tax_code}"),
            Key::Beneficiary(id, scheme) => write!(f, "{id}/{scheme}"),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a key of {}", self.stream())
    }
}
