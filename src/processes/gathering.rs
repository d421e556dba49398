//! Process 0 waits for the others.
//!
//! In: the hosts and the generation; later, what the others are told. Out: a connection to each for the dataflow, and the
//! [`Coordinator`]. Must hold: others can come before it is known what they are told, and are told that they wait.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::coordinator::Coordinator;
use super::door::Door;
use super::error::ProcessesError;
use super::frame;
use super::hello::{Generation, Reply};
use super::hosts::Hosts;
use super::loss::Lost;
use super::message::{FromCoordinator, ToCoordinator};
use super::{Answer, GATHERED_WITHIN, Listen, socket};

/// Listens for the others.
pub struct Gathering {
    hosts: Hosts,
    generation: Generation,
    door: Door,
}

/// All processes of a run.
pub struct Gathered {
    /// A connection to each other process, by number; none to this one.
    pub connections: Vec<Option<TcpStream>>,
    /// What process 0 has to do with them.
    pub coordinator: Coordinator,
}

impl Gathering {
    /// Listens at the address of process 0. `program` tells one program from another.
    ///
    /// # Errors
    /// When it cannot listen there, or an address is public.
    pub fn start(
        hosts: Hosts,
        generation: Generation,
        program: &str,
    ) -> Result<Self, ProcessesError> {
        refuse_public(&hosts)?;
        let listener = listen(&hosts)?;
        let door = Door::open(listener, (hosts.processes(), 0), program);
        let door = door.map_err(ProcessesError::System)?;
        door.begin(generation);
        Ok(Self {
            hosts,
            generation,
            door,
        })
    }

    /// Waits until all others have come, tells them the terms, and lets them start. `waiting` is told who is missing.
    ///
    /// # Errors
    /// When some did not come, or one that came is lost.
    pub fn finish(
        self,
        terms: Vec<u8>,
        (answer, listen): (Answer, Listen),
        waiting: &mut dyn FnMut(&[usize]),
    ) -> Result<Gathered, ProcessesError> {
        let missing = |missing| ProcessesError::Missing { missing };
        let controls = self
            .door
            .controls(Instant::now() + GATHERED_WITHIN, waiting);
        let mut controls = controls.map_err(missing)?;
        let welcome = Reply::Welcome(self.generation, terms);
        for (process, control) in &mut controls {
            frame::write(control, &welcome).map_err(|_| self.lost(*process))?;
        }
        let connections = self.door.dataflow(Instant::now() + GATHERED_WITHIN);
        let connections = connections.map_err(missing)?;
        for (process, control) in &mut controls {
            let ready = control
                .set_read_timeout(Some(GATHERED_WITHIN))
                .and_then(|()| frame::read(control, frame::LARGEST));
            if !matches!(ready, Ok(ToCoordinator::Ready)) {
                return Err(self.lost(*process).into());
            }
        }
        for (process, control) in &mut controls {
            frame::write(control, &FromCoordinator::Start).map_err(|_| self.lost(*process))?;
        }
        let coordinator = Coordinator::start(&self.hosts, controls, answer, listen);
        Ok(Gathered {
            connections,
            coordinator: coordinator.map_err(ProcessesError::System)?,
        })
    }

    fn lost(&self, process: usize) -> Lost {
        Lost {
            process,
            address: self.hosts.address(process).to_owned(),
            told: "it ended while the processes joined".to_owned(),
        }
    }
}

/// Listens where this process does, for a while also where the port is not free yet: the process of an earlier run may be
/// ending.
pub fn listen(hosts: &Hosts) -> Result<std::net::TcpListener, ProcessesError> {
    let address = hosts.address(hosts.process());
    let until = Instant::now() + Duration::from_secs(5);
    loop {
        match socket::listen(address) {
            Ok(listener) => return Ok(listener),
            Err(error)
                if error.kind() == std::io::ErrorKind::AddrInUse && Instant::now() < until =>
            {
                std::thread::sleep(Duration::from_millis(100));
            }
            Err(error) => {
                return Err(ProcessesError::Listen {
                    process: hosts.process(),
                    address: address.to_owned(),
                    error,
                });
            }
        }
    }
}

/// Refuses addresses of the internet. A name that stands for nothing is told where it is connected to.
pub fn refuse_public(hosts: &Hosts) -> Result<(), ProcessesError> {
    let addresses = (0..hosts.processes()).map(|process| hosts.address(process));
    match addresses
        .into_iter()
        .find(|address| socket::is_public(address).unwrap_or(false))
    {
        Some(address) => Err(ProcessesError::Public {
            address: address.to_owned(),
        }),
        None => Ok(()),
    }
}
