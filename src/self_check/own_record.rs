//! A record as the person whom it is about is told it.
//!
//! In: a record, and the register's entry of who asks. Out: its fields in the reader's language. Must hold: what is told of a
//! visit is where, when, what kind and how much, and never a diagnosis: to tell all but those that are restricted would tell
//! which visits have one.

use super::own_field::OwnField;
use crate::authenticate::name::{NameAgreement, compare};
use crate::case::{is_restricted, span};
use crate::language::Language;
use crate::mask;
use crate::record::{
    Card, CheckIn, Citizen, Claim, HealthProfile, Name, PartialDate, Participant, Record, Sex,
};

/// A field and what it says.
pub type OwnValue = (OwnField, String);

/// What a record says. `own` is the entry of who asks in the population register.
pub fn own_record(record: &Record, own: Option<&Citizen>, language: Language) -> Vec<OwnValue> {
    match record {
        Record::Citizens(citizen) => of_citizen(citizen, own, language),
        Record::DeathReports(report) => vec![
            (
                OwnField::DeathDate,
                language.partial_date(report.death_date),
            ),
            (
                OwnField::Source,
                language.death_source(report.source).to_owned(),
            ),
        ],
        Record::Participants(participant) => of_participant(participant, own, language),
        Record::Cards(card) => of_card(card, language),
        Record::Claims(claim) => of_claim(claim, language),
        Record::CheckIns(check_in) => of_check_in(check_in, language),
        Record::Employments(employment) => vec![
            (OwnField::SiNumber, mask::identifier(&employment.si_number)),
            (OwnField::Employer, mask::identifier(&employment.tax_code)),
            (
                OwnField::Period,
                span(employment.from, employment.to, language),
            ),
        ],
        Record::Beneficiaries(benefit) => vec![
            (OwnField::Scheme, mask::text(benefit.scheme.as_str())),
            (OwnField::Period, span(benefit.from, benefit.to, language)),
            (
                OwnField::MonthlyAmount,
                language.money(benefit.monthly_amount),
            ),
        ],
        Record::HealthProfiles(profile) => of_profile(profile),
        Record::Enterprises(_) => Vec::new(),
    }
}

/// Name, birth date and sex: whole where they are of who asks for all that is known.
fn who(
    (name, birth_date, sex): (&Name, PartialDate, Sex),
    own: Option<&Citizen>,
    language: Language,
) -> Vec<OwnValue> {
    let is_own = own.is_some_and(|own| {
        compare(own.full_name.as_str(), name.as_str()) != NameAgreement::Different
    });
    match is_own {
        true => vec![
            (OwnField::FullName, name.as_str().to_owned()),
            (OwnField::BirthDate, language.partial_date(birth_date)),
            (OwnField::Sex, language.sex(sex).to_owned()),
        ],
        // It may be somebody else's under this person's number.
        false => vec![(OwnField::FullName, mask::name(name.as_str()))],
    }
}

fn of_citizen(citizen: &Citizen, own: Option<&Citizen>, language: Language) -> Vec<OwnValue> {
    let mut values = vec![(OwnField::PersonalId, mask::identifier(&citizen.personal_id))];
    let identity = (&citizen.full_name, citizen.birth_date, citizen.sex);
    values.extend(who(identity, own, language));
    let status = language.life_status(citizen.life_status);
    values.push((OwnField::LifeStatus, status.to_owned()));
    if let Some(date) = citizen.death_date {
        values.push((OwnField::DeathDate, language.partial_date(date)));
    }
    if let Some(id) = citizen.superseded_by {
        values.push((OwnField::SupersededBy, mask::identifier(&id)));
    }
    if let Some(id) = citizen.old_id {
        values.push((OwnField::OldId, mask::identifier(&id)));
    }
    values
}

fn of_participant(
    participant: &Participant,
    own: Option<&Citizen>,
    language: Language,
) -> Vec<OwnValue> {
    let mut values = vec![(OwnField::SiNumber, mask::identifier(&participant.si_number))];
    let identity = (
        &participant.full_name,
        participant.birth_date,
        participant.sex,
    );
    values.extend(who(identity, own, language));
    values
}

fn of_card(card: &Card, language: Language) -> Vec<OwnValue> {
    let status = language.card_status(card.status);
    let status = match card.status_date {
        Some(day) => format!("{status} ({})", language.day(day)),
        None => status.to_owned(),
    };
    vec![
        (OwnField::CardNumber, mask::identifier(&card.card_number)),
        (
            OwnField::Validity,
            span(card.valid_from, card.valid_to, language),
        ),
        (OwnField::Status, status),
    ]
}

fn of_claim(claim: &Claim, language: Language) -> Vec<OwnValue> {
    vec![
        (OwnField::Facility, claim.facility.to_string()),
        (
            OwnField::VisitType,
            language.visit_type(claim.visit_type).to_owned(),
        ),
        (
            OwnField::Times,
            language.times(claim.admitted_at, claim.discharged_at),
        ),
        (OwnField::PaidByFund, language.money(claim.paid_by_fund)),
        (OwnField::Copay, language.money(claim.copay)),
    ]
}

fn of_check_in(check_in: &CheckIn, language: Language) -> Vec<OwnValue> {
    vec![
        (OwnField::Facility, check_in.facility.to_string()),
        (
            OwnField::VisitType,
            language.visit_type(check_in.visit_type).to_owned(),
        ),
        (OwnField::Times, language.time(check_in.admitted_at)),
    ]
}

fn of_profile(profile: &HealthProfile) -> Vec<OwnValue> {
    let mut values = Vec::new();
    if let Some(group) = profile.blood_group {
        values.push((OwnField::BloodGroup, group.as_str().to_owned()));
    }
    let joined = |texts: Vec<String>| (!texts.is_empty()).then(|| texts.join(", "));
    let allergies = profile.allergies.iter();
    let allergies = allergies.map(|text| mask::text(text.as_str()));
    if let Some(text) = joined(allergies.collect()) {
        values.push((OwnField::Allergies, text));
    }
    // That others are left out is told of everybody, so that nothing is told of this one.
    let conditions = profile.chronic_conditions.iter();
    let conditions = conditions.filter(|text| !is_restricted(text.as_str()));
    if let Some(text) = joined(conditions.map(|text| mask::text(text.as_str())).collect()) {
        values.push((OwnField::ChronicConditions, text));
    }
    values
}
