//! Training the outlier model on a directory, and replaying with it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use fundwatch::model::builtin;
use fundwatch::record::{Day, LocalTime, Stream};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::country::{CLAIMS, DEATH_REPORTS, card, si_number};
use crate::support::{Random, Replayed, contents, fundwatch, replay, replay_command, text};
use crate::tables::{Directory, Table, Written};

/// So many persons who died, and so many claims after their deaths, by turns; then so many claims of others.
pub fn fund(persons: usize, claims: usize, ordinary: usize) -> Directory {
    let mut random = Random(11);
    let death = Day::from_civil(2025, 2, 1).unwrap();
    let mut reports = Vec::new();
    for n in 0..persons {
        let si = si_number(n);
        reports.push(format!(
            "R{n},,{si},{death},court,2025-03-01T08:00:00+07:00,"
        ));
    }
    let mut rows = Vec::new();
    for n in 0..claims + ordinary {
        let day = death.plus(1 + random.below(20) as i32);
        let minute = 480 + random.below(400) as u32;
        let (at, to) = (
            LocalTime::on(day, minute),
            LocalTime::on(day, minute + 15 + random.below(90) as u32),
        );
        let diagnosis = ["I10", "E11", "J18.9"][random.below(3)];
        let person = match n < claims {
            true => n % persons,
            false => persons + n % 300,
        };
        let (facility, card) = (1001 + random.below(5), card(person));
        let (cost, second) = (80_000 + 1000 * random.below(400), n % 60);
        rows.push(format!(
            "{facility:05},V{n},{card},,Nguyễn An Mẫu,1980,1,,01,1.1,{diagnosis},,{at},,{to},1,1,,,,,\
             {cost},0,{cost},{cost},{cost},0,0,0,,2025-03-01T09:00:{second:02}+07:00,"
        ));
    }
    Directory {
        tables: vec![
            Table::csv(Stream::DeathReports, DEATH_REPORTS, reports),
            Table::csv(Stream::Claims, CLAIMS, rows),
        ],
        envelopes: Vec::new(),
    }
}

fn train(input: &Path, output: &Path, more: &[&str]) -> Output {
    let mut command = fundwatch();
    command.args(["model", "train", "--input"]).arg(input);
    command.arg("--output").arg(output).args(more);
    command.output().unwrap()
}

/// Trains with success; the artefact's bytes.
pub fn trained(input: &Path, output: &Path, more: &[&str]) -> Vec<u8> {
    let told = train(input, output, more);
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    let artefact = fs::read(output).unwrap();
    let digest = sha256(&artefact);
    let stdout = text(&told.stdout);
    assert!(stdout.contains(&digest), "{stdout}");
    let card = fs::read_to_string(output.with_extension("md")).unwrap();
    assert!(card.contains(&digest), "{card}");
    artefact
}

pub fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_same_rows_and_seed_train_the_same_artefact() {
    let mut directory = fund(60, 70, 700);
    let input = directory.write(Written::Plain);
    let models = tempfile::tempdir().unwrap();
    let place = |name: &str| models.path().join(name);
    let first = trained(input.path(), &place("first.json"), &["--seed", "7"]);
    Random(3).shuffle(&mut directory.tables[1].rows);
    let shuffled = directory.write(Written::Gzip);
    let again = trained(shuffled.path(), &place("again.json"), &["--seed", "7"]);
    assert!(first == again, "another order of rows, another model");
    let other = trained(input.path(), &place("other.json"), &["--seed", "8"]);
    assert!(first != other, "the seed is not used");
    let held = contents(models.path());
    let held: Vec<&str> = held.keys().map(String::as_str).collect();
    let expected = ["again", "first", "other"].map(|n| [format!("{n}.json"), format!("{n}.md")]);
    assert_eq!(held, expected.concat(), "and nothing else is left");
    let model: Value = serde_json::from_slice(&first).unwrap();
    assert_eq!(
        (&model["observations"], &model["seed"]),
        (&json!(700), &json!(7))
    );
    assert_eq!(model["calibrated_on"], "fund");
    assert_eq!(model["period"]["first"], "2025-02-02");
    assert_eq!(model["period"]["last"], "2025-02-21");
    let made_up = trained(
        input.path(),
        &models.path().join("first.json"),
        &["--seed", "7", "--synthetic"],
    );
    let synthetic: Value = serde_json::from_slice(&made_up).unwrap();
    assert_eq!(synthetic["calibrated_on"], "synthetic");
    assert_eq!(synthetic["ensemble"], model["ensemble"]);
    // No identifier gets into a model.
    let (artefact, card) = (text(&first), fs::read_to_string(place("first.md")).unwrap());
    for identifier in [si_number(0), si_number(59), si_number(60), si_number(359)] {
        assert!(!artefact.contains(&identifier) && !card.contains(&identifier));
    }
}

#[test]
fn a_trained_model_scores_a_replay() {
    let input = fund(600, 700, 700).write(Written::Plain);
    let models = tempfile::tempdir().unwrap();
    let model = models.path().join("own.json");
    let artefact = trained(input.path(), &model, &["--describe", "a made-up directory"]);
    assert!(text(&artefact).contains("a made-up directory"));
    let own = replay(input.path(), &["--model", model.to_str().unwrap()]);
    let plain = replay(input.path(), &[]);
    let digests = [&own, &plain].map(|run| run.stated()["model_sha256"].clone());
    assert_eq!(
        digests,
        [json!(sha256(&artefact)), json!(builtin().digest())]
    );

    let of_the_dead = |run: &Replayed| -> Vec<Value> {
        let alerts = run.alerts().into_iter();
        alerts
            .filter(|alert| alert["reason"] == "service_after_death")
            .collect()
    };
    let (own, plain) = (of_the_dead(&own), of_the_dead(&plain));
    assert_eq!(own.len(), 700);
    let mut scores = BTreeSet::new();
    let mut differ = 0;
    for (a, b) in own.iter().zip(&plain) {
        assert_eq!(a["alert_id"], b["alert_id"]);
        assert_eq!(a["reason"], "service_after_death");
        for score in [&a["score"], &b["score"]] {
            let score = score.as_f64().unwrap();
            assert!((0.0..=1.0).contains(&score), "{score}");
        }
        for feature in a["score_features"].as_array().unwrap() {
            assert!(feature["share"].as_f64().unwrap() > 0.0, "{feature}");
        }
        differ += usize::from(a["score"] != b["score"]);
        scores.insert(a["score"].to_string());
    }
    assert!(scores.len() > 20, "claims are told apart: {scores:?}");
    assert!(differ > 350, "only {differ} scores are the model's own");
}

#[test]
fn labels_teach_what_misuse_is_and_nothing_else() {
    let input = fund(600, 700, 700).write(Written::Plain);
    let models = tempfile::tempdir().unwrap();
    let place = |name: &str| models.path().join(name);
    let unlabelled = trained(input.path(), &place("a.json"), &[]);
    let claims = fs::read_to_string(input.path().join("claims.csv")).unwrap();
    let labels = claims.lines().skip(1).enumerate().map(|(n, line)| {
        let mut cells = line.split(',');
        let (facility, visit) = (cells.next().unwrap(), cells.next().unwrap());
        let label = if n % 10 == 0 { "misuse" } else { "error" };
        format!("service_after_death,{facility}/{visit},{label}\n")
    });
    let truth = place("truth.csv");
    let rows: String = std::iter::once("reason,subject,label\n".to_owned())
        .chain(labels)
        .collect();
    fs::write(&truth, rows).unwrap();
    let labels = ["--labels", truth.to_str().unwrap()];
    let labelled = trained(input.path(), &place("b.json"), &labels);
    let again = trained(input.path(), &place("c.json"), &labels);
    assert!(labelled == again, "the same labels, another model");
    let card = fs::read_to_string(place("b.md")).unwrap();
    let row = "| `service_after_death`: labels learned from | 70 misuse of 700 |";
    assert!(card.contains(row), "{card}");
    let model = |bytes: &[u8]| -> Value { serde_json::from_slice(bytes).unwrap() };
    let (mut unlabelled, mut labelled) = (model(&unlabelled), model(&labelled));
    let of_program: Value = serde_json::from_str(&builtin().to_json()).unwrap();
    assert_eq!(
        unlabelled["misuse"], of_program["misuse"],
        "what is known is kept"
    );
    let trees = |model: &Value, reason: &str| model["misuse"]["reasons"][reason].clone();
    let (dead, twice) = ("service_after_death", "duplicate_identity");
    assert_ne!(trees(&labelled, dead), trees(&of_program, dead));
    assert_eq!(
        trees(&labelled, twice),
        trees(&of_program, twice),
        "of which there is no label"
    );
    for model in [&mut unlabelled, &mut labelled] {
        model.as_object_mut().unwrap().remove("misuse");
    }
    assert_eq!(unlabelled, labelled);
}

#[test]
fn too_few_claims_fail_and_write_nothing() {
    let models = tempfile::tempdir().unwrap();
    let output = models.path().join("few.json");
    // Claims under alerts are none to train on.
    for (directory, found) in [(fund(100, 50, 499), 499), (Directory::default(), 0)] {
        let input = directory.write(Written::Plain);
        let told = train(input.path(), &output, &[]);
        let stderr = text(&told.stderr);
        assert_eq!(told.status.code(), Some(1), "{stderr}");
        let message = format!("{found} claims are too few to train on: at least 500 are needed");
        assert!(stderr.contains(&message), "{stderr}");
        assert_eq!(text(&told.stdout), "");
        assert!(contents(models.path()).is_empty());
    }
}

#[test]
fn wrong_calls_of_training_name_the_remedy() {
    let input = fund(3, 3, 0).write(Written::Plain);
    let models = tempfile::tempdir().unwrap();
    let output = models.path().join("model.json");
    let absent = input.path().join("absent");
    let told = train(&absent, &output, &[]);
    assert_eq!(told.status.code(), Some(2));
    let stderr = text(&told.stderr);
    assert!(
        stderr.contains("name the directory that holds the streams"),
        "{stderr}"
    );
    let told = train(input.path(), &models.path().join("absent/model.json"), &[]);
    assert_eq!(told.status.code(), Some(2));
    let stderr = text(&told.stderr);
    assert!(stderr.contains("its directory does not exist"), "{stderr}");
    let claims = input.path().join("claims.csv");
    for (truth, why) in [
        (&absent, "No such file"),
        (&claims, "`alert_id` and `verdict`"),
    ] {
        let told = train(
            input.path(),
            &output,
            &["--labels", truth.to_str().unwrap()],
        );
        let stderr = text(&told.stderr);
        assert_eq!(told.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.contains(truth.to_str().unwrap()) && stderr.contains(why),
            "{stderr}"
        );
    }
    assert!(contents(models.path()).is_empty());
}

#[test]
fn a_missing_or_damaged_model_is_a_wrong_call() {
    let input = fund(3, 3, 0).write(Written::Plain);
    let models = tempfile::tempdir().unwrap();
    let sound = builtin().to_json();
    let mut other: Value = serde_json::from_str(&sound).unwrap();
    other["version"] = json!(99);
    let mut without: Value = serde_json::from_str(&sound).unwrap();
    without.as_object_mut().unwrap().remove("calibration");
    let cases: [(&str, Option<Vec<u8>>, &str); 6] = [
        ("missing.json", None, "No such file"),
        ("empty.json", Some(Vec::new()), "no outlier model"),
        (
            "cut.json",
            Some(sound.as_bytes()[..sound.len() / 2].into()),
            "no outlier model",
        ),
        ("binary.json", Some(vec![0xff, 0xfe, 0]), "UTF-8"),
        (
            "version.json",
            Some(other.to_string().into()),
            "has version 99",
        ),
        ("part.json", Some(without.to_string().into()), "calibration"),
    ];
    for (name, bytes, why) in cases {
        let model = models.path().join(name);
        if let Some(bytes) = bytes {
            fs::write(&model, bytes).unwrap();
        }
        let model = model.to_str().unwrap();
        let output = tempfile::tempdir().unwrap();
        let mut command = replay_command(input.path(), output.path(), &["--model", model]);
        let told = command.output().unwrap();
        let stderr = text(&told.stderr);
        assert_eq!(told.status.code(), Some(2), "{name}: {stderr}");
        for part in [model, why, "fundwatch model train", "leave --model out"] {
            assert!(stderr.contains(part), "{name}: no `{part}` in {stderr}");
        }
        assert_eq!(text(&told.stdout), "", "{name}");
        assert!(contents(output.path()).is_empty(), "{name}");
    }
}
