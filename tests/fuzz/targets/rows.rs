//! What holds of every reader of rows, whatever it reads.

use std::collections::BTreeSet;

use fundwatch::journal::row_text;
use fundwatch::record::{Change, Instant, Operation, Record, Stream};
use fundwatch::source::{LineReader, RAW_LIMIT, Reject, RowReader, SourceError};

use super::behaviour;

/// A time at which rows arrive.
pub fn arrival() -> Instant {
    Instant::from_millis(1_772_298_000_000).expect("a time that can be told")
}

/// The stream that a byte chooses.
pub fn stream(byte: u8) -> Stream {
    Stream::ALL[usize::from(byte) % Stream::ALL.len()]
}

/// The number of a stream by its name, as [`stream`] takes it.
pub fn number(name: &str) -> u8 {
    let place = Stream::ALL.iter().position(|stream| stream.name() == name);
    place.expect("a stream") as u8
}

/// Reads a file twice, whole rows and knowledge times, and checks all that must hold of both.
pub fn check(
    open: impl Fn() -> Result<Box<dyn RowReader>, SourceError>,
    open_for_times: impl Fn() -> Result<Box<dyn RowReader>, SourceError>,
) -> u64 {
    let mut seen = BTreeSet::<u64>::new();
    let mut times = Vec::new();
    let whole = read(open, |reader| {
        Ok(match reader.next_entry()? {
            None => None,
            Some(entry) => {
                assert_eq!(
                    entry.row,
                    times.len() as u64 + 1,
                    "rows are numbered from 1"
                );
                times.push(entry.recorded_at());
                Some(check_outcome(&entry.outcome))
            }
        })
    });
    let mut at = 0;
    let alone = read(open_for_times, |reader| {
        let found = reader.next_recorded_at()?;
        if let (Some(found), Some(expected)) = (found, times.get(at)) {
            assert_eq!(found, *expected, "the knowledge time of row {}", at + 1);
        }
        at += usize::from(found.is_some());
        Ok(found.map(|_| 0))
    });
    if let (Ok(outcomes), Ok(_)) = (&whole, &alone) {
        assert_eq!(at, times.len(), "both readings count the same rows");
        seen.extend(outcomes);
    }
    behaviour((
        seen,
        whole.is_ok(),
        alone.is_ok(),
        times.len().checked_ilog2(),
    ))
}

fn read(
    open: impl Fn() -> Result<Box<dyn RowReader>, SourceError>,
    mut step: impl FnMut(&mut dyn RowReader) -> Result<Option<u64>, SourceError>,
) -> Result<BTreeSet<u64>, ()> {
    let told = |error: SourceError| {
        assert!(!error.to_string().is_empty());
    };
    let mut reader = open().map_err(told)?;
    let mut outcomes = BTreeSet::new();
    while let Some(outcome) = step(&mut *reader).map_err(told)? {
        outcomes.insert(outcome);
    }
    Ok(outcomes)
}

/// Checks what became of a row, and says which behaviour it is.
pub fn check_outcome(outcome: &Result<Change, Reject>) -> u64 {
    match outcome {
        Ok(change) => {
            check_accepted(change);
            behaviour(change.key.stream().name())
        }
        Err(reject) => {
            assert!(reject.raw.len() <= RAW_LIMIT);
            let message = &reject.error.message;
            assert!(!message.is_empty());
            assert!(
                !names_somebody(message),
                "a message shows a number of the row: {message}"
            );
            let words: String = message.chars().filter(|c| !c.is_ascii_digit()).collect();
            behaviour((reject.stream.name(), reject.error.code.as_str(), words))
        }
    }
}

/// What is accepted reads back as it was, from the text that the journal keeps of it.
fn check_accepted(change: &Change) {
    let mut expected = change.clone();
    if let Operation::Upsert(Record::Claims(claim)) = &mut expected.operation {
        // The journal keeps them beside the text.
        claim.line_totals = None;
    }
    let text = row_text(&expected);
    let again = LineReader::new(change.key.stream()).read_again(&text);
    let shown = String::from_utf8_lossy(&text);
    match again {
        Some(Ok(again)) => assert!(again == expected, "a row reads back as another: {shown}"),
        Some(Err(reject)) => panic!("a row is accepted once: {shown}: {}", reject.error.message),
        None => panic!("a row reads back as nothing: {shown}"),
    }
}

/// Whether a text has a number as long as those of people: social insurance, citizens, cards.
pub fn names_somebody(text: &str) -> bool {
    let mut run = 0;
    text.bytes().any(|byte| {
        run = if byte.is_ascii_digit() { run + 1 } else { 0 };
        run >= 9
    })
}
