//! The rows behind an alert, in a form that can be shown and checked.
//!
//! In: findings, those of one person after each other. Out: their evidence. Must hold: it is a function
//! of the finding and of what was known in the last epoch; memory does not grow with findings.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use hashbrown::HashMap;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::event::display;
use super::lookup::{Known, claim_of, deciding_cards};
use super::visits::{VisitsByPerson, visits_of, window};
use crate::dataflow::{Finding, Person, RowRef, Support};
use crate::hex::hex;
use crate::record::{Instant, Stream};

/// The most rows that an alert lists (contract 3.1).
const ROWS_SHOWN: usize = 8;
/// Rows that are kept in case that another alert rests on them.
const ROWS_KEPT: usize = 4096;

/// Where rows and their keys are found.
pub struct Sources<'a> {
    /// Rows, as they are known.
    pub known: Known<'a>,
    /// The claims of those who come often.
    pub visits: &'a VisitsByPerson,
    /// Names of files, by number.
    pub files: FileNames,
}

/// What the files of rows are called.
#[derive(Clone, Debug)]
pub enum FileNames {
    /// Files of a directory, in their order.
    Listed(Arc<[Arc<str>]>),
    /// The epochs of a journal, by their numbers.
    Epochs,
}

impl FileNames {
    /// Names of files of a directory, in their order.
    pub fn listed<'n>(names: impl IntoIterator<Item = &'n String>) -> Self {
        Self::Listed(names.into_iter().map(|name| name.as_str().into()).collect())
    }

    /// The name of a file.
    pub fn name(&self, file: u32) -> Arc<str> {
        match self {
            Self::Listed(names) => names.get(file as usize).cloned().unwrap_or_default(),
            Self::Epochs => format!("epochs/{file}").into(),
        }
    }
}

/// A key, and the row that it holds.
pub struct ShownRow {
    /// The stream.
    pub stream: Stream,
    /// The key, as outputs write it.
    pub key: Arc<str>,
    /// The cards that decide whose it is, where it is a claim of several.
    cards: Box<[RowRef]>,
    /// Knowledge time, file and record, where the key holds a row.
    place: Option<(Instant, u32, u64)>,
}

/// Rows as evidence shows them, looked up once while alerts that rest on them follow each other.
pub struct ShownRows<'a> {
    sources: &'a Sources<'a>,
    found: HashMap<RowRef, ShownRow>,
    /// The visits whose windows were asked for last.
    window: Option<(Person, Lines)>,
}

/// A row behind an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceRow {
    /// The stream.
    pub stream: &'static str,
    /// The key, as a subject's id is written.
    pub key: Arc<str>,
    /// Knowledge time.
    #[serde(serialize_with = "display")]
    pub recorded_at: Instant,
    /// The file, relative to the input directory.
    pub file: Arc<str>,
    /// 1-based record in the file.
    pub row: u64,
}

/// The rows behind an alert, or, where they are many, some of them with the count and digest of all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The rows shown: the subject, then claims, cards, death reports, citizens and participants, each
    /// by key; of a window its ends, and of claims without a card the citizen.
    #[serde(rename = "evidence")]
    pub rows: Vec<EvidenceRow>,
    /// How many rows there are, where not all are shown.
    #[serde(rename = "evidence_count", skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// SHA-256 over a line `stream/key` a row, where not all are shown: in the order in which rows are
    /// shown, of a window in its order, before the citizen.
    #[serde(rename = "evidence_sha256", skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

impl Evidence {
    /// The evidence of a finding. A key that holds no row, such as an unregistered card, is no
    /// evidence.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn of(finding: &Finding, rows: &mut ShownRows<'_>) -> io::Result<Self> {
        match &finding.evidence {
            Support::Rows(behind) => Self::of_rows(finding.subject, behind, rows),
            Support::Window {
                person,
                first,
                visits,
            } => Self::of_window(finding.subject, (*person, *first, *visits), rows),
        }
    }

    fn of_rows(subject: RowRef, behind: &[RowRef], rows: &mut ShownRows<'_>) -> io::Result<Self> {
        let mut all = vec![subject];
        all.extend_from_slice(&rows.find(subject)?.cards);
        for row in behind {
            rows.add(*row, &mut all)?;
        }
        all.sort_unstable();
        all.dedup();
        let mut shown = Vec::with_capacity(all.len());
        for row in all {
            let found = rows.find(row)?;
            let order = (row != subject, rank(found.stream), found.key.clone());
            shown.extend(rows.shown(row)?.map(|row| (order, row)));
        }
        shown.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let mut rows: Vec<EvidenceRow> = shown.into_iter().map(|(_, row)| row).collect();
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
        subject: RowRef,
        (person, first, count): (Person, RowRef, u32),
        rows: &mut ShownRows<'_>,
    ) -> io::Result<Self> {
        let range = window(visits_of(rows.sources.visits, person), first, count);
        let lines = rows.lines(person)?;
        let mut digest = Sha256::new();
        digest.update(lines.text(&range));
        let mut count = lines.count(&range);
        let mut shown = Vec::with_capacity(3);
        for row in [subject, first] {
            shown.extend(rows.shown(row)?);
        }
        // Claims without a card are of one person by the citizen that they name.
        if let Some(citizen) = person.as_citizen() {
            let tie = rows.shown(RowRef::citizen(citizen))?;
            if let Some(tie) = &tie {
                digest.update(format!("{}/{}\n", tie.stream, tie.key));
                count += 1;
            }
            shown.extend(tie);
        }
        Ok(Self {
            rows: shown,
            count: Some(count),
            digest: Some(hex(&digest.finalize())),
        })
    }
}

impl<'a> ShownRows<'a> {
    /// Nothing looked up yet.
    pub fn new(sources: &'a Sources<'a>) -> Self {
        Self {
            sources,
            found: HashMap::new(),
            window: None,
        }
    }

    /// Rows as they are known, and what is known of persons.
    pub fn known_with_visits(&self) -> (Known<'a>, &'a VisitsByPerson) {
        (self.sources.known, self.sources.visits)
    }

    /// The key that a reference names, and its row.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn find(&mut self, row: RowRef) -> io::Result<&ShownRow> {
        if !self.found.contains_key(&row) {
            if self.found.len() == ROWS_KEPT {
                self.found.clear();
            }
            let (key, latest) = self.sources.known.find(row)?;
            let held = latest.as_ref().filter(|row| row.content.is_some());
            let shown = ShownRow {
                stream: key.stream(),
                key: key.to_string().into(),
                cards: deciding_cards(claim_of(held)),
                place: held.map(|row| (row.recorded_at, row.file, row.row)),
            };
            self.found.insert(row, shown);
        }
        Ok(&self.found[&row])
    }

    /// Adds a row that a finding rests on, and the cards that it rests on in turn: a claim of several
    /// cards belongs to the person that its cards decide.
    fn add(&mut self, row: RowRef, rows: &mut Vec<RowRef>) -> io::Result<()> {
        let Some(claim) = row.as_claim_of_several_cards() else {
            rows.push(row);
            return Ok(());
        };
        rows.push(claim);
        rows.extend_from_slice(&self.find(claim)?.cards);
        Ok(())
    }

    /// The row as evidence, where its key holds one.
    fn shown(&mut self, row: RowRef) -> io::Result<Option<EvidenceRow>> {
        let sources = self.sources;
        let found = self.find(row)?;
        Ok(found.place.map(|(recorded_at, file, row)| EvidenceRow {
            stream: found.stream.name(),
            key: found.key.clone(),
            recorded_at,
            file: sources.files.name(file),
            row,
        }))
    }

    /// The lines of [`Evidence::digest`] of each visit of a person.
    fn lines(&mut self, person: Person) -> io::Result<&Lines> {
        let made = match self.window.take() {
            Some((of, lines)) if of == person => lines,
            _ => self.lines_of(visits_of(self.sources.visits, person))?,
        };
        Ok(&self.window.insert((person, made)).1)
    }

    fn lines_of(&mut self, visits: &[RowRef]) -> io::Result<Lines> {
        let mut lines = Lines::default();
        let mut rows = Vec::new();
        for visit in visits {
            lines.begin_visit();
            rows.clear();
            self.add(*visit, &mut rows)?;
            for row in &rows {
                let row = self.find(*row)?;
                lines.push(row.stream.name(), &row.key);
            }
        }
        lines.begin_visit();
        Ok(lines)
    }
}

/// For each visit of a person, a line `stream/key` for the claim and for each card that decides whose
/// it is.
#[derive(Default)]
struct Lines {
    text: String,
    count: usize,
    /// For each visit, the text and the lines before it, and after the last, all of them.
    begins: Vec<(usize, usize)>,
}

impl Lines {
    fn begin_visit(&mut self) {
        self.begins.push((self.text.len(), self.count));
    }

    fn push(&mut self, stream: &str, key: &str) {
        for part in [stream, "/", key, "\n"] {
            self.text.push_str(part);
        }
        self.count += 1;
    }

    /// The lines of some visits.
    fn text(&self, visits: &Range<usize>) -> &str {
        &self.text[self.begins[visits.start].0..self.begins[visits.end].0]
    }

    /// How many lines some visits have.
    fn count(&self, visits: &Range<usize>) -> usize {
        self.begins[visits.end].1 - self.begins[visits.start].1
    }
}

/// The order in which streams are shown: what the alert is about before what ties it together, so
/// that of many rows the telling ones stay.
fn rank(stream: Stream) -> u8 {
    match stream {
        Stream::Claims | Stream::CheckIns | Stream::Beneficiaries => 0,
        Stream::Cards => 1,
        Stream::DeathReports => 2,
        Stream::Citizens => 3,
        Stream::Participants => 4,
        Stream::Employments => 5,
        _ => 6,
    }
}
