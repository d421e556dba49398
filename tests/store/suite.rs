//! What every store must do.

use fundwatch::store::{
    self, AlertChange, AlertState, Commit, HistoryKind, Opening, Pruning, RejectFilter,
    SettledReject, StoreError, StoreKey,
};

use crate::backend::{Backend, JOURNAL, key};
use crate::inputs::reject;
use crate::made::{
    alert, alerts_exported, count, dump, empty, event, every_alert, history_exported, holds, id,
    raising, withdrawing,
};

fn commit(written: usize, repeated: usize) -> Commit {
    Commit { written, repeated }
}

pub fn what_is_committed_is_there_after_reopening(backend: &Backend) {
    let mut store = backend.open();
    assert_eq!(store.reads().committed().expect("read").epoch, None);
    let mut first = raising(1, 0..50);
    first.clock_day = Some(20_109);
    let group = [first, raising(2, 50..60), empty(3)];
    assert_eq!(store.commit(&group).expect("committed"), commit(3, 0));
    let before = dump(store.reads());
    drop(store);

    let mut store = backend.open();
    assert_eq!(dump(store.reads()), before);
    assert_eq!(dump(&mut *backend.reader()), before);
    let committed = store.reads().committed().expect("read");
    assert_eq!(
        (committed.epoch, committed.clock_day),
        (Some(3), Some(20_109))
    );
    assert_eq!((committed.journal_id, committed.generation), (JOURNAL, 1));
    let stored = store.reads().alert(&id(7)).expect("read").expect("stored");
    assert_eq!(stored.alert, alert(7, 1, 0));
    assert_eq!(
        (stored.state, stored.changed_epoch),
        (AlertState::Active, 1)
    );
    assert_eq!(store.reads().alert(&id(60)).expect("read"), None);
    for epoch in &group {
        let record = store.reads().epoch(epoch.epoch).expect("read");
        assert_eq!(record, Some(epoch.record()));
    }
    assert_eq!(store.reads().epoch(4).expect("read"), None);
    let mut lines: Vec<String> = (0..50).map(|one| alert(one, 1, 0).line).collect();
    lines.extend((50..60).map(|one| alert(one, 2, 0).line));
    lines.sort_unstable_by_key(|line| line[13..45].to_owned());
    assert_eq!(alerts_exported(store.reads()), lines);
    let history = history_exported(store.reads(), 0);
    assert_eq!(history.len(), 60);
    assert_eq!(history_exported(store.reads(), 2), history[50..]);
    assert!(history_exported(store.reads(), 3).is_empty());
    assert!(history_exported(store.reads(), u64::MAX).is_empty());
    store.reads().ping().expect("there");
}

pub fn the_same_epoch_again_changes_nothing(backend: &Backend) {
    let mut store = backend.open();
    let epochs = [raising(1, 0..9), withdrawing(2, 0..3), raising(3, 20..25)];
    assert_eq!(store.commit(&[]).expect("nothing"), commit(0, 0));
    store.commit(&epochs[..2]).expect("committed");
    let before = dump(store.reads());
    assert_eq!(store.commit(&epochs[..2]).expect("again"), commit(0, 2));
    assert_eq!(store.commit(&epochs[..1]).expect("again"), commit(0, 1));
    assert_eq!(dump(store.reads()), before);
    drop(store);
    let mut store = backend.open();
    assert_eq!(store.commit(&epochs).expect("again"), commit(1, 2));
    assert_eq!(count(store.reads(), AlertState::Active), 11);
    // The order within an epoch says nothing.
    let mut turned = epochs.clone();
    turned.iter_mut().for_each(|one| one.alerts.reverse());
    turned.iter_mut().for_each(|one| one.history.reverse());
    assert_eq!(store.commit(&turned).expect("again"), commit(0, 3));
}

pub fn other_outputs_of_a_committed_epoch_are_refused(backend: &Backend) {
    let mut store = backend.open();
    let good = [raising(1, 0..9), raising(2, 10..12), raising(3, 20..21)];
    store.commit(&good).expect("committed");
    let before = dump(store.reads());
    let mut others = [good.clone(), good.clone(), good.clone()];
    let AlertChange::Holds(row) = &mut others[0][1].alerts[0] else {
        panic!("it raises");
    };
    row.line.push(' ');
    others[1][1].history[1].line.push(' ');
    others[2][1].history.pop();
    for other in others {
        let group = [&other[..], &[raising(4, [30])]].concat();
        let diverged = store.commit(&group).expect_err("diverged");
        assert!(
            matches!(diverged, StoreError::Diverged { epoch: 2 }),
            "{diverged}"
        );
        assert_eq!(dump(store.reads()), before);
    }
}

pub fn the_newer_writer_wins(backend: &Backend) {
    let mut older = backend.try_open(4).expect("opened");
    older.commit(&[raising(1, [1])]).expect("committed");
    let mut newer = backend.try_open(5).expect("opened");
    for epochs in [&[raising(2, [2])][..], &[raising(1, [1])], &[]] {
        let fenced = older.commit(epochs).expect_err("fenced");
        let is_fenced = matches!(
            fenced,
            StoreError::Fenced {
                held: 5,
                own: 4,
                ..
            }
        );
        assert!(is_fenced, "{fenced}");
    }
    let pruning = Pruning {
        keep_epochs: 1,
        requests_before: 0,
    };
    assert!(matches!(
        older.prune(pruning),
        Err(StoreError::Fenced { .. })
    ));
    assert!(matches!(
        backend.try_open(4),
        Err(StoreError::Fenced { .. })
    ));
    // It may still look, and whoever is as new may write.
    assert_eq!(older.reads().committed().expect("read").epoch, Some(1));
    newer.commit(&[raising(2, [2])]).expect("committed");
    let mut equal = backend.try_open(5).expect("opened");
    equal.commit(&[raising(3, [3])]).expect("committed");
    let stale = newer.commit(&[raising(3, [4])]).expect_err("diverged");
    assert!(
        matches!(stale, StoreError::Diverged { epoch: 3 }),
        "{stale}"
    );
}

pub fn another_journal_is_refused(backend: &Backend) {
    let mut store = backend.open();
    store.commit(&[raising(1, [1])]).expect("committed");
    let opening = Opening {
        journal_id: *b"another journal!",
        generation: 9,
    };
    let Err(refused) = store::open(&backend.place, opening, &key()) else {
        panic!("opened");
    };
    assert!(
        matches!(refused, StoreError::WrongJournal { .. }),
        "{refused}"
    );
    let told = refused.to_string();
    // The two ids, as hexadecimal digits.
    assert!(told.contains("6a6f75726e616c206f66207465737473"), "{told}");
    assert!(told.contains("616e6f74686572206a6f75726e616c21"), "{told}");
    store
        .commit(&[raising(2, [2])])
        .expect("the right one goes on");
}

pub fn a_group_is_written_whole_or_not_at_all(backend: &Backend) {
    let mut store = backend.open();
    let gap = store.commit(&[raising(2, [1])]).expect_err("a gap");
    assert!(
        matches!(
            gap,
            StoreError::OutOfOrder {
                epoch: 2,
                committed: None,
                ..
            }
        ),
        "{gap}"
    );
    store.commit(&[raising(1, 0..4)]).expect("committed");
    let before = dump(store.reads());
    let mut unknown = withdrawing(4, [2, 99]);
    let good = || [raising(2, 10..20), withdrawing(3, 0..2)];
    let failing = |last| [&good()[..], &[last]].concat();

    let missing = store
        .commit(&failing(unknown.clone()))
        .expect_err("unknown");
    assert!(
        matches!(
            missing,
            StoreError::Unknown {
                epoch: 4,
                what: "an alert"
            }
        ),
        "{missing}"
    );
    assert_eq!(dump(store.reads()), before);
    let leap = store
        .commit(&failing(raising(5, [21])))
        .expect_err("a leap");
    assert!(
        matches!(leap, StoreError::OutOfOrder { epoch: 5, .. }),
        "{leap}"
    );
    let back = store
        .commit(&failing(raising(3, [21])))
        .expect_err("no order");
    assert!(
        matches!(back, StoreError::OutOfOrder { epoch: 3, .. }),
        "{back}"
    );
    unknown.alerts = vec![holds(alert(5, 4, 0)); 2];
    let twice = store.commit(&failing(unknown.clone())).expect_err("twice");
    assert!(
        matches!(twice, StoreError::Invalid { epoch: 4, .. }),
        "{twice}"
    );
    assert_eq!(dump(store.reads()), before);

    store.commit(&good()).expect("committed");
    assert_eq!(store.reads().committed().expect("read").epoch, Some(3));

    // A rejected row that the store never had may be one of a month that was erased before the store was filled.
    let before = store.reads().rejects(&RejectFilter::default(), 10);
    unknown.alerts.clear();
    unknown.settled.push(SettledReject {
        epoch: 1,
        ordinal: 0,
        is_repaired: true,
    });
    store.commit(&[unknown]).expect("committed");
    let after = store.reads().rejects(&RejectFilter::default(), 10);
    assert_eq!(after.expect("read"), before.expect("read"));
    assert_eq!(store.reads().committed().expect("read").epoch, Some(4));
}

pub fn a_failure_in_the_middle_leaves_nothing(backend: &Backend) {
    let mut store = backend.open();
    store.commit(&[raising(1, 0..4)]).expect("committed");
    let before = dump(store.reads());
    // The last statement of a commit but one fails, as on a disk that is full.
    backend.execute(
        "CREATE TRIGGER broken BEFORE INSERT ON epochs WHEN new.epoch = 3
            BEGIN SELECT raise(ABORT, 'subject 20001/0000000001'); END",
        "CREATE FUNCTION fundwatch.broken() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE 'subject 20001/0000000001' USING ERRCODE = '53100'; END $$;
        CREATE TRIGGER broken BEFORE INSERT ON fundwatch.epochs FOR EACH ROW
            WHEN (new.epoch = 3) EXECUTE FUNCTION fundwatch.broken()",
    );
    let group = [raising(2, 10..20), withdrawing(3, 0..2)];
    let failed = store.commit(&group).expect_err("failed");
    if !backend.is_file() {
        assert!(matches!(failed, StoreError::Full { .. }), "{failed}");
        assert!(failed.is_passing());
    }
    assert!(
        !format!("{failed} {failed:?}").contains("20001"),
        "{failed:?}"
    );
    assert_eq!(dump(store.reads()), before);
    assert_eq!(dump(&mut *backend.reader()), before);
    backend.execute(
        "DROP TRIGGER broken",
        "DROP TRIGGER broken ON fundwatch.epochs",
    );
    assert_eq!(store.commit(&group).expect("committed"), commit(2, 0));
    assert_eq!(count(store.reads(), AlertState::Active), 12);
}

pub fn alerts_come_go_and_come_again(backend: &Backend) {
    let mut store = backend.open();
    let state = |store: &mut dyn store::AlertStore| {
        let stored = store.reads().alert(&id(1)).expect("read").expect("kept");
        (stored.state, stored.changed_epoch, stored.alert)
    };
    store.commit(&[raising(1, 0..3)]).expect("committed");
    store.commit(&[withdrawing(2, [1])]).expect("committed");
    assert_eq!(
        state(&mut *store),
        (AlertState::Withdrawn, 2, alert(1, 1, 0))
    );
    assert_eq!(alerts_exported(store.reads()).len(), 2);
    store.commit(&[raising(3, [1])]).expect("committed");
    assert_eq!(state(&mut *store), (AlertState::Active, 3, alert(1, 3, 0)));
    // What a group does to one alert, the last of it counts.
    let mut changing = empty(5);
    changing.alerts = vec![holds(alert(1, 3, 1)), holds(alert(9, 5, 0))];
    changing.history = vec![event(1, 5, HistoryKind::Changed)];
    let group = [
        withdrawing(4, [0]),
        changing,
        withdrawing(6, [1, 9]),
        raising(7, [0]),
    ];
    store.commit(&group).expect("committed");
    assert_eq!(
        state(&mut *store),
        (AlertState::Withdrawn, 6, alert(1, 3, 1))
    );
    let mut archiving = empty(8);
    archiving.alerts = vec![AlertChange::Archived { alert_id: id(0) }];
    store.commit(&[archiving]).expect("committed");
    // Archived ones are kept as they were, and are none that hold.
    assert_eq!(alerts_exported(store.reads()), [alert(2, 1, 0).line]);
    let kept = store.reads().alert(&id(0)).expect("read").expect("kept");
    assert_eq!(
        (kept.state, kept.alert),
        (AlertState::Archived, alert(0, 7, 0))
    );
    let mut raised = Vec::new();
    let done = store.reads().raised(&mut |one| {
        raised.push((
            one.alert_id.to_owned(),
            one.raised_at.to_owned(),
            one.raised_epoch,
        ));
    });
    done.expect("read");
    assert_eq!(raised, [(id(2), alert(2, 1, 0).raised_at, 1)]);
    assert_eq!(count(store.reads(), AlertState::Withdrawn), 2);
    assert_eq!(count(store.reads(), AlertState::Archived), 1);
    // 3 raised, 1 withdrawn, 1 raised, 1 withdrawn, 1 changed, 2 withdrawn, 1 raised.
    assert_eq!(history_exported(store.reads(), 0).len(), 10);
}

pub fn only_old_epochs_are_forgotten(backend: &Backend) {
    let mut store = backend.open();
    let epochs: Vec<_> = (1..=10).map(|one| raising(one, [one as u32])).collect();
    store.commit(&epochs).expect("committed");
    let before = dump(store.reads());
    for (keep_epochs, gone) in [(20, 0), (10, 0), (4, 6), (4, 0), (0, 3)] {
        let pruning = Pruning {
            keep_epochs,
            requests_before: 0,
        };
        assert_eq!(
            store.prune(pruning).expect("pruned").epochs,
            gone,
            "{keep_epochs}"
        );
    }
    assert_eq!(dump(store.reads()), before);
    assert!(store.reads().epoch(9).expect("read").is_none());
    assert!(store.reads().epoch(10).expect("read").is_some());
    assert_eq!(store.commit(&epochs).expect("again"), commit(0, 10));
}

pub fn odd_texts_come_back_as_they_went(backend: &Backend) {
    let mut epoch = empty(1);
    let mut row = alert(1, 1, 0);
    row.line = format!(
        "{{\"tên\":\"Nguyễn \\u0000 'Mẫu' \\\\ %_$1 ?1 {}\"}}",
        "é".repeat(1 << 20)
    );
    row.subject_id = "20001/'; DROP TABLE alerts; --".to_owned();
    row.amount_thousandths = i64::MIN;
    row.raised_epoch = i64::MAX as u64;
    row.priority = u32::MAX;
    epoch.alerts = vec![holds(row.clone())];
    let mut refused = reject(0);
    refused.message = "a NUL: \0".to_owned();
    refused.file = Some("a\0b.csv".to_owned());
    refused.row = i64::MAX as u64;
    epoch.rejects = vec![refused];
    let mut store = backend.open();
    store.commit(&[epoch]).expect("committed");
    let stored = store.reads().alert(&id(1)).expect("read").expect("stored");
    assert!(stored.alert == row);
    assert!(alerts_exported(store.reads()) == [row.line.clone()]);
    let stored = store
        .reads()
        .rejects(&RejectFilter::default(), 1)
        .expect("read");
    assert_eq!(stored[0].reject.message, "a NUL: \u{fffd}");
    assert_eq!(stored[0].reject.file.as_deref(), Some("a\u{fffd}b.csv"));
    // What would not come back is refused.
    let mut bad = [empty(2), empty(2), empty(2)];
    row.line = "{}\n{}".to_owned();
    bad[0].alerts = vec![holds(row.clone())];
    row.line = "{}".to_owned();
    row.subject_id = "\0".to_owned();
    bad[1].alerts = vec![holds(row)];
    bad[2].rows = u64::MAX;
    for epoch in bad {
        let refused = store.commit(&[epoch]).expect_err("refused");
        assert!(
            matches!(refused, StoreError::Invalid { epoch: 2, .. }),
            "{refused}"
        );
    }
    // Nothing that is shown for debugging tells whom an alert is about.
    let shown = format!("{:?}", raising(1, [1]));
    assert!(!shown.contains("20001"), "{shown}");
}

pub fn a_store_of_the_first_schema_is_brought_up_to_date(backend: &Backend) {
    let mut store = backend.open();
    let epochs = [raising(1, 0..3), withdrawing(2, [1])];
    store.commit(&epochs).expect("committed");
    let before = (
        alerts_exported(store.reads()),
        history_exported(store.reads(), 0),
    );
    drop(store);
    backend.make_plain(&epochs);
    backend.execute(
        "DROP TABLE restored; ALTER TABLE epochs DROP COLUMN archived;
            UPDATE meta SET schema_version = 1",
        "DROP TABLE fundwatch.restored; ALTER TABLE fundwatch.epochs DROP COLUMN archived;
            UPDATE fundwatch.meta SET schema_version = 1",
    );
    assert!(backend.holds_text("20001/"), "what is looked for");
    let mut store = backend.try_open(2).expect("a store");
    assert!(!backend.holds_text("20001/"), "nothing plain is left");
    let after = (
        alerts_exported(store.reads()),
        history_exported(store.reads(), 0),
    );
    assert_eq!(before, after);
    let mut archiving = empty(3);
    archiving.alerts = vec![AlertChange::Archived { alert_id: id(0) }];
    archiving.history = vec![event(0, 3, HistoryKind::Archived)];
    assert_eq!(store.commit(&epochs).expect("known"), commit(0, 2));
    store.commit(&[archiving]).expect("committed");
    let record = store.reads().epoch(3).expect("read").expect("kept");
    assert_eq!((record.withdrawn, record.archived), (0, 1));
    let record = store.reads().epoch(2).expect("read").expect("kept");
    assert_eq!((record.withdrawn, record.archived), (1, 0));
}

pub fn what_identifies_people_is_sealed(backend: &Backend) {
    let mut store = backend.open();
    let gone = withdrawing(2, [1]);
    store.commit(&[raising(1, 0..3), gone]).expect("committed");
    assert!(backend.holds_text(&id(1)), "what is looked for");
    for text in ["20001/", "recorded_at", "6520", "\"cause\""] {
        assert!(!backend.holds_text(text), "{text}");
    }
}

pub fn another_key_is_refused(backend: &Backend) {
    let mut store = backend.open();
    store.commit(&[raising(1, 0..3)]).expect("committed");
    let opening = Opening {
        journal_id: JOURNAL,
        generation: 2,
    };
    let other = StoreKey::from_bytes(&[8; 32]);
    for refused in [
        store::open(&backend.place, opening, &other).err(),
        store::open_reader(&backend.place, &other).err(),
    ] {
        let refused = refused.expect("refused");
        assert!(matches!(refused, StoreError::WrongKey { .. }), "{refused}");
    }
    // Whoever only counts needs no key, and is shown nothing.
    let mut counter = store::open_counter(&backend.place).expect("a reader");
    assert_eq!(count(&mut *counter, AlertState::Active), 3);
    assert!(matches!(
        counter.alert(&id(1)),
        Err(StoreError::Forged { .. })
    ));
    assert_eq!(alerts_exported(store.reads()).len(), 3);
}

pub fn what_was_changed_past_the_program_is_told(backend: &Backend) {
    let mut store = backend.open();
    store.commit(&[raising(1, 0..3)]).expect("committed");
    let swap = |schema: &str| {
        let (one, other) = (id(0), id(1));
        format!(
            "UPDATE {schema}alerts SET sealed = (SELECT sealed FROM {schema}alerts WHERE alert_id = '{other}')
                WHERE alert_id = '{one}';
            UPDATE {schema}history SET sealed = (SELECT sealed FROM {schema}history WHERE alert_id = '{other}')
                WHERE alert_id = '{one}'"
        )
    };
    backend.execute(&swap(""), &swap("fundwatch."));
    let is_forged = |told: Result<(), StoreError>| {
        let forged = told.expect_err("told");
        let of = matches!(&forged, StoreError::Forged { alert_id } if *alert_id == id(0));
        assert!(of && !forged.is_passing(), "{forged}");
    };
    let mut reader = backend.reader();
    is_forged(reader.alert(&id(0)).map(drop));
    // A page goes on without it.
    let mut seen = Vec::new();
    let mut after = None;
    for _ in 0..3 {
        let page = reader.alerts(&Default::default(), after.as_ref(), 1);
        let page = page.expect("a page");
        seen.extend(page.alerts.into_iter().map(|one| one.alert.alert_id));
        after = page.next;
    }
    seen.sort();
    let mut others = [id(1), id(2)];
    others.sort();
    assert_eq!((seen.as_slice(), after), (others.as_slice(), None));
    is_forged(reader.export_alerts(&mut |_| Ok(())));
    is_forged(reader.export_history(0, &mut |_| Ok(())));
    let stored = reader.alert(&id(1)).expect("read").expect("stored");
    assert_eq!(stored.alert, alert(1, 1, 0));
    let opens = every_alert(&mut *reader).into_iter();
    let opens: Vec<_> = opens.map(|(id, .., line)| (id, line.is_some())).collect();
    let mut lines = Vec::new();
    let told = reader.history(0, &mut |alert_id, line| {
        lines.push((alert_id.to_owned(), line.is_some()));
        Ok(())
    });
    told.expect("read");
    let mut expected = [0, 1, 2].map(|one| (id(one), one != 0));
    expected.sort();
    assert_eq!(lines, expected);
    assert_eq!(opens, expected);
}

pub fn a_later_schema_is_left_alone(backend: &Backend) {
    backend
        .open()
        .commit(&[raising(1, [1])])
        .expect("committed");
    let set = |version: i64| {
        let file = format!("UPDATE meta SET schema_version = {version}");
        let database = format!("UPDATE fundwatch.meta SET schema_version = {version}");
        backend.execute(&file, &database);
    };
    set(99);
    let later = |error| matches!(error, StoreError::NewerSchema { found: 99, .. });
    assert!(later(backend.try_open(1).err().expect("refused")));
    assert!(later(
        store::open_reader(&backend.place, &key())
            .err()
            .expect("refused")
    ));
    set(4);
    assert_eq!(
        backend.open().reads().committed().expect("read").epoch,
        Some(1)
    );
}

pub fn what_is_no_store_is_left_alone(backend: &Backend) {
    let absent = store::open_reader(&backend.place, &key())
        .err()
        .expect("refused");
    assert!(matches!(absent, StoreError::Absent { .. }), "{absent}");
    backend.execute(
        "CREATE TABLE theirs (a)",
        "CREATE SCHEMA fundwatch; CREATE TABLE fundwatch.theirs (a bigint)",
    );
    for refused in [
        backend.try_open(1).err(),
        store::open_reader(&backend.place, &key()).err(),
    ] {
        let refused = refused.expect("refused");
        assert!(matches!(refused, StoreError::NotAStore { .. }), "{refused}");
    }
    backend.execute("DROP TABLE theirs", "DROP TABLE fundwatch.theirs");
    backend
        .open()
        .commit(&[raising(1, [1])])
        .expect("committed");
}
