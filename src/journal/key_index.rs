//! Which row of the log each key holds, by a hash of the key.
//!
//! In: hashes of keys, and the places of their rows. Out: the places under a hash. Must hold: it answers like a map of
//! several values; two keys are under one hash about once in 2^40 pairs, and whoever asks tells them apart.
//!
//! A nation has some 460 million keys, so that each byte of an entry is half a gibibyte. Entries lie in pages of about
//! [`A_PAGE`], which grow in number as in linear hashing (Litwin, VLDB 1980): one page at a time is
//! divided in two, so that no growth holds the index twice. What the number of its page says of a hash is not kept
//! (Knuth, TAOCP 6.4, exercise 13): of 40 bits, one among 2^24 pages keeps two bytes.
//!
//! ```text
//! page:  the rest of each hash (4 bytes, 2 where the page tells 24 bits of it), then each place (4 bytes)
//! ```

use super::row_log::Place;
use crate::pages::Pages;

/// The bits of a hash that tell keys apart.
pub(super) const HASH_BITS: u32 = 40;
/// The most of them that pages tell, so that something is left to keep.
const MOST_TOLD: u32 = 38;
/// How many entries share a page, as a mean.
const A_PAGE: usize = 16;
/// The bytes of a place.
const PLACE: usize = 4;

/// The places of rows, by the hash of their key.
pub(super) struct KeyIndex {
    /// `2^level` of them and those that were divided off the first `divided`.
    pages: Pages,
    /// What a page becomes, while it is made.
    made: Vec<u8>,
    /// The entries of a page that is divided, by the bit that divides them.
    halves: [Vec<Entry>; 2],
    /// How many bits of a hash a page tells that is not divided in this round; one that is tells one more.
    level: u32,
    divided: usize,
    entries: usize,
}

/// What is kept of a hash, and a place.
type Entry = (u64, [u8; PLACE]);

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
    match HASH_BITS - told {
        33.. => 8,
        17.. => 4,
        _ => 2,
    }
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
        2 => find_in(rests, rest as u16, u16::from_le_bytes, from),
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

impl KeyIndex {
    /// No entries.
    pub(super) fn new() -> Self {
        let mut pages = Pages::new();
        pages.push(&[]);
        Self {
            pages,
            made: Vec::new(),
            halves: Default::default(),
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

    /// Brings the pages of hashes near, so that each is when it is asked for.
    pub(super) fn touch(&self, hashes: impl Iterator<Item = u64>) {
        self.pages.touch(hashes.map(|hash| self.spot(hash).page));
    }

    /// The places under a hash.
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
        if self.entries > A_PAGE * self.pages.len() && self.level < MOST_TOLD {
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

    /// Divides the next page in turn, by the first bit that is kept of its hashes.
    fn divide(&mut self) {
        let (before, after) = (width(self.level), width(self.level + 1));
        let (rests, places) = parts(self.pages.get(self.divided), before);
        let count = places.len() / PLACE;
        for half in &mut self.halves {
            half.resize(count, Entry::default());
        }
        // Which half an entry goes to is a matter of chance: a branch would be guessed wrong at every other one.
        let mut counts = [0; 2];
        let (places, _) = places.as_chunks::<PLACE>();
        for (entry, place) in places.iter().enumerate() {
            let rest = rest_at(rests, before, entry);
            let half = (rest & 1) as usize;
            self.halves[half][counts[half]] = (rest >> 1, *place);
            counts[half] += 1;
        }
        let [stay, go] = [0, 1].map(|half| &self.halves[half][..counts[half]]);
        pack(stay, after, &mut self.made);
        self.pages.put(self.divided, &self.made);
        pack(go, after, &mut self.made);
        self.pages.push(&self.made);
        self.divided += 1;
        if self.divided == 1 << self.level {
            self.level += 1;
            self.divided = 0;
        }
    }
}

/// What an entry keeps of its hash.
fn rest_at(rests: &[u8], width: usize, entry: usize) -> u64 {
    match width {
        2 => u16::from_le_bytes(rests.as_chunks().0[entry]).into(),
        4 => u32::from_le_bytes(rests.as_chunks().0[entry]).into(),
        _ => u64::from_le_bytes(rests.as_chunks().0[entry]),
    }
}

/// Makes a page of entries.
fn pack(entries: &[Entry], width: usize, page: &mut Vec<u8>) {
    page.clear();
    page.resize(entries.len() * (width + PLACE), 0);
    let (rests, places) = page.split_at_mut(entries.len() * width);
    match width {
        2 => pack_rests(entries, rests, |rest| (rest as u16).to_le_bytes()),
        4 => pack_rests(entries, rests, |rest| (rest as u32).to_le_bytes()),
        _ => pack_rests(entries, rests, u64::to_le_bytes),
    }
    let (places, _) = places.as_chunks_mut();
    for (packed, (_, place)) in places.iter_mut().zip(entries) {
        *packed = *place;
    }
}

fn pack_rests<const WIDTH: usize>(
    entries: &[Entry],
    rests: &mut [u8],
    pack: impl Fn(u64) -> [u8; WIDTH],
) {
    let (rests, _) = rests.as_chunks_mut();
    for (packed, (rest, _)) in rests.iter_mut().zip(entries) {
        *packed = pack(*rest);
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
                let hash = (high << 37) | (low * 0x0101_0101);
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

    /// Pages of two bytes a hash are those of more keys than a test makes.
    #[test]
    fn entries_come_back_from_a_page_whatever_is_kept_of_a_hash() {
        for bytes in [2, 4, 8] {
            let highest = u64::MAX >> (64 - 8 * bytes);
            let rests = [0, 1, highest / 3, highest - 1, highest];
            let entries: Vec<Entry> = (rests.iter().zip(1u32..))
                .map(|(rest, place)| (*rest, (u32::MAX / place).to_le_bytes()))
                .collect();
            let mut page = vec![7; 3];
            pack(&entries, bytes, &mut page);
            assert_eq!(page.len(), entries.len() * (bytes + PLACE));
            let (kept, places) = parts(&page, bytes);
            for (entry, (rest, place)) in entries.iter().enumerate() {
                assert_eq!(rest_at(kept, bytes, entry), *rest);
                assert_eq!(place_at(places, entry), Place(u32::from_le_bytes(*place)));
                assert_eq!(find(kept, (*rest, bytes), 0), Some(entry));
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
        let pages = 0..index.pages.len();
        let bytes: usize = pages.map(|page| index.pages.get(page).len()).sum();
        assert_eq!(bytes, 200_000 * (4 + PLACE));
        for n in 0..200_000 {
            assert_eq!(sorted(index.places(hash(n))), [n]);
        }
        let absent = (200_000..400_000).filter(|n| index.places(hash(*n)).next().is_some());
        // As many as agree by chance, of 2^40.
        assert!(absent.count() < 3);
        assert_eq!(width(24), 2);
        assert_eq!((width(0), width(MOST_TOLD + 1)), (8, 2));
    }
}
