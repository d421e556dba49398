//! The country: what everyone is, as a function of the seed and of who.
//!
//! Four people make a household, whom all stories stay within, so that a household alone decides
//! every alert about it. Must hold: nobody is kept; a person is computed when needed; numbers are
//! unique.

use super::cast::{Cast, Role};
use super::diagnosis::Diagnoses;
use super::names::{FullName, Names};
use super::place::{FacilityNumber, PROVINCES, Places, SLOTS};
use super::random::{Draw, Permutation, mix};
use super::row::DayNumber;
use crate::record::{CardNumber, Day, OldId, PartialDate, PersonalId, SiNumber};

/// People of a household.
pub(super) const MEMBERS: u32 = 4;

/// Domains of draws, so that no two things share theirs.
pub(super) mod domain {
    pub(in super::super) const HOUSEHOLDS: u64 = 1;
    pub(in super::super) const CAST: u64 = 2;
    pub(in super::super) const HOME: u64 = 3;
    pub(in super::super) const PERSON: u64 = 4;
    pub(in super::super) const INSURANCE: u64 = 5;
    pub(in super::super) const OLD: u64 = 6;
    pub(in super::super) const SERIAL: u64 = 7;
    pub(in super::super) const LIFE: u64 = 8;
    pub(in super::super) const REPORT: u64 = 9;
    pub(in super::super) const ENTERPRISE: u64 = 10;
    pub(in super::super) const MISTAKE: u64 = 11;
    pub(in super::super) const REGISTERED_TWICE: u64 = 12;
}

/// Object groups of cards and their benefit levels.
pub(super) const GROUPS: [(&str, u8); 17] = [
    ("TE", 1),
    ("HS", 4),
    ("SV", 4),
    ("DN", 4),
    ("HC", 4),
    ("GD", 4),
    ("HN", 2),
    ("DT", 2),
    ("CN", 3),
    ("BT", 2),
    ("HT", 3),
    ("CC", 1),
    ("CK", 2),
    ("CB", 2),
    ("QN", 5),
    ("CA", 5),
    ("XK", 4),
];
/// The place of the group of employees of enterprises.
pub(super) const EMPLOYEE: u8 = 3;
/// The place of the group of pensioners.
pub(super) const PENSIONER: u8 = 10;
/// The place of the army's group.
pub(super) const ARMY: u8 = 14;
/// The place of the group of children below six.
pub(super) const CHILD: u8 = 0;
/// The place of the group of households.
pub(super) const FAMILY: u8 = 5;

/// Everything that does not depend on a person.
pub(super) struct World {
    pub(super) seed: u64,
    pub(super) citizens: u32,
    pub(super) days: i32,
    pub(super) start: Day,
    pub(super) households: u32,
    pub(super) places: Places,
    pub(super) names: Names,
    pub(super) diagnoses: Diagnoses,
    pub(super) cast: Cast,
    shuffled: Permutation,
    insurance: Permutation,
    old: Permutation,
    serials: Permutation,
    reports: Permutation,
}

/// What the members of a household share.
#[derive(Clone, Debug)]
pub(super) struct Home {
    pub(super) number: u32,
    slot: usize,
    turn: u64,
    pub(super) province: u8,
    /// The facility at which they are registered, the district's and the province's hospital.
    pub(super) primary: FacilityNumber,
    pub(super) district: FacilityNumber,
    pub(super) provincial: FacilityNumber,
    family: [u8; 2],
    shape: u8,
    /// Decades between the first member's birth and 1990.
    shift: i32,
    pub(super) role: Role,
}

/// A person.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) index: u32,
    pub(super) female: bool,
    pub(super) birth: Day,
    pub(super) name: FullName,
    pub(super) id: PersonalId,
    pub(super) old_id: Option<OldId>,
    pub(super) si: SiNumber,
    pub(super) insured: bool,
    /// Whether the participant's row names the citizen.
    pub(super) linked: bool,
    pub(super) group: u8,
    /// Months between two visits for a chronic illness, in thirds: 0 none.
    pub(super) chronic: u8,
    pub(super) chronic_diagnosis: u8,
    /// ABO and rhesus, 0 to 7.
    pub(super) blood: u8,
    /// Whether the birth date is known to the year only.
    pub(super) year_only: bool,
}

impl World {
    pub(super) fn new(seed: u64, citizens: u32, days: u32, per_million: u32) -> Self {
        let households = citizens.div_ceil(MEMBERS);
        let whole = citizens / MEMBERS;
        let permutation = |domain, n| Permutation::new(seed, domain, n);
        Self {
            seed,
            citizens,
            days: days as i32,
            start: Day::from_civil(2025, 1, 1).expect("a day of the calendar"),
            households,
            places: Places::new(citizens),
            names: Names::new(),
            diagnoses: Diagnoses::new(),
            cast: Cast::new(seed, whole, days, per_million),
            shuffled: permutation(domain::HOUSEHOLDS, households.into()),
            insurance: permutation(domain::INSURANCE, 10_000_000_000),
            old: permutation(domain::OLD, 1_000_000_000),
            serials: permutation(domain::SERIAL, 1_000_000),
            reports: permutation(domain::REPORT, 10_000_000_000),
        }
    }

    /// A day of the calendar.
    pub(super) fn day(&self, number: DayNumber) -> Day {
        self.start.plus(number)
    }

    /// What a household shares.
    pub(super) fn home(&self, number: u32) -> Home {
        let place = self.shuffled.apply(number.into());
        let (slot, turn) = ((place % SLOTS as u64) as usize, place / SLOTS as u64);
        let mut draw = Draw::new(self.seed, domain::HOME, number.into());
        // Some have moved to where the work is since their births were registered.
        let province = if draw.chance(120) {
            let by_people = PROVINCES.iter().map(|p| p.people * p.people / 100 + 1);
            draw.weighted(by_people) as u8
        } else {
            self.places.slots[slot]
        };
        let places = &self.places;
        let district = places.district(province, &mut draw);
        let primary = if draw.chance(640) {
            places.commune(province, &mut draw)
        } else {
            district
        };
        let role = self.cast.role(number);
        let shape = match role.protagonist() {
            Age::Any => draw.weighted([45, 20, 20, 15].into_iter()) as u8,
            Age::Old => 3,
            Age::Adult => 0,
        };
        let shift = match shape {
            0 | 1 => draw.range(-2, 0),
            2 => draw.range(-4, -3),
            _ => draw.range(-5, -3),
        };
        Home {
            number,
            slot,
            turn,
            province,
            primary,
            district,
            provincial: places.provincial(province),
            family: [self.names.family(&mut draw), self.names.family(&mut draw)],
            shape,
            shift,
            role,
        }
    }

    /// How many of a household there are; the last one may be small.
    pub(super) fn members(&self, home: u32) -> u32 {
        (self.citizens - home * MEMBERS).min(MEMBERS)
    }

    /// A person by number.
    pub(super) fn person(&self, index: u32) -> Person {
        self.member(&self.home(index / MEMBERS), index % MEMBERS)
    }

    /// A member of a household.
    pub(super) fn member(&self, home: &Home, member: u32) -> Person {
        let index = home.number * MEMBERS + member;
        let mut draw = Draw::new(self.seed, domain::PERSON, index.into());
        let is_protagonist = member == 0 && home.role.protagonist() != Age::Any;
        let generation = match (home.shape, member) {
            (_, 0 | 1) => 0,
            (0 | 2, _) | (1, 2) | (3, 2) => 3,
            (1, _) => -3,
            _ => 6,
        };
        let decade = 1990 + 10 * (home.shift + generation);
        let first = draw.chance(500);
        let female = match member {
            0 => home.role.female().unwrap_or(first),
            1 => !self.member_is_female(home),
            _ => first,
        };
        let (birth, id) = self.birth(home, member, decade, female, &mut draw);
        let born = birth.civil().0;
        let family = home.family[usize::from(member == 1)];
        let years = years_between(birth, self.start);
        let name = self.names.draw(&mut draw, family, female, born);
        let mut group = group(&mut draw, years);
        let has_plain_card = is_protagonist || home.role.protagonist() != Age::Any;
        if has_plain_card && matches!(group, ARMY | 15) {
            group = FAMILY;
        }
        if home.role == Role::ForceCard && member == 0 {
            group = ARMY;
        }
        let chronic = {
            let per_mille = match years {
                ..6 => 8,
                6..18 => 15,
                18..40 => 45,
                40..60 => 170,
                _ => 390,
            };
            let comes = draw.chance(per_mille);
            let rhythm = [3, 3, 3, 3, 3, 4, 6, 2][draw.below(8) as usize];
            if comes { rhythm } else { 0 }
        };
        let chronic_diagnosis = self.diagnoses.draw(&mut draw, female, years, true);
        let (insured, linked) = (draw.chance(930), draw.chance(990));
        Person {
            index,
            female,
            birth,
            name,
            id,
            old_id: (years >= 20 && draw.chance(650))
                .then(|| OldId::new(self.old.apply(index.into())))
                .flatten(),
            si: self.insurance_number(index, 0),
            insured: insured || has_plain_card || years < 6,
            linked: linked || has_plain_card,
            group,
            chronic,
            chronic_diagnosis,
            blood: [0, 0, 0, 1, 1, 2, 2, 3][draw.below(8) as usize] * 2 + u8::from(draw.chance(7)),
            year_only: years > 60 && draw.chance(50) && !is_protagonist,
        }
    }

    /// The sex of the first member, which the second's follows.
    fn member_is_female(&self, home: &Home) -> bool {
        let mut draw = Draw::new(self.seed, domain::PERSON, (home.number * MEMBERS).into());
        let first = draw.chance(500);
        home.role.female().unwrap_or(first)
    }

    /// A birth date and the number that goes with it: province, sex and century, year, six digits.
    ///
    /// Unique without a register: within a province people are numbered, the number's remainder by a
    /// million gives the six digits, and the million it is in is added to the last digit of the year.
    fn birth(
        &self,
        home: &Home,
        member: u32,
        decade: i32,
        female: bool,
        draw: &mut Draw,
    ) -> (Day, PersonalId) {
        // Some members were registered elsewhere: all of one turn move by the same number of slots.
        let moved = mix(self.seed ^ mix(home.turn * u64::from(MEMBERS) + u64::from(member)));
        let slot = if moved & 0b111 == 0 {
            (home.slot + (moved >> 32) as usize % SLOTS) % SLOTS
        } else {
            home.slot
        };
        let province = self.places.slots[slot];
        let width = u64::from(self.places.widths[usize::from(province)]);
        let number = (home.turn * width + u64::from(self.places.ranks[slot])) * u64::from(MEMBERS)
            + u64::from(member);
        let (block, rest) = (number / 1_000_000, number % 1_000_000);
        let serial = self
            .serials
            .apply((rest + 7919 * u64::from(province)) % 1_000_000);
        let unit = ((mix(self.seed ^ (serial * 64 + u64::from(province))) + block) % 10) as i32;
        let last = self.day(self.days - 1);
        let mut year = decade + unit;
        while year > last.civil().0 {
            year -= 10;
        }
        let january = Day::from_civil(year, 1, 1).expect("a year of the calendar");
        let mut birth = january.plus(draw.range(0, 364));
        if birth > last.plus(-75) {
            // Whoever is born in the last weeks is not known before the end.
            birth = january.max(last.plus(-75).min(birth));
        }
        if birth > last.plus(-75) && birth >= self.start {
            birth = Day::from_civil(year - 10, 1, 1).expect("a year of the calendar");
        }
        let year = birth.civil().0;
        let code = u64::from(PROVINCES[usize::from(province)].code);
        let century = if year >= 2000 { 2 } else { 0 } + u64::from(female);
        let id =
            code * 1_000_000_000 + century * 100_000_000 + (year % 100) as u64 * 1_000_000 + serial;
        (
            birth,
            PersonalId::new(id).expect("twelve digits: provinces end at 096"),
        )
    }

    /// A social-insurance number of a person: the first, or another under which the person (1, 2) or a
    /// card of the person (3) is registered too. `which` is below 4.
    pub(super) fn insurance_number(&self, index: u32, which: u32) -> SiNumber {
        let number = self
            .insurance
            .apply(u64::from(index) * 4 + u64::from(which));
        SiNumber::new(number).expect("permuted below ten digits")
    }

    /// The number of a report.
    pub(super) fn report_number(&self, household: u32, which: u32) -> u64 {
        self.reports
            .apply(u64::from(household) * 16 + u64::from(which % 16))
    }

    /// A card of a group, a province and a number.
    pub(super) fn card(group: u8, province: u8, si: SiNumber) -> CardNumber {
        let (letters, level) = GROUPS[usize::from(group)];
        let [first, second] = [letters.as_bytes()[0], letters.as_bytes()[1]];
        let letters = u32::from(first - b'A') * 26 + u32::from(second - b'A');
        let province = u32::from(PROVINCES[usize::from(province)].code);
        let prefix = letters * 500 + (u32::from(level) - 1) * 100 + province;
        CardNumber::from_parts(prefix, si).expect("letters, levels and provinces of the table")
    }

    /// Seconds of the period at which it ends.
    pub(super) fn end(&self) -> i32 {
        self.days * 86_400
    }
}

/// What age a role asks of its protagonist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// There is no protagonist.
    Any,
    Old,
    Adult,
}

/// Full years from a birth to a day.
pub(super) fn years_between(birth: Day, day: Day) -> i32 {
    let (from, to) = (birth.civil(), day.civil());
    to.0 - from.0 - i32::from((to.1, to.2) < (from.1, from.2))
}

/// A whole date.
pub(super) fn whole(day: Day) -> PartialDate {
    let (year, month, day) = day.civil();
    PartialDate::new(year as u16, Some(month as u8), Some(day as u8))
        .expect("a day of the calendar is a date")
}

/// The group of a card, by age.
fn group(draw: &mut Draw, years: i32) -> u8 {
    let weights: [u32; 16] = match years {
        ..6 => [100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        6..18 => [0, 80, 0, 0, 0, 2, 6, 9, 3, 0, 0, 0, 0, 0, 0, 0],
        18..23 => [0, 0, 35, 30, 2, 20, 4, 6, 2, 0, 0, 0, 0, 0, 1, 0],
        23..60 => [0, 0, 0, 42, 7, 30, 5, 8, 4, 2, 0, 0, 0, 0, 1, 1],
        _ => [0, 0, 0, 0, 0, 35, 7, 9, 5, 12, 24, 2, 3, 3, 0, 0],
    };
    draw.weighted(weights.into_iter()) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<T: Ord>(mut numbers: Vec<T>) -> Vec<T> {
        numbers.sort_unstable();
        numbers
    }

    #[test]
    fn numbers_are_unique_in_a_nation() {
        let world = World::new(3, 95_000_000, 365, 500);
        // One household in sixty: were one number in a thousand shared, hundreds of pairs would meet.
        let homes = (0..world.households)
            .step_by(60)
            .map(|number| world.home(number));
        let people: Vec<Person> = homes
            .flat_map(|home| {
                let members = world.members(home.number);
                (0..members)
                    .map(|member| world.member(&home, member))
                    .collect::<Vec<_>>()
            })
            .collect();
        assert!(people.len() > 1_500_000);
        let ids = sorted(people.iter().map(|person| person.id).collect());
        assert!(ids.is_sorted_by(|a, b| a < b), "a personal id is shared");
        let insured = sorted(people.iter().map(|person| person.si).collect());
        assert!(
            insured.is_sorted_by(|a, b| a < b),
            "an insurance number is shared"
        );
        let old = sorted(people.iter().filter_map(|person| person.old_id).collect());
        assert!(old.is_sorted_by(|a, b| a < b), "an old id is shared");
        // Number and person agree on sex, century and year.
        for person in people.iter().step_by(97) {
            let year = person.birth.civil().0;
            let digit = person.id.number() / 100_000_000 % 10;
            assert_eq!(
                digit,
                if year >= 2000 { 2 } else { 0 } + u64::from(person.female)
            );
            assert_eq!(person.id.number() / 1_000_000 % 100, (year % 100) as u64);
            assert!(person.birth < world.day(world.days));
        }
    }
}
