//! A share of what was opened and revealed on a day, for somebody to check that it was for the work.
//!
//! In: a day that is over. Out: 5 % of its reveals and 5 % of its openings of alerts, of each at least one. Must hold: who
//! asks again gets the same, and nobody can choose: the order is that of a digest of the day and the number of the entry.

use sha2::{Digest, Sha256};

use super::entry::Entry;
use super::error::SearchError;
use super::keeper::AccessLog;
use super::search::Query;
use crate::record::{Day, Instant};
use crate::web::AccessAction;

/// One in so many, rounded up.
const EVERY: usize = 20;
/// Entries that are looked at in one go.
const PAGE: usize = 1000;
const PURPOSE: &[u8] = b"fundwatch access-log sample";

/// What is to be checked of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sample {
    /// The reveals, then the openings of alerts; of each the newest first.
    pub entries: Vec<Entry>,
    /// How many reveals there were.
    pub reveals: u64,
    /// How many openings of alerts there were.
    pub openings: u64,
}

impl AccessLog {
    /// What is to be checked of a day, in UTC+7. Of one that is not over, it changes with what comes.
    ///
    /// # Errors
    /// As [`AccessLog::search`].
    pub fn sample(&self, day: Day) -> Result<Sample, SearchError> {
        let (mut entries, reveals) = self.share(day, AccessAction::Reveal)?;
        let (opened, openings) = self.share(day, AccessAction::OpenAlert)?;
        entries.extend(opened);
        Ok(Sample {
            entries,
            reveals,
            openings,
        })
    }

    /// The share of one action, and of how many.
    fn share(&self, day: Day, action: AccessAction) -> Result<(Vec<Entry>, u64), SearchError> {
        let (Some(from), Some(until)) = (Instant::on(day, 0), Instant::on(day.plus(1), 0)) else {
            return Ok((Vec::new(), 0));
        };
        let mut query = Query {
            action: Some(action.name().to_owned()),
            from: Some(from),
            until: Some(until),
            limit: PAGE,
            ..Query::default()
        };
        let mut ranked: Vec<([u8; 32], Entry)> = Vec::new();
        loop {
            let found = self.search(&query)?;
            let own = found.entries.into_iter();
            ranked.extend(own.map(|entry| (rank(day, entry.n), entry)));
            query.before = found.next;
            if found.next.is_none() {
                break;
            }
        }
        let count = ranked.len();
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.truncate(count.div_ceil(EVERY));
        ranked.sort_by_key(|(_, entry)| std::cmp::Reverse(entry.n));
        let entries = ranked.into_iter().map(|(_, entry)| entry).collect();
        Ok((entries, count as u64))
    }
}

fn rank(day: Day, n: u64) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(PURPOSE);
    digest.update(day.number().to_be_bytes());
    digest.update(n.to_be_bytes());
    digest.finalize().into()
}
