//! The sentence that says why an alert holds: its reason's template, filled from the evidence.
//!
//! In: an alert and its rows. Out: text. Must hold: where the rows listed do not tell a place of the
//! template - evidence may be cut short - the reason's explanation, which holds of every alert, is
//! the sentence.

use super::Alert;
use super::restricted::{diagnosis_told, is_of_diagnoses, is_restricted};
use crate::language::{Language, fill};
use crate::mask;
use crate::record::{
    Beneficiary, Card, CardNumber, Claim, Day, Enterprise, Money, PartialDate, PersonalId, Record,
    Sex,
};
use crate::rule::{AgeSpan, Reason, Settings, diagnosis_limits};

/// Why the alert holds.
pub fn sentence(
    alert: &Alert,
    records: &[&Record],
    settings: &Settings,
    language: Language,
) -> String {
    let reason = alert.reason;
    let facts = Facts::new(alert, records, language);
    // Which ages or which sex a diagnosis is for tells which it is: where one is restricted, the sentence says no more than
    // it says of every such alert.
    if is_of_diagnoses(reason) && facts.has_restricted() {
        return reason.explanation(settings, language);
    }
    let because = reason.because(settings, language, |place| facts.place(place));
    because.unwrap_or_else(|| reason.explanation(settings, language))
}

/// What the evidence tells.
struct Facts<'a> {
    alert: &'a Alert,
    language: Language,
    records: Vec<&'a Record>,
    /// The claim that the alert is about.
    claim: Option<&'a Claim>,
    /// The other claims, in the alert's order.
    others: Vec<&'a Claim>,
}

impl<'a> Facts<'a> {
    fn new(alert: &'a Alert, records: &[&'a Record], language: Language) -> Self {
        let is_subject = |record: &Record| record.key().to_string() == alert.subject.id;
        let mut claim = None;
        let mut others = Vec::new();
        for record in records {
            if let Record::Claims(of_record) = record {
                if is_subject(record) {
                    claim = Some(&**of_record);
                } else {
                    others.push(&**of_record);
                }
            }
        }
        Self {
            alert,
            language,
            records: records.to_vec(),
            claim,
            others,
        }
    }

    /// What a place of a template stands for.
    fn place(&self, place: &str) -> Option<String> {
        let language = self.language;
        match place {
            "facility" => Some(self.claim?.facility.to_string()),
            "visit" => Some(mask::text(self.claim?.visit_id.as_str())),
            "admitted" => Some(language.day(self.claim?.admission_date())),
            "discharged" => Some(language.day(self.claim?.discharged_at.day())),
            "times" => Some(times(self.claim?, language)),
            "amount" => Some(language.money(self.alert.amount_vnd)),
            "total" => Some(language.money(self.claim?.cost_total)),
            "due" => self.due(),
            "diagnosis" => self.diagnosis(),
            "sex" => Some(language.sex(self.claim?.sex).to_owned()),
            "allowed_sex" => Some(language.sex(self.conflict()?.1).to_owned()),
            "claimed_id" => Some(mask::identifier(self.claim?.personal_id.as_ref()?)),
            "holder_id" => Some(mask::identifier(&self.holder()?)),
            "card" => Some(mask::identifier(&self.card()?)),
            "other_card" => Some(mask::identifier(&self.in_force().nth(1)?)),
            "validity" => Some(validity(self.card_row()?, language)),
            "card_status" => Some(language.card_status(self.card_row()?.status).to_owned()),
            "status_day" => Some(language.day(self.card_row()?.status_date?)),
            "died" => Some(language.partial_date(self.first_death()?)),
            "sources" => self.sources(),
            "other_facility" => Some(self.other()?.facility.to_string()),
            "other_admitted" => Some(language.day(self.other()?.admission_date())),
            "other_times" => Some(times(self.other()?, language)),
            "other_visit" => Some(mask::text(self.other()?.visit_id.as_str())),
            "overlap" => self.overlap(),
            "visited_facilities" => self.facilities(),
            "born" => Some(language.partial_date(self.claim?.birth_date)),
            "allowed_ages" => Some(self.other_age()?.1.words(language)),
            "covered" => Some(language.money(self.claim?.cost_covered)),
            "level" => Some(self.card()?.benefit_level().to_string()),
            "blood_group" => Some(self.claim?.blood_group?.as_str().to_owned()),
            "known_blood_group" => self.known_blood_group(),
            "enterprise_status" => Some(
                language
                    .enterprise_status(self.enterprise()?.status)
                    .to_owned(),
            ),
            "enterprise_day" => Some(language.day(self.enterprise()?.effective_date)),
            "scheme" => Some(mask::text(self.benefit()?.scheme.as_str())),
            "benefit_span" => Some(span(self.benefit()?.from, self.benefit()?.to, language)),
            "excluded" => self.excluded(),
            "si_number" => Some(mask::identifier(&self.alert.subject.id)),
            "other_si_numbers" => self.other_si_numbers(),
            "authentication_cause" => Some(self.alert.cause?.text(language).to_owned()),
            "first_admitted" => Some(language.day(self.other()?.admission_date())),
            _ => None,
        }
    }

    /// The claim that the subject conflicts with.
    fn other(&self) -> Option<&'a Claim> {
        let claim = self.claim?;
        let mut others = self.others.iter().copied();
        match self.alert.reason {
            // Evidence is by key: the first of these is not the first in time.
            Reason::OverlappingStay => others.max_by_key(|other| overlap_minutes(claim, other)),
            _ => others.next(),
        }
    }

    fn overlap(&self) -> Option<String> {
        let minutes = overlap_minutes(self.claim?, self.other()?);
        let hours = u64::try_from(minutes / 60).ok()?;
        let template = self.language.messages().hours;
        fill(template, |_| Some(self.language.count(hours)))
    }

    /// The facilities of the day, the subject's first.
    fn facilities(&self) -> Option<String> {
        let claim = self.claim?;
        let day = claim.admission_date();
        let mut facilities = vec![claim.facility];
        for other in self.others.iter().filter(|o| o.admission_date() == day) {
            if !facilities.contains(&other.facility) {
                facilities.push(other.facility);
            }
        }
        let texts: Vec<String> = facilities.iter().map(ToString::to_string).collect();
        Some(texts.join(", "))
    }

    /// What the fund owes by the claim's other amounts; none where that is what it is asked for, and
    /// it is the detail lines that do not add up.
    fn due(&self) -> Option<String> {
        let claim = self.claim?;
        let due = claim
            .cost_covered
            .saturating_sub(claim.copay)
            .saturating_sub(claim.other_sources);
        let lines = i64::from(claim.lines.map_or(1, |lines| lines.0.max(1)));
        let tolerance = Settings::defaults().money_mismatch.tolerance_dong_per_line;
        let tolerated = Money::dong(lines * i64::from(tolerance));
        let differs = due.saturating_sub(claim.paid_by_fund).magnitude() > tolerated.magnitude();
        differs.then(|| self.language.money(due))
    }

    /// The diagnosis at fault, or else the main one.
    fn diagnosis(&self) -> Option<String> {
        match self.alert.reason {
            Reason::SexDiagnosisConflict => Some(diagnosis_told(self.conflict()?.0, self.language)),
            Reason::AgeDiagnosisConflict => {
                Some(diagnosis_told(self.other_age()?.0, self.language))
            }
            _ => Some(diagnosis_told(
                self.claim?.main_diagnosis.as_str(),
                self.language,
            )),
        }
    }

    fn has_restricted(&self) -> bool {
        let mut diagnoses = self.diagnoses().into_iter().flatten();
        diagnoses.any(is_restricted)
    }

    fn diagnoses(&self) -> Option<impl Iterator<Item = &'a str>> {
        let claim = self.claim?;
        let all = std::iter::once(&claim.main_diagnosis).chain(&claim.other_diagnoses);
        Some(all.map(|diagnosis| diagnosis.as_str()))
    }

    /// The first diagnosis that is for another age, and that age.
    fn other_age(&self) -> Option<(&'a str, AgeSpan)> {
        let claim = self.claim?;
        self.diagnoses()?.find_map(|diagnosis| {
            let ages = diagnosis_limits(diagnosis).ages?;
            let is_allowed = ages.allows(claim.birth_date, claim.admission_date());
            (!is_allowed).then_some((diagnosis, ages))
        })
    }

    /// The blood group of the health profile.
    fn known_blood_group(&self) -> Option<String> {
        self.records.iter().find_map(|record| match record {
            Record::HealthProfiles(profile) => Some(profile.blood_group?.as_str().to_owned()),
            _ => None,
        })
    }

    /// The benefit that the alert is about.
    fn benefit(&self) -> Option<&'a Beneficiary> {
        let is_subject = |key: String| key == self.alert.subject.id;
        self.records.iter().find_map(|record| match record {
            Record::Beneficiaries(benefit) if is_subject(record.key().to_string()) => Some(benefit),
            _ => None,
        })
    }

    /// What the person has beside the benefit: other benefits by scheme, employments by enterprise,
    /// each with its days.
    fn excluded(&self) -> Option<String> {
        let subject = self.benefit()?;
        let excluded: Vec<String> = (self.records.iter())
            .filter_map(|record| match record {
                Record::Beneficiaries(other) if other.scheme != subject.scheme => {
                    let days = span(other.from, other.to, self.language);
                    Some(format!("{} ({days})", mask::text(other.scheme.as_str())))
                }
                Record::Employments(employment) => {
                    let days = span(employment.from, employment.to, self.language);
                    Some(format!(
                        "{} ({days})",
                        mask::identifier(&employment.tax_code)
                    ))
                }
                _ => None,
            })
            .collect();
        (!excluded.is_empty()).then(|| excluded.join(", "))
    }

    /// The other participants.
    fn other_si_numbers(&self) -> Option<String> {
        let subject = &self.alert.subject.id;
        let others: Vec<String> = (self.records.iter())
            .filter_map(|record| match record {
                Record::Participants(other) if other.si_number.to_string() != *subject => {
                    Some(mask::identifier(&other.si_number))
                }
                _ => None,
            })
            .collect();
        (!others.is_empty()).then(|| others.join(", "))
    }

    /// The enterprise that ceased.
    fn enterprise(&self) -> Option<&'a Enterprise> {
        self.records.iter().find_map(|record| match record {
            Record::Enterprises(enterprise) => Some(enterprise),
            _ => None,
        })
    }

    /// The first diagnosis that is for the other sex, and that sex.
    fn conflict(&self) -> Option<(&'a str, Sex)> {
        let claim = self.claim?;
        self.diagnoses()?.find_map(|diagnosis| {
            let sex = diagnosis_limits(diagnosis).sex?;
            (sex != claim.sex).then_some((diagnosis, sex))
        })
    }

    /// The citizen that the card's holder is.
    fn holder(&self) -> Option<PersonalId> {
        let holder = self.card()?.holder();
        self.records.iter().find_map(|record| match record {
            Record::Participants(participant) if participant.si_number == holder => {
                participant.personal_id
            }
            _ => None,
        })
    }

    fn cards(&self) -> impl Iterator<Item = &'a Card> {
        self.records.iter().filter_map(|record| match record {
            Record::Cards(card) => Some(card),
            _ => None,
        })
    }

    /// The card that the sentence is about.
    fn card(&self) -> Option<CardNumber> {
        match self.alert.reason {
            Reason::UnknownCard => {
                let claim = self.claim?;
                let is_known = |number| self.cards().any(|card| card.card_number == number);
                let mut cards = claim.cards.iter().copied();
                let newborn_days = u32::from(Settings::defaults().newborn_card.days);
                let is_newborn = |card| {
                    let age = claim.newborn_age_days(card);
                    age.is_some_and(|age| age <= newborn_days)
                };
                cards.find(|card| !(is_known(*card) || card.is_force_card() || is_newborn(*card)))
            }
            Reason::DuplicateIdentity => self.in_force().next(),
            // A claim of one card rests on its own columns.
            Reason::BenefitMismatch if self.cards().next().is_none() => {
                self.claim?.cards.first().copied()
            }
            _ => self.card_row().map(|card| card.card_number),
        }
    }

    /// The registered card that the sentence is about: the claim's first that the evidence has, or
    /// the one that the alert itself is about.
    fn card_row(&self) -> Option<&'a Card> {
        let Some(claim) = self.claim else {
            let is_subject = |card: &&Card| card.card_number.to_string() == self.alert.subject.id;
            return self.cards().find(is_subject);
        };
        let covers = |card: &Card| covers(card, claim.admission_date());
        let listed = || {
            let of_number = |number: &CardNumber| self.cards().find(|c| c.card_number == *number);
            claim.cards.iter().filter_map(of_number)
        };
        // As the contract has it: the first listed one that covers the visit, else the first listed.
        listed()
            .find(|card| covers(card))
            .or_else(|| listed().next())
    }

    /// Cards that cover the visit, one of each holder.
    fn in_force(&self) -> impl Iterator<Item = CardNumber> {
        let mut numbers: Vec<CardNumber> = Vec::new();
        if let Some(claim) = self.claim {
            for card in self.cards().filter(|c| covers(c, claim.admission_date())) {
                if numbers
                    .iter()
                    .all(|n| n.holder() != card.card_number.holder())
                {
                    numbers.push(card.card_number);
                }
            }
        }
        numbers.into_iter()
    }

    /// Deaths on record - before the visit, where the alert is about one -, with what each source is
    /// called.
    fn deaths(&self) -> Vec<(PartialDate, &'static str)> {
        let found = self.records.iter().filter_map(|record| match record {
            Record::Citizens(citizen) => {
                Some((citizen.death()?, self.language.messages().population))
            }
            Record::DeathReports(report) => {
                Some((report.death_date, self.language.death_source(report.source)))
            }
            _ => None,
        });
        let is_before = |date: PartialDate| {
            let admission = self.claim.map(Claim::admission_date);
            admission.is_none_or(|day| date.latest_day() < day)
        };
        found.filter(|(date, _)| is_before(*date)).collect()
    }

    fn first_death(&self) -> Option<PartialDate> {
        let deaths = self.deaths().into_iter().map(|(date, _)| date);
        deaths.min_by_key(|date| date.latest_day())
    }

    fn sources(&self) -> Option<String> {
        let mut sources: Vec<&str> = Vec::new();
        for (_, source) in self.deaths() {
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        (!sources.is_empty()).then(|| sources.join(", "))
    }
}

/// Minutes that two claims have in common; none is negative or 0.
fn overlap_minutes(a: &Claim, b: &Claim) -> i64 {
    let begin = a.admitted_at.max(b.admitted_at).minutes();
    let end = a.discharged_at.min(b.discharged_at).minutes();
    end - begin
}

fn covers(card: &Card, day: Day) -> bool {
    card.valid_from <= day && card.valid_to.is_none_or(|to| day <= to)
}

/// From arrival to departure.
pub(super) fn times(claim: &Claim, language: Language) -> String {
    language.times(claim.admitted_at, claim.discharged_at)
}

/// From when to when a card is valid.
pub(super) fn validity(card: &Card, language: Language) -> String {
    span(card.valid_from, card.valid_to, language)
}

/// From one day to another, or on.
pub(crate) fn span(from: Day, to: Option<Day>, language: Language) -> String {
    let messages = language.messages();
    let template = to.map_or(messages.open_span, |_| messages.span);
    let value = |place: &str| match place {
        "from" => Some(language.day(from)),
        _ => to.map(|to| language.day(to)),
    };
    fill(template, value).unwrap_or_default()
}
