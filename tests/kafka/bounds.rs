//! A service that cannot keep up: what is held in memory is bounded.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use fundwatch::source::kafka::Bounds;

use crate::support::*;

const PARTITIONS: i32 = 8;
const ROW: usize = 16 << 10;

/// Bytes of this process that are in memory, without those of the program itself.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("RssAnon:"));
    let amount = line.and_then(|line| line.split_whitespace().nth(1));
    amount
        .expect("an amount")
        .parse::<usize>()
        .expect("kibibytes")
        << 10
}

#[test]
fn memory_is_bounded_when_the_service_cannot_keep_up() {
    let program = std::env::current_exe().expect("this test");
    let output = Command::new(program)
        .args(["--exact", "bounds::alone_in_its_process", "--ignored"])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

#[test]
#[ignore = "run by the test above in a process of its own, since it measures memory"]
fn alone_in_its_process() {
    let cluster = Cluster::with(1, PARTITIONS);
    let sender = cluster.sender(&[("batch.size", "100000")]);
    // 32 MiB, within what the mock cluster retains.
    let row = vec![b'x'; ROW];
    let count = 256 * PARTITIONS as usize;
    for _ in 0..256 {
        (0..PARTITIONS).for_each(|partition| sender.send_raw(partition, Some(&row)));
        sender.flush();
    }
    let ledger = Arc::new(Ledger::default());
    let process = Arc::new(Process::new(&ledger));
    process.is_shut.store(true, Ordering::Release);
    let mut settings = cluster.settings();
    settings.bounds = Bounds {
        rows: 100_000,
        bytes: 1 << 20,
        queue_bytes: 1 << 20,
    };
    let before = resident();
    let (kafka, _) = start(&settings, &process);
    let status = kafka.status();
    wait_for("the partitions to be held", || status.state().is_held);
    std::thread::sleep(Duration::from_secs(3));
    let state = status.state();
    assert!(state.is_held && state.is_in_flight);
    assert!(state.waiting_bytes >= 1 << 20 && state.waiting_bytes < (1 << 20) + 2 * ROW);
    let grown = resident().saturating_sub(before);
    // Two deliveries and the queue make 3 MiB; responses on the way and threads add to them.
    assert!(grown < 12 << 20, "grown by {} KiB", grown >> 10);

    process.is_shut.store(false, Ordering::Release);
    wait_for("all rows", || ledger.count() == count);
    let kept = ledger.kept();
    for rows in kept.rows.values() {
        let offsets = rows.iter().map(|row| row.offset);
        assert!(offsets.eq(0..256));
    }
    assert!(kept.deliveries >= 32, "{} deliveries", kept.deliveries);
    drop(kept);
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
}

#[test]
fn a_paused_source_delivers_nothing_and_keeps_its_partitions() {
    let cluster = Cluster::with(1, 2);
    let sender = cluster.sender(&[]);
    let ledger = Arc::new(Ledger::default());
    let process = Arc::new(Process::new(&ledger));
    process.is_paused.store(true, Ordering::Release);
    let mut settings = cluster.settings();
    settings
        .properties
        .insert("max.poll.interval.ms".into(), "3000".into());
    let (kafka, _) = start(&settings, &process);
    sender.send_all(2, 50);
    wait_for("partitions", || {
        kafka.status().state().partitions.len() == 2
    });
    // Longer than the group lets a member be silent.
    std::thread::sleep(Duration::from_secs(4));
    let state = kafka.status().state();
    assert_eq!((state.partitions.len(), state.totals.rebalances), (2, 1));
    assert_eq!(ledger.kept().deliveries, 0);
    process.is_paused.store(false, Ordering::Release);
    expect_all(&ledger, &sender, 2);
    kafka.stop(Duration::from_secs(10)).expect("a timely stop");
}
