//! The service is killed again and again while all that sends rows goes on.
//!
//! One kill in three comes within 50 ms of a start; the others after some answers, at a moment that the seed says.

use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use crate::check::{finish, settle};
use crate::country::Country;
use crate::feed::Feed;
use crate::postgres::Cluster;
use crate::random::{Random, number, seed};
use crate::server::{Site, Where};
use crate::traffic::Traffic;

/// A start in which it is killed lasts so long at most, in milliseconds.
const EARLY: usize = 50;
/// The longest that it goes on after the answer that its kill waits for, in milliseconds.
const LATE: usize = 25;

/// What came of it.
struct Outcome {
    kills: usize,
    pushes: usize,
    rows: u64,
    took: Duration,
    recoveries: Vec<Duration>,
    wrong: Vec<String>,
}

fn kill_it(store: &str, config: &str) {
    let (set, seed) = seed(store);
    let kills = number("FUNDWATCH_KILLS").unwrap_or(10);
    let outcome = killed(usize::try_from(kills).unwrap(), config, seed);
    outcome.tell(store, set);
    assert!(
        outcome.wrong.is_empty(),
        "{store}, FUNDWATCH_KILLS={kills} FUNDWATCH_SEED={set}:\n{}",
        outcome.wrong.join("\n")
    );
}

fn killed(kills: usize, config: &str, seed: u64) -> Outcome {
    let country = Country::new(1_500 + 40 * (kills as u64).saturating_sub(10), seed);
    let feed = Feed::new(&country, seed);
    let (site, at) = (Site::new(config), Where::default());
    let traffic = Traffic::new(&feed, &site, &at, seed);
    let mut random = Random::new(seed, 3);
    let (began, mut recoveries) = (Instant::now(), Vec::new());
    let mut server = std::thread::scope(|scope| {
        let mut server = site.start(&at);
        let halt = traffic.start(scope);
        for kill in 0..kills {
            let allowed = feed.pushes() * (kill + 1) / (kills + 1);
            traffic.allow(allowed);
            if kill % 3 == 2 {
                std::thread::sleep(random.millis(EARLY));
            } else {
                recoveries.push(server.wait_until_ready());
                let answered = traffic.answered();
                traffic.wait_for(answered + random.below(allowed - answered));
                std::thread::sleep(random.millis(LATE));
            }
            server.kill();
            server = site.spawn(&at);
        }
        recoveries.push(server.wait_until_ready());
        traffic.allow(feed.pushes());
        traffic.wait_for(feed.pushes());
        drop(halt);
        server
    });
    settle(&site, &mut server, &site.reader(&at));
    traffic.repeat(4);
    let mut wrong = traffic.differing();
    wrong.extend(finish(&site, server, &at, &feed));
    Outcome {
        kills,
        pushes: feed.pushes(),
        rows: feed.accepted().values().sum(),
        took: began.elapsed(),
        recoveries,
        wrong,
    }
}

impl Outcome {
    /// Prints it, and adds it to the file that a benchmark names.
    fn tell(&self, store: &str, seed: u64) {
        let mut recoveries = self.recoveries.clone();
        recoveries.sort_unstable();
        let line = serde_json::json!({
            "store": store,
            "seed": seed,
            "kills": self.kills,
            "pushes": self.pushes,
            "rows": self.rows,
            "seconds": self.took.as_secs_f64(),
            "recovery_p50_ms": recoveries[recoveries.len() / 2].as_millis() as u64,
            "recovery_max_ms": recoveries.last().unwrap().as_millis() as u64,
            "mismatches": self.wrong.len(),
        });
        println!("{line}");
        if let Some(path) = std::env::var_os("FUNDWATCH_CRASH_RUNS") {
            let mut file = File::options()
                .append(true)
                .create(true)
                .open(path)
                .unwrap();
            writeln!(file, "{line}").unwrap();
        }
    }
}

#[test]
fn killed_on_sqlite_nothing_is_lost_and_nothing_is_done_twice() {
    kill_it("sqlite", "");
}

#[test]
fn killed_on_postgresql_nothing_is_lost_and_nothing_is_done_twice() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let url = cluster.url(&cluster.database());
    kill_it("postgresql", &format!("[store]\nurl = \"{url}\""));
}
