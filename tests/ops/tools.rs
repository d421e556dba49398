//! What the tools of Prometheus say.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write};
use std::process::{Command, Output, Stdio};

use crate::exposed::told;
use crate::files::{dashboards, root, rules, string};
use crate::{dashboards as boards, runbooks};

/// Runs a tool in `ops/`; none, and a loud word, where it is not installed.
fn run(tool: &str, arguments: &[&str], input: &[u8]) -> Option<Output> {
    let started = Command::new(tool)
        .args(arguments)
        .current_dir(root().join("ops"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match started {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let is_required = std::env::var_os("FUNDWATCH_REQUIRE_PROMETHEUS").is_some();
            assert!(
                !is_required,
                "{tool} is not installed: apt-get install prometheus prometheus-alertmanager"
            );
            // Past the test harness, which keeps back what a test that passes prints.
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED: {tool} is not installed, so `{tool} {arguments:?}` WAS NOT RUN"
            );
            return None;
        }
        started => started.expect("the tool starts"),
    };
    let mut to = child.stdin.take().expect("it is piped");
    // It fails where the tool does not read its input.
    let _ = to.write_all(input);
    drop(to);
    Some(child.wait_with_output().expect("the tool ends"))
}

/// Runs a tool, which has to be content, and gives what it says.
fn accepts(tool: &str, arguments: &[&str], input: &[u8]) -> Option<String> {
    let output = run(tool, arguments, input)?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{tool} {arguments:?}\n{said}\n{told}"
    );
    Some(said)
}

#[test]
fn promtool_finds_nothing_wrong_with_the_exposition() {
    let exposition = told().render();
    accepts("promtool", &["check", "metrics"], &exposition);
    // What is wrong is found.
    let wrong = b"# TYPE fundwatchBad counter\nfundwatchBad 1\n";
    if let Some(output) = run("promtool", &["check", "metrics"], wrong) {
        assert!(!output.status.success());
    }
}

#[test]
fn promtool_finds_nothing_wrong_with_rules_and_configuration() {
    let lint = ["check", "rules", "--lint=all", "--lint-fatal"];
    let rules = [&lint[..], &["prometheus/rules.yml"]].concat();
    accepts("promtool", &rules, b"");
    let config = ["check", "config", "prometheus/prometheus.yml"];
    accepts("promtool", &config, b"");
}

#[test]
fn the_tests_of_the_rules_pass() {
    let test = ["test", "rules", "prometheus/rules_test.yml"];
    accepts("promtool", &test, b"");
}

/// As rules, queries of people are checked by the same parser.
#[test]
fn queries_of_dashboards_and_runbooks_are_queries() {
    let boards = dashboards();
    let of_boards = boards.iter().flat_map(|(_, board)| boards::queries(board));
    let of_boards = of_boards.map(|(_, query)| query.replace("$__rate_interval", "5m"));
    let pages = runbooks::pages();
    let of_pages = pages.iter().flat_map(|(_, page)| runbooks::queries(page));
    let rules: Vec<serde_json::Value> = of_boards
        .chain(of_pages)
        .enumerate()
        .map(|(n, query)| serde_json::json!({"record": format!("query:{n}"), "expr": query}))
        .collect();
    assert!(rules.len() > 100, "{} queries", rules.len());
    let file = serde_json::json!({"groups": [{"name": "queries", "rules": rules}]});
    // JSON is YAML.
    let mut scratch = tempfile::NamedTempFile::new().expect("a scratch file");
    write!(scratch, "{file}").expect("it is written");
    let path = scratch.path().to_string_lossy().into_owned();
    accepts("promtool", &["check", "rules", "--lint=none", &path], b"");
}

#[test]
fn amtool_finds_nothing_wrong_with_the_configuration() {
    let check = ["check-config", "alertmanager/alertmanager.yml"];
    accepts("amtool", &check, b"");
}

#[test]
fn every_alert_reaches_those_it_is_for() {
    let mut kinds = BTreeSet::new();
    for rule in rules().iter().filter(|rule| rule.is_alert) {
        let labels = &rule.whole["labels"];
        let [team, severity] = ["team", "severity"].map(|label| string(&labels[label]));
        let receiver = match (rule.name.as_str(), team.as_str(), severity.as_str()) {
            ("FundwatchWatchdog", ..) => "watchdog",
            (_, "security", _) => "security",
            (_, "fund_protection", _) => "fund_protection",
            (_, "platform", "critical") => "platform_page",
            _ => "platform",
        };
        kinds.insert(receiver);
        reaches(&rule.name, &team, &severity, receiver);
    }
    assert_eq!(kinds.len(), 5, "every receiver has an alert: {kinds:?}");
    // Teams that have no critical alert yet keep theirs when they get one.
    reaches("FundwatchLater", "security", "critical", "security");
    reaches(
        "FundwatchLater",
        "fund_protection",
        "critical",
        "fund_protection",
    );
}

fn reaches(alert: &str, team: &str, severity: &str, receiver: &str) {
    let labels = [
        format!("alertname={alert}"),
        format!("team={team}"),
        format!("severity={severity}"),
    ];
    let route = [
        "config",
        "routes",
        "test",
        "--config.file=alertmanager/alertmanager.yml",
    ];
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    if let Some(said) = accepts("amtool", &[&route[..], &labels].concat(), b"") {
        assert_eq!(said.trim(), receiver, "{alert}");
    }
}
