//! Fuzzing in CI: every target for some seconds, with inputs that are made of the sample and of fixtures.
//!
//! In: `FUNDWATCH_FUZZ_SECONDS` a target (2 by default), `FUNDWATCH_FUZZ_SEED`, and `FUNDWATCH_FUZZ_INPUT`, a file
//! that is tried alone; `FUNDWATCH_FUZZ_CORPUS`, a directory that keeps what an earlier run came to, which the next
//! goes on from (`benches/fuzz.sh`). Out: a failure with the input that made it, as a file, and the command that tries
//! it again. Must hold: no input makes a target panic, take longer than it may, or take more memory than it may. It is
//! not led by coverage but by behaviour: what makes a target do what it has not done yet is mutated further.

mod corpus;
mod mutation;
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use corpus::Corpus;
use mutation::{Chance, mutated};
use targets::{TARGETS, Target};

/// The longest that one input may take, of several tries: a busy machine is no defect.
const LONGEST: Duration = Duration::from_secs(1);
/// What takes longer than this never ends.
const NEVER: Duration = Duration::from_secs(60);
/// The most memory that this process may have taken at any time, in KiB: all targets run in it at once.
const MOST_MEMORY: u64 = 2 << 20;
/// How many inputs are mutated further.
const POOL: usize = 4_000;

fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    let read = text.parse().ok();
    assert!(read.is_some(), "{name} is not right: {text}");
    read
}

/// Writes an input down, and says how to try it again.
fn keep(target: &Target, input: &[u8], what: &str) -> String {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    let name = format!("{}-{:08x}", target.name, crc32fast::hash(input));
    let path = directory.join(name);
    let kept = std::fs::create_dir_all(&directory).and_then(|()| std::fs::write(&path, input));
    let path = path.display();
    let shown = match kept {
        Ok(()) => format!(
            "FUNDWATCH_FUZZ_INPUT={path} cargo test --test fuzz {}",
            target.name
        ),
        Err(error) => format!("the input could not be kept ({path}: {error})"),
    };
    format!("{}: {what}\n  try it again: {shown}", target.name)
}

/// An input that is being tried, and since when.
type Current = Option<(Instant, Vec<u8>)>;

/// Ends the process when an input takes for ever.
struct Watch(Arc<Mutex<Current>>);

impl Watch {
    fn over(target: &'static Target) -> Self {
        let now = Arc::new(Mutex::new(Current::None));
        let watched = Arc::downgrade(&now);
        std::thread::spawn(move || {
            while let Some(now) = watched.upgrade() {
                let now = now.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some((since, input)) = &*now
                    && since.elapsed() > NEVER
                {
                    eprintln!("{}", keep(target, input, "an input takes for ever"));
                    std::process::abort();
                }
                drop(now);
                std::thread::sleep(Duration::from_millis(500));
            }
        });
        Self(now)
    }

    fn set(&self, input: Option<&[u8]>) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = input.map(|input| (Instant::now(), input.to_vec()));
    }
}

/// Tries an input; how it behaved, and how long it took.
fn tried(target: &Target, input: &[u8], watch: &Watch) -> (u64, Duration) {
    watch.set(Some(input));
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    let took = start.elapsed();
    watch.set(None);
    match outcome {
        Ok(behaviour) => (behaviour, took),
        Err(panic) => {
            eprintln!("{}", keep(target, input, "an input makes it panic"));
            resume_unwind(panic)
        }
    }
}

/// Fails where an input takes too long each time.
fn check_time(target: &Target, input: &[u8], watch: &Watch, mut took: Duration) {
    for _ in 0..6 {
        if took <= LONGEST {
            return;
        }
        std::thread::sleep(Duration::from_millis(300));
        took = took.min(tried(target, input, watch).1);
    }
    assert!(
        took <= LONGEST,
        "{}",
        keep(target, input, &format!("an input takes {took:?}"))
    );
}

/// The most memory that this process has taken, in KiB, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// What a run came to; told when it ends, however it ends.
struct Tally {
    name: &'static str,
    inputs: u64,
    behaviours: usize,
    corpus: usize,
}

impl Drop for Tally {
    fn drop(&mut self) {
        let Self {
            name,
            inputs,
            behaviours,
            corpus,
        } = self;
        println!("{name}: {inputs} inputs, {behaviours} behaviours, {corpus} in the corpus");
    }
}

fn fuzz(name: &str) {
    let target = TARGETS
        .iter()
        .find(|target| target.name == name)
        .expect("a target");
    let watch = Watch::over(target);
    if let Some(path) = setting::<PathBuf>("FUNDWATCH_FUZZ_INPUT") {
        let input =
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (_, took) = tried(target, &input, &watch);
        check_time(target, &input, &watch, took);
        return;
    }
    let seconds = setting("FUNDWATCH_FUZZ_SECONDS").unwrap_or(2.0);
    let now = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(1, |since| since.as_nanos() as u64);
    let seed = setting("FUNDWATCH_FUZZ_SEED").unwrap_or(now);
    println!("{name}: FUNDWATCH_FUZZ_SEED={seed}");
    let mut chance = Chance(seed);
    let kept = setting("FUNDWATCH_FUZZ_CORPUS").map(|directory| Corpus::of(directory, name));
    let mut pool = (target.seeds)();
    assert!(!pool.is_empty(), "{name} has something to begin with");
    pool.extend(kept.iter().flat_map(Corpus::inputs));
    let mut seen = std::collections::HashSet::new();
    let mut tally = Tally {
        name: target.name,
        inputs: 0,
        behaviours: 0,
        corpus: pool.len(),
    };
    for input in &pool {
        let (behaviour, took) = tried(target, input, &watch);
        check_time(target, input, &watch, took);
        seen.insert(behaviour);
        tally.inputs += 1;
    }
    let start = Instant::now();
    while start.elapsed().as_secs_f64() < seconds {
        let from = chance.below(pool.len());
        let input = mutated(&pool[from], &pool, target.tokens, &mut chance);
        tally.inputs += 1;
        let (behaviour, took) = tried(target, &input, &watch);
        check_time(target, &input, &watch, took);
        if tally.inputs.is_multiple_of(256)
            && let Some(peak) = peak()
        {
            assert!(
                peak <= MOST_MEMORY,
                "{}",
                keep(target, &input, &format!("{peak} KiB of memory"))
            );
        }
        if seen.insert(behaviour) && pool.len() < POOL {
            if let Some(kept) = &kept {
                kept.add(&input);
            }
            pool.push(input);
        }
        tally.behaviours = seen.len();
        tally.corpus = pool.len();
    }
    assert!(seen.len() > 1, "{name} does more than one thing");
}

macro_rules! fuzzed {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                fuzz(stringify!($name));
            }
        )*

        #[test]
        fn every_target_is_fuzzed() {
            let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

fuzzed! { config csv epoch http journal ndjson parquet rules token xml }
