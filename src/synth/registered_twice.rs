//! Participants whom somebody registered again instead of looking up their number.
//!
//! In: a household's rows. Out: the same rows, and of a few participants another under another insurance
//! number and without a personal id; who they are. Must hold: no reason is touched but those of participants
//! - the other number has no card and no claim - and no draw of anything else changes.
//!
//! Rates are assumptions, since none are published: of ten thousand participants 40 are registered again;
//! 55 in a hundred as they are, 30 with a misspelt name, 15 with another or a partial date of birth, one in
//! ten from another province. One in five of the second numbers is found out and gets its personal id.

use super::house::{BEFORE, Fate};
use super::kind;
use super::mistake::{misspelt, other_birth, partial};
use super::random::Draw;
use super::row::{Event, Participant, Row, Spelling, Wrong};
use super::truth::{Expected, Reason, Subject, Truth};
use super::world::{Person, World, domain};
use crate::record::SiNumber;

const DAY: i32 = 86_400;
/// Participants in ten thousand.
const RATE: u32 = 40;

/// One person under two numbers.
pub(super) struct Twice {
    numbers: [SiNumber; 2],
    /// When the second number got its personal id, in seconds.
    found_out: Option<i32>,
}

/// Registers some of a household again. `from` is the first member of whom no story is told.
pub(super) fn register_again(
    world: &World,
    people: &[Person],
    fates: &[Fate],
    from: usize,
    events: &mut Vec<Event>,
) -> Vec<Twice> {
    let mut all = Vec::new();
    for (person, fate) in people.iter().zip(fates).skip(from) {
        let mut draw = Draw::new(world.seed, domain::REGISTERED_TWICE, person.index.into());
        if draw.below(10_000) < RATE
            && fate.born < 0
            && let Some(own) = own_row(person, events)
        {
            all.push(again(world, person, own, &mut draw, events));
        }
    }
    all
}

/// The row of a participant of whom nothing is wrong.
fn own_row(person: &Person, events: &[Event]) -> Option<Participant> {
    let own = events.iter().find_map(|event| match &event.row {
        Row::Participant(row) if row.si == person.si => Some(row),
        _ => None,
    })?;
    let is_right = own.wrong.is_none() && own.id.is_none_or(|id| id == person.id);
    is_right.then(|| own.clone())
}

fn again(
    world: &World,
    person: &Person,
    own: Participant,
    draw: &mut Draw,
    events: &mut Vec<Event>,
) -> Twice {
    let mut office = |from: i32| {
        let day = draw.range(from, world.days - 1);
        day * DAY + 28_800 + draw.range(0, 32_000)
    };
    let (at, found_out) = (office(0), office(world.days / 2));
    let at = if draw.chance(500) { BEFORE } else { at };
    // Whose own number has none goes on being two people.
    let found_out = (draw.chance(200) && found_out > at && own.id.is_some()).then_some(found_out);
    let mut wrong = Wrong::default();
    match draw.below(100) {
        0..55 => {}
        55..85 => wrong.name = misspelt(world, person, draw),
        85..93 => wrong.birth = other_birth(person, draw),
        _ => wrong.birth = partial(person, draw),
    }
    let province = match draw.chance(100) {
        true => draw.below(63) as u8,
        false => own.province,
    };
    let row = Participant {
        who: person.index,
        si: world.insurance_number(person.index, 2),
        id: None,
        spelling: Spelling::True,
        province,
        wrong: (wrong != Wrong::default()).then(|| Box::new(wrong)),
    };
    let numbers = [own.si, row.si];
    let found = Participant {
        id: Some(person.id),
        wrong: None,
        ..row.clone()
    };
    let rows = [Some((at, row)), found_out.map(|at| (at, found))];
    let rows = rows.into_iter().flatten();
    events.extend(rows.map(|(at, row)| Event {
        at,
        row: Row::Participant(row),
    }));
    Twice { numbers, found_out }
}

/// Labels both numbers of each.
pub(super) fn truths(world: &World, all: &[Twice]) -> impl Iterator<Item = Truth> {
    let end = world.end();
    all.iter().flat_map(move |twice| {
        let is_found_out = twice.found_out.is_some_and(|at| at < end);
        twice.numbers.map(|si| Truth {
            reason: Reason::ProbableDuplicate,
            subject: Subject::Participant(si),
            kind: &kind::REGISTERED_TWICE,
            expected: match is_found_out {
                true => Expected::Withdrawn,
                false => Expected::Stands,
            },
            identity: None,
        })
    })
}
