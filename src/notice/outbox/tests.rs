use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::authenticate::{Basis, Confidence, Database, Field};
use crate::notice::{Content, Findings, Moment, Proposal, Target, Told};
use crate::record::Stream;
use crate::rule::{Reason, ReasonSet};

const NOW: Moment = Moment(1_764_000_000_000);

fn frontier(day: i32) -> Frontier {
    let as_of = Day::from_number(20_000 + day);
    let at = Instant::on(as_of, 3600).expect("in range");
    Frontier { as_of, at }
}

fn found(day: i32, computed: ReasonSet, proposals: Vec<Proposal>) -> Findings {
    Findings {
        frontier: frontier(day),
        computed,
        proposals,
    }
}

fn proposal(database: Database, key: &str, proposed: &str, reason: Reason) -> Proposal {
    Proposal {
        target: Target {
            database,
            stream: Stream::Citizens,
            key: Told::of(&key),
            field: Field::DeathDate,
        },
        content: Content {
            current: Some(Told::of(&"2020-01-01")),
            proposed: Some(Told::of(&proposed)),
            since: None,
            confidence: Confidence::Medium,
            basis: Basis::DefaultDay,
            reasons: vec![reason],
        },
        alert_ids: Vec::new(),
        alert_count: None,
        employments: None,
    }
}

fn of_population(pairs: &[(&str, &str)]) -> Vec<Proposal> {
    let of = |(key, proposed): &(&str, &str)| {
        proposal(
            Database::Population,
            key,
            proposed,
            Reason::ServiceAfterDeath,
        )
    };
    pairs.iter().map(of).collect()
}

struct Files {
    directory: tempfile::TempDir,
}

impl Files {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        Self { directory }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("notices.db")
    }

    fn outbox(&self) -> Outbox {
        Outbox::open_or_create(&self.path()).expect("an outbox")
    }
}

fn reconcile(outbox: &mut Outbox, day: i32, pairs: &[(&str, &str)]) -> [u64; 4] {
    let done = outbox
        .reconcile(found(day, ReasonSet::ALL, of_population(pairs)), NOW, false)
        .expect("reconciled");
    [done.opened, done.superseded, done.cancelled, done.kept]
}

/// Every version, by record and number: its kind and its key.
fn versions(outbox: &Outbox) -> BTreeMap<(String, u32), (String, String)> {
    let query =
        "SELECT t.record, n.version, n.kind, n.key FROM notice n JOIN target t ON t.id = n.target";
    let mut query = outbox.connection.prepare(query).expect("a query");
    let rows = query
        .query_map([], |row| {
            Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?)))
        })
        .expect("rows");
    rows.collect::<Result<_, _>>().expect("rows")
}

/// Everything in the outbox, as text.
fn dump(outbox: &Outbox) -> String {
    let mut text = String::new();
    for table in ["meta", "target", "notice", "sink", "delivery"] {
        let mut query = outbox
            .connection
            .prepare(&format!("SELECT * FROM {table}"))
            .expect("a query");
        let columns = query.column_count();
        let mut rows = query.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            for column in 0..columns {
                text.push_str(&format!("{:?}|", row.get_ref(column).expect("a value")));
            }
            text.push('\n');
        }
    }
    text
}

#[test]
fn versions_follow_what_is_found() {
    let files = Files::new();
    let mut outbox = files.outbox();
    assert_eq!(
        reconcile(&mut outbox, 0, &[("a", "2020"), ("b", "2020")]),
        [2, 0, 0, 0]
    );
    assert_eq!(
        reconcile(&mut outbox, 1, &[("a", "2020"), ("b", "2021")]),
        [0, 1, 0, 1]
    );
    assert_eq!(
        reconcile(&mut outbox, 2, &[("b", "2021"), ("c", "2020")]),
        [1, 0, 1, 1]
    );
    assert_eq!(
        reconcile(&mut outbox, 3, &[("a", "2020"), ("b", "2021")]),
        [1, 0, 1, 1]
    );
    let kinds: Vec<(String, u32, String)> = versions(&outbox)
        .into_iter()
        .map(|((record, version), (kind, _))| (record, version, kind))
        .collect();
    let kind = |record: &str, version, kind: &str| (record.to_owned(), version, kind.to_owned());
    assert_eq!(
        kinds,
        [
            kind("a", 1, "proposed"),
            kind("a", 2, "cancelled"),
            kind("a", 3, "proposed"),
            kind("b", 1, "proposed"),
            kind("b", 2, "proposed"),
            kind("c", 1, "proposed"),
            kind("c", 2, "cancelled"),
        ]
    );
    let mut keys: Vec<String> = versions(&outbox)
        .into_values()
        .map(|(_, key)| key)
        .collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 7, "every version has a key of its own");
}

#[test]
fn the_same_again_changes_nothing() {
    let files = Files::new();
    let mut outbox = files.outbox();
    reconcile(&mut outbox, 0, &[("a", "2020"), ("b", "2020")]);
    let before = dump(&outbox);
    assert_eq!(
        reconcile(&mut outbox, 0, &[("b", "2020"), ("a", "2020")]),
        [0, 0, 0, 2]
    );
    assert_eq!(dump(&outbox), before);
    // Another process finds it as it was, under the same keys.
    drop(outbox);
    let mut outbox = files.outbox();
    assert_eq!(
        reconcile(&mut outbox, 0, &[("a", "2020"), ("b", "2020")]),
        [0, 0, 0, 2]
    );
    assert_eq!(dump(&outbox), before);
}

#[test]
fn an_earlier_frontier_is_refused_unless_it_is_meant() {
    let files = Files::new();
    let mut outbox = files.outbox();
    reconcile(&mut outbox, 5, &[("a", "2020")]);
    let before = dump(&outbox);
    let refused = outbox.reconcile(found(4, ReasonSet::ALL, Vec::new()), NOW, false);
    let refused = refused.expect_err("refused");
    assert!(matches!(refused, OutboxError::Earlier { .. }));
    assert!(refused.to_string().contains("--allow-earlier"), "{refused}");
    assert_eq!(dump(&outbox), before);
    let done = outbox.reconcile(found(4, ReasonSet::ALL, Vec::new()), NOW, true);
    assert_eq!(done.expect("meant").cancelled, 1);
    assert_eq!(outbox.frontier().expect("read"), Some(frontier(4)));
}

#[test]
fn reasons_that_were_not_looked_at_say_nothing() {
    let files = Files::new();
    let mut outbox = files.outbox();
    let stale = proposal(Database::Insurance, "a", "2020", Reason::StaleCard);
    let late = proposal(Database::Population, "b", "2020", Reason::ServiceAfterDeath);
    let both = vec![stale, late];
    let all = outbox.reconcile(found(0, ReasonSet::ALL, both), NOW, false);
    assert_eq!(all.expect("reconciled").opened, 2);
    let only = ReasonSet::from_iter([Reason::StaleCard]);
    let done = outbox.reconcile(found(1, only, Vec::new()), NOW, false);
    assert_eq!(done.expect("reconciled").cancelled, 1);
    assert_eq!(versions(&outbox).len(), 3);
}

#[test]
fn two_proposals_of_one_value_are_refused_whole() {
    let files = Files::new();
    let mut outbox = files.outbox();
    let twice = of_population(&[("a", "2020"), ("079044000027", "1"), ("079044000027", "2")]);
    let refused = outbox.reconcile(found(0, ReasonSet::ALL, twice), NOW, false);
    let refused = refused.expect_err("refused");
    assert!(matches!(refused, OutboxError::Twice { .. }));
    assert!(!refused.to_string().contains("079044"), "{refused}");
    assert!(versions(&outbox).is_empty());
}

#[test]
fn a_sink_gets_what_holds_when_it_comes() {
    let files = Files::new();
    let mut outbox = files.outbox();
    reconcile(&mut outbox, 0, &[("a", "2020"), ("b", "2020")]);
    reconcile(&mut outbox, 1, &[("a", "2021")]);
    let sink = Registered {
        name: "hub",
        database: Database::Population,
        kind: "webhook",
    };
    outbox.register(&[sink], NOW).expect("registered");
    let states = |outbox: &mut Outbox| {
        let filter = Filter {
            state: None,
            sink: None,
            limit: 10,
            stuck_before: Moment(0),
        };
        outbox.list(&filter).expect("listed").sinks[0].counts
    };
    // Version 2 of a; that of b is a cancellation of what this sink never saw.
    assert_eq!(states(&mut outbox), [1, 0, 0, 0, 1]);
    let other = Registered {
        database: Database::Health,
        ..sink
    };
    let refused = outbox.register(&[other], NOW).expect_err("refused");
    assert!(
        refused.to_string().contains("`population`, not `health`"),
        "{refused}"
    );
}

#[test]
fn a_cancellation_is_sent_exactly_where_something_may_have_arrived() {
    use std::collections::HashSet;
    for (was_begun, is_unneeded) in [(false, 1), (true, 0)] {
        let files = Files::new();
        let mut outbox = files.outbox();
        let sink = Registered {
            name: "hub",
            database: Database::Population,
            kind: "webhook",
        };
        outbox.register(&[sink], NOW).expect("registered");
        reconcile(&mut outbox, 0, &[("a", "2020")]);
        if was_begun {
            let begun = outbox.turn(&[], &[], &[("hub", 1)], &HashSet::new(), NOW);
            assert_eq!(begun.expect("begun").len(), 1);
            // Here the process is killed: nobody knows what became of the attempt.
        }
        drop(outbox);
        let mut outbox = files.outbox();
        reconcile(&mut outbox, 1, &[]);
        let counts: Vec<(String, i64)> = {
            let query = "SELECT state, count(*) FROM delivery GROUP BY state ORDER BY state";
            let mut query = outbox.connection.prepare(query).expect("a query");
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
            rows.expect("rows").collect::<Result<_, _>>().expect("rows")
        };
        let count = |state: &str| {
            counts
                .iter()
                .find(|(one, _)| one == state)
                .map_or(0, |(_, n)| *n)
        };
        assert_eq!(count("superseded"), 1, "{counts:?}");
        assert_eq!(
            (count("unneeded"), count("pending")),
            (is_unneeded, 1 - is_unneeded)
        );
    }
}

#[test]
fn its_owner_alone_can_read_it() {
    let files = Files::new();
    let mut outbox = files.outbox();
    reconcile(&mut outbox, 0, &[("a", "2020")]);
    let entries = std::fs::read_dir(files.directory.path()).expect("read");
    for entry in entries {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("metadata").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", entry.file_name());
    }
}

#[test]
fn other_files_are_told_from_outboxes_and_left_alone() {
    let files = Files::new();
    let absent = Outbox::open(&files.path());
    assert!(matches!(absent, Err(OutboxError::Absent { .. })));
    std::fs::write(files.path(), "recorded_at,key\n".repeat(100)).expect("written");
    let text = Outbox::open_or_create(&files.path());
    assert!(matches!(text, Err(OutboxError::NotAnOutbox { .. })));
    std::fs::remove_file(files.path()).expect("removed");
    let other = Connection::open(files.path()).expect("a database");
    other
        .execute_batch("CREATE TABLE theirs (a)")
        .expect("made");
    drop(other);
    let before = std::fs::read(files.path()).expect("read");
    let database = Outbox::open_or_create(&files.path());
    assert!(matches!(database, Err(OutboxError::NotAnOutbox { .. })));
    assert_eq!(std::fs::read(files.path()).expect("read"), before);
    std::fs::remove_file(files.path()).expect("removed");
    let outbox = files.outbox();
    outbox
        .connection
        .pragma_update(None, "user_version", 2)
        .expect("set");
    drop(outbox);
    let later = Outbox::open(&files.path());
    assert!(matches!(later, Err(OutboxError::Later { format: 2, .. })));
}

#[test]
fn one_process_delivers() {
    let files = Files::new();
    let outbox = files.outbox();
    let lock = outbox.lock().expect("a lock");
    assert!(matches!(outbox.lock(), Err(OutboxError::InDelivery { .. })));
    drop(lock);
    assert!(outbox.lock().is_ok());
}

#[test]
fn another_process_that_makes_the_file_is_waited_for() {
    let files = Files::new();
    let mut other = Connection::open(files.path()).expect("a connection");
    let behavior = TransactionBehavior::Immediate;
    let held = other.transaction_with_behavior(behavior).expect("held");
    std::thread::scope(|scope| {
        let made = scope.spawn(|| files.outbox());
        std::thread::sleep(Duration::from_millis(100));
        held.rollback().expect("let go");
        let mut outbox = made.join().expect("it waits");
        assert_eq!(reconcile(&mut outbox, 0, &[("a", "2020")]), [1, 0, 0, 0]);
    });
}
