//! Decides what is sent when: the part of a delivery that neither waits nor sends.
//!
//! In: the time, and the answers since the last turn. Out: jobs, and when to look again. Must hold: at most
//! as many jobs are under way to a sink as it takes, one where it is probed and none while it is paused; of a
//! value, one.

use std::collections::{HashMap, HashSet};

use super::answer::Answer;
use super::retry::{Policy, Room};
use crate::authenticate::Database;
use crate::notice::moment::Moment;
use crate::notice::outbox::{Begun, Delivery, Outbox, OutboxError, Pause, Registered, Settled};

/// A sink, as far as decisions go.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Its name.
    pub name: String,
    /// Whose notices it takes.
    pub database: Database,
    /// Its kind.
    pub kind: &'static str,
    /// How many notices it takes at a time.
    pub concurrency: usize,
    /// How it is treated when it does not take one.
    pub policy: Policy,
}

/// A notice to be sent.
#[derive(Clone, Debug)]
pub struct Job {
    /// The sink's place.
    pub sink: usize,
    /// Its number in the outbox.
    pub number: i64,
    /// The idempotency key.
    pub key: String,
    /// The body.
    pub body: String,
}

/// What a sink came to while the courier went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Notices that it took.
    pub delivered: u64,
    /// Attempts that were in vain.
    pub in_vain: u64,
}

/// Carries notices from an outbox to sinks.
pub struct Courier<'a> {
    outbox: &'a mut Outbox,
    lanes: Vec<Lane>,
    pauses: Vec<Pause>,
    under_way: HashMap<(usize, i64), Begun>,
    tallies: Vec<Tally>,
}

impl<'a> Courier<'a> {
    /// A courier from an outbox to sinks. The caller holds the outbox's lock.
    ///
    /// # Errors
    /// When the outbox cannot be used, or knows a sink as another database's.
    pub fn new(outbox: &'a mut Outbox, lanes: Vec<Lane>, now: Moment) -> Result<Self, OutboxError> {
        let registered: Vec<Registered<'_>> = lanes
            .iter()
            .map(|lane| Registered {
                name: &lane.name,
                database: lane.database,
                kind: lane.kind,
            })
            .collect();
        let pauses = outbox.register(&registered, now)?;
        Ok(Self {
            outbox,
            tallies: vec![Tally::default(); lanes.len()],
            lanes,
            pauses,
            under_way: HashMap::new(),
        })
    }

    /// Takes answers to jobs, by sink and number, and gives jobs that are due, if any may still begin.
    ///
    /// # Errors
    /// When the outbox cannot be written; then nothing is to be sent.
    pub fn turn(
        &mut self,
        answers: Vec<((usize, i64), Answer)>,
        now: Moment,
        may_begin: bool,
    ) -> Result<Vec<Job>, OutboxError> {
        let mut settled: Vec<(Delivery, Settled)> = Vec::with_capacity(answers.len());
        for ((sink, number), answer) in answers {
            let Some(begun) = self.under_way.remove(&(sink, number)) else {
                continue;
            };
            let policy = &self.lanes[sink].policy;
            let attempt = (begun.key.as_str(), begun.attempts, begun.refusals);
            let how = policy.settle(attempt, &answer, now);
            self.pauses[sink] = policy.pause(&self.pauses[sink], &begun.key, &answer, now);
            match how {
                Settled::Delivered => self.tallies[sink].delivered += 1,
                _ => self.tallies[sink].in_vain += 1,
            }
            settled.push((begun.delivery, how));
        }
        let names: HashMap<&str, usize> = self
            .lanes
            .iter()
            .enumerate()
            .map(|(place, lane)| (lane.name.as_str(), place))
            .collect();
        let mut room = Vec::new();
        for (place, lane) in self.lanes.iter().enumerate() {
            let free = self.room(place, now);
            if may_begin
                && free > 0
                && self
                    .outbox
                    .next_due(&lane.name)?
                    .is_some_and(|due| due <= now)
            {
                room.push((lane.name.as_str(), free));
            }
        }
        if settled.is_empty() && room.is_empty() {
            return Ok(Vec::new());
        }
        let answered: HashSet<usize> = settled
            .iter()
            .filter_map(|(one, _)| names.get(one.sink.as_str()).copied())
            .collect();
        let pauses: Vec<(&str, &Pause)> = answered
            .into_iter()
            .map(|place| (self.lanes[place].name.as_str(), &self.pauses[place]))
            .collect();
        let under_way: HashSet<(String, i64)> = self
            .under_way
            .iter()
            .map(|((sink, _), begun)| (self.lanes[*sink].name.clone(), begun.target))
            .collect();
        let begun = self
            .outbox
            .turn(&settled, &pauses, &room, &under_way, now)?;
        let mut jobs = Vec::with_capacity(begun.len());
        for begun in begun {
            let Some(sink) = names.get(begun.delivery.sink.as_str()).copied() else {
                continue;
            };
            let number = begun.delivery.notice;
            jobs.push(Job {
                sink,
                number,
                key: begun.key.clone(),
                body: begun.body.clone(),
            });
            self.under_way.insert((sink, number), begun);
        }
        Ok(jobs)
    }

    /// How many more notices may be under way to a sink.
    fn room(&self, sink: usize, now: Moment) -> usize {
        let lane = &self.lanes[sink];
        let most = match lane.policy.room(&self.pauses[sink], now) {
            Room::All => lane.concurrency,
            Room::Probe => 1,
            Room::Nothing(_) => 0,
        };
        let under_way = self.under_way.keys().filter(|(place, _)| *place == sink);
        most.saturating_sub(under_way.count())
    }

    /// The sinks.
    pub fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    /// How many jobs are under way.
    pub fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// When something is due at the earliest, were nothing under way; none where nothing is pending.
    ///
    /// # Errors
    /// When the outbox cannot be read.
    pub fn next_due(&self) -> Result<Option<Moment>, OutboxError> {
        let mut next: Option<Moment> = None;
        for (lane, pause) in self.lanes.iter().zip(&self.pauses) {
            let due = self.outbox.next_due(&lane.name)?;
            // Nothing is sent while the sink is paused.
            let due = due.map(|due| due.max(pause.until.unwrap_or(due)));
            next = [next, due].into_iter().flatten().min();
        }
        Ok(next)
    }

    /// What each sink came to, in their order.
    pub fn tallies(&self) -> impl Iterator<Item = (&Lane, Tally)> {
        self.lanes.iter().zip(self.tallies.iter().copied())
    }
}

#[cfg(test)]
mod tests;
