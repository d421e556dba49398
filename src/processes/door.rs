//! Where a process lets others in.
//!
//! In: connections of anybody. Out: those of the other processes of this run, each once. Must hold: somebody who says nothing,
//! or something else, keeps no process waiting.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::hello::{Generation, Hello, Purpose, Reply};
use super::{GATHERED_WITHIN, SIGN_OF_LIFE_EVERY, frame, socket};

/// Time between two looks whether somebody came.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Lets others in until it is dropped.
pub struct Door {
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    program: String,
    processes: usize,
    process: usize,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// Control connections, by process.
    controls: Vec<Option<TcpStream>>,
    /// Whether control connections are still taken: process 0 takes them until all are there.
    takes_controls: bool,
    /// Once it is known: connections of the dataflow are of it, or refused.
    generation: Option<Generation>,
    /// Connections of the dataflow, by process.
    dataflow: Vec<Option<TcpStream>>,
    is_closed: bool,
}

impl Door {
    pub fn open(
        listener: TcpListener,
        (processes, process): (usize, usize),
        program: &str,
    ) -> io::Result<Self> {
        let none = || (0..processes).map(|_| None).collect();
        let shared = Arc::new(Shared {
            program: program.to_owned(),
            processes,
            process,
            state: Mutex::new(State {
                controls: none(),
                takes_controls: process == 0,
                generation: None,
                dataflow: none(),
                is_closed: false,
            }),
            changed: Condvar::new(),
        });
        let accepting = {
            let shared = shared.clone();
            std::thread::Builder::new()
                .name("processes:accept".to_owned())
                .spawn(move || shared.accept(&listener))?
        };
        Ok(Self {
            shared,
            accepting: Some(accepting),
        })
    }

    /// From now on, connections of the dataflow of this generation are let in.
    pub fn begin(&self, generation: Generation) {
        self.shared.state().generation = Some(generation);
        self.shared.changed.notify_all();
    }

    /// Waits for the control connection of each other process, after which none is taken any more. Tells who is missing, each
    /// time that changes.
    ///
    /// # Errors
    /// Who is still missing then.
    pub fn controls(
        &self,
        until: Instant,
        tell: &mut dyn FnMut(&[usize]),
    ) -> Result<Vec<(usize, TcpStream)>, Vec<usize>> {
        let mut told = Vec::new();
        let mut state = self.shared.state();
        loop {
            let missing = missing(&state.controls, 0);
            if missing.is_empty() {
                state.takes_controls = false;
                let controls = state.controls.iter_mut().map(Option::take).enumerate();
                return Ok(controls
                    .filter_map(|(process, control)| Some((process, control?)))
                    .collect());
            }
            if missing != told {
                tell(&missing);
                told.clone_from(&missing);
            }
            state = self.wait(state, until).ok_or(missing)?;
        }
    }

    /// Waits for the connection of the dataflow of each process after this one. Gives all, by process.
    ///
    /// # Errors
    /// Who is still missing then.
    pub fn dataflow(&self, until: Instant) -> Result<Vec<Option<TcpStream>>, Vec<usize>> {
        let mut state = self.shared.state();
        loop {
            let missing = missing(&state.dataflow, self.shared.process);
            if missing.is_empty() {
                return Ok(std::mem::take(&mut state.dataflow));
            }
            state = self.wait(state, until).ok_or(missing)?;
        }
    }

    fn wait<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        until: Instant,
    ) -> Option<MutexGuard<'a, State>> {
        let left = until.checked_duration_since(Instant::now())?;
        let waited = self.shared.changed.wait_timeout(state, left);
        Some(waited.unwrap_or_else(PoisonError::into_inner).0)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.shared.state().is_closed = true;
        self.shared.changed.notify_all();
        if let Some(accepting) = self.accepting.take() {
            // A panic of it was told by its own thread, and left nobody in.
            let _ = accepting.join();
        }
    }
}

/// The processes after `after` that have no connection.
fn missing(connections: &[Option<TcpStream>], after: usize) -> Vec<usize> {
    let all = connections.iter().enumerate().skip(after + 1);
    all.filter(|(_, connection)| connection.is_none())
        .map(|(process, _)| process)
        .collect()
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        let mut told = Instant::now();
        while !self.state().is_closed {
            match listener.accept() {
                Ok((stream, _)) => {
                    let shared = self.clone();
                    // Each on a thread of its own, so that none waits for one that says nothing. Where there is no thread, the
                    // connection is closed, and whoever it is comes again.
                    let _ = std::thread::Builder::new()
                        .name("processes:hello".to_owned())
                        .spawn(move || shared.let_in(stream));
                }
                // A connection that failed before it was accepted is nobody's.
                Err(_) => std::thread::sleep(LOOK_EVERY),
            }
            if told.elapsed() >= SIGN_OF_LIFE_EVERY {
                told = Instant::now();
                self.keep_waiting();
            }
        }
    }

    /// Tells those who wait that they wait, and forgets whoever is gone.
    fn keep_waiting(&self) {
        let mut state = self.state();
        if !state.takes_controls {
            return;
        }
        for control in &mut state.controls {
            if control
                .as_mut()
                .is_some_and(|to| frame::write(to, &Reply::Waiting).is_err())
            {
                *control = None;
            }
        }
    }

    /// Hears who it is, and keeps the connection or refuses it. What fails is gone, and comes again if it is one of ours.
    fn let_in(&self, mut stream: TcpStream) {
        let heard = socket::prepare(&stream).and_then(|()| Hello::hear(&mut stream));
        let Ok(hello) = heard else { return };
        if let Some(wrong) = hello.is_not_of(&self.program, self.processes, self.process) {
            return refuse(stream, wrong);
        }
        let process = hello.process as usize;
        match hello.purpose {
            Purpose::Control => self.take_control(process, stream),
            Purpose::Dataflow(generation) => self.take_dataflow(process, generation, stream),
        }
    }

    fn take_control(&self, process: usize, mut stream: TcpStream) {
        if self.process != 0 {
            return refuse(stream, "only process 0 coordinates".to_owned());
        }
        let mut state = self.state();
        if !state.takes_controls {
            drop(state);
            return refuse(
                stream,
                "the run has begun without it; start all processes again".to_owned(),
            );
        }
        if frame::write(&mut stream, &Reply::Waiting).is_err() {
            return;
        }
        // One that was started again takes the place of the one that ended; of two with one number, one is told.
        let former = state.controls[process].replace(stream);
        drop(state);
        self.changed.notify_all();
        if let Some(former) = former {
            refuse(
                former,
                format!("another process joined as number {process}"),
            );
        }
    }

    fn take_dataflow(&self, process: usize, generation: Generation, mut stream: TcpStream) {
        let until = Instant::now() + GATHERED_WITHIN;
        let mut state = self.state();
        while state.generation.is_none() && !state.is_closed {
            let Some(left) = until.checked_duration_since(Instant::now()) else {
                return;
            };
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let is_of_this = state.generation == Some(generation);
        let is_first = state.dataflow.get(process).is_some_and(Option::is_none);
        if !is_of_this || !is_first {
            drop(state);
            return refuse(
                stream,
                "it is of an earlier run; start all processes again".to_owned(),
            );
        }
        let accepted = frame::write(&mut stream, &Reply::Accepted);
        if accepted
            .and_then(|()| stream.set_read_timeout(None))
            .is_ok()
        {
            state.dataflow[process] = Some(stream);
            drop(state);
            self.changed.notify_all();
        }
    }
}

/// Says why, and closes.
fn refuse(mut stream: TcpStream, told: String) {
    // Whoever it is may be gone already.
    let _ = frame::write(&mut stream, &Reply::Refused(told));
}
