//! What claims of a kind usually cost: the peer groups that a claim's cost is compared with.
//!
//! In: costs by kind of visit and diagnosis. Out: quartiles of each group, and how far a cost lies
//! from its group. Must hold: groups depend on the set of costs alone, however it was split, merged
//! or ordered; memory is bounded, whatever is counted.

use std::collections::BTreeMap;
use std::fmt;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::diagnosis::{NO_CATEGORY, category_letter, category_text, parse_category};

/// Distinct cells that are counted before cells are made coarser.
const MOST_CELLS: usize = 1 << 20;
/// The least interquartile range of a group, in thousandths of ln: about a tenth of the cost.
const LEAST_RANGE: i32 = 100;
/// The greatest deviation: 30 robust standard deviations.
const FARTHEST: i64 = 30_000;

/// Counts of claims by kind of visit, diagnosis category and cost.
///
/// Costs are counted exactly, to the thousandth of ln, while there are at most 2^20 distinct cells;
/// then neighbouring costs share a cell, two by two, as often as needed. How often depends only on
/// what has been counted, not on its order, so that counts can be added in any order and merged.
#[derive(Clone, Debug, Default)]
pub struct PeerCounts {
    /// Claims by visit type (5 bits), diagnosis (16 bits) and cost (16 bits) without its last
    /// `coarseness` bits.
    cells: HashMap<u64, u64>,
    coarseness: u32,
    claims: u64,
}

impl PeerCounts {
    /// Nothing counted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Claims counted.
    pub fn claims(&self) -> u64 {
        self.claims
    }

    /// Counts a claim: its visit type (1 to 16), its diagnosis category (as
    /// [`Observation::diagnosis`](super::Observation)) and its cost in thousandths of ln. What is
    /// out of range counts as no kind, no category or the nearest cost.
    pub fn add(&mut self, visit_type: u8, diagnosis: u16, cost: i32) {
        let visit_type = if visit_type <= 16 { visit_type } else { 0 };
        let diagnosis = if category_letter(diagnosis).is_some() {
            diagnosis
        } else {
            NO_CATEGORY
        };
        let cost = cost.clamp(0, i32::from(u16::MAX)) as u64;
        self.claims += 1;
        let kind = u64::from(visit_type) << 16 | u64::from(diagnosis);
        *self
            .cells
            .entry(kind << 16 | cost >> self.coarseness)
            .or_default() += 1;
        self.coarsen();
    }

    /// Adds all that another has counted.
    pub fn merge(&mut self, other: &Self) {
        self.coarsen_to(other.coarseness);
        for (cell, claims) in &other.cells {
            let by = self.coarseness - other.coarseness;
            *self.cells.entry(coarser(*cell, by)).or_default() += claims;
            self.coarsen();
        }
        self.claims += other.claims;
    }

    fn coarsen(&mut self) {
        // There are fewer than 2^16 kinds, so that one cost a kind always fits.
        while self.cells.len() > MOST_CELLS {
            self.coarsen_to(self.coarseness + 1);
        }
    }

    fn coarsen_to(&mut self, coarseness: u32) {
        if coarseness > self.coarseness {
            let by = coarseness - self.coarseness;
            let mut cells = HashMap::new();
            for (cell, claims) in self.cells.drain() {
                *cells.entry(coarser(cell, by)).or_default() += claims;
            }
            (self.cells, self.coarseness) = (cells, coarseness);
        }
    }
}

fn coarser(cell: u64, by: u32) -> u64 {
    let (kind, cost) = (cell >> 16, cell & 0xFFFF);
    kind << 16 | cost >> by
}

/// A group of claims that are compared with each other, from wide to narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeerGroup {
    /// All claims. Written `all`.
    All,
    /// Claims of a visit type. Written `03`.
    Visit(u8),
    /// Those whose diagnosis begins with a letter. Written `03 J`.
    Letter(u8, char),
    /// Those of a diagnosis category. Written `03 J18`.
    Category(u8, u16),
}

impl PeerGroup {
    /// The groups of a claim, narrowest first.
    fn of(visit_type: u8, diagnosis: u16) -> impl Iterator<Item = Self> {
        let letter = category_letter(diagnosis);
        let narrow = letter.map(|_| Self::Category(visit_type, diagnosis));
        let letter = letter.map(|letter| Self::Letter(visit_type, letter));
        [
            narrow,
            letter,
            Some(Self::Visit(visit_type)),
            Some(Self::All),
        ]
        .into_iter()
        .flatten()
    }

    fn parse(text: &str) -> Option<Self> {
        if text == "all" {
            return Some(Self::All);
        }
        let (visit_type, diagnosis) = text.split_once(' ').unwrap_or((text, ""));
        let visit_type = visit_type.parse().ok()?;
        let group = match diagnosis.len() {
            0 => Self::Visit(visit_type),
            1 => Self::Letter(visit_type, diagnosis.chars().next()?),
            _ => Self::Category(visit_type, parse_category(diagnosis)),
        };
        (group.to_string() == text).then_some(group)
    }
}

impl fmt::Display for PeerGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Visit(visit_type) => write!(f, "{visit_type:02}"),
            Self::Letter(visit_type, letter) => write!(f, "{visit_type:02} {letter}"),
            Self::Category(visit_type, diagnosis) => {
                write!(f, "{visit_type:02} {}", category_text(*diagnosis))
            }
        }
    }
}

/// What the claims of a group cost, in thousandths of ln dong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, i32, i32, i32)", into = "(u64, i32, i32, i32)")]
pub struct PeerFigures {
    /// How many claims.
    pub claims: u64,
    /// The lower quartile.
    pub lower: i32,
    /// The median.
    pub median: i32,
    /// The upper quartile.
    pub upper: i32,
}

impl From<(u64, i32, i32, i32)> for PeerFigures {
    fn from((claims, lower, median, upper): (u64, i32, i32, i32)) -> Self {
        Self {
            claims,
            lower,
            median,
            upper,
        }
    }
}

impl From<PeerFigures> for (u64, i32, i32, i32) {
    fn from(figures: PeerFigures) -> Self {
        (figures.claims, figures.lower, figures.median, figures.upper)
    }
}

impl PeerFigures {
    /// The quartiles of ascending costs with their counts, at least one.
    fn new(costs: &[(i32, u64)]) -> Self {
        let claims: u64 = costs.iter().map(|(_, claims)| claims).sum();
        let quartile = |quarter: u64| {
            let mut left = (u128::from(claims) * u128::from(quarter)).div_ceil(4) as u64;
            let reaches = |(_, claims): &&(i32, u64)| {
                left = left.saturating_sub(*claims);
                left == 0
            };
            costs.iter().find(reaches).map_or(0, |(cost, _)| *cost)
        };
        let (lower, median, upper) = (quartile(1), quartile(2), quartile(3));
        Self {
            claims,
            lower,
            median,
            upper,
        }
    }

    /// How far a cost lies from the median, in thousandths of a robust standard deviation (the
    /// interquartile range, taken as at least 100 thousandths of ln, over 1.349), at most 30,000 in
    /// magnitude.
    pub fn deviation(&self, cost: i32) -> i32 {
        let range = self.upper.saturating_sub(self.lower).max(LEAST_RANGE);
        let difference = i64::from(cost) - i64::from(self.median);
        let deviation = difference * 1349 / i64::from(range);
        i32::try_from(deviation.clamp(-FARTHEST, FARTHEST)).expect("it was clamped")
    }
}

/// Quartiles of the groups that are large enough, and of all claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    try_from = "BTreeMap<String, PeerFigures>",
    into = "BTreeMap<String, PeerFigures>"
)]
pub struct PeerGroups {
    /// Ascending by group; the first is all claims.
    groups: Vec<(PeerGroup, PeerFigures)>,
}

impl PeerGroups {
    /// Groups of at least `minimum` claims; none if nothing was counted.
    pub fn new(counts: &PeerCounts, minimum: u64) -> Option<Self> {
        let half = ((1i32 << counts.coarseness) - 1) / 2;
        let mut cells: Vec<(PeerGroup, i32, u64)> = Vec::with_capacity(counts.cells.len());
        let mut groups = Vec::new();
        for level in 0..4 {
            cells.clear();
            cells.extend(counts.cells.iter().filter_map(|(cell, claims)| {
                let (visit_type, diagnosis) = ((cell >> 32) as u8, (cell >> 16) as u16);
                let place = |group: &PeerGroup| match group {
                    PeerGroup::All => 0,
                    PeerGroup::Visit(_) => 1,
                    PeerGroup::Letter(..) => 2,
                    PeerGroup::Category(..) => 3,
                };
                let mut groups = PeerGroup::of(visit_type, diagnosis);
                let group = groups.find(|group| place(group) == level)?;
                let cost = ((cell & 0xFFFF) << counts.coarseness) as i32 + half;
                Some((group, cost, *claims))
            }));
            cells.sort_unstable();
            for cells in cells.chunk_by(|a, b| a.0 == b.0) {
                let costs: Vec<(i32, u64)> = cells.iter().map(|cell| (cell.1, cell.2)).collect();
                let figures = PeerFigures::new(&costs);
                if figures.claims >= minimum || level == 0 {
                    groups.push((cells[0].0, figures));
                }
            }
        }
        (!groups.is_empty()).then_some(Self { groups })
    }

    /// The narrowest group that a claim is in: by visit type and diagnosis category, else by visit
    /// type and the diagnosis' letter, else by visit type, else all.
    pub fn find(&self, visit_type: u8, diagnosis: u16) -> (PeerGroup, PeerFigures) {
        let find = |group| {
            let place = self
                .groups
                .binary_search_by_key(&group, |entry| entry.0)
                .ok()?;
            Some(self.groups[place])
        };
        PeerGroup::of(visit_type, diagnosis)
            .find_map(find)
            .unwrap_or(self.groups[0])
    }

    /// Every group and its figures, from wide to narrow.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &(PeerGroup, PeerFigures)> {
        self.groups.iter()
    }
}

impl TryFrom<BTreeMap<String, PeerFigures>> for PeerGroups {
    type Error = String;

    fn try_from(stored: BTreeMap<String, PeerFigures>) -> Result<Self, String> {
        let mut groups = Vec::with_capacity(stored.len());
        for (text, figures) in stored {
            let group = PeerGroup::parse(&text).ok_or_else(|| {
                format!("`{text}` is no peer group: expected `all`, `03`, `03 J` or `03 J18`")
            })?;
            if !(0 <= figures.lower
                && figures.lower <= figures.median
                && figures.median <= figures.upper)
            {
                return Err(format!(
                    "the quartiles of peer group `{text}` do not ascend from 0"
                ));
            }
            groups.push((group, figures));
        }
        groups.sort_unstable_by_key(|entry| entry.0);
        match groups.first() {
            Some((PeerGroup::All, _)) => Ok(Self { groups }),
            _ => Err("the peer groups lack `all`".to_owned()),
        }
    }
}

impl From<PeerGroups> for BTreeMap<String, PeerFigures> {
    fn from(peers: PeerGroups) -> Self {
        let text = |(group, figures): (PeerGroup, _)| (group.to_string(), figures);
        peers.groups.into_iter().map(text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counts(claims: &[(u8, u16, i32)]) -> PeerCounts {
        let mut counts = PeerCounts::new();
        for (visit_type, diagnosis, cost) in claims {
            counts.add(*visit_type, *diagnosis, *cost);
        }
        counts
    }

    #[test]
    fn the_narrowest_group_that_is_large_enough_is_found() {
        let mut claims = vec![(3, 918, 11_000); 10];
        claims.extend([
            (3, 918, 12_000),
            (3, 944, 9000),
            (1, 0, 5000),
            (1, NO_CATEGORY, 5000),
        ]);
        let peers = PeerGroups::new(&counts(&claims), 2).unwrap();
        let group = |visit_type, diagnosis| peers.find(visit_type, diagnosis).0.to_string();
        assert_eq!(group(3, 918), "03 J18");
        assert_eq!(group(3, 944), "03 J");
        assert_eq!(group(3, 1000), "03");
        assert_eq!(group(1, NO_CATEGORY), "01");
        assert_eq!(group(9, 918), "all");
        assert_eq!(group(200, 60_000), "all");
        assert_eq!(peers.find(3, 918).1.claims, 11);
        assert_eq!(PeerGroups::new(&PeerCounts::new(), 1), None);
    }

    #[test]
    fn a_deviation_is_robust_and_bounded() {
        let figures = PeerFigures {
            claims: 9,
            lower: 10_000,
            median: 11_000,
            upper: 12_000,
        };
        assert_eq!(figures.deviation(11_000), 0);
        assert_eq!(figures.deviation(13_000), 1349);
        assert_eq!(figures.deviation(9_000), -1349);
        let fixed_price = PeerFigures {
            claims: 9,
            lower: 11_000,
            median: 11_000,
            upper: 11_000,
        };
        assert_eq!(fixed_price.deviation(11_100), 1349);
        assert_eq!(fixed_price.deviation(i32::MAX), 30_000);
        assert_eq!(fixed_price.deviation(i32::MIN), -30_000);
    }

    #[test]
    fn cells_are_bounded_whatever_the_order() {
        let claim = |n: u64| {
            let mixed = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            (
                (mixed >> 60) as u8 + 1,
                (mixed >> 40) as u16 % 2600,
                (mixed >> 20) as i32 & 0x3FFF,
            )
        };
        let claims: Vec<_> = (0..1_500_000).map(claim).collect();
        let (first, last) = claims.split_at(400_000);
        let whole = counts(&claims);
        assert!(whole.cells.len() <= MOST_CELLS && whole.coarseness > 0);
        let mut merged = counts(last);
        merged.merge(&counts(first));
        assert_eq!(merged.coarseness, whole.coarseness);
        assert_eq!(merged.cells, whole.cells);
        assert_eq!(merged.claims(), 1_500_000);
    }

    proptest! {
        #[test]
        fn quartiles_are_those_of_the_sorted_costs_in_any_order(
            mut costs in proptest::collection::vec(0i32..20_000, 1..200),
            cut in 0usize..200,
        ) {
            let claims: Vec<_> = costs.iter().map(|cost| (1, 918, *cost)).collect();
            let (first, last) = claims.split_at(cut.min(claims.len()));
            let mut merged = counts(last);
            merged.merge(&counts(first));
            let peers = PeerGroups::new(&merged, 1).unwrap();
            prop_assert_eq!(&peers, &PeerGroups::new(&counts(&claims), 1).unwrap());
            let json = serde_json::to_string(&peers).unwrap();
            prop_assert_eq!(&serde_json::from_str::<PeerGroups>(&json).unwrap(), &peers);
            costs.sort_unstable();
            let quartile = |quarter: usize| costs[(costs.len() * quarter).div_ceil(4) - 1];
            let figures = peers.find(1, 918).1;
            prop_assert_eq!(
                (figures.lower, figures.median, figures.upper),
                (quartile(1), quartile(2), quartile(3))
            );
        }

        #[test]
        fn any_text_is_a_group_or_none(text in "(all|[0-9]{1,3})( [A-Za-zĐ0-9]{0,4})?") {
            if let Some(group) = PeerGroup::parse(&text) {
                prop_assert_eq!(group.to_string(), text);
            }
        }
    }
}
