//! What the command line says: help, exit codes, errors with their remedy, warnings, and documents
//! that agree with the files beside them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fundwatch::record::Stream;
use fundwatch::rule::Reason;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::country::country;
use crate::support::{
    OUTPUTS, assert_same, contents, counts, fundwatch, replay, replay_command, text,
};
use crate::tables::{Written, gzip};

#[test]
fn help_is_the_reference() {
    for (name, arguments) in [
        ("help", &["--help"] as &[&str]),
        ("replay-help", &["replay", "--help"]),
        ("replay-short-help", &["replay", "-h"]),
        ("model-train-help", &["model", "train", "--help"]),
        ("measures-help", &["measures", "--help"]),
    ] {
        let told = fundwatch().args(arguments).output().unwrap();
        assert_eq!(told.status.code(), Some(0));
        assert_eq!(text(&told.stderr), "");
        let help = text(&told.stdout);
        assert!(help.lines().all(|line| line.chars().count() <= 100));
        insta::assert_snapshot!(name, help);
    }
}

/// A wrong call, or a run that fails, leaves the output directory empty and says what to do.
#[test]
fn wrong_calls_have_exit_code_2_and_name_the_remedy() {
    let input = country(20, 100).write(Written::Plain);
    let file = input.path().join("claims.csv");
    let absent = input.path().join("absent");
    let (input, file, absent) = (path(input.path()), path(&file), path(&absent));
    let cases: [(&[&str], &str); 12] = [
        (
            &["--input", &absent],
            "name the directory that holds the streams",
        ),
        (
            &["--input", &file],
            "name the directory that holds the streams",
        ),
        (
            &["--input", &input, "--reasons", "no_such"],
            "the reasons are service_after_death",
        ),
        (
            &["--input", &input, "--reasons", "stale_card,"],
            "the reasons are",
        ),
        (
            &["--input", &input, "--epoch", "1w"],
            "use 1h, 6h, 1d, 30d, … or all",
        ),
        (&["--input", &input, "--epoch", "0d"], "use 1h"),
        (&["--input", &input, "--epoch", ""], "all"),
        (
            &["--input", &input, "--as-of", "yesterday"],
            "such as 2025-06-30",
        ),
        (
            &["--input", &input, "--as-of", "2025-02-29"],
            "such as 2025-06-30",
        ),
        (&["--input", &input, "--workers", "0"], "1..=1024"),
        (&["--input", &input, "--strictly"], "--help"),
        (&[], "--input <DIR>"),
    ];
    for (arguments, remedy) in cases {
        let output = tempfile::tempdir().unwrap();
        let mut command = fundwatch();
        command
            .args(["replay", "--output"])
            .arg(output.path())
            .args(arguments);
        let told = command.output().unwrap();
        let stderr = text(&told.stderr);
        assert_eq!(told.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(remedy), "{arguments:?}: {stderr}");
        assert_eq!(text(&told.stdout), "", "{arguments:?}");
        assert!(contents(output.path()).is_empty(), "{arguments:?}");
    }
    let told = fundwatch().output().unwrap();
    assert_eq!(told.status.code(), Some(2));
    assert!(text(&told.stderr).contains("Usage: fundwatch"));
}

#[test]
fn failed_runs_have_exit_code_1_and_name_file_and_remedy() {
    let no_more: [&str; 0] = [];
    let input = country(20, 3000).write(Written::Plain);
    // Below a file nobody can make a directory, whatever one's rights.
    let below = input.path().join("claims.csv/out");
    let told = replay_command(input.path(), &below, &no_more)
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(1));
    let stderr = text(&told.stderr);
    assert!(stderr.contains(&path(&below)), "{stderr}");
    assert!(
        stderr.contains("check that the output directory can be written"),
        "{stderr}"
    );

    let whole = gzip(&fs::read(input.path().join("claims.csv")).unwrap());
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle..middle + 16].fill(0xa5);
    let truncated = whole[..middle].to_vec();
    for (ending, bytes) in [
        ("gz", flipped),
        ("gz", truncated),
        ("gz", b"recorded_at,op\n".to_vec()),
        ("zst", b"recorded_at,op\n".to_vec()),
    ] {
        let damaged = tempfile::tempdir().unwrap();
        let name = damaged.path().join(format!("claims.csv.{ending}"));
        fs::write(&name, bytes).unwrap();
        let output = tempfile::tempdir().unwrap();
        let told = replay_command(damaged.path(), output.path(), &no_more)
            .output()
            .unwrap();
        let stderr = text(&told.stderr);
        assert_eq!(told.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains(&path(&name)), "{stderr}");
        assert!(stderr.contains("copy or export the file again"), "{stderr}");
        assert!(contents(output.path()).is_empty(), "{ending}");
    }
}

#[test]
fn what_is_no_terminal_gets_no_escape_codes() {
    let input = country(20, 100).write(Written::Plain);
    fs::write(input.path().join("notes.txt"), "").unwrap();
    let output = tempfile::tempdir().unwrap();
    let missing = output.path().join("missing");
    for no_color in [false, true] {
        for term in ["xterm-256color", "dumb"] {
            for input in [input.path(), &missing] {
                let mut command = replay_command(input, output.path(), &["--epoch", "30d"]);
                command.env("TERM", term);
                if no_color {
                    command.env("NO_COLOR", "1");
                }
                let told = command.output().unwrap();
                let printed = [told.stdout, told.stderr].concat();
                assert!(!printed.is_empty());
                assert!(!printed.contains(&0x1b), "{}", text(&printed));
                assert!(!printed.contains(&b'\r'), "{}", text(&printed));
            }
        }
    }
}

#[test]
fn what_is_ignored_is_warned_of() {
    let input = country(20, 100).write(Written::Plain);
    let off = "cost_outlier: off, since the model is not calibrated on this fund's own claims; make one of \
               them with `fundwatch model train`, and name it with --model";
    let plain = replay(input.path(), &[]);
    assert_eq!(warned(&plain.stderr), [format!("warning: {off}")]);
    assert_eq!(plain.document("summary.json")["warnings"], json!([off]));
    let write = |name: &str, text: &str| fs::write(input.path().join(name), text).unwrap();
    write("notes.txt", "");
    write("Claims.csv", "");
    write("claims.csv.bz2", "");
    write(".hidden", "");
    fs::create_dir(input.path().join("older")).unwrap();
    write("older/claims.csv", "");
    write(
        "enterprises.csv",
        "tax_code,name,status,effective_date,recorded_at,colour,note\n\
         0100000009,Mẫu,active,2020-01-01,2024-01-01T08:00:00+07:00,red,x\n",
    );
    write(
        "health_profiles.ndjson",
        "{\"personal_id\":\"001080000001\",\"mood\":1,\"recorded_at\":\"2024-01-01T08:00:00Z\"}\n",
    );
    let run = replay(input.path(), &[]);
    let warnings = [
        "Claims.csv: matches no stream, ignored",
        "claims.csv.bz2: matches no stream, ignored",
        "notes.txt: matches no stream, ignored",
        "older/: matches no stream, ignored",
        off,
        "enterprises.csv: unknown columns `colour`, `note`, ignored",
        "health_profiles.ndjson: unknown columns `mood`, ignored",
    ];
    assert_eq!(run.document("summary.json")["warnings"], json!(warnings));
    let told: Vec<String> = warnings.iter().map(|w| format!("warning: {w}")).collect();
    assert_eq!(warned(&run.stderr), told);
    assert_eq!(run.bytes("rejects.ndjson"), b"");
    assert!(run.bytes("alerts.ndjson") == plain.bytes("alerts.ndjson"));
}

#[test]
fn an_empty_directory_is_a_run_without_rows() {
    let input = tempfile::tempdir().unwrap();
    let run = replay(input.path(), &[]);
    for name in OUTPUTS.iter().filter(|name| name.ends_with(".ndjson")) {
        // The measures tell of every stream, also where it has no row.
        let is_empty = run.bytes(name).is_empty();
        assert_eq!(is_empty, *name != "measures.ndjson", "{name}");
    }
    assert!(
        run.stderr
            .contains("no file in the input directory matches a stream")
    );
    let summary = run.document("summary.json");
    assert_eq!(
        (&summary["alerts"], &summary["epochs"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(
        (&summary["as_of"], &summary["reasons"]),
        (&Value::Null, &json!([]))
    );
    assert_eq!(summary["measures"]["facilities"], json!(0));
    let measures = run.lines("measures.ndjson");
    assert_eq!(measures.len(), 2 + Stream::ALL.len());

    // Files without rows are no worse.
    for stream in Stream::ALL {
        fs::write(input.path().join(format!("{stream}.ndjson")), "\n\n").unwrap();
        fs::write(
            input.path().join(format!("{stream}.csv")),
            "recorded_at,op\n",
        )
        .unwrap();
    }
    let run = replay(input.path(), &["--as-of", "2025-06-30"]);
    assert_eq!(run.bytes("alerts.ndjson"), b"");
    assert_eq!(run.bytes("rejects.ndjson"), b"");
}

#[test]
fn reasons_are_computed_as_if_all_were() {
    let input = country(300, 6000).write(Written::Plain);
    let full = replay(input.path(), &[]);
    let (alerts, history) = (full.alerts(), full.history());
    let raised = counts(&alerts, "reason");
    assert!(raised.len() >= 6, "{raised:?}");
    let all: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    let lists = all.iter().map(|reason| (*reason).to_owned());
    for list in lists.chain([all[..4].join(","), all[4..].join(","), all.join(",")]) {
        let run = replay(input.path(), &["--reasons", &list]);
        let wanted = |lines: &[Value]| -> Vec<Value> {
            let is_wanted = |line: &&Value| list.split(',').any(|r| line["reason"] == r);
            lines.iter().filter(is_wanted).cloned().collect()
        };
        assert_same(&run.alerts(), &wanted(&alerts), &list);
        assert_same(&run.history(), &wanted(&history), &list);
        let settings = &run.stated()["settings"];
        assert_eq!(
            settings["reasons"],
            json!(list.split(',').collect::<Vec<_>>())
        );
    }
}

#[test]
fn the_manifest_has_the_digests_of_inputs_and_outputs() {
    let directory = country(100, 2000);
    for how in [Written::Plain, Written::Gzip] {
        let input = directory.write(how);
        let arguments = [
            "--as-of",
            "2025-05-01",
            "--epoch",
            "6h",
            "--reasons",
            "unknown_card",
        ];
        let run = replay(input.path(), &arguments);
        let whole = run.document("manifest.json");
        assert_files(&whole["subject"], run.output.path(), &OUTPUTS[..5]);
        let manifest = run.stated();
        assert_files(&manifest["byproducts"], run.output.path(), &OUTPUTS[5..6]);
        let read: Vec<String> = contents(input.path()).into_keys().collect();
        let read: Vec<&str> = read.iter().map(String::as_str).collect();
        assert_files(&manifest["inputs"]["files"], input.path(), &read);
        assert_eq!(
            manifest["settings"],
            json!({
                "as_of": "2025-05-01T23:59:59.999999999+07:00",
                "epoch": "6h",
                "link_weight": 3170,
                "reasons": ["unknown_card"],
            })
        );
        let program = fs::read(env!("CARGO_BIN_EXE_fundwatch")).unwrap();
        assert_eq!(manifest["code"]["executable_sha256"], sha256(&program));
        let lock = include_bytes!("../../Cargo.lock");
        assert_eq!(manifest["code"]["cargo_lock_sha256"], sha256(lock));
        let result = &manifest["result"];
        assert_eq!(result["alerts"], run.alerts().len());
        assert_eq!(result["reasons"][0]["alerts"], run.alerts().len());
        assert_eq!(result["accepted"], accepted(&run.document("summary.json")));
    }
}

/// Holds a list of digests to the files of a directory.
fn assert_files(listed: &Value, directory: &Path, names: &[&str]) {
    let files = listed.as_array().unwrap();
    let stated: Vec<&str> = files.iter().map(|f| f["name"].as_str().unwrap()).collect();
    assert_eq!(stated, names);
    for file in files {
        let bytes = fs::read(directory.join(file["name"].as_str().unwrap())).unwrap();
        assert_eq!(
            file["annotations"]["bytes"],
            bytes.len(),
            "{}",
            file["name"]
        );
        assert_eq!(file["digest"]["sha256"], sha256(&bytes), "{}", file["name"]);
    }
}

/// Rows by stream, as the summary counts them.
fn accepted(summary: &Value) -> Value {
    let streams = summary["streams"].as_array().unwrap().iter();
    let accepted = streams.map(|of| {
        (
            of["stream"].as_str().unwrap().to_owned(),
            of["accepted"].clone(),
        )
    });
    Value::Object(accepted.collect())
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_summary_counts_the_lines_of_the_files() {
    let directory = country(300, 6000);
    let input = directory.write(Written::Plain);
    let bad = "personal_id,recorded_at\n1,2024-01-01T08:00:00Z\n,2024-01-01T08:00:00Z\n,never\n";
    fs::write(input.path().join("citizens-bad.csv"), bad).unwrap();
    let run = replay(input.path(), &[]);
    let summary = run.document("summary.json");
    let (alerts, history) = (run.alerts(), run.history());
    assert_eq!(summary["alerts"], alerts.len());
    assert_eq!(summary["rejected"], json!(counts(&run.rejects(), "code")));
    assert_eq!(run.rejects().len(), 3);

    for stream in summary["streams"].as_array().unwrap() {
        let table = (directory.tables.iter()).find(|t| stream["stream"] == t.stream.name());
        assert_eq!(
            stream["accepted"],
            table.map_or(0, |t| t.rows.len()),
            "{stream}"
        );
    }
    let mut amounts: BTreeMap<String, i64> = BTreeMap::new();
    let mut subjects: BTreeMap<String, i64> = BTreeMap::new();
    for alert in &alerts {
        let amount = alert["amount_vnd"].as_i64().unwrap();
        *amounts.entry(alert["reason"].to_string()).or_default() += amount;
        subjects.insert(alert["subject"].to_string(), amount);
    }
    let reasons = summary["reasons"].as_array().unwrap();
    assert!(reasons.len() >= 6);
    for reason in reasons {
        let name = reason["reason"].as_str().unwrap();
        let of_reason = |lines: &[Value]| -> Vec<Value> {
            lines
                .iter()
                .filter(|l| l["reason"] == name)
                .cloned()
                .collect()
        };
        assert_eq!(reason["alerts"], of_reason(&alerts).len(), "{name}");
        let amount = amounts.get(&reason["reason"].to_string());
        assert_eq!(reason["amount_vnd"], amount.copied().unwrap_or(0), "{name}");
        let kinds = counts(&of_reason(&history), "kind");
        for kind in ["raised", "changed", "withdrawn"] {
            let count = kinds.get(kind).copied().unwrap_or(0);
            assert_eq!(reason[kind], count, "{name} {kind}");
        }
    }
    let of_all: u64 = reasons.iter().map(|r| r["raised"].as_u64().unwrap()).sum();
    let raised = history.iter().filter(|event| event["kind"] == "raised");
    assert_eq!(of_all, raised.count() as u64);
    assert_eq!(summary["amount_vnd"], subjects.values().sum::<i64>());
    let mut epochs: Vec<_> = history
        .iter()
        .map(|e| e["epoch"].as_i64().unwrap())
        .collect();
    assert!(epochs.is_sorted());
    epochs.dedup();
    assert!(summary["epochs"].as_u64().unwrap() >= epochs.len() as u64);
}

/// The warnings on standard error, where a slow run also tells its progress.
fn warned(stderr: &str) -> Vec<&str> {
    let lines = stderr.lines();
    lines.filter(|line| line.starts_with("warning: ")).collect()
}

fn path(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
