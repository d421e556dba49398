//! How likely misuse is: what is known of a claim under an alert, searched from scratch, then judged by the
//! model that comes with the program.
//!
//! What the features make of the circumstances is a pure function with tests beside it; that the
//! circumstances are those of everything known, and of nothing else, is held here.

use fundwatch::model::{
    CardState, Circumstances, DeathEvidence, NamedCitizen, ReasonKind, VisitSeen, observe_misuse,
};
use fundwatch::record::{Day, Facility, PartialDate, Value};
use jiff::Timestamp;

use crate::file::{Op, Placed};
use crate::models::models;
use crate::person::{Person, card_of, deaths_of, person_of, personal_id_of, si_numbers_of_person};
use crate::plain::{self, Claim, Key, Record};
use crate::score::{category_number, thousandths_of_cost};
use crate::timeline::date_of;
use crate::world::World;

/// The probability of misuse of a claim under an alert, in ten-thousandths; none where its reason is not
/// ranked by it. `rows` are all that are known.
pub fn probability(
    rows: &[&Placed],
    world: &World,
    reason: &str,
    claim: &Claim,
    score: u64,
    evidence: &[(String, String)],
) -> Option<u64> {
    let reason = ReasonKind::from_name(reason)?;
    let person = person_of(world, claim).expect("a ranked claim has a person");
    let visits_of = |person: &Person| -> Vec<VisitSeen> {
        let claims = world.claims.values();
        let own = claims.filter(|claim| person_of(world, claim).as_ref() == Some(person));
        own.map(seen).collect()
    };
    let others = evidence
        .iter()
        .filter(|(stream, _)| stream == "participants");
    let others = others.map(|(_, si)| Person::Holder(si.clone()));
    let other_numbers: Vec<VisitSeen> = others
        .filter(|other| reason == ReasonKind::DuplicateIdentity && *other != person)
        .flat_map(|other| visits_of(&other))
        .collect();
    let deaths = match reason {
        ReasonKind::ServiceAfterDeath => deaths(rows, world, &person),
        _ => Vec::new(),
    };
    let card = card_of(world, claim).and_then(|card| world.cards.get(card));
    let own = personal_id_of(world, &person);
    let twelve = |id: &&String| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
    let named = match claim.personal_id.as_ref().filter(twelve) {
        None => NamedCitizen::Nobody,
        Some(id) if Some(id) == own.as_ref() => NamedCitizen::Person,
        Some(id) => NamedCitizen::Other {
            digits_off: own.map_or(12, |own| {
                own.chars().zip(id.chars()).filter(|(a, b)| a != b).count() as u8
            }),
            is_known: world.citizens.contains_key(id),
        },
    };
    let observation = observe_misuse(&Circumstances {
        reason,
        visit: seen(claim),
        cost: thousandths_of_cost(claim) as i32,
        is_stay: ["03", "04", "06", "09"].contains(&claim.visit_type),
        is_referred: claim.referred_from.is_some(),
        named,
        visits: &visits_of(&person),
        other_numbers: &other_numbers,
        deaths: &deaths,
        card: card.map(|card| CardState {
            is_valid: card.status == "valid",
            since: card.status_date.map(day),
        }),
        score: score as i32,
    });
    let probability = models()[world.thresholds.model]
        .misuse()
        .probability(reason, &observation)?;
    Some(probability.ten_thousandths().into())
}

/// Every death evidence of a person, and since when it says so.
fn deaths(rows: &[&Placed], world: &World, person: &Person) -> Vec<DeathEvidence> {
    let citizen = personal_id_of(world, person);
    let numbers = si_numbers_of_person(world, person);
    let dead = |id: &String| {
        let row = world.citizens.get(id)?;
        let is_dead = ["dead", "declared_dead"].contains(&row.life_status);
        Some((
            ("citizens", id.clone()),
            row.death_date.clone().filter(|_| is_dead)?,
            0,
        ))
    };
    let population = citizen.as_ref().and_then(dead);
    let reports = world.death_reports.values().filter(|report| {
        let by_id = report.personal_id.is_some() && report.personal_id == citizen;
        by_id
            || report
                .si_number
                .as_ref()
                .is_some_and(|si| numbers.contains(si))
    });
    let sources = ["civil_registry", "contribution_form", "hospital", "court"];
    let reports = reports.map(|report| {
        let source = sources.iter().position(|source| *source == report.source);
        let source = 1 + source.expect("a source") as u8;
        (
            ("death_reports", report.report_id.clone()),
            report.death_date.clone(),
            source,
        )
    });
    let told: Vec<(Key, plain::Partial, u8)> = population.into_iter().chain(reports).collect();
    assert_eq!(told.len(), deaths_of(world, person).len());
    told.into_iter()
        .map(|(key, date, source)| DeathEvidence {
            known: day(date_of(since(rows, &key, &date, source))),
            date: PartialDate::from_text(&date.0).expect("a partial date"),
            source,
        })
        .collect()
}

/// The first of the last rows of a key that all tell a death.
fn since(rows: &[&Placed], key: &Key, date: &plain::Partial, source: u8) -> Timestamp {
    let tells = |op: &Op| match op {
        Op::Upsert(Record::Citizen(row)) => {
            let is_dead = ["dead", "declared_dead"].contains(&row.life_status);
            is_dead && row.death_date.as_ref() == Some(date)
        }
        Op::Upsert(Record::DeathReport(row)) => {
            let sources = ["civil_registry", "contribution_form", "hospital", "court"];
            row.death_date == *date && row.source == sources[usize::from(source) - 1]
        }
        _ => false,
    };
    let of_key = rows
        .iter()
        .rev()
        .filter(|placed| placed.row.key().as_ref() == Some(key));
    let telling = of_key.take_while(|placed| tells(&placed.row.op));
    telling.last().expect("the death is known").row.at
}

fn seen(claim: &Claim) -> VisitSeen {
    VisitSeen {
        admitted: day(claim.admitted_at.date()),
        discharged: day(claim.discharged_at.date()),
        facility: Facility::from_text(&claim.facility).expect("a facility"),
        diagnosis: category_number(claim),
        died: [5, 8].contains(&claim.outcome),
    }
}

fn day(day: plain::Day) -> Day {
    Day::from_text(&day.to_string()).expect("a day")
}
