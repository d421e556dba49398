//! `fundwatch sample`, held to a naive reading of the same files: what is in the frame, what is drawn, what is estimated.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::{fails, lines, replayed, sample, succeeds};

const HEADER: &str = "recorded_at,op,facility,visit_id,cards,personal_id,full_name,birth_date,sex,blood_group,visit_type,object_code,main_diagnosis,other_diagnoses,admitted_at,inpatient_at,discharged_at,outcome,discharge_type,copay_exempt_from,referred_from,referred_to,department,cost_drugs,cost_supplies,cost_total,cost_covered,paid_by_fund,copay,self_paid,other_sources,lines";

/// A row of a claim, as far as a frame turns on it.
#[derive(Clone)]
struct Row {
    day: u32,
    delete: bool,
    withdrawn: bool,
    facility: u32,
    visit: u32,
    flagged: bool,
    paid: u64,
}

impl Row {
    fn key(&self) -> String {
        format!("{:05}/V{:03}", self.facility, self.visit)
    }

    fn line(&self) -> String {
        let Self {
            day,
            facility,
            visit,
            paid,
            ..
        } = self;
        let op = if self.delete { "delete" } else { "" };
        let object = if self.withdrawn { "8" } else { "1.1" };
        // A card that nobody knows is an alert; no card is none.
        let card = if self.flagged { "HT3799900000001" } else { "" };
        format!(
            "2025-03-{day:02}T08:00:00+07:00,{op},{facility:05},V{visit:03},{card},,Nguyễn Mẫu An,1951-04-12,1,,01,{object},I10,,2025-01-{:02}T{:02}:10,,2025-01-{:02}T23:40,1,1,,,,K01,0,0,{paid},{paid},{paid},0,0,0,4",
            1 + visit % 28,
            visit % 23,
            1 + visit % 28
        )
    }
}

/// Claims that were sent again, deleted, withdrawn and flagged.
fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut state = 7u64;
    let mut random = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for visit in 0..160u32 {
        let facility = [79_001, 79_002, 1_007, 48_003][random(4) as usize];
        let versions = 1 + random(3);
        // Times of a key differ, so that order in files does not matter.
        let mut days: Vec<u32> = (1..=28).collect();
        for _ in 0..versions {
            let day = days.remove(random(days.len() as u64) as usize);
            rows.push(Row {
                day,
                delete: random(9) == 0,
                withdrawn: random(9) == 0,
                facility,
                visit,
                flagged: random(4) == 0,
                paid: [40_000, 700_000, 3_000_000, 25_000_000][random(4) as usize] + random(1_000),
            });
        }
    }
    rows
}

/// A directory of these rows, in two files.
fn directory(rows: &[Row]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let half = rows.len() / 2;
    for (name, part) in [
        ("claims-a.csv", &rows[..half]),
        ("claims-b.csv", &rows[half..]),
    ] {
        let lines: Vec<String> = part.iter().map(Row::line).collect();
        let text = format!("{HEADER}\n{}\n", lines.join("\n"));
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

/// The claims in force at the end of a day of March that no alert is about: key and amount.
fn naive(rows: &[Row], until: u32) -> (BTreeMap<String, u64>, BTreeSet<String>) {
    let mut last: BTreeMap<String, &Row> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.day <= until) {
        let held = last.entry(row.key()).or_insert(row);
        if row.day > held.day {
            *held = row;
        }
    }
    let in_force = last
        .into_iter()
        .filter(|(_, row)| !row.delete && !row.withdrawn);
    let (mut plain, mut flagged) = (BTreeMap::new(), BTreeSet::new());
    for (key, row) in in_force {
        if row.flagged {
            flagged.insert(key);
        } else {
            plain.insert(key, row.paid);
        }
    }
    (plain, flagged)
}

/// A run of these rows, and what it read.
fn run() -> &'static (TempDir, TempDir) {
    static RUN: OnceLock<(TempDir, TempDir)> = OnceLock::new();
    RUN.get_or_init(|| {
        let input = directory(&rows());
        (replayed(input.path(), &[]), input)
    })
}

fn draw(run: &Path, seed: &str, more: &[&str]) -> TempDir {
    let output = tempfile::tempdir().unwrap();
    let (run, to) = (run.to_str().unwrap(), output.path().to_str().unwrap());
    let mut arguments = vec!["sample", "--run", run, "--seed", seed, "--output", to];
    arguments.extend_from_slice(more);
    succeeds(&arguments);
    output
}

fn document(sample: &Path) -> Value {
    serde_json::from_slice(&fs::read(sample.join("sample.json")).unwrap()).unwrap()
}

/// Stratum, order, unit and number of what was drawn, and the digests of the frames.
fn drawn(sample: &Path) -> Vec<(String, String)> {
    let mut drawn = Vec::new();
    for frame in document(sample)["frames"].as_array().unwrap() {
        drawn.push(("frame".to_owned(), frame["sha256"].to_string()));
        for stratum in frame["strata"].as_array().unwrap() {
            let name = stratum["stratum"].to_string();
            drawn.push((name.clone(), stratum["sha256"].to_string()));
            drawn.push((name.clone(), stratum["drawn"].to_string()));
            for one in stratum["sample"].as_array().unwrap() {
                drawn.push((name.clone(), one.to_string()));
            }
        }
    }
    drawn
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn number(seed: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(seed.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    hex(&mac.finalize().into_bytes())
}

fn band(paid: u64) -> &'static str {
    match paid {
        0..1_000_000 => "under_1m",
        1_000_000..10_000_000 => "1m_to_10m",
        10_000_000..100_000_000 => "10m_to_100m",
        _ => "from_100m",
    }
}

#[test]
fn what_is_drawn_is_what_a_naive_reading_draws() {
    let rows = rows();
    let input = directory(&rows);
    let then = replayed(input.path(), &["--as-of", "2025-03-14"]);
    for (until, run) in [(31, &run().0), (14, &then)] {
        let (plain, flagged) = naive(&rows, until);
        let alerts = lines(run.path(), "alerts.ndjson");
        let about: BTreeSet<String> = alerts
            .iter()
            .map(|alert| alert["subject"]["id"].as_str().unwrap().to_owned())
            .collect();
        assert!(!plain.is_empty() && !flagged.is_empty());
        assert_eq!(about, flagged);

        let strata = [
            "--strata",
            "amount,province",
            "--alerts",
            "0",
            "--non-alerts",
            "40",
            "--spares",
            "1",
        ];
        let sample = draw(run.path(), "a seed", &strata);
        let frame = &document(sample.path())["frames"][0];
        assert_eq!(frame["frame"], "non_alerts");
        assert_eq!(frame["units"], plain.len());
        assert_eq!(frame["amount_vnd"], plain.values().sum::<u64>());
        let listed: String = plain
            .iter()
            .map(|(key, paid)| format!("{key}\t{paid}\n"))
            .collect();
        assert_eq!(frame["sha256"], hex(&Sha256::digest(listed.as_bytes())));

        let mut strata: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for (key, paid) in &plain {
            let name = format!("province={};amount={}", &key[..2], band(*paid));
            let own = number("a seed", &format!("non_alerts:{key}"));
            strata.entry(name).or_default().push((own, key.clone()));
        }
        let told = frame["strata"].as_array().unwrap();
        assert_eq!(told.len(), strata.len());
        let mut all = 0;
        for (stratum, (name, mut units)) in told.iter().zip(strata) {
            units.sort();
            let drawn = stratum["drawn"].as_u64().unwrap() as usize;
            all += drawn;
            assert_eq!(stratum["stratum"], name);
            assert_eq!(stratum["units"], units.len());
            assert!(drawn >= 1 && drawn <= units.len(), "{name}");
            units.truncate(drawn + 1);
            let sample = stratum["sample"].as_array().unwrap();
            let own: Vec<(String, String)> = sample
                .iter()
                .map(|one| {
                    let text = |name: &str| one[name].as_str().unwrap().to_owned();
                    (text("number"), text("unit"))
                })
                .collect();
            assert_eq!(own, units, "{name}");
            for (place, one) in sample.iter().enumerate() {
                assert_eq!(one["spare"], place >= drawn);
            }
        }
        assert_eq!(all, 40.min(plain.len()));
    }
}

#[test]
fn a_seed_draws_the_same_units_however_rows_stand_and_another_seed_others() {
    let mut rows = rows();
    let (run, _) = run();
    let more = ["--alerts", "9", "--non-alerts", "12", "--strata", "reason"];
    let first = drawn(draw(run.path(), "815", &more).path());
    assert_eq!(first, drawn(draw(run.path(), "815", &more).path()));
    assert_ne!(first, drawn(draw(run.path(), "816", &more).path()));
    rows.reverse();
    rows.rotate_left(31);
    let shuffled = directory(&rows);
    let run = replayed(shuffled.path(), &[]);
    assert_eq!(first, drawn(draw(run.path(), "815", &more).path()));
}

#[test]
fn nothing_is_drawn_from_files_that_are_not_the_runs() {
    let (run, input) = run();
    let run = crate::support::copy_of(run.path());
    let output = tempfile::tempdir().unwrap();
    let to = output.path().join("sample");
    let arguments = |input: &Path| {
        [
            "sample",
            "--run",
            run.path().to_str().unwrap(),
            "--seed",
            "1",
            "--output",
            to.to_str().unwrap(),
            "--input",
            input.to_str().unwrap(),
        ]
        .map(str::to_owned)
    };
    // Elsewhere, as they were.
    let moved = crate::support::copy_of(input.path());
    succeeds(&arguments(moved.path()));
    fs::remove_dir_all(&to).unwrap();
    let file = moved.path().join("claims-b.csv");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("K01", "K02", 1)).unwrap();
    let error = fails(1, &arguments(moved.path()));
    assert!(
        error.contains("claims-b.csv: it is not the file"),
        "{error}"
    );
    fs::remove_file(&file).unwrap();
    let error = fails(1, &arguments(moved.path()));
    assert!(error.contains("claims-b.csv: it is missing"), "{error}");
    fs::write(&file, text).unwrap();
    fs::write(moved.path().join("claims-c.csv"), HEADER).unwrap();
    let error = fails(1, &arguments(moved.path()));
    assert!(
        error.contains("claims-c.csv: the run did not read it"),
        "{error}"
    );
    let alerts = run.path().join("alerts.ndjson");
    let text = fs::read_to_string(&alerts).unwrap();
    fs::write(
        &alerts,
        text.replacen("high", "low ", 1)
            .replacen("medium", "low   ", 1),
    )
    .unwrap();
    let error = fails(1, &arguments(input.path()));
    assert!(
        error.contains("alerts.ndjson: it is not the file"),
        "{error}"
    );
    assert!(!to.exists());
}

#[test]
fn a_sample_that_cannot_be_drawn_says_what_to_ask_for() {
    let run = replayed(&sample(), &[]);
    let output = tempfile::tempdir().unwrap();
    let call = |more: &[&str], code: i32| {
        let (run, to) = (
            run.path().to_str().unwrap(),
            output.path().to_str().unwrap(),
        );
        let mut arguments = vec!["sample", "--run", run, "--output", to];
        arguments.extend_from_slice(more);
        fails(code, &arguments)
    };
    let error = call(&["--seed", "1", "--alerts", "2"], 1);
    assert!(
        error.contains("2 of alerts are fewer than its 6 strata; ask for at least 6"),
        "{error}"
    );
    assert!(call(&["--seed", " "], 2).contains("--seed is empty"));
    assert!(
        call(&["--seed", "1", "--alerts", "0", "--non-alerts", "0"], 2)
            .contains("nothing is to be drawn")
    );
    assert!(call(&["--seed", "1", "--strata", "sex"], 2).contains("reason, province or amount"));
    assert!(call(&[], 2).contains("--seed"));
}

/// Fills cells of a worksheet: what to do with the columns of each row.
pub fn fill(sheet: &Path, mut row: impl FnMut(&mut BTreeMap<String, String>)) {
    let text = fs::read_to_string(sheet).unwrap();
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let mut cells: BTreeMap<String, String> = header
            .iter()
            .cloned()
            .zip(record.iter().map(str::to_owned))
            .collect();
        row(&mut cells);
        if let Some(cells) = header
            .iter()
            .map(|name| cells.get(name))
            .collect::<Option<Vec<_>>>()
        {
            writer.write_record(cells).unwrap();
        }
    }
    fs::write(sheet, writer.into_inner().unwrap()).unwrap();
}

#[test]
fn a_filled_worksheet_gives_estimates_and_one_that_is_not_whole_says_so() {
    let rows = rows();
    let (run, _) = run();
    let made = draw(
        run.path(),
        "9",
        &["--alerts", "5", "--non-alerts", "10", "--spares", "2"],
    );
    let sheet = made.path().join("sample.csv");
    let path = sheet.to_str().unwrap();
    let estimate = ["sample", "estimate", "--sample", path, "--format", "json"];
    let error = fails(1, &estimate);
    assert!(error.contains("has no conclusion"), "{error}");

    // Every alert is right; of the claims, the first cannot be told and the second is wrong.
    fill(&sheet, |row| {
        let is_alert = row["frame"] == "alerts";
        let (conclusion, amount) = match (is_alert, row["order"].as_str()) {
            (true, _) => ("error", "1000000"),
            (false, "1") => ("not_auditable", ""),
            (false, "2") => ("Error", "300000"),
            (false, _) => ("correct", ""),
        };
        row.insert("conclusion".to_owned(), conclusion.to_owned());
        row.insert("error_amount".to_owned(), amount.to_owned());
        row.insert("condition".to_owned(), "đã đối chiếu".to_owned());
    });
    let told: Value = serde_json::from_str(&succeeds(&estimate)).unwrap();
    let (plain, flagged) = naive(&rows, 31);
    let (alerts, claims) = (&told["frames"][0], &told["frames"][1]);
    assert_eq!(
        (alerts["concluded"].as_u64(), alerts["errors"].as_u64()),
        (Some(5), Some(5))
    );
    assert_eq!(
        (claims["concluded"].as_u64(), claims["errors"].as_u64()),
        (Some(10), Some(1))
    );
    assert_eq!(claims["strata"][0]["not_auditable"], 1);
    assert_eq!(claims["rate"], 0.1);
    let total = 300_000.0 / 10.0 * plain.len() as f64;
    assert!((claims["amount"]["estimate"].as_f64().unwrap() - total).abs() < 1.0);
    assert_eq!(claims["amount"]["at_least"], 300_000.0);
    let right = alerts["amount"]["estimate"].as_f64().unwrap();
    let all = lines(run.path(), "alerts.ndjson").len();
    assert!(all >= flagged.len());
    assert!((right - 1e6 * all as f64).abs() < 1.0);
    let recall = &told["recall"];
    // A claim under several alerts is divided among them.
    let strata = document(made.path())["frames"][0]["strata"].clone();
    let found: f64 = strata
        .as_array()
        .unwrap()
        .iter()
        .map(|stratum| {
            let sample = stratum["sample"].as_array().unwrap().iter();
            let parts: Vec<f64> = sample
                .filter(|one| one["spare"] == false)
                .map(|one| 1.0 / one["alerts_of_claim"].as_f64().unwrap())
                .collect();
            stratum["units"].as_f64().unwrap() * parts.iter().sum::<f64>() / parts.len() as f64
        })
        .sum();
    let missed = plain.len() as f64 / 10.0;
    assert!((recall["share"].as_f64().unwrap() - found / (found + missed)).abs() < 1e-9);
    let end = |name: &str| recall["interval"][name].as_f64().unwrap();
    assert!(end("low") < found / (found + missed) && end("high") > found / (found + missed));
    let text = succeeds(&["sample", "estimate", "--sample", path]);
    assert!(text.contains("at least VND 300,000"), "{text}");

    // A row that is taken out, or is another, is not estimated from.
    let whole = fs::read_to_string(&sheet).unwrap();
    fill(&sheet, |row| {
        if row["order"] == "3" && row["frame"] == "non_alerts" {
            row.clear();
        }
    });
    let error = fails(1, &estimate);
    assert!(error.contains("order 3, is missing"), "{error}");
    fs::write(&sheet, &whole).unwrap();
    fill(&sheet, |row| {
        if row["order"] == "3" && row["frame"] == "non_alerts" {
            row.insert("unit".to_owned(), "79001/W001".to_owned());
        }
    });
    let error = fails(1, &estimate);
    assert!(error.contains("was not drawn so"), "{error}");
    fs::write(&sheet, whole.replacen("Error,300000", "maybe,300000", 1)).unwrap();
    let error = fails(1, &estimate);
    assert!(
        error.contains("`conclusion` is error, correct or not_auditable"),
        "{error}"
    );
}
