//! A running service: what it was asked for is in its log, whatever ends it.

use std::fs;
use std::time::Duration;

use fundwatch::access_log::verify;

use crate::running::{Data, Running};
use crate::support::{entries, folder};

fn read_alerts(service: &Running, token: &str) -> u16 {
    let url = format!("http://{}/v1/alerts", service.api);
    let asked = ureq::get(&url).header("Authorization", &format!("Bearer {token}"));
    asked.call().expect("an answer").status().as_u16()
}

#[test]
fn what_was_read_is_in_the_log_after_a_death_and_after_a_stop() {
    let data = Data::new();
    let auditor = data.token("auditor");
    let path = data.path();
    fs::write(path.join("access-log.ndjson"), "{\"at\":\"before\"}\n").expect("written");
    let mut service = Running::start(&data, "").ready();
    assert_eq!(read_alerts(&service, &auditor), 200);
    service.process.kill();
    let mut service = Running::start(&data, "").ready();
    assert_eq!(read_alerts(&service, &auditor), 200);
    let told = service.ops("/metrics").expect("it answers").body;
    assert!(
        told.contains("fundwatch_audit_entries_total{class=\"read\"} 1\n"),
        "{told}"
    );
    assert!(
        told.contains("fundwatch_audit_checkpoint_timestamp_seconds "),
        "{told}"
    );
    assert!(
        told.contains("fundwatch_audit_verification_failures_total 0\n"),
        "{told}"
    );
    service.process.terminate();
    assert!(service.process.ended(Duration::from_secs(60)).success());
    let found = entries(&folder(&path));
    let read: Vec<_> = found
        .iter()
        .filter(|entry| entry.action == "read_alerts")
        .collect();
    assert_eq!(read.len(), 2);
    let is_it = |stage: &str, role: &str| stage == "done" && role == "auditor";
    assert!(read.iter().all(|entry| is_it(&entry.stage, &entry.role)));
    assert_eq!(found[0].action, "log_begun");
    assert!(path.join("access-log/before.ndjson").exists());
    let report = verify(&path, &[]).expect("read");
    assert_eq!((report.damage, report.signed), (None, found.len() as u64));
}
