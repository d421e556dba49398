//! `cost_outlier`: few ordinary claims are as unlike others as this one.
//!
//! ```text
//! the person's claims, observed ─ changes ─ judge ─▶ findings, observations, what they rest on
//! ```
//! In: observations of every claim of a person, where the reason is on. Out: of those that came or went and
//! are outliers, the finding and what its score rests on; of those that a looser level would make outliers, the
//! p-value; and, where one side of an epoch is an outlier, the
//! rows that it rests on on both, since a claim or a death that comes can end what makes one an outlier. Must hold:
//! what a claim comes to depends on its observation, the model and the level alone; nothing of a claim that
//! is an outlier on neither side goes further, but for a p-value within the reach of the level.
//!
//! A person is folded again whenever one of the person's rows changes, and a model takes longer for a claim
//! than all other reasons together. So the fold only observes, and the model judges what differs.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::dossier::Outcome;
use super::super::finding::{Basis, Compared, Finding, Judged, Observed, Weighed};
use super::super::row_ref::RowRef;
use crate::model::{ModelRegistry, OutlierModel};
use crate::record::{Day, Facility};
use crate::rule::{Dial, Reason};

/// A claim that is to be judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ToJudge {
    pub(super) observed: Observed,
    /// The p-value below which it is an outlier, in millionths.
    pub(super) level: u32,
    pub(super) facility: Facility,
    pub(super) admitted: Day,
    /// Whether another reason has called for its score, and the observation is given out therefore.
    pub(super) is_given: bool,
    /// The row that ties it to its person.
    pub(super) tie: Option<RowRef>,
    pub(super) earlier: Earlier,
}

/// The claims of a person before one of them. The list of all is shared, since as many claims have one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Box<[RowRef]>", into = "Box<[RowRef]>")]
pub struct Earlier {
    all: Arc<[RowRef]>,
    count: usize,
}

impl Earlier {
    /// The first so many of all.
    pub(super) fn new(all: Arc<[RowRef]>, count: usize) -> Self {
        Self { all, count }
    }

    fn rows(&self) -> &[RowRef] {
        &self.all[..self.count]
    }
}

impl From<Box<[RowRef]>> for Earlier {
    fn from(rows: Box<[RowRef]>) -> Self {
        Self {
            count: rows.len(),
            all: rows.into(),
        }
    }
}

impl From<Earlier> for Box<[RowRef]> {
    fn from(earlier: Earlier) -> Self {
        earlier.rows().into()
    }
}

impl PartialEq for Earlier {
    fn eq(&self, other: &Self) -> bool {
        self.rows() == other.rows()
    }
}

impl Eq for Earlier {}

impl PartialOrd for Earlier {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Earlier {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rows().cmp(other.rows())
    }
}

impl Hash for Earlier {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rows().hash(state);
    }
}

/// Judges claims: by the model in force, and beside it by another, which decides nothing.
pub(in super::super) struct Judge {
    models: ModelRegistry,
    shadow: Option<Shadow>,
}

/// A model that judges beside the one in force, and its own level in millionths.
#[derive(Clone, Debug)]
pub struct Shadow {
    /// The model.
    pub model: Arc<OutlierModel>,
    /// The p-value below which a claim is an outlier by it.
    pub level: u32,
}

impl Judge {
    pub(in super::super) fn new(models: ModelRegistry, shadow: Option<Shadow>) -> Self {
        Self { models, shadow }
    }

    /// Tells what the claims of a person whose observations came or went come to; other outcomes are told as
    /// they are.
    pub(in super::super) fn judge(
        &self,
        changes: &mut Vec<(Outcome, i32)>,
        tell: &mut dyn FnMut(Outcome, i32),
    ) {
        // A claim that was and is observed stands there twice, one behind the other.
        let mut sides: Vec<(Box<ToJudge>, i32)> = Vec::new();
        for (outcome, diff) in changes.drain(..) {
            match outcome {
                Outcome::ToJudge(claim) => sides.push((claim, diff)),
                other => tell(other, diff),
            }
        }
        for of_claim in sides.chunk_by(|(one, _), (next, _)| one.claim() == next.claim()) {
            self.judge_claim(of_claim, tell);
        }
    }

    /// Judges a claim as it was and as it is.
    fn judge_claim(&self, sides: &[(Box<ToJudge>, i32)], tell: &mut dyn FnMut(Outcome, i32)) {
        let mut is_any = false;
        for (claim, diff) in sides {
            let observation = &claim.observed.observation;
            let model = self.models.get(claim.observed.model);
            let p_value = model.p_value(observation).millionths();
            let is_outlier = p_value < claim.level;
            if let Some(shadow) = &self.shadow {
                let of_shadow = shadow.model.p_value(observation).millionths() < shadow.level;
                if let Some(judged) = Judged::of(is_outlier, of_shadow) {
                    let scores = [model, &shadow.model].map(|model| model.score(observation));
                    let [live, shadow] = scores.map(|score| score.ten_thousandths());
                    let difference = live.abs_diff(shadow);
                    tell(Outcome::Compared(Compared { judged, difference }), *diff);
                }
            }
            let dial = Dial::OutlierLevel;
            if dial.is_alerted(p_value, dial.reach(claim.level)) {
                let weighed = Weighed {
                    claim: claim.claim(),
                    dial,
                    number: p_value,
                    facility: claim.facility,
                    admitted: claim.admitted,
                };
                tell(Outcome::Weighed(weighed), *diff);
            }
            if is_outlier {
                is_any = true;
                claim.tell_outlier(*diff, tell);
            }
        }
        let [(first, _), ..] = sides else { return };
        if is_any {
            let rows = |side: i32| {
                let found = sides.iter().find(|(_, diff)| *diff == side);
                found.map_or_else(Box::default, |(claim, _)| claim.rows())
            };
            let basis = Basis {
                claim: first.claim(),
                before: rows(-1),
                after: rows(1),
            };
            tell(Outcome::Basis(basis), 1);
        }
    }
}

impl ToJudge {
    fn claim(&self) -> RowRef {
        self.observed.claim
    }

    /// The rows that its observation rests on beside its own.
    fn rows(&self) -> Box<[RowRef]> {
        self.earlier.rows().into()
    }

    /// Tells that an outlier came or went, and what its score rests on.
    fn tell_outlier(&self, diff: i32, tell: &mut dyn FnMut(Outcome, i32)) {
        let reason = Reason::CostOutlier;
        let evidence = self.tie.into_iter().collect();
        let finding = Finding::new(reason, reason.class(), self.claim(), evidence);
        tell(Outcome::Finding(finding), diff);
        if !self.is_given {
            tell(Outcome::Observed(self.observed.clone()), diff);
        }
    }
}

impl Judged {
    /// Which of two take a claim for an outlier, if any.
    pub fn of(live: bool, shadow: bool) -> Option<Self> {
        match (live, shadow) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::OnlyLive),
            (false, true) => Some(Self::OnlyShadow),
            (false, false) => None,
        }
    }
}
