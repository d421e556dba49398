//! What the dataflow holds is told by name, and exactly.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use fundwatch::dataflow::{LAYOUTS, TABLES};
use fundwatch::replay::{ArrangementSummary, EpochLength, Options, Silent, Summary, run};
use serde_json::{Value, json};

const PERSONS: u64 = 9;

/// What holds the facts by person.
const TABLE: &str = "facts by person";
/// What holds the identities of citizens and of the participants that name them.
const IDENTITIES: &str = "identities by citizen";
/// What holds the participants, life status and more of each citizen.
const CITIZENS: &str = "facts by citizen";
/// What holds the citizens who have an old id.
const OLD_IDS: &str = "citizens by old id";

fn write(directory: &Path, name: &str, rows: &[Value]) {
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    fs::write(directory.join(name), lines.join("\n")).expect("written");
}

fn day(n: u64) -> String {
    format!("2025-01-{:02}T08:00:00+07:00", n + 1)
}

fn claim(facility: u64, visit: u64, card: Option<u64>, known: u64) -> Value {
    json!({
        "recorded_at": day(known), "facility": format!("{facility:05}"),
        "visit_id": format!("v{visit}"),
        "cards": card.map(|n| vec![format!("GD479{n:010}")]).unwrap_or_default(),
        "personal_id": format!("{:012}", 7), "full_name": "Nguyễn Văn A", "birth_date": "1980",
        "sex": 1, "visit_type": "01", "object_code": "1.1", "main_diagnosis": "J00",
        "admitted_at": format!("2025-01-{:02}T09:00", visit % 28 + 1),
        "discharged_at": format!("2025-01-{:02}T10:00", visit % 28 + 1),
        "outcome": 1, "discharge_type": 1, "cost_drugs": 0, "cost_supplies": 0,
        "cost_total": 100_000, "cost_covered": 100_000, "paid_by_fund": 80_000, "copay": 20_000,
        "self_paid": 0, "other_sources": 0,
    })
}

/// Nine persons with a card and two claims each, one of whom two rows call dead, and one has an old id; two claims
/// without a card, of which one names nobody who is registered.
fn input(directory: &Path) {
    let citizens = (0..PERSONS).map(|n| {
        json!({
            "recorded_at": day(0), "personal_id": format!("{n:012}"), "full_name": "Nguyễn Văn A",
            "birth_date": "1980-01-01", "sex": 1,
            "life_status": if n == 3 { "dead" } else { "alive" },
            "death_date": if n == 3 { Some("2024-12-01") } else { None },
            "old_id": if n == 5 { Some("000000005") } else { None },
        })
    });
    write(directory, "citizens.ndjson", &citizens.collect::<Vec<_>>());
    let participants = (0..PERSONS).map(|n| {
        json!({
            "recorded_at": day(0), "si_number": format!("{n:010}"),
            "personal_id": format!("{n:012}"), "full_name": "Nguyễn Văn A",
            "birth_date": "1980-01-01", "sex": 1,
        })
    });
    write(
        directory,
        "participants.ndjson",
        &participants.collect::<Vec<_>>(),
    );
    let cards = (0..PERSONS).map(|n| {
        json!({
            "recorded_at": day(1), "card_number": format!("GD479{n:010}"),
            "valid_from": "2025-01-01", "valid_to": "2025-12-31", "status": "valid",
        })
    });
    write(directory, "cards.ndjson", &cards.collect::<Vec<_>>());
    let report = json!({
        "recorded_at": day(2), "report_id": "r1", "si_number": format!("{:010}", 3),
        "death_date": "2024-12", "source": "hospital",
    });
    write(directory, "death_reports.ndjson", &[report]);
    let mut claims: Vec<Value> = (0..2 * PERSONS)
        .map(|n| claim(1 + n % 4, n, Some(n / 2), 3 + n))
        .collect();
    claims.push(claim(5, 99, None, 25));
    let mut of_nobody = claim(5, 98, None, 25);
    of_nobody["personal_id"] = json!(format!("{PERSONS:012}"));
    claims.push(of_nobody);
    write(directory, "claims.ndjson", &claims);
}

fn replay(epoch: EpochLength, workers: usize) -> Summary {
    let (streams, outputs) = (
        tempfile::tempdir().expect("a directory"),
        tempfile::tempdir().expect("a directory"),
    );
    input(streams.path());
    let options = Options {
        epoch,
        workers,
        strict: true,
        ..Options::new(streams.path(), outputs.path().join("out"))
    };
    let summary = run(&options, &mut Silent).expect("replayed");
    let written = fs::read(options.output.join("summary.json")).expect("a summary");
    let written: Value = serde_json::from_slice(&written).expect("JSON");
    let told = written["arrangements"].as_array().expect("a list");
    assert_eq!(told.len(), summary.arrangements.len());
    for (told, size) in told.iter().zip(&summary.arrangements) {
        assert_eq!(
            *told,
            json!({ "name": size.name, "records": size.records, "bytes": size.bytes })
        );
    }
    summary
}

fn records(summary: &Summary, name: &str) -> u64 {
    let mut sizes = summary.arrangements.iter().filter(|size| size.name == name);
    let size = sizes.next().expect("it is there");
    assert!(sizes.next().is_none(), "`{name}` is there twice");
    size.records
}

#[test]
fn records_are_counted_exactly_whatever_the_epochs_and_workers() {
    for (epoch, workers) in [
        (EpochLength::All, 1),
        (EpochLength::All, 3),
        (EpochLength::Hours(24), 1),
        (EpochLength::Hours(24), 2),
    ] {
        let summary = replay(epoch, workers);
        // A card, a citizen and two claims a person; of the dead one's participant the report, the register's
        // word, and that the citizen is not alive; the claims without a card, and that the citizen of one is registered.
        assert_eq!(
            records(&summary, TABLE),
            4 * PERSONS + 3 + 3,
            "{epoch:?}, {workers} workers"
        );
        assert_eq!(records(&summary, IDENTITIES), 2 * PERSONS);
        // A life status and a participant each, a death, and twice that a claim has no card.
        assert_eq!(records(&summary, CITIZENS), 2 * PERSONS + 3);
        assert_eq!(records(&summary, OLD_IDS), 1);
        assert_eq!(records(&summary, "deaths of citizens"), 1);
        assert_eq!(records(&summary, "deaths of participants"), 1);
        assert_eq!(records(&summary, "listed cards"), 0);
    }
}

#[test]
fn every_arrangement_has_a_name_of_its_own_and_a_layout() {
    let summary = replay(EpochLength::All, 1);
    let mut names: BTreeSet<&str> = (summary.arrangements.iter())
        .map(|size| size.name.as_str())
        .collect();
    assert_eq!(names.len(), summary.arrangements.len(), "a name twice");
    let defaults = [
        "",
        "Arrange",
        "Reduce",
        "Distinct",
        "Threshold",
        "Count",
        "Consolidate",
    ];
    for name in &names {
        let own = name.strip_prefix("Arrange: ").unwrap_or(name);
        assert!(
            !defaults.contains(&own) && !own.starts_with("ArrangeBy"),
            "`{name}` has no name of its own"
        );
    }
    // Tables tell their bytes themselves; the layout of everything else is known.
    for table in TABLES {
        assert!(names.remove(table), "there is no table of {table}");
    }
    let known: BTreeSet<&str> = LAYOUTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, known, "arrangements, and layouts");
}

#[test]
fn a_table_tells_what_it_holds_in_bytes_whatever_the_workers() {
    for workers in [1, 3] {
        let summary = replay(EpochLength::Hours(24), workers);
        let of_table = |arrangement: &&ArrangementSummary| arrangement.name == TABLE;
        let table = summary.arrangements.iter().find(of_table);
        let table = table.expect("there is the table");
        let [least, most] = table.bytes.expect("it tells its bytes");
        assert_eq!(least, most, "they are counted");
        // A card of 7 bytes at the least, a citizen of 6 and two claims of 22, and with heads of pages and room for growth
        // not several times as much.
        let packed = (7 + 6 + 2 * 22) * PERSONS;
        // The lists by which a worker's table finds its pages, however few.
        let lists = 512 * workers as u64;
        assert!((packed..3 * packed + lists).contains(&least), "{least}");
    }
}
