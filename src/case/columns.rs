//! The few columns of an evidence row that matter for a reason.
//!
//! In: a record and the reason of its alert. Out: short texts, identifiers masked, names as initials.

use std::fmt::Display;

use super::facts::{span, times, validity};
use crate::language::{Language, Messages, fill};
use crate::mask;
use crate::record::{
    Beneficiary, Card, CheckIn, Citizen, Claim, DeathReport, Employment, Enterprise, Money,
    Participant, Record,
};
use crate::rule::Reason;

/// The columns of a record that matter.
pub fn columns(record: &Record, reason: Reason, language: Language) -> Vec<String> {
    let mut columns = Columns {
        language,
        messages: language.messages(),
        texts: Vec::new(),
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
            columns.masked(columns.messages.personal_id, &profile.personal_id);
            if let Some(group) = profile.blood_group {
                columns.told(columns.messages.blood_group, group.as_str());
            }
        }
    }
    columns.texts
}

struct Columns {
    language: Language,
    messages: &'static Messages,
    texts: Vec<String>,
}

impl Columns {
    fn plain(&mut self, text: impl Into<String>) {
        self.texts.push(text.into());
    }

    /// A message with one place.
    fn told(&mut self, message: &str, value: impl Into<String>) {
        let value = value.into();
        self.texts.extend(fill(message, |_| Some(value.clone())));
    }

    fn masked(&mut self, message: &str, identifier: &impl Display) {
        self.told(message, mask::identifier(identifier));
    }

    fn money(&mut self, message: &str, amount: Money) {
        self.told(message, self.language.money(amount));
    }

    fn claim(&mut self, claim: &Claim, reason: Reason) {
        let messages = self.messages;
        self.plain(self.language.visit_type(claim.visit_type));
        self.told(messages.facility, claim.facility.to_string());
        self.plain(times(claim, self.language));
        self.told(messages.visit, mask::text(claim.visit_id.as_str()));
        self.plain(mask::name(claim.full_name.as_str()));
        for card in &claim.cards {
            self.masked(messages.card, card);
        }
        let of_reason = of_reason(reason);
        let names_person = of_reason.personal_id || claim.cards.is_empty();
        if let Some(id) = claim.personal_id.as_ref().filter(|_| names_person) {
            self.masked(messages.personal_id, id);
        }
        if of_reason.referrals {
            if let Some(code) = &claim.referred_from {
                self.told(messages.referred_from, mask::text(code.as_str()));
            }
            if let Some(code) = &claim.referred_to {
                self.told(messages.referred_to, mask::text(code.as_str()));
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
        }
        if of_reason.blood_group
            && let Some(group) = claim.blood_group
        {
            self.told(messages.blood_group, group.as_str());
        }
        if of_reason.diagnoses {
            let others = claim.other_diagnoses.iter();
            let codes: Vec<&str> = std::iter::once(&claim.main_diagnosis)
                .chain(others)
                .map(|code| code.as_str())
                .collect();
            self.told(messages.diagnosis, mask::text(&codes.join(", ")));
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
        self.masked(self.messages.card, &card.card_number);
        self.plain(validity(card, self.language));
        let status = self.language.card_status(card.status);
        match card.status_date {
            None => self.plain(status),
            Some(day) => {
                let day = self.language.day(day);
                let text = fill(self.messages.status_since, |place| {
                    Some(if place == "status" { status } else { &day }.to_owned())
                });
                self.texts.extend(text);
            }
        }
    }

    fn citizen(&mut self, citizen: &Citizen) {
        self.masked(self.messages.personal_id, &citizen.personal_id);
        self.plain(mask::name(citizen.full_name.as_str()));
        self.plain(self.language.life_status(citizen.life_status));
        if let Some(date) = citizen.death_date {
            self.told(self.messages.died, self.language.partial_date(date));
        }
        if let Some(id) = citizen.superseded_by {
            self.masked(self.messages.superseded_by, &id);
        }
        if let Some(id) = citizen.old_id {
            self.masked(self.messages.old_id, &id);
        }
    }

    fn death_report(&mut self, report: &DeathReport) {
        self.plain(self.language.death_source(report.source));
        self.told(
            self.messages.died,
            self.language.partial_date(report.death_date),
        );
        if let Some(id) = report.personal_id {
            self.masked(self.messages.personal_id, &id);
        }
        if let Some(si_number) = report.si_number {
            self.masked(self.messages.si_number, &si_number);
        }
    }

    fn participant(&mut self, participant: &Participant, reason: Reason) {
        self.masked(self.messages.si_number, &participant.si_number);
        self.plain(mask::name(participant.full_name.as_str()));
        if reason == Reason::ProbableDuplicate {
            let born = self.language.partial_date(participant.birth_date);
            self.told(self.messages.born, born);
            self.plain(self.language.sex(participant.sex));
        }
        if let Some(id) = participant.personal_id {
            self.masked(self.messages.personal_id, &id);
        }
    }

    fn check_in(&mut self, check_in: &CheckIn) {
        self.plain(self.language.visit_type(check_in.visit_type));
        self.told(self.messages.facility, check_in.facility.to_string());
        self.plain(self.language.time(check_in.admitted_at));
        self.told(self.messages.visit, mask::text(check_in.visit_id.as_str()));
        self.plain(mask::name(check_in.full_name.as_str()));
        for card in &check_in.cards {
            self.masked(self.messages.card, card);
        }
    }

    fn beneficiary(&mut self, beneficiary: &Beneficiary) {
        self.masked(self.messages.personal_id, &beneficiary.personal_id);
        self.plain(mask::text(beneficiary.scheme.as_str()));
        self.plain(span(beneficiary.from, beneficiary.to, self.language));
        self.money(self.messages.monthly_amount, beneficiary.monthly_amount);
    }

    fn employment(&mut self, employment: &Employment) {
        self.masked(self.messages.si_number, &employment.si_number);
        self.plain(mask::identifier(&employment.tax_code));
        self.plain(span(employment.from, employment.to, self.language));
    }

    fn enterprise(&mut self, enterprise: &Enterprise) {
        self.plain(mask::identifier(&enterprise.tax_code));
        let status = self.language.enterprise_status(enterprise.status);
        let day = self.language.day(enterprise.effective_date);
        let text = fill(self.messages.status_since, |place| {
            Some(if place == "status" { status } else { &day }.to_owned())
        });
        self.texts.extend(text);
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
