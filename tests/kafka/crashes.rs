//! A process that dies at any moment, and another that goes on.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::*;

const PARTITIONS: i32 = 3;

/// One history: rows are sent while processes die in seeded deliveries.
fn history(seed: u64) -> u64 {
    let mut draws = Draws(seed);
    let cluster = Cluster::with(2, PARTITIONS);
    let sender = cluster.sender(&[]);
    let ledger = Arc::new(Ledger::default());
    let mut settings = cluster.settings();
    settings.bounds.rows = 40 + draws.below(60) as usize;
    let mut deaths = 0;
    for _ in 0..5 {
        sender.send_all(PARTITIONS, 60 + draws.below(60));
        let at = draws.below(4);
        let mut process = Process::new(&ledger);
        process.takes = Duration::from_millis(draws.below(15));
        process.death = match draws.below(2) {
            0 => Death::Before(at),
            _ => Death::After(at),
        };
        let process = Arc::new(process);
        let (kafka, _) = start(&settings, &process);
        let sent: usize = (0..PARTITIONS).map(|p| sender.sent(p).len()).sum();
        wait_for("a death or all rows", || {
            process.is_dead.load(Ordering::Acquire) || ledger.count() == sent
        });
        let died = process.is_dead.load(Ordering::Acquire);
        deaths += u64::from(died);
        if died {
            wait_for("the source to end by itself", || !kafka.is_running());
        }
        kafka.stop(Duration::from_secs(10)).expect("a timely stop");
    }
    let process = Arc::new(Process::new(&ledger));
    let (kafka, told) = start(&settings, &process);
    sender.send_all(PARTITIONS, 20);
    expect_all(&ledger, &sender, PARTITIONS);
    assert_eq!(ledger.kept().moved, 0, "{:?}", told.all());
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
    deaths
}

#[test]
fn every_row_is_durable_once_whenever_the_sequencer_dies() {
    let histories: Vec<_> = (1..=4)
        .map(|seed| std::thread::spawn(move || history(seed)))
        .collect();
    let deaths: u64 = histories
        .into_iter()
        .map(|history| history.join().expect("a history without a fault"))
        .sum();
    assert!(deaths >= 8, "only {deaths} deaths");
}
