//! CSV and NDJSON files as tables of lines: read, rewritten in another format, written back.
//!
//! In: a replay directory. Out: the same rows elsewhere. Must hold: a row is one line, which is
//! checked against the reader of the package.

use std::collections::HashSet;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use fundwatch::record::{Instant, Kind, Presence, Stream};
use fundwatch::source::{Compression, Entry, Format, InputFile, Reading, discover, open};

/// One file of rows.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name without the endings of its compression and format.
    pub stem: String,
    pub stream: Stream,
    /// The first line of a CSV file; NDJSON has none.
    pub header: Option<String>,
    /// A line a row.
    pub rows: Vec<String>,
    /// When each row became known, where it tells.
    pub known: Vec<Option<Instant>>,
}

/// A directory of tables, and the files that are none.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    pub tables: Vec<Table>,
    /// XML envelopes: path, name, and when they became known.
    pub envelopes: Vec<(PathBuf, String, Option<Instant>)>,
}

/// Reads a directory.
pub fn load(input: &Path) -> Directory {
    let mut directory = Directory::default();
    for file in discover(input).unwrap().files {
        let entries = entries(&file);
        let known: Vec<_> = entries.iter().map(Entry::recorded_at).collect();
        if file.format == Format::Xml {
            let created = known.first().copied().flatten();
            directory.envelopes.push((file.path, file.name, created));
            continue;
        }
        let text = text_of(&file);
        let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
        let header = (file.format == Format::Csv).then(|| rows.remove(0));
        assert_eq!(rows.len(), entries.len(), "{}: a line a row", file.name);
        let name = file.name.trim_end_matches(".gz").trim_end_matches(".zst");
        let (stem, _) = name.rsplit_once('.').unwrap();
        directory.tables.push(Table {
            stem: stem.to_owned(),
            stream: file.stream,
            header,
            rows,
            known,
        });
    }
    directory
}

/// The rows of a file as the package reads them.
pub fn entries(file: &InputFile) -> Vec<Entry> {
    let scratch = tempfile::tempdir().unwrap();
    let mut reader = open(file, Reading::Everything, scratch.path()).unwrap();
    let mut entries = Vec::new();
    while let Some(entry) = reader.next_entry().unwrap() {
        entries.push(entry);
    }
    entries
}

/// Whether two accepted rows of a directory have the same key and knowledge time.
pub fn has_ties(input: &Path) -> bool {
    let mut met = HashSet::new();
    let files = discover(input).unwrap().files;
    let changes = files
        .iter()
        .flat_map(entries)
        .filter_map(|e| e.outcome.ok());
    let mut ties = changes.map(|change| met.insert((change.recorded_at, change.key)));
    ties.any(|is_new| !is_new)
}

fn text_of(file: &InputFile) -> String {
    let bytes = fs::read(&file.path).unwrap();
    let mut text = String::new();
    match file.compression {
        Compression::None => text = String::from_utf8(bytes).unwrap(),
        Compression::Gzip => {
            let mut decoder = flate2::read::MultiGzDecoder::new(&*bytes);
            decoder.read_to_string(&mut text).unwrap();
        }
        Compression::Zstd => {
            text = String::from_utf8(zstd::decode_all(&*bytes).unwrap()).unwrap();
        }
    }
    text
}

/// How tables are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// In the format that they have.
    Plain,
    /// The same, as gzip of two members.
    Gzip,
    /// The same, as Zstandard.
    Zstd,
    /// CSV as NDJSON.
    Ndjson,
}

impl Directory {
    /// Writes everything into a new directory.
    pub fn write(&self, how: Written) -> tempfile::TempDir {
        let to = tempfile::tempdir().unwrap();
        for table in &self.tables {
            table.write(to.path(), how);
        }
        for (path, name, _) in &self.envelopes {
            let copy = to.path().join(name);
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::copy(path, copy).unwrap();
        }
        to
    }

    /// The rows known up to a time, and those that do not tell.
    pub fn known_by(&self, time: Instant) -> Directory {
        let by = |known: &Option<Instant>| known.is_none_or(|at| at <= time);
        let mut kept = self.clone();
        kept.envelopes.retain(|(_, _, known)| by(known));
        for table in &mut kept.tables {
            let mut places = table.known.iter();
            table.rows.retain(|_| by(places.next().unwrap()));
            table.known.retain(by);
        }
        kept
    }
}

impl Table {
    /// A table of CSV rows.
    pub fn csv(stream: Stream, header: &str, rows: Vec<String>) -> Self {
        Self {
            stem: stream.name().to_owned(),
            stream,
            header: Some(header.to_owned()),
            known: vec![None; rows.len()],
            rows,
        }
    }

    /// Writes the table into a directory.
    pub fn write(&self, to: &Path, how: Written) {
        let as_ndjson = how == Written::Ndjson && self.header.is_some();
        let mut text = String::new();
        match &self.header {
            Some(header) if as_ndjson => {
                let names = cells(header);
                for row in &self.rows {
                    text.push_str(&ndjson(self.stream, &names, &cells(row)));
                    text.push('\n');
                }
            }
            header => {
                for line in header.iter().chain(&self.rows) {
                    text.push_str(line);
                    text.push('\n');
                }
            }
        }
        let format = match &self.header {
            Some(_) if !as_ndjson => "csv",
            _ => "ndjson",
        };
        let name = to.join(format!("{}.{format}", self.stem));
        match how {
            Written::Plain | Written::Ndjson => fs::write(name, text).unwrap(),
            Written::Gzip => {
                let cut = text.floor_char_boundary(text.len() / 2);
                let members = [gzip(&text.as_bytes()[..cut]), gzip(&text.as_bytes()[cut..])];
                fs::write(with_ending(&name, "gz"), members.concat()).unwrap();
            }
            Written::Zstd => {
                let frame = zstd::encode_all(text.as_bytes(), 1).unwrap();
                fs::write(with_ending(&name, "zst"), frame).unwrap();
            }
        }
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}.{ending}", path.display()))
}

/// Text as one gzip member.
pub fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// The cells of a CSV line.
pub fn cells(line: &str) -> Vec<String> {
    if !line.contains('"') {
        return line.split(',').map(str::to_owned).collect();
    }
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(next) = rest.next() {
        let cell = cells.last_mut().unwrap();
        match next {
            '"' if quoted && rest.peek() == Some(&'"') => cell.extend(rest.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cell.push(other),
        }
    }
    assert!(!quoted, "a row is a line");
    cells
}

/// A CSV row as an NDJSON line: lists as arrays, amounts and counts as numbers, the rest as text.
pub fn ndjson(stream: Stream, names: &[String], cells: &[String]) -> String {
    assert_eq!(names.len(), cells.len());
    let members: Vec<String> = names
        .iter()
        .zip(cells)
        .map(|(name, cell)| format!("\"{name}\":{}", json_value(stream, name, cell)))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// A CSV cell as the value of a JSON member.
pub fn json_value(stream: Stream, name: &str, cell: &str) -> String {
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let column = stream.columns().iter().find(|column| column.name == name);
    match column.map(|column| (column.presence, column.kind)) {
        Some((Presence::List, _)) => {
            let items: Vec<_> = cell
                .split(';')
                .filter(|i| !i.is_empty())
                .map(quoted)
                .collect();
            format!("[{}]", items.join(","))
        }
        _ if cell.is_empty() => "null".to_owned(),
        Some((_, Kind::Money | Kind::Count)) => cell.to_owned(),
        _ => quoted(cell),
    }
}
