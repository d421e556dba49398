//! A function of all values of a key, and of settings, kept up to date beside the values themselves.
//!
//! ```text
//! (key, value) ─ by key ──────┬─▶ what is held of each key ─▶ what the function gave before (-1), gives now (+1)
//! settings ─ to every worker ─┘
//! ```
//! In: a collection, and the settings, of which one holds at a time. Out: the changes of what `logic` gives
//! for each key. Must hold: what `logic` gives depends on the settings, the key and its values alone; the
//! outcomes at a time are those of the settings and values at that time.
//!
//! It does what [`fold`](super::fold) does over an arrangement. An arrangement can be shared and can
//! answer for any time, and pays for it with batches, of which a key is looked up in every one, and
//! with merging them. Where a large collection serves one fold, and epochs are in a line, a table of
//! the values that hold now is all that is needed.
//!
//! Updates go into the table as they come (`state.rs`); the function is computed once the epoch is whole.
//! What it gave before is computed when the epoch first touches a key. Settings that change take force
//! when the epoch ends, and then every key is computed, before and after; a run without a change pays
//! nothing for them.

use differential_dataflow::consolidation::consolidate;
use differential_dataflow::{ExchangeData, Hashable, VecCollection};
use hashbrown::HashMap;
use memchr::memmem;
use smallvec::SmallVec;

use super::fold::changes;
use super::paged_table::{OF_LONG_KEYS, OF_SHORT_KEYS, PageKey, PagedTable};
use super::state::{LOOK_AHEAD, Size, State, hold};
use crate::record::Packed;

/// The settings of what turns on none.
pub type WithoutSettings<'scope> = ((), VecCollection<'scope, u32, (), i32>);

/// What holds the values.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// What it is called.
    pub name: &'static str,
    /// How many keys share a page of it.
    keys_a_page: usize,
}

impl Table {
    /// Of keys that have a hundred bytes.
    pub const fn of_long_keys(name: &'static str) -> Self {
        Self {
            name,
            keys_a_page: OF_LONG_KEYS,
        }
    }

    /// Of keys that have a few bytes.
    pub const fn of_short_keys(name: &'static str) -> Self {
        Self {
            name,
            keys_a_page: OF_SHORT_KEYS,
        }
    }
}

/// Folds the values of each key, which come in no particular order, under settings: those before the first
/// epoch, and a collection of those that cease (-1) and take force (+1).
///
/// # Panics
/// When a value counts other than once at the end of an epoch, or settings cease that did not hold: rows
/// are resolved before they get here, so that would be a defect, and a finding from it would be wrong.
pub fn fold_held<'scope, K, V, O, S>(
    values: VecCollection<'scope, u32, (K, V), i32>,
    (settings, changes_of_settings): (S, VecCollection<'scope, u32, S, i32>),
    table: Table,
    logic: impl Fn(&S, &K, Unpacked<'_, V>, &mut Vec<O>) + 'static,
) -> VecCollection<'scope, u32, O, i32>
where
    K: ExchangeData + Hashable + PageKey,
    V: ExchangeData + Repeating,
    O: ExchangeData,
    S: ExchangeData,
{
    let settings = (settings, changes_of_settings);
    fold_held_then(values, settings, table, logic, |changes, tell| {
        changes
            .drain(..)
            .for_each(|(outcome, diff)| tell(outcome, diff));
    })
}

/// As [`fold_held`], with a function of what an epoch changes of the outcomes of a key - those that came (+1) and
/// went (-1), in order -, applied before it is given out: what takes long is computed of changes alone, and an
/// epoch in which everything changes needs no room for what it is computed of. `then` takes all of them out.
pub fn fold_held_then<'scope, K, V, O, S>(
    values: VecCollection<'scope, u32, (K, V), i32>,
    (settings, changes_of_settings): (S, VecCollection<'scope, u32, S, i32>),
    table: Table,
    logic: impl Fn(&S, &K, Unpacked<'_, V>, &mut Vec<O>) + 'static,
    then: impl Fn(&mut Vec<(O, i32)>, &mut dyn FnMut(O, i32)) + 'static,
) -> VecCollection<'scope, u32, O, i32>
where
    K: ExchangeData + Hashable + PageKey,
    V: ExchangeData + Repeating,
    O: ExchangeData,
    S: ExchangeData,
{
    let Table { name, keys_a_page } = table;
    hold(values, changes_of_settings, name, move |size| {
        Held::new(settings, (logic, then), PagedTable::new(keys_a_page), size)
    })
}

/// A value of a table, packed beside the other values of its key, which may repeat what one of them tells.
pub trait Repeating: Packed {
    /// What they may repeat.
    type Told: Copy;
    /// Whether any value tells something.
    const TELLS: bool = false;

    /// What others may repeat of it. One that tells something is packed alike beside anything.
    fn told(&self) -> Option<Self::Told> {
        None
    }

    /// Adds its bytes, without what is told beside it. Equal values have equal bytes beside the same.
    fn pack_beside(&self, _told: Option<Self::Told>, out: &mut Vec<u8>) {
        self.pack(out);
    }

    /// Takes it off the front, of bytes that were packed beside the same.
    fn unpack_beside(_told: Option<Self::Told>, bytes: &mut &[u8]) -> Option<Self> {
        Self::unpack(bytes)
    }
}

/// The values of a key. Where some tell what others may repeat, the first does, and all are packed beside what it tells.
pub struct Unpacked<'a, V: Repeating> {
    /// Of those that are left.
    bytes: &'a [u8],
    /// None before the first.
    told: Option<Option<V::Told>>,
}

impl<'a, V: Repeating> Unpacked<'a, V> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, told: None }
    }

    /// What the others repeat of the first.
    fn told(mut self) -> Option<V::Told> {
        if !V::TELLS {
            return None;
        }
        self.next().and_then(|first| first.told())
    }
}

impl<V: Repeating> Iterator for Unpacked<'_, V> {
    type Item = V;

    fn next(&mut self) -> Option<V> {
        if self.bytes.is_empty() {
            return None;
        }
        let told = self.told.unwrap_or_default();
        let value = V::unpack_beside(told, &mut self.bytes);
        let value = value.expect("the table packed what it holds");
        self.told.get_or_insert_with(|| value.told());
        Some(value)
    }
}

/// Packs the values of a key anew, so that the first tells what others may repeat, where some do.
fn pack_values<V: Repeating>(values: &mut [V], out: &mut Vec<u8>) {
    let teller = values.iter().position(|value| value.told().is_some());
    let told = teller.and_then(|teller| {
        values[..=teller].rotate_right(1);
        values[0].told()
    });
    out.clear();
    for (place, value) in values.iter().enumerate() {
        value.pack_beside(told.filter(|_| place > 0), out);
    }
}

/// What is held, by key, and the function of it.
struct Held<S, K, V, O, L, T> {
    /// Those that hold before the epoch in progress ends.
    settings: S,
    logic: L,
    /// What is made of the outcomes of a key that came and went.
    then: T,
    by_key: PagedTable<K>,
    size: Size,
    /// The keys that the epoch has touched, each with the length of the value that it added when it touched it first: 0
    /// where it took one back, [`UNKNOWN`] of one that is longer than a byte tells.
    touched: Vec<(K, u8)>,
    /// What the function gave for them before it, where it gave something.
    before: HashMap<K, Vec<O>>,
    /// Values that are taken back and have not come yet: within an epoch, updates come in any order.
    owed: Vec<(K, V)>,
    now: Vec<O>,
    changes: Vec<(O, i32)>,
    packed: Vec<u8>,
}

/// What the marks of a key say: that the function gave something for its values - for most keys it does not, and then there
/// is nothing to compute again when they change -, that the epoch has touched them, and that it did so more than once.
const IS_FRUITFUL: u8 = 1;
const IS_TOUCHED: u8 = 2;
const IS_TOUCHED_AGAIN: u8 = 4;

/// What stands for the length of a value that is longer than a byte tells.
const UNKNOWN: u8 = u8::MAX;

/// The length of a value, as a byte tells it.
fn told_length(packed: &[u8]) -> u8 {
    u8::try_from(packed.len()).unwrap_or(UNKNOWN)
}

/// For how many touched keys room is kept from epoch to epoch: one that loads a register touches everybody.
const ROOM_KEPT: usize = 1 << 16;

impl<S, K, V, O, L, T> Held<S, K, V, O, L, T>
where
    S: Ord,
    K: Ord + PageKey,
    V: Clone + Repeating,
    O: Clone + Ord,
    L: Fn(&S, &K, Unpacked<'_, V>, &mut Vec<O>),
    T: Fn(&mut Vec<(O, i32)>, &mut dyn FnMut(O, i32)),
{
    fn new(settings: S, (logic, then): (L, T), by_key: PagedTable<K>, size: Size) -> Self {
        Self {
            settings,
            logic,
            then,
            by_key,
            size,
            touched: Vec::new(),
            before: HashMap::new(),
            owed: Vec::new(),
            now: Vec::new(),
            changes: Vec::new(),
            packed: Vec::new(),
        }
    }

    /// Adds a value of a key that has none.
    fn add_first(&mut self, key: K, value: &V) {
        self.packed.clear();
        value.pack_beside(None, &mut self.packed);
        let spot = self.by_key.insert(key, &self.packed);
        self.by_key.mark(spot, IS_TOUCHED);
        self.touched.push((key, told_length(&self.packed)));
        self.size.add(1, self.packed.len(), 0);
    }

    /// Applies an update, unless it takes back what is not there.
    fn try_update(&mut self, key: K, value: &V, diff: i32) -> bool {
        let spot = match self.by_key.find(key) {
            Some(spot) => spot,
            None if diff == 1 => {
                self.add_first(key, value);
                return true;
            }
            None => self.by_key.insert(key, &[]),
        };
        let held = self.by_key.values(spot);
        let told = Unpacked::<V>::new(held).told();
        let begins_to_tell = value.told().is_some() && told.is_none() && !held.is_empty();
        self.packed.clear();
        value.pack_beside(told, &mut self.packed);
        let marks = self.by_key.marks(spot);
        if marks & IS_TOUCHED == 0 {
            self.by_key.mark(spot, marks | IS_TOUCHED);
            let added = match diff {
                1 if begins_to_tell => UNKNOWN,
                1 => told_length(&self.packed),
                _ => 0,
            };
            self.touched.push((key, added));
            if marks & IS_FRUITFUL != 0 {
                let mut before = Vec::new();
                let packed = Unpacked::new(self.by_key.values(spot));
                (self.logic)(&self.settings, &key, packed, &mut before);
                before.sort_unstable();
                self.before.insert(key, before);
            }
        } else {
            self.by_key.mark(spot, marks | IS_TOUCHED_AGAIN);
        }
        let length = self.by_key.values(spot).len();
        match diff {
            1 if begins_to_tell => {
                let held = Unpacked::<V>::new(self.by_key.values(spot));
                let mut values: Vec<V> = std::iter::once(value.clone()).chain(held).collect();
                pack_values(&mut values, &mut self.packed);
                self.by_key.replace(spot, &self.packed);
            }
            1 => self.by_key.append(spot, &self.packed),
            -1 => match place_of::<V>(self.by_key.values(spot), &self.packed) {
                None => return false,
                // The first: the others can no longer repeat it.
                Some(0) if told.is_some() => {
                    let held = Unpacked::<V>::new(self.by_key.values(spot));
                    let mut values: Vec<V> = held.skip(1).collect();
                    pack_values(&mut values, &mut self.packed);
                    self.by_key.replace(spot, &self.packed);
                }
                Some(place) => self.by_key.cut(spot, place, self.packed.len()),
            },
            _ => panic!("a value of a key counts once"),
        }
        let now = self.by_key.values(spot).len();
        self.size.add(diff as isize, now, length);
        true
    }

    /// Gives settings force, and tells what that changes for the keys that the epoch has not touched. What
    /// the former settings gave for the others was computed when it touched them.
    fn change_untouched(&mut self, settings: S, tell: &mut impl FnMut(O, i32)) {
        let former = std::mem::replace(&mut self.settings, settings);
        let (mut before, mut now) = (Vec::new(), Vec::new());
        self.by_key.each(|key, values, marks| {
            if *marks & IS_TOUCHED != 0 {
                return;
            }
            before.clear();
            now.clear();
            if *marks & IS_FRUITFUL != 0 {
                (self.logic)(&former, &key, Unpacked::new(values), &mut before);
                before.sort_unstable();
            }
            (self.logic)(&self.settings, &key, Unpacked::new(values), &mut now);
            now.sort_unstable();
            *marks = if now.is_empty() { 0 } else { IS_FRUITFUL };
            let changed = &mut self.changes;
            changes(&mut before, &mut now, |outcome, diff| {
                changed.push((outcome, diff))
            });
            if !changed.is_empty() {
                (self.then)(changed, &mut *tell);
            }
        });
    }
}

impl<S, K, V, O, L, T> State<K, V, O, S> for Held<S, K, V, O, L, T>
where
    S: Ord,
    K: Ord + PageKey,
    V: Clone + Repeating,
    O: Clone + Ord,
    L: Fn(&S, &K, Unpacked<'_, V>, &mut Vec<O>),
    T: Fn(&mut Vec<(O, i32)>, &mut dyn FnMut(O, i32)),
{
    fn look_ahead<'a>(&self, keys: impl Iterator<Item = &'a K>)
    where
        K: 'a,
    {
        self.by_key.touch(keys.copied());
    }

    fn update(&mut self, key: K, value: &V, diff: i32) {
        if !self.try_update(key, value, diff) {
            self.owed.push((key, value.clone()));
        }
    }

    fn end_epoch(&mut self, settings: Vec<(S, i32)>, mut tell: impl FnMut(O, i32)) {
        for (key, value) in std::mem::take(&mut self.owed) {
            let is_done = self.try_update(key, &value, -1);
            assert!(is_done, "a value is taken back that was held");
        }
        if let Some(settings) = changed(&self.settings, settings) {
            self.change_untouched(settings, &mut tell);
        }
        let mut touched = std::mem::take(&mut self.touched);
        for (place, &(key, added)) in touched.iter().enumerate() {
            if place.is_multiple_of(LOOK_AHEAD) {
                let next = touched[place..].iter().take(LOOK_AHEAD);
                self.look_ahead(next.map(|(key, _)| key));
            }
            let spot = self.by_key.find(key);
            let spot = spot.expect("a touched key is held until the epoch ends");
            let marks = self.by_key.marks(spot);
            let mut before = match marks & IS_FRUITFUL {
                0 => Vec::new(),
                _ => self.before.remove(&key).unwrap_or_default(),
            };
            self.now.clear();
            let values = self.by_key.values(spot);
            if values.is_empty() {
                self.by_key.remove(spot);
            } else {
                let is_known = marks & IS_TOUCHED_AGAIN == 0 && added != UNKNOWN;
                let added = is_known.then_some(usize::from(added));
                assert!(are_once::<V>(values, added), "a value of a key counts once");
                (self.logic)(&self.settings, &key, Unpacked::new(values), &mut self.now);
                self.now.sort_unstable();
                let marks = if self.now.is_empty() { 0 } else { IS_FRUITFUL };
                self.by_key.mark(spot, marks);
            }
            let changed = &mut self.changes;
            changes(&mut before, &mut self.now, |outcome, diff| {
                changed.push((outcome, diff))
            });
            if !changed.is_empty() {
                (self.then)(changed, &mut tell);
            }
        }
        touched.clear();
        touched.shrink_to(ROOM_KEPT);
        self.touched = touched;
        self.before.shrink_to(ROOM_KEPT);
        self.size.tell(self.by_key.overhead());
    }
}

/// The settings that changes make of those that hold, where they are others.
///
/// # Panics
/// When the changes are not from those that hold to one other.
fn changed<S: Ord>(settings: &S, mut changes: Vec<(S, i32)>) -> Option<S> {
    consolidate(&mut changes);
    let (mut ceases, mut others) = (0, Vec::new());
    for (changed, diff) in changes {
        match diff {
            1 => others.push(changed),
            -1 if changed == *settings => ceases += 1,
            _ => panic!("settings cease once, that held"),
        }
    }
    assert_eq!(ceases, others.len(), "one of the settings holds");
    others.pop()
}

/// Whether the values of a key are different ones, where it is known that the epoch has added but the last of them, of so many
/// bytes, or none.
fn are_once<V: Repeating>(values: &[u8], added: Option<usize>) -> bool {
    match added {
        Some(0) => true,
        // Most often nothing like it is there, and then no value need be told from the next.
        Some(length) => {
            let (held, added) = values.split_at(values.len() - length);
            memmem::find(held, added).is_none() || all_are_once::<V>(values)
        }
        None => all_are_once::<V>(values),
    }
}

fn all_are_once<V: Repeating>(values: &[u8]) -> bool {
    let mut left = Unpacked::<V>::new(values);
    let mut each: SmallVec<[&[u8]; 16]> = SmallVec::new();
    loop {
        let bytes = left.bytes;
        if left.next().is_none() {
            break;
        }
        each.push(&bytes[..bytes.len() - left.bytes.len()]);
    }
    each.sort_unstable();
    each.windows(2).all(|pair| pair[0] != pair[1])
}

/// Where among the values of a key one is.
fn place_of<V: Repeating>(values: &[u8], value: &[u8]) -> Option<usize> {
    let mut held = Unpacked::<V>::new(values);
    loop {
        if held.bytes.starts_with(value) {
            return Some(values.len() - held.bytes.len());
        }
        held.next()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use differential_dataflow::input::InputSession;
    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};
    use std::cell::RefCell;
    use std::collections::BTreeSet;
    use std::rc::Rc;
    use timely::dataflow::ProbeHandle;
    use timely::dataflow::operators::{Inspect, Probe};

    /// A number: 0 and 1 tell which numbers are written as their half, the even or the odd ones.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    struct Number(u64);

    impl Packed for Number {
        fn pack(&self, out: &mut Vec<u8>) {
            self.pack_beside(None, out);
        }

        fn unpack(bytes: &mut &[u8]) -> Option<Self> {
            Self::unpack_beside(None, bytes)
        }
    }

    impl Repeating for Number {
        type Told = u64;
        const TELLS: bool = true;

        fn told(&self) -> Option<u64> {
            Some(self.0).filter(|number| *number < 2)
        }

        fn pack_beside(&self, told: Option<u64>, out: &mut Vec<u8>) {
            match told {
                Some(told) if self.0 >= 2 && self.0 % 2 == told => {
                    out.push(100 + (self.0 / 2) as u8)
                }
                _ => (self.0 as u8).pack(out),
            }
        }

        fn unpack_beside(told: Option<u64>, bytes: &mut &[u8]) -> Option<Self> {
            let number = u64::from(u8::unpack(bytes)?);
            Some(Self(match number.checked_sub(100) {
                Some(half) => half * 2 + told?,
                None => number,
            }))
        }
    }

    /// What a key gives: the sum of its values, where it has more than are usual.
    fn logic(usual: &usize, key: &u32, values: Unpacked<'_, Number>, out: &mut Vec<(u32, u64)>) {
        let values: Vec<u64> = values.map(|number| number.0).collect();
        if values.len() > *usual {
            out.push((*key, values.iter().sum()));
        }
    }

    type Sums = Vec<((u32, u64), i32)>;

    /// The updates of an epoch, and the values of a key that are usual from it on.
    type Epoch = (Vec<((u32, u64), i32)>, usize);

    /// The outcomes after each epoch, of a dataflow that is told the epochs' updates; some epochs end
    /// together, so that one is told of before the one before it is whole. Before the first, one value is
    /// usual.
    fn folded(epochs: Vec<Epoch>, together: usize) -> Vec<Sums> {
        timely::execute_directly(move |worker| {
            let mut input = InputSession::<u32, (u32, Number), i32>::new();
            let mut settings = InputSession::<u32, usize, i32>::new();
            let probe = ProbeHandle::new();
            let told = Rc::new(RefCell::new(Vec::new()));
            let telling = told.clone();
            worker.dataflow(|scope| {
                let usual = (1, settings.to_collection(scope));
                fold_held(
                    input.to_collection(scope),
                    usual,
                    Table::of_short_keys("sums"),
                    logic,
                )
                .inner
                .inspect(move |change| telling.borrow_mut().push(*change))
                .probe_with(&probe);
            });
            let mut after = Vec::new();
            let mut usual = 1;
            for (epoch, (updates, from_now)) in (0u32..).zip(&epochs) {
                if usual != *from_now {
                    settings.update_at(usual, epoch, -1);
                    settings.update_at(*from_now, epoch, 1);
                    usual = *from_now;
                }
                for (value, diff) in updates {
                    let (key, number) = *value;
                    input.update_at((key, Number(number)), epoch, *diff);
                }
                let ends = (epoch as usize + 1).is_multiple_of(together);
                if ends || epoch as usize + 1 == epochs.len() {
                    // Either may be ahead of the other.
                    if epoch % 2 == 0 {
                        settings.advance_to(epoch + 1);
                        settings.flush();
                        worker.step();
                    }
                    input.advance_to(epoch + 1);
                    input.flush();
                    worker.step();
                    settings.advance_to(epoch + 1);
                    settings.flush();
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
                (prop::collection::vec(((0u32..4, 0u64..8), any::<bool>()), 0..12), 0usize..3), 1..6),
            together in 1usize..4,
        ) {
            let mut held: BTreeSet<(u32, u64)> = BTreeSet::new();
            let (mut epochs, mut expected) = (Vec::new(), Vec::new());
            for (turned, usual) in &turns {
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
                epochs.push((updates, *usual));
                let mut sums = Sums::new();
                for key in 0..4 {
                    let values: Vec<u64> = held.range((key, 0)..(key + 1, 0)).map(|v| v.1).collect();
                    if values.len() > *usual && !values.is_empty() {
                        sums.push(((key, values.iter().sum()), 1));
                    }
                }
                expected.push(sums);
            }
            prop_assert_eq!(folded(epochs, together), expected);
        }
    }

    #[test]
    fn what_the_first_value_tells_is_not_repeated_by_others() {
        let mut held = Held::new(
            0,
            (logic, |changes: &mut Vec<_>, _: &mut dyn FnMut(_, _)| {
                changes.clear()
            }),
            PagedTable::new(1),
            Size::untold(),
        );
        let mut packed_after = |number: u64, diff: i32| {
            held.update(7u32, &Number(number), diff);
            let spot = held.by_key.find(7).expect("it was added");
            held.by_key.values(spot).to_vec()
        };
        assert_eq!(packed_after(6, 1), [6]);
        assert_eq!(packed_after(5, 1), [6, 5]);
        // It comes to the front, and so on.
        assert_eq!(packed_after(1, 1), [1, 6, 102]);
        assert_eq!(packed_after(7, 1), [1, 6, 102, 103]);
        assert_eq!(packed_after(0, 1), [1, 6, 102, 103, 0]);
        assert_eq!(packed_after(5, -1), [1, 6, 103, 0]);
        assert_eq!(packed_after(1, -1), [0, 103, 7]);
        assert_eq!(packed_after(0, -1), [6, 7]);
    }

    #[test]
    #[should_panic(expected = "a value is taken back that was held")]
    fn what_was_never_held_is_not_taken_back() {
        folded(vec![(vec![((1, 1), -1)], 1)], 1);
    }

    #[test]
    #[should_panic(expected = "a value of a key counts once")]
    fn a_value_does_not_come_twice_in_an_epoch() {
        folded(vec![(vec![((1, 1), 1), ((1, 2), 1), ((1, 1), 1)], 1)], 1);
    }

    #[test]
    #[should_panic(expected = "a value of a key counts once")]
    fn a_value_does_not_come_again_while_it_is_held() {
        let epoch = || (vec![((1, 1), 1)], 1);
        folded(vec![epoch(), epoch()], 1);
    }
}
