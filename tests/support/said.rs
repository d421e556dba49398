//! Keeps what the program says during a run of the tests, for `tests/said` to read once the run is over.
//!
//! In: logs, expositions of metrics, addresses of requests and redirects, bodies of answers that refuse; and the
//! names of the people whom the data of the tests are about. Out: files under `said/` in the tests' own directory, a
//! folder a kind, a file a process, whole lines appended. Must hold: what is kept outlives a test that fails, and
//! processes that are killed.

#![allow(dead_code, reason = "no binary of the tests uses all of it")]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use arrow_array::cast::AsArray;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;

/// Where something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A line of a log: of the process, of a command, of accesses.
    Log,
    /// An exposition of metrics.
    Metrics,
    /// An address that was asked for, or that an answer leads to.
    Address,
    /// The body of an answer that refuses.
    Error,
    /// Nothing that was said: the name of somebody in the data.
    Person,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Log,
        Self::Metrics,
        Self::Address,
        Self::Error,
        Self::Person,
    ];

    /// The folder of it.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Log => "logs",
            Self::Metrics => "metrics",
            Self::Address => "addresses",
            Self::Error => "errors",
            Self::Person => "people",
        }
    }
}

/// The folder of addresses that tests typed.
pub const TYPED: &str = "typed";

/// Where all of it is.
pub fn place() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("said")
}

/// The name of this process, for files of it alone.
fn own_name() -> String {
    let binary = std::env::current_exe().ok();
    let stem = binary.as_deref().and_then(Path::file_stem);
    let stem = stem.map_or_else(|| "tests".into(), |stem| stem.to_string_lossy());
    format!("{stem}-{}", std::process::id())
}

fn open(kind: Kind, name: &str) -> (PathBuf, File) {
    open_in(kind.folder(), name)
}

fn open_in(folder: &str, name: &str) -> (PathBuf, File) {
    let folder = place().join(folder);
    fs::create_dir_all(&folder).expect("a folder for what was said");
    let path = folder.join(name);
    let file = File::options().append(true).create(true).open(&path);
    (path, file.expect("a file for what was said"))
}

/// Keeps a text.
pub fn keep(kind: Kind, text: &str) {
    if text.is_empty() {
        return;
    }
    let end = if text.ends_with('\n') { "" } else { "\n" };
    // One write, so that threads do not cut into each other's lines.
    let written = open(kind, &own_name())
        .1
        .write_all(format!("{text}{end}").as_bytes());
    written.expect("what was said is kept");
}

/// Keeps an answer to a request: its address, where it leads to, and what it says where it refuses.
pub fn answered(address: &str, status: u16, location: Option<&str>, body: &str) {
    keep(Kind::Address, address);
    keep(Kind::Address, location.unwrap_or_default());
    if status >= 400 {
        keep(Kind::Error, body);
    }
}

/// Says that a test asks for an address as somebody would who types a number of a person into it, so that the
/// address is not the program's. What is answered is held to the same as ever.
pub fn typed(address: &str) {
    let written = open_in(TYPED, &own_name())
        .1
        .write_all(format!("{address}\n").as_bytes());
    written.expect("what was typed is kept");
}

/// Keeps what a command said beside its results.
pub fn told(output: &Output) {
    keep(Kind::Log, &String::from_utf8_lossy(&output.stderr));
}

/// A file for the log of a process, found at `path` as well; a later process goes on with it, as does one that starts
/// at the same time.
pub fn log_file(path: &Path) -> File {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let folder = place().join(Kind::Log.folder());
    fs::create_dir_all(&folder).expect("a folder for what was said");
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    match symlink(folder.join(format!("{}-{number}", own_name())), path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        linked => linked.expect("a link to what was said"),
    }
    // Where the link leads to nothing yet, this makes it.
    let file = File::options().append(true).create(true).open(path);
    file.expect("a file for what was said")
}

/// Keeps the access log of a data directory, if there is one.
pub fn access_log_of(data: &Path) {
    let Ok(entries) = fs::read_dir(data.join("access-log")) else {
        return;
    };
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        // Months alone: `before.ndjson` is what a test wrote.
        let is_month = |name: &str| name.starts_with("20") && name.ends_with(".ndjson");
        if path
            .file_name()
            .is_some_and(|name| is_month(&name.to_string_lossy()))
        {
            keep(
                Kind::Log,
                &fs::read_to_string(path).expect("an access log in UTF-8"),
            );
        }
    }
}

/// Keeps the names in rows, of NDJSON or of CSV with a header.
pub fn people_of(rows: &str) {
    let mut names = BTreeSet::new();
    if rows.starts_with('{') {
        for row in rows
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
        {
            names_in(&row, &mut names);
        }
    } else {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(rows.as_bytes());
        let columns = reader.headers().cloned().unwrap_or_default();
        if let Some(column) = columns.iter().position(|column| column == "full_name") {
            let rows = reader.records().filter_map(Result::ok);
            names.extend(rows.filter_map(|row| row.get(column).map(str::to_owned)));
        }
    }
    let names: Vec<String> = names.into_iter().collect();
    keep(Kind::Person, &names.join("\n"));
}

/// The names in a row, wherever its format has them.
fn names_in(value: &serde_json::Value, names: &mut BTreeSet<String>) {
    let serde_json::Value::Object(fields) = value else {
        return;
    };
    for (name, value) in fields {
        match value {
            serde_json::Value::String(text) if name == "full_name" => {
                names.insert(text.clone());
            }
            _ => names_in(value, names),
        }
    }
}

/// Keeps the names in a file of Parquet.
fn people_of_parquet(path: &Path) {
    let file = File::open(path).expect("a file that was there");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("a file of Parquet");
    let mut names = BTreeSet::new();
    for batch in reader.build().expect("a file of Parquet") {
        let batch = batch.expect("a file of Parquet");
        let column = batch.column_by_name("full_name");
        let texts = column.and_then(|column| column.as_string_opt::<i32>());
        let texts = texts.into_iter().flat_map(|texts| texts.iter().flatten());
        names.extend(texts.map(str::to_owned));
    }
    let names: Vec<String> = names.into_iter().collect();
    keep(Kind::Person, &names.join("\n"));
}

/// Keeps the names in the streams of a directory, as a replay reads them.
pub fn people_in(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let is_rows = |ending: &std::ffi::OsStr| ending == "csv" || ending == "ndjson";
        if path.extension().is_some_and(is_rows) {
            people_of(&String::from_utf8_lossy(
                &fs::read(&path).unwrap_or_default(),
            ));
        } else if path.extension().is_some_and(|ending| ending == "parquet") {
            people_of_parquet(&path);
        }
    }
}

/// From now on, keeps what the program logs in this process.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // It fails where a test has a log of its own, which then has this layer.
        let _ = tracing_subscriber::registry().with(layer()).try_init();
    });
}

/// Keeps what the program logs; of libraries, what a service lets through.
pub fn layer<S>() -> impl Layer<S>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    let targets = Targets::new()
        .with_target("fundwatch", LevelFilter::TRACE)
        .with_default(LevelFilter::WARN);
    let layer = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_writer(Lines);
    layer.with_filter(targets)
}

struct Lines;

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        keep(Kind::Log, &String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
