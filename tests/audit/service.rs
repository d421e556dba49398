//! The files of a service: what is changed, written anew or cut off is found by `fundwatch verify`.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::running::{Country, Data, Running};
use crate::support::{fails, succeeds, text, told};

/// Pushes two streams, each an epoch of its own, and stops.
fn served(data: &Data, country: &Country, streams: &[&str]) {
    let mut running = Running::start(data, "").ready();
    for stream in streams {
        running.push(stream, &country.rows(stream));
    }
    running.process.terminate();
    assert!(running.process.ended(Duration::from_secs(60)).success());
}

/// The segments of the journal, oldest first.
fn segments(data: &Data) -> Vec<PathBuf> {
    let listed = fs::read_dir(data.path().join("journal")).unwrap();
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "segment")
    });
    paths.sort();
    paths
}

#[test]
fn a_journal_that_was_changed_cut_or_written_anew_is_found() {
    let (data, country) = (Data::new(), Country::new(1_000));
    served(&data, &country, &["citizens", "participants", "cards"]);
    let place = data.path();
    let place = place.to_str().unwrap();
    let whole = succeeds(&["verify", place]);
    assert!(whole.contains("the access log has its chain"), "{whole}");
    assert!(
        whole.contains("up to there nothing was written anew or cut off"),
        "{whole}"
    );

    // That an epoch is sealed is proved to whoever has the key of the log.
    let proof = data.path().join("epoch.tlog-proof");
    let proof = proof.to_str().unwrap();
    let made = [
        "proof",
        "inclusion",
        "--data",
        place,
        "--journal-epoch",
        "2",
        "--output",
        proof,
    ];
    assert!(succeeds(&made).contains("has the journal's chain up to epoch"));
    let keys = fs::read_to_string(data.path().join("keys/access-log.pub")).unwrap();
    let key = keys.lines().last().unwrap();
    let line = succeeds(&["verify", proof, "--log-key", key]);
    assert!(line.contains("\"action\":\"seal_journal\""), "{line}");

    // Any byte.
    let path = segments(&data).pop().unwrap();
    let bytes = fs::read(&path).unwrap();
    for at in (0..bytes.len()).step_by(bytes.len() / 25) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        fs::write(&path, changed).unwrap();
        let stderr = fails(1, &["verify", place]);
        let is_named = stderr.contains(".segment") || stderr.contains("the journal was cut");
        assert!(is_named, "byte {at}: {stderr}");
    }
    // Any tail, also where a whole epoch ends.
    let last = memchr::memmem::rfind(&bytes, b"FWe1").unwrap();
    for end in [bytes.len() - 1, bytes.len() - 40, last + 10, last] {
        fs::write(&path, &bytes[..end]).unwrap();
        let stderr = fails(1, &["verify", place]);
        assert!(
            stderr.contains("the journal was cut: it ends with epoch"),
            "{end}: {stderr}"
        );
    }
    // Who has the keys can cut it and have the service go on: as many epochs as before, and others.
    fs::write(&path, &bytes[..last]).unwrap();
    for entry in fs::read_dir(data.path()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if name.starts_with("alerts.db") || name.starts_with("review.db") {
            fs::remove_file(entry.path()).unwrap();
        }
        if name == "snapshots" {
            fs::remove_dir_all(entry.path()).unwrap();
        }
    }
    served(&data, &country, &["death_reports", "claims"]);
    let stderr = fails(1, &["verify", place]);
    assert!(
        stderr.contains("the journal was written anew after it was sealed"),
        "{stderr}"
    );
    assert!(stderr.contains(".ndjson"), "{stderr}");
    // And who changes the access log as well is found by its own chain.
    let logs = fs::read_dir(data.path().join("access-log")).unwrap();
    let log = logs.map(|entry| entry.unwrap().path());
    let log = log
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "ndjson")
        })
        .max();
    let log = log.unwrap();
    let lines = fs::read_to_string(&log).unwrap();
    let without: Vec<&str> = lines
        .lines()
        .filter(|line| !line.contains("seal_journal"))
        .collect();
    fs::write(&log, without.join("\n") + "\n").unwrap();
    let outcome = told(&["verify", place]);
    assert_eq!(outcome.status.code(), Some(1));
    let stderr = text(&outcome.stderr);
    assert!(
        stderr.contains(log.file_name().unwrap().to_str().unwrap()),
        "{stderr}"
    );
}
