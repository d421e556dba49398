//! Months whose key is destroyed.

use fundwatch::journal::KeyError;
use fundwatch::record::Instant;
use fundwatch::snapshot::{SnapshotError, SnapshotWriter};

use crate::support::{Disks, History, JOURNAL, arrival, load, month_of, time_of};

#[test]
fn an_erased_month_is_counted_and_its_files_go() {
    let (disks, history) = (Disks::new(), History::of(20));
    let first = disks.take(&history, 18, None).expect("taken");
    let month = month_of(1);
    let is_erased = |epoch: u64| month_of(epoch) == month;
    let rows = (1..=18).filter(|epoch| is_erased(*epoch));
    let rows: u64 = rows
        .map(|epoch| history.0[epoch as usize - 1].len() as u64)
        .sum();
    assert!(rows > 10 && rows < first.rows);
    disks
        .keys()
        .destroy(month, time_of(18).nanos())
        .expect("destroyed");

    let snapshots = disks.snapshots();
    let listing = snapshots.list().expect("listed");
    assert_eq!(listing.manifests, std::slice::from_ref(&first));
    snapshots.verify(&first).expect("whole");
    let (read, loaded) = load(&snapshots, &first).expect("loaded");
    let left = |epoch: u64| {
        let mut left = history.expected(epoch);
        left.retain(|row| !is_erased(row.arrival.ordinal.epoch));
        left
    };
    assert!(read == left(18));
    assert_eq!(loaded.erased, [(month, rows)].into());
    assert_eq!(loaded.rows + rows, first.rows);
    let part = first
        .parts
        .iter()
        .find(|part| part.month == month)
        .expect("a part");
    assert_eq!(snapshots.key(&first, part).expect("a note"), None);

    let second = disks.take(&history, 20, Some(&first)).expect("taken");
    assert_eq!(second.erased, [(month, rows)].into());
    assert!(second.parts.iter().all(|part| part.month != month));
    let (read, loaded) = load(&snapshots, &second).expect("loaded");
    assert!(read == left(20));
    assert_eq!(loaded.erased, second.erased);
    snapshots.prune(1).expect("pruned");
    assert!(
        disks
            .files()
            .iter()
            .all(|file| !file.contains(&month.to_string()))
    );
}

#[test]
fn a_snapshot_that_is_taken_anew_counts_what_the_journal_has_erased() {
    let (disks, history) = (Disks::new(), History::of(18));
    disks.take(&history, 18, None).expect("taken");
    let month = month_of(1);
    disks
        .keys()
        .destroy(month, time_of(18).nanos())
        .expect("destroyed");
    let begin = || {
        let storage = std::sync::Arc::new(disks.snapshots.clone());
        SnapshotWriter::begin(storage, disks.keys(), JOURNAL, None).expect("begun")
    };
    // Once as the journal gives it, and once as if the key had gone after the rows were read.
    for are_read in [false, true] {
        let mut writer = begin();
        for (epoch, rows) in (1..).zip(&history.0) {
            if month_of(epoch) == month && !are_read {
                let rows = rows.len() as u64;
                writer
                    .push_erased(epoch, time_of(epoch), rows)
                    .expect("noted");
                continue;
            }
            for (row, change) in (1..).zip(rows) {
                writer.push(arrival(epoch, row), change).expect("pushed");
            }
        }
        let manifest = writer.finish(history.taken(18)).expect("taken");
        let (read, loaded) = load(&disks.snapshots(), &manifest).expect("loaded");
        let erased: u64 = loaded.erased.values().sum();
        assert_eq!(read.len() as u64 + erased, manifest.rows);
        assert_eq!(loaded.erased.keys().copied().collect::<Vec<_>>(), [month]);
    }
}

#[test]
fn a_snapshot_of_a_month_that_is_erased_itself_reads() {
    let (disks, history) = (Disks::new(), History::of(3));
    disks.take(&history, 3, None).expect("taken");
    let later = Instant::from_nanos(time_of(3).nanos() + 90 * 86_400_000_000_000);
    disks
        .keys()
        .destroy(month_of(3), later.nanos())
        .expect("destroyed");
    let again = disks.take(&history, 3, None).expect("taken");
    for manifest in disks.snapshots().list().expect("listed").manifests {
        let (_, loaded) = load(&disks.snapshots(), &manifest).expect("loaded");
        assert!(loaded.erased.contains_key(&month_of(3)));
    }
    assert!(again.erased.contains_key(&month_of(3)));
}

#[test]
fn a_lost_key_is_not_an_erased_month() {
    let (disks, history) = (Disks::new(), History::of(18));
    let manifest = disks.take(&history, 18, None).expect("taken");
    let key = format!("{}.key", month_of(1));
    fundwatch::journal::Storage::remove(&disks.keys, &key).expect("removed");
    let error = load(&disks.snapshots(), &manifest).expect_err("no key, no note");
    assert!(
        matches!(error, SnapshotError::Key(KeyError::Missing { .. })),
        "{error}"
    );
    assert!(!error.is_of_the_snapshot());
}

#[test]
fn nothing_that_a_row_says_lies_open() {
    let (disks, history) = (Disks::new(), History::of(18));
    let manifest = disks.take(&history, 18, None).expect("taken");
    let mut names: Vec<String> = manifest
        .parts
        .iter()
        .map(|part| part.name.clone())
        .collect();
    names.extend(fundwatch::journal::Storage::list(&disks.snapshots).expect("listed"));
    let keys: Vec<String> = history
        .0
        .iter()
        .flatten()
        .map(|row| row.key.to_string())
        .collect();
    let keys: Vec<&[u8]> = keys
        .iter()
        .map(|key| key.as_bytes())
        .filter(|key| key.len() > 8)
        .collect();
    assert!(keys.len() > 50);
    for name in names {
        let bytes = disks.snapshots.contents(&name).expect("a file");
        // The columns' names are in the footer, which is encrypted as well.
        for text in keys.iter().copied().chain([b"recorded_at".as_slice()]) {
            assert!(
                !bytes.windows(text.len()).any(|window| window == text),
                "{name}"
            );
        }
    }
}
