//! Loads of a running service: what one would do before it comes, and that one that is undone never came.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::diff_country::by_sets;
use crate::running::{Answer, Country, Data, Running, get_as, post_as, until};
use crate::self_replay_nightly::today;
use crate::support::{fails, lines, succeeds};
use crate::what_if_parts::assert_parts_tell_the_whole;

/// A service that is asked for what it decided.
struct Served {
    running: Running,
    auditor: String,
}

impl Served {
    fn start(data: &Data) -> Self {
        Self {
            auditor: data.token("auditor"),
            running: Running::start(data, "[snapshot]\nevery_epochs = 3\n").ready(),
        }
    }

    /// What it exports, once all is stored.
    fn exports(&self) -> TempDir {
        until("all is stored", Duration::from_secs(60), || {
            let ready = self.running.ops("/readyz")?.json();
            let details = &ready["details"];
            let is_stored =
                details["sealed_epoch"].as_u64()? == details["committed_epoch"].as_u64()?;
            is_stored.then_some(())
        });
        let exports = tempfile::tempdir().unwrap();
        for name in ["alerts.ndjson", "history.ndjson"] {
            let export = get_as(
                &self.auditor,
                &format!("http://{}/v1/{name}", self.running.api),
            );
            fs::write(exports.path().join(name), export).unwrap();
        }
        exports
    }

    fn undo(&self, token: &str, loads: &[&str]) -> Answer {
        let url = format!("http://{}/v1/loads/undo", self.running.api);
        post_as(token, &url, &json!({ "loads": loads }))
    }

    fn stop(mut self) {
        self.running.process.terminate();
        let ended = self.running.process.ended(Duration::from_secs(60));
        assert!(ended.success());
    }
}

/// The service, killed and started again.
fn pulled(mut served: Served, data: &Data) -> Served {
    let snapshots = data.path().join("snapshots");
    until("a snapshot", Duration::from_secs(30), || {
        let mut made = fs::read_dir(&snapshots).ok()?;
        made.next().map(drop)
    });
    served.running.process.kill();
    drop(served);
    Served::start(data)
}

/// Rows of a stream of the country.
fn rows(country: &Country, stream: &str) -> Vec<Value> {
    let rows = country.rows(stream);
    let rows = rows.lines().map(|row| serde_json::from_str(row).unwrap());
    rows.collect()
}

fn text(rows: &[Value]) -> String {
    rows.iter().map(|row| format!("{row}\n")).collect()
}

/// Ten thousand deaths, of people who live.
fn deaths(country: &Country) -> Vec<Value> {
    let participants = rows(country, "participants");
    let report = |place: usize| {
        let person = &participants[place * 7 % participants.len()];
        let who = match place % 3 {
            0 => ("si_number", &person["si_number"]),
            _ => ("personal_id", &person["personal_id"]),
        };
        let source = ["hospital", "civil_registry", "contribution_form"][place % 3];
        let mut row = json!({
            "recorded_at": format!("2025-01-20T10:{:02}:00+07:00", place % 60),
            "report_id": format!("pending-{place}"),
            "death_date": format!("2025-01-{:02}", 1 + place % 19),
            "source": source,
        });
        row[who.0] = who.1.clone();
        row
    };
    (0..10_000).map(report).collect()
}

/// Citizens as a broken extract has them: some dead, some gone, some as they are, some who never were.
fn broken(country: &Country) -> Vec<Value> {
    let mut citizens = BTreeMap::new();
    for row in rows(country, "citizens") {
        citizens.insert(row["personal_id"].as_str().unwrap().to_owned(), row);
    }
    let mut extract = Vec::new();
    for (place, mut row) in citizens.into_values().enumerate().take(400) {
        row["recorded_at"] = "2025-02-10T09:00:00+07:00".into();
        match place % 4 {
            0 => {
                row["life_status"] = "dead".into();
                row["death_date"] = "2025-01-02".into();
            }
            1 => {
                let (id, at) = (row["personal_id"].clone(), row["recorded_at"].clone());
                row = json!({"op": "delete", "personal_id": id, "recorded_at": at});
            }
            2 => {}
            _ => row["personal_id"] = format!("00130{place:07}").into(),
        }
        extract.push(row);
    }
    extract
}

/// What comes after the broken extract: newer rows of the same people, older ones, and of others.
fn later(country: &Country) -> [Vec<Value>; 2] {
    let broken = broken(country);
    let known = rows(country, "citizens");
    let again = |place: usize, at: &str| {
        let id = &broken[place]["personal_id"];
        let row = known.iter().rev().find(|row| row["personal_id"] == *id);
        let mut row = row.unwrap().clone();
        row["recorded_at"] = at.into();
        row["life_status"] = "dead".into();
        row["death_date"] = "2025-01-09".into();
        row
    };
    let newer = (0..40)
        .step_by(4)
        .map(|place| again(place, "2025-02-20T09:00:00+07:00"));
    // Recorded before the extract, so that it is kept off until the extract is undone.
    let older = (40..80)
        .step_by(4)
        .map(|place| again(place, "2025-02-05T09:00:00+07:00"));
    let of_gone = (81..120)
        .step_by(4)
        .map(|place| again(place, "2025-02-06T09:00:00+07:00"));
    [newer.collect(), older.chain(of_gone).collect()]
}

/// Claims as they are, on the card of whoever has the next one.
fn of_others(country: &Country) -> Vec<Value> {
    let claims = rows(country, "claims");
    let pairs = claims.iter().zip(claims.iter().skip(1));
    let swapped = pairs.step_by(5).map(|(claim, next)| {
        let mut claim = claim.clone();
        claim["cards"] = next["cards"].clone();
        claim["recorded_at"] = "2026-12-01T00:00:00+07:00".into();
        claim
    });
    swapped.collect()
}

/// The loads of a service, by what they brought.
fn loads(data: &Path) -> Vec<Value> {
    let place = data.to_str().unwrap();
    let told = succeeds(&["loads", "--journal", place, "--format", "ndjson"]);
    let told = told.lines().map(|line| serde_json::from_str(line).unwrap());
    told.collect()
}

/// Everything that differs in a what-if is explained by rows.
fn assert_explained(output: &Path) {
    let document = fs::read_to_string(output.join("what-if.json")).unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    let diff = &document["diff"];
    assert_eq!(diff["unexplained"], 0, "{}", diff["because"]);
    let kinds = diff["because"].as_object().unwrap().keys();
    assert_eq!(kinds.collect::<Vec<_>>(), ["rows"]);
}

fn assert_same(a: &Path, b: &Path) {
    let (differing, same) = by_sets(a, b);
    assert_eq!(differing, BTreeMap::new());
    assert!(same > 0);
}

#[test]
fn a_load_does_what_was_told_before_and_undone_it_never_came() {
    let (data, country) = (Data::new(), Country::new(1_000));
    let operator = data.token("operator");
    let place = data.path();
    let served = Served::start(&data);
    served.running.push_all(&country);
    let before = served.exports();

    // What ten thousand deaths would do, and that nothing of it happened.
    let directory = tempfile::tempdir().unwrap();
    let pending = directory.path().join("death_reports-pending.ndjson");
    let deaths = text(&deaths(&country));
    fs::write(&pending, &deaths).unwrap();
    let output = tempfile::tempdir().unwrap();
    let [journal, file, to] =
        [&place, &pending, &output.path().to_owned()].map(|path| path.to_str().unwrap().to_owned());
    let asked = [
        "what-if",
        "--journal",
        &journal,
        "--load",
        &file,
        "--output",
        &to,
    ];
    succeeds(&asked);
    let dropped = served.exports();
    for name in ["alerts.ndjson", "history.ndjson"] {
        let [one, other] = [&before, &dropped].map(|exports| exports.path().join(name));
        assert_eq!(fs::read(one).unwrap(), fs::read(other).unwrap(), "{name}");
    }
    assert_same(before.path(), &output.path().join("base"));
    assert_explained(output.path());
    let told = lines(output.path(), "differing.ndjson");
    assert!(told.len() > 20, "{}", told.len());

    // Of a part of the persons at a time the same is told, also where claims are to come that are another's then.
    let to_be_others = directory.path().join("claims-pending.ndjson");
    fs::write(&to_be_others, text(&of_others(&country))).unwrap();
    let both = tempfile::tempdir().unwrap();
    let to = both.path().to_str().unwrap();
    let mut asked = vec!["what-if", "--journal", &journal, "--load", &file, "--load"];
    asked.extend([
        to_be_others.to_str().unwrap(),
        "--arrival",
        "2027-01-01T00:00:00+07:00",
    ]);
    succeeds(&[&asked[..], &["--output", to]].concat());
    assert_parts_tell_the_whole(&asked, both.path());

    // It comes, and does so.
    let receipt = served.running.push("death_reports", &deaths);
    assert_eq!(receipt["accepted"], 10_000);
    let loaded = served.exports();
    assert_same(loaded.path(), &output.path().join("supposed"));
    let (differing, _) = by_sets(before.path(), loaded.path());
    assert_eq!(differing.len(), told.len());
    for line in &told {
        let id = line["alert_id"].as_str().unwrap();
        assert_eq!(Some(&line["state"].as_str().unwrap()), differing.get(id));
    }

    // A broken extract as well, and rows after both.
    served.running.push("citizens", &text(&broken(&country)));
    for rows in later(&country) {
        served.running.push("citizens", &text(&rows));
    }
    let with_all = served.exports();
    let listed = loads(&place);
    let named = |stream: &str, rows: u64| -> Vec<String> {
        let is_it = |load: &&Value| load["accepted"][stream] == rows;
        let found = listed.iter().filter(is_it);
        found
            .map(|load| load["load"].as_str().unwrap().to_owned())
            .collect()
    };
    let bad = [named("death_reports", 10_000), named("citizens", 400)].concat();
    assert_eq!(bad.len(), 2, "{listed:?}");
    let bad: Vec<&str> = bad.iter().map(|load| &**load).collect();

    // Somebody closed an alert that the deaths raised.
    let raised = told.iter().find(|line| line["state"] == "new").unwrap();
    let raised = raised["alert_id"].as_str().unwrap().to_owned();
    decided(&place, &raised);

    // What undoing would do is told, and who is nobody's operator undoes nothing.
    let output = tempfile::tempdir().unwrap();
    let to = output.path().to_str().unwrap();
    let asked = [
        "what-if",
        "--journal",
        &journal,
        "--output",
        to,
        "--without",
        bad[0],
    ];
    let printed = succeeds(&[&asked[..], &["--without", bad[1]]].concat());
    assert!(printed.contains("1 decisions rest on alerts"), "{printed}");
    assert!(printed.contains(&raised), "{printed}");
    assert_explained(output.path());
    assert_eq!(served.undo(&served.auditor, &bad).status, 403);
    assert_eq!(served.undo(&operator, &["999999.0"]).status, 404);
    assert_eq!(served.undo(&operator, &["12"]).status, 422);
    let absent = [
        "what-if",
        "--journal",
        &journal,
        "--output",
        to,
        "--without",
        "999999.0",
    ];
    assert!(fails(1, &absent).contains("no load 999999.0"));

    // It makes no difference that the service was ended as by a plug that is pulled, and begins with a snapshot.
    let served = pulled(served, &data);
    let undone = served.undo(&operator, &bad);
    assert_eq!(undone.status, 200, "{}", undone.body);
    let told_undone = undone.json();
    // Those of the extract that were newer again, and those that only repeated what was known, are not.
    assert!(
        told_undone["undone"].as_u64() >= Some(10_000 + 300),
        "{told_undone}"
    );
    let after = served.exports();
    assert_same(after.path(), &output.path().join("supposed"));
    let (changed, _) = by_sets(with_all.path(), after.path());
    assert!(changed.len() > 20, "{}", changed.len());

    // As a service that never had them.
    let other_data = Data::new();
    let never = Served::start(&other_data);
    never.running.push_all(&country);
    for rows in later(&country) {
        never.running.push("citizens", &text(&rows));
    }
    assert_same(after.path(), never.exports().path());
    never.stop();

    explained_while_the_service_runs(&served, &journal, told_undone["epoch"].as_u64().unwrap());

    // The decision is kept, and asked to be looked at again.
    until(
        "the decision is looked at again",
        Duration::from_secs(30),
        || (place_of(&place, &raised) == "recheck").then_some(()),
    );

    // Undone again, nothing is left to be undone.
    let served = pulled(served, &data);
    let again = served.undo(&operator, &bad);
    assert_eq!(again.json(), json!({"undone": 0, "epoch": null}));
    assert_same(after.path(), served.exports().path());

    // What undid is undone: the loads are back.
    let listed = loads(&place);
    let undoing: Vec<&str> = (listed.iter())
        .filter(|load| load["source"] == "undo")
        .map(|load| load["load"].as_str().unwrap())
        .collect();
    let undone: Vec<&str> = (listed.iter())
        .filter_map(|load| load["undoes"].as_array())
        .flatten()
        .map(|load| load.as_str().unwrap())
        .collect();
    assert!(bad.iter().all(|load| undone.contains(load)), "{undone:?}");
    assert_eq!(served.undo(&operator, &undoing).status, 200);
    let back = served.exports();
    assert_same(back.path(), with_all.path());
    served.stop();

    // And the replay of the journal comes to the same.
    let replayed = tempfile::tempdir().unwrap();
    let [run, exported] = [&replayed, &back].map(|place| place.path().to_str().unwrap());
    succeeds(&["replay", "--journal", &journal, "--output", run]);
    succeeds(&["diff", exported, run, "--exit-code"]);
    let run = replayed.path().join("alerts.ndjson");
    assert_eq!(
        fs::read(run).unwrap(),
        fs::read(back.path().join("alerts.ndjson")).unwrap()
    );
    // So does the self-replay, decision by decision, of a part of the persons.
    let today = today().to_string();
    let part = ["--until", &today, "--slice", "1/3"];
    let said = succeeds(&[&["self-replay", "--data", &journal], &part[..]].concat());
    assert!(said.contains("decisions that differ: 0"), "{said}");
}

/// An alert that rests on a row that was put back is explained from the journal, and by a pack alone; and what was
/// replayed stays what it was when the journal grows.
fn explained_while_the_service_runs(served: &Served, journal: &str, epoch: u64) {
    let replayed = tempfile::tempdir().unwrap();
    let run = replayed.path().to_str().unwrap();
    succeeds(&["replay", "--journal", journal, "--output", run]);
    let file = format!("epochs/{epoch}");
    let rests_on_it = |alert: &&Value| {
        let evidence = alert["evidence"].as_array().unwrap();
        evidence.iter().any(|row| row["file"] == *file)
    };
    let alerts = lines(replayed.path(), "alerts.ndjson");
    let alert = alerts.iter().find(rests_on_it).unwrap();
    let id = alert["alert_id"].as_str().unwrap();
    let more = r#"{"recorded_at":"2025-03-01T08:00:00+07:00","report_id":"later","si_number":"8103233992","death_date":"2025-02-01","source":"court"}"#;
    served.running.push("death_reports", more);
    let deleted =
        r#"{"op":"delete","recorded_at":"2025-03-02T08:00:00+07:00","report_id":"later"}"#;
    served.running.push("death_reports", deleted);
    succeeds(&["verify", run]);
    let pack = replayed.path().join("pack.json");
    let pack = pack.to_str().unwrap();
    let page = succeeds(&["explain", "--run", run, id, "--pack", pack]);
    assert!(page.contains(&file), "{page}");
    succeeds(&["verify", pack, "--input", journal]);
}

fn review_database(data: &Path) -> rusqlite::Connection {
    let path: PathBuf = data.join("review.db");
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    connection
}

/// Closes an alert, as the desk notes it.
fn decided(data: &Path, alert: &str) {
    let closed = "UPDATE item SET work = 'closed', verdict = 'confirmed_fraud', decided_state = state, \
                  decided_digest = digest, decided_epoch = changed_epoch, version = version + 1 WHERE alert_id = ?";
    until("the alert is on the desk", Duration::from_secs(30), || {
        (review_database(data).execute(closed, [alert]).unwrap() == 1).then_some(())
    });
    assert_eq!(place_of(data, alert), "closed");
}

/// The list of the desk that an alert is on.
fn place_of(data: &Path, alert: &str) -> String {
    let place = "SELECT place FROM item WHERE alert_id = ?";
    let connection = review_database(data);
    connection
        .query_row(place, [alert], |row| row.get(0))
        .unwrap()
}
