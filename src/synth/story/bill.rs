//! Bills: twice, of the wrong patient, of the wrong amount.

use super::super::house::House;
use super::super::kind::{self, Kind};
use super::super::row::*;
use super::super::truth::Reason;
use super::super::world::{FAMILY, years_between};

/// A visit of the protagonist amid the usual ones.
fn visit(house: &mut House<'_>) -> Claim {
    let day = house.some_day(15, 60);
    house.habit(0, 0, day - 1);
    house.habit(0, day + 40, house.days() - 1);
    house.outpatient(0, day)
}

/// Sends a visit, and again under another number. Gives the second and when it was known.
fn twice(house: &mut House<'_>, kind: &'static Kind) -> (Claim, i32) {
    let first = visit(house);
    let mut again = first.clone();
    again.visit = house.new_visit();
    house.label(&again, kind);
    let known = house.file(&first);
    let at = house.file(&again);
    (again, at.max(known))
}

pub(super) fn billed_twice(house: &mut House<'_>) {
    house.begin();
    twice(house, &kind::BILLED_TWICE);
}

pub(super) fn keyed_twice(house: &mut House<'_>) {
    house.begin();
    let (mut again, at) = twice(house, &kind::KEYED_TWICE);
    if house.draw.chance(600) {
        again.object = Object::Withdrawn;
        house.correct(again, at);
    }
}

pub(super) fn resent(house: &mut House<'_>) {
    house.begin();
    let mut claim = visit(house);
    house.innocent(Reason::DuplicateClaim, &claim, &kind::RESENT);
    let at = house.file(&claim);
    claim.department = 1 + claim.department % 40;
    house.correct(claim, at);
}

/// Replaces a claim's amounts by those of a cost that the level of the card matters for.
fn costly(house: &mut House<'_>, claim: &mut Claim) {
    claim.object = Object::Registered;
    let level = claim.cards[0].map(|card| card.benefit_level());
    let cost = i64::from(house.draw.range(900, 6_000)) * 1_000;
    claim.money = Amounts::of(cost, level, claim.object, &mut house.draw);
}

pub(super) fn other_sex(house: &mut House<'_>) {
    house.begin();
    let mut claim = visit(house);
    claim.diagnosis = house.world.diagnoses.place("C56");
    costly(house, &mut claim);
    house.label(&claim, &kind::OTHER_SEX);
    house.file(&claim);
}

pub(super) fn sex_typo(house: &mut House<'_>) {
    house.begin();
    let mut claim = visit(house);
    claim.diagnosis = house.world.diagnoses.place("N76.0");
    claim.spelling = Spelling::OtherSex;
    house.label(&claim, &kind::SEX_TYPO);
    let at = house.file(&claim);
    if house.draw.chance(500) {
        claim.spelling = Spelling::True;
        house.correct(claim, at);
    }
}

pub(super) fn inflated(house: &mut House<'_>) {
    house.begin();
    let mut claim = visit(house);
    claim.money.paid += i64::from(house.draw.range(20, 900)) * 1_000;
    house.label(&claim, &kind::INFLATED);
    house.file(&claim);
}

pub(super) fn money_slip(house: &mut House<'_>) {
    house.begin();
    let mut claim = visit(house);
    costly(house, &mut claim);
    let right = claim.money;
    // A digit too few, or a number moved by a thousand.
    let slip = house.draw.pick(&[claim.money.paid * 9 / 10, 90_000, 1_000]);
    claim.money.paid -= slip.min(claim.money.paid);
    house.label(&claim, &kind::MONEY_SLIP);
    let at = house.file(&claim);
    if house.draw.chance(600) {
        claim.money = right;
        house.correct(claim, at);
    }
}

pub(super) fn other_age(house: &mut House<'_>) {
    house.begin();
    house.habit(0, 0, house.days() - 1);
    // The third member is a child or young; a cataract of old age is not for either.
    let young = house.people[2].clone();
    let day = house.some_day(15, 60).max(house.fates[2].born);
    let years = years_between(young.birth, house.world.day(day));
    let gone = house.fates[2].long_dead || house.fates[2].dies.is_some_and(|died| day > died);
    if !(1..30).contains(&years) || gone {
        return;
    }
    let mut claim = house.outpatient(2, day);
    // Not on a day of the usual visits, nor in a stay: a course of its own.
    claim.visit_type = 2;
    claim.discharged = (day + 6) * 1440 + 1439;
    claim.diagnosis = house.world.diagnoses.place("H25.9");
    house.label(&claim, &kind::AGE_BILLED);
    house.file(&claim);
}

pub(super) fn overpaid(house: &mut House<'_>) {
    house.people[0].group = FAMILY;
    house.plain_card(0);
    house.begin();
    let mut claim = visit(house);
    costly(house, &mut claim);
    claim.money.paid = claim.money.covered;
    (claim.money.copay, claim.money.other) = (0, 0);
    house.label(&claim, &kind::OVERPAID);
    house.file(&claim);
}
