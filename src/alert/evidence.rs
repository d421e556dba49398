//! The rows behind an alert, in a form that can be shown and checked.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::ops::Range;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::event::display;
use super::lookup::{Known, SharedRows, deciding_cards};
use crate::dataflow::{Finding, Person, RowRef, Support};
use crate::record::{Instant, Key, Stream};

/// The most rows that an alert lists (contract 3.1).
const ROWS_SHOWN: usize = 8;

/// The claims of those who come often.
pub type VisitsByPerson = HashMap<Person, Box<[RowRef]>>;

/// Where rows and their keys are found.
pub struct Sources<'a> {
    /// Keys.
    pub rows: &'a SharedRows,
    /// Rows, as they are known.
    pub known: Known<'a>,
    /// The claims of those who come often.
    pub visits: &'a VisitsByPerson,
    /// Names of files, by number.
    pub files: &'a [String],
    /// The lines of [`Evidence::digest`] of each visit in [`Sources::visits`], made once a person.
    pub windows: RefCell<HashMap<Person, Vec<Vec<String>>>>,
}

/// A row behind an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceRow {
    /// The stream.
    pub stream: &'static str,
    /// The key, as a subject's id is written.
    pub key: String,
    /// Knowledge time.
    #[serde(serialize_with = "display")]
    pub recorded_at: Instant,
    /// The file, relative to the input directory.
    pub file: String,
    /// 1-based record in the file.
    pub row: u64,
}

/// The rows behind an alert, or, where they are many, some of them with the count and digest of all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The rows shown: the subject, then claims, cards, death reports, citizens and participants, each
    /// by key; of a window its ends.
    #[serde(rename = "evidence")]
    pub rows: Vec<EvidenceRow>,
    /// How many rows there are, where not all are shown.
    #[serde(rename = "evidence_count", skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// SHA-256 over a line `stream/key` a row, where not all are shown: in the order in which rows are
    /// shown, of a window in its order.
    #[serde(rename = "evidence_sha256", skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// The rows that a finding rests on beside its subject. A window's stand in its order and end with
/// the subject.
pub fn rows_behind<'a>(finding: &'a Finding, visits: &'a VisitsByPerson) -> &'a [RowRef] {
    match &finding.evidence {
        Support::Rows(rows) => rows,
        Support::Window {
            person,
            first,
            visits: count,
        } => {
            let visits = visits.get(person).map_or(&[][..], |claims| claims);
            &visits[window(visits, *first, *count)]
        }
    }
}

/// Where a window stands among the visits of its person.
fn window(visits: &[RowRef], first: RowRef, count: u32) -> Range<usize> {
    let begin = visits
        .iter()
        .position(|claim| *claim == first)
        .unwrap_or(visits.len());
    begin..begin.saturating_add(count as usize).min(visits.len())
}

/// A row that a finding rests on, and the cards that it rests on in turn: a claim of several cards
/// belongs to the person that its cards decide.
///
/// # Errors
/// When the scratch file cannot be read.
pub fn with_deciding_cards(
    row: RowRef,
    rows: &SharedRows,
    known: Known<'_>,
) -> io::Result<Vec<RowRef>> {
    let Some(claim) = row.as_claim_of_several_cards() else {
        return Ok(vec![row]);
    };
    let content = known.claim(&rows.key(claim)?)?;
    Ok(std::iter::once(claim)
        .chain(deciding_cards(content.as_ref()))
        .collect())
}

impl Evidence {
    /// The evidence of a finding about the subject with this key. A key that holds no row, such as
    /// an unregistered card, is no evidence.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn of(finding: &Finding, subject: &Key, sources: &Sources<'_>) -> io::Result<Self> {
        match &finding.evidence {
            Support::Rows(rows) => Self::of_rows(rows, subject, sources),
            Support::Window {
                person,
                first,
                visits,
            } => Self::of_window((*person, *first, *visits), subject, sources),
        }
    }

    fn of_rows(rows: &[RowRef], subject: &Key, sources: &Sources<'_>) -> io::Result<Self> {
        let claim = sources.known.claim(subject)?;
        let mut keys = vec![subject.clone()];
        for row in deciding_cards(claim.as_ref()) {
            keys.push(sources.rows.key(row)?);
        }
        for row in rows {
            for row in with_deciding_cards(*row, sources.rows, sources.known)? {
                keys.push(sources.rows.key(row)?);
            }
        }
        keys.sort_by_cached_key(|key| (key != subject, rank(key.stream()), key.to_string()));
        keys.dedup();
        let mut rows = sources.rows_of(keys.iter())?;
        if rows.len() <= ROWS_SHOWN {
            return Ok(Self {
                rows,
                count: None,
                digest: None,
            });
        }
        let mut digest = Sha256::new();
        for row in &rows {
            digest.update(format!("{}/{}\n", row.stream, row.key));
        }
        let count = rows.len();
        rows.truncate(ROWS_SHOWN);
        Ok(Self {
            rows,
            count: Some(count),
            digest: Some(hex(&digest.finalize())),
        })
    }

    fn of_window(
        (person, first, count): (Person, RowRef, u32),
        subject: &Key,
        sources: &Sources<'_>,
    ) -> io::Result<Self> {
        let visits = sources.visits.get(&person).map_or(&[][..], |claims| claims);
        let range = window(visits, first, count);
        let mut windows = sources.windows.borrow_mut();
        let lines = match windows.entry(person) {
            Entry::Occupied(lines) => lines.into_mut(),
            Entry::Vacant(place) => place.insert(sources.lines_of(visits)?),
        };
        let mut digest = Sha256::new();
        let mut rows = 0;
        for line in lines[range].iter().flatten() {
            digest.update(line);
            rows += 1;
        }
        let ends = [subject, &sources.rows.key(first)?];
        Ok(Self {
            count: Some(rows),
            digest: Some(hex(&digest.finalize())),
            rows: sources.rows_of(ends.into_iter())?,
        })
    }
}

impl Sources<'_> {
    /// For each visit, a line for the claim and for each card that decides whose it is.
    fn lines_of(&self, visits: &[RowRef]) -> io::Result<Vec<Vec<String>>> {
        let mut lines = Vec::with_capacity(visits.len());
        for visit in visits {
            let mut of_visit = Vec::new();
            for row in with_deciding_cards(*visit, self.rows, self.known)? {
                let key = self.rows.key(row)?;
                of_visit.push(format!("{}/{key}\n", key.stream()));
            }
            lines.push(of_visit);
        }
        Ok(lines)
    }

    fn rows_of<'k>(&self, keys: impl Iterator<Item = &'k Key>) -> io::Result<Vec<EvidenceRow>> {
        let mut rows = Vec::new();
        for key in keys {
            if let Some(row) = self.known.row(key)? {
                rows.push(EvidenceRow {
                    stream: key.stream().name(),
                    key: key.to_string(),
                    recorded_at: row.recorded_at,
                    file: self
                        .files
                        .get(row.file as usize)
                        .cloned()
                        .unwrap_or_default(),
                    row: row.row,
                });
            }
        }
        Ok(rows)
    }
}

/// The order in which streams are shown: what the alert is about before what ties it together, so
/// that of many rows the telling ones stay.
fn rank(stream: Stream) -> u8 {
    match stream {
        Stream::Claims => 0,
        Stream::Cards => 1,
        Stream::DeathReports => 2,
        Stream::Citizens => 3,
        Stream::Participants => 4,
        _ => 5,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
