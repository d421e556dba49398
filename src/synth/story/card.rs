//! Cards that are not registered, have expired or were withdrawn.

use super::super::house::{House, TagOn};
use super::super::kind;
use super::super::row::*;
use super::super::truth::Reason;
use super::super::world::World;
use super::DAY;
use crate::record::CardStatus;

/// Outpatient visits on some days.
fn visits(house: &mut House<'_>, count: usize, from: DayNumber, to: DayNumber) -> Vec<Claim> {
    let days = house.some_days(count, from, to.min(house.days() - 1));
    days.into_iter()
        .map(|day| house.outpatient(0, day))
        .collect()
}

pub(super) fn typo(house: &mut House<'_>) {
    house.begin();
    let day = house.some_day(20, 50);
    house.habit(0, 0, day - 1);
    let mut claim = house.outpatient(0, day);
    let right = claim.cards;
    // The two digits of the province, keyed as another's.
    let person = &house.people[0];
    let province = (house.home.province + 1 + house.draw.below(61) as u8) % 63;
    claim.cards[0] = Some(World::card(person.group, province, person.si));
    house.label(&claim, &kind::CARD_TYPO);
    let at = house.file(&claim);
    if house.draw.chance(500) {
        claim.cards = right;
        house.correct(claim, at);
    }
    house.habit(0, day + 1, house.days() - 1);
}

pub(super) fn forged(house: &mut House<'_>) {
    house.begin();
    house.habit(0, 0, house.days() - 1);
    let number = house.world.insurance_number(house.people[0].index, 2);
    let card = World::card(house.people[0].group, house.home.province, number);
    let from = house.some_day(20, 90);
    for mut claim in visits(house, 3, from, from + 60) {
        claim.cards = [Some(card), None];
        claim.id = None;
        house.label(&claim, &kind::FORGED_CARD);
        if house.draw.chance(400) {
            house.check_in(&claim);
        }
        house.file(&claim);
    }
}

pub(super) fn entered_late(house: &mut House<'_>) {
    let known = house.some_day(50, 30);
    let from = (known - 45).max(0);
    let held = &mut house.fates[0].held[0];
    held.known = known * DAY + 40_000;
    held.card.from = from;
    house.begin();
    for claim in visits(house, 3, from, known - 8) {
        house.label(&claim, &kind::CARD_LATE);
        if house.draw.chance(400) {
            house.check_in(&claim);
        }
        house.file(&claim);
    }
    house.habit(0, known + 1, house.days() - 1);
}

pub(super) fn expired(house: &mut House<'_>) {
    let last = house.some_day(20, 90);
    house.fates[0].held[0].card.to = Some(last);
    house.begin();
    house.habit(0, 0, last - 35);
    for claim in visits(house, 2, last + 3, last + 70) {
        house.label(&claim, &kind::EXPIRED_CARD);
        if house.draw.chance(400) {
            house.check_in(&claim);
        }
        house.file(&claim);
    }
}

pub(super) fn late_renewal(house: &mut House<'_>) {
    let last = house.some_day(20, 90);
    let renewed = last + house.draw.range(20, 50);
    let held = &mut house.fates[0].held[0];
    held.card.to = Some(last);
    held.renewals = vec![(renewed * DAY + 50_000, last + 4_000)];
    house.begin();
    house.habit(0, 0, last - 35);
    for claim in visits(house, 2, last + 1, renewed - 5) {
        house.label(&claim, &kind::LATE_RENEWAL);
        house.file(&claim);
    }
    house.habit(0, renewed + 1, house.days() - 1);
}

pub(super) fn grace_stay(house: &mut House<'_>) {
    let last = house.some_day(20, 60);
    house.fates[0].held[0].card.to = Some(last);
    house.begin();
    house.habit(0, 0, last - 35);
    let mut claim = house.usual(0, last - 2, Some(false));
    claim.visit_type = 3;
    claim.discharged = (last + house.draw.range(2, 15)) * 1440 + house.draw.range(500, 1_000);
    house.innocent(Reason::CardNotValid, &claim, &kind::GRACE_STAY);
    house.file(&claim);
}

pub(super) fn revoked(house: &mut House<'_>) {
    house.begin();
    let day = house.some_day(20, 80);
    house.habit(0, 0, day - 1);
    let at = house.office(day);
    house.set_status(0, at, CardStatus::Revoked, Some(day));
    for claim in visits(house, 3, day + 2, day + 70) {
        house.label(&claim, &kind::REVOKED_CARD);
        if house.draw.chance(400) {
            house.check_in(&claim);
        }
        house.file(&claim);
    }
}

pub(super) fn reduced_by_mistake(house: &mut House<'_>) {
    house.begin();
    let day = house.some_day(20, 80);
    house.habit(0, 0, day - 1);
    let at = house.office(day);
    house.set_status(0, at, CardStatus::Reduced, Some(day));
    let si = house.people[0].si;
    house.tag(TagOn::Holder(si), &kind::REDUCED_BY_MISTAKE);
    for claim in visits(house, 2, day + 2, day + 40) {
        house.label(&claim, &kind::REDUCED_BY_MISTAKE);
        house.file(&claim);
    }
    if house.draw.chance(600) {
        let at = house.office(day + 60);
        house.set_status(0, at, CardStatus::Valid, None);
        house.habit(0, day + 65, house.days() - 1);
    }
}

pub(super) fn force(house: &mut House<'_>) {
    house.begin();
    let from = house.some_day(10, 60);
    for claim in visits(house, 4, from, from + 90) {
        house.innocent(Reason::UnknownCard, &claim, &kind::FORCE_CARD);
        house.file(&claim);
    }
}
