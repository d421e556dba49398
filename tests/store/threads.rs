//! Readers beside the writer.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use fundwatch::store::{AlertState, StoreError};

use crate::backend::Backend;
use crate::made::{alerts_exported, count, history_exported, raising, withdrawing};

pub fn an_export_is_one_state_and_holds_nobody_up(backend: &Backend) {
    let mut store = backend.open();
    store.commit(&[raising(1, 0..5000)]).expect("committed");
    let before = alerts_exported(store.reads());
    let history = history_exported(store.reads(), 0);
    let mut reader = store.reader().expect("a reader");
    let (mut lines, mut epoch) = (Vec::new(), 2);
    let mut each = |line: &str| {
        // What changes after the first line, and all the time, is not seen.
        if lines.len() % 1500 == 1 {
            let from = epoch as u32 * 10;
            let group = [
                withdrawing(epoch, from..from + 9),
                raising(epoch + 1, [from + 10_000]),
            ];
            store.commit(&group).expect("the writer does not wait");
            epoch += 2;
        }
        lines.push(line.to_owned());
        Ok(())
    };
    reader.export_alerts(&mut each).expect("exported");
    reader.export_history(0, &mut each).expect("exported");
    assert!(epoch > 8);
    assert!(lines[..5000] == before);
    // The second export is of a later state, which has all of history's beginning.
    assert!(lines[5000..].starts_with(&history));
    assert_ne!(alerts_exported(&mut *reader), before);
}

pub fn a_receiver_that_fails_ends_the_export(backend: &Backend) {
    let mut store = backend.open();
    store.commit(&[raising(1, 0..100)]).expect("committed");
    let mut given = 0;
    let failed = store.reads().export_alerts(&mut |_| {
        given += 1;
        match given {
            10 => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
            _ => Ok(()),
        }
    });
    assert!(matches!(failed, Err(StoreError::Output(_))));
    assert_eq!(given, 10);
    // The connection is as good as before.
    store.commit(&[withdrawing(2, 0..50)]).expect("committed");
    assert_eq!(alerts_exported(store.reads()).len(), 50);
}

pub fn readers_see_whole_commits(backend: &Backend) {
    let mut store = backend.open();
    store.commit(&[raising(1, 0..100)]).expect("committed");
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                let mut reader = store.reader().expect("a reader");
                let is_over = &is_over;
                scope.spawn(move || {
                    let mut looks = 0;
                    while !is_over.load(Ordering::Relaxed) {
                        // Each commit withdraws as many as it raises.
                        assert_eq!(count(&mut *reader, AlertState::Active), 100);
                        assert_eq!(alerts_exported(&mut *reader).len(), 100);
                        looks += 1;
                    }
                    looks
                })
            })
            .collect();
        for epoch in 1..60 {
            let from = (epoch as u32 - 1) * 50;
            let group = [
                withdrawing(2 * epoch, from..from + 50),
                raising(2 * epoch + 1, from + 100..from + 150),
            ];
            store.commit(&group).expect("committed");
        }
        is_over.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().expect("no reader saw half a commit") > 0);
        }
    });
}
