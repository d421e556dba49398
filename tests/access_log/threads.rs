//! Many that write, one that reads, and a clock that goes on.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fundwatch::access_log::{AccessLog, LogError, Options, Query, verify};
use fundwatch::metric::{Metrics, Names};
use fundwatch::web::{AccessAction, AccessEntry, Ledger, Stage, Subject};

use crate::support::{DAY, Hands, JANUARY, entries, entry, folder, lines, options};

const THREADS: usize = 8;
const EACH: usize = 60;

#[test]
fn no_entry_is_lost_while_many_write_and_one_reads() {
    let data = tempfile::tempdir().expect("a directory");
    let metrics = Metrics::new(&Names::default()).expect("no names");
    let mut of_log = Options::new(metrics.clone());
    // Often, so that it happens between and beside.
    of_log.checkpoint_every = Duration::from_millis(5);
    of_log.verify_every = Some(Duration::from_millis(20));
    let log = Arc::new(AccessLog::open(data.path(), of_log).expect("opened"));
    let is_over = AtomicBool::new(false);
    let written: Vec<Vec<(u64, String)>> = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut most = 0;
            while !is_over.load(Ordering::SeqCst) {
                let query = Query {
                    limit: 1000,
                    ..Query::default()
                };
                let found = log.search(&query).expect("searched").entries;
                let numbers: Vec<u64> = found.iter().map(|entry| entry.n).collect();
                // The newest first, and none between is missing.
                assert!(numbers.windows(2).all(|two| two[0] == two[1] + 1));
                assert!(numbers[0] >= most, "what was there is there");
                most = numbers[0];
            }
        });
        let writers: Vec<_> = (0..THREADS)
            .map(|thread| {
                let log = &log;
                scope.spawn(move || {
                    let one = |n| {
                        let object = format!("{thread}:{n}");
                        (log.keep(&entry(&object)).expect("kept"), object)
                    };
                    (0..EACH).map(one).collect::<Vec<_>>()
                })
            })
            .collect();
        let written = writers
            .into_iter()
            .map(|writer| writer.join().expect("no panic"));
        let written = written.collect();
        is_over.store(true, Ordering::SeqCst);
        reader.join().expect("no panic");
        written
    });
    log.close();
    assert!(log.keep(&entry("late")).is_err(), "it is over");
    let found = entries(&folder(data.path()));
    let by_number: HashMap<u64, &str> = found
        .iter()
        .filter_map(|entry| Some((entry.n, entry.object.as_deref()?)))
        .collect();
    assert_eq!(by_number.len(), THREADS * EACH);
    for of_thread in &written {
        assert!(of_thread.windows(2).all(|two| two[0].0 < two[1].0));
        for (n, object) in of_thread {
            assert_eq!(by_number[n], object);
        }
    }
    let report = verify(data.path(), &[]).expect("read");
    assert_eq!((report.damage, report.lines), (None, found.len() as u64));
    assert_eq!(report.signed, report.lines, "a stop signs");
    let told = String::from_utf8(metrics.render()).expect("UTF-8");
    let kept = format!(
        "fundwatch_audit_entries_total{{class=\"read\"}} {}\n",
        THREADS * EACH
    );
    assert!(told.contains(&kept), "{told}");
    assert!(told.contains("fundwatch_audit_verification_failures_total 0\n"));
    assert!(told.contains("\nfundwatch_audit_checkpoint_timestamp_seconds 1"));
}

#[test]
fn a_reveal_is_counted_once_it_is_durable() {
    let data = tempfile::tempdir().expect("a directory");
    let metrics = Metrics::new(&Names::default()).expect("no names");
    let log = AccessLog::open(data.path(), Options::new(metrics.clone())).expect("opened");
    let count = |role: &str| {
        let told = String::from_utf8(metrics.render()).expect("UTF-8");
        let series =
            format!("fundwatch_pii_reveals_total{{purpose=\"identity_check\",role=\"{role}\"}} ");
        let mut lines = told.lines().filter_map(|line| line.strip_prefix(&series));
        lines.next().map(str::to_owned)
    };
    assert_eq!(
        count("reviewer").as_deref(),
        Some("0"),
        "there from the start"
    );
    let reveal = AccessEntry::new("an", "reviewer", AccessAction::Reveal, Stage::done(1));
    log.record(&reveal.purpose("identity_check")).expect("kept");
    // What is no id is refused, and not counted.
    let refused = reveal.purpose("identity_check").object("001090012345");
    assert!(log.record(&refused).is_err());
    assert_eq!(count("reviewer").as_deref(), Some("1"));
    assert_eq!(count("supervisor").as_deref(), Some("0"));
}

#[test]
fn it_is_opened_again_and_goes_on_in_the_file_of_the_month() {
    let data = tempfile::tempdir().expect("a directory");
    let hands = Hands::at(JANUARY);
    let open = || AccessLog::open(data.path(), options(&hands)).expect("opened");
    for n in 0..6 {
        let log = open();
        log.record(&entry(&format!("e{n}"))).expect("kept");
        hands.go(11 * DAY);
        if n == 3 {
            // The clock is put back over the end of a month.
            hands.go(-15 * DAY);
            log.record(&entry("back")).expect("kept");
            hands.go(15 * DAY);
        }
    }
    let found = entries(&folder(data.path()));
    assert!(
        found
            .iter()
            .enumerate()
            .all(|(at, entry)| entry.n == at as u64 + 1)
    );
    let objects: Vec<&str> = found
        .iter()
        .filter_map(|entry| entry.object.as_deref())
        .collect();
    assert_eq!(objects, ["e0", "e1", "e2", "e3", "back", "e4", "e5"]);
    let mut names: Vec<String> = std::fs::read_dir(data.path().join("access-log"))
        .expect("there")
        .map(|entry| {
            entry
                .expect("read")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .collect();
    names.sort();
    names.retain(|name| !name.ends_with("-wal") && !name.ends_with("-shm"));
    let expected = [
        "2026-01.ndjson",
        "2026-02.ndjson",
        "2026-03.ndjson",
        // The last stop signed.
        "2026-04.ndjson",
        "checkpoints",
        "index.db",
        "lock",
        "state",
    ];
    assert_eq!(names, expected);
    let mode = |name: &str| {
        let metadata = std::fs::metadata(data.path().join(name)).expect("there");
        metadata.permissions().mode() & 0o777
    };
    for name in expected {
        assert_eq!(mode(&format!("access-log/{name}")), 0o600, "{name}");
    }
    assert_eq!(mode("keys/access-log.key"), 0o600);
    assert_eq!((mode("access-log"), mode("keys")), (0o700, 0o700));
    assert_eq!(verify(data.path(), &[]).expect("read").damage, None);
}

#[test]
fn a_line_has_what_the_page_says() {
    let data = tempfile::tempdir().expect("a directory");
    let log = AccessLog::open(data.path(), options(&Hands::at(JANUARY))).expect("opened");
    let entry = AccessEntry::new("lan", "reviewer", AccessAction::Reveal, Stage::done(1))
        .purpose("review")
        .object("0a1b")
        .subject(Subject([0xab; 8]))
        .fields(&["name"])
        .digest([7; 32])
        .request("r-1")
        .epoch(12);
    let n = log.keep(&entry).expect("kept") as usize;
    let private = AccessEntry::new("lan", "reviewer", AccessAction::Reveal, Stage::Begun);
    assert!(
        log.keep(&private.object("001090012345")).is_err(),
        "a citizen's number"
    );
    log.close();
    let lines = lines(&folder(data.path()));
    let digest = "07".repeat(32);
    let begin = format!(
        r#"{{"n":{n},"at":"2026-01-31T23:00:00.000Z","actor":"lan","role":"reviewer","action":"reveal","stage":"done","purpose":"review","object":"0a1b","subject":"abababababababab","fields":["name"],"objects":1,"digest":"{digest}","request":"r-1","epoch":12,"prev":""#
    );
    assert!(lines[n - 1].starts_with(&begin), "{}", lines[n - 1]);
    assert!(lines.iter().all(|line| !line.contains("001090012345")));
    let first: serde_json::Value = serde_json::from_str(&lines[0]).expect("JSON");
    assert_eq!(first["action"], "log_begun");
    let origin = first["origin"].as_str().expect("a name");
    let checkpoints = std::fs::read_to_string(data.path().join("access-log/checkpoints"));
    let checkpoints = checkpoints.expect("there");
    assert!(
        checkpoints.starts_with(&format!("{origin}\n2\n")),
        "{checkpoints}"
    );
    let public = std::fs::read_to_string(data.path().join("keys/access-log.pub")).expect("there");
    assert!(public.starts_with(&format!("{origin}+")), "{public}");
}

#[test]
fn one_process_writes() {
    let data = tempfile::tempdir().expect("a directory");
    let hands = Hands::at(JANUARY);
    let first = AccessLog::open(data.path(), options(&hands)).expect("opened");
    let second = AccessLog::open(data.path(), options(&hands))
        .err()
        .expect("refused");
    assert!(matches!(second, LogError::InUse { .. }), "{second}");
    drop(first);
    AccessLog::open(data.path(), options(&hands)).expect("free again");
}

#[test]
fn a_log_that_is_changed_while_it_runs_is_counted() {
    let data = tempfile::tempdir().expect("a directory");
    let metrics = Metrics::new(&Names::default()).expect("no names");
    let mut of_log = Options::new(metrics.clone());
    of_log.verify_every = Some(Duration::from_millis(10));
    let log = AccessLog::open(data.path(), of_log).expect("opened");
    log.keep(&entry("seen")).expect("kept");
    let failures = || {
        let told = String::from_utf8(metrics.render()).expect("UTF-8");
        !told.contains("fundwatch_audit_verification_failures_total 0\n")
    };
    std::thread::sleep(Duration::from_millis(100));
    assert!(!failures());
    let folder = data.path().join("access-log");
    let names = std::fs::read_dir(&folder).expect("there");
    let mut paths = names.map(|entry| entry.expect("read").path());
    let month = paths.find(|path| path.extension().is_some_and(|ext| ext == "ndjson"));
    let month = month.expect("a month");
    let text = std::fs::read_to_string(&month).expect("read");
    std::fs::write(&month, text.replace("\"seen\"", "\"sEen\"")).expect("written");
    // It is the last line, so that only the next shows it.
    log.keep(&entry("next")).expect("kept");
    let begun = std::time::Instant::now();
    while !failures() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it is not found");
        std::thread::sleep(Duration::from_millis(10));
    }
}
