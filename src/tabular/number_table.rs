//! A file of numbers.
//!
//! In: a CSV with a header; plain, `.gz` or `.zst`. Out: its rows, and the labels of one column. Must
//! hold: every value is finite; every row is as wide as the header, whose names are different; an
//! error names line and column.

use std::path::{Path, PathBuf};

use ndarray::{Array2, Axis};

use super::error::TableError;
use crate::source::{SourceError, open_by_ending};

/// What is done where a cell is missing: empty, or one of `NA`, `N/A`, `NaN`, `null`, `none`, `?`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// The file is refused.
    #[default]
    Refused,
    /// The median of the column takes its place: of the cells that are there or, with a stored model,
    /// of the rows that it was fitted on.
    Median,
}

/// How a file is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The column of labels, 0 or 1, which is no value.
    pub label: Option<String>,
    /// Columns that are left out.
    pub ignored: Vec<String>,
    /// What is done where a cell is missing.
    pub missing: Missing,
}

/// A table of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberTable {
    /// The file.
    pub file: PathBuf,
    /// The names of the columns that hold values.
    pub names: Vec<String>,
    /// The values by row and column; NaN, until it is [filled](Self::fill), where a cell is missing.
    pub values: Array2<f64>,
    /// The label of each row.
    pub labels: Option<Vec<bool>>,
    /// Whether cells are missing.
    has_gaps: bool,
}

/// What a column of the file is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Value,
    Label,
    Ignored,
}

impl NumberTable {
    /// Reads a file.
    ///
    /// # Errors
    /// When the file cannot be read, has no header or names a column twice, has no such column as a
    /// label or to be left out, has no rows or none but these columns; when a row has not as many cells
    /// as the header, a cell is missing that must not be, or is no finite number, or a label is
    /// neither 0 nor 1.
    pub fn read(file: &Path, reading: &Reading) -> Result<Self, TableError> {
        let mut csv = csv::Reader::from_reader(open_by_ending(file)?);
        let bad = |error: csv::Error| bad_csv(file, error);
        let header = csv.headers().map_err(bad)?;
        let name = |name: &str| name.trim_start_matches('\u{feff}').trim().to_owned();
        let names: Vec<String> = header.iter().map(name).collect();
        check_header(file, &names)?;
        let uses = uses(file, &names, reading)?;
        let (mut values, mut labels, mut has_gaps) = (Vec::new(), Vec::new(), false);
        let mut rows = 0;
        let mut row = csv::StringRecord::new();
        while csv.read_record(&mut row).map_err(bad)? {
            rows += 1;
            let cells = row.iter().zip(&uses).enumerate();
            for (place, (cell, of)) in cells.filter(|(_, (_, of))| **of != Use::Ignored) {
                let read = match of {
                    Use::Label => label(cell).map(|label| labels.push(label)),
                    _ => value(cell, reading.missing).map(|value| {
                        has_gaps |= value.is_nan();
                        values.push(value);
                    }),
                };
                read.map_err(|message| {
                    let line = row.position().map(csv::Position::line);
                    TableError::at(file, line, Some(&names[place]), message)
                })?;
            }
        }
        if rows == 0 {
            let remedy = "there is no row below the header; give at least one";
            return Err(TableError::at(file, None, None, remedy));
        }
        let used = names.into_iter().zip(&uses);
        let used = used.filter(|(_, of)| **of == Use::Value);
        let names: Vec<String> = used.map(|(name, _)| name).collect();
        let values = Array2::from_shape_vec((rows, names.len()), values);
        Ok(Self {
            file: file.to_owned(),
            values: values.expect("every row has a value for each name"),
            labels: reading.label.is_some().then_some(labels),
            names,
            has_gaps,
        })
    }

    /// The median of the cells that are there, column by column.
    ///
    /// # Errors
    /// When a column has none.
    pub fn medians(&self) -> Result<Vec<f64>, TableError> {
        let columns = self.values.columns().into_iter().zip(&self.names);
        let median = |(column, name): (ndarray::ArrayView1<'_, f64>, &String)| {
            let mut known: Vec<f64> = column.iter().copied().filter(|v| !v.is_nan()).collect();
            if known.is_empty() {
                let remedy = "every cell is missing; leave the column out with --ignore COLUMN";
                return Err(TableError::at(&self.file, None, Some(name), remedy));
            }
            let middle = (known.len() - 1) / 2;
            Ok(*known.select_nth_unstable_by(middle, f64::total_cmp).1)
        };
        columns.map(median).collect()
    }

    /// Puts the numbers of their columns where cells are missing.
    ///
    /// # Panics
    /// If there is not one number a column.
    pub fn fill(&mut self, with: &[f64]) {
        assert_eq!(with.len(), self.names.len(), "one number a column");
        if !self.has_gaps {
            return;
        }
        for (mut column, with) in self.values.columns_mut().into_iter().zip(with) {
            column.mapv_inplace(|value| if value.is_nan() { *with } else { value });
        }
        self.has_gaps = false;
    }

    /// Puts the columns in the order of the names that a model knows.
    ///
    /// # Errors
    /// When a column of the model is not there, or one is there that the model does not know.
    pub fn arrange<'a>(&mut self, known: impl Iterator<Item = &'a str>) -> Result<(), TableError> {
        let known: Vec<&str> = known.collect();
        let place = |wanted: &&str| self.names.iter().position(|name| name == wanted);
        let absent: Vec<&str> = known
            .iter()
            .copied()
            .filter(|n| place(n).is_none())
            .collect();
        let is_unknown = |name: &&str| !known.contains(name);
        let unknown: Vec<&str> = self
            .names
            .iter()
            .map(String::as_str)
            .filter(is_unknown)
            .collect();
        if !absent.is_empty() {
            let absent = some_of(&absent);
            return Err(TableError::WrongCall(format!(
                "--model was fitted on columns that {} does not have: {absent}; name the model of \
                 this table, or fit anew without --model",
                self.file.display(),
            )));
        }
        if !unknown.is_empty() {
            let unknown = some_of(&unknown);
            return Err(TableError::WrongCall(format!(
                "{} has columns that --model was not fitted on: {unknown}; leave them out with --ignore \
                 COLUMN, or fit anew without --model",
                self.file.display(),
            )));
        }
        let order: Vec<usize> = known.iter().filter_map(place).collect();
        if !order.is_sorted() {
            self.values = self.values.select(Axis(1), &order);
            self.names = known.into_iter().map(str::to_owned).collect();
        }
        Ok(())
    }
}

/// The first of many names.
fn some_of(names: &[&str]) -> String {
    let shown = names[..names.len().min(5)].join(", ");
    match names.len() - names.len().min(5) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// A cell as a finite number, or NaN where it is missing and may be.
fn value(cell: &str, missing: Missing) -> Result<f64, &'static str> {
    let cell = cell.trim();
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => return Ok(value),
        Ok(value) if !value.is_nan() => {
            return Err(
                "the cell is infinite or too large for a number; correct it, or empty it and use \
                 --missing median",
            );
        }
        _ => {}
    }
    let none = ["", "na", "n/a", "nan", "null", "none", "?"];
    if !none.contains(&cell.to_ascii_lowercase().as_str()) {
        return Err(
            "the cell is not a number; write numbers with a decimal point and no separator, or leave \
             the column out with --ignore COLUMN",
        );
    }
    match missing {
        Missing::Median => Ok(f64::NAN),
        Missing::Refused => Err("the cell is missing; fill it in, or use --missing median"),
    }
}

fn label(cell: &str) -> Result<bool, &'static str> {
    match cell.trim().parse::<f64>() {
        Ok(0.0) => Ok(false),
        Ok(1.0) => Ok(true),
        _ => Err("the label is neither 0 nor 1; write 1 for an outlier and 0 for any other row"),
    }
}

/// Refuses a first line that is none of a header. Whole numbers may be names: some programs number
/// columns.
fn check_header(file: &Path, names: &[String]) -> Result<(), TableError> {
    let error = |message: String| TableError::at(file, Some(1), None, message);
    if names.iter().all(String::is_empty) {
        let remedy = "the file has no header; its first line must name the columns";
        return Err(error(remedy.to_owned()));
    }
    if names
        .iter()
        .any(|name| name.parse::<f64>().is_ok() && name.parse::<u32>().is_err())
    {
        let remedy =
            "the first line holds data and no header; add a first line that names the columns";
        return Err(error(remedy.to_owned()));
    }
    for (place, name) in names.iter().enumerate() {
        if name.is_empty() {
            return Err(error(format!(
                "column {} has no name; give it one, or save the table without it",
                place + 1
            )));
        }
    }
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(error(format!(
            "the header names column `{}` twice; give each column a name of its own, and if the first \
             line holds data, add one before it that names the columns",
            pair[0]
        ))),
        None => Ok(()),
    }
}

fn uses(file: &Path, names: &[String], reading: &Reading) -> Result<Vec<Use>, TableError> {
    let mut uses = vec![Use::Value; names.len()];
    let label = reading
        .label
        .iter()
        .map(|name| ("--label", name, Use::Label));
    let ignored = reading.ignored.iter();
    let ignored = ignored.map(|name| ("--ignore", name, Use::Ignored));
    for (option, wanted, of) in ignored.chain(label) {
        let Some(place) = names.iter().position(|name| name == wanted.trim()) else {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            return Err(TableError::WrongCall(format!(
                "{option} {wanted}: {} has no such column; its columns are {}",
                file.display(),
                some_of(&names)
            )));
        };
        uses[place] = of;
    }
    if !uses.contains(&Use::Value) {
        let remedy = "no column is left to be scored; name fewer with --label and --ignore";
        return Err(TableError::at(file, None, None, remedy));
    }
    Ok(uses)
}

fn bad_csv(file: &Path, error: csv::Error) -> TableError {
    let line = error.position().map(csv::Position::line);
    let message = match error.into_kind() {
        csv::ErrorKind::Io(error) => {
            return TableError::Source(SourceError::reading(file, error));
        }
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!(
            "the row has {len} cells and the header {expected_len}; give every row one cell a column, and \
             write numbers with a decimal point"
        ),
        csv::ErrorKind::Utf8 { .. } => "the row is not UTF-8; save the file as UTF-8".to_owned(),
        _ => "the row cannot be read; check its quotes".to_owned(),
    };
    TableError::at(file, line, None, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use std::io::Write;

    fn reading(label: Option<&str>, ignored: &[&str], missing: Missing) -> Reading {
        Reading {
            label: label.map(str::to_owned),
            ignored: ignored.iter().map(|name| (*name).to_owned()).collect(),
            missing,
        }
    }

    fn read(text: &str, reading: &Reading) -> Result<NumberTable, TableError> {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        NumberTable::read(file.path(), reading)
    }

    #[test]
    fn quotes_line_ends_and_byte_order_marks_are_read() {
        let text = "\u{feff}a,\"b, c\",y\r\n1,\"2\",0\r\n -3e2 ,4.5,1.0\r\n";
        let table = read(text, &reading(Some("y"), &[], Missing::Refused)).expect("a table");
        assert_eq!(table.names, ["a", "b, c"]);
        assert_eq!(table.values, array![[1.0, 2.0], [-300.0, 4.5]]);
        assert_eq!(table.labels, Some(vec![false, true]));
        let table = read(text, &reading(None, &["a", "b, c"], Missing::Refused));
        assert_eq!(table.expect("a table").names, ["y"]);
    }

    #[test]
    fn medians_take_the_place_of_what_is_missing() {
        let text = "a,b\n1,\n2,NA\n?,7\n9,8\n";
        let mut table = read(text, &reading(None, &[], Missing::Median)).expect("a table");
        let medians = table.medians().expect("medians");
        assert_eq!(medians, [2.0, 7.0]);
        table.fill(&medians);
        assert_eq!(
            table.values,
            array![[1.0, 7.0], [2.0, 7.0], [2.0, 7.0], [9.0, 8.0]]
        );
        let empty = read("a,b\n1,\n2,\n", &reading(None, &[], Missing::Median));
        let told = empty.expect("a table").medians().expect_err("refused");
        assert!(told.to_string().contains("column b: every cell is missing"));
    }

    #[test]
    fn columns_are_put_in_the_order_of_a_model() {
        let mut table = read("a,b\n1,2\n", &Reading::default()).expect("a table");
        table
            .arrange(["b", "a"].into_iter())
            .expect("both are there");
        assert_eq!(table.values, array![[2.0, 1.0]]);
        for (known, expected) in [
            (vec!["a", "b", "c"], "does not have: c"),
            (vec!["a"], "not fitted on: b"),
        ] {
            let mut table = read("a,b\n1,2\n", &Reading::default()).expect("a table");
            let told = table.arrange(known.into_iter()).expect_err("refused");
            assert!(told.to_string().contains(expected), "{told}");
        }
    }

    #[test]
    fn errors_name_line_column_and_remedy_and_no_cell() {
        for (text, expected) in [
            ("", "no header"),
            ("1.5,2\n3,4\n", "line 1: the first line holds data"),
            ("a,b,a\n", "line 1: the header names column `a` twice"),
            (",a\n0,1\n", "line 1: column 1 has no name"),
            ("a,b\n", "no row below the header"),
            (
                "a,b\n1,2\n3\n",
                "line 3: the row has 1 cells and the header 2",
            ),
            (
                "a,b\n1,2\n3,secret\n",
                "line 3, column b: the cell is not a number",
            ),
            (
                "a,b\n1,2\n3,\n",
                "line 3, column b: the cell is missing; fill it in",
            ),
            ("a,b\n1,NaN\n", "line 2, column b: the cell is missing"),
            ("a,b\n-inf,2\n", "line 2, column a: the cell is infinite"),
            ("a,b\n1e999,2\n", "line 2, column a: the cell is infinite"),
            ("a,b\n\"1\n\",x\n", "line 2, column b"),
        ] {
            let told = read(text, &Reading::default())
                .expect_err("refused")
                .to_string();
            assert!(told.contains(expected), "{told}");
            assert!(!told.contains("secret"), "{told}");
        }
        let label = |text, label| {
            let reading = reading(Some(label), &[], Missing::Refused);
            read(text, &reading).expect_err("refused").to_string()
        };
        assert!(
            label("a,y\n1,2\n", "y").contains("line 2, column y: the label is neither 0 nor 1")
        );
        assert!(label("a,y\n1,2\n", "z").contains("its columns are a, y"));
        assert!(label("y\n1\n", "y").contains("no column is left"));
    }
}
