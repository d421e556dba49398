//! The benefits that nobody may draw on one day: pairs of schemes, and of a scheme and an employment.
//!
//! In: a CSV list with the columns `scheme`, `excludes` and `source`, one pair a row, in which
//! [`EMPLOYMENT`] stands for any employment. Out: whether two schemes exclude each other. Must hold: a
//! pair excludes both ways; every pair has its source, since an alert is only as good as the law behind
//! it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What stands for any employment in a list.
pub const EMPLOYMENT: &str = "employment";

/// The columns of a list.
const COLUMNS: [&str; 3] = ["scheme", "excludes", "source"];

/// The pairs that the program knows, with the articles that exclude them.
static BUILTIN: &str = include_str!("../../streams/exclusive_benefits.csv");

/// A scheme by its name, in eight bytes: names are any text, and share eight bytes by chance once in
/// 10^19 pairs.
// Two halves and not a u64, so that what holds one is aligned to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scheme {
    high: u32,
    low: u32,
}

impl Scheme {
    /// The scheme with this name.
    pub fn named(name: &str) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(Sha256::digest(name));
        Self::from_number(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }

    /// The scheme with these eight bytes.
    pub fn from_number(number: u64) -> Self {
        Self {
            high: (number >> 32) as u32,
            low: number as u32,
        }
    }

    /// Its eight bytes.
    pub fn number(self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }
}

/// The pairs that exclude each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExclusiveBenefits {
    /// Both ways.
    schemes: BTreeSet<(Scheme, Scheme)>,
    /// Those that exclude an employment.
    unemployed: BTreeSet<Scheme>,
    digest: [u8; 32],
}

/// A list that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A row is wrong.
    #[error("{}: line {line}: {problem}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// 1-based.
        line: u64,
        /// What is wrong with it, and what to do.
        problem: String,
    },
}

impl ExclusiveBenefits {
    /// The pairs that the program knows.
    ///
    /// # Panics
    /// Never: a test reads them.
    pub fn builtin() -> &'static Self {
        static LIST: LazyLock<ExclusiveBenefits> = LazyLock::new(|| {
            let path = Path::new("streams/exclusive_benefits.csv");
            ExclusiveBenefits::parse(path, BUILTIN).expect("the list of the program is sound")
        });
        &LIST
    }

    /// Reads a list.
    ///
    /// # Errors
    /// When the file cannot be read, or a row is wrong: the error says which, and what to do.
    pub fn read(path: &Path) -> Result<Self, ListError> {
        let text = std::fs::read_to_string(path).map_err(|source| ListError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ListError> {
        let wrong = |line: u64, problem: String| ListError::Row {
            path: path.to_owned(),
            line,
            problem,
        };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut list = Self {
            digest: Sha256::digest(text).into(),
            ..Self::default()
        };
        for (number, row) in reader.records().enumerate() {
            let row = row.map_err(|error| {
                let line = error.position().map_or(0, csv::Position::line);
                wrong(line, format!("{error}; write one pair a line as CSV"))
            })?;
            let line = row.position().map_or(0, |position| line_of(text, position));
            if number == 0 {
                if row.iter().ne(COLUMNS) {
                    let header = COLUMNS.join(",");
                    return Err(wrong(line, format!("the header must be `{header}`")));
                }
                continue;
            }
            let cells: Vec<&str> = row.iter().map(str::trim).collect();
            let [scheme, excludes, source] = cells[..] else {
                let problem = format!("{} cells where there must be 3", cells.len());
                return Err(wrong(line, problem));
            };
            list.add(scheme, excludes, source)
                .map_err(|problem| wrong(line, problem))?;
        }
        Ok(list)
    }

    fn add(&mut self, scheme: &str, excludes: &str, source: &str) -> Result<(), String> {
        if scheme.is_empty() || excludes.is_empty() {
            return Err("`scheme` or `excludes` is empty; name both".to_owned());
        }
        if source.is_empty() {
            return Err("`source` is empty; name the article that excludes the pair".to_owned());
        }
        if scheme == excludes {
            return Err(format!("`{scheme}` excludes itself; name another scheme"));
        }
        let is_new = match (scheme, excludes) {
            (EMPLOYMENT, scheme) | (scheme, EMPLOYMENT) => {
                self.unemployed.insert(Scheme::named(scheme))
            }
            (a, b) => {
                let (a, b) = (Scheme::named(a), Scheme::named(b));
                self.schemes.insert((b, a)) && self.schemes.insert((a, b))
            }
        };
        match is_new {
            true => Ok(()),
            false => Err(format!(
                "`{scheme}` and `{excludes}` are listed twice; remove one of the lines"
            )),
        }
    }

    /// Whether there is no pair, so that the reason cannot be found.
    pub fn is_empty(&self) -> bool {
        self.schemes.is_empty() && self.unemployed.is_empty()
    }

    /// Whether a scheme is in some pair.
    pub fn names(&self, scheme: Scheme) -> bool {
        self.excludes_employment(scheme) || self.schemes.iter().any(|(one, _)| *one == scheme)
    }

    /// Whether nobody may draw both on one day.
    pub fn excludes(&self, one: Scheme, other: Scheme) -> bool {
        self.schemes.contains(&(one, other))
    }

    /// Whether nobody may draw it while employed.
    pub fn excludes_employment(&self, scheme: Scheme) -> bool {
        self.unemployed.contains(&scheme)
    }

    /// SHA-256 of the list as it was read.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

/// The line on which a row begins: the reader takes the blank lines before it for a part of it.
fn line_of(text: &str, position: &csv::Position) -> u64 {
    let begins = usize::try_from(position.byte()).unwrap_or(text.len());
    let blank = text.as_bytes()[begins..].iter();
    let blank = blank.take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + blank.filter(|byte| **byte == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ExclusiveBenefits, String> {
        ExclusiveBenefits::parse(Path::new("list.csv"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_list_of_the_program_is_sound() {
        let list = ExclusiveBenefits::builtin();
        let [unemployment, pension] = ["unemployment", "pension"].map(Scheme::named);
        assert!(list.excludes(unemployment, pension) && list.excludes(pension, unemployment));
        assert!(list.excludes_employment(unemployment) && !list.excludes_employment(pension));
        assert!(list.names(pension) && !list.names(Scheme::named("merit")));
        assert!(!list.is_empty());
    }

    #[test]
    fn a_list_without_a_pair_is_empty() {
        assert!(
            parse("scheme,excludes,source\n")
                .expect("a list")
                .is_empty()
        );
        assert!(parse("").expect("a list").is_empty());
    }

    #[test]
    fn a_wrong_row_is_named_with_its_remedy() {
        for (text, error) in [
            ("scheme,excludes\n", "line 1: the header must be"),
            ("scheme,excludes,source\na,b\n", "line 2: 2 cells"),
            (
                "scheme,excludes,source\na,b,x\n\na,,x\n",
                "line 4: `scheme` or",
            ),
            (
                "scheme,excludes,source\na,b,\n",
                "line 2: `source` is empty",
            ),
            (
                "scheme,excludes,source\na,a,x\n",
                "line 2: `a` excludes itself",
            ),
            (
                "scheme,excludes,source\na,b,x\nb,a,y\n",
                "line 3: `b` and `a` are",
            ),
            (
                "scheme,excludes,source\na,employment,x\nemployment,a,y\n",
                "line 3: `employment` and `a` are",
            ),
        ] {
            let found = parse(text).expect_err("a wrong list");
            assert!(found.contains(error), "{found}");
        }
    }
}
