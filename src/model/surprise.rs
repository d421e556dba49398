//! How surprising a category is where it is met: a diagnosis at a kind of visit, a facility for a card's
//! province.
//!
//! In: counts of categories by parent. Out: `-ln P(category | parent)` in whole thousandths. Must hold:
//! integers throughout; every category has a surprise, met before or not; no more is kept than the limits
//! say.
//!
//! A probability is shrunk to that of the category anywhere: with `n` claims of a parent, `k` of them of the
//! category, and `p` the share of the category among all claims, it is `(k + 20 p) / (n + 20)`. A category
//! that is not kept has, anywhere, the average share of those that are not; where all are kept, it counts
//! as one claim.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::diagnosis::{NO_CATEGORY, category_letter, category_text, parse_category};
use super::logarithm::thousandths_of_ln;
use super::tier::MOST_FACILITIES;
use crate::record::{Facility, Value};

/// How many claims of the unconditional kind a parent's own are mixed with.
const SHRINKAGE: u64 = 20;
/// The greatest surprise of an artefact, in thousandths of nats.
const GREATEST: i32 = 65_535;

/// What surprises, as a number and as text.
pub trait Category {
    /// The text of a category.
    fn text(number: u32) -> String;
    /// The category with this text.
    fn parse(text: &str) -> Option<u32>;
}

/// Categories of diagnoses, as [`Observation::diagnosis`](super::Observation) numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnosed {}

impl Category for Diagnosed {
    fn text(number: u32) -> String {
        category_text(u16::try_from(number).unwrap_or(NO_CATEGORY))
    }

    fn parse(text: &str) -> Option<u32> {
        let category = parse_category(text);
        (category_text(category) == text).then_some(category.into())
    }
}

/// Facilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visited {}

impl Category for Visited {
    fn text(number: u32) -> String {
        Facility::from_packed(number).map_or_else(String::new, |facility| facility.to_string())
    }

    fn parse(text: &str) -> Option<u32> {
        Facility::from_text(text).map(Facility::packed)
    }
}

/// A diagnosis category as a number: all codes that are none are one.
pub(super) fn diagnosed(diagnosis: u16) -> u32 {
    category_letter(diagnosis)
        .map_or(NO_CATEGORY, |_| diagnosis)
        .into()
}

/// Claims by category and parent.
#[derive(Clone, Debug, Default)]
pub(super) struct SurpriseCounts(HashMap<(u32, u8), u64>);

impl SurpriseCounts {
    /// Counts a claim.
    pub(super) fn add(&mut self, parent: u8, category: u32) {
        *self.0.entry((category, parent)).or_default() += 1;
    }
}

/// Surprises of one kind of category, by parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
#[serde(bound = "K: Category + Clone")]
pub struct Surprises<K> {
    /// The surprise, anywhere, of a category that is not kept.
    unseen: i32,
    /// Ascending: what is added where a category was not met at a parent.
    parents: Vec<(u8, i32)>,
    categories: HashMap<u32, Surprise>,
    kind: PhantomData<K>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Surprise {
    anywhere: i32,
    /// Ascending by parent.
    at: Vec<(u8, i32)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    unseen: i32,
    parents: BTreeMap<u8, i32>,
    /// The surprise anywhere, then parents and the surprises there, by turns.
    categories: BTreeMap<String, Vec<i32>>,
}

/// `ln(whole / part)` in thousandths, of numbers above 0.
fn ln_ratio(whole: u64, part: u64) -> i32 {
    let ln = |number: u64| thousandths_of_ln(i64::try_from(number).unwrap_or(i64::MAX) - 1);
    (ln(whole) - ln(part)).clamp(0, GREATEST)
}

impl<K: Category> Surprises<K> {
    /// Of at most `most` categories, those met most often, and at most `most_pairs` categories at parents.
    pub(super) fn new(counts: &SurpriseCounts, most: usize, most_pairs: usize) -> Self {
        let (mut of_category, mut of_parent) = (HashMap::new(), BTreeMap::new());
        let mut all = 0u64;
        for ((category, parent), claims) in &counts.0 {
            *of_category.entry(*category).or_insert(0u64) += claims;
            *of_parent.entry(*parent).or_insert(0u64) += claims;
            all += claims;
        }
        let mut kept: Vec<(u32, u64)> = of_category.into_iter().collect();
        kept.sort_unstable_by_key(|(category, claims)| (Reverse(*claims), *category));
        let left = kept.split_off(most.min(kept.len()));
        let left_claims: u64 = left.iter().map(|(_, claims)| claims).sum();
        let unseen = ln_ratio(
            all.saturating_mul(left.len() as u64 + 1).max(1),
            left_claims + 1,
        );
        let kept: HashMap<u32, u64> = kept.into_iter().collect();
        let mut pairs: Vec<_> = counts.0.iter().collect();
        pairs.retain(|((category, _), _)| kept.contains_key(category));
        pairs.sort_unstable_by_key(|(pair, claims)| (Reverse(**claims), **pair));
        pairs.truncate(most_pairs);
        let anywhere = |claims: &u64| Surprise {
            anywhere: ln_ratio(all, *claims),
            at: Vec::new(),
        };
        let mut categories: HashMap<u32, Surprise> = kept
            .iter()
            .map(|(category, claims)| (*category, anywhere(claims)))
            .collect();
        for ((category, parent), claims) in pairs {
            // (k + 20 m / all) / (n + 20), where m of all claims are of the category.
            let part = claims * all + SHRINKAGE * kept[category];
            let whole = (of_parent[parent] + SHRINKAGE) * all;
            if let Some(surprise) = categories.get_mut(category) {
                surprise.at.push((*parent, ln_ratio(whole, part)));
            }
        }
        for surprise in categories.values_mut() {
            surprise.at.sort_unstable();
        }
        // Not met there: 20 p / (n + 20).
        let added = |claims: u64| ln_ratio(claims + SHRINKAGE, SHRINKAGE);
        Self {
            unseen,
            parents: (of_parent.into_iter())
                .map(|(parent, claims)| (parent, added(claims)))
                .collect(),
            categories,
            kind: PhantomData,
        }
    }

    /// The surprise of a category at a parent, in thousandths of nats; at a parent that was not met, that
    /// of the category anywhere.
    pub fn at(&self, parent: u8, category: u32) -> i32 {
        let found = |entries: &[(u8, i32)]| {
            let place = entries.binary_search_by_key(&parent, |(parent, _)| *parent);
            place.ok().map(|place| entries[place].1)
        };
        let known = self.categories.get(&category);
        if let Some(surprise) = known.and_then(|surprise| found(&surprise.at)) {
            return surprise;
        }
        let anywhere = known.map_or(self.unseen, |surprise| surprise.anywhere);
        anywhere + found(&self.parents).unwrap_or(0)
    }

    /// How many categories are kept.
    pub fn len(&self) -> usize {
        self.categories.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.categories.is_empty()
    }
}

impl<K: Category> TryFrom<Stored> for Surprises<K> {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        let is_surprise = |surprise: &i32| (0..=GREATEST).contains(surprise);
        let wrong = "a surprise is 0 to 65,535 thousandths of nats";
        if !is_surprise(&stored.unseen) || !stored.parents.values().all(is_surprise) {
            return Err(wrong.to_owned());
        }
        if stored.categories.len() > MOST_FACILITIES {
            return Err(format!(
                "more than {MOST_FACILITIES} categories have surprises"
            ));
        }
        let mut categories = HashMap::with_capacity(stored.categories.len());
        for (text, numbers) in stored.categories {
            let category = K::parse(&text)
                .ok_or_else(|| format!("`{text}` is no category that can be surprising"))?;
            let [anywhere, at @ ..] = numbers.as_slice() else {
                return Err(format!("`{text}` has no surprise"));
            };
            let (pairs, rest) = at.as_chunks::<2>();
            let pair = |[parent, surprise]: &[i32; 2]| {
                let parent = u8::try_from(*parent).ok()?;
                is_surprise(surprise).then_some((parent, *surprise))
            };
            let at: Option<Vec<_>> = pairs.iter().map(pair).collect();
            let ascends = |at: &Vec<(u8, i32)>| at.is_sorted_by(|a, b| a.0 < b.0);
            let at = at.filter(|at| rest.is_empty() && is_surprise(anywhere) && ascends(at));
            let at = at.ok_or_else(|| format!("`{text}`: {wrong}, by ascending parents"))?;
            let anywhere = *anywhere;
            categories.insert(category, Surprise { anywhere, at });
        }
        Ok(Self {
            unseen: stored.unseen,
            parents: stored.parents.into_iter().collect(),
            categories,
            kind: PhantomData,
        })
    }
}

impl<K: Category> From<Surprises<K>> for Stored {
    fn from(surprises: Surprises<K>) -> Self {
        let categories = surprises
            .categories
            .into_iter()
            .map(|(category, surprise)| {
                let at = surprise.at.into_iter();
                let at = at.flat_map(|(parent, surprise)| [i32::from(parent), surprise]);
                let numbers = std::iter::once(surprise.anywhere).chain(at);
                (K::text(category), numbers.collect())
            });
        Self {
            unseen: surprises.unseen,
            categories: categories.collect(),
            parents: surprises.parents.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn surprises_are_shrunk_to_the_share_anywhere() {
        let mut counts = SurpriseCounts::default();
        (0..80).for_each(|_| counts.add(1, 918));
        (0..20).for_each(|_| counts.add(1, 810));
        (0..100).for_each(|_| counts.add(3, 810));
        let surprises = Surprises::<Diagnosed>::new(&counts, 10, 10);
        let ln = |p: f64| (-1000.0 * p.ln()).round() as i32;
        let near = |parent, category, p: f64| {
            let found = surprises.at(parent, category);
            assert!((found - ln(p)).abs() <= 2, "{found}, not {}", ln(p));
        };
        near(1, 918, (80.0 + 20.0 * 0.4) / 120.0);
        near(1, 810, (20.0 + 20.0 * 0.6) / 120.0);
        near(3, 810, (100.0 + 20.0 * 0.6) / 120.0);
        // Not met at the parent; a parent that was not met; neither the one nor the other.
        near(3, 918, 20.0 * 0.4 / 120.0);
        near(9, 918, 0.4);
        near(9, 0, 1.0 / 200.0);
        near(1, 0, 1.0 / 200.0 * 20.0 / 120.0);
        // What is not kept shares what is left.
        let few = Surprises::<Diagnosed>::new(&counts, 1, 10);
        assert_eq!(few.len(), 1);
        assert!((few.at(9, 918) - ln(81.0 / 400.0)).abs() <= 2);
        let nothing = Surprises::<Visited>::new(&SurpriseCounts::default(), 10, 10);
        assert_eq!((nothing.at(1, 7), nothing.is_empty()), (0, true));
    }

    #[test]
    fn stored_surprises_are_checked() {
        for bad in [
            r#"{"unseen":-1,"parents":{},"categories":{}}"#,
            r#"{"unseen":1,"parents":{"256":1},"categories":{}}"#,
            r#"{"unseen":1,"parents":{},"categories":{"J1":[1]}}"#,
            r#"{"unseen":1,"parents":{},"categories":{"J18":[]}}"#,
            r#"{"unseen":1,"parents":{},"categories":{"J18":[1,2]}}"#,
            r#"{"unseen":1,"parents":{},"categories":{"J18":[1,2,3,2,3]}}"#,
            r#"{"unseen":1,"parents":{},"categories":{"J18":[1,2,99999]}}"#,
        ] {
            assert!(
                serde_json::from_str::<Surprises<Diagnosed>>(bad).is_err(),
                "{bad}"
            );
        }
    }

    proptest! {
        #[test]
        fn every_category_has_a_surprise_that_survives_storage(
            claims in proptest::collection::vec((0u8..5, 0u32..40), 0..300),
            most in 0usize..50,
            most_pairs in 0usize..100,
        ) {
            let mut counts = SurpriseCounts::default();
            claims.iter().for_each(|(parent, category)| counts.add(*parent, *category));
            let surprises = Surprises::<Visited>::new(&counts, most, most_pairs);
            let json = serde_json::to_string(&surprises).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Surprises<Visited>>(&json).unwrap(), &surprises);
            prop_assert!(surprises.len() <= most);
            for parent in 0..6 {
                for category in 0..45 {
                    prop_assert!((0..2 * GREATEST).contains(&surprises.at(parent, category)));
                }
            }
        }
    }
}
