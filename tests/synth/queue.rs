//! Misuse stands at the head of the queue, and the commands about models say so.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::country::Country;

fn model(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fundwatch"));
    command.arg("model").args(arguments);
    command
        .env("NO_COLOR", "1")
        .env("LANG", "C")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A country that the built-in model did not learn from: its seed is another.
#[test]
fn misuse_stands_at_the_head_of_the_queue() {
    let country = Country::new(80_000, 365, 21, 30_000);
    let input = shown(country.path());
    let truth = country.path().join("truth.csv");
    let output = tempfile::tempdir().unwrap();
    let told = model(&[
        "evaluate",
        "--input",
        input,
        "--labels",
        shown(&truth),
        "--output",
        shown(output.path()),
    ]);
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    let read = |name: &str| std::fs::read_to_string(output.path().join(name)).unwrap();
    let evaluation: Value = serde_json::from_str(&read("evaluation.json")).unwrap();
    let queue = evaluation["queue"].as_array().unwrap();
    let first = queue.iter().find(|head| head["first"] == 100).unwrap();
    assert!(first["precision"].as_f64().unwrap() >= 0.6, "{first}");
    let of_death = &evaluation["reasons"][0];
    assert_eq!(of_death["reason"], "service_after_death");
    let misuse = of_death["misuse"].as_f64().unwrap() / of_death["alerts"].as_f64().unwrap();
    assert!(
        (0.03..0.1).contains(&misuse),
        "about as many as published: {of_death}"
    );
    assert!(of_death["auroc"].as_f64().unwrap() > 0.9, "{of_death}");
    // The features of a model and of another seed of one generator are alike.
    for drift in evaluation["drift"].as_array().unwrap() {
        assert!(drift["stability"].as_f64().unwrap() < 0.25, "{drift}");
    }
    assert!(read("reliability.svg").starts_with("<svg"));

    // A claim of the queue, in both languages.
    let rows = country.rows("truth.csv");
    let of_death = rows
        .iter()
        .filter(|row| row["reason"] == "service_after_death");
    let mut standing = of_death.filter(|row| row["expected"] == "stands");
    let claim = standing.find(|row| row["subject_kind"] == "claim").unwrap();
    for (language, word) in [
        ("en", "Misuse rather than an error"),
        ("vi", "Lạm dụng thay vì sai sót"),
    ] {
        let told = model(&[
            "explain",
            "--input",
            input,
            "--lang",
            language,
            &claim["subject"],
        ]);
        assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
        let told = text(&told.stdout);
        assert!(
            told.contains(word) && told.contains(&claim["subject"]),
            "{told}"
        );
    }
    let told = model(&["explain", "--input", input, "00000/none"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(text(&told.stderr).contains("holds of 00000/none"));
}

#[test]
fn labels_that_are_none_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let labels = directory.path().join("labels.csv");
    std::fs::write(&labels, "alert_id,verdict\nab,guilty\n").unwrap();
    let input = shown(directory.path());
    let told = model(&["evaluate", "--input", input, "--labels", shown(&labels)]);
    assert_eq!(told.status.code(), Some(2));
    let error = text(&told.stderr);
    assert!(
        error.contains("labels.csv:2") && error.contains("confirmed_fraud"),
        "{error}"
    );
    std::fs::write(&labels, "alert_id,verdict\nab,referred\n").unwrap();
    let told = model(&["evaluate", "--input", input, "--labels", shown(&labels)]);
    assert_eq!(told.status.code(), Some(1), "no alert has that label");
    let missing = directory.path().join("none.json");
    let told = model(&[
        "evaluate",
        "--input",
        input,
        "--labels",
        shown(&labels),
        "--model",
        shown(&missing),
    ]);
    assert_eq!(told.status.code(), Some(2));
    assert!(text(&told.stderr).contains("none.json"));
}
