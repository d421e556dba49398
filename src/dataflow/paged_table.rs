//! Bytes by key, in pages of a few keys each.
//!
//! In: keys, and bytes that are added to those of a key or taken out of them. Out: the bytes of each key, with two marks
//! that belong to whoever keeps the table. Must hold: it answers like a map.
//!
//! A table of slots with an allocation a key pays for each key with its slot, the slots beside it that are free, and what the
//! allocation is rounded up by: some 45 bytes, where a person's facts are a hundred. Here the entries of about [`A_PAGE`] keys
//! lie one behind the other in one allocation, which is searched from its front. Pages are added as in linear
//! hashing (Litwin, VLDB 1980): where keys have become too many for the pages, the next one in turn is divided in two, so
//! that no growth holds the table twice.
//!
//! ```text
//! page:  key, length (4 bytes), marks (2 bytes), bytes; key, length, marks, bytes; …
//! ```

use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;

use hashbrown::DefaultHashBuilder;

use crate::record::{Packed, take};

/// How many keys share a page, as a mean.
const A_PAGE: usize = 6;
/// Bytes between a key and its bytes: their length, and the marks.
const HEAD: usize = 6;
/// Where the marks are in them.
const MARKS: usize = 4;

const PROOF: &str = "a page holds what was put into it";

/// Bytes by key.
pub(super) struct PagedTable<K> {
    /// `round` of them and those that were divided off the first `divided`.
    pages: Vec<Box<[u8]>>,
    /// How many pages there were when the round began, in which each of them is divided: a power of two.
    round: usize,
    divided: usize,
    keys: usize,
    /// Bytes of the keys and of what stands between them and their bytes.
    heads: usize,
    hasher: DefaultHashBuilder,
    key: PhantomData<K>,
}

/// Where the entry of a key is, until another is added or bytes of another are changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    page: usize,
    /// Where the entry begins.
    entry: usize,
    /// Where what stands between key and bytes begins.
    head: usize,
}

/// An entry, as a page is gone through.
struct Entry<K> {
    key: K,
    head: usize,
    end: usize,
}

impl<K: Packed> Entry<K> {
    /// The one that begins at a place, if the page does not end there.
    fn at(page: &[u8], place: usize) -> Option<Self> {
        let mut rest = page.get(place..).filter(|rest| !rest.is_empty())?;
        let key = K::unpack(&mut rest).expect(PROOF);
        let head = page.len() - rest.len();
        let length = u32::from_le_bytes(take(&mut rest).expect(PROOF)) as usize;
        Some(Self {
            key,
            head,
            end: head + HEAD + length,
        })
    }
}

impl<K: Packed + Eq + Hash> PagedTable<K> {
    /// No keys.
    pub(super) fn new() -> Self {
        Self {
            pages: vec![Box::default()],
            round: 1,
            divided: 0,
            keys: 0,
            heads: 0,
            hasher: DefaultHashBuilder::default(),
            key: PhantomData,
        }
    }

    /// The bytes that it takes beside those of the keys' own.
    pub(super) fn overhead(&self) -> usize {
        self.heads + self.pages.capacity() * size_of::<Box<[u8]>>()
    }

    fn page_of(&self, key: &K) -> usize {
        let hash = self.hasher.hash_one(key) as usize;
        match hash & (self.round - 1) {
            early if early < self.divided => hash & (2 * self.round - 1),
            page => page,
        }
    }

    /// A byte of the page of a key, so that it is near when it is asked for.
    pub(super) fn touch(&self, key: &K) -> u8 {
        let page = &self.pages[self.page_of(key)];
        page.first().copied().unwrap_or_default()
    }

    /// Where a key is.
    pub(super) fn find(&self, key: &K) -> Option<Spot> {
        let page = self.page_of(key);
        let mut place = 0;
        while let Some(entry) = Entry::<K>::at(&self.pages[page], place) {
            if entry.key == *key {
                let (entry, head) = (place, entry.head);
                return Some(Spot { page, entry, head });
            }
            place = entry.end;
        }
        None
    }

    /// Adds a key that is not there, without bytes.
    pub(super) fn insert(&mut self, key: &K) -> Spot {
        self.keys += 1;
        if self.keys > A_PAGE * self.pages.len() {
            self.divide();
        }
        let page = self.page_of(key);
        let mut bytes = std::mem::take(&mut self.pages[page]).into_vec();
        let entry = bytes.len();
        let mut added = Vec::with_capacity(16);
        key.pack(&mut added);
        let head = entry + added.len();
        added.extend_from_slice(&[0; HEAD]);
        self.heads += added.len();
        bytes.reserve_exact(added.len());
        bytes.extend_from_slice(&added);
        self.pages[page] = bytes.into_boxed_slice();
        Spot { page, entry, head }
    }

    /// Divides the next page in turn.
    fn divide(&mut self) {
        let page = std::mem::take(&mut self.pages[self.divided]);
        let (mut stay, mut go) = (Vec::new(), Vec::new());
        let mut place = 0;
        while let Some(entry) = Entry::<K>::at(&page, place) {
            let hash = self.hasher.hash_one(&entry.key) as usize;
            let to = match hash & (2 * self.round - 1) == self.divided {
                true => &mut stay,
                false => &mut go,
            };
            to.extend_from_slice(&page[place..entry.end]);
            place = entry.end;
        }
        self.pages[self.divided] = stay.into_boxed_slice();
        self.pages.push(go.into_boxed_slice());
        self.divided += 1;
        if self.divided == self.round {
            self.round *= 2;
            self.divided = 0;
        }
    }

    /// Takes a key out.
    pub(super) fn remove(&mut self, spot: Spot) {
        let values = self.values(spot).len();
        let length = spot.head - spot.entry + HEAD + values;
        self.keys -= 1;
        self.heads -= length - values;
        let mut bytes = std::mem::take(&mut self.pages[spot.page]).into_vec();
        bytes.drain(spot.entry..spot.entry + length);
        self.pages[spot.page] = bytes.into_boxed_slice();
    }

    fn length(&self, spot: Spot) -> usize {
        let page = &self.pages[spot.page];
        u32::from_le_bytes(take(&mut &page[spot.head..]).expect(PROOF)) as usize
    }

    fn set_length(page: &mut [u8], spot: Spot, length: usize) {
        let length = u32::try_from(length).expect("a key has less than 4 GiB");
        page[spot.head..spot.head + MARKS].copy_from_slice(&length.to_le_bytes());
    }

    /// The bytes of a key.
    pub(super) fn values(&self, spot: Spot) -> &[u8] {
        let from = spot.head + HEAD;
        &self.pages[spot.page][from..from + self.length(spot)]
    }

    /// The marks of a key; both are 0 when it is added.
    pub(super) fn marks(&self, spot: Spot) -> [u8; 2] {
        let page = &self.pages[spot.page];
        [page[spot.head + MARKS], page[spot.head + MARKS + 1]]
    }

    /// Gives a key other marks.
    pub(super) fn mark(&mut self, spot: Spot, marks: [u8; 2]) {
        let from = spot.head + MARKS;
        self.pages[spot.page][from..from + marks.len()].copy_from_slice(&marks);
    }

    /// Adds bytes behind those of a key.
    pub(super) fn append(&mut self, spot: Spot, added: &[u8]) {
        let length = self.length(spot);
        let end = spot.head + HEAD + length;
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
        let begin = spot.head + HEAD + from;
        let mut page = std::mem::take(&mut self.pages[spot.page]).into_vec();
        page.drain(begin..begin + count);
        Self::set_length(&mut page, spot, length - count);
        self.pages[spot.page] = page.into_boxed_slice();
    }

    /// Gives every key, its bytes and its first mark, which may be changed.
    pub(super) fn each(&mut self, mut take: impl FnMut(&K, &[u8], &mut u8)) {
        for page in &mut self.pages {
            let mut place = 0;
            while let Some(entry) = Entry::<K>::at(page, place) {
                let (heads, values) = page.split_at_mut(entry.head + HEAD);
                let values = &values[..entry.end - entry.head - HEAD];
                take(&entry.key, values, &mut heads[entry.head + MARKS]);
                place = entry.end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

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
                let spot = table.find(&key);
                prop_assert_eq!(spot.is_some(), map.contains_key(&key));
                let spot = spot.unwrap_or_else(|| table.insert(&key));
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
                assert!(held.insert(*key, values.to_vec()).is_none(), "given once");
                *mark = mark.wrapping_add(1);
            });
            let expected: BTreeMap<_, _> = map.iter().map(|(key, (values, _))| (*key, values.clone())).collect();
            prop_assert_eq!(held, expected);
            for (key, (values, marks)) in &map {
                let spot = table.find(key).expect("held");
                prop_assert_eq!(table.values(spot), values.as_slice());
                prop_assert_eq!(table.marks(spot), [marks[0].wrapping_add(1), marks[1]]);
            }
            // Keys of four bytes, each with its head.
            let pages = table.pages.capacity() * size_of::<Box<[u8]>>();
            prop_assert_eq!(table.overhead(), map.len() * (4 + HEAD) + pages);
        }
    }

    #[test]
    fn pages_grow_in_number_with_the_keys_and_stay_short() {
        let mut table = PagedTable::<u32>::new();
        for key in 0..10_000 {
            let spot = table.insert(&key);
            table.append(spot, &key.to_le_bytes());
        }
        assert_eq!(table.pages.len(), 10_000usize.div_ceil(A_PAGE));
        let entry = 4 + HEAD + 4;
        let longest = table.pages.iter().map(|page| page.len() / entry).max();
        // Of a page that is not divided yet twice as many, and by chance some more.
        assert!(longest < Some(8 * A_PAGE), "{longest:?}");
        for key in 0..10_000u32 {
            let spot = table.find(&key).expect("held");
            assert_eq!(table.values(spot), key.to_le_bytes());
        }
        assert!(table.find(&10_000).is_none());
    }
}
