//! The thread that writes the log: whatever waits becomes durable together.
//!
//! In: a bounded queue. Out: an answer for each that waits, once its line is durable or failed. Must hold: after an
//! error all that waited are told, and the next are tried anew.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant as Elapsed};

use super::log::Log;
use super::opening::MOST_AT_ONCE;
use super::progress::Progress;
use crate::metric::{AuditClass, Metrics, RevealRole};
use crate::review::Purpose;

/// How many may wait in the queue; the next wait to be let in.
pub(super) const QUEUE: usize = 1024;
/// A line has some 150 bytes beside what an entry says.
const BESIDE: usize = 256;
/// How long until a checkpoint that failed is tried again.
const PAUSE: Duration = Duration::from_secs(30);
const LONG: Duration = Duration::from_secs(3600);

/// What the writer is asked.
pub(super) enum Message {
    /// To keep an entry.
    Entry(Waiting),
    /// To sign what is there; whether there was anything to sign.
    Checkpoint(SyncSender<io::Result<bool>>),
    /// To sign what is there, and end.
    Stop,
}

/// An entry whose caller waits.
pub(super) struct Waiting {
    pub(super) members: Vec<u8>,
    pub(super) class: AuditClass,
    /// In which role and why something is shown unmasked, where it is.
    pub(super) reveal: Option<(RevealRole, Purpose)>,
    /// Is told the number of the line, or nothing when it could not be kept.
    pub(super) answer: SyncSender<Option<u64>>,
}

/// The writer.
pub(super) struct Writer {
    pub(super) log: Log,
    pub(super) queue: Receiver<Message>,
    pub(super) progress: Arc<Progress>,
    pub(super) metrics: Metrics,
    pub(super) checkpoint_every: Duration,
    pub(super) is_failing: bool,
}

impl Writer {
    pub(super) fn run(mut self) {
        if let Some(at) = self.log.signed_at() {
            self.metrics.audit().set_checkpoint(at);
        }
        let mut due = self.log.has_unsigned().then(Elapsed::now);
        loop {
            let now = Elapsed::now();
            if due.is_some_and(|due| due <= now) {
                // What is written from now on is not held up by what fails.
                due = match self.checkpoint() {
                    Ok(_) => None,
                    Err(_) => Some(now + PAUSE),
                };
            }
            let wait = due.map_or(LONG, |due| due.saturating_duration_since(now));
            match self.queue.recv_timeout(wait) {
                Ok(Message::Entry(first)) => {
                    if !self.batch(first) {
                        break;
                    }
                }
                Ok(Message::Checkpoint(answer)) => self.answer(&answer),
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if self.log.has_unsigned() {
                due.get_or_insert_with(|| Elapsed::now() + self.checkpoint_every);
            }
        }
        // It has told what went wrong; the next start signs.
        let _ = self.checkpoint();
    }

    /// Writes an entry and all that wait with it; whether the thread is to go on.
    fn batch(&mut self, first: Waiting) -> bool {
        let mut bytes = first.members.len() + BESIDE;
        let mut waiting = vec![first];
        let mut behind = None;
        // What is tested is the room for the largest entry.
        while bytes + super::lines::LONGEST_LINE < MOST_AT_ONCE {
            match self.queue.try_recv() {
                Ok(Message::Entry(next)) => {
                    bytes += next.members.len() + BESIDE;
                    waiting.push(next);
                }
                Ok(other) => {
                    behind = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        self.write(&waiting);
        match behind {
            Some(Message::Checkpoint(answer)) => self.answer(&answer),
            Some(Message::Stop) => return false,
            Some(Message::Entry(_)) | None => {}
        }
        true
    }

    fn write(&mut self, waiting: &[Waiting]) {
        let before = self.log.last();
        let members: Vec<&[u8]> = waiting.iter().map(|one| &one.members[..]).collect();
        let written = self.log.append(&members);
        self.tell(&written);
        // Before anybody is answered: whoever searches then finds what was kept.
        self.progress.set_durable(self.log.last());
        for (n, one) in (before + 1..).zip(waiting) {
            if written.is_ok() {
                self.metrics.audit().kept(one.class);
                if let Some((role, purpose)) = one.reveal {
                    self.metrics.audit().revealed(role, purpose);
                }
            }
            // Whoever does not wait any more needs no answer.
            let _ = one.answer.try_send(written.is_ok().then_some(n));
        }
    }

    /// Says once that the log cannot be written, and once that it can be again.
    fn tell(&mut self, written: &io::Result<()>) {
        match written {
            Err(error) if !self.is_failing => {
                tracing::error!(%error, "the access log cannot be written; what it would tell of is not told");
            }
            Ok(()) if self.is_failing => tracing::info!("the access log is written again"),
            _ => {}
        }
        self.is_failing = written.is_err();
    }

    fn answer(&mut self, answer: &SyncSender<io::Result<bool>>) {
        let signed = self.checkpoint();
        let _ = answer.try_send(signed);
    }

    fn checkpoint(&mut self) -> io::Result<bool> {
        let signed = self.log.checkpoint();
        match &signed {
            Ok(true) => {
                let at = self.log.signed_at();
                if let Some(at) = at {
                    self.metrics.audit().set_checkpoint(at);
                }
                self.progress.note(|standing| standing.signed_at = at);
            }
            Ok(false) => {}
            Err(error) => {
                tracing::error!(%error, "the access log cannot be signed; it is tried again")
            }
        }
        self.progress.set_durable(self.log.last());
        signed
    }
}
