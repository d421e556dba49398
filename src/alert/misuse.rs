//! What is known of a claim under an alert, for those who ask whether it is misuse or an error.
//!
//! In: a finding of a reason that is ranked, and the rows as they are known. Out: a
//! [`MisuseObservation`]. Must hold: it is a function of the finding and of what is known at the end of
//! the epoch, whatever the epochs were.

use std::io;

use serde::{Serialize, Serializer};

use super::lookup::{Known, claim_of};
use super::visits::{VisitsByPerson, deaths_of, visits_of};
use crate::dataflow::{
    CardFact, ClaimContent, Content, EvidenceSource, Finding, Person, Referent, RowRef, Support,
};
use crate::journal::Row;
use crate::model::{
    CardState, Circumstances, DeathEvidence, MisuseModel, MisuseObservation, NamedCitizen,
    ReasonKind, Score, VisitSeen, observe_misuse,
};
use crate::record::{CardNumber, CardStatus, Key, PartialDate, PersonalId};
use crate::rule::Reason;

/// The reason as those who rank know it; none of those that are not ranked by it.
pub(super) fn kind(reason: Reason) -> Option<ReasonKind> {
    ReasonKind::from_name(reason.as_str())
}

/// Observes the subject of a finding, of which `score` is the outlier score.
///
/// # Errors
/// When the scratch file cannot be read.
pub(super) fn observe(
    reason: ReasonKind,
    finding: &Finding,
    score: Option<Score>,
    (known, visits): (Known<'_>, &VisitsByPerson),
) -> io::Result<Option<MisuseObservation>> {
    let (_, subject) = known.find(finding.subject)?;
    let Some(claim) = claim_of(subject.as_ref()) else {
        return Ok(None);
    };
    let Support::Rows(evidence) = &finding.evidence else {
        return Ok(None);
    };
    let card = deciding_card(claim, known)?;
    let of_card = card.map(|card| Person::participant(card.holder()));
    let person = of_card.or(claim.citizen.map(Person::citizen));
    let of_person = |person: Person| -> io::Result<Vec<VisitSeen>> {
        let rows = visits_of(visits, person).iter();
        let seen = rows.map(|row| visit_of(*row, known));
        seen.filter_map(Result::transpose).collect()
    };
    let own = person.map_or(Ok(Vec::new()), of_person)?;
    let mut other_numbers = Vec::new();
    if reason == ReasonKind::DuplicateIdentity {
        let participants = evidence.iter().filter_map(|row| participant(*row));
        for other in participants.filter(|other| Some(*other) != person) {
            other_numbers.extend(of_person(other)?);
        }
    }
    let mut deaths = Vec::new();
    if reason == ReasonKind::ServiceAfterDeath {
        let of_person = person.map_or(&[][..], |person| deaths_of(visits, person));
        let mut rows: Vec<RowRef> = evidence.iter().chain(of_person).copied().collect();
        rows.sort_unstable();
        rows.dedup();
        for row in rows {
            deaths.extend(death_of(row, known)?);
        }
    }
    let card = card.map_or(Ok(None), |card| card_fact(card, known))?;
    let circumstances = Circumstances {
        reason,
        visit: seen(claim),
        cost: claim.cost.into(),
        is_stay: claim.visit_type.is_stay(),
        is_referred: claim.referred_from.is_some(),
        named: named(claim.citizen, person, known)?,
        visits: &own,
        other_numbers: &other_numbers,
        deaths: &deaths,
        card: card.map(|card| CardState {
            is_valid: card.status == CardStatus::Valid,
            since: card.dated(),
        }),
        score: score.map_or(0, |score| score.ten_thousandths().into()),
    };
    Ok(Some(observe_misuse(&circumstances)))
}

/// The card that decides whose a claim is (contract 1.2): the first listed whose validity covers the
/// admission date, else the first listed.
fn deciding_card(claim: &ClaimContent, known: Known<'_>) -> io::Result<Option<CardNumber>> {
    let first = claim.cards.first().map(|(card, _)| *card);
    if claim.cards.len() > 1 {
        for (card, _) in &claim.cards {
            let covers = card_fact(*card, known)?;
            if covers.is_some_and(|fact| fact.covers(claim.admitted_at.day())) {
                return Ok(Some(*card));
            }
        }
    }
    Ok(first)
}

/// The participant that a reference names.
fn participant(row: RowRef) -> Option<Person> {
    match row.referent() {
        Referent::Packed(packed) => match Key::from(packed) {
            Key::Participant(si) => Some(Person::participant(si)),
            _ => None,
        },
        Referent::Numbered(_) => None,
    }
}

fn seen(claim: &ClaimContent) -> VisitSeen {
    VisitSeen {
        admitted: claim.admitted_at.day(),
        discharged: claim.discharged_at.day(),
        facility: claim.facility,
        diagnosis: claim.diagnosis,
        died: claim.outcome.is_some_and(|outcome| outcome.is_death()),
    }
}

fn visit_of(row: RowRef, known: Known<'_>) -> io::Result<Option<VisitSeen>> {
    let row = row.as_claim_of_several_cards().unwrap_or(row);
    let (_, latest) = known.find(row)?;
    Ok(claim_of(latest.as_ref()).map(seen))
}

/// The death that a row tells of, if it does.
fn death_of(row: RowRef, known: Known<'_>) -> io::Result<Option<DeathEvidence>> {
    let (_, latest) = known.find(row)?;
    let Some(mut row) = latest else {
        return Ok(None);
    };
    let Some(told @ (date, source)) = told(&row) else {
        return Ok(None);
    };
    // Since when the key has told it: other columns may have changed since.
    while let Some(previous) = row.previous {
        let previous = known.at(previous)?;
        if self::told(&previous) != Some(told) {
            break;
        }
        row = previous;
    }
    Ok(Some(DeathEvidence {
        date,
        source,
        known: row.recorded_at.day(),
    }))
}

/// The date of death that a row tells, and a number for who tells it.
fn told(row: &Row<Content>) -> Option<(PartialDate, u8)> {
    match row.content.as_ref()? {
        Content::Citizen(citizen) => Some((citizen.death?, EvidenceSource::Population as u8)),
        Content::DeathReport(report) => Some((report.death_date, report.source as u8)),
        _ => None,
    }
}

fn card_fact(card: CardNumber, known: Known<'_>) -> io::Result<Option<CardFact>> {
    let (_, latest) = known.find(RowRef::card(card))?;
    Ok(latest.and_then(|row| match row.content {
        Some(Content::Card(_, fact)) => Some(fact),
        _ => None,
    }))
}

/// Whom the number on a claim names, beside the person.
fn named(
    named: Option<PersonalId>,
    person: Option<Person>,
    known: Known<'_>,
) -> io::Result<NamedCitizen> {
    let Some(named) = named else {
        return Ok(NamedCitizen::Nobody);
    };
    let own = match person {
        Some(person) => match person.as_participant() {
            Some(si) => match known.find(RowRef::participant(si))?.1 {
                Some(row) => match row.content {
                    Some(Content::Participant(participant)) => participant.citizen,
                    _ => None,
                },
                None => None,
            },
            None => person.as_citizen(),
        },
        None => None,
    };
    if own == Some(named) {
        return Ok(NamedCitizen::Person);
    }
    let is_known = known.find(RowRef::citizen(named))?.1;
    Ok(NamedCitizen::Other {
        digits_off: own.map_or(12, |own| digits_off(own, named)),
        is_known: is_known.is_some_and(|row| row.content.is_some()),
    })
}

/// In how many of their twelve digits two numbers differ.
fn digits_off(one: PersonalId, other: PersonalId) -> u8 {
    let (mut one, mut other) = (one.number(), other.number());
    let mut off = 0;
    for _ in 0..12 {
        off += u8::from(one % 10 != other % 10);
        (one, other) = (one / 10, other / 10);
    }
    off
}

/// Features that are named beside a probability.
const FEATURES_SHOWN: usize = 5;

/// What speaks for misuse, or against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MisuseFeatureShown {
    /// Which feature.
    pub feature: &'static str,
    /// The claim's value.
    pub observed: i32,
    /// What it adds to the log-odds of misuse, in thousandths; a decimal in JSON.
    #[serde(serialize_with = "thousandths")]
    pub log_odds: i32,
}

fn thousandths<S: Serializer>(log_odds: &i32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(f64::from(*log_odds) / 1000.0)
}

/// How likely misuse is, and the features that say most; none where the reason is not ranked by that.
///
/// # Errors
/// When the scratch file cannot be read.
pub(super) fn ranked(
    finding: &Finding,
    score: Option<Score>,
    known: (Known<'_>, &VisitsByPerson),
    model: &MisuseModel,
) -> io::Result<Option<(Score, Vec<MisuseFeatureShown>)>> {
    let Some(reason) = kind(finding.reason) else {
        return Ok(None);
    };
    let Some(observation) = observe(reason, finding, score, known)? else {
        return Ok(None);
    };
    let probability = model.probability(reason, &observation);
    let contributions = model.contributions(reason, &observation);
    let shown = contributions.map_or(Vec::new(), |(_, contributions)| {
        let said = contributions.iter().filter(|part| part.log_odds != 0);
        said.take(FEATURES_SHOWN)
            .map(|part| MisuseFeatureShown {
                feature: part.feature.name(),
                observed: part.observed,
                log_odds: part.log_odds,
            })
            .collect()
    });
    Ok(probability.map(|probability| (probability, shown)))
}
