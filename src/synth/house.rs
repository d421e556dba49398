//! One household while its year is written: who it is, what happened, what is labelled.
//!
//! Stories and ordinary life add rows here; nothing is sorted and nothing leaves it before the whole
//! household is written, so that the judge sees everything that decides an alert.

use super::kind::Kind;
use super::random::Draw;
use super::row::*;
use super::truth::{Reason, Subject};
use super::world::{
    CHILD, EMPLOYEE, Home, MEMBERS, MERIT, PENSIONER, Person, World, domain, whole,
};
use crate::record::{
    CardNumber, CardStatus, DeathSource, LifeStatus, PartialDate, PersonalId, SiNumber,
};

/// Known before the period.
pub(super) const BEFORE: i32 = -1;
const DAY: i32 = 86_400;

/// A card as a person holds it over time.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) card: Card,
    /// When the register learns it.
    pub(super) known: i32,
    /// Renewals: when they become known, and until when they make the card valid.
    pub(super) renewals: Vec<(i32, DayNumber)>,
}

/// What happens to a member, besides visits.
#[derive(Clone, Debug, Default)]
pub(super) struct Fate {
    /// The first day of which the person can come.
    pub(super) born: DayNumber,
    /// The true day of death.
    pub(super) dies: Option<DayNumber>,
    /// Died before the period.
    pub(super) long_dead: bool,
    /// Dead before the period, with a card that was never reduced.
    pub(super) stale: bool,
    /// Does not die in hospital.
    pub(super) quiet: bool,
    /// Works where the story says.
    pub(super) works_by_story: bool,
    /// The day of a move to another province, and the province.
    pub(super) moves: Option<(DayNumber, u8)>,
    pub(super) held: Vec<Held>,
    /// The number on a newborn's temporary card.
    pub(super) temporary: Option<CardNumber>,
}

/// A label on what a story does.
#[derive(Clone, Debug)]
pub(super) struct Tag {
    pub(super) on: TagOn,
    pub(super) kind: &'static Kind,
}

/// What a label is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TagOn {
    /// Alerts of one reason about a claim or check-in.
    Alert(Reason, u64),
    /// Every alert about a claim or check-in.
    Visit(u64),
    /// Every alert about a holder's claims and cards.
    Holder(SiNumber),
    /// Every alert about a benefit.
    Benefit(PersonalId, Scheme),
    /// Must not be an alert.
    Nothing(Reason, Subject),
}

pub(super) struct House<'w> {
    pub(super) world: &'w World,
    pub(super) home: Home,
    pub(super) people: Vec<Person>,
    pub(super) fates: Vec<Fate>,
    pub(super) events: Vec<Event>,
    pub(super) tags: Vec<Tag>,
    pub(super) draw: Draw,
    visits: u64,
    reports: u32,
}

impl<'w> House<'w> {
    pub(super) fn new(world: &'w World, number: u32) -> Self {
        let home = world.home(number);
        let people = (0..world.members(number))
            .map(|m| world.member(&home, m))
            .collect();
        let mut house = Self {
            world,
            people,
            fates: Vec::with_capacity(MEMBERS as usize),
            events: Vec::with_capacity(32),
            tags: Vec::new(),
            draw: Draw::new(world.seed, domain::LIFE, number.into()),
            visits: 0,
            reports: 0,
            home,
        };
        for member in 0..house.people.len() {
            let fate = house.fate(member);
            house.fates.push(fate);
        }
        house
    }

    /// Days of the period.
    pub(super) fn days(&self) -> i32 {
        self.world.days
    }

    /// A time on a day, in office hours.
    pub(super) fn office(&mut self, day: DayNumber) -> i32 {
        day * DAY + 28_800 + self.draw.range(0, 32_000)
    }

    /// A time some days after a day, in office hours.
    pub(super) fn office_within(&mut self, day: DayNumber, least: i32, most: i32) -> i32 {
        let later = self.draw.range(least, most);
        self.office(day + later)
    }

    pub(super) fn push(&mut self, at: i32, row: Row) {
        self.events.push(Event { at, row });
    }

    pub(super) fn tag(&mut self, on: TagOn, kind: &'static Kind) {
        self.tags.push(Tag { on, kind });
    }

    /// A number for a new visit, unique in the country.
    pub(super) fn new_visit(&mut self) -> u64 {
        self.visits += 1;
        u64::from(self.home.number) * 65_536 + self.visits.min(65_535)
    }

    // ---- registers ----

    /// The row of a citizen as it stands on a day.
    pub(super) fn citizen(&self, member: usize, day: DayNumber) -> Citizen {
        let (person, fate) = (&self.people[member], &self.fates[member]);
        Citizen {
            who: person.index,
            id: person.id,
            spelling: Spelling::True,
            status: LifeStatus::Alive,
            death: None,
            superseded_by: None,
            old_id: person.old_id,
            province: match fate.moves {
                Some((moved, province)) if moved <= day => province,
                _ => self.home.province,
            },
        }
    }

    /// The population register learns that somebody died.
    pub(super) fn register_death(&mut self, member: usize, at: i32, death: PartialDate) {
        let mut row = self.citizen(member, at.div_euclid(DAY));
        row.status = LifeStatus::Dead;
        row.death = Some(death);
        self.push(at, Row::Citizen(row));
    }

    /// The population register takes a death back.
    pub(super) fn register_alive(&mut self, member: usize, at: i32) {
        let row = self.citizen(member, at.div_euclid(DAY));
        self.push(at, Row::Citizen(row));
    }

    /// Someone reports a death. Gives the report.
    pub(super) fn report(
        &mut self,
        member: usize,
        at: i32,
        death: PartialDate,
        source: DeathSource,
    ) -> DeathReport {
        let person = &self.people[member];
        let by_insurance = source == DeathSource::ContributionForm;
        let report = DeathReport {
            report: self.world.report_number(self.home.number, self.reports),
            id: (!by_insurance).then_some(person.id),
            si: by_insurance.then_some(person.si),
            death,
            source,
            delete: false,
        };
        self.reports += 1;
        self.push(at, Row::DeathReport(report.clone()));
        report
    }

    /// A report is taken back.
    pub(super) fn retract(&mut self, at: i32, report: &DeathReport) {
        self.push(
            at,
            Row::DeathReport(DeathReport {
                delete: true,
                ..report.clone()
            }),
        );
    }

    /// A card's row with another status.
    pub(super) fn set_status(
        &mut self,
        member: usize,
        at: i32,
        status: CardStatus,
        since: Option<DayNumber>,
    ) {
        if let Some(held) = self.fates[member].held.last() {
            let mut card = held.card.clone();
            for (_, to) in held.renewals.iter().filter(|(known, _)| *known < at) {
                card.to = Some(*to);
            }
            card.status = status;
            card.since = since;
            self.push(at, Row::Card(card));
        }
    }

    /// A plain open card that no renewal or move touches, for stories that need their own.
    pub(super) fn plain_card(&mut self, member: usize) {
        let card = World::card(
            self.people[member].group,
            self.home.province,
            self.people[member].si,
        );
        let fate = &mut self.fates[member];
        fate.moves = None;
        let from = fate.held.first().map_or(-400, |held| held.card.from);
        fate.held = vec![Held {
            card: Card {
                number: card,
                from,
                to: None,
                status: CardStatus::Valid,
                since: None,
                facility: self.home.primary,
            },
            known: BEFORE,
            renewals: Vec::new(),
        }];
    }

    /// What ordinary life has for a member.
    fn fate(&mut self, member: usize) -> Fate {
        let (days, start) = (self.days(), self.world.start);
        let person = &self.people[member];
        let born = (person.birth.number() - start.number()).max(-40_000);
        let years = -born / 365;
        let draw = &mut self.draw;
        let deaths_in_100_000 = match years {
            ..1 => 400,
            1..40 => 90,
            40..60 => 420,
            60..75 => 1_900,
            _ => 6_500,
        };
        let over = (i64::from(days) * deaths_in_100_000 / 365).min(60_000) as u32;
        let dies = (born < -30 && draw.below(100_000) < over).then(|| draw.range(0, days - 1));
        let long_dead = years > 50 && draw.chance(12);
        let moves = (draw.chance(12) && dies.is_none() && born < -400)
            .then(|| {
                (
                    draw.range(0, days - 1),
                    draw.weighted([1u32; 63].into_iter()) as u8,
                )
            })
            .filter(|(_, province)| *province != self.home.province);
        let mut fate = Fate {
            born,
            dies,
            long_dead,
            moves,
            ..Fate::default()
        };
        let (insured, group, si) = (person.insured, person.group, person.si);
        if !insured {
            return fate;
        }
        let newborn = born >= 0;
        let known = if newborn {
            let day = born + draw.range(12, 45);
            day * DAY + 36_000 + draw.range(0, 20_000)
        } else {
            BEFORE
        };
        let group = if newborn { CHILD } else { group };
        let card = World::card(group, self.home.province, si);
        // Army and police cards are in registers of their own.
        if card.is_force_card() {
            fate.held.push(Held {
                card: Card {
                    number: card,
                    from: -1_000,
                    to: None,
                    status: CardStatus::Valid,
                    since: None,
                    facility: self.home.district,
                },
                known: i32::MAX,
                renewals: Vec::new(),
            });
            fate.moves = None;
            return fate;
        }
        let from = if newborn {
            born
        } else {
            (-30 - draw.range(0, 700)).max(born)
        };
        let mut renewals = Vec::new();
        let ends = match draw.below(10) {
            0..=2 => None,
            3..=7 => Some(364),
            _ => Some(draw.range(20, 380)),
        }
        .filter(|_| !newborn);
        if let Some(first) = ends {
            let mut to = first;
            while to < days + 40 {
                let known = (to - draw.range(1, 28)).max(0) * DAY + draw.range(0, 80_000);
                // A card that is renewed long before the period is over is renewed again.
                to += 365;
                renewals.push((known, to));
            }
        }
        if newborn {
            let temporary = self.world.insurance_number(person.index, 3);
            fate.temporary = Some(World::card(CHILD, self.home.province, temporary));
        }
        fate.held.push(Held {
            card: Card {
                number: card,
                from,
                to: ends,
                status: CardStatus::Valid,
                since: None,
                facility: self.home.primary,
            },
            known,
            renewals,
        });
        fate
    }

    /// Writes the register rows of every member as their fates have it.
    pub(super) fn write_registers(&mut self) {
        for member in 0..self.people.len() {
            self.write_citizen(member);
            self.write_participant(member);
            self.write_cards(member);
            self.write_benefits(member);
        }
    }

    fn write_citizen(&mut self, member: usize) {
        let fate = self.fates[member].clone();
        let known = if fate.born >= 0 {
            fate.born * DAY + 7 * DAY + self.draw.range(0, 20 * DAY)
        } else {
            BEFORE
        };
        let mut row = self.citizen(member, BEFORE);
        if fate.long_dead {
            row.status = LifeStatus::Dead;
            let died = self.world.day(-60 - self.draw.range(0, 3_000));
            row.death = Some(whole(died.max(self.people[member].birth)));
        }
        self.push(known, Row::Citizen(row));
        if let Some((day, _)) = fate.moves
            && !fate.long_dead
        {
            let at = self.office(day);
            let row = self.citizen(member, day);
            self.push(at, Row::Citizen(row));
        }
    }

    fn write_participant(&mut self, member: usize) {
        let person = &self.people[member];
        if !person.insured {
            return;
        }
        let known = match self.fates[member].held.first() {
            Some(held) if held.known != i32::MAX => held.known,
            _ => BEFORE,
        };
        let row = Participant {
            who: person.index,
            si: person.si,
            id: person.linked.then_some(person.id),
            spelling: Spelling::True,
            province: self.home.province,
            wrong: None,
        };
        // A participant is known a little before the card.
        self.push(
            if known < 0 { known } else { known - 3_600 },
            Row::Participant(row),
        );
    }

    fn write_cards(&mut self, member: usize) {
        let fate = self.fates[member].clone();
        let mut last: Option<DayNumber> = fate.dies;
        if fate.long_dead {
            last = Some(-60);
        }
        for held in &fate.held {
            if held.known == i32::MAX {
                continue;
            }
            let mut card = held.card.clone();
            if fate.long_dead && !fate.stale {
                card.status = CardStatus::Reduced;
                card.since = Some(-60);
                card.to = Some(card.from.max(-30));
            }
            self.push(held.known, Row::Card(card.clone()));
            if fate.long_dead {
                continue;
            }
            let moved = fate.moves.map(|(day, _)| day);
            for (known, to) in &held.renewals {
                let too_late = |day: DayNumber| *known >= day * DAY;
                if last.is_some_and(too_late) || moved.is_some_and(too_late) {
                    break;
                }
                card.to = Some(*to);
                self.push(*known, Row::Card(card.clone()));
            }
        }
        if let (Some((day, province)), Some(held)) = (fate.moves, fate.held.last())
            && !fate.long_dead
            && held.known != i32::MAX
        {
            // A move replaces the card: another province, the same number.
            let at = day * DAY + self.draw.range(60, 20_000);
            let si = held.card.number.holder();
            let number = World::card(self.people[member].group, province, si);
            if number != held.card.number {
                let mut old = held.card.clone();
                old.to = Some((day - 1).max(old.from));
                old.status = CardStatus::Replaced;
                old.since = Some(day);
                self.push(at, Row::Card(old));
                let card = Card {
                    number,
                    from: day,
                    to: None,
                    status: CardStatus::Valid,
                    since: None,
                    facility: self.world.places.provincial(province),
                };
                self.push(at, Row::Card(card));
            }
        }
    }

    fn write_benefits(&mut self, member: usize) {
        let person = self.people[member].clone();
        let works = person.insured && person.group == EMPLOYEE && self.fates[member].born < 0;
        if works && !self.fates[member].works_by_story {
            let enterprises = (self.world.citizens / 100).max(100);
            let row = Employment {
                si: person.si,
                enterprise: Enterprise::that_goes_on(self.draw.below(enterprises)),
                from: -60 - self.draw.range(0, 3_000),
                to: None,
            };
            self.push(BEFORE, Row::Employment(row));
        }
        let scheme = match person.group {
            PENSIONER => Some((Scheme::Pension, 3_500_000, 9_000)),
            MERIT if person.insured => Some((Scheme::SocialPension, 500_000, 0)),
            _ => None,
        };
        // Protagonists draw no benefit but those of stories about benefits.
        let is_protagonist = member == 0 && self.home.role != super::cast::Role::Ordinary;
        if let (Some((scheme, least, more)), false, false) =
            (scheme, self.fates[member].long_dead, is_protagonist)
        {
            let row = Beneficiary {
                id: person.id,
                scheme,
                from: -30 - self.draw.range(0, 3_000),
                to: None,
                monthly: least + i64::from(self.draw.range(0, more)) * 1_000,
            };
            if let Some(day) = self.fates[member].dies {
                // Ended with the death, before anybody else hears of it.
                let ended = Beneficiary {
                    to: Some(day),
                    ..row.clone()
                };
                self.push((day + 1) * DAY + 3_600, Row::Beneficiary(ended));
            }
            self.push(BEFORE, Row::Beneficiary(row));
        }
        if self.fates[member].born < 0 && person.index.is_multiple_of(2) {
            let row = HealthProfile {
                who: person.index,
                id: person.id,
                blood: person.blood,
            };
            self.push(BEFORE, Row::HealthProfile(row));
        }
    }

    /// The card that a member presents on a day, in what is then the way.
    pub(super) fn card_on(&self, member: usize, day: DayNumber) -> Option<CardNumber> {
        let fate = &self.fates[member];
        let held = fate.held.last()?;
        if let Some(temporary) = fate.temporary
            && day * DAY <= held.known
        {
            return Some(temporary);
        }
        match fate.moves {
            Some((moved, province)) if moved <= day => {
                let si = held.card.number.holder();
                Some(World::card(self.people[member].group, province, si))
            }
            _ => Some(held.card.number),
        }
    }
}
