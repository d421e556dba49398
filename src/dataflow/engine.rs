//! The threads that run the dataflow.
//!
//! In: updates, epoch by epoch, over a bounded channel. Out: for each epoch, once it is complete,
//! the findings that came and went, sorted; at the end, what each arrangement holds. Must hold: an epoch is given out only after
//! [`Engine::end_epoch`] said that it is whole; traces never leave the worker threads.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use differential_dataflow::consolidation;
use timely::communication::WorkerGuards;
use timely::dataflow::ProbeHandle;
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::Probe;
use timely::dataflow::operators::generic::operator::Operator;
use timely::worker::Worker;

use super::arrangement_sizes::{ArrangementSize, Meter, Sizes};
use super::dossier::VisitOrder;
use super::finding::Output;
use super::graph::{Outputs, outputs};
use super::identity::IdentityAt;
use super::inputs::{Sessions, Updates};
use super::likeness::ParticipantAt;
use super::linkage_work::LinkageWork;
use super::settings::PersonSettings;
use super::telemetry::Telemetry;
use super::view::{Observe, Shadow};
use crate::link::PersonLinkage;
use crate::model::ModelRegistry;
use crate::rule::{ExclusiveBenefits, ReasonSet};

/// Messages that may wait for the dataflow: with [`UPDATES_PER_MESSAGE`], what is in flight.
const MESSAGES_IN_FLIGHT: usize = 32;

/// Updates after which a message is worth sending.
pub const UPDATES_PER_MESSAGE: usize = 2048;

/// How much merging a worker does each time it looks at an arrangement that has some left: little, since
/// it does so while an epoch waits; enough that quiet arrangements become compact. With 1,000, merges were
/// half of what one late death took.
const IDLE_MERGE_EFFORT: isize = 10;

/// How long a worker that has nothing to do sleeps, unless it is woken.
const PARK: Duration = Duration::from_millis(10);

/// Time between two times that it is told what a worker holds.
const TOLD_EVERY: Duration = Duration::from_secs(5);

/// What came (+1) and went (-1) in an epoch, sorted.
pub type Delta = Vec<(Output, i32)>;

/// What the dataflow is asked for.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// The reasons that are wanted.
    pub reasons: ReasonSet,
    /// The claims that are observed.
    pub observe: Observe,
    /// The settings before the first epoch.
    pub settings: PersonSettings,
    /// The benefits that exclude each other.
    pub exclusive_benefits: Arc<ExclusiveBenefits>,
    /// How participants are linked.
    pub linkage: Arc<PersonLinkage>,
    /// Where it is counted what linkage does.
    pub linkage_work: LinkageWork,
    /// The models that score claims.
    pub models: ModelRegistry,
    /// The model that judges beside them.
    pub shadow: Option<Shadow>,
    /// Is told how much the workers hold and do, if somebody wants to know while they run.
    pub telemetry: Option<Telemetry>,
}

/// What the dataflow looks up in the rows: texts, which stay out of it.
#[derive(Clone)]
pub struct LookUps {
    /// The order of visits that tie otherwise.
    pub visits: VisitOrder,
    /// Identities whose digests differ.
    pub identity_at: IdentityAt,
    /// Participants that are compared with each other.
    pub participant_at: ParticipantAt,
}

/// A running dataflow.
pub struct Engine<E: Send + 'static> {
    messages: SyncSender<Message<E>>,
    /// Updates that are done, whose room is used again.
    used: Receiver<Box<Updates>>,
    sizes: Receiver<Vec<ArrangementSize>>,
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
    /// Starts `workers` threads, under the settings that hold before the first epoch. Each epoch's delta goes to `deltas` with what
    /// [`Engine::end_epoch`] was given for it.
    ///
    /// # Errors
    /// When the threads cannot be started.
    pub fn start(
        workers: usize,
        options: EngineOptions,
        look_ups: LookUps,
        deltas: SyncSender<(E, Delta)>,
    ) -> Result<Self, Stopped> {
        let mut config = timely::Config::process(workers);
        differential_dataflow::configure(
            &mut config.worker,
            &differential_dataflow::Config::default().idle_merge_effort(Some(IDLE_MERGE_EFFORT)),
        );
        let (messages, received) = sync_channel(MESSAGES_IN_FLIGHT);
        let (done, used) = channel();
        let (total, sizes) = channel();
        let roles = Mutex::new(roles(workers, received, done, deltas, total));
        let guards = timely::execute(config, move |worker| {
            // The closure runs once per worker, and each takes its own role.
            let role = roles
                .lock()
                .ok()
                .and_then(|mut roles| roles.get_mut(worker.index())?.take());
            let Some(role) = role else { return };
            run(worker, options.clone(), look_ups.clone(), role);
        })
        .map_err(Stopped)?;
        Ok(Self {
            messages,
            used,
            sizes,
            guards,
        })
    }

    /// Room for updates.
    pub fn room(&self) -> Box<Updates> {
        self.used.try_recv().unwrap_or_default()
    }

    /// Adds updates to the epoch in progress. Waits while too much is in flight.
    ///
    /// # Errors
    /// When the dataflow has stopped.
    pub fn update(&self, updates: Box<Updates>) -> Result<(), Stopped> {
        self.send(Message::Updates(updates))
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

    /// Waits until everything sent is done. Gives what each arrangement held after the last epoch.
    ///
    /// # Errors
    /// When a worker panicked, or stopped because nobody took its deltas.
    pub fn finish(self) -> Result<Vec<ArrangementSize>, Stopped> {
        drop(self.messages);
        for result in self.guards.join() {
            result.map_err(Stopped)?;
        }
        self.sizes
            .recv()
            .map_err(|_| Stopped("the findings of an epoch were not taken".to_owned()))
    }
}

/// What a worker is there for.
enum Role<E> {
    /// The first one is fed.
    Fed {
        messages: Receiver<Message<E>>,
        done: Sender<Box<Updates>>,
        deltas: SyncSender<(E, Delta)>,
        /// Tells the others that the last epoch is done.
        watch: Watch,
        others: Receiver<Sizes>,
        total: Sender<Vec<ArrangementSize>>,
    },
    /// The others do what the first one sends them.
    Helping { watch: Watch, sizes: Sender<Sizes> },
}

/// How far the workers are, as all of them see it.
#[derive(Clone, Default)]
struct Stage(Arc<AtomicU8>);

const DONE: u8 = 1;
const FALLEN: u8 = 2;

impl Stage {
    fn reach(&self, stage: u8) {
        self.0.fetch_max(stage, Ordering::AcqRel);
    }

    /// Whether the first worker needs no more help.
    ///
    /// # Panics
    /// When a worker has panicked: the others would wait for it for ever.
    fn is_done(&self) -> bool {
        let stage = self.0.load(Ordering::Acquire);
        assert_ne!(stage, FALLEN, "another worker panicked");
        stage == DONE
    }
}

/// Tells the other workers when the one that holds it is gone.
struct Watch {
    stage: Stage,
    /// What they are told when it ends without a panic.
    at_end: Option<u8>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.stage.reach(FALLEN);
        } else if let Some(stage) = self.at_end {
            self.stage.reach(stage);
        }
    }
}

/// The roles of the workers, by their index.
fn roles<E>(
    workers: usize,
    messages: Receiver<Message<E>>,
    done: Sender<Box<Updates>>,
    deltas: SyncSender<(E, Delta)>,
    total: Sender<Vec<ArrangementSize>>,
) -> Vec<Option<Role<E>>> {
    let stage = Stage::default();
    let watch = |at_end| Watch {
        stage: stage.clone(),
        at_end,
    };
    let (sizes, others) = channel();
    let mut roles = vec![Some(Role::Fed {
        messages,
        done,
        deltas,
        watch: watch(Some(DONE)),
        others,
        total,
    })];
    roles.extend((1..workers).map(|_| {
        Some(Role::Helping {
            watch: watch(None),
            sizes: sizes.clone(),
        })
    }));
    roles
}

type Deltas = Rc<RefCell<BTreeMap<u32, Delta>>>;

fn run<E: Send + 'static>(
    worker: &mut Worker,
    options: EngineOptions,
    look_ups: LookUps,
    role: Role<E>,
) {
    let telemetry = options.telemetry.clone();
    let meter = Meter::install(worker, telemetry.is_some());
    let mut told = Told {
        telemetry,
        at: None,
    };
    let probe = ProbeHandle::new();
    let collected = Deltas::default();
    let mut sessions = Sessions::new();
    worker.dataflow_named("fundwatch", |scope| {
        let inputs = sessions.collections(scope);
        let outputs = outputs(inputs, options, look_ups);
        collect(outputs, collected.clone(), &probe);
    });
    let (messages, done, deltas, watch, others, total) = match role {
        Role::Fed {
            messages,
            done,
            deltas,
            watch,
            others,
            total,
        } => (messages, done, deltas, watch, others, total),
        Role::Helping { watch, sizes } => {
            drop(sessions);
            while !watch.stage.is_done() {
                worker.step_or_park(Some(PARK));
                told.tell(&meter, worker);
            }
            // It fails where the first worker has stopped early; then nobody wants to know.
            let _ = sizes.send(meter.read(worker));
            return;
        }
    };
    let mut time = 0u32;
    loop {
        let message = match messages.recv_timeout(TOLD_EVERY) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => {
                told.tell(&meter, worker);
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        match message {
            Message::Updates(mut updates) => {
                sessions.update(&mut updates);
                // It fails where the engine was dropped: nobody needs the room.
                let _ = done.send(updates);
                worker.step();
            }
            Message::EndEpoch(epoch) => {
                time += 1;
                sessions.advance_to(time);
                while probe.less_than(&time) {
                    watch.stage.is_done();
                    worker.step_or_park(Some(PARK));
                }
                let mut delta = collected
                    .borrow_mut()
                    .remove(&(time - 1))
                    .unwrap_or_default();
                consolidation::consolidate(&mut delta);
                told.tell(&meter, worker);
                if deltas.send((epoch, delta)).is_err() {
                    // Whoever waits for findings is gone, and says why.
                    return;
                }
            }
        }
    }
    // The inputs are still open, so that every arrangement still holds what it held last.
    drop(watch);
    let mut sizes = meter.read(worker);
    for of_another in others {
        sizes.add(&of_another);
    }
    // It fails only where the engine was dropped before it finished.
    let _ = total.send(sizes.named());
}

/// When it was told what a worker holds.
struct Told {
    telemetry: Option<Telemetry>,
    at: Option<Instant>,
}

impl Told {
    /// Tells it again where that was long ago.
    fn tell(&mut self, meter: &Meter, worker: &Worker) {
        let Some(telemetry) = &self.telemetry else {
            return;
        };
        if self.at.is_none_or(|at| at.elapsed() >= TOLD_EVERY) {
            self.at = Some(Instant::now());
            telemetry.tell(meter.told(worker));
        }
    }
}

/// Brings all outputs to the first worker, by epoch.
fn collect(outputs: Outputs<'_>, collected: Deltas, probe: &ProbeHandle<u32>) {
    outputs
        .inner
        .unary(
            Exchange::new(|_: &(Output, u32, i32)| 0),
            "outputs by epoch",
            move |_capability, _info| {
                move |input,
                      _output: &mut timely::dataflow::operators::generic::OutputBuilderSession<
                    '_,
                    u32,
                    timely::container::CapacityContainerBuilder<Vec<()>>,
                >| {
                    input.for_each(|_capability, updates| {
                        let mut collected = collected.borrow_mut();
                        for (output, time, diff) in updates.drain(..) {
                            collected.entry(time).or_default().push((output, diff));
                        }
                    });
                }
            },
        )
        .probe_with(probe);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataflow::{Content, Fed, RowSettings, feed};
    use crate::journal::Place;
    use crate::record::{Cell, Instant, Operation, Row, RowError, Stream};
    use crate::rule::Settings;
    use std::borrow::Cow;
    use std::sync::Arc;

    /// A row of text cells by name.
    struct Texts(&'static [(&'static str, &'static str)]);

    impl Row for Texts {
        fn cell(&self, column: usize) -> Result<Cell<'_>, RowError> {
            let name = Stream::Claims.column_names().nth(column);
            let found = self.0.iter().find(|(column, _)| Some(*column) == name);
            Ok(found.map_or(Cell::Null, |(_, text)| Cell::Text(Cow::Borrowed(text))))
        }
    }

    fn claim() -> Content {
        let row = Texts(&[
            ("facility", "01001"),
            ("visit_id", "V1"),
            ("cards", "GD4797900000001"),
            ("full_name", "Nguyễn Mẫu An"),
            ("birth_date", "1980"),
            ("sex", "1"),
            ("visit_type", "01"),
            ("object_code", "1.1"),
            ("main_diagnosis", "J06.9"),
            ("admitted_at", "2025-03-01T08:00"),
            ("discharged_at", "2025-03-01T09:00"),
            ("outcome", "1"),
            ("discharge_type", "1"),
            ("cost_drugs", "0"),
            ("cost_supplies", "0"),
            ("cost_total", "0"),
            ("cost_covered", "0"),
            ("paid_by_fund", "0"),
            ("copay", "0"),
            ("self_paid", "0"),
            ("other_sources", "0"),
        ]);
        let change = Stream::Claims
            .parse(&row, Instant::from_nanos(0))
            .expect("a valid claim");
        let Operation::Upsert(record) = change.operation else {
            panic!("an upsert")
        };
        Content::of(&record, ReasonSet::ALL).expect("not a withdrawal")
    }

    /// Two claims that tie ask for the order of their visits; here that fails.
    #[test]
    fn a_worker_that_panics_stops_the_engine_and_does_not_hang_it() {
        for workers in [1, 2] {
            let (deltas, _received) = sync_channel(4);
            let settings = Settings::defaults();
            let options = EngineOptions {
                reasons: ReasonSet::ALL,
                observe: Observe::Flagged,
                settings: PersonSettings::from(settings),
                exclusive_benefits: Arc::default(),
                linkage: PersonLinkage::builtin(),
                linkage_work: LinkageWork::default(),
                models: ModelRegistry::new(Arc::new(crate::model::builtin().clone())),
                shadow: None,
                telemetry: None,
            };
            let look_ups = LookUps {
                visits: Arc::new(|_, _| panic!("no order")),
                identity_at: Arc::new(|_| panic!("no identity")),
                participant_at: Arc::new(|_| panic!("no participant")),
            };
            let engine = Engine::start(workers, options, look_ups, deltas).expect("started");
            let mut updates = engine.room();
            for number in [1, 2] {
                let fed = Fed {
                    number: Place(number),
                    since: Place(number),
                    content: &claim(),
                };
                let under = (ReasonSet::ALL, &RowSettings::from(settings));
                feed(&mut updates, fed, under, 1);
            }
            let _ = engine.update(updates).and_then(|()| engine.end_epoch(()));
            assert!(engine.finish().is_err(), "{workers} workers");
        }
    }
}
