//! What all readers have in common, and the same rows through all formats.

use super::*;

mod formats;

/// Every entry of a reader.
pub(super) fn entries(reader: &mut dyn RowReader) -> Vec<Entry> {
    let next = || reader.next_entry().expect("readable");
    std::iter::from_fn(next).collect()
}

/// Every knowledge time of a reader, by the cheap pass.
pub(super) fn times(reader: &mut dyn RowReader) -> Vec<Option<Instant>> {
    let next = || reader.next_recorded_at().expect("readable");
    std::iter::from_fn(next).collect()
}

/// The code of each entry, `ok` where it is accepted.
pub(super) fn codes(reader: &mut dyn RowReader) -> Vec<&'static str> {
    let code = |entry: Entry| {
        entry
            .outcome
            .map_or_else(|r| r.error.code.as_str(), |_| "ok")
    };
    entries(reader).into_iter().map(code).collect()
}

#[test]
fn a_long_row_is_cut_between_characters() {
    let raw = "ẵ".repeat(RAW_LIMIT);
    let reject = Reject::because(Stream::Cards, ErrorCode::BadCsv, "", &raw);
    assert_eq!(reject.raw.len(), RAW_LIMIT - RAW_LIMIT % 3);
}
