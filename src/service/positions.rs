//! How far each source has been read, durably.
//!
//! In: deliveries that are in the journal. Out: the place in each part of each source from which to go on. Must
//! hold: a place is never ahead of what is durable; of those who read on from the same place, one is taken.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::submission::{Refused, Submission};
use crate::journal::Delivery;

/// The places, by source and part.
#[derive(Default)]
pub struct Positions(Mutex<BTreeMap<String, BTreeMap<String, String>>>);

impl Positions {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, BTreeMap<String, String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a place that is durable.
    pub(super) fn set(&self, source: &str, part: &str, place: &str) {
        let mut positions = self.lock();
        let of_source = positions.entry(source.to_owned()).or_default();
        of_source.insert(part.to_owned(), place.to_owned());
    }

    /// Notes what deliveries reached, which are durable.
    pub(super) fn reach<'d>(&self, deliveries: impl Iterator<Item = &'d Delivery>) {
        for delivery in deliveries {
            for position in &delivery.positions {
                self.set(&delivery.source, &position.part, &position.place);
            }
        }
    }

    /// Refuses what follows on places where its source is not, and gives what is left. A place is where the
    /// journal has it, or where one before it in the batch moves it.
    pub(super) fn without_moved(&self, batch: Vec<Submission>) -> Vec<Submission> {
        let mut moved: HashMap<(String, String), String> = HashMap::new();
        let mut left = Vec::with_capacity(batch.len());
        for submission in batch {
            let source = submission.source();
            let is_there = submission.follows.iter().all(|follows| {
                let key = (source.to_owned(), follows.part.clone());
                let place = moved.get(&key).cloned();
                place.or_else(|| self.place(source, &follows.part)) == follows.place
            });
            if !is_there {
                (submission.reply)(Err(Refused::Moved));
                continue;
            }
            for delivery in &submission.deliveries {
                let positions = delivery.positions.iter();
                moved.extend(positions.map(|position| {
                    let key = (delivery.source.clone(), position.part.clone());
                    (key, position.place.clone())
                }));
            }
            left.push(submission);
        }
        left
    }

    /// The place in a part of a source, if it was read at all.
    pub fn place(&self, source: &str, part: &str) -> Option<String> {
        self.lock().get(source)?.get(part).cloned()
    }

    /// The places of a source.
    pub fn of_source(&self, source: &str) -> BTreeMap<String, String> {
        self.lock().get(source).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Instant;

    use super::*;
    use crate::journal::Position;
    use crate::service::submission::{Follows, Receipt};

    type Told = Receiver<Result<Receipt, Refused>>;

    /// Moves parts from where they are to where they will be.
    fn submission(source: &str, moves: &[(&str, Option<&str>, &str)]) -> (Submission, Told) {
        let (reply, told) = channel();
        let deliveries = moves.iter().map(|(part, _, to)| Delivery {
            source: source.to_owned(),
            positions: vec![Position {
                part: (*part).to_owned(),
                place: (*to).to_owned(),
            }],
            ..Delivery::default()
        });
        let follows = moves.iter().map(|(part, from, _)| Follows {
            part: (*part).to_owned(),
            place: from.map(str::to_owned),
        });
        let submission = Submission {
            deliveries: deliveries.collect(),
            follows: follows.collect(),
            sender: None,
            carries_forward: false,
            bytes: 0,
            arrived: Instant::now(),
            reply: Box::new(move |outcome| reply.send(outcome).expect("it is looked at")),
        };
        (submission, told)
    }

    #[test]
    fn of_those_who_read_on_from_one_place_the_first_is_taken() {
        let positions = Positions::default();
        positions.set("topics", "claims/0", "10");
        let (batch, told): (Vec<_>, Vec<_>) = [
            submission("topics", &[("claims/0", Some("10"), "20")]),
            submission("topics", &[("claims/0", Some("10"), "25")]),
            submission("topics", &[("claims/0", Some("20"), "30")]),
            // Never read, though the journal has a place; and the other way round.
            submission("topics", &[("claims/0", None, "5")]),
            submission("topics", &[("claims/1", Some("0"), "5")]),
            submission("topics", &[("claims/1", None, "5")]),
            submission("others", &[("claims/0", None, "7")]),
            // A part that moved refuses the whole, and moves none of its others.
            submission(
                "topics",
                &[("claims/2", None, "9"), ("claims/1", None, "9")],
            ),
            submission("topics", &[("claims/2", None, "4")]),
        ]
        .into_iter()
        .unzip();
        let left = positions.without_moved(batch);
        let refused: Vec<bool> = told.iter().map(|told| told.try_recv().is_ok()).collect();
        assert_eq!(
            refused,
            [false, true, false, true, true, false, false, true, false]
        );
        assert_eq!(left.len(), 5);
        assert_eq!(
            positions.place("topics", "claims/0").as_deref(),
            Some("10"),
            "nothing is durable yet"
        );
    }

    #[test]
    fn who_names_no_place_is_taken_wherever_the_source_is() {
        let positions = Positions::default();
        positions.set("files", "file", "3");
        let (mut submission, told) = submission("files", &[("file", None, "4")]);
        submission.follows.clear();
        assert_eq!(positions.without_moved(vec![submission]).len(), 1);
        assert!(told.try_recv().is_err());
    }
}
