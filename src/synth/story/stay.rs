//! Visits and stays that cannot be together, and those that only seem so.

use super::super::house::House;
use super::super::kind::{self, Kind};
use super::super::place::FacilityNumber;
use super::super::row::*;
use super::super::truth::Reason;

/// A stay of the protagonist at a hospital for some days.
fn stay(house: &mut House<'_>, day: DayNumber, days: i32, facility: FacilityNumber) -> Claim {
    let mut claim = house.usual(0, day, Some(false));
    claim.visit_type = 3;
    claim.facility = facility;
    claim.admitted = day * 1440 + house.draw.range(420, 900);
    claim.discharged = (day + days) * 1440 + house.draw.range(500, 1_000);
    (claim.from, claim.to) = (None, None);
    claim
}

/// A day around which the protagonist's usual visits leave room.
fn clear_day(house: &mut House<'_>) -> DayNumber {
    let day = house.some_day(10, 60);
    house.habit(0, 0, day - 12);
    house.habit(0, day + 45, house.days() - 1);
    day
}

/// The hospitals of the district and of the province.
fn hospitals(house: &House<'_>) -> (FacilityNumber, FacilityNumber) {
    (house.home.district, house.home.provincial)
}

pub(super) fn billed_twice(house: &mut House<'_>) {
    house.begin();
    let day = clear_day(house);
    let (district, provincial) = hospitals(house);
    let one = stay(house, day, 6, district);
    let begin = day + house.draw.range(1, 4);
    let other = stay(house, begin, 5, provincial);
    for claim in [one, other] {
        house.label(&claim, &kind::BILLED_STAY_TWICE);
        house.file(&claim);
    }
}

pub(super) fn discharge_typo(house: &mut House<'_>) {
    house.begin();
    let day = clear_day(house);
    let (district, provincial) = hospitals(house);
    let mut one = stay(house, day, 4, district);
    let right = one.discharged;
    one.discharged += 10 * 1440;
    let begin = day + house.draw.range(6, 9);
    let other = stay(house, begin, 3, provincial);
    house.label(&one, &kind::DISCHARGE_TYPO);
    house.label(&other, &kind::DISCHARGE_TYPO);
    house.file(&other);
    let at = house.file(&one);
    if house.draw.chance(500) {
        one.discharged = right;
        house.correct(one, at);
    }
}

pub(super) fn handover(house: &mut House<'_>) {
    house.begin();
    let day = clear_day(house);
    let (district, provincial) = hospitals(house);
    let mut one = stay(house, day, 3, district);
    let mut other = stay(house, day + 3, 6, provincial);
    if house.draw.chance(500) {
        // On the way for an hour or two, by the clocks of both.
        other.admitted = one.discharged - house.draw.range(30, 120);
    } else {
        other.admitted = one.discharged - house.draw.range(150, 400);
        one.to = Some(provincial);
        other.from = Some(district);
        one.discharge_type = 2;
    }
    for claim in [one, other] {
        house.innocent(Reason::OverlappingStay, &claim, &kind::HANDOVER);
        house.file(&claim);
    }
}

/// An examination elsewhere in the middle of a stay. Gives the stay and the visit.
fn visit_in_stay(house: &mut House<'_>) -> (Claim, Claim) {
    let day = clear_day(house);
    let (district, provincial) = hospitals(house);
    let stay = stay(house, day, 7, provincial);
    let mut visit = house.outpatient(0, day + 3);
    visit.visit_type = 1;
    visit.facility = if house.home.primary == provincial {
        district
    } else {
        house.home.primary
    };
    visit.from = None;
    visit.admitted = (day + 3) * 1440 + house.draw.range(420, 960);
    visit.discharged = visit.admitted + house.draw.range(20, 200);
    (stay, visit)
}

pub(super) fn ghost_visit(house: &mut House<'_>) {
    house.begin();
    let (stay, visit) = visit_in_stay(house);
    house.label(&visit, &kind::GHOST_VISIT);
    house.file(&stay);
    house.file(&visit);
}

pub(super) fn late_discharge(house: &mut House<'_>) {
    house.begin();
    let (mut stay, visit) = visit_in_stay(house);
    house.label(&visit, &kind::LATE_DISCHARGE);
    house.file(&visit);
    let at = house.file(&stay);
    if house.draw.chance(500) {
        stay.discharged = visit.admitted - 1_440;
        house.correct(stay, at);
    }
}

pub(super) fn test_elsewhere(house: &mut House<'_>) {
    house.begin();
    let (stay, mut visit) = visit_in_stay(house);
    visit.from = Some(stay.facility);
    house.innocent(Reason::VisitDuringStay, &visit, &kind::TEST_ELSEWHERE);
    house.file(&stay);
    house.file(&visit);
}

/// Examinations at several facilities on a day, some hours apart.
fn day_of_visits(house: &mut House<'_>, count: i32, kind: &'static Kind) {
    let day = clear_day(house);
    let province = house.world.places.province_of(house.home.primary);
    let mut at = day * 1440 + house.draw.range(420, 480);
    let mut before: Vec<FacilityNumber> = Vec::new();
    for place in 0..count {
        let mut visit = house.outpatient(0, day);
        visit.visit_type = 1;
        visit.facility = match place {
            0 => house.home.primary,
            1 => house.home.provincial,
            _ => house
                .world
                .places
                .other_than(house.home.primary, province, &mut house.draw),
        };
        if before.contains(&visit.facility) {
            visit.facility = house.home.district;
        }
        (visit.from, visit.to) = (None, None);
        if kind == &kind::REFERRAL_CHAIN {
            visit.from = before.last().copied();
        }
        before.push(visit.facility);
        (visit.admitted, visit.discharged) = (at, at + house.draw.range(20, 60));
        at += house.draw.range(90, 150);
        house.label(&visit, kind);
        house.file(&visit);
    }
}

pub(super) fn day_shopper(house: &mut House<'_>) {
    house.begin();
    let count = house.draw.range(3, 4);
    day_of_visits(house, count, &kind::DAY_SHOPPER);
}

pub(super) fn referral_chain(house: &mut House<'_>) {
    house.begin();
    day_of_visits(house, 3, &kind::REFERRAL_CHAIN);
}

pub(super) fn shopper(house: &mut House<'_>) {
    house.begin();
    let begin = house.some_day(5, 125).min(house.days() / 2);
    let last = (begin + 115).min(house.days() - 1);
    let province = house.world.places.province_of(house.home.primary);
    let mut day = begin;
    while day <= last {
        let mut visit = house.outpatient(0, day);
        visit.visit_type = house.draw.pick(&[1, 1, 1, 5]);
        if house.draw.chance(700) {
            let elsewhere =
                house
                    .world
                    .places
                    .other_than(house.home.primary, province, &mut house.draw);
            visit.facility = elsewhere;
            visit.from = None;
        }
        house.label(&visit, &kind::SHOPPER);
        house.file(&visit);
        day += house.draw.pick(&[1, 1, 2, 2]);
    }
}

pub(super) fn dialysis(house: &mut House<'_>) {
    house.begin();
    let diagnosis = house.world.diagnoses.place("N18.5");
    let mut day = house.draw.range(0, 6);
    let mut session = 0;
    while day < house.days() {
        let mut claim = house.usual(0, day, None);
        claim.visit_type = 8;
        claim.facility = house.home.district;
        claim.from = None;
        claim.diagnosis = diagnosis;
        claim.admitted = day * 1440 + house.draw.range(360, 840);
        claim.discharged = claim.admitted + house.draw.range(230, 280);
        house.label(&claim, &kind::DIALYSIS);
        house.file(&claim);
        day += [2, 2, 3][session % 3];
        session += 1;
    }
}
