//! Whether a hash may be among many.
//!
//! In: hashes. Out: whether one may have come. Must hold: one that came may have; of those that did not, with n that did, one in
//! 2^[`TOLD_BITS`] / n may.
//!
//! Pages of some [`A_PAGE`] entries grow in number as in linear hashing (Litwin, VLDB 1980), so that no growth holds the filter
//! twice, and none needs the hashes again, as that of a Bloom filter would. What the number of its page says of a hash is
//! not kept (Knuth, TAOCP 6.4, exercise 13): among 2^23 pages an entry takes two bytes.
//!
//! ```text
//! page:  the low 16 bits of the rest of each hash, then what is left of each (3 bytes, 2, 1, or none)
//! ```

use crate::pages::Pages;

/// The bits of a hash that are told apart.
const TOLD_BITS: u32 = 39;
/// How many entries share a page, as a mean.
const A_PAGE: usize = 32;
/// The most bits that pages tell, so that something is left to keep.
const MOST_TOLD: u32 = TOLD_BITS - 16;
/// The bytes of the low bits.
const LOW: usize = 2;

/// What is kept of hashes.
pub(super) struct Filter {
    /// `2^level` of them and those that were divided off the first `divided`.
    pages: Pages,
    /// What a page becomes, while it is made.
    made: Vec<u8>,
    /// How many bits of a hash a page tells that is not divided in this round; one that is tells one more.
    level: u32,
    divided: usize,
    entries: usize,
}

/// The page of a hash, and what it keeps of it.
struct Spot {
    page: usize,
    low: [u8; LOW],
    high: [u8; 8],
    /// The bytes that are kept of `high`.
    width: usize,
}

/// The bytes that are kept of a hash beyond the low bits, where a page tells so many.
fn width(told: u32) -> usize {
    (TOLD_BITS - told).div_ceil(8) as usize - LOW
}

/// A page, divided into low bits and what is kept beyond them.
fn parts(page: &[u8], width: usize) -> (&[[u8; LOW]], &[u8]) {
    let (low, high) = page.split_at(page.len() / (LOW + width) * LOW);
    (low.as_chunks().0, high)
}

impl Spot {
    fn new(hash: u64, told: u32) -> Self {
        let rest = (hash & ((1 << TOLD_BITS) - 1)) >> told;
        Self {
            page: (hash & ((1 << told) - 1)) as usize,
            low: (rest as u16).to_le_bytes(),
            high: (rest >> 16).to_le_bytes(),
            width: width(told),
        }
    }
}

impl Filter {
    /// Of no hashes.
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

    /// How many bits of its hashes a page tells.
    fn told(&self, page: usize) -> u32 {
        let is_divided = page < self.divided || page >= 1 << self.level;
        self.level + u32::from(is_divided)
    }

    fn spot(&self, hash: u64) -> Spot {
        let page = hash & ((1 << self.level) - 1);
        Spot::new(hash, self.told(page as usize))
    }

    /// A byte of the page of a hash, so that it is near when it is asked for.
    pub(super) fn touch(&self, hash: u64) -> u8 {
        self.pages.touch(self.spot(hash).page)
    }

    /// Whether a hash may have come.
    pub(super) fn may_have(&self, hash: u64) -> bool {
        let spot = self.spot(hash);
        let (low, high) = parts(self.pages.get(spot.page), spot.width);
        // Most have not come. All are compared, whichever is the first: so several are at once.
        let wanted = u16::from_le_bytes(spot.low);
        let is_any =
            |any: u32, one: &[u8; LOW]| any | u32::from(u16::from_le_bytes(*one) == wanted);
        if low.iter().fold(0, is_any) == 0 {
            return false;
        }
        let kept = |entry: usize| &high[entry * spot.width..(entry + 1) * spot.width];
        let mut entries = low.iter().enumerate();
        entries.any(|(entry, low)| *low == spot.low && kept(entry) == &spot.high[..spot.width])
    }

    /// Adds a hash.
    pub(super) fn insert(&mut self, hash: u64) {
        self.entries += 1;
        if self.entries > A_PAGE * self.pages.len() && self.level < MOST_TOLD {
            self.divide();
        }
        let spot = self.spot(hash);
        let (low, high) = parts(self.pages.get(spot.page), spot.width);
        self.made.clear();
        self.made.extend_from_slice(low.as_flattened());
        self.made.extend_from_slice(&spot.low);
        self.made.extend_from_slice(high);
        self.made.extend_from_slice(&spot.high[..spot.width]);
        self.pages.put(spot.page, &self.made);
    }

    /// Divides the next page in turn, by the first bit that is kept of its hashes.
    fn divide(&mut self) {
        let before = width(self.level);
        let (low, high) = parts(self.pages.get(self.divided), before);
        let rests = low.iter().enumerate().map(|(entry, low)| {
            let mut rest = [0; 8];
            rest[..LOW].copy_from_slice(low);
            rest[LOW..LOW + before].copy_from_slice(&high[entry * before..(entry + 1) * before]);
            u64::from_le_bytes(rest)
        });
        let (go, stay): (Vec<u64>, Vec<u64>) = rests.partition(|rest| rest & 1 == 1);
        let page = |rests: &[u64]| {
            let spots = || rests.iter().map(|rest| Spot::new(rest >> 1, 0));
            let mut page = Vec::with_capacity(rests.len() * (LOW + before));
            spots().for_each(|spot| page.extend_from_slice(&spot.low));
            let after = width(self.level + 1);
            spots().for_each(|spot| page.extend_from_slice(&spot.high[..after]));
            page
        };
        let (stay, go) = (page(&stay), page(&go));
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
    use super::*;

    fn hash(n: u64) -> u64 {
        n.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    #[test]
    fn who_came_may_have_and_hardly_anybody_else() {
        let mut filter = Filter::new();
        for n in 0..300_000 {
            filter.insert(hash(n));
            // The one before, and one of long ago: each growth keeps them.
            assert!(filter.may_have(hash(n)) && filter.may_have(hash(n / 3)));
        }
        assert_eq!(filter.pages.len(), 300_000usize.div_ceil(A_PAGE));
        assert!((0..300_000).all(|n| filter.may_have(hash(n))));
        let others = (300_000..4_000_000).filter(|n| filter.may_have(hash(*n)));
        // 3.7 million with one chance in 2^39 / 300,000 each: two are expected.
        assert!(others.count() < 20);
        // 2^13 pages tell 13 or 14 bits: the other 26 take four bytes.
        let pages = 0..filter.pages.len();
        let bytes: usize = pages.map(|page| filter.pages.get(page).len()).sum();
        assert_eq!(bytes, 300_000 * 4);
        assert_eq!((width(0), width(MOST_TOLD)), (3, 0));
    }

    #[test]
    fn hashes_that_agree_in_what_pages_tell_are_told_apart() {
        let mut filter = Filter::new();
        let alike = |n: u64| n << 30;
        for n in 0..200 {
            filter.insert(alike(n));
        }
        assert!((0..200).all(|n| filter.may_have(alike(n))));
        assert!((200..500).all(|n| !filter.may_have(alike(n))));
    }
}
