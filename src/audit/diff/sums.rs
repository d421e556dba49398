//! How many alerts differ, and by how much.

use std::collections::BTreeMap;

use serde::Serialize;

use super::because::Because;
use super::compare::{Differing, State};
use crate::record::Money;

/// Alerts and their amounts, by state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// In B alone.
    pub new: Counted,
    /// In both, and the same.
    pub unchanged: Counted,
    /// In both, and otherwise.
    pub updated: Counted,
    /// In A alone.
    pub absent: Counted,
}

/// Alerts and the amount at stake in them: in B, and of those that it has not, in A.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// How many.
    pub alerts: u64,
    /// The sum, in dong with its decimals.
    pub amount_vnd: Amount,
}

/// A sum of amounts, which may be more than one can be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(i128);

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let one = i128::from(Money::THOUSANDTHS);
        let (whole, rest) = (self.0 / one, (self.0 % one).abs());
        match rest {
            0 => write!(f, "{whole}"),
            rest => write!(f, "{whole}.{rest:03}"),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What is counted of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// In all.
    pub all: Count,
    /// By reason.
    pub by_reason: BTreeMap<String, Count>,
    /// By the first two characters of the facility; alerts that are about no visit have none.
    pub by_province: BTreeMap<String, Count>,
    /// By what explains that they differ; an alert with several counts at each.
    pub by_cause: BTreeMap<String, Count>,
    /// Those that nothing explains.
    pub unexplained: u64,
}

impl Count {
    fn add(&mut self, state: State, amount: Money) {
        let counted = match state {
            State::New => &mut self.new,
            State::Unchanged => &mut self.unchanged,
            State::Updated => &mut self.updated,
            State::Absent => &mut self.absent,
        };
        counted.alerts += 1;
        counted.amount_vnd.0 += i128::from(amount.thousandths());
    }

    /// How many differ.
    pub fn differing(&self) -> u64 {
        self.new.alerts + self.updated.alerts + self.absent.alerts
    }
}

impl Sums {
    pub(super) fn add(&mut self, differing: &Differing, amount: Money, province: Option<String>) {
        let state = differing.state;
        self.all.add(state, amount);
        self.by_reason
            .entry(differing.reason.as_str().to_owned())
            .or_default()
            .add(state, amount);
        if let Some(province) = province {
            self.by_province
                .entry(province)
                .or_default()
                .add(state, amount);
        }
        let mut causes: Vec<String> = differing.because.iter().map(cause).collect();
        causes.dedup();
        for cause in causes {
            self.by_cause.entry(cause).or_default().add(state, amount);
        }
        self.unexplained += u64::from(differing.because.contains(&Because::Unexplained));
    }
}

/// What a cause is counted under.
fn cause(because: &Because) -> String {
    let streams = |inputs: &[super::events::ChangedInput]| {
        let mut streams: Vec<&str> = inputs.iter().map(|input| input.stream.as_str()).collect();
        streams.sort_unstable();
        streams.dedup();
        streams.join("+")
    };
    match because {
        Because::ReasonNotComputed { .. } => "reason_not_computed".to_owned(),
        Because::Threshold { name, .. } => format!("threshold {name}"),
        Because::Rules => "rules".to_owned(),
        Because::Model => "model".to_owned(),
        Because::LinkModel => "link_model".to_owned(),
        Because::ExclusiveBenefits => "exclusive_benefits".to_owned(),
        Because::KnownLater { event, inputs, .. } => {
            format!("known later: {event} by {}", streams(inputs))
        }
        Because::AsOf => "as_of".to_owned(),
        Because::Rows { inputs } => format!("rows of {}", streams(inputs)),
        Because::Code => "code".to_owned(),
        Because::Unexplained => "unexplained".to_owned(),
    }
}
