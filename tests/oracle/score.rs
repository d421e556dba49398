//! The outlier score of a claim: each feature counted from the whole world as the list of features
//! defines it, then judged by the model in force.
//!
//! The model is a pure function of what is observed and is tested beside it; what is observed is
//! searched here from scratch, with no types of the program and with the mathematical logarithm.

use fundwatch::model::{Feature, Observation};

use crate::models::models;
use crate::person::{Person, card_of, deaths_of, person_of};
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

/// What is observed of a claim that has a person.
pub fn observation(world: &World, claim: &Claim) -> Observation {
    let person = person_of(world, claim).expect("a scored claim has a person");
    let values = Feature::ALL.map(|feature| value(world, &person, claim, feature));
    Observation {
        visit_type: claim.visit_type.parse().expect("two digits"),
        diagnosis: category_number(claim),
        values: values.map(|value| i32::try_from(value).expect("a small world")),
    }
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
        Feature::DaysAfterDeath => {
            let first = deaths_of(world, person)
                .into_iter()
                .map(|(_, day)| day)
                .min();
            first.map_or(0, |day| days_between(day, date).max(0))
        }
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
fn category_number(claim: &Claim) -> u16 {
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
