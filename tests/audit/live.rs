//! A running service, what it exports, and the replay of its journal: the same, and explained from the journal.

use std::fs;
use std::time::Duration;

use crate::running::{Country, Data, Running, get_as, until};
use crate::support::{lines, succeeds};

#[test]
fn what_a_service_decided_is_held_against_the_replay_of_its_journal() {
    let (data, country) = (Data::new(), Country::new(1_000));
    let token = data.token("auditor");
    let mut running = Running::start(&data, "").ready();
    running.push_all(&country);
    // What was pushed is stored as well.
    until("all is stored", Duration::from_secs(60), || {
        let ready = running.ops("/readyz")?.json();
        let details = &ready["details"];
        let is_stored = details["sealed_epoch"].as_u64()? == details["committed_epoch"].as_u64()?;
        is_stored.then_some(())
    });
    let exports = tempfile::tempdir().unwrap();
    for name in ["alerts.ndjson", "history.ndjson"] {
        let export = get_as(&token, &format!("http://{}/v1/{name}", running.api));
        fs::write(exports.path().join(name), export).unwrap();
    }
    running.process.terminate();
    assert!(running.process.ended(Duration::from_secs(60)).success());
    let replayed = tempfile::tempdir().unwrap();
    let [data_place, run] =
        [data.path(), replayed.path().to_owned()].map(|path| path.to_str().unwrap().to_owned());
    succeeds(&["replay", "--journal", &data_place, "--output", &run]);
    succeeds(&["verify", &format!("{run}/manifest.json"), "--rerun"]);
    let exported = exports.path().to_str().unwrap();
    succeeds(&["diff", exported, &run, "--exit-code"]);
    assert!(!lines(exports.path(), "alerts.ndjson").is_empty());
    // And an alert of it is explained from the journal.
    let alerts = lines(replayed.path(), "alerts.ndjson");
    let id = alerts[0]["alert_id"].as_str().unwrap();
    let pack = exports.path().join("pack.json");
    let pack = pack.to_str().unwrap();
    let page = succeeds(&["explain", "--run", &run, id, "--pack", pack]);
    assert!(page.contains("epochs/"), "{page}");
    succeeds(&["verify", pack, "--input", &data_place]);
}
