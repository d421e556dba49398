//! Bytes by key, in pages of a few keys each.
//!
//! In: keys, and bytes that are added to those of a key or taken out of them. Out: the bytes of each key, with two marks
//! that belong to whoever keeps the table. Must hold: it answers like a map.
//!
//! A table of slots with an allocation a key pays for each key with its slot, the slots beside it that are free, and what the
//! allocation is rounded up by: some 40 bytes, where a person's facts are a hundred. Here the entries of about [`A_PAGE`] keys
//! lie one behind the other in one allocation, which is searched from its front. Pages are added as in linear
//! hashing (Litwin, VLDB 1980): where keys have become too many for the pages, the next one in turn is divided in two, so
//! that no growth holds the table twice.
//!
//! ```text
//! page:  how many keys (2 bytes); of each its number, length (4 bytes) and marks (2 bytes); the bytes of each
//! ```

use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;

use hashbrown::DefaultHashBuilder;

/// How many keys share a page, as a mean.
const A_PAGE: usize = 4;
/// The bytes that say how many keys a page has.
const COUNT: usize = 2;
/// The bytes that say how many bytes a key has.
const LENGTH: usize = 4;
/// The bytes of its marks.
const MARKS: usize = 2;

/// A key, as a number of some bytes.
pub(super) trait PageKey: Copy + Hash {
    /// How many bytes its number takes, at most 8.
    const BYTES: usize;

    /// The number.
    fn number(self) -> u64;

    /// The key of a number that a key has.
    fn of_number(number: u64) -> Self;
}

/// Bytes by key.
pub(super) struct PagedTable<K> {
    /// `round` of them and those that were divided off the first `divided`.
    pages: Vec<Box<[u8]>>,
    /// How many pages there were when the round began, in which each of them is divided: a power of two.
    round: usize,
    divided: usize,
    keys: usize,
    hasher: DefaultHashBuilder,
    key: PhantomData<K>,
}

/// Where a key is, until another is added or removed, or bytes of another are changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    page: usize,
    /// Where its length begins, and behind that its marks.
    length: usize,
    /// Where its bytes begin.
    values: usize,
}

fn number_in<const BYTES: usize>(bytes: &[u8]) -> usize {
    let mut number = [0; 8];
    number[..BYTES].copy_from_slice(&bytes[..BYTES]);
    u64::from_le_bytes(number) as usize
}

impl<K: PageKey> PagedTable<K> {
    /// What is said of a key.
    const HEAD: usize = K::BYTES + LENGTH + MARKS;

    /// No keys.
    pub(super) fn new() -> Self {
        Self {
            pages: vec![Box::default()],
            round: 1,
            divided: 0,
            keys: 0,
            hasher: DefaultHashBuilder::default(),
            key: PhantomData,
        }
    }

    /// The bytes that it takes beside those of the keys' own.
    pub(super) fn overhead(&self) -> usize {
        self.keys * Self::HEAD + self.pages.capacity() * (size_of::<Box<[u8]>>() + COUNT)
    }

    fn page_of(&self, key: K) -> usize {
        let hash = self.hasher.hash_one(key) as usize;
        match hash & (self.round - 1) {
            early if early < self.divided => hash & (2 * self.round - 1),
            page => page,
        }
    }

    /// Where the bytes of a page begin that its keys have.
    fn heads_end(page: &[u8]) -> usize {
        match page.is_empty() {
            true => COUNT,
            false => COUNT + number_in::<COUNT>(page) * Self::HEAD,
        }
    }

    /// What is said of the keys of a page.
    fn heads(page: &[u8]) -> std::slice::ChunksExact<'_, u8> {
        let heads = page.get(COUNT..Self::heads_end(page));
        heads.unwrap_or_default().chunks_exact(Self::HEAD)
    }

    fn key_in(head: &[u8]) -> u64 {
        let mut number = [0; 8];
        number[..K::BYTES].copy_from_slice(&head[..K::BYTES]);
        u64::from_le_bytes(number)
    }

    /// A byte of the page of a key, so that it is near when it is asked for.
    pub(super) fn touch(&self, key: K) -> u8 {
        let page = &self.pages[self.page_of(key)];
        page.first().copied().unwrap_or_default()
    }

    /// Where a key is.
    pub(super) fn find(&self, key: K) -> Option<Spot> {
        let (wanted, page) = (key.number(), self.page_of(key));
        let bytes = &self.pages[page];
        let mut values = Self::heads_end(bytes);
        let mut length = COUNT + K::BYTES;
        for head in Self::heads(bytes) {
            if Self::key_in(head) == wanted {
                return Some(Spot {
                    page,
                    length,
                    values,
                });
            }
            values += number_in::<LENGTH>(&head[K::BYTES..]);
            length += Self::HEAD;
        }
        None
    }

    /// Adds a key that is not there, without bytes.
    pub(super) fn insert(&mut self, key: K) -> Spot {
        self.keys += 1;
        if self.keys > A_PAGE * self.pages.len() {
            self.divide();
        }
        let page = self.page_of(key);
        let mut bytes = std::mem::take(&mut self.pages[page]).into_vec();
        bytes.reserve_exact(COUNT + Self::HEAD);
        if bytes.is_empty() {
            bytes.extend_from_slice(&[0; COUNT]);
        }
        let (head, end) = (Self::heads_end(&bytes), bytes.len());
        bytes.resize(end + Self::HEAD, 0);
        bytes.copy_within(head..end, head + Self::HEAD);
        bytes[head..head + Self::HEAD].fill(0);
        bytes[head..head + K::BYTES].copy_from_slice(&key.number().to_le_bytes()[..K::BYTES]);
        let count = (head - COUNT) / Self::HEAD + 1;
        Self::set_count(&mut bytes, count);
        let values = bytes.len();
        self.pages[page] = bytes.into_boxed_slice();
        Spot {
            page,
            length: head + K::BYTES,
            values,
        }
    }

    fn set_count(page: &mut [u8], count: usize) {
        let count =
            u16::try_from(count).expect("a page is divided long before it has so many keys");
        page[..COUNT].copy_from_slice(&count.to_le_bytes());
    }

    /// Divides the next page in turn.
    fn divide(&mut self) {
        let page = std::mem::take(&mut self.pages[self.divided]);
        let mask = 2 * self.round - 1;
        let half = |is_it: &dyn Fn(usize) -> bool| -> Box<[u8]> {
            let (mut heads, mut values) = (vec![0; COUNT], Vec::new());
            let mut from = Self::heads_end(&page);
            for head in Self::heads(&page) {
                let to = from + number_in::<LENGTH>(&head[K::BYTES..]);
                let key = K::of_number(Self::key_in(head));
                if is_it(self.hasher.hash_one(key) as usize & mask) {
                    heads.extend_from_slice(head);
                    values.extend_from_slice(&page[from..to]);
                }
                from = to;
            }
            if heads.len() == COUNT {
                return Box::default();
            }
            let count = heads.len() / Self::HEAD;
            Self::set_count(&mut heads, count);
            heads.reserve_exact(values.len());
            heads.append(&mut values);
            heads.into_boxed_slice()
        };
        let stay = half(&|page| page == self.divided);
        let go = half(&|page| page != self.divided);
        self.pages[self.divided] = stay;
        self.pages.push(go);
        self.divided += 1;
        if self.divided == self.round {
            self.round *= 2;
            self.divided = 0;
        }
    }

    /// Takes a key out.
    pub(super) fn remove(&mut self, spot: Spot) {
        let length = self.length(spot);
        self.keys -= 1;
        let mut page = std::mem::take(&mut self.pages[spot.page]).into_vec();
        page.drain(spot.values..spot.values + length);
        let head = spot.length - K::BYTES;
        let count = (Self::heads_end(&page) - COUNT) / Self::HEAD - 1;
        page.drain(head..head + Self::HEAD);
        if count > 0 {
            Self::set_count(&mut page, count);
            self.pages[spot.page] = page.into_boxed_slice();
        }
    }

    fn length(&self, spot: Spot) -> usize {
        number_in::<LENGTH>(&self.pages[spot.page][spot.length..])
    }

    fn set_length(page: &mut [u8], spot: Spot, length: usize) {
        let length = u32::try_from(length).expect("a key has less than 4 GiB");
        page[spot.length..spot.length + LENGTH].copy_from_slice(&length.to_le_bytes());
    }

    /// The bytes of a key.
    pub(super) fn values(&self, spot: Spot) -> &[u8] {
        &self.pages[spot.page][spot.values..spot.values + self.length(spot)]
    }

    /// The marks of a key; both are 0 when it is added.
    pub(super) fn marks(&self, spot: Spot) -> [u8; MARKS] {
        let marks = self.pages[spot.page][spot.length + LENGTH..].first_chunk();
        *marks.expect("marks follow the length")
    }

    /// Gives a key other marks.
    pub(super) fn mark(&mut self, spot: Spot, marks: [u8; MARKS]) {
        let from = spot.length + LENGTH;
        self.pages[spot.page][from..from + MARKS].copy_from_slice(&marks);
    }

    /// Adds bytes behind those of a key.
    pub(super) fn append(&mut self, spot: Spot, added: &[u8]) {
        let length = self.length(spot);
        let end = spot.values + length;
        let mut page = std::mem::take(&mut self.pages[spot.page]).into_vec();
        let former = page.len();
        page.reserve_exact(added.len());
        page.resize(former + added.len(), 0);
        page.copy_within(end..former, end + added.len());
        page[end..end + added.len()].copy_from_slice(added);
        Self::set_length(&mut page, spot, length + added.len());
        self.pages[spot.page] = page.into_boxed_slice();
    }

    /// Takes so many of a key's bytes out, from a place among them on.
    pub(super) fn cut(&mut self, spot: Spot, from: usize, count: usize) {
        let length = self.length(spot);
        let begin = spot.values + from;
        let mut page = std::mem::take(&mut self.pages[spot.page]).into_vec();
        page.drain(begin..begin + count);
        Self::set_length(&mut page, spot, length - count);
        self.pages[spot.page] = page.into_boxed_slice();
    }

    /// Gives every key, its bytes and its first mark, which may be changed.
    pub(super) fn each(&mut self, mut take: impl FnMut(K, &[u8], &mut u8)) {
        for page in &mut self.pages {
            let end = Self::heads_end(page);
            let Some((heads, mut values)) = page.split_at_mut_checked(end) else {
                continue;
            };
            for head in heads[COUNT..].chunks_exact_mut(Self::HEAD) {
                let key = K::of_number(Self::key_in(head));
                let (own, rest) = values.split_at_mut(number_in::<LENGTH>(&head[K::BYTES..]));
                take(key, own, &mut head[K::BYTES + LENGTH]);
                values = rest;
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
        Mark([u8; 2]),
        Remove,
    }

    fn acts() -> impl Strategy<Value = Vec<(u32, Act)>> {
        let bytes = prop::collection::vec(any::<u8>(), 0..40);
        let act = prop_oneof![
            6 => bytes.prop_map(Act::Append),
            2 => (0usize..20, 0usize..20).prop_map(|(from, count)| Act::Cut(from, count)),
            1 => any::<[u8; 2]>().prop_map(Act::Mark),
            1 => Just(Act::Remove),
        ];
        prop::collection::vec((0u32..60, act), 0..400)
    }

    proptest! {
        #[test]
        fn it_answers_like_a_map(acts in acts()) {
            let mut table = PagedTable::<u32>::new();
            let mut map: BTreeMap<u32, (Vec<u8>, [u8; 2])> = BTreeMap::new();
            for (key, act) in acts {
                let spot = table.find(key);
                prop_assert_eq!(spot.is_some(), map.contains_key(&key));
                let spot = spot.unwrap_or_else(|| table.insert(key));
                let (values, marks) = map.entry(key).or_default();
                match act {
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
                *mark = mark.wrapping_add(1);
            });
            let expected: BTreeMap<_, _> = map.iter().map(|(key, (values, _))| (*key, values.clone())).collect();
            prop_assert_eq!(held, expected);
            for (key, (values, marks)) in &map {
                let spot = table.find(*key).expect("held");
                prop_assert_eq!(table.values(spot), values.as_slice());
                prop_assert_eq!(table.marks(spot), [marks[0].wrapping_add(1), marks[1]]);
            }
            // All that is there, but for pages without a key.
            let values: usize = map.values().map(|(values, _)| values.len()).sum();
            let pages: usize = table.pages.iter().map(|page| page.len()).sum();
            let empty = table.pages.iter().filter(|page| page.is_empty()).count();
            let slots = table.pages.capacity() * size_of::<Box<[u8]>>();
            let spare = table.pages.capacity() - table.pages.len() + empty;
            prop_assert_eq!(table.overhead() + values, pages + slots + spare * COUNT);
        }
    }

    #[test]
    fn pages_grow_in_number_with_the_keys_and_stay_short() {
        let mut table = PagedTable::<u32>::new();
        for key in 0..10_000 {
            let spot = table.insert(key);
            table.append(spot, &key.to_le_bytes());
        }
        assert_eq!(table.pages.len(), 10_000usize.div_ceil(A_PAGE));
        let longest = table
            .pages
            .iter()
            .map(|page| PagedTable::<u32>::heads(page).len())
            .max();
        // Of a page that is not divided yet twice as many, and by chance some more.
        assert!(longest < Some(8 * A_PAGE), "{longest:?}");
        for key in 0..10_000u32 {
            let spot = table.find(key).expect("held");
            assert_eq!(table.values(spot), key.to_le_bytes());
        }
        assert!(table.find(10_000).is_none());
    }
}
