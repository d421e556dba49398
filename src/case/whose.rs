//! Whom a row is about.

use crate::record::{CardNumber, PersonalId, Record, Stream, Value};

/// The person that a row is about: a stream and a key of it, as the desk tells persons apart. None of an enterprise.
pub fn whose(record: &Record) -> Option<(Stream, String)> {
    let holder = |card: CardNumber| (Stream::Participants, card.holder().to_string());
    let participant = |si: &dyn std::fmt::Display| (Stream::Participants, si.to_string());
    let citizen = |id: PersonalId| (Stream::Citizens, id.to_string());
    let of_text = |text: &str| PersonalId::from_text(text).map(citizen);
    match record {
        Record::Claims(claim) => match claim.cards.first() {
            Some(card) => Some(holder(*card)),
            None => of_text(claim.personal_id.as_ref()?.as_str()),
        },
        Record::CheckIns(check_in) => match check_in.cards.first() {
            Some(card) => Some(holder(*card)),
            None => of_text(check_in.personal_id.as_ref()?.as_str()),
        },
        Record::Cards(card) => Some(holder(card.card_number)),
        Record::Citizens(known) => Some(citizen(known.personal_id)),
        Record::DeathReports(report) => {
            let of_insurance = report.si_number.map(|si| participant(&si));
            of_insurance.or_else(|| report.personal_id.map(citizen))
        }
        Record::Participants(known) => Some(participant(&known.si_number)),
        Record::Beneficiaries(benefit) => Some(citizen(benefit.personal_id)),
        Record::Employments(employment) => Some(participant(&employment.si_number)),
        Record::HealthProfiles(profile) => Some(citizen(profile.personal_id)),
        Record::Enterprises(_) => None,
    }
}
