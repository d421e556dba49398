//! The rejected rows of a replay: `rejects.ndjson` and their counts.
//!
//! In: rejects with their file and row, in any order. Out: one JSON object a line, in an order that
//! depends on what the rows hold before it depends on where they stand, so that rows shuffled within
//! and between files leave it equal but for `file` and `row`. Must hold: memory is bounded however
//! many rows are bad.

use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::alert::FileNames;
use crate::measure::Rejected;
use crate::record::Stream;
use crate::source::{ExternalSort, Reject, SortLimits, SpillError};

/// Collects rejected rows.
pub struct Rejects {
    sort: ExternalSort<Line>,
    counts: Rejected,
}

/// A rejected row; the order of the fields is the order of the file.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Line {
    raw: String,
    stream: Stream,
    code: String,
    reason: String,
    /// The number of the file, which is in byte order of the names.
    file: u32,
    row: u64,
}

/// A line of `rejects.ndjson`.
#[derive(Serialize)]
struct Written<'a> {
    file: &'a str,
    row: u64,
    stream: &'a str,
    code: &'a str,
    reason: &'a str,
    raw: &'a str,
}

/// The rejects could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RejectsError {
    /// The sort has no room.
    #[error(transparent)]
    Spill(#[from] SpillError),
    /// The output could not be written.
    #[error("rejected rows could not be written: {0}")]
    Write(#[from] io::Error),
}

impl Rejects {
    /// None yet. What `limits` leave no memory for is spilled into `scratch`.
    pub fn new(scratch: &Path, limits: SortLimits) -> Self {
        Self {
            sort: ExternalSort::new(scratch, limits),
            counts: Rejected::default(),
        }
    }

    /// Takes one.
    ///
    /// # Errors
    /// When it cannot be spilled.
    pub fn push(&mut self, file: u32, row: u64, reject: Reject) -> Result<(), SpillError> {
        let Reject {
            stream, facility, ..
        } = reject;
        self.counts.count(stream, reject.error.code, facility);
        self.sort.push(Line {
            raw: reject.raw,
            stream: reject.stream,
            code: reject.error.code.as_str().to_owned(),
            reason: reject.error.message,
            file,
            row,
        })
    }

    /// How many there are.
    pub fn counts(&self) -> &Rejected {
        &self.counts
    }

    /// Writes all lines. `names` are the files' names, by number.
    ///
    /// # Errors
    /// When they cannot be written, or a reject is of a file without a name.
    pub fn write(self, names: &FileNames, out: &mut impl Write) -> Result<(), RejectsError> {
        for line in self.sort.finish()? {
            let line = line?;
            let file = names.name(line.file);
            if file.is_empty() {
                let message = format!("file {} has no name", line.file);
                return Err(io::Error::new(io::ErrorKind::InvalidInput, message).into());
            }
            let written = Written {
                file: &file,
                row: line.row,
                stream: line.stream.name(),
                code: &line.code,
                reason: &line.reason,
                raw: &line.raw,
            };
            serde_json::to_writer(&mut *out, &written).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::ErrorCode;
    use proptest::prelude::*;

    const TINY: SortLimits = SortLimits {
        memory: 200,
        fan_in: 2,
    };

    fn names() -> FileNames {
        FileNames::listed(&["cards.csv".to_owned(), "claims.ndjson".to_owned()])
    }

    fn written(rows: impl IntoIterator<Item = (u32, u64, Reject)>, limits: SortLimits) -> String {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let mut rejects = Rejects::new(scratch.path(), limits);
        for (file, row, reject) in rows {
            rejects.push(file, row, reject).expect("room on disk");
        }
        let mut out = Vec::new();
        rejects.write(&names(), &mut out).expect("written");
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn a_line_has_the_place_the_cause_and_the_text() {
        let scratch = tempfile::tempdir().expect("a scratch directory");
        let mut rejects = Rejects::new(scratch.path(), SortLimits::default());
        let reject = |raw| Reject::because(Stream::Claims, ErrorCode::BadJson, "not JSON", raw);
        rejects.push(1, 7, reject("{\"a\"\u{1}")).expect("room");
        rejects.push(1, 9, reject("")).expect("room");
        let card = Reject::because(Stream::Cards, ErrorCode::BadDate, "column `x`: no", "é");
        rejects.push(0, 2, card).expect("room");
        let codes = rejects.counts().codes();
        let codes: Vec<_> = codes.into_iter().collect();
        assert_eq!(codes, [(ErrorCode::BadJson, 2), (ErrorCode::BadDate, 1)]);
        let mut out = Vec::new();
        rejects.write(&names(), &mut out).expect("written");
        assert_eq!(
            String::from_utf8(out).expect("UTF-8"),
            concat!(
                r#"{"file":"claims.ndjson","row":9,"stream":"claims","code":"bad_json","reason":"not JSON","raw":""}"#,
                "\n",
                r#"{"file":"claims.ndjson","row":7,"stream":"claims","code":"bad_json","reason":"not JSON","raw":"{\"a\"\u0001"}"#,
                "\n",
                r#"{"file":"cards.csv","row":2,"stream":"cards","code":"bad_date","reason":"column `x`: no","raw":"é"}"#,
                "\n",
            )
        );
    }

    #[test]
    fn a_file_without_a_name_is_an_error() {
        let mut rejects = Rejects::new(Path::new("."), SortLimits::default());
        let reject = Reject::because(Stream::Cards, ErrorCode::BadCsv, "m", "r");
        rejects.push(2, 1, reject).expect("room");
        assert!(matches!(
            rejects.write(&names(), &mut Vec::new()),
            Err(RejectsError::Write(_))
        ));
    }

    /// The lines without what says where each row stands.
    fn without_places(text: &str) -> Vec<serde_json::Value> {
        text.lines()
            .map(|line| {
                let mut line: serde_json::Value = serde_json::from_str(line).expect("JSON");
                let object = line.as_object_mut().expect("an object");
                object.remove("file").expect("a file");
                object.remove("row").expect("a row");
                line
            })
            .collect()
    }

    fn a_reject() -> impl Strategy<Value = Reject> {
        let code = prop::sample::select(ErrorCode::ALL);
        let stream = prop::sample::select(Stream::ALL);
        (stream, code, "[ab]{0,2}", "[xyz\"é]{0,2}")
            .prop_map(|(stream, code, message, raw)| Reject::because(stream, code, &message, &raw))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn rows_shuffled_within_and_between_files_leave_it_equal_but_for_places(
            (rejects, shuffled) in prop::collection::vec(a_reject(), 0..60)
                .prop_flat_map(|rejects| (Just(rejects.clone()), Just(rejects).prop_shuffle())),
            files in prop::collection::vec(0u32..2, 60),
        ) {
            let placed = |rejects: Vec<Reject>| -> Vec<_> {
                let rows = (1u64..).zip(&files).zip(rejects);
                rows.map(|((row, file), reject)| (*file, row, reject)).collect()
            };
            let (one, other) = (placed(rejects), placed(shuffled));
            prop_assert_eq!(
                without_places(&written(one.clone(), TINY)),
                without_places(&written(other, TINY))
            );
            // In whatever order they are handed over, rows at their places give the same bytes.
            let mut backwards = one.clone();
            backwards.reverse();
            prop_assert_eq!(written(one, TINY), written(backwards, SortLimits::default()));
        }
    }
}
