//! Every operation of the disk fails in every way, and the power goes at every one.

use std::io::ErrorKind;

use fundwatch::journal::simulation::{Fault, Faults};
use fundwatch::snapshot::Manifest;

use crate::support::{Disks, History, load};

/// The disks with a snapshot at epoch 8, and leftovers of one that was not finished.
fn begun(history: &History) -> (Disks, Manifest) {
    let disks = Disks::new();
    let first = disks.take(history, 8, None).expect("taken");
    let faults = Faults::new();
    faults.set(faults.count() + 12, Fault::PowerOff);
    disks
        .take_under(&faults, history, 12, Some(&first))
        .expect_err("no power");
    (disks, first)
}

/// What must hold after anything: each snapshot that is listed is whole, the first is there, and the next can be taken.
fn check(disks: &Disks, history: &History, first: &Manifest, is_done: bool, what: &str) {
    let snapshots = disks.snapshots();
    let listing = snapshots.list().expect("listed");
    assert!(
        listing.unreadable.is_empty(),
        "{what}: {:?}",
        listing.unreadable
    );
    assert!(listing.manifests.contains(first), "{what}");
    assert!(
        !is_done || listing.manifests[0].epoch == 14,
        "{what}: it was told to be done"
    );
    for manifest in &listing.manifests {
        snapshots
            .verify(manifest)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let (rows, _) =
            load(&snapshots, manifest).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(
            rows == history.expected(manifest.epoch),
            "{what}: {}",
            manifest.epoch
        );
    }
    let newest = &listing.manifests[0];
    let next = disks
        .take(history, 16, Some(newest))
        .unwrap_or_else(|e| panic!("{what}: {e}"));
    let (rows, _) = load(&snapshots, &next).expect("loaded");
    assert!(rows == history.expected(16), "{what}");
    snapshots.prune(1).expect("pruned");
    let mut named: Vec<_> = next.parts.iter().map(|part| part.name.clone()).collect();
    named.sort();
    assert_eq!(disks.files(), named, "{what}: nothing is left behind");
    snapshots.verify(&next).expect("whole");
}

#[test]
fn every_operation_fails_in_every_way() {
    let history = History::small(16);
    let (disks, first) = begun(&history);
    let counting = Faults::new();
    let whole = disks.fork();
    whole
        .take_under(&counting, &history, 14, Some(&first))
        .expect("taken");
    let operations = counting.count();
    assert!(operations > 40, "{operations}");
    type Make = (&'static str, fn(u64) -> Fault);
    let ways: [Make; 7] = [
        ("error", |_| Fault::Error(ErrorKind::Other)),
        ("full", |_| Fault::Error(ErrorKind::StorageFull)),
        ("error after", |_| Fault::ErrorAfter(ErrorKind::Other)),
        ("torn", |at| Fault::Torn(at as usize * 7 % 100)),
        ("stays full", |_| Fault::Full(1 << 40)),
        ("sync fails", Fault::SyncFails),
        ("power off", |_| Fault::PowerOff),
    ];
    let mut failed = 0;
    for at in 0..operations {
        for (way, fault) in ways {
            let disks = disks.fork();
            let faults = Faults::new();
            faults.set(at, fault(at));
            let taken = disks.take_under(&faults, &history, 14, Some(&first));
            failed += u64::from(taken.is_err());
            let what = format!("{way} at {at}");
            if way == "power off" {
                for seed in 0..3 {
                    let disks = disks.fork();
                    disks.snapshots.crash(seed);
                    disks.keys.crash(seed);
                    check(
                        &disks,
                        &history,
                        &first,
                        taken.is_ok(),
                        &format!("{what}, {seed}"),
                    );
                }
            } else {
                check(&disks, &history, &first, taken.is_ok(), &what);
                disks.snapshots.crash(at);
                disks.keys.crash(at);
                check_after_crash(&disks, &history);
            }
        }
    }
    // But for reads that are not needed, each is noticed.
    assert!(failed > operations * 6, "{failed} of {}", operations * 7);
}

/// The snapshot at epoch 16 that `check` took stays.
fn check_after_crash(disks: &Disks, history: &History) {
    let snapshots = disks.snapshots();
    let listing = snapshots.list().expect("listed");
    assert_eq!(listing.manifests[0].epoch, 16);
    let (rows, _) = load(&snapshots, &listing.manifests[0]).expect("loaded");
    assert!(rows == history.expected(16));
}

#[test]
fn every_operation_of_removing_fails() {
    let history = History::small(16);
    let (disks, first) = begun(&history);
    let second = disks.take(&history, 14, Some(&first)).expect("taken");
    let prune = |disks: &Disks, faults: &Faults| {
        let storage = faults.over(&disks.snapshots);
        fundwatch::snapshot::Snapshots::new(storage, disks.keys()).prune(1)
    };
    let counting = Faults::new();
    let swept = prune(&disks.fork(), &counting).expect("pruned");
    assert!(swept.manifests == 1 && swept.files > 0, "{swept:?}");
    for at in 0..counting.count() {
        for seed in 0..4 {
            let disks = disks.fork();
            let faults = Faults::new();
            faults.set(at, Fault::PowerOff);
            // Where no manifest could be read any more, it ends without having removed a file.
            let _ = prune(&disks, &faults);
            disks.snapshots.crash(seed);
            let snapshots = disks.snapshots();
            for manifest in snapshots.list().expect("listed").manifests {
                snapshots
                    .verify(&manifest)
                    .unwrap_or_else(|error| panic!("{at} {seed}: {error}"));
            }
            prune(&disks, &Faults::new()).expect("pruned");
            assert_eq!(
                snapshots.list().expect("listed").manifests,
                std::slice::from_ref(&second)
            );
        }
    }
}

#[test]
fn a_full_disk_at_every_size_leaves_the_former_snapshot() {
    let history = History::small(16);
    let (disks, first) = begun(&history);
    let names = fundwatch::journal::Storage::list(&disks.snapshots).expect("listed");
    let length = |name: &String| {
        disks
            .snapshots
            .contents(name)
            .map_or(0, |bytes| bytes.len())
    };
    let used: u64 = names.iter().map(|name| length(name) as u64).sum();
    let mut taken = 0;
    for free in (0..400_000).step_by(6_007) {
        let disks = disks.fork();
        disks.snapshots.limit(Some(used + free));
        let result = disks.take(&history, 14, Some(&first));
        taken += u64::from(result.is_ok());
        disks.snapshots.limit(None);
        check(
            &disks,
            &history,
            &first,
            result.is_ok(),
            &format!("{free} bytes free"),
        );
    }
    assert!(taken > 0, "the disk is large enough in the end");
}
