//! Linking participants with a model that was learned before, from the command line.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{fundwatch, replay, replay_command, text};

/// Participants of sixty names, every fourth of whom is there again without a personal id.
fn participants(directory: &Path) {
    let mut rows = Vec::new();
    let mut people = String::from("id,full_name,birth_date,sex,province\n");
    let (families, middles) = (["Nguyễn", "Trần", "Lê", "Phạm"], ["Mẫu", "Văn", "Thị"]);
    let given = ["An", "Bình", "Cường", "Dũng", "Giang"];
    for n in 0..400_usize {
        let name = format!(
            "{} {} {}",
            families[n % 4],
            middles[n / 4 % 3],
            given[n / 12 % 5]
        );
        let birth = format!(
            "{}-{:02}-{:02}",
            1950 + n * 7 % 50,
            1 + n % 12,
            1 + n * 5 % 28
        );
        let (sex, province) = (1 + n % 2, ["01", "79", "48"][n % 3]);
        for (again, id) in [(0, Some(format!("001080{n:06}"))), (1, None)] {
            if again == 0 || n % 4 == 0 {
                let si = format!("79{again}{n:07}");
                rows.push(json!({
                    "recorded_at": "2025-03-01T08:00:00+07:00", "si_number": si, "personal_id": id,
                    "full_name": name, "birth_date": birth, "sex": sex, "province": province,
                }));
                people += &format!("{si},{name},{birth},{sex},{province}\n");
            }
        }
    }
    let citizens = rows.iter().filter(|row| !row["personal_id"].is_null());
    let citizens: Vec<Value> = citizens
        .map(|row| {
            let mut citizen = row.clone();
            citizen["life_status"] = json!("alive");
            citizen
        })
        .collect();
    let write = |name: &str, rows: &[Value]| {
        let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
        fs::write(directory.join(name), lines.join("\n")).unwrap();
    };
    write("participants.ndjson", &rows);
    write("citizens.ndjson", &citizens);
    fs::write(directory.join("people.csv"), people).unwrap();
}

fn learned(directory: &Path, model: &Path, more: &[&str]) -> Vec<u8> {
    let mut command = fundwatch();
    command
        .arg("link")
        .arg("--input")
        .arg(directory.join("people.csv"));
    command.arg("--output").arg(model.with_extension("csv"));
    command.arg("--save-model").arg(model).args(more);
    let told = command.output().unwrap();
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    fs::read(model).unwrap()
}

#[test]
fn a_model_of_one_s_own_links_and_is_in_the_manifest() {
    let directory = tempfile::tempdir().unwrap();
    let (input, models) = (directory.path().join("in"), directory.path());
    fs::create_dir(&input).unwrap();
    participants(&input);
    let model = models.join("own.json");
    let whole = learned(&input, &model, &[]);
    let coarse = learned(
        &input,
        &models.join("coarse.json"),
        &["--model-detail", "1"],
    );
    assert!(coarse.len() < whole.len(), "a coarse model is smaller");
    let only = ["--reasons", "probable_duplicate"];
    let own = ["--link-model", model.to_str().unwrap()];
    let builtin = replay(&input, &only);
    let own = replay(&input, &[&only[..], &own[..]].concat());
    // Every fourth of four hundred, and who is there again.
    assert!(
        (180..=200).contains(&own.alerts().len()),
        "{}",
        own.alerts().len()
    );
    let digest = |run: &crate::support::Replayed| {
        let manifest = run.stated();
        (
            manifest["link_model_sha256"].clone(),
            manifest["settings"]["link_weight"].clone(),
        )
    };
    assert_ne!(digest(&own).0, digest(&builtin).0);
    assert_eq!(digest(&own).1, digest(&builtin).1);
    let strict = replay(
        &input,
        &[&only[..], &["--link-probability", "0.999999999"][..]].concat(),
    );
    assert!(strict.alerts().len() < own.alerts().len());
    assert_ne!(digest(&strict).1, digest(&own).1);
    let linkage = &own.document("summary.json")["linkage"];
    assert!(linkage["pairs_compared"].as_u64() > Some(50), "{linkage}");
    let without = replay(&input, &["--reasons", "stale_card"]);
    assert_eq!(without.document("summary.json")["linkage"], Value::Null);
}

#[test]
fn a_wrong_model_or_probability_is_a_wrong_call() {
    let directory = tempfile::tempdir().unwrap();
    let (input, output) = (directory.path().join("in"), directory.path().join("out"));
    fs::create_dir(&input).unwrap();
    participants(&input);
    let model = directory.path().join("model.json");
    let renamed = fs::read_to_string(input.join("people.csv")).unwrap();
    let renamed = renamed.replacen("birth_date", "date_of_birth", 1);
    fs::write(input.join("people.csv"), renamed).unwrap();
    learned(&input, &model, &[]);
    let damaged = directory.path().join("damaged.json");
    fs::write(&damaged, "{}").unwrap();
    let path = |file: &Path| file.to_str().unwrap().to_owned();
    for (more, told) in [
        (
            ["--link-model", "nowhere.json"].map(str::to_owned),
            "fundwatch link --save-model",
        ),
        (["--link-model".to_owned(), path(&damaged)], "missing field"),
        (
            ["--link-model".to_owned(), path(&model)],
            "compares `date_of_birth` as date_of_birth",
        ),
        (
            ["--link-probability", "1"].map(str::to_owned),
            "above 0 and below 1",
        ),
        (
            ["--link-probability", "often"].map(str::to_owned),
            "--link-probability",
        ),
    ] {
        let run = replay_command(&input, &output, &more).output().unwrap();
        let stderr = text(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{more:?}: {stderr}");
        assert!(stderr.contains(told), "{more:?}: {stderr}");
        assert!(!output.exists());
    }
}
