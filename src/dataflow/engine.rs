//! The threads that run the dataflow.
//!
//! In: updates, epoch by epoch, over a bounded channel. Out: for each epoch, once it is complete,
//! the findings that came and went, sorted. Must hold: an epoch is given out only after
//! [`Engine::end_epoch`] said that it is whole; traces never leave the worker threads.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use differential_dataflow::consolidation;
use timely::communication::WorkerGuards;
use timely::dataflow::ProbeHandle;
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::Probe;
use timely::dataflow::operators::generic::operator::Operator;
use timely::worker::Worker;

use super::dossier::VisitOrder;
use super::finding::Finding;
use super::graph::{Findings, findings};
use super::inputs::{Sessions, Updates};
use crate::rule::ReasonSet;

/// Messages that may wait for the dataflow: with [`UPDATES_PER_MESSAGE`], what is in flight.
const MESSAGES_IN_FLIGHT: usize = 32;

/// Updates after which a message is worth sending.
pub const UPDATES_PER_MESSAGE: usize = 8192;

/// How much merging an idle worker does: what keeps quiet arrangements compact without memory peaks.
const IDLE_MERGE_EFFORT: isize = 1000;

/// The findings that came (+1) and went (-1) in an epoch.
pub type Delta = Vec<(Finding, i32)>;

/// A running dataflow.
pub struct Engine<E: Send + 'static> {
    messages: SyncSender<Message<E>>,
    guards: WorkerGuards<()>,
}

/// What a worker is told.
enum Message<E> {
    Updates(Box<Updates>),
    EndEpoch(E),
}

/// The dataflow stopped before its time.
#[derive(Debug, thiserror::Error)]
#[error("the dataflow stopped: {0}")]
pub struct Stopped(String);

impl<E: Send + 'static> Engine<E> {
    /// Starts `workers` threads. Each epoch's delta goes to `deltas` with what
    /// [`Engine::end_epoch`] was given for it.
    ///
    /// # Errors
    /// When the threads cannot be started.
    pub fn start(
        workers: usize,
        wanted: ReasonSet,
        visits: VisitOrder,
        deltas: SyncSender<(E, Delta)>,
    ) -> Result<Self, Stopped> {
        let mut config = timely::Config::process(workers);
        differential_dataflow::configure(
            &mut config.worker,
            &differential_dataflow::Config::default().idle_merge_effort(Some(IDLE_MERGE_EFFORT)),
        );
        let (messages, received) = sync_channel(MESSAGES_IN_FLIGHT);
        // The closure runs once per worker; the first one takes both ends.
        let ends = Mutex::new(Some((received, deltas)));
        let guards = timely::execute(config, move |worker| {
            let ends = if worker.index() == 0 {
                ends.lock().ok().and_then(|mut ends| ends.take())
            } else {
                None
            };
            run(worker, wanted, visits.clone(), ends);
        })
        .map_err(Stopped)?;
        Ok(Self { messages, guards })
    }

    /// Adds updates to the epoch in progress. Waits while too much is in flight.
    ///
    /// # Errors
    /// When the dataflow has stopped.
    pub fn update(&self, updates: Updates) -> Result<(), Stopped> {
        self.send(Message::Updates(Box::new(updates)))
    }

    /// Says that the epoch in progress is whole.
    ///
    /// # Errors
    /// When the dataflow has stopped.
    pub fn end_epoch(&self, epoch: E) -> Result<(), Stopped> {
        self.send(Message::EndEpoch(epoch))
    }

    fn send(&self, message: Message<E>) -> Result<(), Stopped> {
        self.messages
            .send(message)
            .map_err(|_| Stopped("a worker thread ended early".to_owned()))
    }

    /// Waits until everything sent is done.
    ///
    /// # Errors
    /// When a worker panicked.
    pub fn finish(self) -> Result<(), Stopped> {
        drop(self.messages);
        for result in self.guards.join() {
            result.map_err(Stopped)?;
        }
        Ok(())
    }
}

/// What the first worker is told by, and what it tells.
type Ends<E> = (Receiver<Message<E>>, SyncSender<(E, Delta)>);

type Deltas = Rc<RefCell<BTreeMap<u32, Delta>>>;

fn run<E: Send + 'static>(
    worker: &mut Worker,
    wanted: ReasonSet,
    visits: VisitOrder,
    ends: Option<Ends<E>>,
) {
    let probe = ProbeHandle::new();
    let collected = Deltas::default();
    let mut sessions = Sessions::new();
    worker.dataflow_named("fundwatch", |scope| {
        let inputs = sessions.collections(scope);
        collect(findings(inputs, wanted, visits), collected.clone(), &probe);
    });
    // Only the first worker is fed; the others close their inputs and are stepped to the end.
    let Some((messages, deltas)) = ends else {
        return;
    };
    let mut time = 0u32;
    for message in messages {
        match message {
            Message::Updates(updates) => {
                sessions.update(*updates);
                worker.step();
            }
            Message::EndEpoch(epoch) => {
                time += 1;
                sessions.advance_to(time);
                while probe.less_than(&time) {
                    worker.step_or_park(Some(Duration::from_millis(10)));
                }
                let mut delta = collected
                    .borrow_mut()
                    .remove(&(time - 1))
                    .unwrap_or_default();
                consolidation::consolidate(&mut delta);
                if deltas.send((epoch, delta)).is_err() {
                    // Whoever waits for findings is gone, and says why.
                    return;
                }
            }
        }
    }
}

/// Brings all findings to the first worker, by epoch.
fn collect(findings: Findings<'_>, collected: Deltas, probe: &ProbeHandle<u32>) {
    findings
        .inner
        .unary(
            Exchange::new(|_: &(Finding, u32, i32)| 0),
            "findings by epoch",
            move |_capability, _info| {
                move |input,
                      _output: &mut timely::dataflow::operators::generic::OutputBuilderSession<
                    '_,
                    u32,
                    timely::container::CapacityContainerBuilder<Vec<()>>,
                >| {
                    input.for_each(|_capability, updates| {
                        let mut collected = collected.borrow_mut();
                        for (finding, time, diff) in updates.drain(..) {
                            collected.entry(time).or_default().push((finding, diff));
                        }
                    });
                }
            },
        )
        .probe_with(probe);
}
