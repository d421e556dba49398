//! The one place that calls the program.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fundwatch::alert::Weighings;
use fundwatch::audit::Code;
use fundwatch::dataflow::assist;
use fundwatch::detector::Detector;
use fundwatch::link::PersonLinkage;
use fundwatch::processes::{Hosts, join};
use fundwatch::record::Instant;
use fundwatch::replay::{EpochLength, Options, Silent, run};
use fundwatch::rule::Reason;
use jiff::Timestamp;

use crate::file::{Placed, write};
use crate::models::registry;
use crate::outcome::Outcome;
use crate::ports;
use crate::reason::probable_duplicate::BOUNDS;
use crate::thresholds::Rules;
use crate::timeline::Cut;

/// How a replay is run.
#[derive(Clone, Debug)]
pub struct Run {
    pub cut: Cut,
    pub workers: usize,
    pub as_of: Option<Timestamp>,
    pub reasons: BTreeSet<&'static str>,
    pub rules: Rules,
}

/// Replays rows that are written to a new directory.
pub fn replay(rows: &[Placed], how: &Run) -> Result<Outcome, String> {
    // In memory where that exists: thousands of replays need not wait for a disk.
    let directory = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .map_err(|e| e.to_string())?;
    let (input, output) = (directory.path().join("in"), directory.path().join("out"));
    std::fs::create_dir(&input).map_err(|e| e.to_string())?;
    write(rows, &input);
    run(&options(input, output.clone(), how), &mut Silent)
        .map_err(|e| format!("the replay failed: {e}"))?;
    read(&output)
}

/// Replays as [`replay`] does, with the dataflow shared by so many processes: each on threads of this one, with connections
/// over loopback.
pub fn replay_shared(rows: &[Placed], how: &Run, processes: usize) -> Result<Outcome, String> {
    let directory = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .map_err(|e| e.to_string())?;
    let (input, output) = (directory.path().join("in"), directory.path().join("out"));
    std::fs::create_dir(&input).map_err(|e| e.to_string())?;
    write(rows, &input);
    let file = directory.path().join("hosts");
    std::fs::write(&file, ports::free_addresses(processes).join("\n"))
        .map_err(|e| e.to_string())?;
    let hosts = |process| Hosts::read(&file, processes, process).map_err(|e| e.to_string());
    let options = Options {
        processes: Some(hosts(0)?),
        ..options(input, output.clone(), how)
    };
    let others = (1..processes).map(hosts).collect::<Result<Vec<_>, _>>()?;
    std::thread::scope(|scope| {
        let others: Vec<_> = (others.iter())
            .map(|hosts| {
                scope.spawn(move || {
                    let joined = join(hosts, Code::running().identity(), &mut |_| {});
                    let joined = joined.map_err(|e| e.to_string())?;
                    assist(joined).map_err(|e| e.to_string())
                })
            })
            .collect();
        let summary = run(&options, &mut Silent).map_err(|e| format!("the replay failed: {e}"));
        for other in others {
            let ended = other.join().map_err(|_| "a process panicked".to_owned());
            ended?.map_err(|e| format!("a process failed: {e}"))?;
        }
        summary
    })?;
    read(&output)
}

/// What other thresholds would come to after a replay of rows that are written to a new directory.
pub fn weighed(rows: &[Placed], how: &Run) -> Result<Weighings, String> {
    let directory = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .map_err(|e| e.to_string())?;
    let (input, output) = (directory.path().join("in"), directory.path().join("out"));
    std::fs::create_dir(&input).map_err(|e| e.to_string())?;
    write(rows, &input);
    let summary = run(&options(input, output, how), &mut Silent);
    let summary = summary.map_err(|e| format!("the replay failed: {e}"))?;
    Ok(summary.weighings)
}

fn options(input: PathBuf, output: PathBuf, how: &Run) -> Options {
    let nanos = |at: Timestamp| i64::try_from(at.as_nanosecond()).expect("an instant of our time");
    let mut linkage = PersonLinkage::clone(&PersonLinkage::builtin());
    linkage.bounds = BOUNDS;
    Options {
        as_of: how.as_of.map(|at| Instant::from_nanos(nanos(at))),
        epoch: match how.cut {
            Cut::All => EpochLength::All,
            Cut::Hours(hours) => EpochLength::Hours(hours),
        },
        workers: how.workers,
        detector: Detector {
            models: registry(),
            linkage: linkage.into(),
            reasons: how
                .reasons
                .iter()
                .map(|name| Reason::from_name(name).expect("a reason of the contract"))
                .collect(),
            rules: {
                let file = Path::new("rules.toml");
                let rules = fundwatch::rule::Rules::parse(file, &how.rules.toml());
                Arc::new(rules.expect("rules of the generators are sound"))
            },
            ..Detector::default()
        },
        ..Options::new(input, output)
    }
}

fn read(output: &Path) -> Result<Outcome, String> {
    Outcome::read(output)
}
