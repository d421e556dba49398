//! Which row of the log each key holds, by a hash of the key.
//!
//! In: hashes of keys, and the places of their rows. Out: the places under a hash. Must hold: it answers like a map of
//! several values; two keys are under one hash about once in 2^40 pairs, and whoever asks tells them apart.
//!
//! A nation has some 460 million keys, so that each byte of an entry is half a gibibyte. Entries lie in pages of about
//! [`A_PAGE`], one allocation each, which grow in number as in linear hashing (Litwin, VLDB 1980): one page at a time is
//! divided in two, so that no growth holds the index twice. What the number of its page says of a hash is not kept
//! (Knuth, TAOCP 6.4, exercise 13): of 40 bits, a page among 2^24 keeps two bytes.
//!
//! ```text
//! page:  the rest of the hash (5 bytes, less one for every 8 bits that the page tells), place (4 bytes); …
//! ```

use super::row_log::Place;

/// The bits of a hash that tell keys apart.
pub(super) const HASH_BITS: u32 = 40;
/// How many entries share a page, as a mean.
const A_PAGE: usize = 24;
/// The bytes of a place.
const PLACE: usize = 4;

/// The places of rows, by the hash of their key.
pub(super) struct KeyIndex {
    /// `2^level` of them and those that were divided off the first `divided`.
    pages: Vec<Box<[u8]>>,
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

/// The bytes that are kept of a hash where a page tells so many bits of it.
fn width(told: u32) -> usize {
    HASH_BITS.saturating_sub(told).div_ceil(8) as usize
}

fn place_in(entry: &[u8], width: usize) -> Place {
    let place = entry[width..].first_chunk();
    Place(u32::from_le_bytes(
        *place.expect("an entry ends with a place"),
    ))
}

#[inline]
fn rest_in(entry: &[u8], width: usize) -> u64 {
    let mut rest = [0; 8];
    rest[..width].copy_from_slice(&entry[..width]);
    u64::from_le_bytes(rest)
}

/// Which entry of a page, from one on, is the first that keeps this of its hash.
fn find(page: &[u8], (rest, width): (u64, usize), from: usize) -> Option<usize> {
    // The length of an entry is known where it is compiled, so that one is compared in a few instructions.
    match width {
        0 => find_in::<0, { PLACE }>(page, rest, from),
        1 => find_in::<1, { 1 + PLACE }>(page, rest, from),
        2 => find_in::<2, { 2 + PLACE }>(page, rest, from),
        3 => find_in::<3, { 3 + PLACE }>(page, rest, from),
        4 => find_in::<4, { 4 + PLACE }>(page, rest, from),
        _ => find_in::<5, { 5 + PLACE }>(page, rest, from),
    }
}

fn find_in<const WIDTH: usize, const ENTRY: usize>(
    page: &[u8],
    rest: u64,
    from: usize,
) -> Option<usize> {
    let (entries, _) = page.as_chunks::<ENTRY>();
    let mut left = entries.get(from..)?.iter();
    let found = left.position(|entry| rest_in(entry, WIDTH) == rest)?;
    Some(from + found)
}

fn add(page: &mut Vec<u8>, (rest, width): (u64, usize), place: Place) {
    page.extend_from_slice(&rest.to_le_bytes()[..width]);
    page.extend_from_slice(&place.0.to_le_bytes());
}

impl KeyIndex {
    /// No entries.
    pub(super) fn new() -> Self {
        Self {
            pages: vec![Box::default()],
            level: 0,
            divided: 0,
            entries: 0,
        }
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.entries
    }

    fn spot(&self, hash: u64) -> Spot {
        let hash = hash & ((1 << HASH_BITS) - 1);
        let low = |bits: u32| (hash & ((1 << bits) - 1)) as usize;
        let told = match low(self.level) < self.divided {
            true => self.level + 1,
            false => self.level,
        };
        Spot {
            page: low(told),
            rest: hash >> told,
            width: width(told),
        }
    }

    /// The places under a hash.
    pub(super) fn places(&self, hash: u64) -> impl Iterator<Item = Place> {
        let Spot { page, rest, width } = self.spot(hash);
        let (page, mut next) = (&self.pages[page], 0);
        std::iter::from_fn(move || {
            let entry = find(page, (rest, width), next)?;
            next = entry + 1;
            Some(place_in(&page[entry * (width + PLACE)..], width))
        })
    }

    /// Adds a place under a hash.
    pub(super) fn insert(&mut self, hash: u64, place: Place) {
        self.entries += 1;
        if self.entries > A_PAGE * self.pages.len() && self.level < HASH_BITS {
            self.divide();
        }
        let Spot { page, rest, width } = self.spot(hash);
        let mut entries = std::mem::take(&mut self.pages[page]).into_vec();
        entries.reserve_exact(width + PLACE);
        add(&mut entries, (rest, width), place);
        self.pages[page] = entries.into_boxed_slice();
    }

    /// Puts a place where another was under a hash; false where that was not there.
    pub(super) fn replace(&mut self, hash: u64, before: Place, after: Place) -> bool {
        let Spot { page, rest, width } = self.spot(hash);
        let page = &mut self.pages[page];
        let mut next = 0;
        while let Some(entry) = find(page, (rest, width), next) {
            let from = entry * (width + PLACE);
            if place_in(&page[from..], width) == before {
                page[from + width..from + width + PLACE].copy_from_slice(&after.0.to_le_bytes());
                return true;
            }
            next = entry + 1;
        }
        false
    }

    /// Divides the next page in turn, by the first bit that is kept of its hashes.
    fn divide(&mut self) {
        let page = std::mem::take(&mut self.pages[self.divided]);
        let (before, after) = (width(self.level), width(self.level + 1));
        let (mut stay, mut go) = (Vec::new(), Vec::new());
        for entry in page.chunks_exact(before + PLACE) {
            let rest = rest_in(entry, before);
            let to = if rest & 1 == 0 { &mut stay } else { &mut go };
            add(to, (rest >> 1, after), place_in(entry, before));
        }
        self.pages[self.divided] = stay.into_boxed_slice();
        self.pages.push(go.into_boxed_slice());
        self.divided += 1;
        if self.divided == 1 << self.level {
            self.level += 1;
            self.divided = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn sorted(places: impl Iterator<Item = Place>) -> Vec<u32> {
        let mut places: Vec<u32> = places.map(|place| place.0).collect();
        places.sort_unstable();
        places
    }

    proptest! {
        #[test]
        fn it_answers_like_a_set_of_pairs(
            // Few hashes, of which some agree in their low bits and some in their high ones.
            acts in prop::collection::vec((0u64..12, 0u64..6, any::<bool>()), 0..600)
        ) {
            let mut index = KeyIndex::new();
            let mut pairs: BTreeSet<(u64, u32)> = BTreeSet::new();
            for (place, (low, high, is_new)) in (0u32..).zip(acts) {
                let hash = high << 37 | low * 0x0101_0101;
                let held = pairs.range((hash, 0)..=(hash, u32::MAX)).next().copied();
                match held {
                    Some(pair) if !is_new => {
                        prop_assert!(index.replace(hash, Place(pair.1), Place(place)));
                        pairs.remove(&pair);
                    }
                    _ => {
                        prop_assert!(!index.replace(hash, Place(place), Place(0)));
                        index.insert(hash, Place(place));
                    }
                }
                pairs.insert((hash, place));
                let expected = pairs.range((hash, 0)..=(hash, u32::MAX)).map(|pair| Place(pair.1));
                prop_assert_eq!(sorted(index.places(hash)), sorted(expected));
            }
            prop_assert_eq!(index.len(), pairs.len());
            for (hash, _) in &pairs {
                let expected = pairs.range((*hash, 0)..=(*hash, u32::MAX)).map(|pair| Place(pair.1));
                prop_assert_eq!(sorted(index.places(*hash)), sorted(expected));
            }
        }
    }

    #[test]
    fn pages_grow_in_number_and_keep_less_of_each_hash() {
        let mut index = KeyIndex::new();
        let hash = |n: u32| u64::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 24;
        for n in 0..200_000 {
            index.insert(hash(n), Place(n));
        }
        assert_eq!(index.pages.len(), 200_000usize.div_ceil(A_PAGE));
        // 2^13 pages tell 13 bits: the other 27 take four bytes.
        let bytes: usize = index.pages.iter().map(|page| page.len()).sum();
        assert_eq!(bytes, 200_000 * (4 + PLACE));
        for n in 0..200_000 {
            assert_eq!(sorted(index.places(hash(n))), [n]);
        }
        let absent = (200_000..400_000).filter(|n| index.places(hash(*n)).next().is_some());
        // As many as agree by chance, of 2^40.
        assert!(absent.count() < 3);
        assert_eq!(width(24), 2);
        assert_eq!(width(40), 0);
    }
}
