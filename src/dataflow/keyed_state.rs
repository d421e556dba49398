//! A function of all values of a key, kept up to date beside the values themselves.
//!
//! ```text
//! (key, value) ─ by key ─▶ what is held of each key ─▶ what the function gave before (-1), gives now (+1)
//! ```
//! In: a collection. Out: the changes of what `logic` gives for each key. Must hold: what `logic`
//! gives depends on the key and its values alone; an epoch is applied once all of it is known, so that
//! the outcomes at a time are those of the values at that time.
//!
//! It does what [`fold`](super::fold) does over an arrangement. An arrangement can be shared and can
//! answer for any time, and pays for it with batches, of which a key is looked up in every one, and
//! with merging them. Where a large collection serves one fold, and epochs are in a line, a table of
//! the values that hold now is all that is needed.

use std::collections::BTreeMap;
use std::hash::Hash;

use differential_dataflow::logging::{
    BatchEvent, DifferentialEventBuilder, DropEvent, Logger, TraceShare,
};
use differential_dataflow::{AsCollection, ExchangeData, Hashable, VecCollection, consolidation};
use hashbrown::HashMap;
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::CapabilitySet;
use timely::dataflow::operators::generic::operator::Operator;
use timely::progress::Antichain;

use super::fold::changes;

/// Folds the values of each key, which come in no particular order.
///
/// # Panics
/// When a value counts other than once: rows are resolved before they get here, so that would be a
/// defect, and a finding from it would be wrong.
pub fn fold_held<'scope, K, V, O>(
    values: VecCollection<'scope, u32, (K, V), i32>,
    name: &str,
    logic: impl Fn(&K, &mut dyn Iterator<Item = &V>, &mut Vec<O>) + 'static,
) -> VecCollection<'scope, u32, O, i32>
where
    K: ExchangeData + Hashable + Hash,
    V: ExchangeData,
    O: ExchangeData,
{
    let scope = values.scope();
    let by_key = Exchange::new(|((key, _), _, _): &((K, V), u32, i32)| key.hashed().into());
    let outcomes = values
        .inner
        .unary_frontier::<CapacityContainerBuilder<Vec<(O, u32, i32)>>, _, _, _>(
            by_key,
            name,
            move |_capability, info| {
                let logger = scope
                    .worker()
                    .logger_for::<DifferentialEventBuilder>("differential/arrange")
                    .map(Into::into);
                let mut held = Held::new(logic, Size::new(logger, info.global_id));
                let mut to_come: BTreeMap<u32, Updates<K, V>> = BTreeMap::new();
                let mut capabilities = CapabilitySet::<u32>::new();
                move |(input, frontier), output| {
                    input.for_each(|capability, updates| {
                        if let Some(capability) = capability.retain_least(0) {
                            capabilities.insert(capability);
                        }
                        for (value, time, diff) in updates.drain(..) {
                            to_come.entry(time).or_default().push((value, diff));
                        }
                    });
                    while let Some(next) = to_come.first_entry() {
                        if frontier.less_equal(next.key()) {
                            break;
                        }
                        let (time, updates) = next.remove_entry();
                        let capability = capabilities.delayed(&time);
                        let mut session = output.session(&capability);
                        held.apply(updates, |outcome, diff| session.give((outcome, time, diff)));
                    }
                    match to_come.keys().next() {
                        Some(time) => capabilities.downgrade([*time]),
                        None => capabilities.downgrade(Antichain::<u32>::new()),
                    }
                }
            },
        );
    outcomes.as_collection()
}

/// What came (+1) and went (-1) in an epoch.
type Updates<K, V> = Vec<((K, V), i32)>;

/// What is held, by key, and the function of it.
struct Held<K, V, O, L> {
    logic: L,
    by_key: HashMap<K, Values<V>>,
    size: Size,
    before: Vec<O>,
    now: Vec<O>,
}

/// The values of a key.
struct Values<V> {
    values: Vec<V>,
    /// Whether the function gives something for them; for most keys it does not, and then there is
    /// nothing to compute again when they change.
    is_fruitful: bool,
}

impl<K, V, O, L> Held<K, V, O, L>
where
    K: Clone + Ord + Hash,
    V: Ord,
    O: Clone + Ord,
    L: Fn(&K, &mut dyn Iterator<Item = &V>, &mut Vec<O>),
{
    fn new(logic: L, size: Size) -> Self {
        Self {
            logic,
            by_key: HashMap::new(),
            size,
            before: Vec::new(),
            now: Vec::new(),
        }
    }

    /// Applies the updates of one epoch, and tells what they change.
    fn apply(&mut self, mut updates: Updates<K, V>, mut tell: impl FnMut(O, i32)) {
        consolidation::consolidate(&mut updates);
        let mut updates = updates.into_iter().peekable();
        while let Some(((key, value), diff)) = updates.next() {
            let held = self.by_key.entry(key.clone()).or_insert_with(|| Values {
                values: Vec::new(),
                is_fruitful: false,
            });
            self.before.clear();
            if held.is_fruitful {
                (self.logic)(&key, &mut held.values.iter(), &mut self.before);
                self.before.sort_unstable();
            }
            held.update(value, diff, &mut self.size);
            while let Some(((_, value), diff)) = updates.next_if(|((next, _), _)| *next == key) {
                held.update(value, diff, &mut self.size);
            }
            self.now.clear();
            if !held.values.is_empty() {
                (self.logic)(&key, &mut held.values.iter(), &mut self.now);
                self.now.sort_unstable();
            }
            held.is_fruitful = !self.now.is_empty();
            if held.values.is_empty() {
                self.by_key.remove(&key);
            }
            changes(&mut self.before, &mut self.now, &mut tell);
        }
        self.size.tell();
    }
}

impl<V: PartialEq> Values<V> {
    fn update(&mut self, value: V, diff: i32, size: &mut Size) {
        match diff {
            1 => {
                if self.values.len() == self.values.capacity() {
                    // Most keys hold few values for ever: room for a quarter more, not for twice as many.
                    self.values.reserve_exact(1 + self.values.len() / 4);
                }
                self.values.push(value);
                size.records += 1;
            }
            -1 => {
                let place = self.values.iter().position(|held| *held == value);
                self.values
                    .swap_remove(place.expect("a value is taken back that was held"));
                size.records -= 1;
            }
            _ => panic!("a value of a key counts once"),
        }
    }
}

/// How many values are held, told as one batch of an arrangement.
struct Size {
    logger: Option<Logger>,
    operator: usize,
    records: usize,
    told: Option<usize>,
}

impl Size {
    fn new(logger: Option<Logger>, operator: usize) -> Self {
        if let Some(logger) = &logger {
            logger.log(TraceShare { operator, diff: 1 });
        }
        Self {
            logger,
            operator,
            records: 0,
            told: None,
        }
    }

    fn tell(&mut self) {
        let (operator, length) = (self.operator, self.records);
        if let Some(logger) = &self.logger
            && self.told != Some(length)
        {
            logger.log(BatchEvent { operator, length });
            if let Some(length) = self.told.replace(length) {
                logger.log(DropEvent { operator, length });
            }
        }
    }
}
