//! A running service that tells a receiver: alerts of rows that are pushed, across a kill, without a word about anybody.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::delivery::{distinct, numbers_of_people};
use crate::receiver::{Receiver, Reply};
use crate::running::{Data, Running, until};
use crate::support::SECRET;

const PATIENCE: Duration = Duration::from_secs(60);
/// What identifies the two people of the rows.
const SECRETS: [&str; 6] = [
    "079051000001",
    "7900000001",
    "HT3797900000001",
    "Nguyễn",
    "79001",
    "95000",
];

const REGISTERS: [(&str, &str); 4] = [
    (
        "citizens",
        r#"{"recorded_at":"2025-01-01T00:00:00Z","personal_id":"079051000001","full_name":"Nguyễn Mẫu An","birth_date":"1951-02-03","sex":1,"life_status":"alive"}"#,
    ),
    (
        "participants",
        r#"{"recorded_at":"2025-01-01T00:00:00Z","si_number":"7900000001","personal_id":"079051000001","full_name":"Nguyễn Mẫu An","birth_date":"1951-02-03","sex":1}"#,
    ),
    (
        "cards",
        r#"{"recorded_at":"2025-01-01T00:00:00Z","card_number":"HT3797900000001","valid_from":"2025-01-01","status":"valid"}"#,
    ),
    (
        "death_reports",
        r#"{"recorded_at":"2025-03-05T00:00:00Z","report_id":"R1","si_number":"7900000001","death_date":"2025-03-04","source":"contribution_form"}"#,
    ),
];

fn claim(visit: &str) -> String {
    format!(
        r#"{{"recorded_at":"2025-05-02T00:00:00Z","facility":"79001","visit_id":"{visit}","cards":["HT3797900000001"],"personal_id":"079051000001","full_name":"Nguyễn Mẫu An","birth_date":"1951-02-03","sex":1,"visit_type":"01","object_code":"1","main_diagnosis":"I10","other_diagnoses":[],"admitted_at":"2025-05-01T08:00","discharged_at":"2025-05-01T09:00","outcome":1,"discharge_type":1,"cost_drugs":0,"cost_supplies":0,"cost_total":100000,"cost_covered":100000,"paid_by_fund":95000,"copay":5000,"self_paid":0,"other_sources":0}}"#
    )
}

/// Waits until the desk was filled once: what comes then is told.
fn filled(data: &Path) {
    let path = data.join(fundwatch::review::REVIEW_DATABASE);
    until("a desk that is filled", PATIENCE, || {
        let database = rusqlite::Connection::open(&path).ok()?;
        let query = "SELECT is_filled FROM meta";
        let is_filled = database.query_row(query, [], |row| row.get::<_, bool>(0));
        is_filled.ok()?.then_some(())
    });
}

#[test]
fn a_service_tells_a_receiver_of_its_alerts_across_a_kill() {
    let status = Arc::new(AtomicU16::new(204));
    let answers = status.clone();
    let receiver = Receiver::new(move |_| Reply::status(answers.load(Ordering::SeqCst)));
    let data = Data::new();
    std::fs::write(data.path().join("hook.secret"), SECRET).unwrap();
    let config = format!(
        "[http]\npublic_origin = \"https://fundwatch.example\"\n[[webhook]]\nname = \"case-system\"\n\
         url = \"{}\"\nsecret_file = \"hook.secret\"\nreasons = [\"service_after_death\", \"stale_card\"]\n",
        receiver.url()
    );
    let mut service = Running::start(&data, &config).ready();
    filled(&data.path());
    for (stream, rows) in REGISTERS {
        service.push(stream, rows);
    }
    service.push("claims", &claim("V1"));
    let had = |count: usize| {
        until("messages", PATIENCE, || {
            let told = distinct(&receiver.requests());
            let taken = told.iter().filter(|one| {
                let body = one.json();
                body["data"]["reason"] == "service_after_death"
            });
            (taken.count() >= count).then_some(told)
        })
    };
    let first = had(1);
    assert!(first.iter().any(|one| one.json()["type"] == "alert.raised"));
    until("what was delivered, as a metric", PATIENCE, || {
        let page = service.metrics().body;
        let line =
            r#"fundwatch_webhook_deliveries_total{outcome="delivered",webhook="case-system"}"#;
        let count = page.lines().find_map(|own| own.strip_prefix(line))?;
        (count.trim() != "0").then_some(())
    });
    // It fails, and the service is killed meanwhile.
    status.store(500, Ordering::SeqCst);
    service.push("claims", &claim("V2"));
    let before = receiver.requests().len();
    until("an attempt in vain", PATIENCE, || {
        (receiver.requests().len() > before).then_some(())
    });
    service.process.kill();
    status.store(204, Ordering::SeqCst);
    let service = Running::start(&data, &config).ready();
    had(2);
    // They are the alerts that the API has, of these reasons.
    let auditor = data.token("auditor");
    let agent = ureq::Agent::new_with_defaults();
    let is_wanted = |reason: &Value| reason == "service_after_death" || reason == "stale_card";
    let id = |alert: &Value| alert["alert_id"].as_str().unwrap().to_owned();
    let known = until("the alerts of the API", PATIENCE, || {
        let request = agent.get(format!("http://{}/v1/alerts", service.api));
        let request = request.header("authorization", format!("Bearer {auditor}"));
        let text = request.call().ok()?.body_mut().read_to_string().ok()?;
        let page: Value = serde_json::from_str(&text).ok()?;
        let alerts = page["alerts"].as_array()?.iter();
        let wanted = alerts.filter(|alert| is_wanted(&alert["reason"]));
        let known: BTreeSet<String> = wanted.map(id).collect();
        let told = distinct(&receiver.requests());
        let told: BTreeSet<String> = told.iter().map(|one| id(&one.json()["data"])).collect();
        (told == known).then_some(known)
    });
    assert!(known.len() >= 2);
    for request in receiver.requests() {
        assert!(request.is_signed());
        let whole = format!("{} {:?} {}", request.line, request.headers, request.body);
        assert_eq!(numbers_of_people(&request.body), Vec::<&str>::new());
        for secret in SECRETS {
            // A time or an id may have these digits by chance.
            let words = whole.split(|c: char| !c.is_alphanumeric());
            assert!(
                words.clone().all(|word| word != secret),
                "{secret}: {whole}"
            );
            assert!(secret.len() <= 6 || !whole.contains(secret), "{secret}");
        }
        assert!(is_wanted(&request.json()["data"]["reason"]));
    }
    let log = std::fs::read_to_string(data.path().join("serve.log")).unwrap();
    assert!(!log.contains("BwcHBwcH"), "the secret is in the log");
    assert!(log.contains("case-system"), "that it fails is in the log");
    service.process.terminate();
}
