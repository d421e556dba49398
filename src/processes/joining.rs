//! Another process than process 0 joins.
//!
//! In: the hosts. Out: what process 0 tells of the run, a connection to each other process, and the [`Control`] connection. Must
//! hold: a process that waits for others says so; where process 0 is started again meanwhile, it waits for that one.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::control::Control;
use super::door::Door;
use super::error::ProcessesError;
use super::gathering::{listen, refuse_public};
use super::hello::{Generation, Hello, Purpose, Reply};
use super::hosts::Hosts;
use super::message::{FromCoordinator, ToCoordinator};
use super::{GATHERED_WITHIN, LOST_AFTER, frame, socket};

/// Time between two tries to connect.
const TRY_EVERY: Duration = Duration::from_millis(250);

/// A process that has joined.
pub struct Joined {
    /// Which run it is.
    pub generation: Generation,
    /// What process 0 tells all others.
    pub terms: Vec<u8>,
    /// The number of this process.
    pub process: usize,
    /// A connection to each other process, by number; none to this one.
    pub connections: Vec<Option<TcpStream>>,
    /// The connection with process 0.
    pub control: Control,
}

/// Joins the other processes. `program` tells one program from another; `waiting` is told, each time that changes, for whom this
/// process waits: process 0 (false), or those that process 0 waits for (true).
///
/// # Errors
/// See [`ProcessesError`].
///
/// # Panics
/// When this is process 0: the others join it.
pub fn join(
    hosts: &Hosts,
    program: &str,
    waiting: &mut dyn FnMut(bool),
) -> Result<Joined, ProcessesError> {
    let process = hosts.process();
    assert_ne!(process, 0, "the others join process 0");
    refuse_public(hosts)?;
    let is_last = process + 1 == hosts.processes();
    let door = if is_last {
        None
    } else {
        let door = Door::open(listen(hosts)?, (hosts.processes(), process), program);
        Some(door.map_err(ProcessesError::System)?)
    };
    let joining = Joining { hosts, program };
    let (mut control, generation, terms) = joining.welcomed(waiting)?;
    if let Some(door) = &door {
        door.begin(generation);
    }
    let mut connections = Vec::with_capacity(hosts.processes());
    for other in 0..process {
        connections.push(Some(joining.dataflow(other, generation)?));
    }
    let others = match &door {
        None => vec![None],
        Some(door) => {
            let others = door.dataflow(Instant::now() + GATHERED_WITHIN);
            let others = others.map_err(|missing| ProcessesError::Missing { missing })?;
            others.into_iter().skip(process).collect()
        }
    };
    connections.extend(others);
    let talk = |error| joining.talk(0, error);
    frame::write(&mut control, &ToCoordinator::Ready).map_err(talk)?;
    control
        .set_read_timeout(Some(GATHERED_WITHIN))
        .map_err(talk)?;
    let start = frame::read(&mut control, frame::LARGEST).map_err(talk)?;
    if !matches!(start, FromCoordinator::Start) {
        return Err(talk(io::ErrorKind::InvalidData.into()));
    }
    let control = Control::start(hosts.address(0).to_owned(), control);
    Ok(Joined {
        generation,
        terms,
        process,
        connections,
        control: control.map_err(ProcessesError::System)?,
    })
}

struct Joining<'a> {
    hosts: &'a Hosts,
    program: &'a str,
}

impl Joining<'_> {
    /// Connects with process 0, and waits until it has all others.
    fn welcomed(
        &self,
        waiting: &mut dyn FnMut(bool),
    ) -> Result<(TcpStream, Generation, Vec<u8>), ProcessesError> {
        loop {
            waiting(false);
            let mut control = self.connect(0, Purpose::Control)?;
            let mut is_told = false;
            loop {
                match frame::read(&mut control, frame::LARGEST) {
                    Ok(Reply::Waiting) => {
                        if !std::mem::replace(&mut is_told, true) {
                            waiting(true);
                        }
                    }
                    Ok(Reply::Welcome(generation, terms)) => {
                        return Ok((control, generation, terms));
                    }
                    Ok(Reply::Refused(told)) => return Err(self.refused(0, told)),
                    Ok(Reply::Accepted) => {
                        return Err(self.talk(0, io::ErrorKind::InvalidData.into()));
                    }
                    // It was there, and ended before it had all: it may be started again.
                    Err(error) if is_told && error.kind() != io::ErrorKind::InvalidData => break,
                    Err(error) => return Err(self.talk(0, error)),
                }
            }
        }
    }

    fn dataflow(&self, other: usize, generation: Generation) -> Result<TcpStream, ProcessesError> {
        let mut stream = self.connect(other, Purpose::Dataflow(generation))?;
        let talk = |error| self.talk(other, error);
        // The other may not yet know the generation.
        stream
            .set_read_timeout(Some(GATHERED_WITHIN))
            .map_err(talk)?;
        match frame::read(&mut stream, frame::LARGEST).map_err(talk)? {
            Reply::Accepted => {}
            Reply::Refused(told) => return Err(self.refused(other, told)),
            Reply::Waiting | Reply::Welcome(..) => {
                return Err(talk(io::ErrorKind::InvalidData.into()));
            }
        }
        stream.set_read_timeout(None).map_err(talk)?;
        stream.set_write_timeout(None).map_err(talk)?;
        Ok(stream)
    }

    /// Connects, as soon as the other listens.
    fn connect(&self, other: usize, purpose: Purpose) -> Result<TcpStream, ProcessesError> {
        let until = Instant::now() + GATHERED_WITHIN;
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let hello = Hello {
            program: self.program.to_owned(),
            processes: number(self.hosts.processes()),
            process: number(self.hosts.process()),
            purpose,
        };
        loop {
            match socket::connect(self.hosts.address(other)) {
                Ok(mut stream) => {
                    let said = stream
                        .set_read_timeout(Some(LOST_AFTER))
                        .and_then(|()| stream.set_write_timeout(Some(LOST_AFTER)))
                        .and_then(|()| hello.say(&mut stream));
                    said.map_err(|error| self.talk(other, error))?;
                    return Ok(stream);
                }
                Err(_) if Instant::now() < until => std::thread::sleep(TRY_EVERY),
                Err(error) => {
                    return Err(ProcessesError::Unreachable {
                        process: other,
                        address: self.hosts.address(other).to_owned(),
                        error,
                    });
                }
            }
        }
    }

    fn talk(&self, process: usize, error: io::Error) -> ProcessesError {
        ProcessesError::Talk {
            process,
            address: self.hosts.address(process).to_owned(),
            error,
        }
    }

    fn refused(&self, process: usize, told: String) -> ProcessesError {
        ProcessesError::Refused {
            process,
            address: self.hosts.address(process).to_owned(),
            told,
        }
    }
}
