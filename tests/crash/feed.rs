//! What is sent, by whom: pushes of rows and of envelopes, and files.
//!
//! In: a country. Out: its rows, each in one push or one file, with bad rows among them. Must hold: the rows of
//! one key come from one sender, in the order of their knowledge times, so that what they come to does not depend
//! on who is faster.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::country::{Country, Row};
use crate::envelope::envelope;
use crate::random::{Random, hash};

/// Who pushes, each on a thread.
pub const SENDERS: usize = 4;
/// Of so many parts of all keys, those above the senders' are put into files.
const PARTS: u64 = SENDERS as u64 + 2;
/// Rows of a sender that are divided among the pushes of a turn, and those of a turn of files.
const ROWS_A_TURN: usize = 24;
const ROWS_A_TURN_OF_FILES: usize = 250;
/// One row in so many is followed by one that is bad.
const BAD_ONE_IN: usize = 40;

/// Rows, as they are sent together.
pub struct Sent {
    pub stream: &'static str,
    pub body: Vec<u8>,
    /// Rows that are to be accepted.
    pub accepted: u64,
    /// The others, with their codes.
    pub bad: Vec<(u64, &'static str)>,
}

/// A push.
pub struct Push {
    pub path: String,
    pub form: &'static str,
    pub key: String,
    pub sent: Sent,
}

/// A file.
pub struct Dropped {
    pub name: String,
    pub sent: Sent,
}

/// Everything that is sent.
pub struct Feed {
    /// The pushes of each sender, in order.
    pub senders: Vec<Vec<Push>>,
    /// The files, in order.
    pub files: Vec<Dropped>,
    /// The rows that are sent as rows, by stream.
    rows: BTreeMap<&'static str, String>,
    /// The envelopes.
    envelopes: Vec<String>,
}

impl Feed {
    /// Divides a country among those who send.
    pub fn new(country: &Country, seed: u64) -> Self {
        let mut feed = Self {
            senders: Vec::new(),
            files: Vec::new(),
            rows: BTreeMap::new(),
            envelopes: Vec::new(),
        };
        let is_of_envelope =
            |row: &&Row| row.stream == "claims" && row.is_alone && hash(&row.key).is_multiple_of(5);
        let (in_envelopes, rows): (Vec<&Row>, Vec<&Row>) =
            country.rows.iter().partition(is_of_envelope);
        for row in &rows {
            let text = feed.rows.entry(row.stream).or_default();
            text.push_str(&row.json);
            text.push('\n');
        }
        let part = |row: &Row| hash(&row.key) / 5 % PARTS;
        let mut random = Random::new(seed, 1);
        for sender in 0..SENDERS {
            let own: Vec<&Row> = rows
                .iter()
                .copied()
                .filter(|row| part(row) == sender as u64)
                .collect();
            let mut pushes = Vec::new();
            for turn in own.chunks(ROWS_A_TURN) {
                for (stream, rows) in by_stream(turn) {
                    pushes.push(Push {
                        path: format!("/v1/streams/{stream}"),
                        form: "application/x-ndjson",
                        key: format!("{seed}-{sender}-{}", pushes.len()),
                        sent: lines(stream, &rows, &mut random),
                    });
                }
            }
            feed.senders.push(pushes);
        }
        for (sender, claims) in (0..).zip(in_envelopes.chunks(3)) {
            let claims: Vec<Value> = claims
                .iter()
                .map(|row| serde_json::from_str(&row.json).unwrap())
                .collect();
            let text = envelope(&claims);
            feed.envelopes.push(text.clone());
            let pushes = &mut feed.senders[sender % SENDERS];
            let at = random.below(pushes.len() + 1);
            let push = Push {
                path: "/v1/claims/xml".to_owned(),
                form: "application/xml",
                key: format!("{seed}-xml-{sender}"),
                sent: Sent {
                    stream: "claims",
                    body: text.into_bytes(),
                    accepted: claims.len() as u64,
                    bad: Vec::new(),
                },
            };
            pushes.insert(at, push);
        }
        let own: Vec<&Row> = rows
            .iter()
            .copied()
            .filter(|row| part(row) >= SENDERS as u64)
            .collect();
        for (number, turn) in own.chunks(ROWS_A_TURN_OF_FILES).enumerate() {
            for (stream, rows) in by_stream(turn) {
                let header = &country.headers[stream];
                feed.files
                    .push(file(number, stream, &rows, header, &mut random));
            }
        }
        feed
    }

    /// Everything that is sent.
    pub fn all(&self) -> impl Iterator<Item = &Sent> {
        let pushes = self.senders.iter().flatten().map(|push| &push.sent);
        pushes.chain(self.files.iter().map(|file| &file.sent))
    }

    /// How many pushes there are.
    pub fn pushes(&self) -> usize {
        self.senders.iter().map(Vec::len).sum()
    }

    /// Rows to be accepted of each stream.
    pub fn accepted(&self) -> BTreeMap<String, u64> {
        let mut accepted = BTreeMap::new();
        for sent in self.all() {
            *accepted.entry(sent.stream.to_owned()).or_default() += sent.accepted;
        }
        accepted
    }

    /// Writes all rows that are to be accepted, as the input of a replay.
    pub fn write_input(&self, directory: &Path) {
        for (stream, rows) in &self.rows {
            fs::write(directory.join(format!("{stream}.ndjson")), rows).unwrap();
        }
        let folder = directory.join("claims-xml");
        fs::create_dir(&folder).unwrap();
        for (number, text) in self.envelopes.iter().enumerate() {
            fs::write(folder.join(format!("{number:05}.xml")), text).unwrap();
        }
    }
}

fn by_stream<'r>(rows: &[&'r Row]) -> BTreeMap<&'static str, Vec<&'r Row>> {
    let mut streams: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in rows {
        streams.entry(row.stream).or_default().push(*row);
    }
    streams
}

/// Rows as NDJSON, with some bad ones among them.
fn lines(stream: &'static str, rows: &[&Row], random: &mut Random) -> Sent {
    const BAD: [(&str, &str); 3] = [
        (r#"{"recorded_at":"#, "bad_json"),
        (r#"{"recorded_at":"yesterday"}"#, "bad_recorded_at"),
        (
            r#"{"recorded_at":"2025-01-01T08:00:00+07:00","op":"replace"}"#,
            "bad_op",
        ),
    ];
    written(stream, rows.iter().map(|row| &*row.json), &BAD, random)
}

fn written<'r>(
    stream: &'static str,
    rows: impl Iterator<Item = &'r str>,
    bad: &[(&str, &'static str)],
    random: &mut Random,
) -> Sent {
    let mut sent = Sent {
        stream,
        body: Vec::new(),
        accepted: 0,
        bad: Vec::new(),
    };
    let mut add = |line: &str| {
        sent.body.extend_from_slice(line.as_bytes());
        sent.body.push(b'\n');
    };
    for row in rows {
        add(row);
        sent.accepted += 1;
        if random.once_in(BAD_ONE_IN) {
            let (line, code) = bad[random.below(bad.len())];
            add(line);
            sent.bad
                .push((sent.accepted + sent.bad.len() as u64 + 1, code));
        }
    }
    sent
}

/// Rows as a file of one of the forms that a source takes.
fn file(
    number: usize,
    stream: &'static str,
    rows: &[&Row],
    header: &str,
    random: &mut Random,
) -> Dropped {
    let form = random.below(4);
    let (extension, mut sent) = if form < 2 {
        ("ndjson", lines(stream, rows, random))
    } else {
        let cells = header.split(',').count();
        let line = format!("yesterday{}", ",".repeat(cells - 1));
        let bad = [(&*line, "bad_recorded_at")];
        let rows = rows.iter().map(|row| &*row.csv);
        let mut sent = written(stream, rows, &bad, random);
        sent.body.splice(0..0, format!("{header}\n").into_bytes());
        ("csv", sent)
    };
    let is_packed = form % 2 == 1;
    if is_packed {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(&sent.body).unwrap();
        sent.body = packer.finish().unwrap();
    }
    let packed = if is_packed { ".gz" } else { "" };
    Dropped {
        name: format!("{stream}-{number:05}.{extension}{packed}"),
        sent,
    }
}
