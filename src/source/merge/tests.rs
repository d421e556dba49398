//! The merge against a plain sort of all rows in memory.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::*;
use crate::record::{Change, ErrorCode, Key, Operation, Text, Value};
use crate::source::{Entry, RowReader};

/// A row of a test file.
#[derive(Clone, Debug)]
enum Row {
    /// Accepted.
    Good(i64),
    /// Rejected, with or without a knowledge time.
    Bad(Option<i64>),
    /// The file cannot be read on.
    Broken,
    /// The reader panics.
    Panics,
}

use Row::{Bad, Broken, Good, Panics};

impl Row {
    fn time(&self) -> Option<Instant> {
        match self {
            Good(time) => Some(Instant::from_nanos(*time)),
            Bad(time) => time.map(Instant::from_nanos),
            Broken | Panics => None,
        }
    }

    fn entry(&self, row: u64) -> Entry {
        let text = |n: u64| Text::from_text(&format!("T{n}")).expect("text");
        let outcome = match self {
            Good(time) => Ok(Change {
                recorded_at: Instant::from_nanos(*time),
                key: Key::Enterprise(text(row)),
                operation: Operation::Delete,
            }),
            _ => {
                let raw = format!("row {row}");
                let reject = Reject::because(Stream::Cards, ErrorCode::BadDate, "bad", &raw);
                Err(Reject {
                    recorded_at: self.time(),
                    ..reject
                })
            }
        };
        Entry { row, outcome }
    }
}

/// Test files, and how many readers of them are open.
struct Files {
    files: Vec<Vec<Row>>,
    orders: Vec<FileOrder>,
    open: Arc<AtomicUsize>,
    most_open: AtomicUsize,
}

/// Reads one test file.
struct Reader {
    rows: Vec<Row>,
    next: usize,
    open: Arc<AtomicUsize>,
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl RowReader for Reader {
    fn next_entry(&mut self) -> Result<Option<Entry>, SourceError> {
        let Some(row) = self.rows.get(self.next) else {
            return Ok(None);
        };
        self.next += 1;
        match row {
            Broken => Err(SourceError::Damaged {
                path: "broken".into(),
                message: "it is".to_owned(),
            }),
            Panics => panic!("as the test asks"),
            row => Ok(Some(row.entry(self.next as u64))),
        }
    }

    fn next_recorded_at(&mut self) -> Result<Option<Option<Instant>>, SourceError> {
        let row = self.rows.get(self.next);
        self.next += 1;
        Ok(row.map(Row::time))
    }

    fn unknown_columns(&self) -> Vec<String> {
        vec![format!("{} rows", self.next)]
    }
}

impl Files {
    fn new(files: Vec<Vec<Row>>) -> Self {
        let mut all = Self {
            files,
            orders: Vec::new(),
            open: Arc::default(),
            most_open: AtomicUsize::new(0),
        };
        for number in 0..all.files.len() {
            let mut order = FileOrder {
                path: format!("file-{number}").into(),
                sha256: None,
                bytes: 0,
                rows: 0,
                span: None,
                in_order: true,
            };
            order.read(&mut all.reader(number)).expect("readable");
            all.orders.push(order);
        }
        all.most_open = AtomicUsize::new(0);
        all
    }

    fn reader(&self, number: usize) -> Reader {
        let open = self.open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_open.fetch_max(open, Ordering::SeqCst);
        Reader {
            rows: self.files[number].clone(),
            next: 0,
            open: Arc::clone(&self.open),
        }
    }

    /// All rows in order, as a plain sort has them: accepted ones, then rejects by file and row.
    fn expected(&self, as_of: Option<i64>) -> Expected {
        let (mut good, mut bad) = (Vec::new(), BTreeSet::new());
        let kept = |time: i64| as_of.is_none_or(|as_of| time <= as_of);
        for (file, rows) in (0..).zip(&self.files) {
            for (row, outcome) in (1..).zip(rows) {
                match outcome {
                    Good(time) if kept(*time) => good.push((*time, file, row)),
                    Bad(time) if time.is_none_or(kept) => {
                        bad.insert((file, row));
                    }
                    _ => {}
                }
            }
        }
        good.sort_unstable();
        (good, bad)
    }
}

/// Passes changes on as they are.
fn whole() -> Keep<Change> {
    Arc::new(|change| change)
}

/// What a merge is to give: accepted rows in order, and the rejects.
type Expected = (Vec<(i64, u32, u64)>, BTreeSet<(u32, u64)>);

/// What a merge gave: accepted rows and rejects, each in the order in which they came.
type Merged = (Vec<(i64, u32, u64)>, Vec<(u32, u64)>);

fn merged(files: &Files, as_of: Option<i64>, limits: MergeLimits) -> Result<Merged, String> {
    let scratch = tempfile::tempdir().expect("a directory");
    let rejects = Mutex::new(Vec::new());
    let open = |number| Ok(Box::new(files.reader(number)) as Box<dyn RowReader>);
    let mut merge: Merge<'_, Change, TestError> = Merge::new(
        &files.orders,
        &open,
        whole(),
        as_of.map(Instant::from_nanos),
        scratch.path(),
        limits,
        |file, row, reject| {
            assert_eq!(reject.raw, format!("row {row}"));
            rejects.lock().expect("not poisoned").push((file, row));
            Ok(())
        },
    );
    let mut rows = Vec::new();
    for next in merge.by_ref() {
        let Sequenced { change, file, row } = next.map_err(|error| error.0)?;
        rows.push((change.recorded_at.nanos(), file, row));
    }
    assert!(merge.next().is_none(), "nothing after the end");
    let read: u64 = files.orders.iter().map(|order| order.rows).sum();
    assert_eq!(merge.rows_read().load(Ordering::Relaxed), read);
    assert_eq!(merge.accepted(Stream::Enterprises), rows.len() as u64);
    assert_eq!(merge.accepted(Stream::Cards), 0);
    let unknown: Vec<_> = (0..)
        .zip(&files.orders)
        .map(|(file, order)| (file, vec![format!("{} rows", order.rows)]))
        .collect();
    assert!(merge.unknown_columns().clone().into_iter().eq(unknown));
    drop(merge);
    assert_eq!(files.open.load(Ordering::SeqCst), 0, "all files are closed");
    Ok((rows, rejects.into_inner().expect("not poisoned")))
}

#[derive(Debug)]
struct TestError(String);

impl From<SourceError> for TestError {
    fn from(error: SourceError) -> Self {
        Self(error.to_string())
    }
}

impl From<SpillError> for TestError {
    fn from(error: SpillError) -> Self {
        Self(error.to_string())
    }
}

/// Nothing is read ahead, little is open, and everything is spilled.
const TINY: MergeLimits = MergeLimits {
    open_files: 2,
    threads: 0,
    thread_rows: 0,
    batch_rows: 2,
    sort: SortLimits {
        memory: 0,
        fan_in: 2,
    },
};

fn a_row() -> impl Strategy<Value = Row> {
    prop_oneof![
        6 => (0i64..20).prop_map(Good),
        1 => prop::option::of(0i64..20).prop_map(Bad),
    ]
}

fn a_file() -> impl Strategy<Value = Vec<Row>> {
    (prop::collection::vec(a_row(), 0..30), any::<bool>()).prop_map(|(mut rows, in_order)| {
        if in_order {
            rows.sort_by_key(Row::time);
        }
        rows
    })
}

fn some_limits() -> impl Strategy<Value = MergeLimits> {
    (
        (1usize..8, 0usize..4, 0u64..20, 1usize..40),
        (prop_oneof![0usize..3000, Just(1 << 20)], 2usize..5),
    )
        .prop_map(
            |((open_files, threads, thread_rows, batch_rows), (memory, fan_in))| MergeLimits {
                open_files,
                threads,
                thread_rows,
                batch_rows,
                sort: SortLimits { memory, fan_in },
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn a_merge_is_a_sort_of_all_rows(
        files in prop::collection::vec(a_file(), 0..12),
        as_of in prop::option::of(-1i64..21),
        limits in some_limits(),
    ) {
        let files = Files::new(files);
        let (rows, rejects) = merged(&files, as_of, limits).expect("readable");
        let (good, bad) = files.expected(as_of);
        prop_assert_eq!(rows, good);
        prop_assert_eq!(rejects.len(), bad.len());
        prop_assert_eq!(rejects.iter().copied().collect::<BTreeSet<_>>(), bad);
        // One more may be open, ahead of its time.
        prop_assert!(files.most_open.load(Ordering::SeqCst) <= limits.open_files + 1);
    }

    #[test]
    fn rejects_come_in_the_same_order_however_files_are_read(
        files in prop::collection::vec(a_file(), 0..8),
        threads in 0usize..8,
        batch_rows in 1usize..40,
    ) {
        let files = Files::new(files);
        let one = merged(&files, None, MergeLimits::default()).expect("readable");
        let limits = MergeLimits { threads, thread_rows: 0, batch_rows, ..MergeLimits::default() };
        prop_assert_eq!(merged(&files, None, limits).expect("readable"), one);
    }
}

#[test]
fn a_hundred_thousand_small_files_need_few_open() {
    let mut files: Vec<Vec<Row>> = (0..100_000)
        .map(|n| vec![Good(n / 7), Bad(Some(n / 7)), Good(n / 7)])
        .collect();
    files.push((0..20_000).map(Good).collect());
    let files = Files::new(files);
    let limits = MergeLimits {
        open_files: 2,
        sort: TINY.sort,
        ..MergeLimits::default()
    };
    let started = std::time::Instant::now();
    let (rows, rejects) = merged(&files, None, limits).expect("readable");
    assert!(started.elapsed().as_secs() < 20, "nothing is quadratic");
    assert_eq!(rows, files.expected(None).0);
    assert_eq!(rejects.len(), 100_000);
    assert!(files.most_open.load(Ordering::SeqCst) <= 2);
}

#[test]
fn long_files_are_read_ahead_and_agree() {
    // Ties within and across files, and batches that end anywhere.
    let file = |step: i64, rows: i64| (0..rows).map(|n| Good(n * step / 5)).collect();
    let files = Files::new(vec![
        file(1, 30_000),
        file(2, 10_000),
        file(3, 7_000),
        vec![],
    ]);
    let (rows, _) = merged(&files, None, MergeLimits::default()).expect("readable");
    assert_eq!(rows, files.expected(None).0);
}

/// A merge over these files with every file read ahead, in batches of one row.
fn with_merge<R>(
    files: &Files,
    sink: impl FnMut(u32, u64, Reject) -> Result<(), TestError>,
    work: impl FnOnce(Merge<'_, Change, TestError>) -> R,
) -> R {
    let open = |number| Ok(Box::new(files.reader(number)) as Box<dyn RowReader>);
    let limits = MergeLimits {
        thread_rows: 0,
        batch_rows: 1,
        ..MergeLimits::default()
    };
    let scratch = std::env::temp_dir();
    work(Merge::new(
        &files.orders,
        &open,
        whole(),
        None,
        &scratch,
        limits,
        sink,
    ))
}

#[test]
fn a_merge_dropped_early_stops_its_threads() {
    let files = Files::new((0..8).map(|_| (0..5_000).map(Good).collect()).collect());
    for rows in [0, 1, 10, 1_000] {
        with_merge(
            &files,
            |_, _, _| Ok(()),
            |mut merge| {
                assert_eq!(merge.by_ref().take(rows).count(), rows);
            },
        );
        assert_eq!(files.open.load(Ordering::SeqCst), 0, "after {rows}");
    }
}

#[test]
fn the_sink_stops_the_merge_at_the_first_bad_row() {
    let good = |range: std::ops::Range<i64>| range.map(Good);
    let files = Files::new(vec![
        good(0..50)
            .chain([Bad(Some(50))])
            .chain(good(50..90))
            .collect(),
        good(0..30).chain([Bad(None)]).chain(good(30..90)).collect(),
    ]);
    let sink = |file, row, _: Reject| Err(TestError(format!("{file}:{row}")));
    with_merge(&files, sink, |mut merge| {
        let error = merge.find_map(Result::err).expect("a bad row");
        assert_eq!(error.0, "1:31");
        assert!(merge.next().is_none());
        assert_eq!(files.open.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn an_error_comes_after_the_rows_before_it() {
    for (last, says) in [
        (Broken, "broken: it is"),
        (Panics, "file-1: the reader of this file stopped"),
    ] {
        let files = Files::new(vec![
            (0..50).map(Good).collect(),
            (0..20).map(Good).chain([last]).collect(),
        ]);
        with_merge(
            &files,
            |_, _, _| Ok(()),
            |mut merge| {
                let mut rows = 0;
                let error = loop {
                    match merge.next() {
                        Some(Ok(_)) => rows += 1,
                        Some(Err(error)) => break error.0,
                        None => panic!("the error was lost"),
                    }
                };
                assert!(error.starts_with(says), "{error}");
                assert_eq!(rows, 40);
                assert!(merge.next().is_none());
            },
        );
        assert_eq!(files.open.load(Ordering::SeqCst), 0);
    }
}

#[test]
fn a_file_that_cannot_be_opened_is_an_error() {
    let files = Files::new(vec![vec![Good(1)], vec![Good(2)]]);
    let open = |number: usize| -> Result<Box<dyn RowReader>, SourceError> {
        match number {
            0 => Ok(Box::new(files.reader(0))),
            _ => Err(SourceError::Io {
                path: "gone".into(),
                error: std::io::ErrorKind::NotFound.into(),
            }),
        }
    };
    let scratch = std::env::temp_dir();
    let merge: Merge<'_, Change, TestError> = Merge::new(
        &files.orders,
        &open,
        whole(),
        None,
        &scratch,
        TINY,
        |_, _, _| Ok(()),
    );
    let all: Vec<_> = merge.map(|row| row.map_err(|e| e.0)).collect();
    assert_eq!(all.len(), 2);
    assert!(all[1].as_ref().is_err_and(|e| e.starts_with("gone: ")));
}

#[test]
fn a_file_that_changed_after_the_first_pass_is_an_error() {
    let mut files = Files::new(vec![vec![Good(1), Good(2), Good(3)]]);
    files.files[0][2] = Good(0);
    let error = merged(&files, None, TINY).expect_err("out of order");
    assert!(
        error.starts_with("file-0: row 3 is known earlier"),
        "{error}"
    );
}

#[test]
fn a_place_to_spill_that_is_not_there_is_an_error() {
    let files = Files::new(vec![vec![Good(2), Good(1)]]);
    let open = |number| Ok(Box::new(files.reader(number)) as Box<dyn RowReader>);
    let scratch = Path::new("no/such/directory");
    let mut merge: Merge<'_, Change, TestError> = Merge::new(
        &files.orders,
        &open,
        whole(),
        None,
        scratch,
        TINY,
        |_, _, _| Ok(()),
    );
    let first = merge.next().map(|row| row.map_err(|e| e.0));
    assert!(matches!(first, Some(Err(e)) if e.starts_with("no/such/directory: ")));
    assert!(merge.next().is_none());
}
