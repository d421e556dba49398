//! A corrected register: what it withdraws, and what recording it again raises.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Replayed, replay};

const CITIZENS: &str = "personal_id,full_name,birth_date,sex,life_status,death_date,recorded_at\n\
    001080000001,Nguyễn Văn Mẫu,1950,1,alive,,2024-01-01T08:00:00+07:00\n";
const PARTICIPANTS: &str = "si_number,personal_id,full_name,birth_date,sex,recorded_at\n\
    0100000001,001080000001,Nguyễn Văn Mẫu,1950,1,2024-01-01T08:00:00+07:00\n";
const CARDS: &str = "card_number,valid_from,status,recorded_at\n\
    DN4010100000001,2024-01-01,valid,2024-01-01T08:00:00+07:00\n";
const CLAIMS: &str = "facility,visit_id,cards,full_name,birth_date,sex,visit_type,object_code,\
    main_diagnosis,admitted_at,discharged_at,outcome,discharge_type,cost_drugs,cost_supplies,\
    cost_total,cost_covered,paid_by_fund,copay,self_paid,other_sources,recorded_at\n\
    01001,V1,DN4010100000001,Nguyễn Văn Mẫu,1950,1,01,1.1,J02,2025-03-10T08:00,2025-03-10T09:00,\
    2,1,0,0,100000,100000,80000,20000,0,0,2025-03-12T10:00:00+07:00\n";

/// The registers of one person and a claim, with the lines given for one stream more.
fn input(name: &str, text: &str) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(to.path().join(name), text).unwrap();
    write("citizens.csv", CITIZENS);
    write("participants.csv", PARTICIPANTS);
    write("cards.csv", CARDS);
    write("claims.csv", CLAIMS);
    write(name, text);
    to
}

/// Epoch, time, kind, grade and cause of each event of the claim's death alert.
fn events(run: &Replayed) -> Vec<(String, String, Value, Vec<String>)> {
    let of_death = |event: &Value| event["reason"] == "service_after_death";
    let events: Vec<Value> = run.history().into_iter().filter(of_death).collect();
    let id = &events.first().expect("an event")["alert_id"];
    for event in &events {
        assert_eq!(&event["alert_id"], id, "an alert keeps its id");
        assert_eq!(event["subject"], json!({"kind": "claim", "id": "01001/V1"}));
    }
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let cause = |event: &Value| {
        let causes = event["cause"].as_array().unwrap().iter();
        causes
            .map(|c| format!("{} {}", text(&c["stream"]), text(&c["key"])))
            .collect()
    };
    events
        .iter()
        .map(|e| {
            (
                text(&e["at"]),
                text(&e["kind"]),
                e["grade"].clone(),
                cause(e),
            )
        })
        .collect()
}

fn event(at: &str, kind: &str, grade: u8, cause: &[&str]) -> (String, String, Value, Vec<String>) {
    let cause = cause.iter().map(|c| (*c).to_owned()).collect();
    (format!("{at}+07:00"), kind.to_owned(), json!(grade), cause)
}

/// The death alerts that hold, as of a day.
fn held(input: &Path, as_of: &str) -> Vec<Value> {
    let alerts = replay(input, &["--as-of", as_of]).alerts();
    let of_death = |alert: &Value| alert["reason"] == "service_after_death";
    alerts.into_iter().filter(of_death).collect()
}

#[test]
fn a_retracted_report_withdraws_and_a_repeated_one_raises_the_same_alert() {
    let reports = "report_id,personal_id,death_date,source,recorded_at,op\n\
        R1,001080000001,2025-02-01,civil_registry,2025-04-01T08:00:00+07:00,\n\
        R1,,,,2025-04-05T08:00:00+07:00,delete\n\
        R1,001080000001,2025-02-01,civil_registry,2025-04-09T08:00:00+07:00,\n";
    let input = input("death_reports.csv", reports);
    let report: &[&str] = &["death_reports R1"];
    let run = replay(input.path(), &[]);
    assert_eq!(
        events(&run),
        [
            event("2025-04-01T08:00:00", "raised", 1, report),
            event("2025-04-05T08:00:00", "withdrawn", 1, report),
            event("2025-04-09T08:00:00", "raised", 1, report),
        ]
    );
    let [before, during, between, after] =
        ["2025-03-31", "2025-04-04", "2025-04-08", "2025-04-09"].map(|day| held(input.path(), day));
    assert!(before.is_empty() && between.is_empty());
    assert_eq!(during[0]["alert_id"], after[0]["alert_id"]);
    assert_eq!(during[0]["raised_at"], "2025-04-01T08:00:00+07:00");
    assert_eq!(after[0]["raised_at"], "2025-04-09T08:00:00+07:00");
    // The evidence is the row that holds, not the one that was taken back.
    let row = |alert: &Value| {
        let mut evidence = alert["evidence"].as_array().unwrap().iter();
        let report = evidence.find(|row| row["stream"] == "death_reports");
        report.expect("the report is evidence")["row"].clone()
    };
    assert_eq!((row(&during[0]), row(&after[0])), (json!(1), json!(3)));

    // Within one epoch the same story is one raise.
    let whole = replay(input.path(), &["--epoch", "all"]);
    assert_eq!(events(&whole).len(), 1);
    let mut held = whole.alerts().into_iter().map(|a| a["alert_id"].clone());
    assert!(held.any(|id| id == after[0]["alert_id"]));
}

#[test]
fn a_citizen_found_alive_withdraws_and_a_second_source_changes() {
    let citizens = format!(
        "{CITIZENS}\
        001080000001,Nguyễn Văn Mẫu,1950,1,dead,2025-02-01,2025-04-01T08:00:00+07:00\n\
        001080000001,Nguyễn Văn Mẫu,1950,1,alive,,2025-04-05T08:00:00+07:00\n\
        001080000001,Nguyễn Văn Mẫu,1950,1,dead,2025-02,2025-04-07T08:00:00+07:00\n"
    );
    let input = input("citizens.csv", &citizens);
    let reports = "report_id,si_number,death_date,source,recorded_at\n\
        R1,0100000001,2025-02-01,hospital,2025-04-09T08:00:00+07:00\n";
    fs::write(input.path().join("death_reports.csv"), reports).unwrap();
    let citizen: &[&str] = &["citizens 001080000001"];
    let run = replay(input.path(), &[]);
    assert_eq!(
        events(&run),
        [
            event("2025-04-01T08:00:00", "raised", 1, citizen),
            event("2025-04-05T08:00:00", "withdrawn", 1, citizen),
            event("2025-04-07T08:00:00", "raised", 1, citizen),
            event("2025-04-09T08:00:00", "changed", 2, &["death_reports R1"]),
        ]
    );
    let alerts = held(input.path(), "2025-04-09");
    assert_eq!(alerts[0]["class"], "misuse_suspected");
    assert_eq!(alerts[0]["raised_at"], "2025-04-07T08:00:00+07:00");
}
