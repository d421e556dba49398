//! The places of the rows that came last, by a hash of their key.
//!
//! In: hashes of keys, and the places of their rows. Out: the places under a hash; all of them, in order. Must hold: it answers like a
//! map of several values.
//!
//! Entries lie in pages of about [`A_PAGE`], which grow in number as in linear hashing (Litwin, VLDB 1980): one page at a time is
//! divided in two, so that no growth holds them twice. What the number of its page says of a hash is not kept
//! (Knuth, TAOCP 6.4, exercise 13).
//!
//! ```text
//! page:  the rest of each hash (4 bytes, 8 where there are few pages), then each place (4 bytes), in the order in which they came
//! ```

use std::cmp::Reverse;

use super::{HASH_BITS, backwards};
use crate::journal::row_log::Place;
use crate::pages::Pages;

/// How many entries share a page, as a mean.
const A_PAGE: usize = 16;
/// The bytes of a place.
const PLACE: usize = 4;

/// The places of rows, by the hash of their key.
pub(super) struct Recent {
    /// `2^level` of them and those that were divided off the first `divided`.
    pages: Pages,
    /// What a page becomes, while it is made.
    made: Vec<u8>,
    /// How many bits of a hash a page tells that is not divided in this round; one that is tells one more.
    level: u32,
    divided: usize,
    entries: usize,
}

/// Where entries of a hash are, and what of it they keep.
struct Spot {
    page: usize,
    rest: u64,
    /// The bytes that are kept of it.
    width: usize,
}

/// The bytes that are kept of a hash where a page tells so many bits of it: those of a number that a processor compares
/// several of at once.
fn width(told: u32) -> usize {
    if HASH_BITS - told > 32 { 8 } else { 4 }
}

/// A page, divided into what it keeps of hashes and the places.
fn parts(page: &[u8], width: usize) -> (&[u8], &[u8]) {
    page.split_at(page.len() / (width + PLACE) * width)
}

fn place_at(places: &[u8], entry: usize) -> Place {
    let (places, _) = places.as_chunks::<PLACE>();
    Place(u32::from_le_bytes(places[entry]))
}

/// Which entry, from one on, is the first that keeps this of its hash.
fn find(rests: &[u8], (rest, width): (u64, usize), from: usize) -> Option<usize> {
    match width {
        4 => find_in(rests, rest as u32, u32::from_le_bytes, from),
        _ => find_in(rests, rest, u64::from_le_bytes, from),
    }
}

#[inline]
fn find_in<const WIDTH: usize, N: Copy + Eq>(
    rests: &[u8],
    wanted: N,
    number: impl Fn([u8; WIDTH]) -> N,
    from: usize,
) -> Option<usize> {
    let (rests, _) = rests.as_chunks::<WIDTH>();
    let rests = rests.get(from..)?;
    // Of most keys that come none is known. All are compared, whichever is the first: so several are at once.
    let is_any = |any: u32, one: &[u8; WIDTH]| any | u32::from(number(*one) == wanted);
    if rests.iter().fold(0, is_any) == 0 {
        return None;
    }
    let found = rests.iter().position(|one| number(*one) == wanted)?;
    Some(from + found)
}

impl Recent {
    /// No entries.
    pub(super) fn new() -> Self {
        let mut pages = Pages::new();
        pages.push(&[]);
        Self {
            pages,
            made: Vec::new(),
            level: 0,
            divided: 0,
            entries: 0,
        }
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.entries
    }

    /// How many bits of its hashes a page tells.
    fn told(&self, page: usize) -> u32 {
        let is_divided = page < self.divided || page >= 1 << self.level;
        self.level + u32::from(is_divided)
    }

    fn spot(&self, hash: u64) -> Spot {
        let low = |bits: u32| (hash & ((1 << bits) - 1)) as usize;
        let page = low(self.level);
        let told = self.told(page);
        Spot {
            page: low(told),
            rest: hash >> told,
            width: width(told),
        }
    }

    /// A byte of the page of a hash, so that it is near when it is asked for.
    pub(super) fn touch(&self, hash: u64) -> u8 {
        self.pages.touch(self.spot(hash).page)
    }

    /// The places under a hash, in the order in which their keys came.
    pub(super) fn places(&self, hash: u64) -> impl Iterator<Item = Place> {
        let Spot { page, rest, width } = self.spot(hash);
        let (rests, places) = parts(self.pages.get(page), width);
        let mut next = 0;
        std::iter::from_fn(move || {
            let entry = find(rests, (rest, width), next)?;
            next = entry + 1;
            Some(place_at(places, entry))
        })
    }

    /// Adds a place under a hash.
    pub(super) fn insert(&mut self, hash: u64, place: Place) {
        self.entries += 1;
        if self.entries > A_PAGE * self.pages.len() {
            self.divide();
        }
        let Spot { page, rest, width } = self.spot(hash);
        let (rests, places) = parts(self.pages.get(page), width);
        self.made.clear();
        self.made.extend_from_slice(rests);
        self.made.extend_from_slice(&rest.to_le_bytes()[..width]);
        self.made.extend_from_slice(places);
        self.made.extend_from_slice(&place.0.to_le_bytes());
        self.pages.put(page, &self.made);
    }

    /// Puts a place where another was under a hash; false where that was not there.
    pub(super) fn replace(&mut self, hash: u64, before: Place, after: Place) -> bool {
        let Spot { page, rest, width } = self.spot(hash);
        let (rests, places) = parts(self.pages.get(page), width);
        let mut next = 0;
        while let Some(entry) = find(rests, (rest, width), next) {
            if place_at(places, entry) == before {
                let from = rests.len() + entry * PLACE;
                let page = self.pages.get_mut(page);
                page[from..from + PLACE].copy_from_slice(&after.0.to_le_bytes());
                return true;
            }
            next = entry + 1;
        }
        false
    }

    /// Every place with its hash, in the order of runs: by the hash backwards ([`backwards`]), and of one hash the last
    /// place first. Pages tell the first bits of it, so that only those of a page are sorted.
    pub(super) fn in_order(&self) -> impl Iterator<Item = (u64, Place)> {
        let pages = (0..1u64 << self.level).flat_map(|first_bits| {
            let page = match self.level {
                0 => 0,
                level => (first_bits.reverse_bits() >> (u64::BITS - level)) as usize,
            };
            let divided_off = (page < self.divided).then(|| page | 1 << self.level);
            std::iter::once(page).chain(divided_off)
        });
        pages.flat_map(|page| {
            let told = self.told(page);
            let (rests, places) = parts(self.pages.get(page), width(told));
            let entries = rests.chunks_exact(width(told)).zip(0..);
            let mut pairs: Vec<(u64, Place)> = entries
                .map(|(rest, entry)| {
                    let mut number = [0; 8];
                    number[..rest.len()].copy_from_slice(rest);
                    let hash = u64::from_le_bytes(number) << told | page as u64;
                    (backwards(hash), place_at(places, entry))
                })
                .collect();
            pairs.sort_unstable_by_key(|(backwards, place)| (*backwards, Reverse(*place)));
            pairs
        })
    }

    /// Divides the next page in turn, by the first bit that is kept of its hashes.
    fn divide(&mut self) {
        let page = self.pages.get(self.divided);
        let (before, after) = (width(self.level), width(self.level + 1));
        let (rests, places) = parts(page, before);
        let kept = |entry: usize| {
            let mut rest = [0; 8];
            rest[..before].copy_from_slice(&rests[entry * before..(entry + 1) * before]);
            u64::from_le_bytes(rest)
        };
        let of_half = |bit: u64| {
            let entries = (0..places.len() / PLACE).filter(|entry| kept(*entry) & 1 == bit);
            let count = entries.clone().count();
            let mut half = Vec::with_capacity(count * (after + PLACE));
            for entry in entries.clone() {
                half.extend_from_slice(&(kept(entry) >> 1).to_le_bytes()[..after]);
            }
            for entry in entries {
                half.extend_from_slice(&place_at(places, entry).0.to_le_bytes());
            }
            half
        };
        let (stay, go) = (of_half(0), of_half(1));
        self.pages.put(self.divided, &stay);
        self.pages.push(&go);
        self.divided += 1;
        if self.divided == 1 << self.level {
            self.level += 1;
            self.divided = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_answers_like_a_map_of_several_values(
            // Few hashes, of which some agree in their low bits and some in their high ones.
            came in prop::collection::vec((0u64..12, 0u64..6, any::<bool>()), 0..600)
        ) {
            let mut recent = Recent::new();
            let mut map: BTreeMap<u64, Vec<Place>> = BTreeMap::new();
            for (place, (low, high, is_replaced)) in (0u32..).map(Place).zip(came) {
                let hash = (high << 37) | (low * 0x0101_0101);
                let places = map.entry(hash).or_default();
                match places.first().copied().filter(|_| is_replaced) {
                    Some(first) => {
                        prop_assert!(recent.replace(hash, first, place));
                        prop_assert!(!recent.replace(hash, first, place));
                        places[0] = place;
                    }
                    None => {
                        recent.insert(hash, place);
                        places.push(place);
                    }
                }
                prop_assert_eq!(&recent.places(hash).collect::<Vec<_>>(), &map[&hash]);
            }
            let pairs = map.iter().flat_map(|(hash, places)| places.iter().map(|place| (*hash, *place)));
            let mut in_order: Vec<_> = pairs.map(|(hash, place)| (backwards(hash), place)).collect();
            in_order.sort_by_key(|(backwards, place)| (*backwards, Reverse(*place)));
            prop_assert_eq!(recent.in_order().collect::<Vec<_>>(), in_order);
            prop_assert_eq!(recent.len(), map.values().map(Vec::len).sum::<usize>());
        }
    }

    #[test]
    fn pages_grow_in_number_and_keep_less_of_each_hash() {
        let mut recent = Recent::new();
        let hash = |n: u32| u64::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 24;
        for n in 0..200_000 {
            recent.insert(hash(n), Place(n));
        }
        assert_eq!(recent.pages.len(), 200_000usize.div_ceil(A_PAGE));
        // 2^13 pages tell 13 bits: the other 27 take four bytes.
        let pages = 0..recent.pages.len();
        let bytes: usize = pages.map(|page| recent.pages.get(page).len()).sum();
        assert_eq!(bytes, 200_000 * (4 + PLACE));
        for n in 0..200_000 {
            assert_eq!(recent.places(hash(n)).collect::<Vec<_>>(), [Place(n)]);
        }
        assert_eq!(width(0), 8);
    }
}
