//! What a process says first on a connection, and what it is answered.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::frame;

/// Which of the runs of these processes it is: a process of an earlier one that still lives is told from those of this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Generation(pub u64);

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// What every hello begins with.
const MAGIC: [u8; 8] = *b"fundwtch";

/// No hello is longer.
const LARGEST: usize = 1 << 12;

/// How long a hello may take: whoever connects and says nothing is somebody else.
const SAID_WITHIN: Duration = Duration::from_secs(5);

/// What a process says first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// What tells one program from another: values are exchanged as this program lays them out.
    pub program: String,
    /// How many processes it believes there are.
    pub processes: u32,
    /// Which of them it is.
    pub process: u32,
    pub purpose: Purpose,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// Questions, the end, and signs of life, between process 0 and another.
    Control,
    /// The dataflow.
    Dataflow(Generation),
}

/// What is answered to a hello.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// Others have not come yet.
    Waiting,
    /// All have come: what they are told by process 0.
    Welcome(Generation, Vec<u8>),
    /// The connection is the dataflow's.
    Accepted,
    /// It is not, and why.
    Refused(String),
}

impl Hello {
    pub fn say(&self, to: &mut TcpStream) -> io::Result<()> {
        to.write_all(&MAGIC)?;
        frame::write(to, self)
    }

    /// Waits for one.
    pub fn hear(from: &mut TcpStream) -> io::Result<Self> {
        from.set_read_timeout(Some(SAID_WITHIN))?;
        let mut magic = [0; MAGIC.len()];
        from.read_exact(&mut magic)?;
        if magic != MAGIC {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "not a process of fundwatch",
            ));
        }
        frame::read(from, LARGEST)
    }

    /// What is wrong with it, for whoever expects as many processes of the same program.
    pub fn is_not_of(&self, program: &str, processes: usize, mine: usize) -> Option<String> {
        if self.program != program {
            return Some(
                "it runs another program than this one; install the same on every machine"
                    .to_owned(),
            );
        }
        if self.processes as usize != processes {
            return Some(format!(
                "it was started with --processes {processes}, this one with {}",
                self.processes
            ));
        }
        let process = self.process as usize;
        (process <= mine || process >= processes)
            .then(|| format!("a process with number {process} does not connect to number {mine}"))
    }
}
