//! What was pushed is read.

use std::sync::Arc;

use fundwatch::journal::{Directory, JournalId, Keys};
use fundwatch::record::Stream;
use fundwatch::snapshot::{SnapshotError, SnapshotWriter, Snapshots};
use proptest::prelude::*;

use crate::changes::{change, of_stream};
use crate::support::{Disks, History, JOURNAL, arrival, load, take, time_of};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn changes_of_all_streams_come_back(
        epochs in prop::collection::vec(prop::collection::vec(change(), 0..12), 1..14),
        cuts in prop::collection::vec(1..14u64, 1..4),
    ) {
        let (disks, history) = (Disks::new(), History(epochs));
        let last = history.0.len() as u64;
        let mut cuts: Vec<u64> = cuts.into_iter().map(|cut| cut.min(last)).collect();
        cuts.push(last);
        cuts.sort_unstable();
        let mut before = None;
        for cut in cuts {
            let manifest = disks.take(&history, cut, before.as_ref()).expect("taken");
            let snapshots = disks.snapshots();
            snapshots.verify(&manifest).expect("whole");
            let (rows, loaded) = load(&snapshots, &manifest).expect("loaded");
            prop_assert_eq!(&rows, &history.expected(cut));
            prop_assert_eq!(loaded.rows, manifest.rows);
            prop_assert!(loaded.erased.is_empty());
            let listing = snapshots.list().expect("listed");
            prop_assert_eq!(&listing.manifests[0], &manifest);
            before = Some(manifest);
        }
    }

    #[test]
    fn a_stream_of_many_rows_comes_back(
        few in prop::collection::vec(of_stream(Stream::Claims), 1..6), rows in 4000..9000usize,
    ) {
        let many = few.iter().cycle().take(rows).cloned().collect();
        let (disks, history) = (Disks::new(), History(vec![many]));
        let manifest = disks.take(&history, 1, None).expect("taken");
        let (rows, _) = load(&disks.snapshots(), &manifest).expect("loaded");
        prop_assert!(rows == history.expected(1));
    }
}

#[test]
fn months_that_have_passed_are_not_written_again() {
    let (disks, history) = (Disks::new(), History::of(40));
    let first = disks.take(&history, 20, None).expect("taken");
    let second = disks.take(&history, 40, Some(&first)).expect("taken");
    let names = |manifest: &fundwatch::snapshot::Manifest| -> Vec<String> {
        manifest
            .parts
            .iter()
            .map(|part| part.name.clone())
            .collect()
    };
    let open = first.at.nanos();
    let is_closed =
        |part: &&fundwatch::snapshot::Part| part.month < fundwatch::journal::Month::of(open);
    let closed: Vec<_> = first.parts.iter().filter(is_closed).collect();
    assert!(closed.len() >= 10, "{closed:?}");
    let after = names(&second);
    assert!(closed.iter().all(|part| after.contains(&part.name)));
    let kept = first.parts.iter().filter(|part| after.contains(&part.name));
    assert_eq!(
        kept.count(),
        closed.len(),
        "the open month's became one with its new rows"
    );
}

#[test]
fn snapshots_after_each_epoch_make_few_files() {
    let (disks, history) = (Disks::new(), History::of(60));
    let mut before = None;
    for epoch in 1..=60 {
        before = Some(disks.take(&history, epoch, before.as_ref()).expect("taken"));
    }
    let last = before.expect("taken");
    let mut counts = std::collections::BTreeMap::new();
    for part in &last.parts {
        *counts.entry((part.stream, part.month)).or_insert(0) += 1;
    }
    assert!(counts.values().all(|count| *count <= 5), "{counts:?}");
    let (rows, _) = load(&disks.snapshots(), &last).expect("loaded");
    assert!(rows == history.expected(60));
}

#[test]
fn a_directory_of_a_file_system_holds_snapshots() {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let directory = |name: &str| {
        let directory = Directory::create(&scratch.path().join(name)).expect("a directory");
        Arc::new(directory)
    };
    let keys = Arc::new(Keys::new(directory("keys"), None));
    let history = History::of(5);
    let (storage, disk) = (directory("snapshots"), scratch.path().join("snapshots"));
    let first = take(storage.clone(), keys.clone(), &history, 3, None).expect("taken");
    let second = take(storage.clone(), keys.clone(), &history, 5, Some(&first)).expect("taken");
    let snapshots = Snapshots::new(storage.clone(), keys.clone());
    assert_eq!(
        snapshots.list().expect("listed").manifests,
        [second.clone(), first]
    );
    let (rows, _) = load(&snapshots, &second).expect("loaded");
    assert!(rows == history.expected(5));
    let swept = snapshots.prune(1).expect("pruned");
    assert_eq!(swept.manifests, 1);
    assert!(swept.files > 0, "{swept:?}");
    snapshots.verify(&second).expect("whole");
    let files = std::fs::read_dir(disk).expect("listed").count();
    assert_eq!(files, second.parts.len() + 2, "a manifest and the lock");
}

#[test]
fn rows_out_of_order_and_rows_left_out_are_refused() {
    let (disks, history) = (Disks::new(), History::of(3));
    let begin = |before| {
        let storage = Arc::new(disks.snapshots.clone());
        SnapshotWriter::begin(storage, disks.keys(), JOURNAL, before).expect("begun")
    };
    let row = &history.0[0][0];
    let mut writer = begin(None);
    writer.push(arrival(2, 1), row).expect("pushed");
    for (epoch, number) in [(2, 1), (1, 9), (2, 0)] {
        let pushed = writer.push(arrival(epoch, number), row);
        assert!(
            matches!(pushed, Err(SnapshotError::NotNext { .. })),
            "{pushed:?}"
        );
    }
    let early = writer.finish(history.taken(1));
    assert!(
        matches!(early, Err(SnapshotError::NotNext { .. })),
        "{early:?}"
    );

    let mut writer = begin(None);
    for (row, change) in (1..).zip(&history.0[0]) {
        writer.push(arrival(1, row), change).expect("pushed");
    }
    let partial = writer.finish(history.taken(2));
    assert!(
        matches!(partial, Err(SnapshotError::Incomplete { .. })),
        "{partial:?}"
    );
    assert!(
        disks
            .snapshots()
            .list()
            .expect("listed")
            .manifests
            .is_empty()
    );

    let first = disks.take(&history, 2, None).expect("taken");
    let again = begin(Some(&first)).push(arrival(2, 99), row);
    assert!(
        matches!(again, Err(SnapshotError::NotNext { .. })),
        "{again:?}"
    );
    let storage = Arc::new(disks.snapshots.clone());
    let other = SnapshotWriter::begin(storage, disks.keys(), JournalId([8; 16]), Some(&first));
    assert!(matches!(
        other.err(),
        Some(SnapshotError::OtherJournal { .. })
    ));
}

#[test]
fn one_writes_at_a_time() {
    let disks = Disks::new();
    let begin = || {
        SnapshotWriter::begin(
            Arc::new(disks.snapshots.clone()),
            disks.keys(),
            JOURNAL,
            None,
        )
    };
    let writer = begin().expect("begun");
    assert!(matches!(begin().err(), Some(SnapshotError::Busy { .. })));
    assert!(matches!(
        disks.snapshots().prune(1),
        Err(SnapshotError::Busy { .. })
    ));
    drop(writer);
    begin().expect("begun");
}

#[test]
fn what_a_caller_says_ends_the_loading() {
    #[derive(Debug)]
    enum Ended {
        Snapshot,
        Caller,
    }
    impl From<SnapshotError> for Ended {
        fn from(_: SnapshotError) -> Self {
            Self::Snapshot
        }
    }
    let (disks, history) = (Disks::new(), History::of(2));
    let manifest = disks.take(&history, 2, None).expect("taken");
    let mut given = 0;
    let ended = disks.snapshots().load(&manifest, |row| {
        given += 1;
        assert!(row.arrival.at <= time_of(2));
        if given == 3 {
            Err(Ended::Caller)
        } else {
            Ok(())
        }
    });
    assert!(matches!(ended, Err(Ended::Caller)), "{ended:?}");
    assert_eq!(given, 3);
}
