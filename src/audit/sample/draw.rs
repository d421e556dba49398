//! Which units of a frame are drawn.
//!
//! In: a seed, and the units of a frame in order of their ids. Out: of each stratum, its size, amount and digest, and
//! the units that come first. Must hold: memory is bounded by strata and by how many may be drawn, not by the frame;
//! what is drawn is a function of the seed and of the units alone.
//!
//! A unit's number is HMAC-SHA-256 (FIPS 198-1) of its id under the seed; the units of a stratum with the lowest
//! numbers are its sample, those next to them its spares. That was chosen over a stream of random numbers since it needs
//! neither the order nor the size of the frame: anybody can compute the number of one unit with a common tool, rows may
//! stand in any order, and a unit keeps its number where others come or go.

use std::collections::{BTreeMap, BinaryHeap};

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::strata::{By, Traits};
use crate::hex::hex;
use crate::record::{Instant, Money};
use crate::rule::Reason;

/// What is drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrameKind {
    /// The alerts that hold.
    Alerts,
    /// The claims in force that no alert is about.
    NonAlerts,
}

impl FrameKind {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alerts => "alerts",
            Self::NonAlerts => "non_alerts",
        }
    }
}

/// A unit of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The alert's id, or the claim's key.
    pub id: String,
    /// The reason of an alert.
    pub reason: Option<Reason>,
    /// The kind of what it is about.
    pub kind: String,
    /// Its key, whole.
    pub subject: String,
    /// The amount at stake.
    pub amount: Money,
    /// When it was raised; of alerts.
    pub raised_at: Option<Instant>,
    /// The file of the row that it is of, relative to the input directory.
    pub file: String,
    /// 1-based record in the file.
    pub row: u64,
}

impl Unit {
    fn traits(&self) -> Traits<'_> {
        Traits {
            reason: self.reason,
            subject: (&self.kind, &self.subject),
            amount: self.amount,
        }
    }
}

/// The number of a unit: what is least is drawn first.
pub type Number = [u8; 32];

/// The numbers of a seed.
#[derive(Clone)]
pub struct Seed(Hmac<Sha256>);

impl Seed {
    /// Those of a text.
    pub fn new(text: &str) -> Self {
        let keyed = Hmac::<Sha256>::new_from_slice(text.as_bytes());
        Self(keyed.expect("HMAC takes a key of any length"))
    }

    /// The number of a unit: of the text `alerts:ID` or `non_alerts:ID`.
    pub fn number(&self, frame: FrameKind, id: &str) -> Number {
        let mut mac = self.0.clone();
        mac.update(frame.as_str().as_bytes());
        mac.update(b":");
        mac.update(id.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// A unit that may be drawn.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its number.
    pub number: Number,
    /// The unit.
    pub unit: Unit,
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.number, &self.unit.id).cmp(&(other.number, &other.unit.id))
    }
}

/// A stratum of a frame.
pub struct Stratum {
    /// Its units.
    pub units: u64,
    /// What they come to.
    pub amount: Money,
    digest: Sha256,
    /// Those with the lowest numbers, the highest of them on top.
    first: BinaryHeap<Candidate>,
}

impl Stratum {
    /// SHA-256 of its units in order: a line of id and amount, with a tab between, for each.
    pub fn sha256(&self) -> String {
        hex(&self.digest.clone().finalize())
    }

    /// Its first units, by number.
    pub fn into_first(self) -> Vec<Candidate> {
        self.first.into_sorted_vec()
    }
}

/// A frame, counted and drawn from in one pass.
pub struct Frame<'a> {
    seed: &'a Seed,
    kind: FrameKind,
    cuts: &'a [By],
    /// The most units that a stratum may give.
    most: usize,
    digest: Sha256,
    strata: BTreeMap<String, Stratum>,
}

impl<'a> Frame<'a> {
    /// One without units.
    pub fn new(seed: &'a Seed, kind: FrameKind, cuts: &'a [By], most: usize) -> Self {
        Self {
            seed,
            kind,
            cuts,
            most,
            digest: Sha256::new(),
            strata: BTreeMap::new(),
        }
    }

    /// Takes the next unit; they come in order of their ids.
    pub fn push(&mut self, unit: Unit) {
        let line = format!("{}\t{}\n", unit.id, unit.amount);
        self.digest.update(line.as_bytes());
        let name = unit.traits().stratum(self.cuts);
        let stratum = self.strata.entry(name).or_insert_with(|| Stratum {
            units: 0,
            amount: Money::ZERO,
            digest: Sha256::new(),
            first: BinaryHeap::new(),
        });
        stratum.units += 1;
        stratum.amount = stratum.amount.saturating_add(unit.amount);
        stratum.digest.update(line.as_bytes());
        let number = self.seed.number(self.kind, &unit.id);
        let is_full = stratum.first.len() >= self.most;
        if is_full && stratum.first.peek().is_none_or(|top| number > top.number) {
            return;
        }
        if is_full {
            stratum.first.pop();
        }
        stratum.first.push(Candidate { number, unit });
    }

    /// SHA-256 of all units, and the strata by name.
    pub fn finish(self) -> (String, BTreeMap<String, Stratum>) {
        (hex(&self.digest.finalize()), self.strata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unit(id: usize, amount: i64) -> Unit {
        Unit {
            id: format!("79001/V{id:03}"),
            reason: None,
            kind: "claim".to_owned(),
            subject: format!("79001/V{id:03}"),
            amount: Money::dong(amount),
            raised_at: None,
            file: "claims.csv".to_owned(),
            row: id as u64,
        }
    }

    #[test]
    fn a_number_is_that_of_common_tools() {
        // printf 'alerts:a1' | openssl dgst -sha256 -hmac 'seed'
        let number = Seed::new("seed").number(FrameKind::Alerts, "a1");
        assert_eq!(hex(&number), KNOWN);
    }

    const KNOWN: &str = "56b4825f0f4b73269833a516fc6383da0a40ef09c82472277e518dfa2763965d";

    proptest! {
        #[test]
        fn the_lowest_numbers_of_each_stratum_are_drawn(
            amounts in prop::collection::vec(0i64..40_000_000, 0..80),
            most in 1usize..9,
            seed in "[a-z]{1,6}",
        ) {
            let seed = Seed::new(&seed);
            let units: Vec<Unit> = amounts.iter().enumerate().map(|(id, a)| unit(id, *a)).collect();
            let mut frame = Frame::new(&seed, FrameKind::NonAlerts, &[By::Amount], most);
            units.iter().cloned().for_each(|unit| frame.push(unit));
            let (_, strata) = frame.finish();
            let mut all = 0;
            for (name, stratum) in strata {
                let mut own: Vec<&Unit> = units.iter().filter(|unit| unit.traits().stratum(&[By::Amount]) == name).collect();
                prop_assert_eq!(stratum.units, own.len() as u64);
                all += stratum.units;
                own.sort_by_key(|unit| seed.number(FrameKind::NonAlerts, &unit.id));
                own.truncate(most);
                let drawn: Vec<Unit> = stratum.into_first().into_iter().map(|one| one.unit).collect();
                prop_assert_eq!(drawn.iter().collect::<Vec<_>>(), own);
            }
            prop_assert_eq!(all, units.len() as u64);
        }
    }
}
