//! The engine under test: the replay of the library, in process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fundwatch::detector::Detector;
use fundwatch::record::Instant;
use fundwatch::replay::{self, Options, Silent};

use fundwatch::rule::{ExclusiveBenefits, Reason, Rules};

use crate::check::{self, Identities, Run};
use crate::expectation::HistoryLine;
use crate::outlier_model;

/// Replays a directory in epochs of a day.
fn replay(run: &Run<'_>) -> Result<(), String> {
    let rules = Rules::parse(Path::new("rules.toml"), &run.rules);
    let rules = rules.map_err(|error| error.to_string())?;
    let mut options = Options {
        as_of: run.as_of.and_then(Instant::end_of),
        workers: run.workers,
        detector: Detector {
            reasons: run.reasons.iter().copied().collect(),
            exclusive_benefits: match run.exclusive_benefits {
                Some(list) => Arc::new(ExclusiveBenefits::read(list).map_err(|e| e.to_string())?),
                None => Arc::new(ExclusiveBenefits::builtin().clone()),
            },
            rules: rules.into(),
            ..Detector::default()
        },
        ..Options::new(run.input, run.output)
    };
    if run.own_model {
        options.detector.models = outlier_model::models();
    }
    let summary = replay::run(&options, &mut Silent);
    summary.map(drop).map_err(|error| error.to_string())
}

/// Scenarios that run at a time.
const THREADS: usize = 4;

#[test]
fn every_scenario_holds() {
    let scenarios = crate::read_all().unwrap_or_else(|error| panic!("{error}"));
    let identities = Identities::default();
    // A replay of a few rows mostly waits: for its threads, and for the disk.
    let share = scenarios.len().div_ceil(THREADS);
    let errors: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = scenarios
            .chunks(share)
            .map(|scenarios| {
                let check = |scenario| check::check(scenario, &replay, &identities);
                scope.spawn(move || scenarios.iter().flat_map(check).collect::<Vec<_>>())
            })
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .flat_map(|errors| errors.expect("a scenario panicked"))
            .collect()
    });
    assert!(
        errors.is_empty(),
        "{} of {} scenarios' statements do not hold:\n{}",
        errors.len(),
        scenarios.len(),
        errors.join("\n")
    );
}

/// The events of a history as `streams/sample-history.txt` lists them: by day, reason and subject.
fn listing(history: &[HistoryLine]) -> Vec<String> {
    let mut lines: Vec<([String; 3], String)> = history
        .iter()
        .map(|line| {
            let day = line.at[..10].to_owned();
            let (reason, subject) = (line.reason.clone(), line.subject());
            let class = line.class.as_deref().unwrap_or("-");
            let grade = line
                .grade
                .map(|g| format!(" grade={g}"))
                .unwrap_or_default();
            let amount = line.amount_vnd.as_ref().map(ToString::to_string);
            let amount = amount.unwrap_or_default();
            let kind = &line.kind;
            let text = format!("{day} {kind} {reason} {subject} {class}{grade} {amount}");
            ([day, reason, subject], text)
        })
        .collect();
    lines.sort();
    lines.into_iter().map(|(_, text)| text).collect()
}

#[test]
fn the_sample_country_writes_the_history_that_it_lists() {
    let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("streams/sample");
    let expected =
        std::fs::read_to_string(sample.with_file_name("sample-history.txt")).expect("the listing");
    let expected: Vec<&str> = expected.lines().filter(|l| !l.starts_with('#')).collect();
    let directory = tempfile::tempdir().expect("a temporary directory");
    let outputs = [1, 2].map(|workers| {
        let output = directory.path().join(workers.to_string());
        let run = Run {
            input: &sample,
            output: &output,
            as_of: None,
            exclusive_benefits: None,
            workers,
            reasons: Reason::ALL.iter().copied().collect(),
            rules: String::new(),
            own_model: false,
        };
        replay(&run).unwrap_or_else(|error| panic!("{error}"));
        let read = |name: &str| std::fs::read_to_string(output.join(name)).expect("an output");
        ["history.ndjson", "alerts.ndjson", "rejects.ndjson"].map(read)
    });
    assert!(
        outputs[0] == outputs[1],
        "two workers write other outputs than one"
    );
    let [history, _, rejects] = &outputs[0];
    let history: Vec<HistoryLine> = history
        .lines()
        .map(|line| serde_json::from_str(line).expect("a history line"))
        .collect();
    assert_eq!(listing(&history), expected);
    let mut codes: Vec<String> = rejects
        .lines()
        .map(|line| {
            let reject: serde_json::Value = serde_json::from_str(line).expect("a reject");
            format!("{} {}", reject["file"], reject["code"]).replace('"', "")
        })
        .collect();
    codes.sort();
    assert_eq!(
        codes,
        [
            "cards.csv valid_to_before_valid_from",
            "citizens.csv bad_partial_date",
            "claims.csv bad_outcome"
        ]
    );
}
