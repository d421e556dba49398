//! One receiver: what it is sent next, and when.
//!
//! In: what waits for it, the answers to what was sent, the time. Out: a message at a time, and when to look again. Must
//! hold: the next message is sent once the one before it is taken, whatever is answered meanwhile; what is kept of attempts
//! is lost with the process, and costs no more than an attempt.

use std::collections::VecDeque;
use std::time::Duration;

use crate::notice::delivery::{Answer, Outgoing, Policy, Transport};
use crate::notice::outbox::{Pause, Settled};
use crate::notice::{Clock, Moment};
use crate::review::{Desk, DeskError, Message};

use super::body::body;

/// How a receiver is treated that does not take a message. None is given up: what comes after it may not go before it.
pub const POLICY: Policy = Policy {
    first_retry: Duration::from_secs(1),
    longest_retry: Duration::from_secs(300),
    refusals: u32::MAX,
    failures: 5,
    first_pause: Duration::from_secs(2),
    longest_pause: Duration::from_secs(60),
};

/// A receiver that messages go to.
pub struct Lane {
    name: String,
    transport: Box<dyn Transport>,
    policy: Policy,
    origin: Option<String>,
    waiting: VecDeque<Message>,
    /// The id of the message that was tried last, and how often.
    tried: (String, u32),
    pause: Pause,
    due: Option<Moment>,
    is_stopped: bool,
}

/// What a turn came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing waits.
    Idle,
    /// Something waits, until then.
    Later(Moment),
    /// A message was taken.
    Delivered,
    /// A message was not taken; it is tried again.
    InVain {
        /// What was answered; no word of the receiver's.
        error: String,
        /// How often in a row.
        failures: u32,
    },
    /// The receiver says that nothing is expected there any more: it is left alone until it is configured otherwise.
    Gone {
        /// What was answered.
        error: String,
    },
    /// The receiver is left alone.
    Stopped,
}

impl Lane {
    /// A receiver by its name on the desk. `origin` is where browsers reach the pages, if that is known.
    pub fn new(
        name: String,
        transport: Box<dyn Transport>,
        policy: Policy,
        origin: Option<String>,
    ) -> Self {
        Self {
            name,
            transport,
            policy,
            origin,
            waiting: VecDeque::new(),
            tried: (String::new(), 0),
            pause: Pause::default(),
            due: None,
            is_stopped: false,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sends the next message, if there is one and its time has come.
    ///
    /// # Errors
    /// When the desk cannot be used. What was sent before that is sent again.
    pub fn turn(&mut self, desk: &Desk, clock: &dyn Clock) -> Result<Turn, DeskError> {
        if self.is_stopped {
            return Ok(Turn::Stopped);
        }
        if let Some(due) = self.due.filter(|due| *due > clock.now()) {
            return Ok(Turn::Later(due));
        }
        if self.waiting.is_empty() {
            self.look(desk)?;
        }
        if self.is_stopped {
            return Ok(Turn::Stopped);
        }
        let Some(message) = self.waiting.front() else {
            return Ok(Turn::Idle);
        };
        if self.tried.0 != message.id {
            self.tried = (message.id.clone(), 0);
        }
        self.tried.1 = self.tried.1.saturating_add(1);
        let answer = self.transport.send(Outgoing {
            number: message.number,
            key: &message.id,
            body: &body(message, self.origin.as_deref()),
            at: clock.now(),
        });
        let now = clock.now();
        // Other receivers of the same message do not come back at the same moment.
        let key = format!("{}/{}", self.name, message.id);
        match &answer {
            Answer::Taken => {
                desk.has_received(&self.name, message.number)?;
                self.waiting.pop_front();
                self.pause = Pause::default();
                self.due = None;
                Ok(Turn::Delivered)
            }
            Answer::Gone { error } => {
                desk.stop_receiver(&self.name)?;
                self.is_stopped = true;
                Ok(Turn::Gone {
                    error: error.clone(),
                })
            }
            Answer::Refused { error, .. } | Answer::Unavailable { error, .. } => {
                self.pause = match &answer {
                    // It is there, and does not take what has to be taken first.
                    Answer::Refused { error, .. } => {
                        let refused = Answer::Refused {
                            error: error.clone(),
                            is_of_sink: true,
                        };
                        self.policy.pause(&self.pause, &key, &refused, now)
                    }
                    other => self.policy.pause(&self.pause, &key, other, now),
                };
                let settled = self.policy.settle((&key, self.tried.1, 0), &answer, now);
                let at = match settled {
                    Settled::Later { at, .. } => at,
                    Settled::Delivered | Settled::Failed { .. } => now,
                };
                self.due = self.pause.until.max(Some(at));
                // What waits for too long is removed meanwhile: it is looked at again.
                self.waiting.clear();
                Ok(Turn::InVain {
                    error: error.clone(),
                    failures: self.pause.failures,
                })
            }
        }
    }

    /// Looks for what waits.
    fn look(&mut self, desk: &Desk) -> Result<(), DeskError> {
        loop {
            let pending = desk.pending(&self.name)?;
            self.is_stopped = pending.is_stopped;
            if pending.is_stopped || !pending.messages.is_empty() {
                self.waiting = pending.messages.into();
                return Ok(());
            }
            if pending.through <= pending.delivered {
                return Ok(());
            }
            // None of those is of its reasons.
            desk.has_received(&self.name, pending.through)?;
        }
    }
}
