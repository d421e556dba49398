//! What it costs that a replay can be audited: the same replay with history, digests and manifest, and without.
//!
//!     cargo bench --bench audited -- DATA [REPEATS]
//!
//! Both are run in turns, REPEATS times (5 by default) after one that is not counted, in the order `with without without
//! with …`, so that a machine that grows slower favours neither. Printed are the claims a second of each, and the ratio
//! of the medians: at least 0.90 is asked for, and less ends with 1. `--test` and `--bench` are taken and ignored.

#![expect(
    clippy::unwrap_used,
    reason = "a measurement that fails says so with a panic"
)]

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use fundwatch::replay::{Options, Silent, run};

/// The least share of the speed that is to be left.
const LEAST: f64 = 0.9;

fn main() -> ExitCode {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|one| !one.starts_with("--"));
    let Some(data) = arguments.next() else {
        eprintln!("name a directory of streams: cargo bench --bench audited -- DATA");
        return ExitCode::SUCCESS;
    };
    let repeats: usize = arguments.next().map_or(5, |text| text.parse().unwrap());
    let output = tempfile::tempdir().unwrap();
    let replayed = |is_audited| {
        let options = Options {
            is_audited,
            ..Options::new(Path::new(&data), output.path())
        };
        let began = Instant::now();
        let summary = run(&options, &mut Silent).unwrap();
        let claims = summary.streams.iter().find(|one| one.stream == "claims");
        (began.elapsed(), claims.map_or(0, |one| one.accepted))
    };
    let (_, claims) = replayed(true);
    let mut times: [Vec<Duration>; 2] = Default::default();
    for repeat in 0..repeats {
        for turn in [repeat % 2, (repeat + 1) % 2] {
            let (time, _) = replayed(turn == 0);
            println!("{} {time:.2?}", ["with", "without"][turn]);
            times[turn].push(time);
        }
    }
    let [with, without] = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64()
    });
    let rate = |seconds: f64| claims as f64 / seconds;
    let ratio = without / with;
    println!(
        "{claims} claims: {:.0} a second with history and manifest, {:.0} without: {ratio:.3}",
        rate(with),
        rate(without)
    );
    ExitCode::from(u8::from(ratio < LEAST))
}
