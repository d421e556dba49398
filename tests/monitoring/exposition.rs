//! What a running service exposes is of the form that Prometheus reads.

use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

use crate::running::{Country, Data, Running};

#[test]
fn promtool_finds_nothing_wrong_with_a_running_service() {
    let data = Data::new();
    let service = Running::start(&data, "").ready();
    service.push_all(&Country::new(1_000));
    let answer = service.metrics();
    assert_eq!(
        answer.content_type,
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let started = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut promtool = match started {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let is_required = std::env::var_os("FUNDWATCH_REQUIRE_PROMETHEUS").is_some();
            assert!(
                !is_required,
                "promtool is not installed: apt-get install prometheus"
            );
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED: promtool is not installed, so that NO EXPOSITION OF A SERVICE WAS CHECKED"
            );
            return;
        }
        started => started.expect("promtool starts"),
    };
    let mut to = promtool.stdin.take().expect("it is piped");
    to.write_all(answer.body.as_bytes()).expect("it is read");
    drop(to);
    let said = promtool.wait_with_output().expect("it ends");
    assert!(said.status.success(), "{said:?}");
}
