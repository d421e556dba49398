//! What a section is made of, and how it becomes a page.
//!
//! In: blocks of texts. Out: HTML. Must hold: nothing is fetched and no script runs, which the page itself forbids to
//! browsers; texts are escaped.

use askama::Template;

use super::seal::{Sealed, place, seal};
use crate::language::{Language, ReportMessages};

/// A part of a section.
pub enum Block {
    /// A heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A paragraph that stands out.
    Notice(String),
    /// A list.
    List(Vec<String>),
    /// Names, each with what is so.
    Facts(Vec<(&'static str, Cell)>),
    /// Commands, each with what it does.
    Commands(Vec<(String, &'static str)>),
    /// A picture, in SVG.
    Picture(String),
    /// A table.
    Table(Table),
}

/// A table.
pub struct Table {
    /// What it is about.
    pub caption: String,
    /// Whether the heading over it says so already.
    pub is_titled: bool,
    /// How it is set.
    pub class: &'static str,
    /// The names of its columns, and whether they are of numbers.
    pub columns: Vec<(&'static str, bool)>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row.
pub struct Row {
    /// A cell for each column.
    pub cells: Vec<Cell>,
    /// Whether it sums up the others.
    pub is_total: bool,
}

impl Row {
    /// One of many.
    pub fn of(cells: impl IntoIterator<Item = Cell>) -> Self {
        Self {
            cells: cells.into_iter().collect(),
            is_total: false,
        }
    }

    /// The sum of the others.
    pub fn total(cells: impl IntoIterator<Item = Cell>) -> Self {
        Self {
            is_total: true,
            ..Self::of(cells)
        }
    }
}

/// A cell.
pub struct Cell {
    /// Its text.
    pub text: String,
    /// Whether it is of a program, and of no language.
    pub is_code: bool,
}

/// A text.
pub fn text(text: impl Into<String>) -> Cell {
    Cell {
        text: text.into(),
        is_code: false,
    }
}

/// A code, name or digest.
pub fn code(text: impl Into<String>) -> Cell {
    Cell {
        text: text.into(),
        is_code: true,
    }
}

/// A section.
#[derive(Template)]
#[template(path = "report/section.html")]
pub struct Section {
    /// Its id: lower-case letters.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

#[derive(Template)]
#[template(path = "report/head.html")]
struct Head<'a> {
    lang: &'static str,
    t: &'static ReportMessages,
    seal: String,
    subtitle: String,
    manifest: &'a str,
    links: Vec<(&'static str, &'static str)>,
}

/// A whole report.
///
/// # Errors
/// When a template fails.
pub fn page(
    language: Language,
    subtitle: String,
    manifest_sha256: &str,
    sections: &[Section],
) -> Result<String, askama::Error> {
    let head = Head {
        lang: language.code(),
        t: language.report_messages(),
        seal: place(manifest_sha256),
        subtitle,
        manifest: manifest_sha256,
        links: sections.iter().map(|one| (one.id, one.title)).collect(),
    };
    let head = head.render()?;
    let head = format!("{}\n", head.trim_end());
    let sealed: Result<Vec<Sealed>, askama::Error> = sections
        .iter()
        .map(|section| {
            Ok(Sealed {
                id: section.id,
                body: section.render()?,
            })
        })
        .collect();
    Ok(seal(&head, &sealed?))
}
