//! The threads of timely's workers, here and, where connections to them are given, in other processes.
//!
//! In: what each worker does, and a connection to each other process. Out: that all of them ended well. Must hold: a process that
//! is lost makes nobody wait for ever, and the threads that served its connection are left behind: they end with the process.

use std::any::Any;
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use timely::WorkerConfig;
use timely::communication::allocator::ProcessBuilder;
use timely::communication::allocator::zero_copy::initialize::initialize_networking_from_sockets;
use timely::communication::{AllocatorBuilder, Hooks, WorkerGuards};
use timely::worker::Worker;

use super::engine::Stopped;
use crate::processes::{LOST_AFTER, Loss};

/// Time between two looks for the reason why a worker stopped.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The other processes that the workers exchange records with.
pub(super) struct Connected {
    /// The number of this process.
    pub process: usize,
    /// A connection to each other, by number; none to this one.
    pub connections: Vec<Option<TcpStream>>,
}

/// The threads of the workers.
pub(super) struct Threads {
    guards: WorkerGuards<()>,
    /// The threads that serve connections to other processes: dropping it waits for them.
    serving: Option<Box<dyn Any + Send>>,
}

impl Threads {
    /// Starts so many threads.
    pub(super) fn start(
        threads: usize,
        connected: Option<Connected>,
        config: WorkerConfig,
        run: impl Fn(&mut Worker) + Send + Sync + 'static,
    ) -> Result<Self, Stopped> {
        let hooks = Hooks::default();
        let allocators = || ProcessBuilder::new_typed_vector(threads, hooks.refill.clone(), None);
        let (builders, serving): (Vec<AllocatorBuilder>, Option<Box<dyn Any + Send>>) =
            match connected {
                None => (
                    allocators()
                        .into_iter()
                        .map(AllocatorBuilder::Process)
                        .collect(),
                    None,
                ),
                Some(Connected {
                    process,
                    connections,
                }) => {
                    let local = allocators();
                    let networked = initialize_networking_from_sockets(
                        local,
                        connections,
                        process,
                        threads,
                        Hooks::default(),
                    );
                    let (builders, serving) =
                        networked.map_err(|error| Stopped::Defect(error.to_string()))?;
                    let builders = builders.into_iter().map(AllocatorBuilder::Tcp).collect();
                    (builders, Some(Box::new(serving)))
                }
            };
        let guards = timely::execute::execute_from(builders, Box::new(()), config, run);
        Ok(Self {
            guards: guards.map_err(Stopped::Defect)?,
            serving,
        })
    }

    /// Waits until all workers have ended.
    ///
    /// # Errors
    /// When one panicked; where other processes may be lost, and one is, because of that.
    pub(super) fn join(self, loss: Option<&Loss>) -> Result<(), Stopped> {
        let mut panicked = None;
        for result in self.guards.join() {
            panicked = panicked.or(result.err());
        }
        let serving = self.serving;
        let Some(panicked) = panicked else {
            // Everything was exchanged. A process that ends before its connection does loses nothing any more.
            let _ = catch_unwind(AssertUnwindSafe(|| drop(serving)));
            return Ok(());
        };
        std::mem::forget(serving);
        // A connection of the dataflow may be noticed to be lost before the process is.
        let until = Instant::now() + LOST_AFTER;
        while let Some(loss) = loss {
            if let Some(lost) = loss.get() {
                return Err(lost.clone().into());
            }
            if Instant::now() >= until {
                break;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Err(Stopped::Defect(panicked))
    }
}
