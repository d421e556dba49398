//! The making of a country: households in parallel, then days in parallel, each stream's file written
//! by one thread.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Instant as Clock;

use arrow_array::RecordBatch;

use super::Progress;
use super::calendar::{Calendar, encode};
use super::error::SynthError;
use super::kind::Label;
use super::options::{Format, Options};
use super::ordered::ordered;
use super::random::Draw;
use super::render::Renderer;
use super::row::{Enterprise, Event, Row};
use super::summary::{BaseRate, LabelCount, Summary};
use super::table::Sink;
use super::truth::{Expected, HEADER, Truth};
use super::world::{World, domain};
use super::written::write;
use crate::record::{EnterpriseStatus, Stream};
use crate::staging::{Staging, is_staging};

/// The file of labels.
const TRUTH: &str = "truth.csv";
/// Households whose rows travel together.
const HOUSEHOLDS_A_CHUNK: u32 = 1_024;
/// Batches that may wait for a file.
const BATCHES_WAITING: usize = 8;
/// Baseline rows become known in the four hours before the period.
const BASELINE: i64 = 14_400;
/// Citizens for one enterprise.
const CITIZENS_AN_ENTERPRISE: u32 = 100;

/// Makes a country in an empty or absent directory.
///
/// # Errors
/// See [`SynthError`]; then the output directory is as it was.
pub fn generate(options: &Options, progress: &mut dyn Progress) -> Result<Summary, SynthError> {
    make(options, false, threads(), progress)
}

/// Makes a country in a directory that may hold another, which is replaced when the new one is done.
/// Other files are left alone.
///
/// # Errors
/// See [`SynthError`]; then the output directory is as it was.
pub fn regenerate(options: &Options, progress: &mut dyn Progress) -> Result<Summary, SynthError> {
    make(options, true, threads(), progress)
}

/// What the households of a chunk come to.
struct Chunk {
    batches: Vec<(Stream, RecordBatch)>,
    later: Vec<u8>,
    truth: String,
    tally: Tally,
}

#[derive(Default)]
struct Tally {
    labels: BTreeMap<&'static str, LabelCount>,
    base_rate: BaseRate,
}

impl Tally {
    fn count(&mut self, truth: &Truth) {
        let none = LabelCount {
            label: truth.kind.label,
            stands: 0,
            withdrawn: 0,
            none: 0,
        };
        let count = self.labels.entry(truth.kind.name).or_insert(none);
        match truth.expected {
            Expected::Stands => count.stands += 1,
            Expected::Withdrawn => count.withdrawn += 1,
            Expected::None => count.none += 1,
        }
        if truth.is_after_death() {
            self.base_rate.flagged += 1;
            match truth.kind.label {
                Label::Misuse => self.base_rate.misuse += 1,
                Label::Error => self.base_rate.errors += 1,
                Label::Noise => {}
            }
        }
    }

    fn add(&mut self, other: Self) {
        for (kind, count) in other.labels {
            let none = LabelCount {
                stands: 0,
                withdrawn: 0,
                none: 0,
                ..count
            };
            let own = self.labels.entry(kind).or_insert(none);
            own.stands += count.stands;
            own.withdrawn += count.withdrawn;
            own.none += count.none;
        }
        self.base_rate.visits += other.base_rate.visits;
        self.base_rate.flagged += other.base_rate.flagged;
        self.base_rate.misuse += other.base_rate.misuse;
        self.base_rate.errors += other.base_rate.errors;
    }
}

/// Threads that write households and render days.
fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn make(
    options: &Options,
    overwrite: bool,
    threads: usize,
    progress: &mut dyn Progress,
) -> Result<Summary, SynthError> {
    let started = Clock::now();
    options.check()?;
    if !overwrite && holds_files(&options.output).map_err(SynthError::output(&options.output))? {
        return Err(SynthError::NotEmpty(options.output.clone()));
    }
    let staging = Staging::create(&options.output).map_err(SynthError::output(&options.output))?;
    let world = World::new(
        options.seed,
        options.citizens,
        options.days,
        options.flagged_per_million,
    );
    let made = write_all(&world, options, &staging, threads, progress);
    let (rows, tally) = made.map_err(SynthError::output(staging.directory()))?;
    publish(staging, options.format).map_err(SynthError::output(&options.output))?;
    Ok(Summary {
        rows,
        labels: tally.labels,
        base_rate: BaseRate {
            asked_per_million: options.flagged_per_million,
            ..tally.base_rate
        },
        elapsed: started.elapsed(),
    })
}

/// Whether a directory holds anything but what runs stage there.
fn holds_files(directory: &Path) -> io::Result<bool> {
    if !directory.exists() {
        return Ok(false);
    }
    for entry in fs::read_dir(directory)? {
        if !is_staging(&entry?.file_name()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Puts the streams and, last, the truth in their places, and takes an earlier country's away.
fn publish(staging: Staging, format: Format) -> io::Result<()> {
    let named = |format| {
        Stream::ALL
            .iter()
            .map(move |stream| Sink::name(*stream, format))
    };
    let streams: Vec<String> = named(format).collect();
    let others = Format::ALL.into_iter().filter(|other| *other != format);
    let outdated: Vec<String> = others.flat_map(named).collect();
    let names: Vec<&str> = streams.iter().map(String::as_str).chain([TRUTH]).collect();
    let outdated: Vec<&str> = outdated.iter().map(String::as_str).collect();
    staging.publish(&names, &outdated)
}

fn write_all(
    world: &World,
    options: &Options,
    staging: &Staging,
    threads: usize,
    progress: &mut dyn Progress,
) -> io::Result<(BTreeMap<&'static str, u64>, Tally)> {
    let mut truth = BufWriter::new(File::create(staging.path(TRUTH))?);
    truth.write_all(HEADER.as_bytes())?;
    let mut tally = Tally::default();
    let mut rows: BTreeMap<&'static str, u64> = Stream::ALL
        .iter()
        .map(|stream| (stream.name(), 0))
        .collect();
    thread::scope(|scope| {
        // Claims are as much work as all others together.
        let (claims, others) = (sync_channel(BATCHES_WAITING), sync_channel(BATCHES_WAITING));
        let format = options.format;
        let is_claims = |stream: &Stream| *stream == Stream::Claims;
        let first = scope.spawn(move || write_files(staging, format, is_claims, claims.1));
        let second = scope.spawn(move || write_files(staging, format, |s| !is_claims(s), others.1));
        let files = Files {
            claims: claims.0,
            others: others.0,
        };

        let outcome = (|| {
            let mut calendar = Calendar::create(staging.directory(), options.days)?;
            let chunks = world.households.div_ceil(HOUSEHOLDS_A_CHUNK);
            let mut written = 0;
            let chunk = |number| write_chunk(world, number, chunks);
            ordered(
                threads,
                0..chunks,
                chunk,
                |chunk: Chunk| -> io::Result<()> {
                    truth.write_all(chunk.truth.as_bytes())?;
                    calendar.keep(&chunk.later)?;
                    tally.add(chunk.tally);
                    written += files.send(chunk.batches, &mut rows)?;
                    progress.rows(written, 0, options.days);
                    Ok(())
                },
            )?;
            let render = |job: io::Result<super::calendar::Job>| -> io::Result<_> {
                let job = job?;
                let mut renderer = Renderer::new(world);
                job.rows()
                    .for_each(|(at, row)| renderer.row(at.into(), &row));
                Ok((finish(&mut renderer), job.day))
            };
            ordered(
                threads,
                calendar.jobs(),
                render,
                |rendered| -> io::Result<()> {
                    let (batches, day) = rendered?;
                    written += files.send(batches, &mut rows)?;
                    progress.rows(written, day, options.days);
                    Ok(())
                },
            )?;
            truth.flush()
        })();
        drop(files);
        // What a file's thread met is the cause of a channel that closed.
        for thread in [first, second] {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        outcome
    })?;
    Ok((rows, tally))
}

/// Where batches go.
struct Files {
    claims: SyncSender<(Stream, RecordBatch)>,
    others: SyncSender<(Stream, RecordBatch)>,
}

impl Files {
    fn send(
        &self,
        batches: Vec<(Stream, RecordBatch)>,
        rows: &mut BTreeMap<&'static str, u64>,
    ) -> io::Result<u64> {
        let mut sent = 0;
        for (stream, batch) in batches {
            let count = batch.num_rows() as u64;
            let to = if stream == Stream::Claims {
                &self.claims
            } else {
                &self.others
            };
            to.send((stream, batch))
                .map_err(|_| io::Error::other("a file could not be written"))?;
            *rows.entry(stream.name()).or_default() += count;
            sent += count;
        }
        Ok(sent)
    }
}

/// Writes the files of some streams.
fn write_files(
    staging: &Staging,
    format: Format,
    wanted: impl Fn(&Stream) -> bool,
    batches: Receiver<(Stream, RecordBatch)>,
) -> io::Result<()> {
    let mut sinks: BTreeMap<Stream, Sink> = BTreeMap::new();
    for stream in Stream::ALL.iter().filter(|stream| wanted(stream)) {
        let path = staging.path(&Sink::name(*stream, format));
        sinks.insert(*stream, Sink::create(&path, *stream, format)?);
    }
    for (stream, batch) in batches {
        if let Some(sink) = sinks.get_mut(&stream) {
            sink.write(&batch)?;
        }
    }
    sinks.into_values().try_for_each(Sink::finish)
}

fn finish(renderer: &mut Renderer<'_>) -> Vec<(Stream, RecordBatch)> {
    let tables = renderer.take().into_iter();
    tables
        .map(|(stream, table)| (stream, table.finish()))
        .collect()
}

fn write_chunk(world: &World, number: u32, chunks: u32) -> Chunk {
    let mut renderer = Renderer::new(world);
    let (mut later, mut truth, mut tally) = (Vec::new(), String::new(), Tally::default());
    let known = i64::from(number) * (BASELINE - 60) / i64::from(chunks) - BASELINE;
    let mut take = |event: &Event| {
        if event.at < 0 {
            renderer.row(known, &event.row);
        } else {
            encode(event, &mut later);
        }
    };
    let households = number * HOUSEHOLDS_A_CHUNK;
    for household in households..(households + HOUSEHOLDS_A_CHUNK).min(world.households) {
        let written = write(world, household);
        written.events.iter().for_each(&mut take);
        for row in &written.truth {
            row.write(&world.places, &mut truth)
                .expect("memory does not fail");
            tally.count(row);
        }
        tally.base_rate.visits += written.visits;
    }
    let enterprises = u64::from((world.citizens / CITIZENS_AN_ENTERPRISE).max(100));
    let place = |chunk: u32| enterprises * u64::from(chunk) / u64::from(chunks);
    for enterprise in place(number)..place(number + 1) {
        write_enterprise(world, enterprise as u32, &mut take);
    }
    Chunk {
        batches: finish(&mut renderer),
        later,
        truth,
        tally,
    }
}

/// An enterprise from before the period, and what becomes of it. The first is heard of again in the
/// last minute, so that every country is known to its last day.
fn write_enterprise(world: &World, number: u32, take: &mut impl FnMut(&Event)) {
    let mut draw = Draw::new(world.seed, domain::ENTERPRISE + 100, number.into());
    let mut enterprise = Enterprise {
        number,
        status: EnterpriseStatus::Active,
        since: -400 - draw.range(0, 3_000),
        successor: None,
        workforce: 1 + draw.below(300),
    };
    take(&Event {
        at: -1,
        row: Row::Enterprise(enterprise.clone()),
    });
    if number == 0 {
        enterprise.workforce += 1;
        take(&Event {
            at: world.end() - 60,
            row: Row::Enterprise(enterprise),
        });
        return;
    }
    if !Enterprise::may_end(number) {
        return;
    }
    use EnterpriseStatus::{Bankrupt, Dissolved, Merged, NotAtAddress, Suspended};
    enterprise.status = draw.pick(&[
        Dissolved,
        Dissolved,
        Bankrupt,
        Suspended,
        NotAtAddress,
        Merged,
    ]);
    enterprise.since = draw.range(0, world.days - 1);
    enterprise.successor = (enterprise.status == Merged).then_some(0);
    let at = (enterprise.since + draw.range(0, 30)) * 86_400 + 30_000 + draw.range(0, 30_000);
    if at < world.end() - 60 {
        take(&Event {
            at,
            row: Row::Enterprise(enterprise),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::Silent;
    use std::path::Path;

    fn bytes(directory: &Path) -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(directory).expect("read");
        let files = entries.map(|entry| entry.expect("an entry").path());
        files
            .map(|path| {
                let name = path
                    .file_name()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned();
                (name, std::fs::read(&path).expect("read"))
            })
            .collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_whatever_the_threads() {
        for format in Format::ALL {
            let made = [(1, 1), (3, 1), (2, 2)].map(|(threads, seed)| {
                let output = tempfile::tempdir().expect("a directory");
                let mut options = Options::new(output.path().to_owned());
                (options.citizens, options.days) = (5_003, 90);
                (options.seed, options.format) = (seed, format);
                let summary = make(&options, false, threads, &mut Silent).expect("made");
                assert!(summary.all_rows() > 15_000, "{}", summary.all_rows());
                bytes(output.path())
            });
            assert_eq!(made[0].len(), Stream::ALL.len() + 1);
            assert!(made[0] == made[1], "{format}: other bytes on other threads");
            assert!(
                made[0] != made[2],
                "{format}: the same bytes for another seed"
            );
        }
    }
}
