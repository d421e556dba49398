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
    assert_eq!(lossy(raw.as_bytes()), reject.raw);
    assert_eq!(lossy(b"a\xff"), "a\u{fffd}");
    assert_eq!(lossy(&[0x80; RAW_LIMIT + 9]).chars().count(), RAW_LIMIT);
}

#[test]
fn the_converted_registers_of_other_countries_are_read_without_a_reject() {
    let folder = Path::new("../shared/data/real");
    let Ok(sets) = std::fs::read_dir(folder) else {
        eprintln!("SKIPPED: {} is absent", folder.display());
        return;
    };
    let mut rows = 0;
    for set in sets {
        let Ok(found) = discover(&set.expect("readable").path().join("in")) else {
            continue;
        };
        for file in found.files {
            let open = |reading| open(&file, reading, folder).expect("opened");
            let entries = entries(open(Reading::Everything).as_mut());
            let rejected = entries.iter().filter_map(|e| e.outcome.as_ref().err());
            let codes: Vec<_> = rejected.map(|r| (r.error.code, &r.error.message)).collect();
            assert!(codes.is_empty(), "{}: {codes:?}", file.path.display());
            let known: Vec<_> = entries.iter().map(Entry::recorded_at).collect();
            assert_eq!(times(open(Reading::KnowledgeTimes).as_mut()), known);
            rows += entries.len();
        }
    }
    assert!(rows > 10_000, "{rows}");
}
