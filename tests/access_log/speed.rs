//! How many entries a second become durable: `cargo test --release --test access_log -- --ignored --nocapture`.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fundwatch::access_log::{AccessLog, verify};

use crate::support::{Hands, JANUARY, entry, options};

#[test]
#[ignore = "it measures, for some seconds"]
fn entries_a_second() {
    for threads in [1, 8, 50] {
        let data =
            tempfile::tempdir_in(std::env::var("SPEED_DIR").unwrap_or_else(|_| ".".to_owned()));
        let data = data.expect("a directory");
        let log = AccessLog::open(data.path(), options(&Hands::at(JANUARY))).expect("opened");
        let log = Arc::new(log);
        let begun = Instant::now();
        let writers: Vec<_> = (0..threads)
            .map(|_| {
                let log = log.clone();
                std::thread::spawn(move || {
                    let mut waits = Vec::new();
                    while begun.elapsed() < Duration::from_secs(5) {
                        let at = Instant::now();
                        log.keep(&entry("0a1b2c3d4e5f60718293a4b5c6d7e8f9"))
                            .expect("kept");
                        waits.push(at.elapsed());
                    }
                    waits
                })
            })
            .collect();
        let waits = writers
            .into_iter()
            .flat_map(|writer| writer.join().expect("no panic"));
        let mut waits: Vec<Duration> = waits.collect();
        let seconds = begun.elapsed().as_secs_f64();
        waits.sort();
        let count = waits.len();
        println!(
            "{threads} threads: {:.0} entries a second; half within {:?}, 99 of 100 within {:?}, all within {:?}",
            count as f64 / seconds,
            waits[count / 2],
            waits[count * 99 / 100],
            waits[count - 1]
        );
        log.close();
        let begun = Instant::now();
        let report = verify(data.path(), &[]).expect("read");
        assert_eq!(report.damage, None);
        println!("  {} lines verified in {:?}", report.lines, begun.elapsed());
    }
}
