//! A table beside the dataflow that is changed epoch by epoch, where nobody asks for another time.
//!
//! ```text
//! (key, value) ─ by key ─▶ a table ─▶ what the epoch changed of what the table gives
//! ```
//! In: a collection. Out: what a [`State`] tells at the end of each epoch. Must hold: a state is told the
//! updates of one epoch, then that it ends, then those of the next; what it gives at a time depends on the
//! values that hold then.
//!
//! Updates of the earliest open epoch go into the table as they come, so that an epoch of any size
//! needs no memory beside the table.

use std::collections::BTreeMap;

use differential_dataflow::logging::{
    BatchEvent, BatcherEvent, DifferentialEventBuilder, DropEvent, Logger, TraceShare,
};
use differential_dataflow::{AsCollection, ExchangeData, Hashable, VecCollection};
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::CapabilitySet;
use timely::dataflow::operators::generic::operator::Operator;
use timely::progress::Antichain;

/// What is held of values by key, and what it gives.
pub(super) trait State<K, V, O> {
    /// Brings what is held of keys that will be touched nearer. Each is a wait for memory; here none depends
    /// on another, so that they overlap.
    fn look_ahead<'a>(&self, keys: impl Iterator<Item = &'a K>)
    where
        K: 'a;

    /// Applies an update of the epoch in progress. Within an epoch, updates come in any order: what is
    /// taken back may come later.
    fn update(&mut self, key: K, value: &V, diff: i32);

    /// Ends the epoch, and tells what it changed.
    fn end_epoch(&mut self, tell: impl FnMut(O, i32));
}

/// What comes (+1) and goes (-1) in an epoch.
type Updates<K, V> = Vec<((K, V), i32)>;

/// Keeps a state of a collection. On several workers each has the state of some of the keys.
pub(super) fn hold<'scope, K, V, O, S>(
    values: VecCollection<'scope, u32, (K, V), i32>,
    name: &str,
    state: impl FnOnce(Size) -> S,
) -> VecCollection<'scope, u32, O, i32>
where
    K: ExchangeData + Hashable,
    V: ExchangeData,
    O: ExchangeData,
    S: State<K, V, O> + 'static,
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
                let mut state = state(Size::new(logger, info.global_id));
                // The epoch whose updates are in the table before it is whole.
                let mut begun: Option<u32> = None;
                let mut to_come: BTreeMap<u32, Updates<K, V>> = BTreeMap::new();
                let mut capabilities = CapabilitySet::<u32>::new();
                move |(input, frontier), output| {
                    // Nothing can come for an epoch before it.
                    let open = frontier.frontier().as_option().copied();
                    input.for_each(|capability, updates| {
                        if let Some(capability) = capability.retain_least(0) {
                            capabilities.insert(capability);
                        }
                        state.look_ahead(updates.iter().map(|((key, _), _, _)| key));
                        for ((key, value), time, diff) in updates.drain(..) {
                            if Some(time) == open {
                                begun = open;
                                state.update(key, &value, diff);
                            } else {
                                to_come.entry(time).or_default().push(((key, value), diff));
                            }
                        }
                    });
                    loop {
                        let waiting = to_come.keys().next().copied();
                        let Some(time) = begun.into_iter().chain(waiting).min() else {
                            capabilities.downgrade(Antichain::<u32>::new());
                            break;
                        };
                        if frontier.less_equal(&time) {
                            capabilities.downgrade([time]);
                            break;
                        }
                        for ((key, value), diff) in to_come.remove(&time).unwrap_or_default() {
                            state.update(key, &value, diff);
                        }
                        begun = begun.filter(|begun| *begun != time);
                        let capability = capabilities.delayed(&time);
                        let mut session = output.session(&capability);
                        state.end_epoch(|outcome, diff| session.give((outcome, time, diff)));
                    }
                }
            },
        );
    outcomes.as_collection()
}

/// How much is held, told as one batch of an arrangement, and its bytes as those of a batcher.
pub(super) struct Size {
    logger: Option<Logger>,
    operator: usize,
    records: usize,
    /// Of packed values.
    bytes: usize,
    /// Records, and bytes with those of the table.
    told: Option<(usize, usize)>,
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
            bytes: 0,
            told: None,
        }
    }

    /// A size that is told to nobody.
    #[cfg(test)]
    pub(super) fn untold() -> Self {
        Self {
            logger: None,
            operator: 0,
            records: 0,
            bytes: 0,
            told: None,
        }
    }

    /// Counts a value more or less, by which the bytes of a key have changed.
    pub(super) fn add(&mut self, records: isize, bytes: usize, before: usize) {
        self.records = self.records.wrapping_add_signed(records);
        self.bytes = self.bytes + bytes - before;
    }

    /// Tells how much is held, in a table of so many bytes beside those counted.
    pub(super) fn tell(&mut self, table: usize) {
        let (operator, length) = (self.operator, self.records);
        let bytes = self.bytes + table;
        let Some(logger) = &self.logger else { return };
        if self.told == Some((length, bytes)) {
            return;
        }
        let told = self.told.replace((length, bytes));
        logger.log(BatchEvent { operator, length });
        if let Some((length, _)) = told {
            logger.log(DropEvent { operator, length });
        }
        let size_diff = bytes as isize - told.map_or(0, |(_, bytes)| bytes as isize);
        logger.log(BatcherEvent {
            operator,
            records_diff: 0,
            size_diff,
            capacity_diff: size_diff,
            allocations_diff: 0,
        });
    }
}
