//! How long commits take.

use std::time::{Duration, Instant};

use fundwatch::store::{EpochCommit, HistoryKind};

use crate::backend::Backend;
use crate::made::{alert, empty, event, holds, raising};

/// An epoch that changes alerts spread over the store.
fn changing(epoch: u64, known: u32, changed: u32) -> EpochCommit {
    let mut made = empty(epoch);
    let step = known / changed;
    for one in (0..changed).map(|one| one * step + epoch as u32 % step) {
        made.alerts.push(holds(alert(one, 1, epoch as u32)));
        made.history.push(event(one, epoch, HistoryKind::Changed));
    }
    made
}

/// With `FUNDWATCH_MEASURE=200000`, of a store with so many alerts, and what was measured is printed.
pub fn a_commit_of_two_thousand_alerts_is_quick(backend: &Backend) {
    let asked = std::env::var("FUNDWATCH_MEASURE").ok();
    let asked: Option<u32> = asked.map(|text| text.parse().expect("a number of alerts"));
    let known = asked.unwrap_or(10_000);
    let mut store = backend.open();
    let begun = Instant::now();
    store.commit(&[raising(1, 0..known)]).expect("committed");
    let filled = begun.elapsed();
    let mut of_size = |first: u64, changed| {
        let epochs: Vec<_> = (first..first + 40)
            .map(|epoch| match epoch % 2 {
                0 => changing(epoch, known, changed),
                _ => {
                    let from = known + epoch as u32 * 2000;
                    raising(epoch, from..from + changed)
                }
            })
            .collect();
        let times = epochs.iter().map(|epoch| {
            let begun = Instant::now();
            store
                .commit(std::slice::from_ref(epoch))
                .expect("committed");
            begun.elapsed()
        });
        let mut times: Vec<Duration> = times.collect();
        times.sort_unstable();
        (times[times.len() / 2], times[times.len() - 1])
    };
    let (small, small_worst) = of_size(2, 10);
    let (large, large_worst) = of_size(42, 2000);
    if asked.is_some() {
        let place = if backend.is_file() {
            "SQLite"
        } else {
            "PostgreSQL"
        };
        eprintln!(
            "{place}: {known} alerts in {filled:?}; 10 alerts: median {small:?}, worst {small_worst:?}; \
            2000 alerts: median {large:?}, worst {large_worst:?}"
        );
    }
    // A bound that tells batches from single statements, on any machine.
    assert!(large < Duration::from_millis(500), "{large:?}");
}
