//! How much each arrangement holds.
//!
//! In: what a worker logs of its operators and traces. Out: records, batches and, of tables, bytes by
//! named operator.
//! Must hold: it is installed before the dataflow is built, since operators take their loggers then;
//! events balance, so the counts are exact.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use differential_dataflow::logging::{DifferentialEvent, DifferentialEventBuilder};
use serde::{Deserialize, Serialize};
use timely::logging::{ScheduleEvent, StartStop, TimelyEvent, TimelyEventBuilder};
use timely::worker::Worker;

use super::telemetry::WorkerUse;

/// What one arrangement holds, over all workers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrangementSize {
    /// The name of the operator that writes it.
    pub name: String,
    /// Updates, after what compaction has merged so far.
    pub records: usize,
    /// Batches that they are in, empty ones included.
    pub batches: usize,
    /// Bytes of a table (see `keyed_state.rs`); 0 of an arrangement, between two epochs, as it
    /// tells only what it has not yet put into batches.
    pub table_bytes: usize,
}

/// The sizes on one worker, by the number of the operator, which is the same on all of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Sizes {
    names: BTreeMap<usize, String>,
    held: BTreeMap<usize, Held>,
    /// Since when an operator runs, and how long each has run since that was asked for.
    #[serde(skip)]
    running: BTreeMap<usize, Duration>,
    #[serde(skip)]
    busy: BTreeMap<usize, Duration>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Held {
    records: usize,
    batches: usize,
    table_bytes: usize,
    /// Handles on the trace: what nobody holds is dropped at once.
    handles: isize,
}

/// Keeps the sizes of a worker.
pub(super) struct Meter(Rc<RefCell<Sizes>>);

impl Meter {
    /// Listens to a worker; also to how long its operators run, where that is asked for.
    pub(super) fn install(worker: &Worker, with_times: bool) -> Self {
        let sizes = Rc::new(RefCell::new(Sizes::default()));
        // A worker without a clock logs nothing; then there is nothing to tell.
        if let Some(mut register) = worker.log_register() {
            let of_traces = sizes.clone();
            register.insert::<DifferentialEventBuilder, _>(
                "differential/arrange",
                move |_time, events| {
                    let mut sizes = of_traces.borrow_mut();
                    for (_, event) in events.iter_mut().flat_map(|events| events.drain(..)) {
                        sizes.trace(event);
                    }
                },
            );
            let of_operators = sizes.clone();
            register.insert::<TimelyEventBuilder, _>("timely", move |_time, events| {
                let mut sizes = of_operators.borrow_mut();
                for (time, event) in events.iter_mut().flat_map(|events| events.drain(..)) {
                    match event {
                        TimelyEvent::Operates(operator) => {
                            sizes.names.insert(operator.id, operator.name);
                        }
                        TimelyEvent::Schedule(schedule) if with_times => {
                            sizes.schedule(schedule, time);
                        }
                        _ => {}
                    }
                }
            });
        }
        Self(sizes)
    }

    /// What the worker holds now.
    pub(super) fn read(&self, worker: &Worker) -> Sizes {
        if let Some(mut register) = worker.log_register() {
            register.flush();
        }
        self.0.borrow().clone()
    }

    /// What the worker of this number holds now, and how long its operators have run since that was asked
    /// for last.
    pub(super) fn told(&self, worker: &Worker) -> WorkerUse {
        let sizes = self.read(worker);
        self.0.borrow_mut().busy.clear();
        let busy = sizes.busy.iter();
        let busy =
            busy.filter_map(|(operator, time)| Some((sizes.names.get(operator)?.clone(), *time)));
        WorkerUse {
            worker: worker.index(),
            busy: busy.collect(),
            arrangements: sizes.named(),
        }
    }
}

impl Sizes {
    fn schedule(&mut self, event: ScheduleEvent, time: Duration) {
        match event.start_stop {
            StartStop::Start => {
                self.running.insert(event.id, time);
            }
            StartStop::Stop => {
                if let Some(since) = self.running.remove(&event.id) {
                    *self.busy.entry(event.id).or_default() += time.saturating_sub(since);
                }
            }
        }
    }

    fn trace(&mut self, event: DifferentialEvent) {
        match event {
            DifferentialEvent::Batch(batch) => {
                let held = self.held.entry(batch.operator).or_default();
                held.records += batch.length;
                held.batches += 1;
            }
            DifferentialEvent::Merge(merge) => {
                // A merge that only starts still holds both of its batches.
                if let Some(merged) = merge.complete {
                    let held = self.held.entry(merge.operator).or_default();
                    held.records = held.records + merged - (merge.length1 + merge.length2);
                    held.batches -= 1;
                }
            }
            DifferentialEvent::Drop(dropped) => {
                let held = self.held.entry(dropped.operator).or_default();
                held.records -= dropped.length;
                held.batches -= 1;
            }
            DifferentialEvent::TraceShare(share) => {
                self.held.entry(share.operator).or_default().handles += share.diff;
            }
            DifferentialEvent::Batcher(batcher) => {
                let held = self.held.entry(batcher.operator).or_default();
                held.table_bytes = held.table_bytes.wrapping_add_signed(batcher.size_diff);
            }
            DifferentialEvent::MergeShortfall(_) => {}
        }
    }

    /// Adds what another worker holds.
    pub(super) fn add(&mut self, other: &Sizes) {
        for (operator, theirs) in &other.held {
            let held = self.held.entry(*operator).or_default();
            held.records += theirs.records;
            held.batches += theirs.batches;
            held.table_bytes = held.table_bytes.wrapping_add(theirs.table_bytes);
            held.handles += theirs.handles;
        }
    }

    /// Records of all arrangements that somebody holds.
    pub(super) fn records(&self) -> usize {
        let held = self.held.values().filter(|held| held.handles > 0);
        held.map(|held| held.records).sum()
    }

    /// The arrangements that somebody holds, by name.
    pub(super) fn named(mut self) -> Vec<ArrangementSize> {
        let mut sizes: Vec<ArrangementSize> = self
            .held
            .into_iter()
            .filter(|(_, held)| held.handles > 0)
            .map(|(operator, held)| ArrangementSize {
                name: self.names.remove(&operator).unwrap_or_default(),
                records: held.records,
                batches: held.batches,
                table_bytes: held.table_bytes,
            })
            .collect();
        sizes.sort_by(|a, b| a.name.cmp(&b.name));
        sizes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use differential_dataflow::logging::{BatchEvent, DropEvent, MergeEvent, TraceShare};

    fn batch(length: usize) -> DifferentialEvent {
        BatchEvent {
            operator: 3,
            length,
        }
        .into()
    }

    fn merge(complete: Option<usize>) -> DifferentialEvent {
        MergeEvent {
            operator: 3,
            scale: 0,
            length1: 10,
            length2: 5,
            complete,
        }
        .into()
    }

    #[test]
    fn merges_and_drops_take_off_what_batches_put_on() {
        let mut sizes = Sizes::default();
        sizes.names.insert(3, "letters".to_owned());
        sizes.trace(
            TraceShare {
                operator: 3,
                diff: 1,
            }
            .into(),
        );
        let held = |sizes: &Sizes| {
            let size = sizes.clone().named().remove(0);
            (size.records, size.batches)
        };
        sizes.trace(batch(10));
        sizes.trace(batch(5));
        sizes.trace(merge(None));
        assert_eq!(held(&sizes), (15, 2), "both are held until they are merged");
        sizes.trace(merge(Some(12)));
        assert_eq!(held(&sizes), (12, 1));
        let other = sizes.clone();
        sizes.add(&other);
        assert_eq!(held(&sizes), (24, 2), "workers add up");
        sizes.trace(
            DropEvent {
                operator: 3,
                length: 12,
            }
            .into(),
        );
        assert_eq!(held(&sizes), (12, 1));
        sizes.trace(
            TraceShare {
                operator: 3,
                diff: -2,
            }
            .into(),
        );
        assert_eq!(sizes.named(), [], "what nobody holds is not there");
    }
}
