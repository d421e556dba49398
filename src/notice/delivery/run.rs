//! Carries on until it is done: threads that send, and one that decides.
//!
//! ```text
//! courier ─ jobs, a queue a sink ─▶ senders, as many a sink as it takes ─ answers ─▶ courier
//! ```
//! Must hold: no queue holds more than the sink takes at a time; a sender that panics stops the delivery
//! and never hangs it; whoever is killed loses nothing, since an attempt is on disk before it is made.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::answer::Answer;
use super::courier::{Courier, Job};
use super::transport::{Outgoing, Transport};
use crate::notice::moment::{Clock, Moment};
use crate::notice::outbox::OutboxError;

/// How long at most until the outbox is looked at again: another process may have reconciled it.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// When a delivery ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// When nothing is due: what failed is left for the next time.
    NothingDue,
    /// When nothing is pending, or at this moment.
    Empty(Option<Moment>),
}

/// Delivers. `transports` are those of the courier's sinks, in their order.
///
/// # Errors
/// When the outbox cannot be used.
///
/// # Panics
/// When a transport panics.
pub fn deliver(
    courier: &mut Courier<'_>,
    transports: &[&dyn Transport],
    clock: &dyn Clock,
    until: Until,
) -> Result<(), OutboxError> {
    thread::scope(|scope| {
        let (answered, answers) = channel();
        let mut queues: Vec<Sender<Job>> = Vec::with_capacity(transports.len());
        let waiting: Vec<Mutex<Receiver<Job>>> = transports
            .iter()
            .map(|_| {
                let (queue, jobs) = channel();
                queues.push(queue);
                Mutex::new(jobs)
            })
            .collect();
        let waiting = std::sync::Arc::new(waiting);
        for (sink, transport) in transports.iter().enumerate() {
            for _ in 0..courier.lanes()[sink].concurrency.max(1) {
                let (waiting, answered) = (waiting.clone(), answered.clone());
                scope.spawn(move || send(&waiting[sink], *transport, &answered, clock));
            }
        }
        drop(answered);
        // The queues are dropped when this ends, however it ends, and with them the senders end.
        decide(courier, &queues, &answers, clock, until)
    })
}

/// The answer to a job, by sink and number; none where its sender panicked.
type Answered = Option<((usize, i64), Answer)>;

/// Tells that a sender panicked, so that nobody waits for its answer.
struct Alarm<'a>(&'a Sender<Answered>);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.0.send(None);
        }
    }
}

fn send(
    waiting: &Mutex<Receiver<Job>>,
    transport: &dyn Transport,
    answered: &Sender<Answered>,
    clock: &dyn Clock,
) {
    let _alarm = Alarm(answered);
    loop {
        // Held while it waits: another sender of the sink then waits for the lock instead.
        let job = waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(job) = job else { return };
        let answer = transport.send(Outgoing {
            number: job.number,
            key: &job.key,
            body: &job.body,
            at: clock.now(),
        });
        if answered
            .send(Some(((job.sink, job.number), answer)))
            .is_err()
        {
            return;
        }
    }
}

fn decide(
    courier: &mut Courier<'_>,
    queues: &[Sender<Job>],
    answers: &Receiver<Answered>,
    clock: &dyn Clock,
    until: Until,
) -> Result<(), OutboxError> {
    let mut come: Vec<Answered> = Vec::new();
    loop {
        come.extend(answers.try_iter());
        let Some(answered) = std::mem::take(&mut come).into_iter().collect() else {
            // The scope passes the panic on.
            return Ok(());
        };
        let now = clock.now();
        let is_over = matches!(until, Until::Empty(Some(end)) if end <= now);
        let jobs = courier.turn(answered, now, !is_over)?;
        for job in jobs {
            // A queue is gone only when its senders have panicked, which the scope tells.
            let _ = queues[job.sink].send(job);
        }
        let due = courier.next_due()?;
        let is_done = match until {
            Until::NothingDue => due.is_none_or(|due| due > now),
            Until::Empty(_) => due.is_none() || is_over,
        };
        if courier.under_way() == 0 && is_done {
            return Ok(());
        }
        let wait = match due {
            Some(due) if courier.under_way() == 0 => due.since(now).min(LOOK_AGAIN),
            _ => LOOK_AGAIN,
        };
        match answers.recv_timeout(wait) {
            Ok(answer) => come.push(answer),
            Err(RecvTimeoutError::Timeout) => {}
            // Every sender is gone: one has panicked, or there is no sink.
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}
