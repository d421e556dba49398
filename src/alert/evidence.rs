//! The rows behind an alert, in a form that can be shown and checked.

use std::collections::HashMap;
use std::io;

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
    /// SHA-256 over a line `stream/key` a row, in the order in which rows are shown, where not all
    /// are.
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
            let begin = visits
                .iter()
                .position(|claim| claim == first)
                .unwrap_or(visits.len());
            let end = begin.saturating_add(*count as usize).min(visits.len());
            &visits[begin..end]
        }
    }
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
        let behind = rows_behind(finding, sources.visits);
        let claim = sources.known.claim(subject)?;
        let mut keys = vec![subject.clone()];
        for row in deciding_cards(claim.as_ref()) {
            keys.push(sources.rows.key(row)?);
        }
        for row in behind {
            for row in with_deciding_cards(*row, sources.rows, sources.known)? {
                keys.push(sources.rows.key(row)?);
            }
        }
        keys.sort_by_cached_key(|key| (key != subject, rank(key.stream()), key.to_string()));
        keys.dedup();
        if let (Support::Window { .. }, Some(first)) = (&finding.evidence, behind.first()) {
            let first = sources.rows.key(*first)?;
            let mut digest = Sha256::new();
            for key in &keys {
                digest.update(format!("{}/{key}\n", key.stream()));
            }
            let ends = [subject, &first];
            return Ok(Self {
                count: Some(keys.len()),
                digest: Some(hex(&digest.finalize())),
                rows: sources.rows_of(ends.into_iter())?,
            });
        }
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
}

impl Sources<'_> {
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
