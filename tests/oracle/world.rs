//! What is known at an instant: one plain map a stream.

use std::collections::BTreeMap;

use crate::plain::{
    Beneficiary, Card, CheckIn, Citizen, Claim, DeathReport, Employment, Enterprise, HealthProfile,
    Key, Participant, Record,
};
use crate::thresholds::Thresholds;

/// The current record of every key, and the thresholds in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    pub citizens: BTreeMap<String, Citizen>,
    pub death_reports: BTreeMap<String, DeathReport>,
    pub participants: BTreeMap<String, Participant>,
    pub cards: BTreeMap<String, Card>,
    /// By `facility/visit_id`.
    pub claims: BTreeMap<String, Claim>,
    /// By `facility/visit_id`.
    pub check_ins: BTreeMap<String, CheckIn>,
    pub enterprises: BTreeMap<String, Enterprise>,
    /// By `si_number/tax_code`.
    pub employments: BTreeMap<String, Employment>,
    pub health_profiles: BTreeMap<String, HealthProfile>,
    /// By `personal_id/scheme`.
    pub beneficiaries: BTreeMap<String, Beneficiary>,
    /// Under which it is judged.
    pub thresholds: Thresholds,
}

impl World {
    /// A row replaces the earlier row with the same key; a claim with object_code 8 removes it.
    pub fn upsert(&mut self, record: Record) {
        let (_, key) = record.key();
        match record {
            Record::Citizen(r) => drop(self.citizens.insert(key, r)),
            Record::DeathReport(r) => drop(self.death_reports.insert(key, r)),
            Record::Participant(r) => drop(self.participants.insert(key, r)),
            Record::Card(r) => drop(self.cards.insert(key, r)),
            Record::Claim(r) if r.object_code == "8" => drop(self.claims.remove(&key)),
            Record::Claim(r) => drop(self.claims.insert(key, r)),
            Record::CheckIn(r) => drop(self.check_ins.insert(key, r)),
            Record::Enterprise(r) => drop(self.enterprises.insert(key, r)),
            Record::Employment(r) => drop(self.employments.insert(key, r)),
            Record::HealthProfile(r) => drop(self.health_profiles.insert(key, r)),
            Record::Beneficiary(r) => drop(self.beneficiaries.insert(key, r)),
        }
    }

    /// The key holds nothing from now on.
    pub fn delete(&mut self, (stream, key): &Key) {
        match *stream {
            "citizens" => drop(self.citizens.remove(key)),
            "death_reports" => drop(self.death_reports.remove(key)),
            "participants" => drop(self.participants.remove(key)),
            "cards" => drop(self.cards.remove(key)),
            "claims" => drop(self.claims.remove(key)),
            "check_ins" => drop(self.check_ins.remove(key)),
            "enterprises" => drop(self.enterprises.remove(key)),
            "employments" => drop(self.employments.remove(key)),
            "health_profiles" => drop(self.health_profiles.remove(key)),
            "beneficiaries" => drop(self.beneficiaries.remove(key)),
            other => panic!("the histories have no stream {other}"),
        }
    }

    /// What a key holds.
    pub fn get(&self, (stream, key): &Key) -> Option<Record> {
        match *stream {
            "citizens" => self.citizens.get(key).cloned().map(Record::Citizen),
            "death_reports" => self
                .death_reports
                .get(key)
                .cloned()
                .map(Record::DeathReport),
            "participants" => self.participants.get(key).cloned().map(Record::Participant),
            "cards" => self.cards.get(key).cloned().map(Record::Card),
            "claims" => self.claims.get(key).cloned().map(Record::Claim),
            "check_ins" => self.check_ins.get(key).cloned().map(Record::CheckIn),
            "enterprises" => self.enterprises.get(key).cloned().map(Record::Enterprise),
            "beneficiaries" => self
                .beneficiaries
                .get(key)
                .cloned()
                .map(Record::Beneficiary),
            "employments" => self.employments.get(key).cloned().map(Record::Employment),
            "health_profiles" => self
                .health_profiles
                .get(key)
                .cloned()
                .map(Record::HealthProfile),
            other => panic!("the histories have no stream {other}"),
        }
    }
}
