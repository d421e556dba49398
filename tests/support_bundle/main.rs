//! `fundwatch support-bundle`, beside a running service and without one.
//!
//! In: a service that holds synthetic people, whose identifiers and names are known. Out: its bundle. Must hold:
//! none of them, no token and no key is in any file of it; what it is for is in it; what cannot be read is told.

#[path = "../common/binary.rs"]
mod binary;
#[path = "../support/running.rs"]
#[allow(dead_code, reason = "not all of it is asked for here")]
mod running;
#[path = "../support/said.rs"]
mod said;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use binary::fundwatch;
use running::{Country, Data, Running, STREAMS, until};
use serde_json::Value;

const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd/v8=";

/// Makes a bundle; what was said, and the files in it.
fn bundle(data: &Path, more: &[&str]) -> (String, BTreeMap<String, String>) {
    let place = tempfile::tempdir().expect("a directory");
    let path = place.path().join("support.tar.gz");
    let mut command = fundwatch();
    command
        .args(["support-bundle", "--data"])
        .arg(data)
        .args(more);
    let output = command
        .arg("--output")
        .arg(&path)
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{output:?}");
    let mode = std::fs::metadata(&path)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = command.output().expect("it runs");
    assert_eq!(again.status.code(), Some(1), "no file is replaced");
    let file = std::fs::File::open(&path).expect("it is there");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let mut files = BTreeMap::new();
    for entry in archive.entries().expect("a tar") {
        let mut entry = entry.expect("a file");
        let name = entry.path().expect("a name").display().to_string();
        let mut text = String::new();
        entry.read_to_string(&mut text).expect("UTF-8");
        files.insert(name.replace("fundwatch-support/", ""), text);
    }
    (String::from_utf8(output.stdout).expect("UTF-8"), files)
}

fn json(files: &BTreeMap<String, String>, name: &str) -> Value {
    serde_json::from_str(&files[name]).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Texts of rows that are of somebody: long numbers, and names.
fn of_people(country: &Country) -> BTreeSet<String> {
    fn add(found: &mut BTreeSet<String>, name: &str, value: &Value) {
        match value {
            Value::String(text) => {
                let digits = text.bytes().filter(u8::is_ascii_digit).count();
                let is_number =
                    digits >= 9 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
                if is_number || name == "full_name" {
                    found.insert(text.clone());
                }
            }
            Value::Array(values) => values.iter().for_each(|value| add(found, name, value)),
            Value::Object(fields) => fields
                .iter()
                .for_each(|(name, value)| add(found, name, value)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    for stream in STREAMS {
        for line in country.rows(stream).lines() {
            add(&mut found, "", &serde_json::from_str(line).expect("a row"));
        }
    }
    found
}

#[test]
fn a_bundle_of_a_running_service_says_how_it_is_and_nothing_of_anybody() {
    let data = Data::new();
    let key = data.path().join("master.key");
    std::fs::write(&key, MASTER_KEY).expect("written");
    let config = format!(
        "[journal]\nmaster_key_file = {:?}\n",
        key.display().to_string()
    );
    let service = Running::start(&data, &config).ready();
    let country = Country::new(1_000);
    service.push_all(&country);
    let known = of_people(&country);
    assert!(known.len() > 1_000, "{}", known.len());
    let people: Vec<&String> = known.iter().filter(|text| text.contains(' ')).collect();
    assert!(people.len() > 100, "names are among them: {}", people.len());
    // A reject keeps its row, and a log may have what somebody else wrote.
    let rejected = format!(
        "{{\"card_number\":\"{}\",\"full_name\":\"{}\"}}\n",
        "x", people[0]
    );
    service.push("cards", &rejected);
    until(
        "the rejected row in the store",
        Duration::from_secs(60),
        || {
            let (_, files) = bundle(&data.path(), &["--ops", "http://127.0.0.1:9"]);
            let store = json(&files, "store.json");
            (store["counts"]["rejects"][0]["open"] == 1).then_some(())
        },
    );
    let log = data.path().join("serve.log");
    let mut text = std::fs::read_to_string(&log).expect("a log");
    let number = known
        .iter()
        .find(|text| !text.contains(' '))
        .expect("a number");
    text.push_str(&format!("somebody wrote {number} and {}\n", data.token));
    let copy = data.path().join("copy.log");
    std::fs::write(&copy, text).expect("written");
    let ops = format!("http://{}", service.ops);
    let file = data.path().join("fundwatch.toml").display().to_string();
    let (log, path) = (copy.display().to_string(), data.path());
    let (told, files) = bundle(&path, &["--config", &file, "--ops", &ops, "--log", &log]);
    assert!(!told.contains("could not be read"), "{told}");

    let mut secrets = known.clone();
    secrets.extend([MASTER_KEY.to_owned(), data.token.clone()]);
    secrets.insert(data.token.splitn(3, '_').nth(2).expect("a secret")[..43].to_owned());
    for entry in std::fs::read_dir(path.join("keys")).expect("keys") {
        let path = entry.expect("a key").path();
        // Keys of what people type are made with the first text: there is none yet.
        if path.is_dir() || path.extension().is_some_and(|ending| ending == "pub") {
            continue;
        }
        let bytes = std::fs::read(path).expect("a key");
        // The key of a month has a header before it; the others are keys alone.
        let key = if bytes.len() == 100 {
            &bytes[48..80]
        } else {
            &bytes[..]
        };
        let hex = |bytes: &[u8]| {
            bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
        };
        secrets.insert(hex(key));
        secrets.insert(String::from_utf8_lossy(key).into_owned());
    }
    for (name, text) in files.iter().chain([(&"what is said".to_owned(), &told)]) {
        assert!(!text.is_empty(), "{name}");
        let found = secrets
            .iter()
            .filter(|secret| text.contains(secret.as_str()))
            .count();
        assert_eq!(
            found, 0,
            "{name} has something that nobody may read: {text}"
        );
    }

    let state = json(&files, "data.json");
    assert!(
        state["journal"]["state"]["last_epoch"].as_u64() >= Some(10),
        "{state}"
    );
    assert!(
        state["journal"]["files"]["named"]["0000000001-0000000001.segment"]["bytes"].as_u64()
            > Some(112)
    );
    let months: Vec<&Value> = state["keys"]
        .as_object()
        .expect("months")
        .values()
        .collect();
    assert_eq!(
        months,
        [&serde_json::json!({ "state": "kept", "is_wrapped": true })]
    );
    let store = json(&files, "store.json");
    let alerts = store["counts"]["alerts"].as_array().expect("counts");
    assert!(
        alerts
            .iter()
            .any(|count| count["alerts"].as_u64() > Some(0)),
        "{store}"
    );
    assert_eq!(store["counts"]["rejects"][0]["open"], 1, "{store}");
    assert!(files["metrics.txt"].contains("fundwatch_build_info"));
    assert!(json(&files, "readyz.json").is_object());
    assert!(json(&files, "machine.json")["disk_of_data"]["free_bytes"].as_u64() > Some(0));
    let settings = json(&files, "configuration.json");
    assert_eq!(
        settings["settings"]["journal"]["master_key_file"],
        key.display().to_string()
    );
    assert_eq!(settings["wrong"], Value::Null);
    assert!(files["log.txt"].contains("somebody wrote ") && files["log.txt"].contains("fw_***"));
    // The service is as it was.
    service.push("cards", &rejected);
}

#[test]
fn a_bundle_is_made_of_whatever_is_left() {
    let data = Data::new();
    let empty = tempfile::tempdir().expect("a directory");
    let nobody = ["--ops", "http://127.0.0.1:9"];
    let (told, files) = bundle(empty.path(), &nobody);
    assert!(
        told.contains("could not be read") && files["README.txt"].contains("could not be read")
    );
    assert_eq!(json(&files, "data.json")["journal"]["state"], Value::Null);

    let mut service = Running::start(&data, "").ready();
    service.push("check_ins", "{}\n");
    // What is durable is not stored at once; at an orderly end it is.
    service.process.terminate();
    service.process.ended(Duration::from_secs(60));
    let segment = data.path().join("journal/0000000001-0000000001.segment");
    let mut bytes = std::fs::read(&segment).expect("a segment");
    bytes[40] ^= 1;
    std::fs::write(&segment, bytes).expect("written");
    let wrong = data.path().join("wrong.toml");
    std::fs::write(&wrong, "[http]\nlistn = \"hunter2\"\n").expect("written");
    let wrong = wrong.display().to_string();
    let (told, files) = bundle(&data.path(), &["--config", &wrong]);
    let segment = segment.display().to_string();
    for part in [&told, &files["README.txt"]] {
        assert!(
            part.contains(&segment) && part.contains("checksum"),
            "{part}"
        );
    }
    let settings = json(&files, "configuration.json");
    assert!(
        settings["wrong"][0]
            .as_str()
            .is_some_and(|why| why.contains("line 2")),
        "{settings}"
    );
    assert!(!files.values().any(|text| text.contains("hunter2")));
    // What is left is there.
    assert_eq!(
        json(&files, "store.json")["counts"]["rejects"][0]["open"],
        1
    );
}
