//! A country, day by day.
//!
//! In: the streams of a country. Out: for each day the rows that became known on it, as bodies that the service takes. Must
//! hold: every row is of one day; a row that is no row is left out, as the service would refuse it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::journal::row_text;
use crate::record::{Day, Stream};
use crate::source::{self, Reading, SourceError};

/// Bytes of a body, so that none is longer than the service takes by default.
const BODY: usize = 4 << 20;

/// Rows of a stream, as NDJSON.
pub(super) struct Body {
    pub(super) stream: Stream,
    pub(super) text: Vec<u8>,
}

/// The rows of a country by the day on which they became known.
pub(super) struct Days(BTreeMap<Day, BTreeMap<Stream, Vec<Vec<u8>>>>);

impl Days {
    /// Reads a country.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(super) fn read(country: &Path) -> Result<Self, SourceError> {
        let mut days: BTreeMap<Day, BTreeMap<Stream, Vec<Vec<u8>>>> = BTreeMap::new();
        for file in source::discover(country)?.files {
            let mut rows = source::open(&file, Reading::Everything, country)?;
            while let Some(entry) = rows.next_entry()? {
                let Ok(change) = entry.outcome else { continue };
                let day = days.entry(change.recorded_at.day()).or_default();
                let bodies = day.entry(change.key.stream()).or_default();
                let mut row = row_text(&change);
                row.push(b'\n');
                match bodies.last_mut() {
                    Some(body) if body.len() + row.len() <= BODY => body.extend_from_slice(&row),
                    _ => bodies.push(row),
                }
            }
        }
        Ok(Self(days))
    }

    /// No rows.
    pub(super) fn none() -> Self {
        Self(BTreeMap::new())
    }

    /// The last day on which something became known.
    pub(super) fn last(&self) -> Option<Day> {
        self.0.keys().next_back().copied()
    }

    /// Takes out what became known up to a day, the first day first.
    pub(super) fn take_until(&mut self, day: Day) -> Vec<Body> {
        let later = self.0.split_off(&day.plus(1));
        let earlier = std::mem::replace(&mut self.0, later);
        let bodies = earlier.into_values().flat_map(|streams| {
            streams.into_iter().flat_map(|(stream, bodies)| {
                bodies.into_iter().map(move |text| Body { stream, text })
            })
        });
        together(bodies)
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Puts bodies of one stream together, in their order.
fn together(bodies: impl Iterator<Item = Body>) -> Vec<Body> {
    let mut by_stream: BTreeMap<Stream, Vec<Body>> = BTreeMap::new();
    for body in bodies {
        let of_stream = by_stream.entry(body.stream).or_default();
        match of_stream.last_mut() {
            Some(last) if last.text.len() + body.text.len() <= BODY => last.text.extend(body.text),
            _ => of_stream.push(body),
        }
    }
    by_stream.into_values().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Value;

    #[test]
    fn every_row_is_of_one_day() {
        let country = tempfile::tempdir().expect("a directory");
        let row = |n: u32, day: &str| {
            format!(
                r#"{{"recorded_at":"{day}T08:00:00+07:00","facility":"79001","visit_id":"V{n}","op":"delete"}}"#
            )
        };
        let rows = [
            row(1, "2025-01-02"),
            row(2, "2025-01-01"),
            row(3, "2025-01-02"),
        ];
        std::fs::write(country.path().join("claims.ndjson"), rows.join("\n")).expect("written");
        let mut days = Days::read(country.path()).expect("read");
        let day = |text| Day::from_text(text).expect("a day");
        assert_eq!(days.last(), Some(day("2025-01-02")));
        let lines = |bodies: Vec<Body>| -> usize {
            let count = |body: Body| body.text.split(|byte| *byte == b'\n').count() - 1;
            bodies.into_iter().map(count).sum()
        };
        assert_eq!(lines(days.take_until(day("2024-12-31"))), 0);
        assert_eq!(lines(days.take_until(day("2025-01-01"))), 1);
        assert_eq!(lines(days.take_until(day("2025-01-09"))), 2);
        assert!(days.is_empty());
    }
}
