//! The outlier score of a claim: each feature counted from the whole world as the list of features
//! defines it, then judged by the model in force.
//!
//! The model is a pure function of what is observed and is tested beside it; what is observed is
//! searched here from scratch, with no types of the program and with the mathematical logarithm.

use fundwatch::model::{AgeBand, Feature, Observation};
use fundwatch::record::{Facility, Value};

use crate::models::models;
use crate::person::{Person, card_of, person_of};
use crate::plain::{Amount, Claim, Day, minutes_between};
use crate::world::World;

/// Ten-thousandths.
pub type Score = u64;

/// The reasons whose alerts carry a score (contract 2).
pub const SCORED: [&str; 5] = [
    "service_after_death",
    "duplicate_identity",
    "identity_mismatch",
    "death_on_living_card",
    "cost_outlier",
];

/// The codes of the 63 provinces, as cards and facilities begin with (Decision 124/2004/QĐ-TTg).
const PROVINCES: &str = "01 02 04 06 08 10 11 12 14 15 17 19 20 22 24 25 26 27 30 31 33 34 35 36 \
    37 38 40 42 44 45 46 48 49 51 52 54 56 58 60 62 64 66 67 68 70 72 74 75 77 79 80 82 83 84 86 87 \
    89 91 92 93 94 95 96";

/// The score of a claim that has a person.
pub fn score(world: &World, claim: &Claim) -> Score {
    let model = &models()[world.thresholds.model];
    u64::from(model.score(&observation(world, claim)).ten_thousandths())
}

/// `floor(1000 ln(1 + dong))` of what a claim cost.
pub fn thousandths_of_cost(claim: &Claim) -> i64 {
    thousandths_of_ln(whole_dong(claim.cost_total))
}

/// What is observed of a claim that has a person.
pub fn observation(world: &World, claim: &Claim) -> Observation {
    let person = person_of(world, claim).expect("a scored claim has a person");
    let mut values = [0; Feature::OBSERVED];
    for (place, feature) in Feature::ALL.into_iter().take(Feature::OBSERVED).enumerate() {
        let value = value(world, &person, claim, feature);
        values[place] = i32::try_from(value).expect("a small world");
    }
    Observation {
        facility: Facility::from_text(&claim.facility).expect("five characters"),
        visit_type: claim.visit_type.parse().expect("two digits"),
        diagnosis: category_number(claim),
        age: age_band(claim),
        card_province: province_of_card(world, claim),
        values,
    }
}

/// The value of a feature of an observed claim, in its own unit.
pub fn value_of(world: &World, observation: &Observation, feature: Feature) -> i64 {
    let model = &models()[world.thresholds.model];
    model.encode(observation).values[feature.index()].into()
}

/// The band that a birthday begins: 0-5, 6-17, 18-39, 40-59, 60 and more years.
fn age_band(claim: &Claim) -> AgeBand {
    let (born, day) = (claim.birth_date.earliest(), claim.admission_date());
    if born > day {
        return AgeBand::Unknown;
    }
    // Whoever is born on 29 February has the birthday on 1 March where there is none.
    let birthday = |years: i16| {
        let year = born.year() + years;
        let same = jiff::civil::Date::new(year, born.month(), born.day());
        same.unwrap_or_else(|_| jiff::civil::date(year, 3, 1))
    };
    let bands = [
        (60, AgeBand::From60),
        (40, AgeBand::To59),
        (18, AgeBand::To39),
        (6, AgeBand::To17),
    ];
    let reached = bands.into_iter().find(|(years, _)| birthday(*years) <= day);
    reached.map_or(AgeBand::To5, |(_, band)| band)
}

/// The two digits of the card that say its province; 0 where they do not.
fn province_of_card(world: &World, claim: &Claim) -> u8 {
    let card = card_of(world, claim);
    let code = card.filter(|card| rank(&card[3..5]).is_some());
    code.map_or(0, |card| card[3..5].parse().expect("two digits"))
}

fn value(world: &World, person: &Person, claim: &Claim, feature: Feature) -> i64 {
    let date = claim.admission_date();
    let earlier = earlier(world, person, claim);
    let days_back = |past: &&Claim| days_between(past.admission_date(), date);
    let month = || earlier.iter().filter(|past| days_back(past) <= 29);
    let year = || earlier.iter().filter(|past| days_back(past) <= 365);
    match feature {
        Feature::Cost => thousandths_of_ln(whole_dong(claim.cost_total)),
        Feature::Stay => thousandths_of_ln(minutes_between(claim.admitted_at, claim.discharged_at)),
        Feature::Visits30Days => 1 + month().count() as i64,
        Feature::Facilities30Days => {
            let mut facilities: Vec<&str> = month().map(|past| past.facility.as_str()).collect();
            facilities.push(&claim.facility);
            facilities.sort_unstable();
            facilities.dedup();
            facilities.len() as i64
        }
        Feature::ProvinceDistance => {
            let of_card = card_of(world, claim).and_then(|card| rank(&card[3..5]));
            match (of_card, rank(&claim.facility[..2])) {
                (Some(card), Some(facility)) => (card - facility).abs(),
                _ => 0,
            }
        }
        Feature::VisitsAtFacility => {
            let here = year().filter(|past| past.facility == claim.facility);
            here.count() as i64
        }
        Feature::VisitsWithDiagnosis => {
            let same = year().filter(|past| category(past) == category(claim));
            same.count() as i64
        }
        Feature::DaysSinceVisit => {
            let since = earlier.iter().map(days_back).min();
            since.unwrap_or(365).min(365)
        }
        Feature::DiagnosisSurprise | Feature::FacilitySurprise => {
            unreachable!("the artefact makes them of what is observed")
        }
    }
}

/// The person's claims before one, by arrival, facility and visit.
fn earlier<'a>(world: &'a World, person: &Person, claim: &Claim) -> Vec<&'a Claim> {
    let place = |c: &Claim| (c.admitted_at, c.facility.clone(), c.visit_id.clone());
    let of_person = |c: &&Claim| person_of(world, c).as_ref() == Some(person);
    let all = world.claims.values().filter(of_person);
    all.filter(|c| place(c) < place(claim)).collect()
}

/// A letter and two digits; what has none is one category of its own.
fn category(claim: &Claim) -> Option<&str> {
    let code = claim.main_diagnosis.get(..3)?;
    let is_category = code.starts_with(|c: char| c.is_ascii_uppercase())
        && code[1..].bytes().all(|b| b.is_ascii_digit());
    is_category.then_some(code)
}

/// The category as observations number it: 100 a letter.
pub fn category_number(claim: &Claim) -> u16 {
    let Some(code) = category(claim) else {
        return fundwatch::model::NO_CATEGORY;
    };
    let letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        .find(&code[..1])
        .expect("a letter");
    letter as u16 * 100 + code[1..].parse::<u16>().expect("two digits")
}

fn rank(code: &str) -> Option<i64> {
    let place = PROVINCES.split_whitespace().position(|known| known == code);
    place.map(|place| place as i64)
}

fn days_between(from: Day, to: Day) -> i64 {
    i64::from((to - from).get_days())
}

/// Thousandths of a dong as dong, without the part below one.
fn whole_dong(amount: Amount) -> i64 {
    amount / 1000
}

/// `floor(1000 ln(1 + amount))`.
///
/// # Panics
/// When a floating-point logarithm cannot tell which whole number is below: the amounts of the
/// histories are to be chosen otherwise then.
fn thousandths_of_ln(amount: i64) -> i64 {
    if amount == 0 {
        return 0;
    }
    let exact = 1000.0 * (amount as f64).ln_1p();
    let distance = (exact - exact.round()).abs();
    assert!(
        distance > 1e-6,
        "1000 ln(1 + {amount}) is too near a whole number"
    );
    exact.floor() as i64
}

/// Whether an amount is the least whose logarithm has so many thousandths.
pub fn is_least_amount(amount: i64, thousandths: i64) -> bool {
    let above = 1000.0 * (amount as f64).ln_1p() - thousandths as f64;
    // The amount below it is lower by this.
    let step = 1000.0 * (1.0 / (amount as f64).max(1.0)).ln_1p();
    (-1e-6..=step + 1e-6).contains(&above)
}
