//! `sample.csv`: the working paper that auditors fill.
//!
//! In: the units drawn; back: what auditors wrote. Must hold: no cell begins a formula in a spreadsheet; nobody is
//! identified in it by more than the end of a number; a worksheet whose rows are not those drawn is refused.

use std::path::Path;

use super::document::Document;
use super::draw::{FrameKind, Unit};
use super::error::SampleError;
use crate::mask;
use crate::record::{Money, Value};
use crate::sheet;

/// The columns: those that are filled when it is drawn, then the auditors'.
pub const COLUMNS: [&str; 18] = [
    "unit",
    "frame",
    "stratum",
    "order",
    "spare",
    "reason",
    "kind",
    "subject",
    "amount",
    "raised_at",
    "file",
    "row",
    "criteria",
    "condition",
    "cause",
    "effect",
    "conclusion",
    "error_amount",
];

/// What an auditor came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// The payment was wrong.
    Error,
    /// It was not.
    Correct,
    /// It cannot be told; a spare stands in.
    NotAuditable,
}

impl Conclusion {
    /// The words of a cell.
    const WORDS: [(&'static str, Self); 3] = [
        ("error", Self::Error),
        ("correct", Self::Correct),
        ("not_auditable", Self::NotAuditable),
    ];

    fn from_word(word: &str) -> Option<Self> {
        let found = Self::WORDS.into_iter().find(|(own, _)| *own == word);
        found.map(|(_, conclusion)| conclusion)
    }
}

/// The header of a worksheet.
pub fn header() -> String {
    format!("{}{}\r\n", sheet::MARK, sheet::line(COLUMNS))
}

/// A line of a worksheet.
pub fn line(frame: FrameKind, stratum: &str, order: u64, spare: bool, unit: &Unit) -> String {
    let (order, row) = (order.to_string(), unit.row.to_string());
    let amount = unit.amount.to_string();
    let raised_at = unit.raised_at.map(|at| at.to_string()).unwrap_or_default();
    let (id, subject) = (shown_id(unit), shown_subject(unit));
    let drawn = [
        id.as_str(),
        frame.as_str(),
        stratum,
        &order,
        if spare { "yes" } else { "no" },
        unit.reason.map_or("", |reason| reason.as_str()),
        &unit.kind,
        &subject,
        &amount,
        &raised_at,
        &unit.file,
        &row,
    ];
    let empty = COLUMNS.len() - drawn.len();
    let cells = drawn.into_iter().chain(std::iter::repeat_n("", empty));
    format!("{}\r\n", sheet::line(cells))
}

/// The id of a unit as it is shown.
pub fn shown_id(unit: &Unit) -> String {
    match unit.reason {
        Some(_) => unit.id.clone(),
        None => mask::key(true, &unit.id),
    }
}

fn shown_subject(unit: &Unit) -> String {
    mask::key(
        matches!(unit.kind.as_str(), "claim" | "check_in"),
        &unit.subject,
    )
}

/// A row as it came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The frame.
    pub frame: FrameKind,
    /// Its stratum.
    pub stratum: String,
    /// Its place there.
    pub order: u64,
    /// Whether it is a spare.
    pub spare: bool,
    /// The cells, as [`COLUMNS`] has them.
    pub cells: Vec<String>,
    /// What the auditors came to; none where they have not yet.
    pub conclusion: Option<Conclusion>,
    /// By how much the payment was too high; too low where it is negative.
    pub error_amount: Money,
}

impl Row {
    /// The cell of a column.
    pub fn cell(&self, column: &str) -> &str {
        let place = COLUMNS.iter().position(|own| *own == column);
        place
            .and_then(|place| self.cells.get(place))
            .map_or("", String::as_str)
    }
}

/// Reads a worksheet that may have been filled, and compares its rows with those drawn.
///
/// # Errors
/// When it cannot be read, a row is missing, added or another, or a cell cannot be understood.
pub fn read(path: &Path, document: &Document) -> Result<Vec<Row>, SampleError> {
    let text = std::fs::read(path).map_err(SampleError::io(path))?;
    let text = text
        .strip_prefix(sheet::MARK.as_bytes())
        .unwrap_or(text.as_slice());
    let wrong =
        |line: usize, message: &str| SampleError::wrong(path, format!("line {line}: {message}"));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .from_reader(text);
    let header = reader
        .headers()
        .map_err(|_| wrong(1, "it is no CSV in UTF-8"))?;
    let places: Option<Vec<usize>> = COLUMNS
        .iter()
        .map(|column| header.iter().position(|own| own == *column))
        .collect();
    let Some(places) = places else {
        let message = format!(
            "a column is missing; there are to be {}",
            COLUMNS.join(", ")
        );
        return Err(wrong(1, &message));
    };
    let mut rows = Vec::new();
    for (number, record) in (2..).zip(reader.records()) {
        let record = record.map_err(|_| wrong(number, "it is no CSV in UTF-8"))?;
        let cell = |place: &usize| plain(record.get(*place).unwrap_or_default().trim());
        let cells: Vec<String> = places.iter().map(cell).collect();
        if cells.iter().all(String::is_empty) {
            continue;
        }
        rows.push(row(cells).map_err(|message| wrong(number, &message))?);
    }
    compare(path, &rows, document)?;
    Ok(rows)
}

/// Spreadsheets of some countries write semicolons.
fn delimiter(text: &[u8]) -> u8 {
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if first.contains(&b';') && !first.contains(&b',') {
        b';'
    } else {
        b','
    }
}

/// A cell without the apostrophe that keeps it from being a formula.
fn plain(cell: &str) -> String {
    cell.strip_prefix('\'').unwrap_or(cell).to_owned()
}

fn row(cells: Vec<String>) -> Result<Row, String> {
    let mut row = Row {
        frame: FrameKind::Alerts,
        stratum: String::new(),
        order: 0,
        spare: false,
        cells,
        conclusion: None,
        error_amount: Money::ZERO,
    };
    row.frame = match row.cell("frame") {
        "alerts" => FrameKind::Alerts,
        "non_alerts" => FrameKind::NonAlerts,
        _ => return Err("`frame` is alerts or non_alerts".to_owned()),
    };
    row.stratum = row.cell("stratum").to_owned();
    let order = row.cell("order").parse();
    row.order = order.map_err(|_| "`order` is a number".to_owned())?;
    row.spare = row.cell("spare") == "yes";
    let word = row.cell("conclusion").to_lowercase();
    if !word.is_empty() {
        let conclusion = Conclusion::from_word(&word);
        row.conclusion = Some(conclusion.ok_or(
            "`conclusion` is error, correct or not_auditable, or empty as long as it is open",
        )?);
    }
    let amount = row.cell("error_amount");
    if !amount.is_empty() {
        let amount = Money::from_text(amount);
        row.error_amount =
            amount.ok_or("`error_amount` is an amount of dong in digits, such as 1500000")?;
    }
    if row.conclusion != Some(Conclusion::Error) && row.error_amount != Money::ZERO {
        return Err("there is an `error_amount`, but `conclusion` is not error".to_owned());
    }
    Ok(row)
}

/// Compares the rows with those drawn, each of which is to be there once.
fn compare(path: &Path, rows: &[Row], document: &Document) -> Result<(), SampleError> {
    let mut left: std::collections::BTreeMap<(FrameKind, &str, u64), (&str, bool)> = document
        .frames
        .iter()
        .flat_map(|frame| {
            frame
                .strata
                .iter()
                .map(move |stratum| (frame.frame, stratum))
        })
        .flat_map(|(frame, stratum)| {
            let name = stratum.stratum.as_str();
            let drawn = stratum.sample.iter();
            drawn.map(move |one| ((frame, name, one.order), (one.unit.as_str(), one.spare)))
        })
        .collect();
    for row in rows {
        let place = (row.frame, row.stratum.as_str(), row.order);
        let drawn = left.remove(&place);
        if drawn != Some((row.cell("unit"), row.spare)) {
            return Err(SampleError::wrong(
                path,
                format!(
                    "the row of stratum {}, order {}, was not drawn so, or stands there twice; take the rows as `fundwatch sample` wrote them",
                    row.stratum, row.order
                ),
            ));
        }
    }
    match left.keys().next() {
        None => Ok(()),
        Some((_, stratum, order)) => Err(SampleError::wrong(
            path,
            format!(
                "the row of stratum {stratum}, order {order}, is missing; take the rows as `fundwatch sample` wrote them"
            ),
        )),
    }
}
