//! The self-replay that the service makes by itself, the command, what metrics tell, and what is signed.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fundwatch::audit::SigningKey;
use fundwatch::detector::Detector;
use fundwatch::record::{Day, Instant};
use fundwatch::replay::{self, JournalInput, Silent};
use fundwatch::store::AlertState;
use serde_json::Value;

use crate::running::{Data, Running, until};
use crate::self_replay_served::{change, serve, stored};
use crate::support::{fails, lines, succeeds};

/// A key of nobody.
const KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Instant::from_nanos(i64::try_from(since.as_nanos()).unwrap())
}

/// The local day.
pub fn today() -> Day {
    now().day()
}

/// The second of the local day.
fn second() -> i64 {
    now().local_nanos() / 1_000_000_000 % 86_400
}

/// A configuration by which it is time in some seconds.
fn soon() -> String {
    let at = second() + 4;
    let (hour, minute, second) = (at / 3600, at / 60 % 60, at % 60);
    format!("[self_replay]\nat = \"{hour:02}:{minute:02}:{second:02}\"\n")
}

/// Waits while the day in Vietnam is about to end, so that it is the same day for a while.
fn on_one_day() -> Day {
    while second() > 86_400 - 90 {
        std::thread::sleep(Duration::from_secs(1));
    }
    today()
}

/// What a metric without labels says; none where it is absent.
fn told(running: &Running, metric: &str) -> Option<f64> {
    let page = running.metrics().body;
    let mut lines = page.lines().filter_map(|line| line.strip_prefix(metric));
    let value = lines.find_map(|rest| rest.strip_prefix(' '))?;
    Some(value.parse().unwrap())
}

const MISMATCHED: &str = "fundwatch_self_replay_mismatched_decisions";
const LAST: &str = "fundwatch_self_replay_last_success_timestamp_seconds";

fn stop(mut running: Running) {
    running.process.terminate();
    assert!(running.process.ended(Duration::from_secs(60)).success());
}

/// Replays the journal and signs it, as a build of a revision would.
fn sign(data: &Path, output: &Path) -> Result<(), String> {
    let key = data.join("auditors.key");
    fs::write(&key, KEY).unwrap();
    let options = replay::Options {
        journal: Some(JournalInput::default()),
        signing_key: Some(Arc::new(SigningKey::read(&key).unwrap())),
        ..replay::Options::new(data, output)
    };
    let run = replay::run(&options, &mut Silent);
    run.map(drop).map_err(|error| error.to_string())
}

#[test]
fn every_night_is_told_and_a_difference_keeps_a_replay_from_being_signed() {
    let data = Data::new();
    let place = data.path();
    let named = place.to_str().unwrap();
    let today = on_one_day();
    let days = [-3, -2, -1].map(|back| today.plus(back));
    serve(&place, &days, (&Detector::default(), 400));
    let output = tempfile::tempdir().unwrap();
    // Before the first self-replay a replay is signed, and states none.
    sign(&place, output.path()).unwrap();
    let manifest = || -> Value {
        let text = fs::read_to_string(output.path().join("manifest.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let stated = |manifest: &Value| {
        let byproduct = &manifest["predicate"]["byproducts"][0]["annotations"];
        byproduct["self_replay"].clone()
    };
    assert_eq!(stated(&manifest()), Value::Null);

    // A crash left something of people.
    let left = place.join("self-replay");
    fs::create_dir(&left).unwrap();
    fs::write(left.join("rows"), "of a crash").unwrap();
    let began = now();
    let running = Running::start(&data, &format!("{}persons = \"all\"\n", soon()));
    assert_eq!(told(&running, MISMATCHED), None, "nothing is known yet");
    until("a self-replay", Duration::from_secs(60), || {
        told(&running, LAST)
    });
    assert!(!left.exists());
    assert_eq!(told(&running, MISMATCHED), Some(0.0));
    assert_eq!(
        told(&running, "fundwatch_self_replay_covered_ratio"),
        Some(1.0)
    );
    let ended = told(&running, LAST).unwrap();
    assert!(ended >= began.nanos() as f64 / 1e9, "{ended}");
    assert!(told(&running, "fundwatch_self_replay_duration_seconds").unwrap() > 0.0);
    // By hand, beside it.
    let said = succeeds(&["self-replay", "--data", named]);
    assert!(said.contains("decisions that differ: 0"), "{said}");
    assert!(said.contains(&format!("the day is {}", days[2])), "{said}");
    stop(running);

    // What is signed states what was found.
    sign(&place, output.path()).unwrap();
    let self_replay = stated(&manifest());
    assert_eq!(self_replay["day"], days[2].to_string());
    assert_eq!(self_replay["persons"], "all");
    assert_eq!(self_replay["mismatched_decisions"], 0);
    let run = output.path().to_str().unwrap();
    succeeds(&["verify", run]);

    // Somebody changes the store. It is found by hand, told by the service, and survives a restart.
    let backup = fs::read(place.join("alerts.db")).unwrap();
    let all = stored(&place);
    let gone = all
        .iter()
        .find(|one| one.state == AlertState::Active)
        .unwrap();
    change(
        &place,
        &format!(
            "UPDATE alerts SET sealed = zeroblob(90) WHERE alert_id = '{}'",
            gone.id
        ),
    );
    // First a night fails, since another one runs. That is logged, and takes nothing from what is known.
    let before = kept_in(&place);
    let lock = File::options()
        .write(true)
        .open(place.join("self-replay.lock"))
        .unwrap();
    lock.lock().unwrap();
    on_one_day();
    let running = Running::start(&data, &soon());
    until("a night that fails", Duration::from_secs(60), || {
        let log = fs::read_to_string(place.join("serve.log")).unwrap();
        log.contains("the self-replay failed").then_some(())
    });
    drop(lock);
    assert_eq!(kept_in(&place), before);
    assert!(told(&running, LAST).is_some_and(|since| since >= ended));
    assert_eq!(told(&running, MISMATCHED), Some(0.0));
    fails(1, &["self-replay", "--data", named]);
    until("what was found by hand", Duration::from_secs(30), || {
        told(&running, MISMATCHED).filter(|told| *told > 0.0)
    });
    assert_eq!(told(&running, MISMATCHED), Some(1.0));
    stop(running);
    let kept = &kept_in(&place)["last"];
    assert_eq!(kept["mismatched_decisions"], 1);
    assert_eq!(kept["differing"][0]["alert_id"], gone.id);
    assert_eq!(kept["differing"][0]["differences"][0], "unreadable");
    let running = Running::start(&data, "[self_replay]\nat = \"off\"\n");
    until("what is kept", Duration::from_secs(30), || {
        told(&running, MISMATCHED).filter(|told| *told > 0.0)
    });
    stop(running);
    let refused = sign(&place, output.path()).unwrap_err();
    assert!(refused.contains("no replay of it is signed"), "{refused}");
    assert!(refused.contains("fundwatch self-replay"), "{refused}");
    // A part that finds nothing takes nothing back of all.
    fs::write(place.join("alerts.db"), &backup).unwrap();
    for name in ["alerts.db-wal", "alerts.db-shm"] {
        let _ = fs::remove_file(place.join(name));
    }
    succeeds(&["self-replay", "--data", named, "--slice", "0/4"]);
    assert!(sign(&place, output.path()).is_err());
    succeeds(&["self-replay", "--data", named]);
    sign(&place, output.path()).unwrap();
    assert!(!lines(output.path(), "alerts.ndjson").is_empty());
}

/// What is kept of self-replays.
fn kept_in(data: &Path) -> Value {
    let text = fs::read_to_string(data.join("self-replay.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}
