//! A table beside the dataflow that is changed epoch by epoch, where nobody asks for another time.
//!
//! ```text
//! (key, value) ─ by key ─┬─▶ a table ─▶ what the epoch changed of what the table gives
//! settings ─ to all ─────┘
//! ```
//! In: a collection, and settings that change. Out: what a [`State`] tells at the end of each epoch. Must hold: a state is told the
//! updates of one epoch, then that it ends and which settings changed in it, then those of the next; what it gives at a time depends on the
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
use timely::dataflow::channels::pact::{Exchange, Pipeline};
use timely::dataflow::operators::CapabilitySet;
use timely::dataflow::operators::generic::operator::Operator;
use timely::dataflow::operators::vec::Broadcast;
use timely::progress::Antichain;

/// Keys whose values are brought nearer at once.
pub(super) const LOOK_AHEAD: usize = 64;

/// What is held of values by key, and what it gives.
pub(super) trait State<K, V, O, S> {
    /// Brings what is held of keys that will be touched nearer. Each is a wait for memory; here none depends
    /// on another, so that they overlap.
    fn look_ahead<'a>(&self, keys: impl Iterator<Item = &'a K>)
    where
        K: 'a;

    /// Applies an update of the epoch in progress. Within an epoch, updates come in any order: what is
    /// taken back may come later.
    fn update(&mut self, key: K, value: &V, diff: i32);

    /// Ends the epoch, in which settings ceased (-1) and took force (+1) or none did, and tells what it
    /// changed.
    fn end_epoch(&mut self, settings: Vec<(S, i32)>, tell: impl FnMut(O, i32));
}

/// What comes (+1) and goes (-1) in an epoch.
type Updates<K, V> = Vec<((K, V), i32)>;

/// Keeps a state of a collection under settings that change. On several workers each has the state of some
/// of the keys, and all know the settings.
pub(super) fn hold<'scope, K, V, O, S, T>(
    values: VecCollection<'scope, u32, (K, V), i32>,
    changes_of_settings: VecCollection<'scope, u32, S, i32>,
    name: &str,
    state: impl FnOnce(Size) -> T,
) -> VecCollection<'scope, u32, O, i32>
where
    K: ExchangeData + Hashable,
    V: ExchangeData,
    O: ExchangeData,
    S: ExchangeData,
    T: State<K, V, O, S> + 'static,
{
    let scope = values.scope();
    let by_key = Exchange::new(|((key, _), _, _): &((K, V), u32, i32)| key.hashed().into());
    let outcomes = values
        .inner
        .binary_frontier::<_, CapacityContainerBuilder<Vec<(O, u32, i32)>>, _, _, _, _>(
            changes_of_settings.inner.broadcast(),
            by_key,
            Pipeline,
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
                let mut settings_to_come: BTreeMap<u32, Vec<(S, i32)>> = BTreeMap::new();
                let mut capabilities = CapabilitySet::<u32>::new();
                move |(input, frontier), (settings, settings_frontier), output| {
                    // Nothing can come for an epoch before it.
                    let open = [frontier, settings_frontier]
                        .into_iter()
                        .filter_map(|frontier| frontier.frontier().as_option().copied())
                        .min();
                    settings.for_each(|capability, changes| {
                        if let Some(capability) = capability.retain_least(0) {
                            capabilities.insert(capability);
                        }
                        for (settings, time, diff) in changes.drain(..) {
                            let changes = settings_to_come.entry(time).or_default();
                            changes.push((settings, diff));
                        }
                    });
                    input.for_each(|capability, updates| {
                        if let Some(capability) = capability.retain_least(0) {
                            capabilities.insert(capability);
                        }
                        let mut left = updates.drain(..);
                        while !left.as_slice().is_empty() {
                            let next = left.as_slice().iter().take(LOOK_AHEAD);
                            state.look_ahead(next.map(|((key, _), _, _)| key));
                            for ((key, value), time, diff) in left.by_ref().take(LOOK_AHEAD) {
                                if Some(time) == open {
                                    begun = open;
                                    state.update(key, &value, diff);
                                } else {
                                    to_come.entry(time).or_default().push(((key, value), diff));
                                }
                            }
                        }
                    });
                    loop {
                        let waiting = to_come.keys().next().copied();
                        let changing = settings_to_come.keys().next().copied();
                        let times = begun.into_iter().chain(waiting).chain(changing);
                        let Some(time) = times.min() else {
                            capabilities.downgrade(Antichain::<u32>::new());
                            break;
                        };
                        if frontier.less_equal(&time) || settings_frontier.less_equal(&time) {
                            capabilities.downgrade([time]);
                            break;
                        }
                        for ((key, value), diff) in to_come.remove(&time).unwrap_or_default() {
                            state.update(key, &value, diff);
                        }
                        begun = begun.filter(|begun| *begun != time);
                        let changes = settings_to_come.remove(&time).unwrap_or_default();
                        let capability = capabilities.delayed(&time);
                        let mut session = output.session(&capability);
                        state.end_epoch(changes, |outcome, diff| {
                            session.give((outcome, time, diff))
                        });
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
