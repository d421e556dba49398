//! What the insurance database has wrong of people with whom nothing else is the matter.
//!
//! In: a household's rows. Out: the same rows, a few participants' with a misspelt name, a wrong birth
//! date or sex, or a personal id that leads to no citizen. Must hold: no other reason is touched - ids
//! are spoilt only of people who neither came for care nor died, and nobody reads the other fields -
//! and no draw of anything else changes.
//!
//! Rates are assumptions, since none are published: in ten thousand participants, 80 names are
//! misspelt, 10 are others, 60 birth dates are partial, swapped or wrong, 20 sexes are, and 10 have
//! two of these; of those who do not come for care, 120 ids lead nowhere. Whoever has no id at all,
//! one in a hundred, is drawn with the person.

use super::house::{BEFORE, Fate};
use super::random::Draw;
use super::row::*;
use super::slip::SLIPS;
use super::world::{Person, World, domain, whole};
use crate::record::{LifeStatus, PartialDate, PersonalId};

/// What is wrong, and of how many participants in ten thousand.
#[derive(Clone, Copy)]
enum Mistake {
    Misspelt,
    OtherName,
    PartialBirth,
    SwappedBirth,
    OtherBirth,
    OtherSex,
    Several,
    UnknownId,
    SupersededId,
    CancelledId,
    CancelledCitizen,
}

const MISTAKES: [(Mistake, u32); 11] = [
    (Mistake::Misspelt, 80),
    (Mistake::OtherName, 10),
    (Mistake::PartialBirth, 20),
    (Mistake::SwappedBirth, 10),
    (Mistake::OtherBirth, 30),
    (Mistake::OtherSex, 20),
    (Mistake::Several, 10),
    (Mistake::UnknownId, 60),
    (Mistake::SupersededId, 30),
    (Mistake::CancelledId, 20),
    (Mistake::CancelledCitizen, 10),
];
/// Draws until a mistake can happen to a person.
const ATTEMPTS: usize = 8;

/// Spoils rows of a household. `from` is the first member of whom no story is told.
pub(super) fn spoil(
    world: &World,
    people: &[Person],
    fates: &[Fate],
    from: usize,
    events: &mut Vec<Event>,
) {
    for (person, fate) in people.iter().zip(fates).skip(from) {
        let mut draw = Draw::new(world.seed, domain::MISTAKE, person.index.into());
        let mut left = draw.below(10_000);
        let mistake = MISTAKES.iter().find(|(_, rate)| {
            let found = left < *rate;
            left = left.saturating_sub(*rate);
            found
        });
        if let Some((mistake, _)) = mistake
            && person.linked
        {
            spoil_one(world, person, fate, *mistake, &mut draw, events);
        }
    }
}

fn spoil_one(
    world: &World,
    person: &Person,
    fate: &Fate,
    mistake: Mistake,
    draw: &mut Draw,
    events: &mut Vec<Event>,
) {
    let is_about = |row: &Row| match row {
        Row::Claim(claim) | Row::CheckIn(claim) => {
            claim.who == person.index || claim.cards().any(|card| card.holder() == person.si)
        }
        _ => false,
    };
    let is_quiet =
        !fate.long_dead && fate.dies.is_none() && !events.iter().any(|event| is_about(&event.row));
    let of_id = matches!(
        mistake,
        Mistake::UnknownId
            | Mistake::SupersededId
            | Mistake::CancelledId
            | Mistake::CancelledCitizen
    );
    if of_id && !is_quiet {
        return;
    }
    let participant = events.iter_mut().find_map(|event| match &mut event.row {
        Row::Participant(row) if row.si == person.si => Some(row),
        _ => None,
    });
    let Some(participant) = participant else {
        return;
    };
    let mut wrong = Wrong::default();
    match mistake {
        Mistake::Misspelt => wrong.name = misspelt(world, person, draw),
        Mistake::OtherName => wrong.name = other_name(world, person, draw),
        Mistake::PartialBirth => wrong.birth = partial(person, draw),
        Mistake::SwappedBirth => wrong.birth = swapped(person),
        Mistake::OtherBirth => wrong.birth = other_birth(person, draw),
        Mistake::OtherSex => wrong.other_sex = true,
        Mistake::Several => {
            wrong.name = misspelt(world, person, draw);
            wrong.birth = other_birth(person, draw);
            wrong.other_sex = wrong.birth.is_none();
        }
        Mistake::UnknownId => participant.id = Some(unknown(person, draw)),
        Mistake::SupersededId | Mistake::CancelledId => {
            let old = of_other_sex(person.id);
            participant.id = Some(old);
            let row = Citizen {
                who: person.index,
                id: old,
                spelling: Spelling::True,
                status: LifeStatus::Cancelled,
                death: None,
                superseded_by: matches!(mistake, Mistake::SupersededId).then_some(person.id),
                old_id: None,
                province: participant.province,
            };
            events.push(Event {
                at: BEFORE,
                row: Row::Citizen(row),
            });
            return;
        }
        Mistake::CancelledCitizen => {
            for event in events {
                if let Row::Citizen(row) = &mut event.row
                    && row.id == person.id
                {
                    row.status = LifeStatus::Cancelled;
                }
            }
            return;
        }
    }
    if wrong != Wrong::default() {
        participant.wrong = Some(Box::new(wrong));
    }
}

pub(super) fn misspelt(world: &World, person: &Person, draw: &mut Draw) -> Option<WrongName> {
    let mut name = String::new();
    world.names.write(person.name, &mut name);
    (0..ATTEMPTS).find_map(|_| {
        let slip = SLIPS[draw.weighted(SLIPS.iter().map(|(_, weight)| *weight))].0;
        let text = slip.of(&name, draw)?;
        Some(WrongName {
            text,
            is_other: false,
        })
    })
}

/// The name by which somebody is called, with the family's before it.
fn other_name(world: &World, person: &Person, draw: &mut Draw) -> Option<WrongName> {
    let (mut own, mut text) = (String::new(), String::new());
    world.names.write(person.name, &mut own);
    let born = person.birth.civil().0;
    let other = world
        .names
        .draw(draw, person.name.family(), person.female, born);
    world.names.write(other, &mut text);
    (own.split(' ').next_back() != text.split(' ').next_back()).then_some(WrongName {
        text,
        is_other: true,
    })
}

/// The year, or year and month; the whole date where the population database has the year only.
pub(super) fn partial(person: &Person, draw: &mut Draw) -> Option<PartialDate> {
    let (year, month, _) = person.birth.civil();
    if person.year_only {
        return Some(whole(person.birth));
    }
    let month = draw.chance(400).then_some(month as u8);
    PartialDate::new(year as u16, month, None)
}

fn swapped(person: &Person) -> Option<PartialDate> {
    let (year, month, day) = person.birth.civil();
    let can_be = !person.year_only && day <= 12 && day != month;
    can_be
        .then(|| PartialDate::new(year as u16, Some(day as u8), Some(month as u8)))
        .flatten()
}

/// Another date: a digit mistyped, two swapped, the default of software, or somebody else's.
pub(super) fn other_birth(person: &Person, draw: &mut Draw) -> Option<PartialDate> {
    let (year, month, day) = person.birth.civil();
    let (year, month, day) = (year as u32, month, day);
    if person.year_only {
        return None;
    }
    let dates = (0..ATTEMPTS).filter_map(|_| {
        let digit = draw.below(10);
        let (year, month, day) = match draw.below(100) {
            0..25 => (year, month, day / 10 * 10 + digit),
            25..35 => (year, digit, day),
            35..50 => (year / 10 * 10 + digit, month, day),
            50..60 => (year, month, day % 10 * 10 + day / 10),
            60..70 => (
                year / 100 * 100 + year % 10 * 10 + year / 10 % 10,
                month,
                day,
            ),
            70..85 => (year, 1, 1),
            85..90 => (year, month, 1),
            _ => (year - 3 + digit, 1 + draw.below(12), 1 + draw.below(28)),
        };
        PartialDate::new(year as u16, Some(month as u8), Some(day as u8))
    });
    let own = whole(person.birth);
    let swapped = swapped(person);
    dates
        .into_iter()
        .find(|date| *date != own && Some(*date) != swapped)
}

/// A number that nobody has: no province begins with another digit than 0, and province, serial and
/// the last digit of the year together are one person's.
fn unknown(person: &Person, draw: &mut Draw) -> PersonalId {
    let own = person.id.number();
    let first = 100_000_000_000;
    let number = match draw.below(10) {
        0..3 => own + u64::from(1 + draw.below(9)) * first,
        3..6 => {
            // The decade of birth.
            let place = 10_000_000;
            let digit = own / place % 10;
            own - digit * place + (digit + 1 + u64::from(draw.below(9))) % 10 * place
        }
        6..8 => of_other_sex(person.id).number(),
        // The old number, with zeros before it; there is no province 000.
        _ => match person.old_id {
            Some(old) => old.number(),
            None => own + u64::from(1 + draw.below(9)) * first,
        },
    };
    PersonalId::new(number).unwrap_or(person.id)
}

/// The number with the digit of the other sex.
fn of_other_sex(id: PersonalId) -> PersonalId {
    let place = 100_000_000;
    let number = match id.number() / place % 2 {
        0 => id.number() + place,
        _ => id.number() - place,
    };
    PersonalId::new(number).unwrap_or(id)
}
