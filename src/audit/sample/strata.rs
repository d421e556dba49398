//! The parts that a frame is cut into before it is drawn from.
//!
//! In: what a unit is about. Out: the name of its stratum. Must hold: a name is a function of the unit alone, so that
//! it is the same in every run that has the unit; bands of amounts are fixed, and so are the same for every frame.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::record::Money;
use crate::rule::Reason;

/// By what a frame is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The reason of an alert; claims without an alert have none.
    Reason,
    /// The province of the facility, the first two characters of its code; what is about no visit has none.
    Province,
    /// The band of the amount: see [`BANDS`].
    Amount,
}

impl By {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Reason, Self::Province, Self::Amount];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reason => "reason",
            Self::Province => "province",
            Self::Amount => "amount",
        }
    }

    /// The one with a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The bands of amounts, by the dong that each ends below, and their names.
pub const BANDS: [(i64, &str); 4] = [
    (1_000_000, "under_1m"),
    (10_000_000, "1m_to_10m"),
    (100_000_000, "10m_to_100m"),
    (i64::MAX, "from_100m"),
];

/// The stratum of a unit that is not cut by anything.
pub const ALL: &str = "all";

/// What a unit is about.
#[derive(Clone, Copy, Debug)]
pub struct Traits<'a> {
    /// The reason of an alert.
    pub reason: Option<Reason>,
    /// Its subject's kind and id.
    pub subject: (&'a str, &'a str),
    /// The amount at stake.
    pub amount: Money,
}

impl Traits<'_> {
    /// The province of its facility; none where it is about no visit.
    pub fn province(&self) -> Option<&str> {
        let (kind, id) = self.subject;
        matches!(kind, "claim" | "check_in")
            .then(|| id.get(..2))
            .flatten()
    }

    /// The name of the stratum: `reason=…;province=…;amount=…`, as far as it is cut by them.
    pub fn stratum(&self, cuts: &[By]) -> String {
        let parts: Vec<String> = cuts
            .iter()
            .filter_map(|by| {
                let value = match by {
                    By::Reason => self.reason?.as_str(),
                    By::Province => self.province().unwrap_or("none"),
                    By::Amount => band(self.amount),
                };
                Some(format!("{by}={value}"))
            })
            .collect();
        if parts.is_empty() {
            ALL.to_owned()
        } else {
            parts.join(";")
        }
    }
}

fn band(amount: Money) -> &'static str {
    let dong = amount.thousandths() / Money::THOUSANDTHS;
    let of = BANDS.iter().find(|(below, _)| dong < *below);
    of.map_or("from_100m", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stratum_says_what_it_is_cut_by() {
        let alert = Traits {
            reason: Some(Reason::UnknownCard),
            subject: ("claim", "79001/V1"),
            amount: Money::dong(999_999),
        };
        assert_eq!(alert.stratum(&[]), "all");
        assert_eq!(
            alert.stratum(&By::ALL),
            "reason=unknown_card;province=79;amount=under_1m"
        );
        let claim = Traits {
            reason: None,
            amount: Money::dong(100_000_000),
            ..alert
        };
        assert_eq!(claim.stratum(&[By::Reason]), "all");
        assert_eq!(claim.stratum(&[By::Amount]), "amount=from_100m");
        let card = Traits {
            subject: ("card", "DN4790000000001"),
            ..alert
        };
        assert_eq!(card.stratum(&[By::Province]), "province=none");
    }
}
