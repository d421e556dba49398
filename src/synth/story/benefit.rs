//! Benefits of the dead, of those who are said to be, and of one person from two offices.

use super::super::house::{BEFORE, House, TagOn};
use super::super::kind::{self, Kind};
use super::super::row::*;
use super::super::truth::{Reason, Subject};
use super::super::world::{MERIT, PENSIONER, whole};
use super::DAY;

/// The protagonist draws a benefit since before the period.
fn drawn(house: &mut House<'_>, scheme: Scheme) -> Beneficiary {
    house.people[0].group = match scheme {
        Scheme::Pension => PENSIONER,
        _ => MERIT,
    };
    house.plain_card(0);
    house.begin();
    let monthly = match scheme {
        Scheme::Pension => 3_500_000 + i64::from(house.draw.range(0, 9_000)) * 1_000,
        _ => 500_000,
    };
    let row = Beneficiary {
        id: house.people[0].id,
        scheme,
        from: -30 - house.draw.range(0, 3_000),
        to: None,
        monthly,
    };
    house.push(BEFORE, Row::Beneficiary(row.clone()));
    row
}

/// A pension, or the social one of those without.
fn some_scheme(house: &mut House<'_>) -> Scheme {
    if house.draw.chance(700) {
        Scheme::Pension
    } else {
        Scheme::SocialPension
    }
}

/// Labels every alert about a benefit, and says that there must be none where there is none.
fn label(house: &mut House<'_>, row: &Beneficiary, kind: &'static Kind) {
    house.tag(TagOn::Benefit(row.id, row.scheme), kind);
    let subject = Subject::Beneficiary(row.id, row.scheme);
    house.tag(TagOn::Nothing(Reason::BenefitAfterDeath, subject), kind);
}

pub(super) fn kept(house: &mut House<'_>) {
    let scheme = some_scheme(house);
    let row = drawn(house, scheme);
    let died = house.some_day(15, 90);
    house.habit(0, 0, died - 1);
    house.die(0, died, false);
    house.tag(TagOn::Benefit(row.id, row.scheme), &kind::BENEFIT_KEPT);
    if house.draw.chance(250) {
        // Found out and ended: what was drawn since the death is still to be paid back.
        let found = died + house.draw.range(45, 200);
        let at = house.office(found);
        let to = Some(found);
        house.push(at, Row::Beneficiary(Beneficiary { to, ..row }));
    }
}

pub(super) fn office_not_told(house: &mut House<'_>) {
    let scheme = some_scheme(house);
    let row = drawn(house, scheme);
    let died = house.some_day(15, 15);
    house.habit(0, 0, died - 1);
    house.die(0, died, false);
    label(house, &row, &kind::OFFICE_NOT_TOLD);
    let told = died + house.draw.range(10, 200);
    let at = house.office(told);
    let to = Some(died);
    house.push(at, Row::Beneficiary(Beneficiary { to, ..row }));
}

/// The death of somebody else is entered under the protagonist, who goes on drawing the benefit.
pub(super) fn living(house: &mut House<'_>) {
    let scheme = some_scheme(house);
    let row = drawn(house, scheme);
    let day = house.some_day(15, 60);
    house.habit(0, 0, day);
    let date = whole(house.world.day(day));
    let at = house.office_within(day, 2, 30);
    house.register_death(0, at, date);
    label(house, &row, &kind::BENEFIT_OF_LIVING);
    let si = house.people[0].si;
    house.tag(TagOn::Holder(si), &kind::BENEFIT_OF_LIVING);
    if house.draw.chance(400) {
        let mended = at + house.draw.range(10, 90) * DAY;
        house.register_alive(0, mended);
    }
}

pub(super) fn two_offices(house: &mut House<'_>) {
    let social = drawn(house, Scheme::SocialPension);
    let last = house.days() - 1;
    house.habit(0, 0, last);
    // A pension is granted, and the office of the social pension hears of it when it hears of it.
    let from = house.some_day(10, 60);
    let pension = Beneficiary {
        scheme: Scheme::Pension,
        from,
        monthly: 3_500_000 + i64::from(house.draw.range(0, 2_500)) * 1_000,
        ..social
    };
    let known = house.office_within(from, 1, 20);
    house.push(known, Row::Beneficiary(pension.clone()));
    for row in [&social, &pension] {
        house.tag(TagOn::Benefit(row.id, row.scheme), &kind::TWO_OFFICES);
    }
    if house.draw.chance(700) {
        let heard = known + house.draw.range(5, 120) * DAY;
        // Ended in hindsight, or from then on with a claim for what was paid twice.
        let to = if house.draw.chance(700) {
            from - 1
        } else {
            heard / DAY
        };
        house.push(
            heard,
            Row::Beneficiary(Beneficiary {
                to: Some(to),
                ..social
            }),
        );
    }
}
