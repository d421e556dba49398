//! The sample of a run, as its report tells it.
//!
//! In: the directory of a sample. Out: how it was drawn, its worksheet, and what that says once every row has a conclusion.
//! Must hold: the sample is of the same run; what auditors wrote is told with numbers of people masked.

use std::path::Path;

use super::error::ReportError;
use super::page::{Block, Cell, Row, Section, Table, code, text};
use super::small::LEAST;
use super::words::Words;
use crate::audit::Run;
use crate::audit::sample::{
    self, By, Conclusion, Document, Estimates, FrameEstimate, FrameKind, WORKSHEET,
};
use crate::mask;
use crate::record::{Money, Value as _};
use crate::rule::Reason;

/// The most rows of a worksheet that are told.
const TOLD: usize = 500;

/// A sample.
pub struct OfSample {
    document: Document,
    rows: Vec<sample::Row>,
    /// Rows without a conclusion that are no spares.
    open: usize,
    /// What it says; none as long as a row is open.
    pub estimates: Option<Estimates>,
}

impl OfSample {
    /// The sample of a directory.
    ///
    /// # Errors
    /// When it cannot be read, or is of another run.
    pub fn read(directory: &Path, run: &Run) -> Result<Self, ReportError> {
        let path = directory.join(WORKSHEET);
        let (document, rows) = sample::read(&path)?;
        if document.run.manifest_sha256 != run.manifest_sha256 {
            return Err(ReportError::OtherRun { path });
        }
        let is_open = |row: &&sample::Row| !row.spare && row.conclusion.is_none();
        let open = rows.iter().filter(is_open).count();
        let estimates = match open {
            0 => Some(sample::estimate_rows(&path, &document, &rows)?),
            _ => None,
        };
        Ok(Self {
            document,
            rows,
            open,
            estimates,
        })
    }

    /// Whether claims without an alert are in it.
    pub fn has_non_alerts(&self) -> bool {
        let mut frames = self.document.frames.iter();
        frames.any(|frame| frame.frame == FrameKind::NonAlerts)
    }

    /// What is told of it.
    pub fn section(&self, words: &Words) -> Section {
        let t = words.t;
        let asked = &self.document.asked;
        let mut blocks = vec![
            Block::Facts(vec![
                (t.sample_seed, code(mask::text(&self.document.seed))),
                (t.sample_strata, text(words.cuts(&asked.strata))),
                (t.sample_worksheet, code(&self.document.worksheet_sha256)),
            ]),
            Block::Table(self.frames(words)),
        ];
        match &self.estimates {
            Some(estimates) => blocks.push(Block::Table(estimated(words, estimates))),
            None => {
                let drawn = self.rows.iter().filter(|row| !row.spare).count() as u64;
                let (open, all) = (words.count(self.open as u64), words.count(drawn));
                let told = words.told(t.sample_open, &[("open", &open), ("all", &all)]);
                blocks.push(Block::Notice(told));
            }
        }
        blocks.push(Block::Table(self.worksheet(words)));
        Section {
            id: "sample",
            title: t.sample,
            blocks,
        }
    }

    fn frames(&self, words: &Words) -> Table {
        let t = words.t;
        let is_of_province = self.document.asked.strata.contains(&By::Province);
        let mut rows = Vec::new();
        for frame in &self.document.frames {
            let name = frame_name(words, frame.frame);
            for stratum in &frame.strata {
                let is_few = is_of_province && stratum.units < LEAST;
                let (units, amount) = if is_few {
                    (format!("<{LEAST}"), t.withheld.to_owned())
                } else {
                    (
                        words.count(stratum.units),
                        amount(words, stratum.amount_vnd.get()),
                    )
                };
                rows.push(Row::of([
                    text(name),
                    text(words.stratum(&stratum.stratum)),
                    text(units),
                    text(amount),
                    text(if is_few {
                        t.withheld.to_owned()
                    } else {
                        words.count(stratum.drawn)
                    }),
                    code(&stratum.sha256),
                ]));
            }
            if let [_] = frame.strata[..] {
                continue;
            }
            let drawn = frame.strata.iter().map(|stratum| stratum.drawn).sum();
            rows.push(Row::total([
                text(name),
                text(t.total),
                text(words.count(frame.units)),
                text(amount(words, frame.amount_vnd.get())),
                text(words.count(drawn)),
                code(&frame.sha256),
            ]));
        }
        Table {
            caption: t.sample_frames.to_owned(),
            is_titled: false,
            class: "frames",
            columns: vec![
                (t.sample_frame, false),
                (t.sample_stratum, false),
                (t.sample_units, true),
                (t.amount, true),
                (t.sample_drawn, true),
                (t.sample_digest, false),
            ],
            rows,
        }
    }

    fn worksheet(&self, words: &Words) -> Table {
        let t = words.t;
        let told = self.rows.len().min(TOLD);
        let (count, all) = (
            words.count(told as u64),
            words.count(self.rows.len() as u64),
        );
        let rows = self.rows.iter().take(TOLD).zip(1u64..);
        Table {
            caption: words.told(t.sample_rows, &[("count", &count), ("all", &all)]),
            is_titled: false,
            class: "worksheet",
            columns: vec![
                (t.order, true),
                (t.sample_frame, false),
                (t.sample_stratum, false),
                (t.alert, false),
                (t.subject, false),
                (t.amount, true),
                (t.place, false),
                (t.criteria, false),
                (t.condition, false),
                (t.cause_found, false),
                (t.effect, false),
                (t.conclusion, false),
                (t.error_amount, true),
            ],
            rows: rows
                .map(|(row, number)| written(words, row, number))
                .collect(),
        }
    }
}

fn frame_name(words: &Words, frame: FrameKind) -> &'static str {
    match frame {
        FrameKind::Alerts => words.t.frame_alerts,
        FrameKind::NonAlerts => words.t.frame_non_alerts,
    }
}

fn amount(words: &Words, number: &str) -> String {
    Money::from_number(number).map_or_else(|| words.t.none.to_owned(), |money| words.money(money))
}

/// A row of the worksheet, with what auditors wrote.
fn written(words: &Words, row: &sample::Row, number: u64) -> Row {
    let t = words.t;
    let stratum = words.stratum(&row.stratum);
    let frame = match row.spare {
        true => format!("{} · {}", frame_name(words, row.frame), t.spare),
        false => frame_name(words, row.frame).to_owned(),
    };
    let alert = match (row.frame, Reason::from_name(row.cell("reason"))) {
        (FrameKind::Alerts, Some(_)) => code(row.cell("unit")),
        _ => text(""),
    };
    let conclusion = match row.conclusion {
        None => "",
        Some(Conclusion::Error) => t.conclusion_error,
        Some(Conclusion::Correct) => t.conclusion_correct,
        Some(Conclusion::NotAuditable) => t.conclusion_not_auditable,
    };
    let error = match row.conclusion {
        Some(Conclusion::Error) => words.money(row.error_amount),
        _ => String::new(),
    };
    let own = |column: &str| text(mask::text(row.cell(column)));
    let place = format!("{}, {}", row.cell("file"), row.cell("row"));
    Row::of([
        text(words.count(number)),
        text(frame),
        text(stratum),
        alert,
        code(row.cell("subject")),
        text(amount(words, row.cell("amount"))),
        code(place),
        own("criteria"),
        own("condition"),
        own("cause"),
        own("effect"),
        text(conclusion),
        text(error),
    ])
}

fn estimated(words: &Words, estimates: &Estimates) -> Table {
    let t = words.t;
    let mut rows = Vec::new();
    for frame in &estimates.frames {
        let name = frame_name(words, frame.frame);
        for one in &frame.strata {
            rows.push(Row::of([
                text(name),
                text(words.stratum(&one.stratum)),
                text(words.count(one.concluded)),
                text(words.count(one.errors)),
                text(rate(words, one.rate, words.interval(one.rate_interval))),
                text(words.ends(&one.amount)),
            ]));
        }
        if frame.strata.len() > 1 {
            rows.push(whole(words, name, frame));
        }
    }
    Table {
        caption: t.sample_estimates.to_owned(),
        is_titled: false,
        class: "estimates",
        columns: vec![
            (t.sample_frame, false),
            (t.sample_stratum, false),
            (t.sample_concluded, true),
            (t.sample_errors, true),
            (t.sample_rate, true),
            (t.sample_error_amount, true),
        ],
        rows,
    }
}

fn whole(words: &Words, name: &str, frame: &FrameEstimate) -> Row {
    let cells: [Cell; 6] = [
        text(name),
        text(words.t.total),
        text(words.count(frame.concluded)),
        text(words.count(frame.errors)),
        text(rate(words, frame.rate, words.interval(frame.rate_interval))),
        text(words.ends(&frame.amount)),
    ];
    Row::total(cells)
}

fn rate(words: &Words, rate: f64, interval: String) -> String {
    format!("{} ({interval})", words.percent(rate))
}
