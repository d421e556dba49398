//! A function of all values of a key, kept up to date beside the values themselves.
//!
//! ```text
//! (key, value) ─ by key ─▶ what is held of each key ─▶ what the function gave before (-1), gives now (+1)
//! ```
//! In: a collection. Out: the changes of what `logic` gives for each key. Must hold: what `logic`
//! gives depends on the key and its values alone; the outcomes at a time are those of the values at
//! that time.
//!
//! It does what [`fold`](super::fold) does over an arrangement. An arrangement can be shared and can
//! answer for any time, and pays for it with batches, of which a key is looked up in every one, and
//! with merging them. Where a large collection serves one fold, and epochs are in a line, a table of
//! the values that hold now is all that is needed.
//!
//! Updates go into the table as they come (`state.rs`); the function is computed once the epoch is whole.
//! What it gave before is computed when the epoch first touches a key.

use std::hash::{BuildHasher, Hash};

use differential_dataflow::{ExchangeData, Hashable, VecCollection};
use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use memchr::memmem;
use smallvec::SmallVec;

use super::fold::changes;
use super::state::{Size, State, hold};
use crate::record::Packed;

/// Keys whose values are brought nearer at once.
const LOOK_AHEAD: usize = 256;

/// Folds the values of each key, which come in no particular order.
///
/// # Panics
/// When a value counts other than once at the end of an epoch: rows are resolved before they get here,
/// so that would be a defect, and a finding from it would be wrong.
pub fn fold_held<'scope, K, V, O>(
    values: VecCollection<'scope, u32, (K, V), i32>,
    name: &str,
    logic: impl Fn(&K, Unpacked<'_, V>, &mut Vec<O>) + 'static,
) -> VecCollection<'scope, u32, O, i32>
where
    K: ExchangeData + Hashable + Hash + Copy,
    V: ExchangeData + Packed,
    O: ExchangeData,
{
    hold(values, name, |size| Held::new(logic, size))
}

/// The values of a key.
pub struct Unpacked<'a, V> {
    /// Of those that are left.
    bytes: &'a [u8],
    values: std::marker::PhantomData<V>,
}

impl<'a, V> Unpacked<'a, V> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            values: std::marker::PhantomData,
        }
    }
}

impl<V: Packed> Iterator for Unpacked<'_, V> {
    type Item = V;

    fn next(&mut self) -> Option<V> {
        (!self.bytes.is_empty())
            .then(|| V::unpack(&mut self.bytes).expect("the table packed what it holds"))
    }
}

/// What is held, by key, and the function of it.
struct Held<K, V, O, L> {
    logic: L,
    by_key: HashTable<Values<K>>,
    hasher: DefaultHashBuilder,
    size: Size,
    /// The keys that the epoch has touched.
    touched: Vec<K>,
    /// What the function gave for them before it, where it gave something.
    before: HashMap<K, Vec<O>>,
    /// Values that are taken back and have not come yet: within an epoch, updates come in any order.
    owed: Vec<(K, V)>,
    now: Vec<O>,
    packed: Vec<u8>,
}

/// The values of a key.
struct Values<K> {
    packed: Box<[u8]>,
    key: K,
    /// Whether the function gave something for them; for most keys it does not, and then there is
    /// nothing to compute again when they change.
    is_fruitful: bool,
    /// Whether the epoch has touched them.
    is_touched: bool,
    /// The length of the one value that the epoch has added, which is the last of them; or [`SEVERAL`].
    added: u8,
}

/// What stands for more than one value added, or one that is longer than a byte tells.
const SEVERAL: u8 = u8::MAX;

impl<K, V, O, L> Held<K, V, O, L>
where
    K: Copy + Ord + Hash,
    V: Clone + Packed,
    O: Clone + Ord,
    L: Fn(&K, Unpacked<'_, V>, &mut Vec<O>),
{
    fn new(logic: L, size: Size) -> Self {
        Self {
            logic,
            by_key: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            size,
            touched: Vec::new(),
            before: HashMap::new(),
            owed: Vec::new(),
            now: Vec::new(),
            packed: Vec::new(),
        }
    }

    /// Applies an update, unless it takes back what is not there.
    fn try_update(&mut self, key: K, value: &V, diff: i32) -> bool {
        let hasher = &self.hasher;
        let entry = self.by_key.entry(
            hasher.hash_one(key),
            |values| values.key == key,
            |values| hasher.hash_one(values.key),
        );
        let values = match entry {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let values = Values {
                    packed: Box::default(),
                    key,
                    is_fruitful: false,
                    is_touched: false,
                    added: 0,
                };
                entry.insert(values).into_mut()
            }
        };
        if !values.is_touched {
            values.is_touched = true;
            self.touched.push(key);
            if values.is_fruitful {
                let mut before = Vec::new();
                (self.logic)(&key, Unpacked::new(&values.packed), &mut before);
                before.sort_unstable();
                self.before.insert(key, before);
            }
        }
        self.packed.clear();
        value.pack(&mut self.packed);
        let length = values.packed.len();
        let is_done = match diff {
            1 => {
                values.add(&self.packed);
                true
            }
            -1 => values.remove::<V>(&self.packed),
            _ => panic!("a value of a key counts once"),
        };
        if is_done {
            self.size.add(diff as isize, values.packed.len(), length);
        }
        is_done
    }
}

impl<K, V, O, L> State<K, V, O> for Held<K, V, O, L>
where
    K: Copy + Ord + Hash,
    V: Clone + Packed,
    O: Clone + Ord,
    L: Fn(&K, Unpacked<'_, V>, &mut Vec<O>),
{
    fn look_ahead<'a>(&self, keys: impl Iterator<Item = &'a K>)
    where
        K: 'a,
    {
        let held = |key: &K| {
            let values = self
                .by_key
                .find(self.hasher.hash_one(key), |values| values.key == *key)?;
            values.packed.first().copied()
        };
        std::hint::black_box(keys.filter_map(held).map(usize::from).sum::<usize>());
    }

    fn update(&mut self, key: K, value: &V, diff: i32) {
        if !self.try_update(key, value, diff) {
            self.owed.push((key, value.clone()));
        }
    }

    fn end_epoch(&mut self, mut tell: impl FnMut(O, i32)) {
        for (key, value) in std::mem::take(&mut self.owed) {
            let is_done = self.try_update(key, &value, -1);
            assert!(is_done, "a value is taken back that was held");
        }
        let mut touched = std::mem::take(&mut self.touched);
        for (place, &key) in touched.iter().enumerate() {
            if place.is_multiple_of(LOOK_AHEAD) {
                self.look_ahead(touched[place..].iter().take(LOOK_AHEAD));
            }
            let entry = self
                .by_key
                .find_entry(self.hasher.hash_one(key), |values| values.key == key);
            let Ok(mut entry) = entry else {
                unreachable!("a touched key is held until the epoch ends")
            };
            let values = entry.get_mut();
            let mut before = match values.is_fruitful {
                true => self.before.remove(&key).unwrap_or_default(),
                false => Vec::new(),
            };
            self.now.clear();
            if !values.packed.is_empty() {
                assert!(values.are_once::<V>(), "a value of a key counts once");
                (self.logic)(&key, Unpacked::new(&values.packed), &mut self.now);
                self.now.sort_unstable();
            }
            values.is_touched = false;
            values.added = 0;
            values.is_fruitful = !self.now.is_empty();
            if values.packed.is_empty() {
                entry.remove();
            }
            changes(&mut before, &mut self.now, &mut tell);
        }
        touched.clear();
        self.touched = touched;
        self.size
            .tell(self.by_key.capacity() * size_of::<Values<K>>());
    }
}

impl<K> Values<K> {
    fn add(&mut self, value: &[u8]) {
        let mut packed = std::mem::take(&mut self.packed).into_vec();
        packed.reserve_exact(value.len());
        packed.extend_from_slice(value);
        self.packed = packed.into_boxed_slice();
        self.added = match self.added {
            0 => u8::try_from(value.len()).unwrap_or(SEVERAL),
            _ => SEVERAL,
        };
    }

    /// Whether what the epoch has added was not there, and not added twice.
    fn are_once<V: Packed>(&self) -> bool {
        match usize::from(self.added) {
            0 => true,
            // Most often nothing like it is there, and then no value need be told from the next.
            length if self.added != SEVERAL => {
                let (held, added) = self.packed.split_at(self.packed.len() - length);
                memmem::find(held, added).is_none() || self.all_are_once::<V>()
            }
            _ => self.all_are_once::<V>(),
        }
    }

    fn all_are_once<V: Packed>(&self) -> bool {
        let mut left = Unpacked::<V>::new(&self.packed);
        let mut values: SmallVec<[&[u8]; 16]> = SmallVec::new();
        loop {
            let bytes = left.bytes;
            if left.next().is_none() {
                break;
            }
            values.push(&bytes[..bytes.len() - left.bytes.len()]);
        }
        values.sort_unstable();
        values.windows(2).all(|pair| pair[0] != pair[1])
    }

    /// Removes a value; false where it is not there.
    fn remove<V: Packed>(&mut self, value: &[u8]) -> bool {
        let mut held = Unpacked::<V>::new(&self.packed);
        let place = loop {
            let place = self.packed.len() - held.bytes.len();
            if held.bytes.starts_with(value) {
                break place;
            }
            if held.next().is_none() {
                return false;
            }
        };
        let mut packed = std::mem::take(&mut self.packed).into_vec();
        packed.drain(place..place + value.len());
        self.packed = packed.into_boxed_slice();
        if self.added > 0 {
            // It may be the one that was added.
            self.added = SEVERAL;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use differential_dataflow::consolidation::consolidate;
    use differential_dataflow::input::InputSession;
    use proptest::prelude::*;
    use std::cell::RefCell;
    use std::collections::BTreeSet;
    use std::rc::Rc;
    use timely::dataflow::ProbeHandle;
    use timely::dataflow::operators::{Inspect, Probe};

    /// What a key gives: the sum of its values, where it has more than one.
    fn logic(key: &u32, values: Unpacked<'_, u64>, out: &mut Vec<(u32, u64)>) {
        let values: Vec<u64> = values.collect();
        if values.len() > 1 {
            out.push((*key, values.iter().sum()));
        }
    }

    type Sums = Vec<((u32, u64), i32)>;

    /// The outcomes after each epoch, of a dataflow that is told the epochs' updates; some epochs end
    /// together, so that one is told of before the one before it is whole.
    fn folded(epochs: Vec<Vec<((u32, u64), i32)>>, together: usize) -> Vec<Sums> {
        timely::execute_directly(move |worker| {
            let mut input = InputSession::<u32, (u32, u64), i32>::new();
            let probe = ProbeHandle::new();
            let told = Rc::new(RefCell::new(Vec::new()));
            let telling = told.clone();
            worker.dataflow(|scope| {
                fold_held(input.to_collection(scope), "sums", logic)
                    .inner
                    .inspect(move |change| telling.borrow_mut().push(*change))
                    .probe_with(&probe);
            });
            let mut after = Vec::new();
            for (epoch, updates) in (0u32..).zip(&epochs) {
                for (value, diff) in updates {
                    input.update_at(*value, epoch, *diff);
                }
                let ends = (epoch as usize + 1).is_multiple_of(together);
                if ends || epoch as usize + 1 == epochs.len() {
                    input.advance_to(epoch + 1);
                    input.flush();
                    worker.step_while(|| probe.less_than(input.time()));
                }
            }
            for epoch in (0u32..).take(epochs.len()) {
                let told = told.borrow();
                let until = told.iter().filter(|(_, time, _)| *time <= epoch);
                let mut held: Sums = until.map(|(sum, _, diff)| (*sum, *diff)).collect();
                consolidate(&mut held);
                after.push(held);
            }
            after
        })
    }

    proptest! {
        #[test]
        fn outcomes_are_those_of_the_values_that_hold(
            turns in prop::collection::vec(
                prop::collection::vec(((0u32..4, 0u64..5), any::<bool>()), 0..12), 1..6),
            together in 1usize..4,
        ) {
            let mut held: BTreeSet<(u32, u64)> = BTreeSet::new();
            let (mut epochs, mut expected) = (Vec::new(), Vec::new());
            for turned in &turns {
                let mut updates = Vec::new();
                for (value, detour) in turned {
                    let diff = if held.remove(value) { -1 } else { 1 };
                    if diff == 1 {
                        held.insert(*value);
                    }
                    updates.push((*value, diff));
                    // Joins may tell what they take back again.
                    if *detour {
                        updates.extend([(*value, -diff), (*value, diff)]);
                    }
                }
                // In an epoch, updates come in any order.
                updates.reverse();
                epochs.push(updates);
                let mut sums = Sums::new();
                for key in 0..4 {
                    let values: Vec<u64> = held.range((key, 0)..(key + 1, 0)).map(|v| v.1).collect();
                    if values.len() > 1 {
                        sums.push(((key, values.iter().sum()), 1));
                    }
                }
                expected.push(sums);
            }
            prop_assert_eq!(folded(epochs, together), expected);
        }
    }

    #[test]
    #[should_panic(expected = "a value is taken back that was held")]
    fn what_was_never_held_is_not_taken_back() {
        folded(vec![vec![((1, 1), -1)]], 1);
    }

    #[test]
    #[should_panic(expected = "a value of a key counts once")]
    fn a_value_does_not_come_twice_in_an_epoch() {
        folded(vec![vec![((1, 1), 1), ((1, 2), 1), ((1, 1), 1)]], 1);
    }

    #[test]
    #[should_panic(expected = "a value of a key counts once")]
    fn a_value_does_not_come_again_while_it_is_held() {
        folded(vec![vec![((1, 1), 1)], vec![((1, 1), 1)]], 1);
    }
}
