//! What a replay finds: of the journal of a service, and of the same rows from files.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::binary::fundwatch;

/// The outputs of a replay.
pub struct Replayed {
    pub alerts: String,
    pub history: String,
    pub summary: Value,
}

/// Replays a journal.
pub fn journal(data: &Path) -> Replayed {
    replay([OsStr::new("--journal"), data.as_os_str()])
}

/// Replays files, as of a day.
pub fn files(input: &Path, as_of: &str) -> Replayed {
    replay([
        OsStr::new("--input"),
        input.as_os_str(),
        OsStr::new("--as-of"),
        OsStr::new(as_of),
    ])
}

fn replay<'a>(arguments: impl IntoIterator<Item = &'a OsStr>) -> Replayed {
    let output = tempfile::tempdir().unwrap();
    let mut command = fundwatch();
    command
        .arg("replay")
        .args(arguments)
        .arg("--output")
        .arg(output.path());
    let told = command.output().unwrap();
    assert_eq!(
        told.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    let read = |name| fs::read_to_string(output.path().join(name)).unwrap();
    Replayed {
        alerts: read("alerts.ndjson"),
        history: read("history.ndjson"),
        summary: serde_json::from_str(&read("summary.json")).unwrap(),
    }
}

impl Replayed {
    /// The as-of date.
    pub fn as_of(&self) -> &str {
        self.summary["as_of"].as_str().unwrap()
    }

    /// Rows accepted of each stream; streams without any are left out.
    pub fn accepted(&self) -> BTreeMap<String, u64> {
        let streams = self.summary["streams"].as_array().unwrap().iter();
        let streams = streams
            .map(|one| {
                (
                    one["stream"].as_str().unwrap().to_owned(),
                    one["accepted"].as_u64(),
                )
            })
            .map(|(stream, accepted)| (stream, accepted.unwrap()));
        streams.filter(|(_, accepted)| *accepted > 0).collect()
    }
}

/// What alerts say, but for when and where their rows were met, by their ids.
pub fn by_id(alerts: &str) -> BTreeMap<String, Value> {
    let read = |line: &str| {
        let mut alert: Value = serde_json::from_str(line).unwrap();
        alert.as_object_mut().unwrap().remove("raised_at");
        for row in alert["evidence"].as_array_mut().unwrap() {
            let row = row.as_object_mut().unwrap();
            row.remove("file");
            row.remove("row");
        }
        (alert["alert_id"].as_str().unwrap().to_owned(), alert)
    };
    alerts.lines().map(read).collect()
}
