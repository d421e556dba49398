//! `fundwatch rules` as a user meets it, and the pages that are made with it.
//!
//! In: arguments and files of thresholds. Out: what the real binary printed and answered. Must hold: the
//! pages in `docs/` are what it prints.

#![expect(
    clippy::unwrap_used,
    reason = "a test says with a panic that it failed"
)]

#[path = "../common/binary.rs"]
mod binary;

use std::path::Path;
use std::process::Output;

use binary::fundwatch;
use serde_json::{Value, json};

fn rules(arguments: &[&str]) -> Output {
    fundwatch().arg("rules").args(arguments).output().unwrap()
}

/// What it prints when all is well.
fn printed(arguments: &[&str]) -> String {
    let output = rules(arguments);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {told}");
    assert_eq!(told, "", "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What it says when the call or the file is wrong.
fn refused(arguments: &[&str]) -> String {
    let output = rules(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A file of thresholds, for as long as the directory lives.
fn file(directory: &tempfile::TempDir, text: &str) -> String {
    let path = directory.path().join("thresholds.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const FILE: &str = r#"
[overlapping_stay]
overlap_minutes = 180

[[activation]]
at = "2025-03-10T00:00:00+07:00"
note = "who decided it"
frequent_visits.visits = 40
benefit_mismatch.base_salaries = [{ from = 2025-01-01, dong = 2500000 }]
"#;

#[test]
fn the_pages_of_documentation_are_what_is_printed() {
    for (language, page) in [("en", "docs/rules.md"), ("vi", "docs/rules.vi.md")] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        let printed = printed(&["--lang", language, "--format", "markdown"]);
        assert!(
            kept == printed,
            "{page} is stale; renew it: cargo run --release -- rules --lang {language} --format \
             markdown > {page}"
        );
    }
}

#[test]
fn one_reason_for_a_terminal() {
    insta::assert_snapshot!("english", printed(&["overlapping_stay"]));
    insta::assert_snapshot!("vietnamese", printed(&["--lang", "vi", "stale_card"]));
    let language_of_environment = fundwatch()
        .args(["rules", "stale_card"])
        .env("LANG", "vi_VN.UTF-8")
        .output()
        .unwrap();
    let vietnamese = printed(&["--language", "vi", "stale_card"]);
    assert_eq!(language_of_environment.stdout, vietnamese.as_bytes());
}

#[test]
fn the_thresholds_of_a_file_for_a_terminal() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, FILE);
    insta::assert_snapshot!(
        "thresholds",
        printed(&["--rules", &path, "overlapping_stay"])
    );
    let markdown = printed(&["--rules", &path, "--format", "markdown", "overlapping_stay"]);
    assert!(
        markdown.contains("| 180 minutes (default 120 minutes) |"),
        "{markdown}"
    );
    assert!(
        markdown.contains("- `frequent_visits.visits = 40`"),
        "{markdown}"
    );
}

#[test]
fn a_document_for_programs() {
    let all: Value = serde_json::from_str(&printed(&["--format", "json"])).unwrap();
    let reasons = all["reasons"].as_array().unwrap();
    assert_eq!(reasons.len(), fundwatch::rule::Reason::ALL.len());
    for reason in reasons {
        for text in [
            "title",
            "explanation",
            "condition",
            "recommended_adjustment",
        ] {
            for language in ["en", "vi"] {
                let told = reason[text][language].as_str().unwrap();
                assert!(told.len() > 4 && !told.contains('{'), "{reason}");
            }
        }
        assert!(
            !reason["legal_basis"].as_array().unwrap().is_empty(),
            "{reason}"
        );
    }

    let directory = tempfile::tempdir().unwrap();
    let path = file(&directory, FILE);
    let text = printed(&["--rules", &path, "--format", "json", "overlapping_stay"]);
    let document: Value = serde_json::from_str(&text).unwrap();
    let threshold = &document["reasons"][0]["thresholds"][0];
    let of = |key: &str| threshold[key].clone();
    assert_eq!(
        ["name", "unit", "value", "default"].map(of),
        [
            json!("overlap_minutes"),
            json!("minutes"),
            json!(180),
            json!(120)
        ]
    );
    assert_ne!(document["key"], all["key"]);
    assert_eq!(document["rules_sha256"], all["rules_sha256"]);
    let activation = &document["activations"][0];
    assert_eq!(activation["note"], "who decided it");
    assert_eq!(
        activation["changed"],
        json!({
            "benefit_mismatch": {"base_salaries": [{"from": "2025-01-01", "dong": 2_500_000}]},
            "frequent_visits": {"visits": 40},
        })
    );
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let told = refused(&["nothing"]);
    assert!(
        told.contains("not a reason of this version; the reasons are service_after_death,"),
        "{told}"
    );
    let told = refused(&["--rules", "nowhere.toml"]);
    assert!(told.contains("--rules nowhere.toml: "), "{told}");
    assert!(
        told.contains("name a file of thresholds that can be read"),
        "{told}"
    );
    let directory = tempfile::tempdir().unwrap();
    let path = file(
        &directory,
        "[overlapping_stay]\n\noverlap_minutes = \"120\"\n",
    );
    let told = refused(&["--rules", &path]);
    assert!(
        told.contains("thresholds.toml, line 3: `overlap_minutes`: "),
        "{told}"
    );
    assert!(
        told.contains("expected a whole number of minutes, as 120"),
        "{told}"
    );
}
