//! What thresholds are compared with, of the claims that are alerted or nearly are; and what another threshold would
//! come to.
//!
//! In: the numbers that came and went in an epoch, and the amounts of their claims. Out: for any value of a dial,
//! the claims that it would alert and those that are alerted, by month and province, with their amounts. Must hold:
//! what is told is of the whole epochs up to one, all of what the service decides on, counted and not estimated;
//! a corrected claim counts as it is now; memory grows with the claims within the reach of a dial (see
//! [`Dial::reach`]), and an answer is made of sums by number, month and province.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use hashbrown::HashMap;
use smallvec::SmallVec;

use super::epoch::EpochEnd;
use super::event::{Event, EventKind};
use super::identity::AlertId;
use super::lookup::{SharedRows, amount};
use super::transition::AlertKey;
use crate::dataflow::{RowRef, Weighed};
use crate::record::{Day, Instant, Money};
use crate::rule::{Dial, DialsInForce, Reason};

/// Claims, and what the fund is asked to pay for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub claims: u64,
    /// Thousandths of dong: more than one amount can tell.
    pub thousandths: i128,
}

/// What a value of a dial would do to the alerts of its reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Alerted under it, and as it is.
    pub kept: Sum,
    /// Alerted under it alone.
    pub added: Sum,
    /// Alerted as it is, and not under it.
    pub removed: Sum,
}

/// The first two characters of a facility's code.
pub type ProvinceCode = [u8; 2];

/// The answer to what another value would come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The value in force.
    pub in_force: u32,
    /// The value that is asked for.
    pub value: u32,
    /// In all.
    pub all: Effect,
    /// By the month of the admission date, told by its first day.
    pub by_month: BTreeMap<Day, Effect>,
    /// By the province of the facility.
    pub by_province: BTreeMap<ProvinceCode, Effect>,
    /// What other values would come to, in the order in which they were asked for.
    pub steps: Vec<(u32, Effect)>,
    /// The epoch up to which everything is in it.
    pub epoch: i64,
    /// When that ended.
    pub at: Option<Instant>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTurn {
    /// Nothing was computed yet.
    Unknown,
    /// The reason is not looked for.
    Off,
    /// The value is looser than this one, beyond which numbers are not kept.
    TooLoose(u32),
}

/// The numbers, shared by the thread that keeps them and those that ask.
#[derive(Clone, Debug, Default)]
pub struct Weighings(Arc<RwLock<Table>>);

/// A number that is kept of a claim.
#[derive(Clone, Copy, Debug)]
struct Held {
    dial: Dial,
    number: u32,
    cell: Cell,
    amount: Money,
}

/// What sums are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Cell {
    /// The first day.
    month: Day,
    province: ProvinceCode,
}

#[derive(Default)]
struct Table {
    held: HashMap<RowRef, SmallVec<[Held; 1]>>,
    sums: BTreeMap<(Dial, u32, Cell), Sum>,
    /// The claims under alerts that are weighed.
    alerts: HashMap<AlertId, RowRef>,
    dials: DialsInForce,
    /// The last epoch, and when it ended.
    until: Option<(i64, Option<Instant>)>,
}

/// Claims are not told: only how many there are.
impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let claims = self.held.len();
        f.debug_struct("Table")
            .field("claims", &claims)
            .finish_non_exhaustive()
    }
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.claims += other.claims;
        self.thousandths += other.thousandths;
    }

    /// The amount in whole dong, rounded down.
    pub fn dong(self) -> i64 {
        let dong = self.thousandths.div_euclid(i128::from(Money::THOUSANDTHS));
        i64::try_from(dong).unwrap_or(if dong < 0 { i64::MIN } else { i64::MAX })
    }
}

impl Effect {
    /// What is alerted under the value.
    pub fn under(&self) -> Sum {
        let mut sum = self.kept;
        sum.add(self.added);
        sum
    }

    /// What is alerted as it is.
    pub fn as_is(&self) -> Sum {
        let mut sum = self.kept;
        sum.add(self.removed);
        sum
    }

    /// Adds claims that are, or are not, alerted under either value.
    fn add(&mut self, (was, would_be): (bool, bool), sum: Sum) {
        match (was, would_be) {
            (true, true) => self.kept.add(sum),
            (false, true) => self.added.add(sum),
            (true, false) => self.removed.add(sum),
            (false, false) => {}
        }
    }
}

impl Weighings {
    /// What a value of a dial, or else the one in force, would come to in some provinces, and in all where none is
    /// named; and what others would, which `steps` names by the one in force. Steps that are too loose are left out.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn turn(
        &self,
        (dial, value): (Dial, Option<u32>),
        provinces: &[String],
        steps: impl Fn(u32) -> Vec<u32>,
    ) -> Result<Turn, NoTurn> {
        let table = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (epoch, at) = table.until.ok_or(NoTurn::Unknown)?;
        let in_force = table.dials.of(dial).ok_or(NoTurn::Off)?;
        let (value, reach) = (value.unwrap_or(in_force), dial.reach(in_force));
        if is_looser(dial, value, reach) {
            return Err(NoTurn::TooLoose(reach));
        }
        let mut steps: Vec<_> = steps(in_force)
            .into_iter()
            .filter(|step| !is_looser(dial, *step, reach))
            .map(|step| (step, Effect::default()))
            .collect();
        let mut turn = Turn {
            in_force,
            value,
            all: Effect::default(),
            by_month: BTreeMap::new(),
            by_province: BTreeMap::new(),
            steps: Vec::new(),
            epoch,
            at,
        };
        let first = Cell {
            month: Day::from_number(i32::MIN),
            province: [0; 2],
        };
        let of_dial = table.sums.range((dial, 0, first)..);
        for ((_, number, cell), sum) in of_dial.take_while(|((of, ..), _)| *of == dial) {
            let is_asked = |province: &String| province.as_bytes() == cell.province;
            if !(provinces.is_empty() || provinces.iter().any(is_asked)) {
                continue;
            }
            let was = dial.is_alerted(*number, in_force);
            let sides = |value| (was, dial.is_alerted(*number, value));
            for (step, effect) in &mut steps {
                effect.add(sides(*step), *sum);
            }
            let sides = sides(value);
            if sides != (false, false) {
                turn.all.add(sides, *sum);
                let of_month = turn.by_month.entry(cell.month).or_default();
                of_month.add(sides, *sum);
                let of_province = turn.by_province.entry(cell.province).or_default();
                of_province.add(sides, *sum);
            }
        }
        turn.steps = steps;
        Ok(turn)
    }

    /// The number that a dial is compared with of the claim of each of these alerts; alerts that do not hold, or
    /// are of another reason, are left out.
    pub fn numbers<T>(
        &self,
        dial: Dial,
        alerts: impl IntoIterator<Item = (String, T)>,
    ) -> Vec<(u32, T)> {
        let table = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let number = |alert: &str| {
            let claim = table.alerts.get(&alert.parse::<AlertId>().ok()?)?;
            let held = table.held.get(claim)?.iter();
            let mut of_dial = held.filter(|held| held.dial == dial);
            of_dial.next().map(|held| held.number)
        };
        alerts
            .into_iter()
            .filter_map(|(alert, kept)| Some((number(&alert)?, kept)))
            .collect()
    }

    /// The numbers of the claim of an alert that dials of its reason are compared with; none where the alert does not
    /// hold, or its reason has no dial.
    pub fn of_alert(&self, alert: AlertId, reason: Reason) -> Vec<(Dial, u32)> {
        self.read(|table| {
            let claim = table.alerts.get(&alert);
            let held = claim.and_then(|claim| table.held.get(claim));
            let held = held.into_iter().flatten();
            let of_reason = held.filter(|held| held.dial.reason() == reason);
            let mut numbers: Vec<(Dial, u32)> =
                of_reason.map(|held| (held.dial, held.number)).collect();
            numbers.sort_unstable();
            numbers
        })
    }

    /// Takes what came and went in an epoch, and what became of alerts.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub(super) fn apply<'e>(
        &self,
        epoch: &EpochEnd,
        rows: &SharedRows,
        weighed: Vec<(Weighed, i32)>,
        alerts: impl Iterator<Item = (AlertKey, &'e Event)>,
    ) -> io::Result<()> {
        // Looked up before anybody has to wait for it.
        let known = rows.known(epoch.ordinal);
        let look_up = |claim| Ok::<_, io::Error>(amount(known.find(claim)?.1.as_ref()));
        let mut came = Vec::new();
        for (one, _) in weighed.iter().filter(|(_, diff)| *diff > 0) {
            came.push((*one, look_up(one.claim)?));
        }
        let mut resent = Vec::new();
        for claim in &epoch.resent {
            let is_held = self.read(|table| table.held.contains_key(claim));
            if is_held {
                resent.push((*claim, look_up(*claim)?));
            }
        }
        let mut table = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (one, _) in weighed.iter().filter(|(_, diff)| *diff < 0) {
            table.remove(one);
        }
        for (claim, amount) in resent {
            table.set_amount(claim, amount);
        }
        for (one, amount) in came {
            table.insert(&one, amount);
        }
        for ((claim, reason), event) in alerts {
            if !Dial::ALL.iter().any(|dial| dial.reason() == reason) {
                continue;
            }
            match event.kind {
                EventKind::Withdrawn | EventKind::Archived => {
                    table.alerts.remove(&event.alert_id);
                }
                EventKind::Raised | EventKind::Changed => {
                    table.alerts.insert(event.alert_id, claim);
                }
            }
        }
        table.dials = epoch.dials;
        table.until = Some((epoch.number, epoch.at));
        Ok(())
    }

    fn read<T>(&self, read: impl FnOnce(&Table) -> T) -> T {
        read(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Table {
    fn insert(&mut self, weighed: &Weighed, amount: Money) {
        let held = Held {
            dial: weighed.dial,
            number: weighed.number,
            cell: Cell {
                month: first_of_month(weighed.admitted),
                province: province(weighed),
            },
            amount,
        };
        self.count(held, 1);
        self.held.entry(weighed.claim).or_default().push(held);
    }

    /// # Panics
    /// When it is not held: the dataflow takes back only what it gave out.
    fn remove(&mut self, weighed: &Weighed) {
        let numbers = self.held.get_mut(&weighed.claim);
        let numbers = numbers.expect("a number is taken back that was held");
        let is_it = |held: &Held| (held.dial, held.number) == (weighed.dial, weighed.number);
        let place = numbers.iter().position(is_it);
        let held = numbers.swap_remove(place.expect("a number is taken back that was held"));
        if numbers.is_empty() {
            self.held.remove(&weighed.claim);
        }
        self.count(held, -1);
    }

    fn set_amount(&mut self, claim: RowRef, amount: Money) {
        // What was held may have gone in the same epoch.
        let Some(mut numbers) = self.held.remove(&claim) else {
            return;
        };
        for held in &mut numbers {
            self.count(*held, -1);
            held.amount = amount;
            self.count(*held, 1);
        }
        self.held.insert(claim, numbers);
    }

    fn count(&mut self, held: Held, diff: i64) {
        let key = (held.dial, held.number, held.cell);
        let sum = self.sums.entry(key).or_default();
        sum.claims = sum.claims.saturating_add_signed(diff);
        sum.thousandths += i128::from(diff) * i128::from(held.amount.thousandths());
        if sum.claims == 0 {
            self.sums.remove(&key);
        }
    }
}

/// Whether a value is looser than another one.
fn is_looser(dial: Dial, value: u32, than: u32) -> bool {
    match dial {
        Dial::OutlierLevel => value > than,
        _ => value < than,
    }
}

fn first_of_month(day: Day) -> Day {
    let (_, _, of_month) = day.civil();
    day.plus(1 - i32::try_from(of_month).unwrap_or(1))
}

fn province(weighed: &Weighed) -> ProvinceCode {
    let code = weighed.facility.to_string();
    let [first, second, ..] = code.as_bytes() else {
        unreachable!("a code of a facility has five characters")
    };
    [*first, *second]
}
