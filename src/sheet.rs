//! Tables for spreadsheets: CSV as of RFC 4180, which no spreadsheet takes for formulas.
//!
//! In: texts, also such as somebody wrote to do harm. Out: a line of a file. Must hold: every cell is quoted; what a
//! spreadsheet could begin a formula with, after whatever it may skip, has an apostrophe before it, as OWASP asks
//! (CSV injection); a cell is on one line.

/// What comes first in a file, so that spreadsheets read it as UTF-8.
pub(crate) const MARK: &str = "\u{feff}";

/// What formulas begin with, also in the forms that some spreadsheets read alike.
const FIRST: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A line of cells, without its end.
pub(crate) fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for text in cells {
        if !line.is_empty() {
            line.push(',');
        }
        line.push('"');
        if is_formula(text) {
            line.push('\'');
        }
        for c in text.chars() {
            match c {
                '"' => line.push_str("\"\""),
                // What breaks lines in a reader of whatever kind, and what hides or turns round what follows.
                c if c.is_control() || is_invisible(c) => line.push(' '),
                c => line.push(c),
            }
        }
        line.push('"');
    }
    line
}

fn is_formula(text: &str) -> bool {
    let is_skipped = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c);
    let first = text.trim_start_matches(is_skipped).chars().next();
    // A tab or a line end at the front is itself what some begin with.
    first.is_some_and(|c| FIRST.contains(&c)) || text.starts_with(['\t', '\r', '\n'])
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_could_be_a_formula_is_a_text() {
        for formula in [
            "=1+1",
            "+84",
            "-2",
            "@SUM(A1)",
            " =1",
            "\t=1",
            "\r=1",
            "\n-1",
            "\u{200b}=1",
            "\u{feff}=cmd|' /C calc'!A0",
            "＝1",
            "－1",
            "\tx",
        ] {
            let cell = line([formula]);
            assert!(cell.starts_with("\"'"), "{cell}");
        }
        for text in ["", "a=b", "1-2", "Nguyễn", "79001", "'=1", "•••001"] {
            assert_eq!(line([text]), format!("\"{text}\""));
        }
        assert_eq!(line(["a\"b", "", "c\nd"]), "\"a\"\"b\",\"\",\"c d\"");
    }

    proptest! {
        /// Against a reader of CSV: a line has the cells that it was made of, and none begins a formula.
        #[test]
        fn a_line_is_read_as_its_cells(cells in proptest::collection::vec("[ -~\t\r\n=+@\"'éệ\u{200b}]{0,12}", 1..6)) {
            let text = line(cells.iter().map(String::as_str));
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let read: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("CSV");
            prop_assert_eq!(read.len(), 1);
            prop_assert_eq!(read[0].len(), cells.len());
            for (cell, own) in read[0].iter().zip(&cells) {
                let first = cell.trim_start().chars().next();
                prop_assert!(!first.is_some_and(|c| FIRST.contains(&c)), "{:?}", cell);
                let plain: String = own.chars().map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c }).collect();
                prop_assert_eq!(cell.strip_prefix('\'').filter(|_| !own.starts_with('\'')).unwrap_or(cell), plain);
            }
        }
    }
}
