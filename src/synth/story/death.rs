//! Deaths that are not what registers say, and cards of the dead.
//!
//! The claims after death of all six stories are drawn as the protagonist's usual visits, so that
//! none of their features alone tells misuse from error; see the module `synth`.

use super::super::house::{House, Tag, TagOn};
use super::super::kind::{self, Kind};
use super::super::row::*;
use super::super::truth::Reason;
use super::super::world::whole;
use super::DAY;
use crate::record::{CardStatus, DeathSource, PartialDate};

/// The protagonist of a story of claims after death comes as often as any other of them.
fn habits(house: &mut House<'_>) {
    house.people[0].chronic = house.draw.pick(&[0, 0, 3, 3, 3, 4]);
}

/// Visits after a death that was: one to three of them.
const FEW: &[usize] = &[1, 1, 1, 1, 1, 2, 2, 2, 3, 3];
/// Those of the living, who go on.
const GOES_ON: &[usize] = &[1, 1, 2, 2, 3, 3, 4, 5, 6];

/// The visits after a death that is none, or that was.
fn visits_after(
    house: &mut House<'_>,
    from: DayNumber,
    to: DayNumber,
    counts: &[usize],
    kind: &'static Kind,
) {
    let count = house.draw.pick(counts);
    let mut free = from;
    for day in house.some_days(count, from, to) {
        if day < free {
            continue;
        }
        let claim = house.usual(0, day, None);
        free = 1 + if claim.is_stay() {
            claim.last_day()
        } else {
            day
        };
        house.label(&claim, kind);
        if house.draw.chance(350) {
            house.check_in(&claim);
        }
        house.file(&claim);
    }
}

/// A wrong or right date spreads from register to register: the population register, and now and
/// then the civil registry or a contribution form.
fn spread(
    house: &mut House<'_>,
    at: i32,
    date: PartialDate,
    second_source: u32,
) -> Option<DeathReport> {
    house.register_death(0, at, date);
    house.draw.chance(second_source).then(|| {
        let source = house.draw.pick(&[
            DeathSource::CivilRegistry,
            DeathSource::CivilRegistry,
            DeathSource::ContributionForm,
        ]);
        let at = at + house.draw.range(0, 14) * DAY;
        house.report(0, at, date, source)
    })
}

/// A living person is taken for dead: by the population register, seldom with another source, or by nobody
/// but the form or the hospital that erred.
fn mistaken(house: &mut House<'_>, at: i32, date: PartialDate) -> Option<DeathReport> {
    match house.draw.below(100) {
        0..50 => spread(house, at, date, 80),
        50..75 => Some(house.report(0, at, date, DeathSource::ContributionForm)),
        _ => Some(house.report(0, at, date, DeathSource::Hospital)),
    }
}

/// The card of somebody held for dead is reduced: since the death, as the register has it, or since the
/// office knows.
fn reduce(house: &mut House<'_>, at: i32, death: DayNumber, known: DayNumber) {
    let since = if house.draw.chance(600) { death } else { known };
    house.reduce(0, at, since);
}

/// Days until a death, true or not, is known.
fn until_known(house: &mut House<'_>) -> i32 {
    2 + house.lag(16, 75)
}

/// The firsts of the months that begin in the period.
fn firsts(house: &House<'_>) -> Vec<DayNumber> {
    let is_first = |day: &DayNumber| house.world.day(*day).civil().2 == 1;
    let last = house.days() - 1;
    let roomy: Vec<_> = (25.min(last)..=(last - 40)).filter(is_first).collect();
    match roomy.is_empty() {
        true => (0..=last).filter(is_first).collect(),
        false => roomy,
    }
}

pub(super) fn default_first(house: &mut House<'_>) {
    habits(house);
    house.begin();
    let firsts = firsts(house);
    let first = house.draw.pick(&firsts);
    let date = whole(house.world.day(first));
    house.habit(0, 0, first - 1);
    if house.draw.chance(350) {
        living(house, first, date, &kind::FIRST_OF_LIVING);
        return;
    }
    // Died later in the month, which is all that the form had.
    let died = first + house.draw.range(8, 27);
    visits_after(house, first + 1, died, FEW, &kind::DEFAULT_FIRST);
    let known = died + until_known(house);
    let at = house.office(known);
    let report = spread(house, at, date, 360);
    let at = house.office_within(known, 1, 26);
    reduce(house, at, first, known);
    holder(house, &kind::NOT_REDUCED);
    if house.draw.chance(200) {
        let later = known + house.draw.range(10, 80);
        let at = house.office(later);
        let date = whole(house.world.day(died));
        house.register_death(0, at, date);
        if let Some(report) = report {
            let corrected = DeathReport {
                death: date,
                ..report
            };
            house.push(at + 3_600, Row::DeathReport(corrected));
        }
    }
}

/// Labels every alert about the protagonist's card that nothing else labels.
fn holder(house: &mut House<'_>, kind: &'static Kind) {
    let si = house.people[0].si;
    // Other labels of the holder come first.
    house.tags.insert(
        0,
        Tag {
            on: TagOn::Holder(si),
            kind,
        },
    );
}

/// A living person is recorded dead from a day: visits go on, and in part the register is mended.
fn living(house: &mut House<'_>, day: DayNumber, date: PartialDate, kind: &'static Kind) {
    let span = house.draw.range(20, 200);
    let last = (day + span).min(house.days() - 1);
    visits_after(house, day + 1, last, GOES_ON, kind);
    let known = day + until_known(house);
    let at = house.office(known);
    let report = mistaken(house, at, date);
    let reduced = house.draw.chance(500);
    if reduced {
        let at = house.office_within(known, 1, 26);
        reduce(house, at, day, known);
    }
    holder(house, kind);
    if house.draw.chance(380) {
        let mended = known + 20 + house.draw.range(0, 90);
        let at = house.office(mended);
        house.register_alive(0, at);
        if let Some(report) = report {
            house.retract(at + 7_200, &report);
        }
        if reduced {
            house.set_status(0, at + 9_000, CardStatus::Valid, None);
        }
    }
}

pub(super) fn wrong_person(house: &mut House<'_>) {
    habits(house);
    house.begin();
    let day = house.some_day(30, 60);
    house.habit(0, 0, day);
    let date = whole(house.world.day(day));
    living(house, day, date, &kind::WRONG_PERSON);
}

pub(super) fn swapped_date(house: &mut House<'_>) {
    habits(house);
    house.begin();
    // A death on the 3rd of August, entered as the 8th of March.
    let swapped = |died: DayNumber| {
        let (year, month, day) = house.world.day(died).civil();
        let date = PartialDate::new(year as u16, Some(day as u8), Some(month as u8))?;
        let entered = date.latest_day().number() - house.world.start.number();
        (day < month && died - entered < 130).then_some((died, entered, date))
    };
    let choices: Vec<_> = (0..house.days() - 10).filter_map(swapped).collect();
    if choices.is_empty() {
        house.habit(0, 0, house.days() - 1);
        return;
    }
    let (died, entered, date) = house.draw.pick(&choices);
    house.habit(0, 0, entered.min(died));
    visits_after(house, entered.max(0) + 1, died, FEW, &kind::SWAPPED_DATE);
    let known = died + until_known(house);
    let at = house.office(known);
    spread(house, at, date, 300);
    let at = house.office_within(known, 1, 26);
    reduce(house, at, entered, known);
    holder(house, &kind::NOT_REDUCED);
}

/// A true death: what is known of it, and a card that is reduced only after `used`. Gives the day.
fn true_death(house: &mut House<'_>, day: DayNumber, used: DayNumber) {
    let date = whole(house.world.day(day));
    let known = day + until_known(house);
    let at = house.office(known);
    spread(house, at, date, 750);
    let reduced = used.max(known) + 1 + house.draw.range(0, 25);
    let at = house.office(reduced);
    reduce(house, at, day, known);
    holder(house, &kind::NOT_REDUCED);
}

pub(super) fn facility_input(house: &mut House<'_>) {
    habits(house);
    house.begin();
    let died = house.some_day(40, 70);
    house.habit(0, 0, died - 3);
    let count = 1 + usize::from(house.draw.chance(200));
    let mut last = died;
    // Mostly a digit of the day, seldom another month.
    let reach = if house.draw.chance(600) { 10 } else { 45 };
    for day in house.some_days(count, died + 1, died + reach) {
        // A visit before the death with a date keyed after it, or another's under this card.
        let mut claim = house.usual(0, day, None);
        if house.draw.chance(500) {
            claim.spelling = Spelling::True;
            claim.id = None;
        }
        last = day;
        house.label(&claim, &kind::FACILITY_INPUT);
        house.file(&claim);
    }
    true_death(house, died, last);
}

pub(super) fn relatives(house: &mut House<'_>) {
    habits(house);
    house.begin();
    let died = house.some_day(40, 70);
    house.habit(0, 0, died - 1);
    let span = house.draw.range(8, 75);
    let last = (died + span).min(house.days() - 1);
    let count = house.draw.pick(&[1, 1, 1, 1, 1, 2, 2, 2, 3]);
    let mut free = died + 1;
    for day in house.some_days(count, died + 1, last) {
        if day < free {
            continue;
        }
        let mut claim = house.usual(0, day, None);
        // More often than others, for the drugs that were always collected at the registered facility.
        if house.draw.chance(600) {
            claim.facility = house.home.primary;
            claim.diagnosis = house.people[0].chronic_diagnosis;
            claim.from = None;
            if !claim.is_stay() {
                // Little but drugs.
                let most = claim.money.total - claim.money.supplies;
                let drugs = claim.money.total * i64::from(house.draw.range(52, 75)) / 100;
                claim.money.drugs = drugs.min(most);
            }
        }
        free = 1 + if claim.is_stay() {
            claim.last_day()
        } else {
            day
        };
        house.label(&claim, &kind::RELATIVES);
        if house.draw.chance(350) {
            house.check_in(&claim);
        }
        house.file(&claim);
    }
    true_death(house, died, last);
}

pub(super) fn staff(house: &mut House<'_>) {
    habits(house);
    house.begin();
    let died = house.some_day(40, 70);
    house.habit(0, 0, died - 1);
    // One facility of the province bills the dead of many households.
    let ring = house.world.places.provincial(house.home.province) + 1;
    let ring = if house.draw.chance(550) {
        ring
    } else {
        house.home.district
    };
    let count = house.draw.pick(&[1, 1, 1, 2, 2, 2, 3]);
    let step = house.draw.pick(&[7, 14, 14, 28]);
    let begin = died + house.draw.range(2, 40);
    let mut last = died;
    let mut free = begin;
    for n in 0..count {
        let day = begin + n * step;
        if day >= house.days() || day < free {
            break;
        }
        let mut claim = house.usual(0, day, None);
        if house.draw.chance(750) {
            claim.facility = ring;
            claim.from = None;
            if !claim.is_stay() {
                // Bills alike: the middle of what a visit costs.
                let level = claim.cards[0].map(|card| card.benefit_level());
                let cost = i64::from(house.draw.range(240, 420)) * 1_000;
                claim.money = Amounts::of(cost, level, claim.object, &mut house.draw);
            }
        }
        free = 1 + if claim.is_stay() {
            claim.last_day()
        } else {
            day
        };
        last = day;
        house.label(&claim, &kind::STAFF);
        if house.draw.chance(350) {
            house.check_in(&claim);
        }
        house.file(&claim);
    }
    true_death(house, died, last);
}

/// Visits of the last weeks, all before the death, that must not be alerts.
fn visits_before(house: &mut House<'_>, died: DayNumber, kind: &'static Kind) {
    let from = (died - 25).max(0);
    house.habit(0, 0, from - 1);
    let mut free = from;
    for day in house.some_days(3, from, died) {
        if day < free {
            continue;
        }
        let claim = house.outpatient(0, day);
        free = day + 1;
        house.innocent(Reason::ServiceAfterDeath, &claim, kind);
        house.file(&claim);
    }
}

pub(super) fn late_death(house: &mut House<'_>) {
    house.begin();
    let died = house.some_day(40, 90);
    visits_before(house, died, &kind::LATE_DEATH);
    let known = died + house.draw.range(40, 200);
    let date = whole(house.world.day(died));
    let at = house.office(known);
    spread(house, at, date, 400);
    let at = house.office_within(known, 1, 20);
    house.reduce(0, at, known);
    holder(house, &kind::NOT_REDUCED);
}

pub(super) fn month_death(house: &mut House<'_>) {
    house.begin();
    let died = house.some_day(40, 60);
    visits_before(house, died, &kind::MONTH_DEATH);
    let (year, month, _) = house.world.day(died).civil();
    let month = house.draw.chance(700).then_some(month as u8);
    let date = PartialDate::new(year as u16, month, None);
    let known = died + 5 + house.lag(20, 90);
    let at = house.office(known);
    if let Some(date) = date {
        spread(house, at, date, 400);
    }
    let at = house.office_within(known, 1, 20);
    house.reduce(0, at, known);
    holder(house, &kind::NOT_REDUCED);
}

pub(super) fn old_stale_card(house: &mut House<'_>) {
    house.fates[0].long_dead = true;
    house.fates[0].stale = true;
    house.begin();
    holder(house, &kind::STALE_CARD);
}

pub(super) fn check_in_of_dead(house: &mut House<'_>) {
    house.begin();
    let died = house.some_day(40, 60);
    house.habit(0, 0, died - 1);
    let day = died + house.draw.range(2, 40);
    let claim = house.outpatient(0, day);
    house.label(&claim, &kind::CHECK_IN_OF_DEAD);
    house.check_in(&claim);
    true_death(house, died, day);
}

pub(super) fn misclicked(house: &mut House<'_>) {
    house.begin();
    let day = house.some_day(20, 80);
    house.habit(0, 0, day - 20);
    let mut claim = if house.draw.chance(300) {
        house.usual(0, day, Some(true))
    } else {
        house.outpatient(0, day)
    };
    let outcome = claim.outcome;
    claim.outcome = 5;
    house.tag(
        TagOn::Alert(Reason::DeathOnLivingCard, claim.visit),
        &kind::MISCLICKED,
    );
    let at = house.file(&claim);
    // An outpatient's claim of drugs ends when the drugs do.
    let again = claim.last_day() + house.draw.range(2, 20);
    let later = house.outpatient(0, again);
    let known = house.file(&later);
    house.habit(0, again + 30, house.days() - 1);
    if house.draw.chance(400) {
        claim.outcome = outcome;
        house.correct(claim, at.max(known));
    }
}

pub(super) fn borrower_died(house: &mut House<'_>) {
    let day = house.some_day(20, 80);
    // The second member dies on the first one's card.
    house.fates[1].dies = Some(day.min(house.days() - 1));
    house.fates[1].long_dead = false;
    house.fates[1].moves = None;
    house.fates[1].quiet = true;
    house.begin();
    house.habit(0, 0, day - 20);
    let mut claim = house.usual(0, day - 4, Some(true));
    claim.visit_type = 3;
    claim.facility = house.home.provincial;
    claim.discharged = (day * 1440 + house.draw.range(300, 1_300)).max(claim.admitted + 600);
    claim.outcome = 5;
    claim.id = None;
    house.label(&claim, &kind::BORROWER_DIED);
    house.file(&claim);
    let again = day + house.draw.range(5, 40);
    let later = house.outpatient(0, again);
    house.file(&later);
    house.habit(0, again + 30, house.days() - 1);
}
