//! How long a commit takes in a store that holds many alerts.
//!
//! ```text
//! cargo bench --bench store [-- --alerts 10000] [--database URL]
//! ```
//! So many alerts are in the store, which is a file and, where URL names one, an empty database of PostgreSQL.
//! Commits of 10 and of 2,000 alerts follow, every second of which raises them, and the others change what is there. Out: the
//! time until each is on disk, median and worst.

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use fundwatch::store::{self, AlertStore, Opening, StoreKey, StorePlace};

use made::{changing, raising};

#[path = "../tests/store/made.rs"]
#[allow(dead_code)]
mod made;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Commits of each size.
const COMMITS: u64 = 40;

fn main() -> ExitCode {
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    let known = after("--alerts").map_or(Ok(10_000), |text| text.parse())?;
    if known < 2_000 {
        return Err("--alerts: 2000 or more, of which a commit changes 2000".into());
    }
    let directory = tempfile::tempdir()?;
    measure("SQLite", directory.path().join("alerts.db").into(), known)?;
    if let Some(url) = after("--database") {
        let place: StorePlace = url.parse()?;
        measure("PostgreSQL", place, known)?;
    }
    Ok(())
}

fn measure(name: &str, place: StorePlace, known: u32) -> Result<(), Box<dyn Error>> {
    let opening = Opening {
        journal_id: *b"journal of bench",
        generation: 1,
    };
    let mut store = store::open(&place, opening, &StoreKey::from_bytes(&[7; 32]))?;
    let begun = Instant::now();
    store.commit(&[raising(1, 0..known)])?;
    println!("{name}: {known} alerts in {:?}", begun.elapsed());
    let mut next = 2;
    for size in [10, 2_000] {
        let mut times = Vec::new();
        for epoch in next..next + COMMITS {
            times.push(commit(&mut *store, epoch, known, size)?);
        }
        next += COMMITS;
        times.sort_unstable();
        let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
        println!("  {size:>5} alerts: median {median:?}, worst {worst:?}");
    }
    Ok(())
}

fn commit(
    store: &mut dyn AlertStore,
    epoch: u64,
    known: u32,
    size: u32,
) -> Result<Duration, Box<dyn Error>> {
    let made = match epoch % 2 {
        0 => changing(epoch, known, size),
        _ => {
            let from = known + epoch as u32 * 2_000;
            raising(epoch, from..from + size)
        }
    };
    let begun = Instant::now();
    store.commit(&[made])?;
    Ok(begun.elapsed())
}
