//! Rows that come too late: their claim is retired, or would be at once.
//!
//! In: deliveries before they are sealed. Out: the same, with the late rows among the rejected ones. Must hold: a
//! late row is kept with its text, so that it can be sent again once its claim is restored; what is decided here
//! is journalled, and never decided again.

use std::collections::HashSet;

use super::archive::Archive;
use super::submission::{Refused, Submission};
use crate::journal::{Arrived, Delivery, Rejected, row_text};
use crate::record::{Change, Day, ErrorCode, Key, Operation, Record};

/// Rows that are judged under one lock.
const BLOCK: usize = 256;

const MESSAGE: &str = "the claim is retired: its last day is beyond retention.claims; restore the person's claims \
    (POST /v1/claims/restore), and send the row again";

impl Archive {
    /// Puts late rows among the rejected ones. What repairs a rejected row and is late is refused, so that the
    /// rejected row stays open; so is what undoes others, so that it is done as a whole or not at all.
    ///
    /// # Errors
    /// When the scratch file of rows cannot be read.
    pub(super) fn without_late(
        &self,
        batch: Vec<Submission>,
        as_of: Day,
    ) -> std::io::Result<Vec<Submission>> {
        if self.window.is_none() {
            return Ok(batch);
        }
        // They are restored by the end of the epoch.
        let restored: HashSet<Key> = (batch.iter().flat_map(Submission::restored))
            .cloned()
            .collect();
        let mut left = Vec::with_capacity(batch.len());
        for mut submission in batch {
            if submission.carries_forward {
                left.push(submission);
                continue;
            }
            let mut is_refused = false;
            for delivery in &mut submission.deliveries {
                let late = self.take_late(delivery, (as_of, &restored))?;
                if late.is_empty() {
                    continue;
                }
                is_refused |=
                    delivery.settled.iter().any(|one| one.is_repaired) || delivery.undoes.is_some();
                delivery.rejects.extend(late.into_iter().map(rejected));
                delivery.rejects.sort_by_key(|reject| reject.row);
            }
            match is_refused {
                true => (submission.reply)(Err(Refused::BeyondWindow)),
                false => left.push(submission),
            }
        }
        Ok(left)
    }

    fn take_late(
        &self,
        delivery: &mut Delivery,
        (as_of, restored): (Day, &HashSet<Key>),
    ) -> std::io::Result<Vec<Arrived>> {
        let mut is_late = Vec::with_capacity(delivery.rows.len());
        for block in delivery.rows.chunks(BLOCK) {
            let rows = self.rows.clone();
            let rows = rows.read();
            for one in block {
                let key = &one.change.key;
                let is_of_claim = matches!(key, Key::Claim(..) | Key::CheckIn(..));
                is_late.push(
                    is_of_claim
                        && !restored.contains(key)
                        && !self.is_restored(key, as_of)
                        && (self.would_be_retired(&one.change, as_of)
                            || match rows.latest(key)? {
                                Some((_, row)) => (row.content.as_ref())
                                    .is_some_and(|content| self.is_beyond(content, as_of)),
                                None => false,
                            }),
                );
            }
        }
        if !is_late.contains(&true) {
            return Ok(Vec::new());
        }
        let mut late = Vec::new();
        let rows = std::mem::take(&mut delivery.rows);
        for (one, is_late) in rows.into_iter().zip(is_late) {
            match is_late {
                true => late.push(one),
                false => delivery.rows.push(one),
            }
        }
        Ok(late)
    }

    /// Whether what a row says is beyond the window.
    pub(super) fn would_be_retired(&self, change: &Change, as_of: Day) -> bool {
        let last = match &change.operation {
            Operation::Upsert(Record::Claims(claim)) => claim.discharged_at.max(claim.admitted_at),
            Operation::Upsert(Record::CheckIns(check_in)) => check_in.admitted_at,
            _ => return false,
        };
        let window = self.window;
        window.is_some_and(|window| window.is_beyond(last.day(), as_of))
    }
}

fn rejected(late: Arrived) -> Rejected {
    let Arrived { row, change } = late;
    Rejected {
        row,
        stream: change.key.stream(),
        recorded_at: Some(change.recorded_at),
        facility: match &change.key {
            Key::Claim(facility, _) | Key::CheckIn(facility, _) => Some(*facility),
            _ => None,
        },
        code: ErrorCode::BeyondWindow,
        message: MESSAGE.to_owned(),
        raw: String::from_utf8(row_text(&change)).expect("a row is written as text"),
    }
}
