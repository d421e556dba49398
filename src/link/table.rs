//! A file of records, in columns.
//!
//! In: a CSV with a header; plain, `.gz` or `.zst`. Out: the ids of its records and each column's
//! distinct cells, with the number of the cell that each record holds. Must hold: every record has as
//! many cells as the header, ids are given once, and an error names the line.

use std::path::{Path, PathBuf};

use hashbrown::HashMap;

use super::date;
use super::error::LinkError;
use super::guess::{is_bookkeeping, words_of};
use crate::source::open_by_ending;

/// Names of the column that holds the ids, first the ones that are looked for first.
const ID_NAMES: [&str; 3] = ["id", "unique_id", "rec_id"];

/// A column: its cells are held once.
#[derive(Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its distinct cells, in the order in which they first come.
    pub cells: Vec<Box<str>>,
    /// The cell of each record.
    pub records: Vec<u32>,
}

/// A table of records.
#[derive(Debug)]
pub struct Table {
    /// The file.
    pub file: PathBuf,
    /// The id of each record.
    pub ids: Vec<Box<str>>,
    /// The name of the column of ids.
    pub id_column: String,
    /// The other columns.
    pub columns: Vec<Column>,
}

impl Table {
    /// Reads a file; `id` names the column of ids.
    ///
    /// # Errors
    /// When the file cannot be read, has no header or no such column, a line has not as many cells as
    /// the header, or an id comes twice.
    pub fn read(file: &Path, id: Option<&str>) -> Result<Self, LinkError> {
        let reader = open_by_ending(file)?;
        let mut csv = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(reader);
        let bad = |error: csv::Error| bad_csv(file, error);
        let header = csv.headers().map_err(bad)?.clone();
        let names: Vec<String> = header
            .iter()
            .map(|name| name.trim_start_matches('\u{feff}').trim().to_owned())
            .collect();
        check_header(file, &names)?;
        let id_place = id_place(file, &names, id)?;
        let mut builders: Vec<Interner> = names.iter().map(|_| Interner::default()).collect();
        let mut ids = Vec::new();
        let mut lines: HashMap<Box<str>, u64> = HashMap::new();
        let mut row = csv::StringRecord::new();
        while csv.read_record(&mut row).map_err(bad)? {
            let line = row.position().map_or(0, csv::Position::line);
            for (place, cell) in row.iter().enumerate() {
                if place == id_place {
                    note_id(file, &mut lines, cell, line)?;
                    ids.push(cell.into());
                } else if let Some(builder) = builders.get_mut(place) {
                    builder.push(cell);
                }
            }
        }
        let columns = names.iter().zip(builders).enumerate();
        let columns = columns.filter(|(place, _)| *place != id_place);
        Ok(Self {
            file: file.to_owned(),
            ids,
            id_column: names[id_place].clone(),
            columns: columns
                .map(|(_, (name, builder))| builder.column(name))
                .collect(),
        })
    }

    /// How many records it has.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether it has no record.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<usize> {
        let exact = self.columns.iter().position(|c| c.name == name);
        let words = words_of(name);
        exact.or_else(|| self.columns.iter().position(|c| words_of(&c.name) == words))
    }
}

#[derive(Default)]
struct Interner {
    numbers: HashMap<Box<str>, u32>,
    cells: Vec<Box<str>>,
    records: Vec<u32>,
}

impl Interner {
    fn push(&mut self, cell: &str) {
        let number = match self.numbers.get(cell) {
            Some(number) => *number,
            None => {
                let number = self.cells.len() as u32;
                self.cells.push(cell.into());
                self.numbers.insert(cell.into(), number);
                number
            }
        };
        self.records.push(number);
    }

    fn column(self, name: &str) -> Column {
        Column {
            name: name.to_owned(),
            cells: self.cells,
            records: self.records,
        }
    }
}

fn note_id(
    file: &Path,
    lines: &mut HashMap<Box<str>, u64>,
    id: &str,
    line: u64,
) -> Result<(), LinkError> {
    let message = if id.is_empty() {
        "the id is empty; give every record an id, or name another column with --id".to_owned()
    } else if let Some(first) = lines.insert(id.into(), line) {
        format!(
            "the id was given to line {first} already; give every record an id of its own, or name \
             another column with --id"
        )
    } else {
        return Ok(());
    };
    Err(LinkError::Table {
        file: file.to_owned(),
        line: Some(line),
        message,
    })
}

/// Refuses a first line that is none of a header.
fn check_header(file: &Path, names: &[String]) -> Result<(), LinkError> {
    let error = |message: String| LinkError::Table {
        file: file.to_owned(),
        line: Some(1),
        message,
    };
    if names.iter().all(String::is_empty) {
        let remedy = "the file has no header; its first line must name the columns";
        return Err(error(remedy.to_owned()));
    }
    let is_data = |name: &String| {
        let digits = name.bytes().any(|b| b.is_ascii_digit());
        let plain = name
            .chars()
            .all(|c| c.is_ascii_digit() || ".-/".contains(c));
        name.contains('@') || (digits && plain) || date::is_date(name)
    };
    if names.iter().any(is_data) {
        let remedy =
            "the first line holds data and no header; add a first line that names the columns";
        return Err(error(remedy.to_owned()));
    }
    for (place, name) in names.iter().enumerate() {
        if !name.is_empty() && names[..place].contains(name) {
            return Err(error(format!(
                "the header names column `{name}` twice; give each column a name of its own"
            )));
        }
    }
    Ok(())
}

fn id_place(file: &Path, names: &[String], id: Option<&str>) -> Result<usize, LinkError> {
    let place = |wanted: &str| names.iter().position(|name| name == wanted);
    if let Some(id) = id {
        return place(id).ok_or_else(|| {
            LinkError::WrongCall(format!(
                "--id {id}: {} has no such column; its columns are {}",
                file.display(),
                names.join(", ")
            ))
        });
    }
    let named = ID_NAMES.iter().find_map(|name| place(name));
    let like = || {
        names
            .iter()
            .position(|n| is_bookkeeping(n) && words_of(n).ends_with("id"))
    };
    Ok(named.or_else(like).unwrap_or(0))
}

fn bad_csv(file: &Path, error: csv::Error) -> LinkError {
    let line = error.position().map(csv::Position::line);
    let message = match error.into_kind() {
        csv::ErrorKind::Io(error) => {
            return LinkError::Source(crate::source::SourceError::reading(file, error));
        }
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!(
            "the row has {len} cells and the header {expected_len}; quote a cell that holds a comma"
        ),
        csv::ErrorKind::Utf8 { .. } => "the row is not UTF-8; save the file as UTF-8".to_owned(),
        _ => "the row cannot be read; check its quotes".to_owned(),
    };
    LinkError::Table {
        file: file.to_owned(),
        line,
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn read(text: &str, id: Option<&str>) -> Result<Table, LinkError> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        Table::read(file.path(), id)
    }

    fn told(text: &str, id: Option<&str>) -> String {
        read(text, id).expect_err("refused").to_string()
    }

    #[test]
    fn cells_are_held_once() {
        let table = read("\u{feff}rec_id, city\na, Huế\nb,\"Huế\"\nc,\n", None).expect("a table");
        assert_eq!(table.ids, ["a".into(), "b".into(), "c".into()]);
        assert_eq!(table.id_column, "rec_id");
        assert_eq!(table.columns[0].cells, ["Huế".into(), "".into()]);
        assert_eq!(table.columns[0].records, [0, 0, 1]);
    }

    #[test]
    fn the_id_is_the_named_one_or_a_usual_one_or_the_first() {
        let column = |text: &str, id| read(text, id).expect("a table").id_column;
        assert_eq!(column("x,rec_id,y\na,b,c\n", Some("y")), "y");
        assert_eq!(column("x,rec_id,id\na,b,c\n", None), "id");
        assert_eq!(column("x,y\na,b\n", None), "x");
    }

    #[test]
    fn errors_name_line_and_remedy_and_no_cell() {
        for (text, id, expected) in [
            ("", None, "no header"),
            (
                "1,Lan,1971-06-24\n",
                None,
                "add a first line that names the columns",
            ),
            (
                "id,a\n1,x\n1,y\n",
                None,
                "line 3: the id was given to line 2 already",
            ),
            ("id,a\n1,x\n,y\n", None, "line 3: the id is empty"),
            (
                "id,a\n1,x\n2,y,z\n",
                None,
                "line 3: the row has 3 cells and the header 2",
            ),
            ("id,a,a\n", None, "names column `a` twice"),
            ("id,a\n", Some("b"), "its columns are id, a"),
        ] {
            let told = told(text, id);
            assert!(told.contains(expected), "{told}");
            assert!(!told.contains("Lan"), "{told}");
        }
    }
}
