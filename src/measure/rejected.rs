//! "Clean", of rows that were not accepted: how many, by stream, code and facility.

use std::collections::BTreeMap;

use crate::record::{ErrorCode, Facility, Stream};

/// Counts of rejected rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rejected {
    by_code: BTreeMap<(Stream, ErrorCode), u64>,
    /// Rows of `claims`, by the facility that they are of; none where that could not be read.
    by_facility: BTreeMap<Option<Facility>, u64>,
}

impl Rejected {
    /// Counts a row that was read for a stream.
    pub fn count(&mut self, stream: Stream, code: ErrorCode, facility: Option<Facility>) {
        *self.by_code.entry((stream, code)).or_default() += 1;
        if stream == Stream::Claims {
            *self.by_facility.entry(facility).or_default() += 1;
        }
    }

    /// Adds the counts of another part.
    pub fn merge(&mut self, other: &Self) {
        for (key, count) in &other.by_code {
            *self.by_code.entry(*key).or_default() += count;
        }
        for (key, count) in &other.by_facility {
            *self.by_facility.entry(*key).or_default() += count;
        }
    }

    /// Rows by code, of all streams.
    pub fn codes(&self) -> BTreeMap<ErrorCode, u64> {
        let mut codes = BTreeMap::new();
        for ((_, code), count) in &self.by_code {
            *codes.entry(*code).or_default() += count;
        }
        codes
    }

    /// Rows of a stream, by code.
    pub fn codes_of(&self, stream: Stream) -> impl Iterator<Item = (ErrorCode, u64)> + '_ {
        let range = self.by_code.iter();
        range
            .filter(move |((of, _), _)| *of == stream)
            .map(|((_, code), count)| (*code, *count))
    }

    /// Rows of `claims` by facility; those of none last.
    pub fn facilities(&self) -> impl Iterator<Item = (Option<Facility>, u64)> + '_ {
        let unknown = self.by_facility.get_key_value(&None);
        let known = self.by_facility.iter().filter(|(key, _)| key.is_some());
        known.chain(unknown).map(|(key, count)| (*key, *count))
    }
}
