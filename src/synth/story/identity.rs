//! One person under two numbers, and two people under one.

use super::super::house::{BEFORE, House, TagOn};
use super::super::kind::{self, Kind};
use super::super::row::*;
use super::super::truth::Reason;
use super::super::world::{FAMILY, World};
use crate::record::{CardStatus, LifeStatus, PersonalId};

/// Registers the protagonist under another insurance number, with a card that begins on a day. Gives
/// the card.
fn register_again(house: &mut House<'_>, known: i32, from: DayNumber, kind: &'static Kind) -> Card {
    let person = &house.people[0];
    let si = house.world.insurance_number(person.index, 1);
    let row = Participant {
        who: person.index,
        si,
        id: Some(person.id),
        spelling: Spelling::True,
        province: house.home.province,
        wrong: None,
    };
    let own = person.si;
    let card = Card {
        number: World::card(FAMILY, house.home.province, si),
        from,
        to: None,
        status: CardStatus::Valid,
        since: None,
        facility: house.home.district,
    };
    house.push(known, Row::Participant(row));
    house.push(
        if known < 0 { known } else { known + 600 },
        Row::Card(card.clone()),
    );
    house.tag(TagOn::Holder(si), kind);
    house.tag(TagOn::Holder(own), kind);
    card
}

pub(super) fn two_numbers(house: &mut House<'_>) {
    house.people[0].chronic = 3;
    house.begin();
    let card = register_again(house, BEFORE, -200, &kind::TWO_NUMBERS);
    let from = house.some_day(5, 120);
    house.habit(0, from, from + 100);
    // The same illness again under the other number, some days off.
    for day in house.some_days(3, from, from + 100) {
        let mut claim = house.outpatient(0, day);
        claim.cards = [Some(card.number), None];
        claim.admitted += 1;
        house.file(&claim);
    }
}

pub(super) fn clerk_duplicate(house: &mut House<'_>) {
    house.begin();
    let day = house.some_day(15, 100);
    house.habit(0, 0, day - 40);
    let at = house.office(day);
    let card = register_again(house, at, day, &kind::CLERK_DUPLICATE);
    for day in house.some_days(2, day + 2, day + 40) {
        let mut claim = house.outpatient(0, day);
        // Whichever card is at hand: each illness is billed once.
        if house.draw.chance(400) {
            claim.cards = [Some(card.number), None];
        }
        house.file(&claim);
    }
    if house.draw.chance(550) {
        // Found out: the second card never was in force.
        let merged = day + 60 + house.draw.range(0, 60);
        let at = house.office(merged);
        let status = CardStatus::Replaced;
        house.push(
            at,
            Row::Card(Card {
                status,
                since: Some(card.from),
                ..card
            }),
        );
        house.habit(0, merged + 5, house.days() - 1);
    }
}

/// A claim of the protagonist that names another number.
fn claim_naming(house: &mut House<'_>, id: PersonalId, kind: &'static Kind) -> (Claim, i32) {
    let day = house.some_day(15, 60);
    house.habit(0, 0, day - 1);
    let mut claim = house.outpatient(0, day);
    claim.id = Some(id);
    house.label(&claim, kind);
    let at = house.file(&claim);
    house.habit(0, day + 1, house.days() - 1);
    (claim, at)
}

pub(super) fn lent_card(house: &mut House<'_>) {
    house.begin();
    let other = house.people[1].id;
    claim_naming(house, other, &kind::LENT_CARD);
}

pub(super) fn id_typo(house: &mut House<'_>) {
    house.begin();
    let own = house.people[0].id;
    // One of the last six digits becomes the next one.
    let place = 10u64.pow(house.draw.below(6));
    let digit = own.number() / place % 10;
    let typed = own.number() - digit * place + (digit + 1) % 10 * place;
    let typed = PersonalId::new(typed).unwrap_or(own);
    let (mut claim, at) = claim_naming(house, typed, &kind::ID_TYPO);
    if house.draw.chance(350) {
        claim.id = Some(own);
        house.correct(claim, at);
    }
}

pub(super) fn superseded_id(house: &mut House<'_>) {
    house.begin();
    let (index, own) = (house.people[0].index, house.people[0].id);
    // The sex was wrong at registration: the digit of sex and century was the other one.
    let digit = 100_000_000;
    let odd = own.number() / digit % 2 == 1;
    let old = if odd {
        own.number() - digit
    } else {
        own.number() + digit
    };
    let old = PersonalId::new(old).unwrap_or(own);
    let row = Citizen {
        who: index,
        id: old,
        spelling: Spelling::OtherSex,
        status: LifeStatus::Cancelled,
        death: None,
        superseded_by: Some(own),
        old_id: None,
        province: house.home.province,
    };
    house.push(BEFORE, Row::Citizen(row));
    let (claim, _) = claim_naming(house, old, &kind::SUPERSEDED_ID);
    house.innocent(Reason::IdentityMismatch, &claim, &kind::SUPERSEDED_ID);
}
