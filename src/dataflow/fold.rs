//! A function of all values of a key, kept up to date.
//!
//! ```text
//! values by key ─ fold ─▶ what the function gave before (-1), what it gives now (+1)
//! ```
//! In: an arrangement. Out: the changes of what `logic` gives for each key. Must hold: what `logic`
//! gives depends on the key and its values alone, so that the outcomes at a time are those of the
//! values at that time.
//!
//! Differential's own `reduce` serves times that are not in a line, so it replays a key's history
//! and keeps what it gave in an arrangement of its own. Epochs are in a line: the values before an
//! epoch are read once, and what they gave is computed again rather than kept. Kept is only which keys
//! gave something: for the others, which are most, there is nothing to compute again.

use std::hash::Hash;

use differential_dataflow::trace::{Cursor, Navigable, TraceReader};
use differential_dataflow::{AsCollection, ExchangeData, Hashable, VecCollection, consolidation};
use hashbrown::HashSet;
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Pipeline;
use timely::dataflow::operators::generic::operator::Operator;
use timely::progress::Antichain;

use super::graph::ByKey;

/// Folds the values of each key, which come in no particular order.
///
/// # Panics
/// When a value counts other than once: rows are resolved before they get here, so that would be a
/// defect, and a finding from it would be wrong.
pub fn fold<'scope, K, V, O>(
    values: ByKey<'scope, K, V>,
    name: &str,
    logic: impl Fn(&K, &mut dyn Iterator<Item = &V>, &mut Vec<O>) + 'static,
) -> VecCollection<'scope, u32, O, i32>
where
    K: ExchangeData + Hashable + Hash,
    V: ExchangeData,
    O: ExchangeData,
{
    let mut trace = values.trace;
    let outcomes = values
        .stream
        .unary_frontier::<CapacityContainerBuilder<Vec<(O, u32, i32)>>, _, _, _>(
            Pipeline,
            name,
            move |_capability, _info| {
                let mut fold = Fold::new(logic);
                // Everything before it is folded.
                let mut folded = Antichain::from_elem(0u32);
                move |(input, _frontier), output| {
                    input.for_each(|capability, spans| {
                        let capability = capability.retain_least(0);
                        for span in spans.drain(..) {
                            folded.clone_from(span.upper());
                            let Some(updates) = &span.inner else { continue };
                            let history = trace
                                .batches_through(span.lower().borrow())
                                .expect("the trace is compacted no further than it is folded");
                            let capability = capability
                                .as_ref()
                                .expect("updates come with a capability for their times");
                            let mut session = output.session(capability);
                            fold.batch(&history, updates, |change| session.give(change));
                        }
                    });
                    trace.advance_upper(&mut folded);
                    trace.set_logical_compaction(folded.borrow());
                    trace.set_physical_compaction(folded.borrow());
                }
            },
        );
    outcomes.as_collection()
}

/// A function and the keys for which it gave something.
struct Fold<K, O, L> {
    logic: L,
    fruitful: HashSet<K>,
    before: Vec<O>,
    now: Vec<O>,
}

impl<K, O, L> Fold<K, O, L>
where
    K: Clone + Eq + Hash + 'static,
    O: Clone + Ord,
{
    fn new(logic: L) -> Self {
        Self {
            logic,
            fruitful: HashSet::new(),
            before: Vec::new(),
            now: Vec::new(),
        }
    }

    /// Tells what the updates of a batch change, given the batches before it.
    fn batch<V, B>(&mut self, history: &[B], updates: &B, mut tell: impl FnMut((O, u32, i32)))
    where
        L: Fn(&K, &mut dyn Iterator<Item = &V>, &mut Vec<O>),
        V: Ord + 'static,
        B: Navigable,
        for<'a> B::Cursor:
            Cursor<Key<'a> = &'a K, Val<'a> = &'a V, TimeGat<'a> = &'a u32, DiffGat<'a> = &'a i32>,
    {
        let mut history: Vec<_> = history
            .iter()
            .map(|batch| (batch.cursor(), batch))
            .collect();
        let mut cursor = updates.cursor();
        let (mut held, mut came) = (Vec::new(), Vec::new());
        while let Some(key) = cursor.get_key(updates) {
            held.clear();
            for (past, batch) in &mut history {
                past.seek_key(batch, key);
                if past.get_key(batch) == Some(key) {
                    while let Some(value) = past.get_val(batch) {
                        let mut count = 0;
                        past.map_times(batch, |_, diff| count += *diff);
                        held.push((value, count));
                        past.step_val(batch);
                    }
                }
            }
            came.clear();
            while let Some(value) = cursor.get_val(updates) {
                cursor.map_times(updates, |time, diff| came.push((*time, value, *diff)));
                cursor.step_val(updates);
            }
            came.sort_by_key(|(time, ..)| *time);
            self.key(key, &mut held, &came, &mut tell);
            cursor.step_key(updates);
        }
    }

    /// Tells what the values that came to a key change, given those that it held.
    fn key<'a, V: Ord>(
        &mut self,
        key: &K,
        held: &mut Vec<(&'a V, i32)>,
        came: &[(u32, &'a V, i32)],
        tell: &mut impl FnMut((O, u32, i32)),
    ) where
        L: Fn(&K, &mut dyn Iterator<Item = &V>, &mut Vec<O>),
    {
        let Self {
            logic,
            fruitful,
            before,
            now,
        } = self;
        before.clear();
        let was_fruitful = fruitful.contains(key);
        if was_fruitful {
            evaluate(logic, key, held, before);
        }
        for at in came.chunk_by(|one, next| one.0 == next.0) {
            held.extend(at.iter().map(|(_, value, diff)| (*value, *diff)));
            now.clear();
            evaluate(logic, key, held, now);
            let time = at[0].0;
            changes(before, now, |outcome, diff| tell((outcome, time, diff)));
        }
        match (was_fruitful, !before.is_empty()) {
            (false, true) => drop(fruitful.insert(key.clone())),
            (true, false) => drop(fruitful.remove(key)),
            _ => {}
        }
    }
}

/// What `logic` gives for the values that `held` accumulates to, sorted.
fn evaluate<K, V: Ord, O: Ord>(
    logic: &impl Fn(&K, &mut dyn Iterator<Item = &V>, &mut Vec<O>),
    key: &K,
    held: &mut Vec<(&V, i32)>,
    outcomes: &mut Vec<O>,
) {
    // Nearly always nothing was taken back, and there is nothing to add up.
    if held.iter().any(|(_, count)| *count != 1) {
        consolidation::consolidate(held);
    }
    if held.is_empty() {
        return;
    }
    let mut values = held.iter().map(|(value, count)| {
        assert_eq!(*count, 1, "a value of a key counts once");
        *value
    });
    logic(key, &mut values, outcomes);
    outcomes.sort_unstable();
}

/// Tells the difference between two sorted lists; `now` becomes what is `before` the next change.
pub(super) fn changes<O: Ord + Clone>(
    before: &mut Vec<O>,
    now: &mut Vec<O>,
    mut tell: impl FnMut(O, i32),
) {
    let (mut old, mut new) = (before.drain(..).peekable(), now.iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(old), Some(new)) => old.cmp(new),
        };
        if order.is_le()
            && let Some(gone) = old.next()
            && order.is_lt()
        {
            tell(gone, -1);
        }
        if order.is_ge()
            && let Some(come) = new.next()
            && order.is_gt()
        {
            tell(come.clone(), 1);
        }
    }
    drop((old, new));
    std::mem::swap(before, now);
}
