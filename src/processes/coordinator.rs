//! What process 0 has to do with the others while they run.
//!
//! In: their questions, and what they tell. Out: answers, the end, and what each of them held. Must hold: a process that ends
//! before it said what it held, or of which nothing is heard, is lost.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::frame;
use super::hosts::Hosts;
use super::loss::{Loss, Lost};
use super::message::{FromCoordinator, ToCoordinator};
use super::{Answer, LOST_AFTER, Listen, SIGN_OF_LIFE_EVERY};

/// Time between two looks whether a process is lost, while it is waited for.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The control connections of process 0.
pub struct Coordinator {
    others: Arc<Vec<Other>>,
    /// What those that are done have said, of whom one at a time is waited for.
    held: Mutex<Receiver<Vec<u8>>>,
    loss: Loss,
}

struct Other {
    process: usize,
    address: String,
    to: Mutex<TcpStream>,
    /// For shutting it down while somebody writes.
    stream: TcpStream,
    /// It has said what it held: that it ends is no loss.
    is_done: AtomicBool,
}

impl Coordinator {
    pub(super) fn start(
        hosts: &Hosts,
        controls: Vec<(usize, TcpStream)>,
        answer: Answer,
        listen: Listen,
    ) -> io::Result<Self> {
        let loss = Loss::default();
        let (holds, held) = channel();
        let mut others = Vec::with_capacity(controls.len());
        for (process, stream) in controls {
            stream.set_read_timeout(Some(LOST_AFTER))?;
            stream.set_write_timeout(Some(LOST_AFTER))?;
            others.push(Other {
                process,
                address: hosts.address(process).to_owned(),
                to: Mutex::new(stream.try_clone()?),
                stream,
                is_done: AtomicBool::new(false),
            });
        }
        let others = Arc::new(others);
        for index in 0..others.len() {
            let (others, loss) = (others.clone(), loss.clone());
            let (answer, listen, holds) = (answer.clone(), listen.clone(), holds.clone());
            spawn(format!("processes:{}", others[index].process), move || {
                let other = &others[index];
                let heard = other.hear(&answer, &listen, &holds);
                other.ended(
                    &heard.map_or_else(|error| error.to_string(), |()| "it ended".to_owned()),
                    &loss,
                );
            })?;
        }
        let (alive, of_loss) = (Arc::downgrade(&others), loss.clone());
        spawn("processes:alive".to_owned(), move || {
            loop {
                std::thread::sleep(SIGN_OF_LIFE_EVERY);
                let Some(others) = alive.upgrade() else { break };
                for other in others.iter() {
                    if let Err(error) = other.say(&FromCoordinator::Alive) {
                        other.ended(&error.to_string(), &of_loss);
                    }
                }
            }
        })?;
        Ok(Self {
            others,
            held: Mutex::new(held),
            loss,
        })
    }

    /// Whether a process is lost.
    pub fn loss(&self) -> &Loss {
        &self.loss
    }

    #[cfg(test)]
    pub(super) fn address(&self, process: usize) -> &str {
        let other = self.others.iter().find(|other| other.process == process);
        other.map_or("", |other| &other.address)
    }

    /// Tells the others that the last epoch is done, and waits for what each of them held, in no particular order.
    ///
    /// # Errors
    /// When one is lost before it said so.
    pub fn finish(&self) -> Result<Vec<Vec<u8>>, Lost> {
        for other in self.others.iter() {
            if let Err(error) = other.say(&FromCoordinator::Finish) {
                other.ended(&error.to_string(), &self.loss);
            }
        }
        let said = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let mut held = Vec::with_capacity(self.others.len());
        while held.len() < self.others.len() {
            match said.recv_timeout(LOOK_EVERY) {
                Ok(of_one) => held.push(of_one),
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(lost) = self.loss.get() {
                        return Err(lost.clone());
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    unreachable!(
                        "a process whose thread has ended is lost, or has said what it held"
                    )
                }
            }
        }
        Ok(held)
    }
}

impl Drop for Coordinator {
    fn drop(&mut self) {
        for other in self.others.iter() {
            // It may be gone already. Whoever is not takes it for the loss of process 0, or is done.
            let _ = other.stream.shutdown(Shutdown::Both);
        }
    }
}

impl Other {
    fn say(&self, message: &FromCoordinator) -> io::Result<()> {
        let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        frame::write(&mut *to, message)
    }

    /// Hears the process until it ends.
    fn hear(&self, answer: &Answer, listen: &Listen, holds: &Sender<Vec<u8>>) -> io::Result<()> {
        let mut from = self.stream.try_clone()?;
        loop {
            match frame::read(&mut from, frame::LARGEST) {
                Ok(ToCoordinator::Question(number, question)) => {
                    self.say(&FromCoordinator::Answer(number, answer(&question)))?;
                }
                Ok(ToCoordinator::Told(told)) => listen(&told),
                Ok(ToCoordinator::Held(held)) => {
                    self.is_done.store(true, Ordering::Release);
                    // It fails where nobody waits for it any more.
                    let _ = holds.send(held);
                }
                Ok(ToCoordinator::Alive | ToCoordinator::Ready) => {}
                Err(error) => return Err(heard_nothing(error)),
            }
        }
    }

    fn ended(&self, told: &str, loss: &Loss) {
        if !self.is_done.load(Ordering::Acquire) {
            loss.tell(Lost {
                process: self.process,
                address: self.address.clone(),
                told: told.to_owned(),
            });
        }
    }
}

/// What a failure to read is, in words.
pub fn heard_nothing(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::BrokenPipe => io::Error::new(error.kind(), "it ended"),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            let told = format!("nothing was heard of it for {} s", LOST_AFTER.as_secs());
            io::Error::new(error.kind(), told)
        }
        _ => error,
    }
}

pub fn spawn(name: String, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name(name).spawn(work).map(drop)
}
