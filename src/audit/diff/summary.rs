//! What two runs decided differently, counted.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::alert_file::Head;
use super::because::Because;
use super::differences::Differences;
use super::row::{DifferingAlert, State};
use crate::record::Money;
use crate::rule::Reason;

/// Where subjects stand that lie in no province.
const NO_PROVINCE: &str = "none";
/// The bands of the amount at stake, by the least million dong of each.
const BANDS: [(i64, &str); 5] = [
    (100, "100m_and_more"),
    (10, "10m_to_100m"),
    (1, "1m_to_10m"),
    (0, "below_1m"),
    (i64::MIN, "below_0"),
];

/// Alerts and their amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How many.
    pub alerts: u64,
    /// What is at stake in them in run A; an alert that it has not counts nothing.
    pub amount_a: Dong,
    /// In run B.
    pub amount_b: Dong,
}

/// Dong, summed exactly in thousandths, written in whole ones, rounded down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dong(i128);

/// Alerts by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// Only B has them.
    pub new: Tally,
    /// Both have them, and they say the same.
    pub unchanged: Tally,
    /// Both have them, and they say something else.
    pub updated: Tally,
    /// Only A has them.
    pub absent: Tally,
}

/// What two runs decided differently.
#[derive(Clone, Debug, Serialize)]
pub struct DiffSummary {
    /// What differs beside alerts.
    pub differences: Differences,
    /// All alerts.
    pub all: Cell,
    /// By reason.
    pub by_reason: BTreeMap<Reason, Cell>,
    /// By the first two characters of the facility's code; `none` where the subject lies in no province.
    pub by_province: BTreeMap<String, Cell>,
    /// By the amount at stake, in B where it has the alert.
    pub by_amount: BTreeMap<&'static str, Cell>,
    /// How many alerts each kind explains; several may explain one.
    pub because: BTreeMap<&'static str, u64>,
    /// By what came later, where that is what differs; an alert counts under the first that is told.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub later: BTreeMap<String, Cell>,
    /// Alerts that nothing explains.
    pub unexplained: u64,
    /// The first alerts that differ, by id.
    pub first: Vec<DifferingAlert>,
    #[serde(skip)]
    most: usize,
}

impl Dong {
    /// Whole dong, rounded down.
    pub fn whole(self) -> i64 {
        let dong = self.0.div_euclid(i128::from(Money::THOUSANDTHS));
        i64::try_from(dong).unwrap_or(if dong < 0 { i64::MIN } else { i64::MAX })
    }

    fn add(&mut self, amount: Money) {
        self.0 += i128::from(amount.thousandths());
    }
}

impl Serialize for Dong {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.whole())
    }
}

impl Cell {
    /// Alerts of a state.
    pub fn of(&self, state: State) -> &Tally {
        match state {
            State::New => &self.new,
            State::Unchanged => &self.unchanged,
            State::Updated => &self.updated,
            State::Absent => &self.absent,
        }
    }

    fn add(&mut self, state: State, (a, b): (Option<Money>, Option<Money>)) {
        let tally = match state {
            State::New => &mut self.new,
            State::Unchanged => &mut self.unchanged,
            State::Updated => &mut self.updated,
            State::Absent => &mut self.absent,
        };
        tally.alerts += 1;
        a.into_iter().for_each(|amount| tally.amount_a.add(amount));
        b.into_iter().for_each(|amount| tally.amount_b.add(amount));
    }
}

impl DiffSummary {
    pub(super) fn new(differences: Differences, most: usize) -> Self {
        Self {
            differences,
            all: Cell::default(),
            by_reason: BTreeMap::new(),
            by_province: BTreeMap::new(),
            by_amount: BTreeMap::new(),
            because: BTreeMap::new(),
            later: BTreeMap::new(),
            unexplained: 0,
            first: Vec::new(),
            most,
        }
    }

    /// How many alerts differ.
    pub fn differing(&self) -> u64 {
        self.all.new.alerts + self.all.updated.alerts + self.all.absent.alerts
    }

    pub(super) fn add_unchanged(&mut self, head: &Head) {
        let amounts = (Some(head.amount_vnd), Some(head.amount_vnd));
        let province = province(&head.subject.kind, &head.subject.id);
        self.count(head.reason, province, State::Unchanged, amounts);
    }

    pub(super) fn add(&mut self, alert: &DifferingAlert) {
        let amounts = (
            alert.amount_vnd.a.map(|amount| amount.0),
            alert.amount_vnd.b.map(|amount| amount.0),
        );
        let province = province(&alert.subject.kind, &alert.subject.id);
        self.count(alert.reason, province, alert.state, amounts);
        let mut kinds: Vec<&'static str> = alert.because.iter().map(Because::kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            *self.because.entry(kind).or_default() += 1;
        }
        for because in &alert.because {
            match because {
                Because::AsOf { later, .. } => {
                    let first = later.first().map(ToString::to_string);
                    let cell = self.later.entry(first.unwrap_or_default()).or_default();
                    cell.add(alert.state, amounts);
                }
                Because::Unexplained => self.unexplained += 1,
                _ => {}
            }
        }
        if self.first.len() < self.most {
            self.first.push(alert.clone());
        }
    }

    fn count(
        &mut self,
        reason: Reason,
        province: &str,
        state: State,
        amounts: (Option<Money>, Option<Money>),
    ) {
        let amount = amounts.1.or(amounts.0).unwrap_or(Money::ZERO);
        let is_least =
            |(millions, _): &&(i64, &str)| amount.thousandths() >= millions.saturating_mul(MILLION);
        let band = BANDS
            .iter()
            .find(is_least)
            .map_or("below_0", |(_, band)| band);
        self.all.add(state, amounts);
        self.by_reason
            .entry(reason)
            .or_default()
            .add(state, amounts);
        // Most alerts are of a province that is known already.
        if !self.by_province.contains_key(province) {
            self.by_province
                .insert(province.to_owned(), Cell::default());
        }
        if let Some(cell) = self.by_province.get_mut(province) {
            cell.add(state, amounts);
        }
        self.by_amount.entry(band).or_default().add(state, amounts);
    }
}

/// A million dong, in thousandths.
const MILLION: i64 = 1_000_000 * Money::THOUSANDTHS;

/// The province of a subject: that of the facility.
fn province<'s>(kind: &str, id: &'s str) -> &'s str {
    match kind {
        "claim" | "check_in" => id.get(..2).unwrap_or(NO_PROVINCE),
        _ => NO_PROVINCE,
    }
}
