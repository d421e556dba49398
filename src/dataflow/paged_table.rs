//! Bytes by key, in pages of a few keys each.
//!
//! In: keys, and bytes that are added to those of a key or taken out of them. Out: the bytes of each key, with marks
//! that belong to whoever keeps the table. Must hold: it answers like a map.
//!
//! A table of slots with an allocation a key pays for each key with its slot, the slots beside it that are free, and what the
//! allocation is rounded up by: some 40 bytes, where a person's facts are a hundred and a citizen's six. Here the entries of a
//! few keys lie one behind the other in one page, which is searched from its front. Pages are added as in linear
//! hashing (Litwin, VLDB 1980): where keys have become too many for the pages, the next one in turn is divided in two, so
//! that no growth holds the table twice.
//!
//! A key's number is mixed one to one, and the page says the low bits of what comes out, so that a page keeps only the
//! others (quotienting: Knuth, The Art of Computer Programming, volume 3, 6.4, exercise 13): of the five bytes of a number, three from
//! 2^16 pages on and two from 2^24 on.
//!
//! ```text
//! page:  how many keys (2 bytes); of each the rest of its number, length and marks (2 bytes); the bytes of each, and
//!        before those that are many how many they are (4 bytes)
//! ```

use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;

use hashbrown::DefaultHashBuilder;

use crate::pages::Pages;

/// How many keys share a page, as a mean, where a key has a hundred bytes: a change of one moves the others.
pub(super) const OF_LONG_KEYS: usize = 4;
/// How many do where a key has a few bytes, and what a page costs would be the most of it.
pub(super) const OF_SHORT_KEYS: usize = 16;
/// The bytes that say how many keys a page has.
const COUNT: usize = 2;
/// The bytes that say how many bytes a key has, and its marks.
const CONTROL: usize = 2;
/// The bits of its marks, which are the low ones.
const MARK_BITS: u32 = 3;
/// All marks.
const MARKS: u16 = (1 << MARK_BITS) - 1;
/// What stands for a length that the bits above the marks do not hold.
const LONG: usize = (1 << (16 - MARK_BITS)) - 1;
/// The bytes that say how many bytes such a key has.
const LENGTH: usize = 4;

/// A key, as a number of some bytes.
pub(super) trait PageKey: Copy + Hash {
    /// How many bytes its number takes, at most 7.
    const BYTES: usize;

    /// The number.
    fn number(self) -> u64;

    /// The key of a number that a key has.
    fn of_number(number: u64) -> Self;
}

/// Mixes numbers of some bits one to one.
struct Mixer {
    /// Odd, so that each has an inverse.
    factors: [u64; 2],
    bits: u32,
}

impl Mixer {
    /// One that differs from run to run, so that nobody can choose numbers that meet in a page.
    fn new(bits: u32) -> Self {
        let hasher = DefaultHashBuilder::default();
        Self {
            factors: [0u64, 1].map(|which| hasher.hash_one(which) | 1),
            bits,
        }
    }

    fn fold(&self, number: u64) -> u64 {
        // It is its own inverse, as it moves a number by at least half of its bits.
        number ^ number >> self.bits.div_ceil(2)
    }

    fn times(&self, number: u64, factor: u64) -> u64 {
        number.wrapping_mul(factor) & ((1 << self.bits) - 1)
    }

    fn mix(&self, number: u64) -> u64 {
        let [first, second] = self.factors;
        let number = self.times(self.fold(number), first);
        self.fold(self.times(self.fold(number), second))
    }

    fn unmix(&self, mixed: u64) -> u64 {
        let [first, second] = self.factors.map(inverse);
        let number = self.fold(self.times(self.fold(mixed), second));
        self.fold(self.times(number, first))
    }
}

/// What an odd number is multiplied with to give 1 modulo 2^64: by Newton's iteration, each step of which doubles the bits
/// that are right, of which an odd number that is its own inverse modulo 8 has three.
fn inverse(odd: u64) -> u64 {
    (0..5).fold(odd, |inverse, _| {
        inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)))
    })
}

/// Bytes by key.
pub(super) struct PagedTable<K> {
    /// `2^round` of them and those that were divided off the first `divided`.
    pages: Pages,
    /// How many bits said the page of a key when the round began, in which each page is divided.
    round: u32,
    divided: usize,
    keys: usize,
    /// The bytes of all keys.
    values: usize,
    keys_a_page: usize,
    mixer: Mixer,
    /// What a page becomes, while it is made.
    made: Vec<u8>,
    /// What a page becomes that is divided, by the bit that divides its keys.
    halves: [Half; 2],
    key: PhantomData<K>,
}

/// Where a key is, until another is added or removed, or bytes of another are changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    page: usize,
    /// Where its head begins, and how many bytes of it are the rest of its number.
    head: usize,
    rest: usize,
    /// Where what it has begins.
    region: usize,
}

impl Spot {
    fn control(self) -> usize {
        self.head + self.rest
    }
}

/// The number in the first bytes, of which there are few.
#[inline]
fn number_in(bytes: &[u8], count: usize) -> u64 {
    let low = |count| {
        let bytes = bytes[..count].iter().rev();
        bytes.fold(0, |number, byte| number << 8 | u64::from(*byte))
    };
    // Of a count that is known here it is one or two loads.
    match count {
        2 => low(2),
        3 => low(3),
        4 => low(4),
        5 => low(5),
        _ => low(count),
    }
}

/// What is said of a key.
#[inline]
fn control_in(bytes: &[u8]) -> u16 {
    number_in(bytes, CONTROL) as u16
}

/// How many bytes a key has that begin here, with how many before them that say so.
#[inline]
fn extent(control: u16, region: &[u8]) -> (usize, usize) {
    match usize::from(control >> MARK_BITS) {
        LONG => (LENGTH, number_in(region, LENGTH) as usize),
        length => (0, length),
    }
}

/// How many keys a page has.
#[inline]
fn count_in(page: &[u8]) -> usize {
    match page.is_empty() {
        true => 0,
        false => number_in(page, COUNT) as usize,
    }
}

/// Says how many keys a page has.
fn set_count(page: &mut [u8], count: usize) {
    let count = u16::try_from(count).expect("a page is divided long before it has so many keys");
    page[..COUNT].copy_from_slice(&count.to_le_bytes());
}

/// The keys of a page that is divided that go to one of the two that it becomes.
#[derive(Default)]
struct Half {
    heads: Vec<u8>,
    regions: Vec<u8>,
}

impl Half {
    /// Adds the page that they make, to none, where so many bytes of each number are left; nothing where there is no key.
    fn pack(&self, rest: usize, page: &mut Vec<u8>) {
        if self.heads.is_empty() {
            return;
        }
        page.extend_from_slice(&[0; COUNT]);
        set_count(page, self.heads.len() / (rest + CONTROL));
        page.extend_from_slice(&self.heads);
        page.extend_from_slice(&self.regions);
    }
}

impl<K: PageKey> PagedTable<K> {
    const BITS: u32 = 8 * K::BYTES as u32;

    /// No keys; so many will share a page, as a mean.
    pub(super) fn new(keys_a_page: usize) -> Self {
        let mut pages = Pages::new();
        pages.push(&[]);
        Self {
            pages,
            round: 0,
            divided: 0,
            keys: 0,
            values: 0,
            keys_a_page,
            mixer: Mixer::new(Self::BITS),
            made: Vec::new(),
            halves: Default::default(),
            key: PhantomData,
        }
    }

    /// The bytes that it takes beside those of the keys' own.
    pub(super) fn overhead(&self) -> usize {
        self.pages.bytes() - self.values
    }

    /// The page of a mixed number.
    fn page_of(&self, mixed: u64) -> usize {
        let low = |bits: u32| (mixed & ((1 << bits) - 1)) as usize;
        match low(self.round) {
            early if early < self.divided => low(self.round + 1),
            page => page,
        }
    }

    /// How many bits of the mixed numbers of its keys the place of a page says.
    fn bits_of(&self, page: usize) -> u32 {
        let is_divided = page < self.divided || page >= 1 << self.round;
        self.round + u32::from(is_divided)
    }

    /// How many bytes the others take.
    fn rest_beyond(bits: u32) -> usize {
        Self::BITS.saturating_sub(bits).div_ceil(8) as usize
    }

    /// The bytes of what is said of a key, of whose number so many are left.
    fn head(rest: usize) -> usize {
        rest + CONTROL
    }

    /// Brings the pages of keys near, so that each is when it is asked for.
    pub(super) fn touch(&self, keys: impl Iterator<Item = K>) {
        let mixed = keys.map(|key| self.mixer.mix(key.number()));
        self.pages.touch(mixed.map(|mixed| self.page_of(mixed)));
    }

    /// Where a key is.
    pub(super) fn find(&self, key: K) -> Option<Spot> {
        let mixed = self.mixer.mix(key.number());
        let page = self.page_of(mixed);
        let bytes = self.pages.get(page);
        let known = self.bits_of(page);
        let (rest, wanted) = (Self::rest_beyond(known), mixed >> known);
        let heads_end = COUNT + count_in(bytes) * Self::head(rest);
        let (mut head, mut region) = (COUNT, heads_end);
        while head < heads_end {
            if number_in(&bytes[head..], rest) == wanted {
                return Some(Spot {
                    page,
                    head,
                    rest,
                    region,
                });
            }
            let (before, length) = extent(control_in(&bytes[head + rest..]), &bytes[region..]);
            region += before + length;
            head += Self::head(rest);
        }
        None
    }

    /// Adds a key that is not there, with its bytes.
    pub(super) fn insert(&mut self, key: K, values: &[u8]) -> Spot {
        self.keys += 1;
        self.values += values.len();
        if self.keys > self.keys_a_page * self.pages.len() {
            self.divide();
        }
        let mixed = self.mixer.mix(key.number());
        let page = self.page_of(mixed);
        let known = self.bits_of(page);
        let rest = Self::rest_beyond(known);
        let added = Self::head(rest);
        let mut bytes = self.take(page);
        let count = count_in(&bytes);
        if bytes.is_empty() {
            bytes.extend_from_slice(&[0; COUNT]);
        }
        let (head, end) = (COUNT + count * added, bytes.len());
        bytes.resize(end + added, 0);
        bytes.copy_within(head..end, head + added);
        bytes[head..head + added].fill(0);
        bytes[head..head + rest].copy_from_slice(&(mixed >> known).to_le_bytes()[..rest]);
        set_count(&mut bytes, count + 1);
        let region = bytes.len();
        bytes.extend_from_slice(values);
        let spot = Spot {
            page,
            head,
            rest,
            region,
        };
        self.set_length(bytes, spot, 0, values.len());
        spot
    }

    /// The bytes of a page, which are then [`put`](Self::put) in their place.
    fn take(&mut self, page: usize) -> Vec<u8> {
        self.pages.take(page, std::mem::take(&mut self.made))
    }

    fn put(&mut self, page: usize, made: Vec<u8>) {
        self.made = self.pages.give(page, made);
    }

    /// Divides the next page in turn.
    fn divide(&mut self) {
        let known = self.round;
        let page = self.pages.get(self.divided);
        let (before, after) = (Self::rest_beyond(known), Self::rest_beyond(known + 1));
        let count = count_in(page);
        for half in &mut self.halves {
            half.heads.clear();
            half.regions.clear();
        }
        // Which half a key goes to is a matter of chance: a branch would be guessed wrong at every other one.
        let (mut head, mut from) = (COUNT, COUNT + count * Self::head(before));
        for _ in 0..count {
            let rest = number_in(&page[head..], before);
            let control = &page[head + before..head + Self::head(before)];
            let (prefix, length) = extent(control_in(control), &page[from..]);
            let to = from + prefix + length;
            let half = &mut self.halves[(rest & 1) as usize];
            (half.heads).extend_from_slice(&(rest >> 1).to_le_bytes()[..after]);
            half.heads.extend_from_slice(control);
            half.regions.extend_from_slice(&page[from..to]);
            (head, from) = (head + Self::head(before), to);
        }
        let [stay, go] = &self.halves;
        self.made.clear();
        stay.pack(after, &mut self.made);
        self.pages.put(self.divided, &self.made);
        self.made.clear();
        go.pack(after, &mut self.made);
        self.pages.push(&self.made);
        self.divided += 1;
        if self.divided == 1 << self.round {
            self.round += 1;
            self.divided = 0;
        }
    }

    /// Takes a key out.
    pub(super) fn remove(&mut self, spot: Spot) {
        let (prefix, length) = self.extent(spot);
        self.keys -= 1;
        self.values -= length;
        let head = Self::head(spot.rest);
        let mut page = self.take(spot.page);
        page.drain(spot.region..spot.region + prefix + length);
        let count = count_in(&page) - 1;
        page.drain(spot.head..spot.head + head);
        match count {
            0 => page.clear(),
            _ => set_count(&mut page, count),
        }
        self.put(spot.page, page);
    }

    fn control(&self, spot: Spot) -> u16 {
        control_in(&self.pages.get(spot.page)[spot.control()..])
    }

    fn set_control(page: &mut [u8], spot: Spot, control: u16) {
        page[spot.control()..spot.control() + CONTROL].copy_from_slice(&control.to_le_bytes());
    }

    fn extent(&self, spot: Spot) -> (usize, usize) {
        extent(
            self.control(spot),
            &self.pages.get(spot.page)[spot.region..],
        )
    }

    /// The bytes of a key.
    pub(super) fn values(&self, spot: Spot) -> &[u8] {
        let (prefix, length) = self.extent(spot);
        &self.pages.get(spot.page)[spot.region + prefix..][..length]
    }

    /// The marks of a key, of three bits; none is set when it is added.
    pub(super) fn marks(&self, spot: Spot) -> u8 {
        (self.control(spot) & MARKS) as u8
    }

    /// Gives a key other marks.
    pub(super) fn mark(&mut self, spot: Spot, marks: u8) {
        let control = self.control(spot) & !MARKS | u16::from(marks) & MARKS;
        Self::set_control(self.pages.get_mut(spot.page), spot, control);
    }

    /// Adds bytes behind those of a key.
    pub(super) fn append(&mut self, spot: Spot, added: &[u8]) {
        let (prefix, length) = self.extent(spot);
        let end = spot.region + prefix + length;
        self.values += added.len();
        let mut page = self.take(spot.page);
        let former = page.len();
        page.resize(former + added.len(), 0);
        page.copy_within(end..former, end + added.len());
        page[end..end + added.len()].copy_from_slice(added);
        self.set_length(page, spot, prefix, length + added.len());
    }

    /// Takes so many of a key's bytes out, from a place among them on.
    pub(super) fn cut(&mut self, spot: Spot, from: usize, count: usize) {
        let (prefix, length) = self.extent(spot);
        let begin = spot.region + prefix + from;
        self.values -= count;
        let mut page = self.take(spot.page);
        page.drain(begin..begin + count);
        self.set_length(page, spot, prefix, length - count);
    }

    /// Puts other bytes in the place of those of a key.
    pub(super) fn replace(&mut self, spot: Spot, bytes: &[u8]) {
        let (prefix, length) = self.extent(spot);
        let begin = spot.region + prefix;
        self.values = self.values + bytes.len() - length;
        let mut page = self.take(spot.page);
        page.splice(begin..begin + length, bytes.iter().copied());
        self.set_length(page, spot, prefix, bytes.len());
    }

    /// Puts a page back in which a key has another length, whose bytes had so many before them that said it.
    fn set_length(&mut self, mut page: Vec<u8>, spot: Spot, prefix: usize, length: usize) {
        let marks = control_in(&page[spot.control()..]) & MARKS;
        let now = if length < LONG { 0 } else { LENGTH };
        if now != prefix {
            let said = spot.region..spot.region + prefix;
            page.splice(said, std::iter::repeat_n(0, now));
        }
        if now > 0 {
            let length = u32::try_from(length).expect("a key has less than 4 GiB");
            page[spot.region..spot.region + LENGTH].copy_from_slice(&length.to_le_bytes());
        }
        let control = (length.min(LONG) as u16) << MARK_BITS | marks;
        Self::set_control(&mut page, spot, control);
        self.put(spot.page, page);
    }

    /// Gives every key, its bytes and its marks, which may be changed.
    pub(super) fn each(&mut self, mut take: impl FnMut(K, &[u8], &mut u8)) {
        for place in 0..self.pages.len() {
            let known = self.bits_of(place);
            let rest = Self::rest_beyond(known);
            let page = self.pages.get_mut(place);
            let count = count_in(page);
            let (mut head, mut region) = (COUNT, COUNT + count * Self::head(rest));
            for _ in 0..count {
                let spot = Spot {
                    page: place,
                    head,
                    rest,
                    region,
                };
                let mixed = number_in(&page[head..], rest) << known | place as u64;
                let control = control_in(&page[spot.control()..]);
                let (prefix, length) = extent(control, &page[region..]);
                let values = region + prefix..region + prefix + length;
                region = values.end;
                let mut marks = (control & MARKS) as u8;
                let key = K::of_number(self.mixer.unmix(mixed));
                take(key, &page[values], &mut marks);
                let control = control & !MARKS | u16::from(marks) & MARKS;
                Self::set_control(page, spot, control);
                head += Self::head(rest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    impl PageKey for u32 {
        const BYTES: usize = 4;

        fn number(self) -> u64 {
            self.into()
        }

        fn of_number(number: u64) -> Self {
            number as u32
        }
    }

    /// What is done with a key.
    #[derive(Clone, Debug)]
    enum Act {
        Append(Vec<u8>),
        Cut(usize, usize),
        Replace(Vec<u8>),
        Mark(u8),
        Remove,
    }

    fn acts() -> impl Strategy<Value = Vec<(u32, Act)>> {
        // Lengths below, at and beyond what a head holds.
        let few = prop::collection::vec(any::<u8>(), 0..40);
        let many = (LONG - 2..LONG + 2).prop_map(|length| vec![7; length]);
        let bytes = prop_oneof![9 => few, 1 => many];
        let act = prop_oneof![
            6 => bytes.clone().prop_map(Act::Append),
            1 => bytes.prop_map(Act::Replace),
            2 => (0usize..20, 0usize..20).prop_map(|(from, count)| Act::Cut(from, count)),
            1 => (0..10usize, Just(LONG)).prop_map(|(from, count)| Act::Cut(from, count)),
            1 => (0u8..8).prop_map(Act::Mark),
            1 => Just(Act::Remove),
        ];
        prop::collection::vec((0u32..60, act), 0..400)
    }

    proptest! {
        #[test]
        fn it_answers_like_a_map(acts in acts(), keys_a_page in 1usize..20) {
            let mut table = PagedTable::<u32>::new(keys_a_page);
            let mut map: BTreeMap<u32, (Vec<u8>, u8)> = BTreeMap::new();
            for (key, act) in acts {
                let spot = table.find(key);
                prop_assert_eq!(spot.is_some(), map.contains_key(&key));
                let is_new = spot.is_none();
                let spot = spot.unwrap_or_else(|| match &act {
                    Act::Append(bytes) => table.insert(key, bytes),
                    _ => table.insert(key, &[]),
                });
                let (values, marks) = map.entry(key).or_default();
                match act {
                    Act::Append(bytes) if is_new => values.extend(bytes),
                    Act::Append(bytes) => {
                        table.append(spot, &bytes);
                        values.extend(bytes);
                    }
                    Act::Cut(from, count) => {
                        let from = from.min(values.len());
                        let count = count.min(values.len() - from);
                        table.cut(spot, from, count);
                        values.drain(from..from + count);
                    }
                    Act::Replace(bytes) => {
                        table.replace(spot, &bytes);
                        *values = bytes;
                    }
                    Act::Mark(given) => {
                        table.mark(spot, given);
                        *marks = given;
                    }
                    Act::Remove => {
                        table.remove(spot);
                        map.remove(&key);
                        continue;
                    }
                }
                prop_assert_eq!(table.values(spot), values.as_slice());
                prop_assert_eq!(table.marks(spot), *marks);
            }
            let mut held = BTreeMap::new();
            table.each(|key, values, mark| {
                assert!(held.insert(key, values.to_vec()).is_none(), "given once");
                *mark = (*mark + 1) % 8;
            });
            let expected: BTreeMap<_, _> = map.iter().map(|(key, (values, _))| (*key, values.clone())).collect();
            prop_assert_eq!(held, expected);
            for (key, (values, marks)) in &map {
                let spot = table.find(*key).expect("held");
                prop_assert_eq!(table.values(spot), values.as_slice());
                prop_assert_eq!(table.marks(spot), (marks + 1) % 8);
            }
            // Whoever keeps the table counts the bytes of keys itself.
            let values: usize = map.values().map(|(values, _)| values.len()).sum();
            prop_assert_eq!(table.overhead() + values, table.pages.bytes());
        }
    }

    proptest! {
        #[test]
        fn a_number_comes_back_from_what_it_is_mixed_to(number: u64) {
            for bits in [8, 32, 40, 56] {
                let mixer = Mixer::new(bits);
                let number = number & ((1 << bits) - 1);
                let mixed = mixer.mix(number);
                prop_assert!(mixed < 1 << bits);
                prop_assert_eq!(mixer.unmix(mixed), number);
            }
        }
    }

    #[test]
    fn pages_grow_in_number_with_the_keys_and_stay_short_and_keys_become_shorter() {
        const KEYS: u32 = 300_000;
        let mut table = PagedTable::<u32>::new(OF_LONG_KEYS);
        for key in 0..KEYS {
            table.insert(key, &key.to_le_bytes());
        }
        assert_eq!(table.pages.len(), (KEYS as usize).div_ceil(OF_LONG_KEYS));
        let counts = (0..table.pages.len()).map(|page| count_in(table.pages.get(page)));
        let longest = counts.max();
        // Of a page that is not divided yet twice as many, and by chance some more.
        assert!(longest < Some(8 * OF_LONG_KEYS), "{longest:?}");
        for key in 0..KEYS {
            let spot = table.find(key).expect("held");
            assert_eq!(table.values(spot), key.to_le_bytes());
        }
        assert!(table.find(KEYS).is_none());
        // Beyond 2^16 pages, two of the four bytes of each number are said by its page.
        assert!(table.pages.len() > 1 << 16);
        let lengths = (0..table.pages.len()).map(|page| table.pages.get(page).len());
        let heads = lengths.sum::<usize>() - KEYS as usize * size_of::<u32>();
        let empty = (0..table.pages.len()).filter(|page| table.pages.get(*page).is_empty());
        let counts = COUNT * (table.pages.len() - empty.count());
        assert_eq!(heads - counts, KEYS as usize * (2 + CONTROL));
    }
}
