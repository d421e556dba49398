//! The audit replay: a directory of register extracts and claim logs in, the alerts that hold and
//! their history out (contract 3.1).
//!
//! ```text
//! files ─ first pass ─ merge ─▶ sequencer ─▶ engine ─▶ ledger ─▶ history.ndjson, alerts.ndjson
//!          (order)      │        (rows,       (findings  (events)
//!                       │         epochs)      by epoch)
//!                       └─ rejects.ndjson                           └─▶ notices.ndjson
//! ```
//! Must hold: outputs are a function of the accepted rows and the options, whatever the number of
//! workers; they appear together or not at all.

mod error;
mod journal;
mod journal_end;
mod options;
mod outputs;
mod progress;
mod rejects;
mod sequencer;
mod summary;
mod supposed;
mod training;
mod vouched;

use std::cell::RefCell;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering as Atomic};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant as Clock};

pub use error::ReplayError;
pub(crate) use journal::{first_detector, journal_reader};
pub use journal_end::JournalEnd;
pub use options::{EpochLength, JournalInput, Options};
pub use progress::{Progress, Silent};
pub use rejects::RejectsError;
pub use summary::{
    ArrangementSummary, LeftOutSummary, LinkageSummary, MeasureSummary, ReasonSummary,
    ShadowReasonSummary, ShadowSummary, StreamSummary, Summary,
};
pub use supposed::Supposition;
pub use training::{SAMPLE, TrainingData, training_data};

use crate::alert::{FileNames, KnownCitizens, Ledger, SharedRows};
use crate::audit::{Code, Envelope, FileDigest, MANIFEST, Manifest, RunFiles, SIGNED};
use crate::dataflow::{
    ArrangementSize, Content, Engine, EngineOptions, LinkageWork, Observe, RowRef, RowSettings,
    Workers,
};
use crate::hex::hex;
use crate::journal::Rows;
use crate::measure::{self, Failing, Report};
use crate::notice::{
    Proposal, evidence_of_life, leads_of_case, proposals, proposes, stopped_enterprise,
};
use crate::persons::ACROSS_PERSONS;
use crate::processes::{Gathering, Generation, ProcessesError};
use crate::record::{Instant, Key, Stream};
use crate::resolve::{Incoming, look_ups};
use crate::rule::{Reason, Settings};
use crate::source::{
    Discovery, FileOrder, InputFile, Merge, MergeLimits, Reading, SortLimits, discover, open,
    survey,
};
use crate::staging::Staging;
use outputs::{
    BYPRODUCTS, EventCounts, HistoryWriter, OUTPUTS, is_theirs, write_alerts, write_bytes,
    write_json, write_measures, write_notices, write_numbers,
};
use rejects::Rejects;
use sequencer::{Sequence, Sequencer};

/// Threads of the first pass.
const SURVEY_THREADS: usize = 2;
/// Epochs whose events may wait to be written.
const DELTAS_IN_FLIGHT: usize = 4;
/// Rows between two looks at the clock.
const ROWS_PER_REPORT: u64 = 4096;
/// Time between two reports of progress.
const REPORT_EVERY: Duration = Duration::from_millis(100);

/// Replays a directory.
///
/// # Errors
/// See [`ReplayError`]; then the output directory is as it was.
pub fn run(options: &Options, progress: &mut dyn Progress) -> Result<Summary, ReplayError> {
    let started = Clock::now();
    let staging = Staging::create(&options.output).map_err(ReplayError::output(&options.output))?;
    // Refused before the work, and asked again after it: a night may have passed.
    vouched::by_self_replay(options)?;
    let (of_persons, of_journal);
    let (options, replayed) = match &options.journal {
        None if options.persons.is_some() => {
            of_persons = Options {
                detector: options.detector.without(ACROSS_PERSONS),
                ..options.clone()
            };
            let replayed = replay(&of_persons, &staging, progress)?;
            (&of_persons, replayed)
        }
        None => (options, replay(options, &staging, progress)?),
        Some(input) => {
            let (detector, replayed) = journal::replay(options, input, &staging, progress)?;
            of_journal = Options {
                detector,
                ..options.clone()
            };
            (&of_journal, replayed)
        }
    };
    progress.writing(replayed.ledger.len());
    let mut alerts = replayed
        .ledger
        .alerts(replayed.last_epoch(), replayed.names.clone())
        .map_err(ReplayError::scratch)?;
    alerts.retain(|alert| is_theirs(options.persons.as_deref(), &alert.subject));
    write_alerts(&staging, &alerts)?;
    let report = Report::new(&measure::Parts {
        measures: &replayed.sequence.measures,
        rejected: replayed.rejects.counts(),
        failing: &Failing::of(&alerts),
        reasons: options.detector.reasons,
        known_until: replayed.sequence.known_until,
    });
    write_measures(&staging, &report)?;
    let notices = match &options.persons {
        None => replayed.notices(options.detector.rules.at(options.as_of))?,
        // Some are of those whom a register ties to them, or of all who are insured through an enterprise.
        Some(_) => Vec::new(),
    };
    write_notices(&staging, &notices)?;
    write_numbers(&staging, &alerts, &replayed.ledger.weighings())?;
    let summary = Summary::new(summary::Parts {
        accepted: replayed.accepted,
        not_configured: options.detector.not_configured(options.as_of).collect(),
        rejected: replayed.rejects.counts().codes(),
        alerts: &alerts,
        notices: &notices,
        counts: replayed.counts,
        span: replayed.span,
        epochs: replayed.sequence.epochs,
        as_of: replayed.sequence.known_until.map(Instant::day),
        settings: options.detector.rules.at(options.as_of),
        measures: MeasureSummary::of(report),
        shadow: (options.detector.shadow_model.as_ref())
            .map(|model| (model.digest(), replayed.ledger.compared_with(model))),
        arrangements: replayed.arrangements,
        linkage: (options.detector.reasons.contains(Reason::ProbableDuplicate))
            .then_some((replayed.linkage_work, options.detector.linkage.bounds)),
        elapsed: started.elapsed(),
        warnings: replayed.warnings,
        weighings: replayed.ledger.weighings(),
    });
    outputs::write_rejects(&staging, replayed.rejects, &replayed.names)?;
    write_json(&staging, BYPRODUCTS[0], &summary)?;
    if !options.is_audited {
        let published = [&OUTPUTS[..], &BYPRODUCTS].concat();
        staging
            .publish(&published, &[SIGNED, MANIFEST])
            .map_err(ReplayError::output(&options.output))?;
        return Ok(summary);
    }
    let files = RunFiles {
        self_replay: vouched::by_self_replay(options)?,
        inputs: replayed.inputs,
        left_out: replayed.left_out,
        directory: staging.directory(),
        outputs: &OUTPUTS,
        byproducts: &BYPRODUCTS,
    };
    let manifest = Manifest::of_run(options, &summary, files)
        .map_err(ReplayError::output(staging.directory()))?;
    let manifest = manifest.to_bytes();
    write_bytes(&staging, MANIFEST, &manifest)?;
    let signed = options.signing_key.as_deref();
    if let Some(key) = signed {
        write_bytes(&staging, SIGNED, &Envelope::sign(&manifest, key).to_bytes())?;
    }
    let published = OUTPUTS.into_iter().chain(BYPRODUCTS);
    let published = published.chain(signed.map(|_| SIGNED)).chain([MANIFEST]);
    let published: Vec<&str> = published.collect();
    staging
        .publish(&published, &[SIGNED])
        .map_err(ReplayError::output(&options.output))?;
    Ok(summary)
}

/// The last knowledge time of the files of directories, as far as it can be read.
///
/// # Errors
/// When a file cannot be read.
pub fn known_until(directories: &[&Path], scratch: &Path) -> Result<Option<Instant>, ReplayError> {
    let mut files = Vec::new();
    for directory in directories {
        files.extend(discover(directory)?.files);
    }
    // What is linked twice is read once.
    files.sort_by_cached_key(|file| file.path.canonicalize().unwrap_or_default());
    files.dedup_by_key(|file| file.path.canonicalize().unwrap_or_default());
    let orders = first_pass((&files, false), scratch, &mut Silent)?;
    let last = orders.iter().filter_map(|order| Some(order.span?.1));
    Ok(last.max())
}

/// What a replay came to, before anything of it is written but the history.
struct Replayed {
    names: FileNames,
    inputs: Vec<FileDigest>,
    /// Loads of a journal that were left out.
    left_out: Vec<FileDigest>,
    rows: SharedRows,
    ledger: Ledger,
    counts: EventCounts,
    rejects: Rejects,
    accepted: Vec<(Stream, u64)>,
    span: Option<(Instant, Instant)>,
    sequence: Sequence,
    arrangements: Vec<ArrangementSize>,
    linkage_work: LinkageWork,
    warnings: Vec<String>,
}

impl Replayed {
    fn last_epoch(&self) -> u32 {
        self.sequence.epochs.saturating_sub(1)
    }

    /// What the alerts that hold, and rows that speak against a database without an alert, say is wrong in
    /// which database.
    fn notices(&self, settings: &Settings) -> Result<Vec<Proposal>, ReplayError> {
        let settings = RowSettings::from(settings);
        let leads = self.ledger.cases(self.last_epoch(), proposes, |case| {
            let citizens = KnownCitizens::new(self.rows.known(self.last_epoch()));
            let leads = leads_of_case(&case, &settings, &citizens);
            citizens.finish().map(|()| leads)
        });
        let leads: io::Result<Vec<_>> = leads.and_then(|leads| leads.into_iter().collect());
        let leads = leads.map_err(ReplayError::scratch)?;
        let mut notices = proposals(leads.into_iter().flatten());
        notices.extend(evidence_of_life(self.ledger.signs()));
        let stopped = self.stopped_enterprises().map_err(ReplayError::scratch)?;
        notices.extend(stopped);
        notices.sort_unstable_by(|a, b| a.target.cmp(&b.target));
        Ok(notices)
    }

    /// The enterprises that are suspended or merged, through which somebody is insured on the as-of date.
    fn stopped_enterprises(&self) -> io::Result<Vec<Proposal>> {
        let Some(known_until) = self.sequence.known_until else {
            return Ok(Vec::new());
        };
        let open = self.sequence.measures.workforce.open_on(known_until.day());
        let known = self.rows.known(self.last_epoch());
        let mut stopped = Vec::new();
        for (number, employer) in &self.sequence.stopped {
            let employments = open(*employer);
            if employments == 0 {
                continue;
            }
            let (key, row) = known.find(RowRef::enterprise(*number))?;
            let content = row.and_then(|row| row.content);
            if let (Key::Enterprise(tax_code), Some(Content::Enterprise(enterprise))) =
                (key, content)
            {
                stopped.extend(stopped_enterprise(&tax_code, &enterprise, employments));
            }
        }
        Ok(stopped)
    }
}

fn replay(
    options: &Options,
    staging: &Staging,
    progress: &mut dyn Progress,
) -> Result<Replayed, ReplayError> {
    let gathering = gathering(options)?;
    let Discovery { files, ignored } = discover(&options.input)?;
    let mut warnings: Vec<String> = ignored
        .iter()
        .filter(|name| !name.starts_with('.'))
        .map(|name| format!("{name}: matches no stream, ignored"))
        .collect();
    if files.is_empty() {
        warnings.push("no file in the input directory matches a stream".to_owned());
    }
    if (options.detector.not_configured(options.as_of))
        .any(|reason| reason == Reason::ExclusiveBenefits)
    {
        warnings
            .push("exclusive_benefits: not configured, since the list names no pair".to_owned());
    }
    warnings.extend(options.detector.outlier_warnings(options.as_of));
    warnings
        .iter()
        .for_each(|warning| progress.warning(warning));

    let orders = first_pass((&files, options.is_audited), staging.directory(), progress)?;
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let rejects = RefCell::new(Rejects::new(staging.directory(), SortLimits::default()));
    let opened = |file: usize| open(&files[file], Reading::Everything, staging.directory());
    let strict = options.strict;
    let rows = Rows::create(staging.directory()).map_err(ReplayError::scratch)?;
    let mut merge = Merge::new(
        &orders,
        &opened,
        Incoming::keep(rows.key_hasher(), options.detector.reasons),
        options.as_of,
        staging.directory(),
        MergeLimits::default(),
        |file, row, reject| {
            if strict {
                return Err(ReplayError::BadRow {
                    file: names[file as usize].clone(),
                    row,
                    code: reject.error.code,
                    message: reject.error.message,
                });
            }
            Ok(rejects.borrow_mut().push(file, row, reject)?)
        },
    );

    let rows = SharedRows::new(rows);
    let (deltas, ended_epochs) = sync_channel(DELTAS_IN_FLIGHT);
    let history = HistoryWriter::start(
        rows.clone(),
        options.detector.models.clone(),
        (staging, options),
        ended_epochs,
    )?;
    let linkage_work = LinkageWork::default();
    let mut waiting = |missing: &[usize]| progress.waiting(missing);
    let engine = Engine::start(
        workers(options, gathering, &mut waiting),
        EngineOptions {
            reasons: options.detector.reasons,
            observe: options.sample.map_or(Observe::Flagged, |size| {
                observed_sample(size, &files, &orders)
            }),
            settings: options.detector.initially().of_persons(),
            exclusive_benefits: options.detector.exclusive_benefits.clone(),
            linkage: options.detector.linkage.clone(),
            linkage_work: linkage_work.clone(),
            models: options.detector.models.clone(),
            shadow: options.detector.shadow(options.as_of),
            telemetry: None,
        },
        look_ups(&rows),
        deltas,
    )?;
    let mut sequencer = Sequencer::new(&engine, rows.clone(), options);
    let fed = feed(&mut merge, &mut sequencer, &orders, progress);
    let ended = fed.and_then(|span| Ok((span, sequencer.finish(options.as_of)?)));
    let finished = engine.finish();
    // Where the ledger failed, the dataflow only stopped because of it.
    let (ledger, counts) = history.finish()?;
    let (span, sequence) = ended?;
    let arrangements = finished?;

    for (file, columns) in merge.unknown_columns() {
        let columns = columns.join("`, `");
        let warning = format!(
            "{}: unknown columns `{columns}`, ignored",
            names[*file as usize]
        );
        progress.warning(&warning);
        warnings.push(warning);
    }
    let accepted: Vec<(Stream, u64)> = Stream::ALL
        .iter()
        .map(|stream| (*stream, merge.accepted(*stream)))
        .collect();
    drop(merge);
    let inputs = names.iter().zip(&orders).filter_map(|(name, order)| {
        let mut file = FileDigest::new(name, (order.bytes, hex(&order.sha256?)));
        file.annotations.rows = Some(order.rows);
        Some(file)
    });
    Ok(Replayed {
        inputs: inputs.collect(),
        left_out: Vec::new(),
        names: FileNames::listed(&names),
        rows,
        ledger,
        counts,
        rejects: rejects.into_inner(),
        accepted,
        span,
        sequence,
        arrangements,
        linkage_work,
        warnings,
    })
}

/// Listens for the other processes, where there are several: they can come while this one looks into its files.
fn gathering(options: &Options) -> Result<Option<Gathering>, ReplayError> {
    let Some(hosts) = &options.processes else {
        return Ok(None);
    };
    let mut generation = [0; 8];
    getrandom::fill(&mut generation).map_err(|error| ProcessesError::System(error.into()))?;
    let generation = Generation(u64::from_ne_bytes(generation));
    let gathering = Gathering::start(hosts.clone(), generation, Code::running().identity());
    Ok(Some(gathering?))
}

/// Where the dataflow of a replay runs.
fn workers<'a>(
    options: &Options,
    gathering: Option<Gathering>,
    waiting: &'a mut dyn FnMut(&[usize]),
) -> Workers<'a> {
    match gathering {
        None => Workers::Threads(options.workers),
        Some(gathering) => Workers::Processes {
            threads: options.workers,
            gathering,
            waiting,
        },
    }
}

/// What gives a sample of at least so many claims: twice as many of the rows, so that enough are left where half
/// of them are re-sent, or are claims under alerts. It is bounded whatever the number of rows.
fn observed_sample(size: u64, files: &[InputFile], orders: &[FileOrder]) -> Observe {
    let of_claims = files.iter().zip(orders);
    let of_claims = of_claims.filter(|(file, _)| file.stream == Stream::Claims);
    let rows: u64 = of_claims.map(|(_, order)| order.rows).sum();
    let most = u128::from(size) * 2 * u128::from(u64::MAX) / u128::from(rows.max(1));
    Observe::Sampled(u64::try_from(most).unwrap_or(u64::MAX))
}

/// Finds out of every file whether it is in order, and digests it where that is asked for.
fn first_pass(
    (files, is_digested): (&[InputFile], bool),
    scratch: &Path,
    progress: &mut dyn Progress,
) -> Result<Vec<FileOrder>, ReplayError> {
    let paths: Vec<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
    let opened = |file: usize| open(&files[file], Reading::KnowledgeTimes, scratch);
    let (done, total) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let report = |now: u64, all: u64| {
            done.store(now, Atomic::Relaxed);
            total.store(all, Atomic::Relaxed);
        };
        let pass =
            scope.spawn(move || survey(&paths, &opened, (SURVEY_THREADS, is_digested), &report));
        while !pass.is_finished() {
            progress.checking(done.load(Atomic::Relaxed), total.load(Atomic::Relaxed));
            std::thread::park_timeout(REPORT_EVERY / 10);
        }
        let orders = pass
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok(orders?)
    })
}

/// Feeds every row. Gives the first and the last knowledge time.
fn feed(
    merge: &mut Merge<'_, Incoming, ReplayError>,
    sequencer: &mut Sequencer<'_>,
    orders: &[FileOrder],
    progress: &mut dyn Progress,
) -> Result<Option<(Instant, Instant)>, ReplayError> {
    let total = orders.iter().map(|order| order.rows).sum();
    let read = merge.rows_read();
    let mut reported = Clock::now();
    let mut span: Option<(Instant, Instant)> = None;
    let mut fed = 0u64;
    while let Some(row) = merge.next().transpose()? {
        let at = row.change.recorded_at;
        span = Some((span.map_or(at, |(first, _)| first), at));
        sequencer.push(row)?;
        fed += 1;
        if fed.is_multiple_of(ROWS_PER_REPORT) && reported.elapsed() >= REPORT_EVERY {
            reported = Clock::now();
            progress.replaying(read.load(Atomic::Relaxed), total, at);
        }
    }
    Ok(span)
}
