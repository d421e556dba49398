//! Claims that are unlike others: with which model they are looked for, what takes its place at a time, and
//! what a shadow model makes of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use fundwatch::model::builtin;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::model::{fund, sha256, trained};
use crate::support::{Replayed, contents, replay, replay_command, text};
use crate::tables::Written;

/// A directory of claims, and models trained on them with two seeds.
struct Fund {
    input: TempDir,
    models: TempDir,
}

/// Fewer than three tenths of the claims.
const LEVEL: &str = "[cost_outlier]\nlevel_millionths = 300000\n";

impl Fund {
    fn new() -> Self {
        let input = fund(600, 700, 700).write(Written::Plain);
        let models = tempfile::tempdir().unwrap();
        for (name, seed) in [("own.json", "1"), ("other.json", "2")] {
            trained(input.path(), &models.path().join(name), &["--seed", seed]);
        }
        Self { input, models }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.models.path().join(name)
    }

    fn digest(&self, name: &str) -> String {
        sha256(&fs::read(self.file(name)).unwrap())
    }

    /// Writes a file of rules beside the models, and gives its name.
    fn rules(&self, name: &str, rules: &str) -> String {
        let file = self.file(name);
        fs::write(&file, rules).unwrap();
        file.to_str().unwrap().to_owned()
    }

    fn replay(&self, more: &[&str]) -> Replayed {
        replay(self.input.path(), more)
    }

    fn own(&self) -> String {
        self.file("own.json").to_str().unwrap().to_owned()
    }
}

/// The claims under a reason, with their scores.
fn scores(run: &Replayed, reason: &str) -> BTreeMap<String, f64> {
    let of_reason = run.alerts().into_iter();
    let of_reason = of_reason.filter(|alert| alert["reason"] == reason);
    of_reason
        .map(|alert| {
            let id = alert["subject"]["id"].as_str().unwrap().to_owned();
            (id, alert["score"].as_f64().unwrap())
        })
        .collect()
}

#[test]
fn without_a_model_of_the_fund_the_reason_is_off_and_says_so() {
    let fund = Fund::new();
    for asked in [&[][..], &["--reasons", "cost_outlier"]] {
        let run = fund.replay(asked);
        assert_eq!(scores(&run, "cost_outlier").len(), 0);
        let summary = run.document("summary.json");
        assert_eq!(summary["not_configured"], json!(["cost_outlier"]));
        let warnings = summary["warnings"].to_string();
        for told in [&warnings, &run.stderr] {
            let times = told
                .matches("cost_outlier: off, since the model is not")
                .count();
            assert_eq!(times, 1, "{told}");
            assert!(told.contains("`fundwatch model train`"), "{told}");
        }
    }
    // Nobody asked for it.
    let run = fund.replay(&["--reasons", "stale_card"]);
    let summary = run.document("summary.json");
    assert_eq!(summary["not_configured"], json!([]));
    assert!(!run.stderr.contains("cost_outlier"), "{}", run.stderr);

    let rules = fund.rules("rules.toml", LEVEL);
    let run = fund.replay(&["--model", &fund.own(), "--rules", &rules]);
    let summary = run.document("summary.json");
    assert_eq!(summary["not_configured"], json!([]));
    assert!(!run.stderr.contains("cost_outlier: off"), "{}", run.stderr);
    let found = scores(&run, "cost_outlier");
    assert!(
        (20..=420).contains(&found.len()),
        "{} outliers",
        found.len()
    );
    // The same claim has the same score under every reason.
    let of_the_dead = scores(&run, "service_after_death");
    let of_both: Vec<_> = found
        .iter()
        .filter(|(id, _)| of_the_dead.contains_key(*id))
        .collect();
    assert!(!of_both.is_empty() && of_both.len() < found.len());
    assert!(
        of_both
            .iter()
            .all(|(id, score)| of_the_dead[*id] == **score)
    );
    assert!(found.values().all(|score| *score > 0.7));
}

#[test]
fn without_another_reason_outliers_are_the_same() {
    let fund = Fund::new();
    let rules = fund.rules("rules.toml", LEVEL);
    let own = fund.own();
    let all = fund.replay(&["--model", &own, "--rules", &rules]);
    let asked = ["--reasons", "cost_outlier"];
    let alone = fund.replay(&[&["--model", &own, "--rules", &rules][..], &asked].concat());
    let of_reason = |lines: Vec<Value>| -> Vec<Value> {
        let of_reason = lines.into_iter();
        of_reason
            .filter(|line| line["reason"] == "cost_outlier")
            .collect()
    };
    assert_eq!(of_reason(all.alerts()), alone.alerts());
    assert_eq!(of_reason(all.history()), alone.history());
}

#[test]
fn a_model_takes_force_at_its_time_and_its_reversal_undoes_it() {
    let fund = Fund::new();
    let changes = "[[activation]]\nat = \"2025-03-05T08:00:00+07:00\"\nmodel = \"other.json\"\n\
                   [[activation]]\nat = \"2025-03-08T08:00:00+07:00\"\nmodel = \"builtin\"\n\
                   [[activation]]\nat = \"2025-03-09T08:00:00+07:00\"\nmodel = \"own.json\"\n";
    let rules = fund.rules("changes.toml", &format!("{LEVEL}{changes}"));
    let plain = fund.rules("plain.toml", LEVEL);
    let own = fund.own();
    let unchanged = fund.replay(&["--model", &own, "--rules", &plain]);
    let run = fund.replay(&["--model", &own, "--rules", &rules]);
    for workers in ["2", "4"] {
        let more = ["--model", &own, "--rules", &rules, "--workers", workers];
        run.assert_same_bytes(&fund.replay(&more), &format!("{workers} workers"));
    }
    for reason in ["cost_outlier", "service_after_death"] {
        assert_eq!(scores(&run, reason), scores(&unchanged, reason), "{reason}");
    }

    // Until the first change, the history is the same; from then on the model is the cause of everything.
    let history = run.history();
    let before = unchanged.history();
    assert_eq!(history[..before.len()], before);
    let mut kinds: BTreeMap<(String, String, String), u32> = BTreeMap::new();
    for line in &history[before.len()..] {
        let digest = match line["at"].as_str().unwrap() {
            "2025-03-05T08:00:00+07:00" => fund.digest("other.json"),
            "2025-03-08T08:00:00+07:00" => builtin().digest(),
            "2025-03-09T08:00:00+07:00" => fund.digest("own.json"),
            at => panic!("nothing is at {at}"),
        };
        let cause = json!([{"stream": "model", "key": digest[..16]}]);
        assert_eq!(line["cause"], cause, "{line}");
        let word = |name: &str| line[name].as_str().unwrap().to_owned();
        let day = word("at")[8..10].to_owned();
        *kinds
            .entry((day, word("reason"), word("kind")))
            .or_default() += 1;
    }
    let count = |day: &str, reason: &str, kind: &str| {
        let name = (day.to_owned(), reason.to_owned(), kind.to_owned());
        kinds.get(&name).copied().unwrap_or_default()
    };
    assert!(
        count("05", "service_after_death", "changed") > 350,
        "{kinds:?}"
    );
    assert_eq!(count("05", "service_after_death", "raised"), 0);
    let kind = |day, kind| count(day, "cost_outlier", kind);
    assert!(
        kind("05", "raised") + kind("05", "withdrawn") > 0,
        "{kinds:?}"
    );
    assert!(kind("05", "changed") > 0, "{kinds:?}");
    // The program's model is not of this fund.
    assert!(
        kind("08", "withdrawn") > 20 && kind("08", "raised") == 0,
        "{kinds:?}"
    );
    assert_eq!(
        kind("09", "raised") as usize,
        scores(&unchanged, "cost_outlier").len()
    );
    let warning = "cost_outlier: off from 2025-03-08T08:00:00+07:00 on, since the model is not";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
    let summary = run.document("summary.json");
    assert_eq!(summary["not_configured"], json!([]), "it is on at the end");
    assert_eq!(summary["warnings"].as_array().unwrap().len(), 1);

    let manifest = run.stated();
    assert_eq!(manifest["model_sha256"], fund.digest("own.json"));
    let activated: Vec<Value> = manifest["activated_models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| json!([model["at"], model["sha256"]]))
        .collect();
    let expected = json!([
        ["2025-03-05T08:00:00+07:00", fund.digest("other.json")],
        ["2025-03-08T08:00:00+07:00", builtin().digest()],
        ["2025-03-09T08:00:00+07:00", fund.digest("own.json")],
    ]);
    assert_eq!(json!(activated), expected);
    // What is not known yet does not happen, and is not stated.
    let early = fund.replay(&["--model", &own, "--rules", &rules, "--as-of", "2025-03-04"]);
    assert_eq!(early.history(), before);
    let manifest = early.stated();
    assert_eq!(manifest["activated_models"], Value::Null);
}

#[test]
fn an_activated_model_that_cannot_be_used_is_a_wrong_call() {
    let input = fund(3, 3, 0).write(Written::Plain);
    let directory = tempfile::tempdir().unwrap();
    let place = |name: &str| directory.path().join(name);
    fs::write(place("cut.json"), &builtin().to_json()[..5000]).unwrap();
    for (name, why) in [
        ("missing.json", "No such file"),
        ("cut.json", "no outlier model"),
    ] {
        let rules = format!("[[activation]]\nat = 2025-03-05T08:00:00+07:00\nmodel = \"{name}\"\n");
        fs::write(place("rules.toml"), rules).unwrap();
        let rules = place("rules.toml").to_str().unwrap().to_owned();
        let model = place(name).to_str().unwrap().to_owned();
        let calls = [
            (
                ["--rules", rules.as_str()],
                [rules.as_str(), "name \"builtin\""],
            ),
            (
                ["--shadow-model", model.as_str()],
                [model.as_str(), "leave --shadow-model out"],
            ),
        ];
        for (arguments, told) in calls {
            let output = tempfile::tempdir().unwrap();
            let mut command = replay_command(input.path(), output.path(), &arguments);
            let ended = command.output().unwrap();
            let stderr = text(&ended.stderr);
            assert_eq!(ended.status.code(), Some(2), "{stderr}");
            let parts = [told[0], told[1], &*model, why, "fundwatch model train"];
            for part in parts {
                assert!(stderr.contains(part), "no `{part}` in {stderr}");
            }
            assert!(contents(output.path()).is_empty());
        }
    }
}

#[test]
fn a_shadow_model_is_told_of_and_changes_nothing() {
    let fund = Fund::new();
    let rules = fund.rules("rules.toml", LEVEL);
    let (own, other) = (fund.own(), fund.file("other.json"));
    let other = other.to_str().unwrap();
    let live = fund.replay(&["--model", &own, "--rules", &rules]);
    assert_eq!(live.document("summary.json")["shadow"], Value::Null);
    let shadow = ["--shadow-model", other];
    let run = fund.replay(&[&["--model", &own, "--rules", &rules][..], &shadow].concat());
    run.assert_same_bytes(&live, "with a shadow model");
    let told = run.document("summary.json")["shadow"].clone();
    assert_eq!(told["model_sha256"], fund.digest("other.json"));
    for workers in ["2", "4"] {
        let more = ["--model", &own, "--rules", &rules, "--workers", workers];
        let again = fund.replay(&[&more[..], &shadow].concat());
        assert_eq!(again.document("summary.json")["shadow"], told);
    }

    // As it would be were the shadow model in force.
    let as_live = fund.replay(&["--model", other, "--rules", &rules]);
    let of_reason = |reason: &str| {
        let all = told["reasons"].as_array().unwrap();
        let found = all.iter().find(|one| one["reason"] == reason);
        found.unwrap_or_else(|| panic!("{reason}: {told}")).clone()
    };
    let counts = |of: &Value| {
        ["claims", "both", "only_live", "only_shadow"].map(|name| of[name].as_u64().unwrap())
    };
    let (one, another) = (
        scores(&live, "service_after_death"),
        scores(&as_live, "service_after_death"),
    );
    let mut expected = [one.len() as u64, 0, 0, 0];
    let mut difference = 0;
    for (id, score) in &one {
        let ten_thousandths = |score: f64| (score * 10_000.0).round() as i64;
        let (live, shadow) = (ten_thousandths(*score), ten_thousandths(another[id]));
        difference += (live - shadow).abs();
        match (live > 9500, shadow > 9500) {
            (true, true) => expected[1] += 1,
            (true, false) => expected[2] += 1,
            (false, true) => expected[3] += 1,
            (false, false) => {}
        }
    }
    let of_the_dead = of_reason("service_after_death");
    assert_eq!(counts(&of_the_dead), expected);
    let mean = difference / one.len() as i64;
    assert_eq!(
        of_the_dead["mean_difference"],
        json!(mean as f64 / 10_000.0)
    );

    let (one, another) = (
        scores(&live, "cost_outlier"),
        scores(&as_live, "cost_outlier"),
    );
    let both = one.keys().filter(|id| another.contains_key(*id)).count();
    let (only_live, only_shadow) = (one.len() - both, another.len() - both);
    let all = [both + only_live + only_shadow, both, only_live, only_shadow];
    assert_eq!(counts(&of_reason("cost_outlier")), all.map(|n| n as u64));
    assert!(both > 0 && only_live + only_shadow > 0, "{all:?}");
    assert!(run.stdout.contains("Shadow model"), "{}", run.stdout);
}
