//! What starts the service - the systemd unit, the container file - calls the program as it is.

use std::collections::BTreeSet;

use crate::binary::fundwatch;
use crate::files::{root, text};

/// The seconds of a setting of the default configuration.
fn seconds_by_default(key: &str) -> u64 {
    let printed = fundwatch()
        .args(["config", "print-default"])
        .output()
        .expect("it runs");
    let printed = String::from_utf8(printed.stdout).expect("text");
    let line = printed
        .lines()
        .find_map(|line| line.trim_start_matches(['#', ' ']).strip_prefix(key));
    let value = line.expect("the key").trim_start_matches([' ', '=']);
    let value = value.trim_matches('"').strip_suffix('s');
    value.expect("seconds").parse().expect("a number")
}

/// That the program knows a command with its options.
fn is_known(arguments: &[&str]) {
    // It is told what is wrong with a call before it is helped.
    let told = fundwatch().args(arguments).arg("--help").output();
    let told = told.expect("it runs");
    let why = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "fundwatch {arguments:?}: {why}");
}

#[test]
fn the_unit_calls_the_program_as_it_is() {
    let unit = text("fundwatch.service");
    let value = |line: &'static str| {
        let lines = unit.lines();
        lines.filter_map(move |text| text.strip_prefix(line)?.strip_prefix('='))
    };
    let mut commands = BTreeSet::new();
    for called in value("ExecStartPre").chain(value("ExecStart")) {
        let called = called.strip_prefix("/usr/bin/fundwatch ");
        let arguments: Vec<&str> = called.expect("the program").split(' ').collect();
        is_known(&arguments);
        commands.insert(arguments[0].to_owned());
        // The directory that systemd makes is the one that is named.
        if let Some(data) = arguments.iter().position(|one| *one == "--data") {
            let state = value("StateDirectory").next().expect("a directory");
            assert_eq!(arguments[data + 1], format!("/var/lib/{state}"));
        }
    }
    assert_eq!(commands, ["config", "serve"].map(str::to_owned).into());
    let stop = value("TimeoutStopSec").next().expect("a time");
    let stop: u64 = stop.parse().expect("seconds");
    assert!(stop > seconds_by_default("drain_timeout"));
    assert_eq!(value("RestartPreventExitStatus").next(), Some("2"));
}

#[test]
fn the_container_calls_the_program_as_it_is() {
    let file = text("Containerfile");
    let list = |instruction: &str| -> Vec<String> {
        let line = file.lines().find_map(|line| line.strip_prefix(instruction));
        serde_json::from_str(line.expect("the instruction")).expect("a list")
    };
    assert_eq!(list("ENTRYPOINT "), ["/usr/bin/fundwatch"]);
    let arguments = list("CMD ");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    is_known(&arguments);
    for named in ["VOLUME /var/lib/fundwatch", "--stop-timeout 90"] {
        assert!(file.contains(named), "{named}");
    }
    // The features that it is built with are there.
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let features = file
        .lines()
        .find_map(|line| line.split_once("--features "))
        .expect("the build");
    assert!(manifest.contains(&format!("\n{} =", features.1)));
}

#[test]
fn the_configuration_of_the_container_is_right() {
    let checked = fundwatch()
        .args(["config", "check"])
        .arg(root().join("ops/container.toml"))
        .output()
        .expect("it runs");
    let why = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{why}");
}

/// A check that could not fail would be none.
#[test]
fn a_call_that_the_program_does_not_know_is_found() {
    for wrong in [["serve", "--datas"], ["config", "chek"]] {
        assert!(
            std::panic::catch_unwind(|| is_known(&wrong)).is_err(),
            "{wrong:?}"
        );
    }
}
