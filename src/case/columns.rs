//! The few columns of an evidence row that matter for a reason.
//!
//! In: a record and the reason of its alert. Out: short texts, identifiers masked, names as initials; or the same revealed.
//! Must hold: what is not revealed has no identifier whole, no name and no restricted diagnosis.

use std::fmt::Display;

use super::Field;
use super::facts::{span, times, validity};
use super::restricted::{is_of_diagnoses, is_restricted};
use crate::language::{Language, Messages, fill};
use crate::mask;
use crate::record::{
    Beneficiary, Card, CheckIn, Citizen, Claim, DeathReport, Employment, Enterprise, Money,
    PartialDate, Participant, Record,
};
use crate::rule::Reason;

/// A column that was revealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Column {
    /// What it says.
    pub text: String,
    /// The field that is masked otherwise; none where the column is the same without.
    pub field: Option<Field>,
}

/// It may name a person: it is not shown.
impl std::fmt::Debug for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Column")
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}

/// The columns of a record that matter.
pub fn columns(record: &Record, reason: Reason, language: Language) -> Vec<String> {
    let columns = told(record, reason, language, false);
    columns.into_iter().map(|column| column.text).collect()
}

/// The same, with what is masked there.
pub fn revealed(record: &Record, reason: Reason, language: Language) -> Vec<Column> {
    told(record, reason, language, true)
}

/// What is masked of a record, as the record has it, in the order of the columns: for programs, and not in words.
pub fn revealed_values(record: &Record, reason: Reason) -> Vec<(Field, String)> {
    // The words are not asked for, so that it is all one of which language they are.
    all(record, reason, Language::English, true).values
}

/// What of a record is masked.
pub fn masked_fields(record: &Record, reason: Reason) -> Vec<Field> {
    let columns = revealed(record, reason, Language::English);
    let mut fields: Vec<Field> = columns.iter().filter_map(|column| column.field).collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

fn told(record: &Record, reason: Reason, language: Language, is_revealed: bool) -> Vec<Column> {
    all(record, reason, language, is_revealed).columns
}

fn all(record: &Record, reason: Reason, language: Language, is_revealed: bool) -> Columns {
    let mut columns = Columns {
        language,
        messages: language.messages(),
        is_revealed,
        columns: Vec::new(),
        values: Vec::new(),
    };
    match record {
        Record::Claims(claim) => columns.claim(claim, reason),
        Record::Cards(card) => columns.card(card),
        Record::Citizens(citizen) => columns.citizen(citizen),
        Record::DeathReports(report) => columns.death_report(report),
        Record::Participants(participant) => columns.participant(participant, reason),
        Record::CheckIns(check_in) => columns.check_in(check_in),
        Record::Beneficiaries(beneficiary) => columns.beneficiary(beneficiary),
        Record::Employments(employment) => columns.employment(employment),
        Record::Enterprises(enterprise) => columns.enterprise(enterprise),
        Record::HealthProfiles(profile) => {
            let message = columns.messages.personal_id;
            columns.masked(Field::PersonalId, message, &profile.personal_id);
            if let Some(group) = profile.blood_group {
                columns.told(columns.messages.blood_group, group.as_str());
            }
        }
    }
    columns
}

struct Columns {
    language: Language,
    messages: &'static Messages,
    is_revealed: bool,
    columns: Vec<Column>,
    /// What is masked otherwise, without the words around it.
    values: Vec<(Field, String)>,
}

impl Columns {
    fn push(&mut self, text: String, field: Option<Field>) {
        self.columns.push(Column { text, field });
    }

    fn plain(&mut self, text: impl Into<String>) {
        self.push(text.into(), None);
    }

    /// A message with one place.
    fn told(&mut self, message: &str, value: impl Into<String>) {
        let value = value.into();
        let text = fill(message, |_| Some(value.clone()));
        self.columns
            .extend(text.map(|text| Column { text, field: None }));
    }

    /// A message with one place, masked or whole.
    fn either(&mut self, field: Field, message: &str, masked: String, whole: String) {
        let is_revealed = self.is_revealed && masked != whole;
        let value = if is_revealed { whole } else { masked };
        if let Some(text) = fill(message, |_| Some(value.clone())) {
            self.push(text, is_revealed.then_some(field));
            if is_revealed {
                self.values.push((field, value));
            }
        }
    }

    fn masked(&mut self, field: Field, message: &str, identifier: &impl Display) {
        let masked = mask::identifier(identifier);
        self.either(field, message, masked, identifier.to_string());
    }

    /// A text in which there may be identifiers.
    fn masked_text(&mut self, field: Field, message: &str, text: &str) {
        self.either(field, message, mask::text(text), text.to_owned());
    }

    fn name(&mut self, name: &str) {
        self.either(Field::FullName, "{name}", mask::name(name), name.to_owned());
    }

    /// A date of birth that is not shown masked.
    fn born(&mut self, date: PartialDate) {
        if self.is_revealed {
            self.values.push((Field::BirthDate, date.to_string()));
            let date = self.language.partial_date(date);
            let text = fill(self.messages.born, |_| Some(date.clone()));
            self.columns.extend(text.map(|text| Column {
                text,
                field: Some(Field::BirthDate),
            }));
        }
    }

    /// Where a diagnosis makes the alert hold and one is restricted, the others are not told either: whoever sees that none
    /// of them is at fault knows that the restricted one is, and so of which few it is one.
    fn diagnoses<'a>(&mut self, codes: impl Iterator<Item = &'a str>, is_at_fault: bool) {
        let codes: Vec<&str> = codes.collect();
        let is_masked = codes
            .iter()
            .any(|code| is_restricted(code) || mask::text(code) != *code);
        if self.is_revealed && is_masked {
            let values = codes.iter();
            let values = values.map(|code| (Field::Diagnosis, (*code).to_owned()));
            self.values.extend(values);
            let whole = codes.join(", ");
            let text = fill(self.messages.diagnosis, |_| Some(whole.clone()));
            self.columns.extend(text.map(|text| Column {
                text,
                field: Some(Field::Diagnosis),
            }));
            return;
        }
        let mut plain: Vec<&str> = (codes.iter().copied())
            .filter(|code| !is_restricted(code))
            .collect();
        // How many are restricted is not told.
        if plain.len() < codes.len() {
            self.plain(self.language.page_messages().restricted_diagnosis);
            if is_at_fault {
                plain.clear();
            }
        }
        if !plain.is_empty() {
            self.told(self.messages.diagnosis, mask::text(&plain.join(", ")));
        }
    }

    fn money(&mut self, message: &str, amount: Money) {
        self.told(message, self.language.money(amount));
    }

    fn claim(&mut self, claim: &Claim, reason: Reason) {
        let messages = self.messages;
        self.plain(self.language.visit_type(claim.visit_type));
        self.told(messages.facility, claim.facility.to_string());
        self.plain(times(claim, self.language));
        self.masked_text(Field::VisitId, messages.visit, claim.visit_id.as_str());
        self.name(claim.full_name.as_str());
        for card in &claim.cards {
            self.masked(Field::CardNumber, messages.card, card);
        }
        let of_reason = of_reason(reason);
        let names_person = of_reason.personal_id || claim.cards.is_empty() || self.is_revealed;
        if let Some(id) = claim.personal_id.as_ref().filter(|_| names_person) {
            self.masked(Field::PersonalId, messages.personal_id, id);
        }
        if of_reason.referrals {
            if let Some(code) = &claim.referred_from {
                self.masked_text(Field::Referral, messages.referred_from, code.as_str());
            }
            if let Some(code) = &claim.referred_to {
                self.masked_text(Field::Referral, messages.referred_to, code.as_str());
            }
        }
        if of_reason.outcome {
            self.plain(if claim.outcome.is_death() {
                messages.outcome_death
            } else {
                messages.outcome_alive
            });
        }
        if of_reason.sex {
            self.plain(self.language.sex(claim.sex));
        }
        if of_reason.birth_date {
            self.told(messages.born, self.language.partial_date(claim.birth_date));
        } else {
            self.born(claim.birth_date);
        }
        if of_reason.blood_group
            && let Some(group) = claim.blood_group
        {
            self.told(messages.blood_group, group.as_str());
        }
        if of_reason.diagnoses {
            let others = claim.other_diagnoses.iter();
            let codes = std::iter::once(&claim.main_diagnosis).chain(others);
            let codes = codes.map(|code| code.as_str());
            self.diagnoses(codes, is_of_diagnoses(reason));
        }
        if of_reason.total {
            self.money(messages.cost_total, claim.cost_total);
        }
        if of_reason.shares {
            self.money(messages.cost_covered, claim.cost_covered);
            self.money(messages.copay, claim.copay);
            self.money(messages.other_sources, claim.other_sources);
        }
        self.money(messages.paid_by_fund, claim.paid_by_fund);
    }

    fn card(&mut self, card: &Card) {
        self.masked(Field::CardNumber, self.messages.card, &card.card_number);
        self.plain(validity(card, self.language));
        let status = self.language.card_status(card.status);
        match card.status_date {
            None => self.plain(status),
            Some(day) => {
                let day = self.language.day(day);
                let text = fill(self.messages.status_since, |place| {
                    Some(if place == "status" { status } else { &day }.to_owned())
                });
                self.columns
                    .extend(text.map(|text| Column { text, field: None }));
            }
        }
    }

    fn citizen(&mut self, citizen: &Citizen) {
        let message = self.messages.personal_id;
        self.masked(Field::PersonalId, message, &citizen.personal_id);
        self.name(citizen.full_name.as_str());
        self.born(citizen.birth_date);
        self.plain(self.language.life_status(citizen.life_status));
        if let Some(date) = citizen.death_date {
            self.told(self.messages.died, self.language.partial_date(date));
        }
        if let Some(id) = citizen.superseded_by {
            self.masked(Field::PersonalId, self.messages.superseded_by, &id);
        }
        if let Some(id) = citizen.old_id {
            self.masked(Field::OldId, self.messages.old_id, &id);
        }
    }

    fn death_report(&mut self, report: &DeathReport) {
        self.plain(self.language.death_source(report.source));
        self.told(
            self.messages.died,
            self.language.partial_date(report.death_date),
        );
        if let Some(id) = report.personal_id {
            self.masked(Field::PersonalId, self.messages.personal_id, &id);
        }
        if let Some(si_number) = report.si_number {
            self.masked(Field::SiNumber, self.messages.si_number, &si_number);
        }
    }

    fn participant(&mut self, participant: &Participant, reason: Reason) {
        let message = self.messages.si_number;
        self.masked(Field::SiNumber, message, &participant.si_number);
        self.name(participant.full_name.as_str());
        if reason == Reason::ProbableDuplicate {
            let born = self.language.partial_date(participant.birth_date);
            self.told(self.messages.born, born);
            self.plain(self.language.sex(participant.sex));
        } else {
            self.born(participant.birth_date);
        }
        if let Some(id) = participant.personal_id {
            self.masked(Field::PersonalId, self.messages.personal_id, &id);
        }
    }

    fn check_in(&mut self, check_in: &CheckIn) {
        self.plain(self.language.visit_type(check_in.visit_type));
        self.told(self.messages.facility, check_in.facility.to_string());
        self.plain(self.language.time(check_in.admitted_at));
        let visit = self.messages.visit;
        self.masked_text(Field::VisitId, visit, check_in.visit_id.as_str());
        self.name(check_in.full_name.as_str());
        for card in &check_in.cards {
            self.masked(Field::CardNumber, self.messages.card, card);
        }
        if let Some(id) = check_in.personal_id.as_ref().filter(|_| self.is_revealed) {
            self.masked(Field::PersonalId, self.messages.personal_id, id);
        }
        self.born(check_in.birth_date);
    }

    fn beneficiary(&mut self, beneficiary: &Beneficiary) {
        let message = self.messages.personal_id;
        self.masked(Field::PersonalId, message, &beneficiary.personal_id);
        self.masked_text(Field::Scheme, "{scheme}", beneficiary.scheme.as_str());
        self.plain(span(beneficiary.from, beneficiary.to, self.language));
        self.money(self.messages.monthly_amount, beneficiary.monthly_amount);
    }

    fn employment(&mut self, employment: &Employment) {
        let message = self.messages.si_number;
        self.masked(Field::SiNumber, message, &employment.si_number);
        self.masked(Field::TaxCode, "{code}", &employment.tax_code);
        self.plain(span(employment.from, employment.to, self.language));
    }

    fn enterprise(&mut self, enterprise: &Enterprise) {
        self.masked(Field::TaxCode, "{code}", &enterprise.tax_code);
        let status = self.language.enterprise_status(enterprise.status);
        let day = self.language.day(enterprise.effective_date);
        let text = fill(self.messages.status_since, |place| {
            Some(if place == "status" { status } else { &day }.to_owned())
        });
        self.columns
            .extend(text.map(|text| Column { text, field: None }));
    }
}

/// Which columns of claims a reason turns on, beside where, when, whose and how much.
#[derive(Clone, Copy, Default)]
struct OfReason {
    personal_id: bool,
    referrals: bool,
    outcome: bool,
    sex: bool,
    birth_date: bool,
    blood_group: bool,
    diagnoses: bool,
    total: bool,
    shares: bool,
}

fn of_reason(reason: Reason) -> OfReason {
    let none = OfReason::default();
    match reason {
        Reason::ServiceAfterDeath
        | Reason::UnknownCard
        | Reason::CardNotValid
        | Reason::CardWithdrawn
        | Reason::DuplicateIdentity
        | Reason::SameDayFacilities
        | Reason::FrequentVisits
        | Reason::EmployerCeased
        | Reason::StaleCard
        | Reason::BenefitAfterDeath
        | Reason::ExclusiveBenefits
        | Reason::UnauthenticatedIdentity
        | Reason::ProbableDuplicate => none,
        Reason::DeathOnLivingCard => OfReason {
            outcome: true,
            ..none
        },
        Reason::IdentityMismatch => OfReason {
            personal_id: true,
            ..none
        },
        Reason::OverlappingStay | Reason::VisitDuringStay => OfReason {
            referrals: true,
            ..none
        },
        Reason::DuplicateClaim => OfReason {
            diagnoses: true,
            total: true,
            ..none
        },
        Reason::SexDiagnosisConflict => OfReason {
            sex: true,
            diagnoses: true,
            ..none
        },
        Reason::AgeDiagnosisConflict => OfReason {
            birth_date: true,
            diagnoses: true,
            ..none
        },
        Reason::BloodGroupConflict => OfReason {
            blood_group: true,
            ..none
        },
        Reason::CostOutlier => OfReason {
            diagnoses: true,
            total: true,
            ..none
        },
        Reason::MoneyMismatch | Reason::BenefitMismatch => OfReason {
            shares: true,
            ..none
        },
    }
}

#[cfg(test)]
#[path = "columns_tests.rs"]
mod tests;
