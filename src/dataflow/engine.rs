//! The threads that run the dataflow.
//!
//! In: updates, epoch by epoch, over a bounded channel. Out: for each epoch, once it is complete,
//! the findings that came and went, sorted; at the end, what each arrangement holds. Must hold: an epoch is given out only after
//! [`Engine::end_epoch`] said that it is whole; traces never leave the worker threads; where a worker panics, or a process that
//! shares the dataflow is lost, every worker stops and nothing more is given out.
//!
//! Rows are fed to the first worker of process 0, and everything comes back to it. The workers of other processes
//! ([`assist`]) hold their part of the tables and arrangements, and ask process 0 where they look up rows.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, Once};
use std::time::{Duration, Instant};

use differential_dataflow::consolidation;
use timely::dataflow::ProbeHandle;
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::Probe;
use timely::dataflow::operators::generic::operator::Operator;
use timely::worker::Worker;

use super::arrangement_sizes::{ArrangementSize, Meter, Sizes};
use super::asked_look_ups::LOST;
use super::dossier::VisitOrder;
use super::finding::Output;
use super::graph::{Outputs, outputs};
use super::identity::IdentityAt;
use super::inputs::{Sessions, Updates};
use super::likeness::ParticipantAt;
use super::linkage_work::{LinkageCounts, LinkageWork};
use super::settings::PersonSettings;
use super::telemetry::{Telemetry, WorkerUse};
use super::terms::Terms;
use super::threads::{Connected, Threads};
use super::view::{Observe, Shadow};
use crate::link::PersonLinkage;
use crate::model::ModelRegistry;
use crate::processes::{Control, Coordinator, Gathering, Joined, Loss, Lost, ProcessesError};
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

/// Where the dataflow runs.
pub enum Workers<'a> {
    /// On so many threads of this process.
    Threads(usize),
    /// On so many threads of each of several processes, of which this is number 0.
    Processes {
        /// Threads of each.
        threads: usize,
        /// The other processes, which come while this one prepares its rows.
        gathering: Gathering,
        /// Is told, each time that changes, which of them have not come.
        waiting: &'a mut dyn FnMut(&[usize]),
    },
}

/// A running dataflow.
pub struct Engine<E: Send + 'static> {
    messages: SyncSender<Message<E>>,
    /// Updates that are done, whose room is used again.
    used: Receiver<Box<Updates>>,
    sizes: Receiver<Vec<ArrangementSize>>,
    threads: Threads,
    /// Where other processes share the dataflow.
    coordinator: Option<Arc<Coordinator>>,
}

/// What a worker is told.
enum Message<E> {
    Updates(Box<Updates>),
    EndEpoch(E),
}

/// The dataflow stopped before its time, or did not start.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// By itself.
    #[error("the dataflow stopped: {0}; this is a defect of fundwatch, please report it")]
    Defect(String),
    /// Because of the processes that share it.
    #[error(transparent)]
    Processes(#[from] ProcessesError),
}

impl From<Lost> for Stopped {
    fn from(lost: Lost) -> Self {
        Self::Processes(lost.into())
    }
}

impl<E: Send + 'static> Engine<E> {
    /// Starts the workers, under the settings that hold before the first epoch. Each epoch's delta goes to `deltas` with what
    /// [`Engine::end_epoch`] was given for it.
    ///
    /// # Errors
    /// When the threads cannot be started, or the other processes do not come.
    pub fn start(
        workers: Workers<'_>,
        options: EngineOptions,
        look_ups: LookUps,
        deltas: SyncSender<(E, Delta)>,
    ) -> Result<Self, Stopped> {
        let (threads, connected, coordinator) = match workers {
            Workers::Threads(threads) => (threads, None, None),
            Workers::Processes {
                threads,
                gathering,
                waiting,
            } => {
                let terms = Terms::of(threads, &options).to_bytes();
                let asked = look_ups.clone();
                let answer = Arc::new(move |question: &[u8]| asked.answer(question));
                let telemetry = options.telemetry.clone();
                let listen = Arc::new(move |told: &[u8]| {
                    let told = postcard::from_bytes::<WorkerUse>(told);
                    if let Some((telemetry, told)) = telemetry.as_ref().zip(told.ok()) {
                        telemetry.tell(told);
                    }
                });
                let gathered = gathering.finish(terms, (answer, listen), waiting)?;
                let connected = Connected {
                    process: 0,
                    connections: gathered.connections,
                };
                (
                    threads,
                    Some(connected),
                    Some(Arc::new(gathered.coordinator)),
                )
            }
        };
        let (messages, received) = sync_channel(MESSAGES_IN_FLIGHT);
        let (done, used) = channel();
        let (total, sizes) = channel();
        let stage = Stage::new(match &coordinator {
            None => Elsewhere::Nobody,
            Some(coordinator) => Elsewhere::Others(coordinator.loss().clone()),
        });
        let fed = Fed {
            messages: received,
            done,
            deltas,
            total,
            coordinator: coordinator.clone(),
            linkage_work: options.linkage_work.clone(),
        };
        let roles = roles(threads, stage, fed);
        let threads = start(threads, connected, roles, move |worker, role| {
            run(worker, options.clone(), look_ups.clone(), role);
        })?;
        Ok(Self {
            messages,
            used,
            sizes,
            threads,
            coordinator,
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
        self.messages.send(message).map_err(|_| {
            match self
                .coordinator
                .as_ref()
                .and_then(|coordinator| coordinator.loss().get())
            {
                Some(lost) => lost.clone().into(),
                None => Stopped::Defect("a worker thread ended early".to_owned()),
            }
        })
    }

    /// Waits until everything sent is done. Gives what each arrangement held after the last epoch.
    ///
    /// # Errors
    /// When a worker panicked, stopped because nobody took its deltas, or another process is lost.
    pub fn finish(self) -> Result<Vec<ArrangementSize>, Stopped> {
        drop(self.messages);
        let loss = self
            .coordinator
            .as_ref()
            .map(|coordinator| coordinator.loss());
        self.threads.join(loss)?;
        self.sizes
            .recv()
            .map_err(|_| Stopped::Defect("the findings of an epoch were not taken".to_owned()))
    }
}

/// Runs the workers of another process than process 0, until the last epoch is done. Gives how many records they held then.
///
/// # Errors
/// When a worker panicked, or another process is lost.
pub fn assist(joined: Joined) -> Result<usize, Stopped> {
    let Joined {
        terms,
        process,
        connections,
        control,
        ..
    } = joined;
    let not_understood = |error| Stopped::Defect(format!("{error}"));
    let terms = Terms::from_bytes(&terms).map_err(not_understood)?;
    let (threads, is_told) = (terms.threads(), terms.is_told());
    let mut options = terms.options().map_err(not_understood)?;
    if is_told {
        let control = control.clone();
        options.telemetry = Some(Telemetry::new(move |told| {
            // It is of plain values.
            control.tell(postcard::to_stdvec(&told).unwrap_or_default());
        }));
    }
    let look_ups = LookUps::asking(&control);
    let linkage_work = options.linkage_work.clone();
    let (sizes, of_workers) = channel();
    let stage = Stage::new(Elsewhere::Coordinator(control.clone()));
    let roles: Vec<Option<Role<()>>> = helping(threads, &stage, &sizes).collect();
    drop(sizes);
    let connected = Some(Connected {
        process,
        connections,
    });
    let workers = start(threads, connected, roles, move |worker, role| {
        run(worker, options.clone(), look_ups.clone(), role);
    })?;
    let mut held = Sizes::default();
    let mut told = 0;
    // It ends with the last worker, of which none may have come so far.
    for of_worker in of_workers {
        held.add(&of_worker);
        told += 1;
        if told == threads {
            let held = (&held, linkage_work.counts());
            control.tell_held(postcard::to_stdvec(&held).expect("sizes are plain values"));
            break;
        }
    }
    workers.join(Some(control.loss()))?;
    Ok(held.records())
}

/// Starts threads, each with its role by its place among them.
fn start<E: Send + 'static>(
    threads: usize,
    connected: Option<Connected>,
    roles: Vec<Option<Role<E>>>,
    run: impl Fn(&mut Worker, Role<E>) + Send + Sync + 'static,
) -> Result<Threads, Stopped> {
    let mut config = timely::WorkerConfig::default();
    differential_dataflow::configure(
        &mut config,
        &differential_dataflow::Config::default().idle_merge_effort(Some(IDLE_MERGE_EFFORT)),
    );
    if connected.is_some() {
        tell_losses_once();
    }
    let roles = Mutex::new(roles);
    Threads::start(threads, connected, config, move |worker| {
        // The closure runs once per worker, and each takes its own role.
        let role = roles
            .lock()
            .ok()
            .and_then(|mut roles| roles.get_mut(worker.index() % threads)?.take());
        if let Some(role) = role {
            run(worker, role);
        }
    })
}

/// What threads of timely say when a connection is lost. That is told once, with what to do, and not by every thread.
fn tell_losses_once() {
    const OF_TIMELY: [&str; 3] = ["timely communication error:", "MergeQueue poisoned", LOST];
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let said = panic.payload_as_str().unwrap_or_default();
            if !OF_TIMELY.iter().any(|start| said.starts_with(start)) {
                usual(panic);
            }
        }));
    });
}

/// What a worker is there for.
enum Role<E> {
    /// The first one is fed.
    Fed {
        fed: Fed<E>,
        /// Tells the others that the last epoch is done.
        watch: Watch,
        others: Receiver<Sizes>,
    },
    /// The others do what the first one sends them.
    Helping { watch: Watch, sizes: Sender<Sizes> },
}

/// What the first worker is fed from, and gives out.
struct Fed<E> {
    messages: Receiver<Message<E>>,
    done: Sender<Box<Updates>>,
    deltas: SyncSender<(E, Delta)>,
    total: Sender<Vec<ArrangementSize>>,
    coordinator: Option<Arc<Coordinator>>,
    /// What linkage did in other processes is added to it.
    linkage_work: LinkageWork,
}

/// How far the workers are, as all of them see it.
#[derive(Clone)]
struct Stage {
    here: Arc<AtomicU8>,
    elsewhere: Elsewhere,
}

/// The other processes, as a worker sees them.
#[derive(Clone)]
enum Elsewhere {
    /// There is none.
    Nobody,
    /// This is process 0, and others may be lost.
    Others(Loss),
    /// Process 0 says when the last epoch is done.
    Coordinator(Control),
}

const DONE: u8 = 1;
const FALLEN: u8 = 2;

impl Stage {
    fn new(elsewhere: Elsewhere) -> Self {
        Self {
            here: Arc::default(),
            elsewhere,
        }
    }

    fn reach(&self, stage: u8) {
        self.here.fetch_max(stage, Ordering::AcqRel);
    }

    /// Whether the first worker needs no more help.
    ///
    /// # Panics
    /// When a worker has panicked, or another process is lost: the others would wait for it for ever.
    fn is_done(&self) -> bool {
        let stage = self.here.load(Ordering::Acquire);
        assert_ne!(stage, FALLEN, "another worker panicked");
        let (loss, is_finished) = match &self.elsewhere {
            Elsewhere::Nobody => return stage == DONE,
            Elsewhere::Others(loss) => (loss, false),
            Elsewhere::Coordinator(control) => (control.loss(), control.is_finished()),
        };
        assert!(loss.get().is_none(), "{LOST}");
        stage == DONE || is_finished
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

/// The roles of the workers of process 0, by their index.
fn roles<E>(threads: usize, stage: Stage, fed: Fed<E>) -> Vec<Option<Role<E>>> {
    let (sizes, others) = channel();
    let mut roles = vec![Some(Role::Fed {
        fed,
        watch: Watch {
            stage: stage.clone(),
            at_end: Some(DONE),
        },
        others,
    })];
    roles.extend(helping(threads - 1, &stage, &sizes));
    roles
}

/// The roles of so many workers that are not fed.
fn helping<E>(
    threads: usize,
    stage: &Stage,
    sizes: &Sender<Sizes>,
) -> impl Iterator<Item = Option<Role<E>>> {
    (0..threads).map(|_| {
        Some(Role::Helping {
            watch: Watch {
                stage: stage.clone(),
                at_end: None,
            },
            sizes: sizes.clone(),
        })
    })
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
    let (fed, watch, others) = match role {
        Role::Fed { fed, watch, others } => (fed, watch, others),
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
        let message = match fed.messages.recv_timeout(TOLD_EVERY) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => {
                watch.stage.is_done();
                told.tell(&meter, worker);
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        match message {
            Message::Updates(mut updates) => {
                sessions.update(&mut updates);
                // It fails where the engine was dropped: nobody needs the room.
                let _ = fed.done.send(updates);
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
                if fed.deltas.send((epoch, delta)).is_err() {
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
    if let Some(coordinator) = &fed.coordinator {
        let held = coordinator.finish().unwrap_or_else(|_| panic!("{LOST}"));
        for of_process in held {
            let (held, counts): (Sizes, LinkageCounts) =
                postcard::from_bytes(&of_process).expect("the same program wrote what it held");
            sizes.add(&held);
            fed.linkage_work.add(&counts);
        }
    }
    // It fails only where the engine was dropped before it finished.
    let _ = fed.total.send(sizes.named());
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
            let engine = Engine::start(Workers::Threads(workers), options, look_ups, deltas)
                .expect("started");
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
