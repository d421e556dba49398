//! What another process than process 0 has to do with process 0 while they run.
//!
//! In: questions, and what this process tells. Out: answers, and whether the last epoch is done. Must hold: nobody waits for an
//! answer of a process 0 that is lost.

use std::collections::HashMap;
use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::coordinator::{heard_nothing, spawn};
use super::frame;
use super::loss::{Loss, Lost};
use super::message::{FromCoordinator, ToCoordinator};
use super::{LOST_AFTER, SIGN_OF_LIFE_EVERY};

type Answered = Result<Vec<u8>, String>;

/// The connection with process 0. Its clones are the same connection.
#[derive(Clone)]
pub struct Control(Arc<Shared>);

struct Shared {
    address: String,
    to: Mutex<TcpStream>,
    /// For shutting it down while somebody writes.
    stream: TcpStream,
    waiting: Arc<Waiting>,
    next: AtomicU32,
}

/// What the thread that hears process 0 has in common with those who wait for it.
#[derive(Default)]
struct Waiting {
    answers: Mutex<HashMap<u32, SyncSender<Answered>>>,
    is_finished: AtomicBool,
    loss: Loss,
}

impl Control {
    pub(super) fn start(address: String, stream: TcpStream) -> io::Result<Self> {
        stream.set_read_timeout(Some(LOST_AFTER))?;
        stream.set_write_timeout(Some(LOST_AFTER))?;
        let waiting = Arc::new(Waiting::default());
        let mut from = stream.try_clone()?;
        {
            let (waiting, address) = (waiting.clone(), address.clone());
            spawn("processes:0".to_owned(), move || {
                let error = waiting.hear(&mut from);
                waiting.lose(&address, &heard_nothing(error).to_string());
            })?;
        }
        let shared = Arc::new(Shared {
            address,
            to: Mutex::new(stream.try_clone()?),
            stream,
            waiting,
            next: AtomicU32::new(0),
        });
        let alive = Arc::downgrade(&shared);
        spawn("processes:alive".to_owned(), move || {
            loop {
                std::thread::sleep(SIGN_OF_LIFE_EVERY);
                let Some(shared) = alive.upgrade() else { break };
                shared.say(&ToCoordinator::Alive);
            }
        })?;
        Ok(Self(shared))
    }

    /// Asks process 0, and waits for its answer.
    ///
    /// # Errors
    /// Why it has none; that it is lost.
    pub fn ask(&self, question: Vec<u8>) -> Result<Vec<u8>, String> {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let (answers, answered) = sync_channel(1);
        self.0.waiting.answers().insert(number, answers);
        self.0.say(&ToCoordinator::Question(number, question));
        if self.loss().get().is_some() {
            // It may have been lost just before the question was there to be given up.
            self.0.waiting.answers().clear();
        }
        let lost = || self.loss().get().map(Lost::to_string).unwrap_or_default();
        answered.recv().unwrap_or_else(|_| Err(lost()))
    }

    /// Says nothing any more for as long as what it gives is held.
    #[cfg(test)]
    pub(super) fn silence(&self) -> MutexGuard<'_, TcpStream> {
        self.0.to.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells process 0 what this process does.
    pub fn tell(&self, told: Vec<u8>) {
        self.0.say(&ToCoordinator::Told(told));
    }

    /// Tells process 0 what this process held: the last that it says.
    pub fn tell_held(&self, held: Vec<u8>) {
        self.0.say(&ToCoordinator::Held(held));
    }

    /// Whether the last epoch is done.
    pub fn is_finished(&self) -> bool {
        self.0.waiting.is_finished.load(Ordering::Acquire)
    }

    /// Whether process 0 is lost.
    pub fn loss(&self) -> &Loss {
        &self.0.waiting.loss
    }
}

impl Shared {
    fn say(&self, message: &ToCoordinator) {
        let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = frame::write(&mut *to, message) {
            drop(to);
            self.waiting
                .lose(&self.address, &heard_nothing(error).to_string());
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

impl Waiting {
    fn answers(&self) -> MutexGuard<'_, HashMap<u32, SyncSender<Answered>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hears process 0 until it ends.
    fn hear(&self, from: &mut TcpStream) -> io::Error {
        loop {
            match frame::read(from, frame::LARGEST) {
                Ok(FromCoordinator::Answer(number, answer)) => {
                    if let Some(asker) = self.answers().remove(&number) {
                        // It fails where the asker was given up.
                        let _ = asker.send(answer);
                    }
                }
                Ok(FromCoordinator::Finish) => self.is_finished.store(true, Ordering::Release),
                Ok(FromCoordinator::Alive | FromCoordinator::Start) => {}
                Err(error) => return error,
            }
        }
    }

    fn lose(&self, address: &str, told: &str) {
        self.loss.tell(Lost {
            process: 0,
            address: address.to_owned(),
            told: told.to_owned(),
        });
        self.answers().clear();
    }
}
