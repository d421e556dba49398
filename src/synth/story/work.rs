//! Employers that ceased or seem to have, and employments beside an unemployment benefit.
//!
//! The enterprises are those of the household's story alone, so that the household decides every alert.

use super::super::house::{BEFORE, House, TagOn};
use super::super::kind;
use super::super::row::*;
use super::super::truth::{Reason, Subject};
use super::super::world::{EMPLOYEE, UNEMPLOYED, World};
use super::DAY;
use crate::record::{CardStatus, EnterpriseStatus};

/// The protagonist is insured through enterprises of the story, of which the first is registered and
/// employs the protagonist from long before the period.
fn employee(house: &mut House<'_>) -> Employment {
    house.people[0].group = EMPLOYEE;
    house.plain_card(0);
    house.fates[0].works_by_story = true;
    house.begin();
    let job = Employment {
        si: house.people[0].si,
        enterprise: Enterprise::of_story(house.home.number, 0),
        from: -60 - house.draw.range(0, 3_000),
        to: None,
    };
    house.push(BEFORE, Row::Employment(job.clone()));
    job
}

/// A small enterprise of the story that is active.
fn enterprise(house: &mut House<'_>, which: u32) -> Enterprise {
    Enterprise {
        number: Enterprise::of_story(house.home.number, which),
        status: EnterpriseStatus::Active,
        since: -3_100 - house.draw.range(0, 2_000),
        successor: None,
        workforce: 1 + house.draw.below(300),
    }
}

/// How an enterprise ceases.
fn ceased(house: &mut House<'_>) -> EnterpriseStatus {
    use EnterpriseStatus::{Bankrupt, Dissolved};
    house.draw.pick(&[Dissolved, Dissolved, Bankrupt])
}

pub(super) fn sham_employer(house: &mut House<'_>) {
    house.people[0].chronic = house.draw.pick(&[0, 3, 4]);
    let job = employee(house);
    let mut sham = enterprise(house, 0);
    sham.status = ceased(house);
    sham.since = -91 - house.draw.range(0, 500);
    house.push(BEFORE, Row::Enterprise(sham));
    house.tag(TagOn::Holder(job.si), &kind::SHAM_EMPLOYER);
    let (day, last) = (house.some_day(15, 40), house.days() - 1);
    let claim = house.visit_amid(day, 0, last);
    house.file(&claim);
}

/// The employer ceased by the register from before a day on, which learns of it in the period; the
/// protagonist comes in the time in between. Gives what the register says and when, and the visit.
fn seems_to_cease(house: &mut House<'_>) -> (Enterprise, i32, Claim) {
    let active = enterprise(house, 0);
    house.push(BEFORE, Row::Enterprise(active.clone()));
    let known = house.some_day(40, 60);
    let mut row = active;
    row.status = ceased(house);
    row.since = known - house.draw.range(95, 250);
    let at = house.office(known);
    house.push(at, Row::Enterprise(row.clone()));
    let day = (row.since + 91).max(0);
    let day = house.draw.range(day, known);
    let claim = house.visit_amid(day, 0, house.days() - 1);
    let filed = house.file(&claim);
    (row, at.max(filed), claim)
}

pub(super) fn closed_by_mistake(house: &mut House<'_>) {
    let job = employee(house);
    house.tag(TagOn::Holder(job.si), &kind::CLOSED_BY_MISTAKE);
    let (mut row, at, _) = seems_to_cease(house);
    if house.draw.chance(600) {
        row.status = EnterpriseStatus::Active;
        let mended = at + house.draw.range(2, 60) * DAY;
        house.push(mended, Row::Enterprise(row));
    }
}

pub(super) fn successor_late(house: &mut House<'_>) {
    let job = employee(house);
    let next = enterprise(house, 1);
    house.push(BEFORE, Row::Enterprise(next.clone()));
    house.tag(TagOn::Holder(job.si), &kind::SUCCESSOR_LATE);
    let (mut row, at, claim) = seems_to_cease(house);
    house.innocent(Reason::EmployerCeased, &claim, &kind::SUCCESSOR_LATE);
    if house.draw.chance(700) {
        row.successor = Some(next.number);
        let entered = at + house.draw.range(2, 60) * DAY;
        house.push(entered, Row::Enterprise(row));
    }
}

pub(super) fn employer_ceases(house: &mut House<'_>) {
    let job = employee(house);
    let active = enterprise(house, 0);
    house.push(BEFORE, Row::Enterprise(active.clone()));
    // Ceases, and a visit in the days in which its cards are still to be taken back.
    let since = house.some_day(10, 150);
    let mut row = active;
    (row.status, row.since) = (ceased(house), since);
    let at = house.office_within(since, 1, 30);
    house.push(at, Row::Enterprise(row));
    let last = house.days() - 1;
    let day = since + house.draw.range(2, 75);
    if day > last {
        return;
    }
    let claim = house.visit_amid(day, 0, since + 75);
    house.innocent(Reason::EmployerCeased, &claim, &kind::JUST_CEASED);
    house.file(&claim);
    // Works elsewhere since; nobody entered the end of the first employment.
    let next = enterprise(house, 1);
    let second = Employment {
        enterprise: next.number,
        from: since + 20,
        ..job
    };
    house.push(BEFORE, Row::Enterprise(next));
    let at = house.office_within(since, 21, 60);
    house.push(at, Row::Employment(second));
    let from = since + 91;
    if from + 5 > last {
        return;
    }
    let day = house.draw.range(from, (last - 5).max(from));
    let claim = house.visit_amid(day, from, last);
    house.innocent(Reason::EmployerCeased, &claim, &kind::OTHER_EMPLOYER);
    house.file(&claim);
}

/// An employment that ends in the period, and the unemployment benefit after it.
struct Unemployed {
    /// With its true end.
    job: Employment,
    benefit: Beneficiary,
    /// When the benefit became known.
    known: i32,
}

/// The protagonist loses the employment, becomes entitled and takes another card.
fn loses_work(house: &mut House<'_>) -> Unemployed {
    let mut job = employee(house);
    let employer = enterprise(house, 0);
    house.push(BEFORE, Row::Enterprise(employer));
    let left = house.some_day(15, 120);
    let from = left + 1 + house.draw.range(15, 40);
    job.to = Some(left);
    house.habit(0, 0, left);
    replace_card(house, from);
    let benefit = Beneficiary {
        id: house.people[0].id,
        scheme: Scheme::Unemployment,
        from,
        to: Some(from + 30 * house.draw.range(3, 12) - 1),
        monthly: i64::from(house.draw.range(2_400, 9_000)) * 1_000,
    };
    let known = house.office_within(from, 1, 15);
    house.push(known, Row::Beneficiary(benefit.clone()));
    house.habit(0, from + 1, house.days() - 1);
    Unemployed {
        job,
        benefit,
        known,
    }
}

/// The employee's card gives way to one of those who draw an unemployment benefit.
fn replace_card(house: &mut House<'_>, day: DayNumber) {
    let at = day * DAY + house.draw.range(60, 20_000);
    let Some(held) = house.fates[0].held.last_mut() else {
        return;
    };
    let old = Card {
        to: Some((day - 1).max(held.card.from)),
        status: CardStatus::Replaced,
        since: Some(day),
        ..held.card.clone()
    };
    let si = held.card.number.holder();
    held.card.number = World::card(UNEMPLOYED, house.home.province, si);
    held.card.from = day;
    let new = held.card.clone();
    house.push(at, Row::Card(old));
    house.push(at, Row::Card(new));
}

impl Unemployed {
    fn subject(&self) -> Subject {
        Subject::Beneficiary(self.benefit.id, self.benefit.scheme)
    }

    fn tag(&self) -> TagOn {
        TagOn::Benefit(self.benefit.id, self.benefit.scheme)
    }
}

/// Another employment, from a day.
fn hired(house: &mut House<'_>, job: &Employment, day: DayNumber) -> Employment {
    let next = enterprise(house, 1);
    let number = next.number;
    house.push(BEFORE, Row::Enterprise(next));
    Employment {
        enterprise: number,
        from: day,
        to: None,
        ..job.clone()
    }
}

pub(super) fn works_unemployed(house: &mut House<'_>) {
    let story = loses_work(house);
    let at = house.office_within(story.job.to.unwrap_or(0), 1, 12);
    house.push(at, Row::Employment(story.job.clone()));
    let day = story.benefit.from + house.draw.range(5, 60);
    let work = hired(house, &story.job, day);
    let at = house.office_within(day, 2, 40).max(story.known + 60);
    house.push(at, Row::Employment(work));
    house.tag(story.tag(), &kind::WORKS_UNEMPLOYED);
    if house.draw.chance(300) {
        // Found out and ended: what was drawn until then is still to be paid back.
        let found = at + house.draw.range(5, 60) * DAY;
        let to = story.benefit.to.map(|to| to.min(found / DAY));
        let ended = Beneficiary {
            to,
            ..story.benefit
        };
        house.push(found, Row::Beneficiary(ended));
    }
}

pub(super) fn end_of_work_late(house: &mut House<'_>) {
    let story = loses_work(house);
    house.tag(story.tag(), &kind::END_OF_WORK_LATE);
    let known = story.known + house.draw.range(1, 110) * DAY;
    house.push(known, Row::Employment(story.job));
}

pub(super) fn between_jobs(house: &mut House<'_>) {
    let story = loses_work(house);
    let (reason, subject) = (Reason::ExclusiveBenefits, story.subject());
    house.tag(TagOn::Nothing(reason, subject), &kind::BETWEEN_JOBS);
    // The end is known in time, and that of the benefit before the new employment.
    let at = house.office_within(story.job.to.unwrap_or(0), 1, 12);
    house.push(at, Row::Employment(story.job.clone()));
    let day = story.benefit.from + house.draw.range(30, 70);
    let ended = Beneficiary {
        to: Some(day - 1),
        ..story.benefit.clone()
    };
    let at = house.office(day - 2);
    house.push(at, Row::Beneficiary(ended));
    let work = hired(house, &story.job, day);
    let at = house.office_within(day, 1, 20);
    house.push(at, Row::Employment(work));
}
