//! A household as it is written: its rows and what is true of them.

use super::cast::Role;
use super::house::{BEFORE, House, TagOn};
use super::judge::judge;
use super::kind::{self, Kind};
use super::mistake::spoil;
use super::registered_twice::{register_again, truths};
use super::row::{Event, Object, Row};
use super::story::play;
use super::truth::{Expected, Reason, Subject, Truth};
use super::unauthenticated::unauthenticated;
use super::world::World;

/// A household's rows in order of time, none after the end, and its truth.
pub(super) struct Written {
    pub(super) events: Vec<Event>,
    pub(super) truth: Vec<Truth>,
    /// Visits that are claimed.
    pub(super) visits: u64,
}

/// Writes a household.
pub(super) fn write(world: &World, number: u32) -> Written {
    let mut house = House::new(world, number);
    play(&mut house);
    let House {
        mut events,
        tags,
        people,
        fates,
        home,
        ..
    } = house;
    // Nothing else is wrong with whom a story is about.
    let first = usize::from(home.role != Role::Ordinary);
    spoil(world, &people, &fates, first, &mut events);
    let twice = register_again(world, &people, &fates, first, &mut events);
    let end = world.end();
    events.retain(|event| event.at < end);
    events
        .iter_mut()
        .for_each(|event| event.at = event.at.max(BEFORE));
    events.sort_by_key(|event| event.at);
    one_row_a_key_and_time(&mut events);

    let verdicts = judge(world, &people, &events);
    let mut truth: Vec<Truth> = Vec::with_capacity(verdicts.len());
    let mut visits = 0;
    for event in &events {
        if let Row::Claim(claim) = &event.row {
            visits += u64::from(claim.object != Object::Withdrawn);
        }
    }
    for ((reason, subject), stands) in &verdicts {
        let of_alert = |on: &TagOn| match subject.visit() {
            Some(visit) => *on == TagOn::Alert(*reason, visit),
            None => false,
        };
        let of_visit = |on: &TagOn| subject.visit().is_some_and(|v| *on == TagOn::Visit(v));
        let holder = holder_of(&events, *subject);
        let of_holder = |on: &TagOn| holder.is_some_and(|si| *on == TagOn::Holder(si));
        let by = |on: &dyn Fn(&TagOn) -> bool| -> Option<&'static Kind> {
            tags.iter()
                .rev()
                .find(|tag| on(&tag.on))
                .map(|tag| tag.kind)
        };
        let kind = by(&of_alert)
            .or_else(|| by(&of_visit))
            .or_else(|| by(&of_holder));
        truth.push(Truth {
            reason: *reason,
            subject: *subject,
            kind: kind.unwrap_or(&kind::COINCIDENCE),
            expected: if *stands {
                Expected::Stands
            } else {
                Expected::Withdrawn
            },
            identity: None,
        });
    }
    for tag in &tags {
        if let TagOn::Nothing(reason, subject) = tag.on
            && !verdicts.contains_key(&(reason, subject))
            && is_known(&events, subject)
        {
            let expected = Expected::None;
            truth.push(Truth {
                reason,
                subject,
                kind: tag.kind,
                expected,
                identity: None,
            });
        }
    }
    truth.extend(unauthenticated(world, &people, &events));
    truth.extend(truths(world, &twice));
    truth.sort_by_key(|row| (row.reason, row.subject));
    Written {
        events,
        truth,
        visits,
    }
}

/// Makes rows of one key known at different seconds, so that their order is told by time alone.
fn one_row_a_key_and_time(events: &mut [Event]) {
    for place in 1..events.len() {
        if events[place].at < events[place - 1].at
            || (events[place].at == events[place - 1].at
                && events[place].at != BEFORE
                && same_key(&events[place].row, &events[place - 1].row))
        {
            events[place].at = events[place - 1].at + 1;
        }
    }
}

fn same_key(a: &Row, b: &Row) -> bool {
    match (a, b) {
        (Row::Citizen(a), Row::Citizen(b)) => a.id == b.id,
        (Row::Card(a), Row::Card(b)) => a.number == b.number,
        (Row::Participant(a), Row::Participant(b)) => a.si == b.si,
        (Row::Claim(a), Row::Claim(b)) => a.visit == b.visit,
        (Row::DeathReport(a), Row::DeathReport(b)) => a.report == b.report,
        _ => false,
    }
}

fn is_known(events: &[Event], subject: Subject) -> bool {
    events.iter().any(|event| match (&event.row, subject) {
        (Row::Claim(claim), Subject::Claim(_, visit)) => claim.visit == visit,
        (Row::CheckIn(claim), Subject::CheckIn(_, visit)) => claim.visit == visit,
        (Row::Card(card), Subject::Card(number)) => card.number == number,
        _ => false,
    })
}

/// The holder of the card that a subject is or lists first.
fn holder_of(events: &[Event], subject: Subject) -> Option<crate::record::SiNumber> {
    if let Subject::Card(card) = subject {
        return Some(card.holder());
    }
    events.iter().find_map(|event| match &event.row {
        Row::Claim(claim) | Row::CheckIn(claim) if Some(claim.visit) == subject.visit() => {
            claim.cards().next().map(|card| card.holder())
        }
        _ => None,
    })
}

impl Truth {
    /// Whether it is a claim that was under `service_after_death`.
    pub(super) fn is_after_death(&self) -> bool {
        self.reason == Reason::ServiceAfterDeath
            && matches!(self.subject, Subject::Claim(..))
            && self.expected != Expected::None
    }
}
