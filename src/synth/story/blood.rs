//! Blood groups on claims that are not the person's, or seem not to be.
//!
//! Must hold: the protagonist has a health profile, as the first member of every household who is born
//! before the period.

use super::super::house::{House, TagOn};
use super::super::kind;
use super::super::row::*;
use super::super::truth::Reason;

/// A group whose ABO letters are others.
fn of_other_letters(house: &mut House<'_>, blood: u8) -> u8 {
    let letters = (blood / 2 + 1 + house.draw.below(3) as u8) % 4;
    letters * 2 + blood % 2
}

/// A visit of the protagonist, whose claim names a blood group, amid the usual ones.
fn tested(house: &mut House<'_>, blood: u8) -> Claim {
    let day = house.some_day(15, 60);
    let last = house.days() - 1;
    let mut claim = house.visit_amid(day, 0, last);
    claim.blood = Some(blood);
    claim
}

pub(super) fn slip(house: &mut House<'_>) {
    house.begin();
    let own = house.people[0].blood;
    let wrong = of_other_letters(house, own);
    let mut claim = tested(house, wrong);
    house.label(&claim, &kind::BLOOD_SLIP);
    let at = house.file(&claim);
    if house.draw.chance(500) {
        claim.blood = house.draw.chance(700).then_some(own);
        house.correct(claim, at);
    }
}

pub(super) fn other_rhesus(house: &mut House<'_>) {
    house.begin();
    let other = house.people[0].blood ^ 1;
    let claim = tested(house, other);
    house.innocent(Reason::BloodGroupConflict, &claim, &kind::OTHER_RHESUS);
    house.file(&claim);
}

pub(super) fn profile_slip(house: &mut House<'_>) {
    house.begin();
    let (who, id, own) = {
        let person = &house.people[0];
        (person.index, person.id, person.blood)
    };
    let claim = tested(house, own);
    let si = house.people[0].si;
    house.tag(TagOn::Holder(si), &kind::PROFILE_SLIP);
    let known = house.file(&claim);
    let blood = of_other_letters(house, own);
    let at = known + house.draw.range(-20, 40) * super::DAY;
    let at = at.max(super::DAY);
    house.push(at, Row::HealthProfile(HealthProfile { who, id, blood }));
    if house.draw.chance(500) {
        let mended = at.max(known) + house.draw.range(2, 60) * super::DAY;
        let blood = own;
        house.push(mended, Row::HealthProfile(HealthProfile { who, id, blood }));
    }
}

pub(super) fn of_another(house: &mut House<'_>) {
    house.begin();
    let own = house.people[0].blood;
    // Somebody of the household, or else of another, and not everyone shows an identity card.
    let mut others = house.people.iter().map(|person| person.blood);
    let at_home = others.find(|blood| blood / 2 != own / 2);
    let stranger = of_other_letters(house, own);
    let blood = at_home
        .filter(|_| house.draw.chance(600))
        .unwrap_or(stranger);
    let mut claim = tested(house, blood);
    if house.draw.chance(300) {
        claim.id = None;
    }
    house.label(&claim, &kind::BLOOD_OF_ANOTHER);
    house.file(&claim);
}
