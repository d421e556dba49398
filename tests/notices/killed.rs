//! Whoever is killed, nothing is lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::ports;
use crate::receiver::{Process, Receiver, Reply};
use crate::support::Files;

const NOTICES: usize = 1000;

/// How often each key was seen.
fn seen(log: &Path) -> BTreeMap<String, usize> {
    let mut seen = BTreeMap::new();
    for key in fs::read_to_string(log).unwrap_or_default().lines() {
        *seen.entry(key.to_owned()).or_default() += 1;
    }
    seen
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn ended(mut child: Child, within: Duration) -> Option<i32> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if started.elapsed() > within {
            child.kill().unwrap();
            panic!("the delivery goes on for {within:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// An outbox with as many notices as are sent.
fn outbox() -> Files {
    let files = Files::new();
    files.stale_cards(NOTICES);
    files.replay("run", &["--as-of", "2025-03-31"]);
    let told = files.reconcile("run");
    assert!(
        told.starts_with("Notices: 1000 opened, 0 superseded"),
        "{told}"
    );
    files
}

#[test]
fn a_receiver_killed_under_a_thousand_notices_loses_none() {
    let more = "first_retry = \"20ms\"\nlongest_retry = \"200ms\"\n\
        first_pause = \"50ms\"\nlongest_pause = \"200ms\"\n";
    killed_for(Duration::from_secs(2), more);
}

#[test]
#[ignore = "it takes more than a minute"]
fn a_receiver_killed_for_a_minute_loses_none_with_the_usual_settings() {
    killed_for(Duration::from_secs(60), "");
}

/// A receiver that is killed under the notices, and comes back after a time. `more` are settings of the sink.
fn killed_for(down: Duration, more: &str) {
    let files = outbox();
    let (address, log) = (ports::free_address(), files.path("seen.txt"));
    files.write(
        "sinks.toml",
        &format!(
            "[[sink]]\nname = \"hub\"\ndatabase = \"insurance\"\nkind = \"webhook\"\n\
             url = \"http://{address}/notices\"\nsecret_file = \"secret\"\n{more}"
        ),
    );
    let receiver = Process::start(address, &log);
    let delivery = files.start_delivery();
    wait_until("the delivery begins", || seen(&log).len() >= 100);
    drop(receiver);
    let before = seen(&log).len();
    assert!(before < NOTICES, "it is killed in the middle");
    std::thread::sleep(down);
    let back = Instant::now();
    let receiver = Process::start(address, &log);
    assert_eq!(ended(delivery, down + Duration::from_secs(120)), Some(0));
    let after = back.elapsed();
    drop(receiver);

    let seen = seen(&log);
    assert_eq!(seen.len(), NOTICES, "each key is seen");
    let mut keys = files.keys("delivered");
    keys.sort_unstable();
    assert!(
        keys.iter().eq(seen.keys()),
        "and they are those of the notices"
    );
    let listed = files.list(&["--state", "delivered"]);
    let notices = listed["notices"].as_array().unwrap();
    let attempts: u64 = notices
        .iter()
        .map(|one| one["attempts"].as_u64().unwrap())
        .sum();
    let requests: usize = seen.values().sum();
    println!(
        "down {down:?} after {before} of {NOTICES}; all delivered {after:?} after it was back; \
         {requests} requests seen, {attempts} attempts begun"
    );
    // Four were under way when it was killed, and while it was down it was asked now and then.
    assert!(requests <= NOTICES + 4, "{requests}");
    assert!(attempts <= NOTICES as u64 + 60, "{attempts}");
}

#[test]
fn a_delivery_that_is_killed_goes_on_where_it_was() {
    let files = outbox();
    let receiver = Receiver::new(|_| Reply::status(200).after(Duration::from_millis(2)));
    files.webhook(&receiver.url(), "");
    let mut kills = 0;
    for goal in [50, 300, 600, 900] {
        let mut delivery = files.start_delivery();
        wait_until("it delivers", || receiver.requests().len() >= goal);
        delivery.kill().unwrap();
        kills += usize::from(delivery.wait().unwrap().code().is_none());
    }
    assert_eq!(kills, 4, "each was killed in the middle");
    files.deliver(0, &["--until-empty"]);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for request in receiver.requests() {
        assert!(request.is_signed());
        *seen.entry(request.key().to_owned()).or_default() += 1;
    }
    assert_eq!(seen.len(), NOTICES);
    let mut delivered = files.keys("delivered");
    delivered.sort_unstable();
    assert!(delivered.iter().eq(seen.keys()));
    let twice = seen.values().filter(|times| **times > 1).count();
    assert!(
        twice <= 4 * kills,
        "{twice} more than once: those under way when it was killed"
    );
}

#[test]
fn a_reconciliation_that_is_killed_is_whole_or_was_not() {
    let files = Files::new();
    files.stale_cards(8000);
    files.replay("run", &["--as-of", "2025-03-31"]);
    let mut wholes = [0, 0];
    for millis in [0, 5, 10, 20, 30, 50, 80, 120, 200] {
        for name in ["notices.db", "notices.db-wal", "notices.db-shm"] {
            let _ = fs::remove_file(files.path(name));
        }
        let mut command = files.command("reconcile", &["--run", "run"]);
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(millis));
        child.kill().unwrap();
        let was_killed = child.wait().unwrap().code().is_none();
        let told = files.reconcile("run");
        let is_whole =
            told.starts_with("Notices: 0 opened, 0 superseded, 0 cancelled, 8000 as they were");
        let was_not =
            told.starts_with("Notices: 8000 opened, 0 superseded, 0 cancelled, 0 as they were");
        assert!(is_whole || was_not, "{told}");
        wholes[usize::from(is_whole)] += usize::from(was_killed);
        assert_eq!(files.list(&["--state", "no_sink"])["matching"], 8000);
    }
    assert!(
        wholes[0] > 0,
        "some were killed before they were done: {wholes:?}"
    );
}
