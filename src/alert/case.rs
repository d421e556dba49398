//! An alert that holds, with what the rows behind it say.
//!
//! In: findings, and the rows as they are known. Out: cases, for those who draw conclusions from rows and
//! not only show them. Must hold: a case is a function of the finding and of what was known in the last
//! epoch.

use std::io;

use super::identity::{AlertId, Subject};
use super::lookup::Known;
use crate::dataflow::{Content, Finding, RowRef, Support};
use crate::record::Key;
use crate::rule::{Class, Reason};

/// An alert that holds, and the rows that its finding rests on.
#[derive(Clone, Debug)]
pub struct Case {
    /// The alert.
    pub alert_id: AlertId,
    /// Why it holds.
    pub reason: Reason,
    /// What it suggests.
    pub class: Class,
    /// What it is about.
    pub subject: CaseRow,
    /// The other rows, in no meaningful order; none of a window of visits.
    pub rows: Vec<CaseRow>,
}

/// A key and what is kept of the row that it holds; none where it holds no row, as an unregistered card.
#[derive(Clone, Debug)]
pub struct CaseRow {
    /// Stream and key.
    pub key: Key,
    /// What is kept of the row.
    pub content: Option<Content>,
}

impl Case {
    /// The case of a finding.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub(super) fn of(finding: &Finding, known: Known<'_>) -> io::Result<Self> {
        let find = |row: RowRef| {
            let row = row.as_claim_of_several_cards().unwrap_or(row);
            let (key, latest) = known.find(row)?;
            let content = latest.and_then(|row| row.content);
            io::Result::Ok(CaseRow { key, content })
        };
        let subject = find(finding.subject)?;
        let about = Subject::of(subject.key.stream(), subject.key.to_string().into());
        let rows = match &finding.evidence {
            Support::Rows(rows) => rows
                .iter()
                .map(|row| find(*row))
                .collect::<Result<_, _>>()?,
            Support::Window { .. } => Vec::new(),
        };
        Ok(Self {
            alert_id: AlertId::of(finding.reason, &about),
            reason: finding.reason,
            class: finding.class,
            subject,
            rows,
        })
    }
}
