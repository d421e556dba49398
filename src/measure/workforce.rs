//! The workforce that enterprises declare, against the employees who are insured through them.
//!
//! In: enterprises as they are now, employments that come and go. Out: how many enterprises have how many
//! insured employees in a hundred of the workforce, on a day. Must hold: memory grows with enterprises and
//! with the employments that begin or end in the future, not with others; whatever came and went, the
//! figures are those of the rows that hold.

use std::collections::{BTreeMap, HashMap};

use crate::dataflow::Employer;
use crate::record::{Day, Enterprise, EnterpriseStatus};

/// What a registered enterprise says of its workforce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Registered {
    /// It was merged, dissolved or is bankrupt: nothing is expected of it.
    Ceased,
    /// It exists, and says nothing.
    Undeclared,
    /// It exists, and declares this many.
    Declared(u32),
}

impl Registered {
    /// What a row of `enterprises` says.
    pub fn of(enterprise: &Enterprise) -> Self {
        use EnterpriseStatus::{Bankrupt, Dissolved, Merged};
        match (enterprise.status, enterprise.workforce) {
            (Merged | Dissolved | Bankrupt, _) => Self::Ceased,
            (_, Some(workforce)) => Self::Declared(workforce.0),
            (_, None) => Self::Undeclared,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Held {
    registered: Option<Registered>,
    /// Employments that cover the last day passed.
    open: i64,
}

/// The bytes that an enterprise takes in the table.
#[cfg(test)]
pub(super) const BUCKET: usize = size_of::<(Employer, Held)>();

/// Enterprises and the employments in them.
#[derive(Clone, Debug, Default)]
pub struct Workforce {
    enterprises: HashMap<Employer, Held>,
    /// What begins (1) and ends (-1) on days that have not passed.
    to_come: BTreeMap<(Day, Employer), i64>,
    /// The last day passed; rows come in order of knowledge time.
    today: Option<Day>,
}

/// Insured employees of enterprises, on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Insured {
    /// Enterprises that declare a workforce, by class of insured employees in a hundred of it.
    pub by_percent: [u64; PERCENTS.len() + 1],
    /// Of them, those with fewer employees than their workforce, as many, and more.
    pub fewer: u64,
    /// As many.
    pub equal: u64,
    /// More.
    pub more: u64,
    /// The workforce that they declare.
    pub workforce: u64,
    /// Their insured employees.
    pub insured: u64,
    /// Enterprises that declare none.
    pub undeclared: u64,
    /// Enterprises that have ceased, and still have insured employees.
    pub ceased: u64,
    /// Employers of somebody insured who are in no row of `enterprises`.
    pub unregistered: u64,
}

/// The most insured employees in a hundred of the workforce, of each class but the last.
pub const PERCENTS: [u64; 10] = [0, 25, 50, 75, 90, 100, 110, 125, 150, 200];

impl Workforce {
    /// Takes what an enterprise is now: none where it is no longer registered.
    pub fn enterprise(&mut self, employer: Employer, registered: Option<Registered>) {
        self.enterprises.entry(employer).or_default().registered = registered;
    }

    /// Counts an employment `diff` times, which holds from a day to another, inclusive; `known` is the day
    /// on which its row became known.
    pub fn employment(
        &mut self,
        employer: Employer,
        (from, to): (Day, Option<Day>),
        diff: i64,
        known: Day,
    ) {
        self.pass(known);
        self.change(employer, from, diff);
        if let Some(to) = to {
            self.change(employer, to.plus(1), -diff);
        }
    }

    fn change(&mut self, employer: Employer, day: Day, diff: i64) {
        if self.today.is_some_and(|today| day <= today) {
            self.enterprises.entry(employer).or_default().open += diff;
            return;
        }
        let change = self.to_come.entry((day, employer)).or_default();
        *change += diff;
        if *change == 0 {
            self.to_come.remove(&(day, employer));
        }
    }

    /// Lets days pass, up to one.
    fn pass(&mut self, day: Day) {
        if self.today.is_some_and(|today| day <= today) {
            return;
        }
        self.today = Some(day);
        while let Some(next) = self.to_come.first_entry()
            && next.key().0 <= day
        {
            let ((_, employer), diff) = next.remove_entry();
            self.enterprises.entry(employer).or_default().open += diff;
        }
    }

    /// Adds another part, which has other enterprises and other employments.
    pub fn merge(&mut self, mut other: Self) {
        let today = self.today.max(other.today);
        if let Some(today) = today {
            self.pass(today);
            other.pass(today);
        }
        for (employer, held) in other.enterprises {
            let mine = self.enterprises.entry(employer).or_default();
            mine.registered = mine.registered.or(held.registered);
            mine.open += held.open;
        }
        for ((day, employer), diff) in other.to_come {
            self.change(employer, day, diff);
        }
    }

    /// What begins and ends until a day, beside what has.
    fn to_come_by(&self, as_of: Day) -> HashMap<Employer, i64> {
        let mut to_come: HashMap<Employer, i64> = HashMap::new();
        let begun = self
            .to_come
            .iter()
            .take_while(|((day, _), _)| *day <= as_of);
        for ((_, employer), diff) in begun {
            *to_come.entry(*employer).or_default() += diff;
        }
        to_come
    }

    /// Tells how many employments at an employer cover a day, which is not before the last row became known.
    pub fn open_on(&self, as_of: Day) -> impl Fn(Employer) -> u64 {
        let to_come = self.to_come_by(as_of);
        move |employer| {
            let held = self.enterprises.get(&employer).map_or(0, |held| held.open);
            counted(held + to_come.get(&employer).copied().unwrap_or_default())
        }
    }

    /// The figures on a day, which is not before the last row became known.
    pub fn on(&self, as_of: Day) -> Insured {
        let mut to_come = self.to_come_by(as_of);
        let mut insured = Insured::default();
        for (employer, held) in &self.enterprises {
            let open = held.open + to_come.remove(employer).unwrap_or_default();
            insured.count(held.registered, open);
        }
        for open in to_come.into_values() {
            insured.count(None, open);
        }
        insured
    }
}

fn counted(open: i64) -> u64 {
    u64::try_from(open).expect("an employment is taken back once, after it was counted")
}

impl Insured {
    fn count(&mut self, registered: Option<Registered>, open: i64) {
        let open = counted(open);
        match registered {
            None => self.unregistered += u64::from(open > 0),
            Some(Registered::Ceased) => self.ceased += u64::from(open > 0),
            Some(Registered::Undeclared) => self.undeclared += 1,
            Some(Registered::Declared(workforce)) => {
                let workforce = u64::from(workforce);
                self.workforce += workforce;
                self.insured += open;
                let place = match open.cmp(&workforce) {
                    std::cmp::Ordering::Less => &mut self.fewer,
                    std::cmp::Ordering::Equal => &mut self.equal,
                    std::cmp::Ordering::Greater => &mut self.more,
                };
                *place += 1;
                // Nobody of nobody is all of them.
                let class = match (open, workforce) {
                    (0, 0) => PERCENTS.partition_point(|percent| *percent < 100),
                    _ => PERCENTS.partition_point(|percent| {
                        u128::from(percent * workforce) < 100 * u128::from(open)
                    }),
                };
                self.by_percent[class] += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Text, Value};
    use proptest::prelude::*;

    fn employer(n: u8) -> Employer {
        Employer::of(&Text::from_text(&format!("030000000{n}")).expect("a text"))
    }

    /// A step: a row of an employment (its key, days, or none for a deletion) or of an enterprise.
    type Step = (u8, u8, Option<(i32, Option<i32>)>, u8);

    /// What rows hold in the end, from scratch, and the employments at each employer.
    fn naive(steps: &[Step], as_of: i32) -> (Insured, [u64; 3]) {
        let mut employments: BTreeMap<(u8, u8), (i32, Option<i32>)> = BTreeMap::new();
        let mut enterprises: BTreeMap<u8, Registered> = BTreeMap::new();
        for (person, at, span, declares) in steps {
            if *person == 0 {
                match declared(*declares) {
                    Some(registered) => enterprises.insert(*at, registered),
                    None => enterprises.remove(at),
                };
            } else {
                match span {
                    Some(span) => employments.insert((*person, *at), *span),
                    None => employments.remove(&(*person, *at)),
                };
            }
        }
        let mut insured = Insured::default();
        let mut all_open = [0; 3];
        for at in 0..3 {
            let covers =
                |(from, to): &(i32, Option<i32>)| *from <= as_of && to.is_none_or(|to| as_of <= to);
            let all = employments.iter().filter(|((_, of), _)| *of == at);
            let open = all.filter(|(_, span)| covers(span)).count() as i64;
            insured.count(enterprises.get(&at).copied(), open);
            all_open[usize::from(at)] = open as u64;
        }
        (insured, all_open)
    }

    fn declared(n: u8) -> Option<Registered> {
        match n {
            0 => None,
            1 => Some(Registered::Ceased),
            2 => Some(Registered::Undeclared),
            n => Some(Registered::Declared(u32::from(n) - 3)),
        }
    }

    fn steps() -> impl Strategy<Value = Vec<(i32, Step)>> {
        let span = (0i32..12, prop::option::of(0i32..6))
            .prop_map(|(from, more)| (from, more.map(|more| from + more)));
        let step = (0u8..4, 0u8..3, prop::option::weighted(0.8, span), 0u8..7);
        prop::collection::vec((0i32..3, step), 0..40)
    }

    /// Applies steps, each some days after the one before, whose keys `mine` has.
    fn applied(steps: &[(i32, Step)], mine: impl Fn(&Step) -> bool) -> Workforce {
        let mut workforce = Workforce::default();
        let mut held: HashMap<(u8, u8), (i32, Option<i32>)> = HashMap::new();
        let mut today = 0;
        for (later, step) in steps {
            today += later;
            let (person, at, span, declares) = *step;
            if !mine(step) {
                continue;
            }
            if person == 0 {
                workforce.enterprise(employer(at), declared(declares));
                continue;
            }
            let day = Day::from_number;
            let mut count = |(from, to): (i32, Option<i32>), diff| {
                workforce.employment(employer(at), (day(from), to.map(day)), diff, day(today));
            };
            let before = match span {
                Some(span) => held.insert((person, at), span),
                None => held.remove(&(person, at)),
            };
            if let Some(before) = before {
                count(before, -1);
            }
            if let Some(after) = span {
                count(after, 1);
            }
        }
        workforce
    }

    proptest! {
        #[test]
        fn figures_are_those_of_the_rows_that_hold(steps in steps(), more in 0i32..12) {
            let as_of = steps.iter().map(|(later, _)| later).sum::<i32>() + more;
            let rows: Vec<Step> = steps.iter().map(|(_, step)| *step).collect();
            let expected = naive(&rows, as_of);
            let as_of = Day::from_number(as_of);
            let on = |workforce: &Workforce| {
                let open = workforce.open_on(as_of);
                (workforce.on(as_of), [0, 1, 2].map(|n| open(employer(n))))
            };
            prop_assert_eq!(&on(&applied(&steps, |_| true)), &expected);

            let mut parts = applied(&steps, |step| step.0 % 2 == 0);
            parts.merge(applied(&steps, |step| step.0 % 2 == 1));
            prop_assert_eq!(&on(&parts), &expected);
        }
    }

    #[test]
    fn classes_of_percent_end_with_their_bounds() {
        let class = |open, workforce| {
            let mut insured = Insured::default();
            insured.count(Some(Registered::Declared(workforce)), open);
            insured.by_percent.iter().position(|count| *count == 1)
        };
        assert_eq!(class(0, 10), Some(0));
        assert_eq!(class(0, 0), Some(5));
        assert_eq!(class(10, 10), Some(5));
        assert_eq!(class(9, 10), Some(4));
        assert_eq!(class(11, 10), Some(6));
        assert_eq!(class(1, 0), Some(10));
        assert_eq!(class(i64::from(u32::MAX) * 3, u32::MAX), Some(10));
    }
}
