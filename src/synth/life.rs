//! Ordinary life: visits as people of an age and with an illness make them, and deaths.
//!
//! Must hold: nothing here meets the condition of a reason - one visit a day at most, none during a
//! stay, none after death, only with a card that covers it, costs that add up - but for cards of the
//! dead that are about to be reduced.

use super::diagnosis::Course;
use super::house::{House, TagOn};
use super::kind;
use super::place::Level;
use super::row::*;
use super::truth::{Reason, Subject};
use super::world::{whole, years_between};
use crate::record::{CardStatus, DeathSource};

const DAY: i32 = 86_400;
/// Fifteen percent of the base salary from July 2024: below it the fund pays all.
const SMALL_BILL: i64 = 351_000;
/// Usual costs in dong of a visit and of a stay, before diagnosis and chance.
const VISIT_COST: u64 = 265_000;
const STAY_COST: u64 = 2_600_000;

impl House<'_> {
    /// Writes what happens to members whom no story is about.
    pub(super) fn live(&mut self, first: usize) {
        for member in first..self.people.len() {
            if self.fates[member].long_dead {
                continue;
            }
            let (from, to) = (self.fates[member].born.max(0), self.last_day(member));
            let to = self.dying(member, to);
            self.habit(member, from, to);
        }
    }

    /// The last day on which a member can come.
    fn last_day(&self, member: usize) -> DayNumber {
        self.fates[member]
            .dies
            .unwrap_or(self.days() - 1)
            .min(self.days() - 1)
    }

    /// Writes a death, if the member dies, with all that becomes known of it. Gives the last day on
    /// which the member comes otherwise.
    fn dying(&mut self, member: usize, to: DayNumber) -> DayNumber {
        let Some(day) = self.fates[member].dies else {
            return to;
        };
        let quiet = self.fates[member].quiet || !self.people[member].insured;
        let in_hospital = !quiet && self.draw.chance(300);
        let mut to = to;
        if in_hospital {
            let stay = self
                .draw
                .range(1, 8)
                .min(day - self.fates[member].born.max(0));
            if stay > 0 {
                to = day - stay - 1;
                let mut claim = self.usual(member, day - stay, Some(true));
                claim.visit_type = 3;
                claim.discharged =
                    (day * 1440 + self.draw.range(200, 1_400)).max(claim.admitted + 30);
                claim.outcome = 5;
                self.send(claim);
            }
        }
        self.die(member, day, in_hospital);
        to
    }

    /// What becomes known of a true death on a day: registers, reports, the card.
    pub(super) fn die(&mut self, member: usize, day: DayNumber, in_hospital: bool) {
        let date = whole(self.world.day(day));
        let lag = self.lag(12, 60);
        let at = self.office(day + 1 + lag);
        self.register_death(member, at, date);
        if self.draw.chance(550) {
            let lag = self.draw.range(0, lag + 1);
            let at = self.office(day + 1 + lag);
            self.report(member, at, date, DeathSource::CivilRegistry);
        }
        if in_hospital {
            let at = self.office(day + 1);
            self.report(member, at, date, DeathSource::Hospital);
        }
        if self.people[member].insured && self.draw.chance(120) {
            let at = self.office_within(day, 5, 40);
            self.report(member, at, date, DeathSource::ContributionForm);
        }
        let reduced = lag + 1 + self.lag(8, 40);
        let at = self.office(day + 1 + reduced);
        self.reduce(member, at, day);
        let si = self.people[member].si;
        self.tag(TagOn::Holder(si), &kind::NOT_REDUCED);
    }

    /// The card of somebody dead is reduced.
    pub(super) fn reduce(&mut self, member: usize, at: i32, day: DayNumber) {
        let registered = self.fates[member]
            .held
            .last()
            .is_some_and(|held| held.known != i32::MAX);
        if registered {
            self.set_status(member, at, CardStatus::Reduced, Some(day + 1));
        }
    }

    /// Days until something becomes known: mostly a few, seldom many.
    pub(super) fn lag(&mut self, usual: i32, long: i32) -> i32 {
        if self.draw.chance(900) {
            let a = self.draw.range(0, usual);
            a.min(self.draw.range(0, usual))
        } else {
            self.draw.range(usual, long)
        }
    }

    /// Visits of a member from a day to a day, as often as somebody of the age and illness comes.
    pub(super) fn habit(&mut self, member: usize, from: DayNumber, to: DayNumber) {
        let person = &self.people[member];
        let years = years_between(person.birth, self.world.start).max(0);
        let chronic = i32::from(person.chronic);
        let a_year: u64 = match years {
            ..6 => 2_000,
            6..18 => 690,
            18..40 => 700,
            40..60 => 1_080,
            _ => 1_400,
        };
        let mut days: Vec<DayNumber> = Vec::new();
        if chronic > 0 {
            // Every month, or as often as it takes, and now and then not.
            let step = (chronic * 10).max(14);
            let mut day = from + self.draw.range(0, step);
            while day <= to {
                if self.draw.chance(720) {
                    days.push(day);
                }
                day += step + self.draw.range(-4, 4);
            }
        }
        let regular = days.len();
        let span = (to - from + 1).max(0) as u64;
        // Eight chances for each year or part of it.
        let mut left = span;
        while left > 0 {
            let part = left.min(365);
            let bits = self.draw.bits();
            let each = a_year * part * 256 / (365 * 8 * 1_000);
            for lane in 0..8 {
                if (bits >> (lane * 8) & 0xFF) < each {
                    days.push(from + (span - left) as i32 + self.draw.range(0, part as i32 - 1));
                }
            }
            left -= part;
        }
        let monthly: Vec<DayNumber> = days[..regular].to_vec();
        days.sort_unstable();
        days.dedup();
        let mut free = from;
        for day in days {
            if day < free {
                continue;
            }
            let claim = self.usual(member, day, Some(monthly.contains(&day)));
            free = 1 + if claim.is_stay() {
                claim.last_day()
            } else {
                day
            };
            if claim.is_stay() && claim.last_day() > to {
                continue;
            }
            self.send(claim);
        }
    }

    /// A visit as it is usual for a member. `for_illness`: because of the chronic illness, if there
    /// is one; by chance when not said.
    pub(super) fn usual(
        &mut self,
        member: usize,
        day: DayNumber,
        for_illness: Option<bool>,
    ) -> Claim {
        let person = self.people[member].clone();
        let world = self.world;
        let visit = self.new_visit();
        let years = years_between(person.birth, world.day(day)).max(0);
        let newborn = world.day(day).number() - person.birth.number() < 28;
        let draw = &mut self.draw;
        let for_illness = for_illness.unwrap_or_else(|| draw.chance(600)) && person.chronic > 0;
        let diagnosis = if newborn {
            world.diagnoses.place("P59")
        } else if for_illness {
            person.chronic_diagnosis
        } else {
            world.diagnoses.draw(draw, person.female, years, false)
        };
        let what = world.diagnoses.get(diagnosis);
        let visit_type: u8 = match what.course {
            Course::Newborn => 3,
            Course::Stay => [3, 3, 3, 3, 3, 3, 1, 1, 9, 4][draw.below(10) as usize],
            Course::Chronic => [5, 5, 5, 5, 1, 1, 1, 1, 7, 3][draw.below(10) as usize],
            Course::Rehabilitation => [1, 1, 1, 1, 2, 2, 6, 3][draw.below(8) as usize],
            _ => match draw.below(100) {
                0..90 => 1,
                90..95 => 3,
                95..97 => 9,
                97..98 => 13,
                _ => 2,
            },
        };
        // Seldom is somebody a chronic patient's ward.
        let visit_type = if visit_type == 3 && what.course == Course::Chronic && draw.chance(700) {
            5
        } else {
            visit_type
        };
        let ward = matches!(visit_type, 3 | 4 | 9);
        let places = &world.places;
        let province = places.province_of(self.home.primary);
        let facility = match (ward, draw.below(100)) {
            (false, 0..68) => self.home.primary,
            (true, 0..45) | (false, 68..86) => self.home.district,
            (true, 45..90) | (false, 86..96) => self.home.provincial,
            (_, 96..) => {
                let elsewhere = draw.below(63) as u8;
                places.provincial(elsewhere)
            }
            _ => places.other_than(self.home.primary, province, draw),
        };
        let hour = if ward || draw.chance(60) {
            draw.range(0, 23)
        } else {
            [
                7, 7, 8, 8, 8, 8, 9, 9, 9, 10, 10, 10, 11, 13, 13, 14, 14, 15, 15, 16, 17, 19,
            ][draw.below(22) as usize]
        };
        let admitted = day * 1440 + hour * 60 + draw.range(0, 59);
        let discharged = match visit_type {
            3 => {
                admitted
                    + 1_440 * (1 + draw.range(0, 5).min(draw.range(0, 14)))
                    + draw.range(-300, 600)
            }
            4 => admitted + draw.range(240, 500),
            9 => admitted + draw.range(60, 239),
            6 => admitted + draw.range(500, 2_800),
            2 => (day + draw.range(4, 12)) * 1440 + 1439,
            5 => (day + draw.range(13, 28)) * 1440 + 1439,
            7 => (day + 28) * 1440 + 1439,
            _ => admitted + draw.range(20, 260),
        };
        let level = places.level(facility);
        let emergency = hour < 6 || (ward && draw.chance(200));
        let referred = !emergency
            && level != Level::Commune
            && facility != self.home.primary
            && draw.chance(550);
        let card = self.card_on(member, day);
        let draw = &mut self.draw;
        let object = match card {
            None => Object::Uninsured,
            Some(_) if emergency => Object::Emergency,
            Some(_) if newborn => Object::Newborn,
            Some(_) if referred => Object::Referred,
            Some(_) if facility == self.home.primary && level == Level::Commune => {
                Object::InitialLevel
            }
            Some(_) if facility == self.home.primary => Object::Registered,
            Some(_) if for_illness && draw.chance(500) => Object::Appointment,
            Some(_) => Object::SelfReferred,
        };
        let usual = if matches!(visit_type, 3) {
            STAY_COST
        } else if ward {
            STAY_COST / 2
        } else {
            VISIT_COST
        };
        let scale = match level {
            Level::Province => 135,
            Level::District => 105,
            Level::Commune => 75,
        };
        let cost = usual * what.cost / 100 * scale / 100 * draw.log_normal() / 1024;
        let lines = (1 + draw.below(6) + u32::from(ward) * draw.below(40)) as u8;
        let others = [draw.chance(450), draw.chance(150)]
            .map(|more| more.then(|| world.diagnoses.draw(draw, person.female, years, false)));
        let money = Amounts::of(
            cost as i64,
            card.map(|card| card.benefit_level()),
            object,
            draw,
        );
        Claim {
            who: person.index,
            facility,
            visit,
            cards: [card, None],
            id: (draw.chance(850) && !newborn).then_some(person.id),
            spelling: Spelling::True,
            visit_type,
            object,
            diagnosis,
            others,
            admitted,
            discharged: discharged.max(admitted + 5),
            outcome: [1, 1, 2, 2, 2, 2, 2, 2, 3, 7][draw.below(10) as usize],
            discharge_type: if draw.chance(30) { 4 } else { 1 },
            exempt_from: None,
            from: referred.then_some(self.home.primary),
            to: None,
            department: 1 + draw.below(40) as u8,
            money,
            lines,
            blood: draw.chance(250).then_some(person.blood),
        }
    }

    /// Sends a claim some days after its end, now and then with a check-in before it and corrections
    /// after it. Gives when it became known first.
    pub(super) fn send(&mut self, claim: Claim) -> i32 {
        let at = claim.discharged * 60 + self.claim_lag();
        self.send_at(claim, at)
    }

    /// Seconds from the end of a visit to its claim: mostly days, seldom weeks.
    fn claim_lag(&mut self) -> i32 {
        let days = match self.draw.below(100) {
            0..70 => self.draw.range(0, 3),
            70..95 => self.draw.range(3, 10),
            _ => self.draw.range(10, 35),
        };
        days * DAY + self.draw.range(600, 40_000)
    }

    /// Sends a claim that becomes known at a time.
    pub(super) fn send_at(&mut self, claim: Claim, at: i32) -> i32 {
        let fate = self.draw.below(1_000);
        let withdrawn = fate < 2;
        if claim.object != Object::Emergency && !withdrawn && self.draw.chance(450) {
            let check_in = claim.admitted * 60 + self.draw.range(300, 3_600);
            if check_in < at {
                self.push(check_in, Row::CheckIn(Box::new(claim.clone())));
            }
        }
        self.push(at, Row::Claim(Box::new(claim.clone())));
        if fate < 10 {
            let later = at + DAY + self.draw.range(0, 25 * DAY);
            let mut again = claim.clone();
            if withdrawn {
                again.object = Object::Withdrawn;
            } else {
                again.discharge_type = 1;
                let more = i64::from(self.draw.range(1, 60)) * 500;
                again.money.total += more;
                again.money.self_paid += more;
            }
            self.push(later, Row::Claim(Box::new(again)));
        }
        if self.fates_has_temporary(&claim) {
            let subject = Subject::Claim(claim.facility, claim.visit);
            self.tag(TagOn::Nothing(Reason::UnknownCard, subject), &kind::NEWBORN);
        }
        at
    }

    fn fates_has_temporary(&self, claim: &Claim) -> bool {
        let card = claim.cards[0];
        card.is_some() && self.fates.iter().any(|fate| fate.temporary == card)
    }
}

impl Amounts {
    /// Amounts of a bill for a level of benefit, whole dong that add up.
    pub(super) fn of(
        cost: i64,
        level: Option<u8>,
        object: Object,
        draw: &mut super::random::Draw,
    ) -> Self {
        let total = (cost / 100 * 100).max(5_000);
        let outside = if draw.chance(300) {
            total * i64::from(draw.range(1, 12)) / 100
        } else {
            0
        };
        let mut amounts = Self {
            drugs: total * i64::from(draw.range(30, 65)) / 100,
            supplies: total * i64::from(draw.range(2, 18)) / 100,
            total,
            covered: total - outside,
            ..Self::default()
        };
        let Some(level) = level else {
            amounts.covered = 0;
            amounts.self_paid = total;
            return amounts;
        };
        let rate = rate(level, object, amounts.covered);
        amounts.paid = amounts.covered * rate / 100;
        amounts.copay = amounts.covered - amounts.paid;
        amounts.self_paid = outside;
        if amounts.copay > 10_000 && draw.chance(20) {
            amounts.other = amounts.copay / 2;
            amounts.copay -= amounts.other;
        }
        amounts
    }
}

/// Percent that the fund pays.
pub(super) fn rate(level: u8, object: Object, covered: i64) -> i64 {
    match (level, object) {
        (_, Object::InitialLevel | Object::Emergency) if covered < SMALL_BILL * 10 => 100,
        _ if covered < SMALL_BILL => 100,
        (3, _) => 95,
        (4, _) => 80,
        _ => 100,
    }
}
