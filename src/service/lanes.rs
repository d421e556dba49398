//! The order in which what waits is given out.
//!
//! In: submissions, each of a sender, or of a source that has none. Out: batches; those of one sender in the order in which they
//! came. Must hold: a small submission does not wait for what others have sent before it, and a large one is not
//! kept waiting by small ones.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant as Clock;

use super::submission::Submission;

/// A submission is small that is at most this part of an epoch.
const SMALL: usize = 16;

/// What waits of a sender, or of a source that has none, in the order in which it came.
struct Lane {
    source: String,
    sender: Option<String>,
    waiting: VecDeque<Submission>,
}

impl Lane {
    fn is_of(&self, submission: &Submission) -> bool {
        self.source == submission.source() && self.sender == submission.sender
    }
}

/// Those of whom something waits. The first is the one whose turn it is.
#[derive(Default)]
pub(super) struct Lanes(VecDeque<Lane>);

impl Lanes {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether something of more than one waits.
    pub(super) fn is_shared(&self) -> bool {
        self.0.len() > 1
    }

    /// Adds what has come.
    pub(super) fn put(&mut self, submission: Submission) {
        match self.0.iter_mut().find(|lane| lane.is_of(&submission)) {
            Some(lane) => lane.waiting.push_back(submission),
            None => self.0.push_back(Lane {
                source: submission.source().to_owned(),
                sender: submission.sender.clone(),
                waiting: VecDeque::from([submission]),
            }),
        }
    }

    /// When what waits longest was taken in, by source.
    pub(super) fn waits_since(&self) -> BTreeMap<String, Clock> {
        let mut since: BTreeMap<String, Clock> = BTreeMap::new();
        for lane in &self.0 {
            let Some(first) = lane.waiting.front() else {
                continue;
            };
            let since = since.entry(lane.source.clone()).or_insert(first.arrived);
            *since = first.arrived.min(*since);
        }
        since
    }

    /// A batch of about so many rows. First what is small, of everybody, up to half of them; then the next of the one whose turn
    /// it is, whatever its size; then the others in turn, while they fit. A submission is whole in one epoch.
    pub(super) fn batch(&mut self, rows: usize) -> Vec<Submission> {
        let lanes = &mut self.0;
        let mut batch = Vec::new();
        let mut taken = 0;
        if lanes.len() > 1 {
            for lane in lanes.iter_mut() {
                while let Some(next) = lane.waiting.front()
                    && next.rows() <= rows / SMALL
                    && taken + next.rows() <= rows / 2
                {
                    taken += next.rows();
                    batch.extend(lane.waiting.pop_front());
                }
            }
            lanes.retain(|lane| !lane.waiting.is_empty());
            // What is small has had its part.
            let is_large = |next: &Submission| next.rows() > rows / SMALL;
            let turn = lanes
                .iter()
                .position(|lane| lane.waiting.front().is_some_and(is_large));
            lanes.rotate_left(turn.unwrap_or(0));
        }
        let mut is_first = true;
        while let Some(lane) = lanes.front_mut()
            && let Some(next) = lane.waiting.front()
        {
            if !is_first && taken + next.rows() > rows {
                break;
            }
            is_first = false;
            taken += next.rows();
            batch.extend(lane.waiting.pop_front());
            let lane = lanes.pop_front();
            lanes.extend(lane.filter(|lane| !lane.waiting.is_empty()));
        }
        batch
    }

    /// All that waits.
    pub(super) fn into_all(self) -> impl Iterator<Item = Submission> {
        self.0.into_iter().flat_map(|lane| lane.waiting)
    }
}
