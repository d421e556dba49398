//! The replay of a live service's journal: the same epochs, computed by the same code.
//!
//! In: the directory of a service, beside which it may run. Out: what the service came to, or should have. Must
//! hold: the epochs, the clock and what decides are the journal's own, so that alerts and history equal the
//! service's to the byte.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{channel, sync_channel};
use std::time::Instant as Clock;

use sha2::{Digest, Sha256};

use super::error::ReplayError;
use super::journal_end::JournalEnd;
use super::options::{JournalInput, Options};
use super::outputs::HistoryWriter;
use super::rejects::Rejects;
use super::sequencer::Sequence;
use super::{DELTAS_IN_FLIGHT, Progress, REPORT_EVERY, Replayed, gathering, workers};
use crate::alert::{FileNames, SharedRows};
use crate::audit::FileDigest;
use crate::dataflow::{Engine, EngineOptions, LinkageWork, Observe};
use crate::detector::Detector;
use crate::hex::hex;
use crate::journal::{
    Delivery, Directory, Epoch, JournalReader, Keys, LoadId, MasterKey, Rows, UndoneLoads, row_text,
};
use crate::persons::ACROSS_PERSONS;
use crate::record::{Instant, RowError, Stream};
use crate::resolve::look_ups;
use crate::service::{Applier, Detectors, Places};
use crate::source::{Reject, SortLimits};
use crate::staging::Staging;

/// A reader of the journal of a service, which may run.
///
/// # Errors
/// When the directory holds no journal, or it cannot be read.
pub(crate) fn journal_reader(
    data: &Path,
    master_key: Option<MasterKey>,
) -> Result<JournalReader, ReplayError> {
    let places = Places(data);
    let directory = |path: std::path::PathBuf| {
        let opened = Directory::open(&path).map_err(|error| ReplayError::NoJournal { path, error });
        opened.map(Arc::new)
    };
    let keys = Keys::new(directory(places.keys())?, master_key);
    Ok(JournalReader::open(
        directory(places.journal())?,
        Arc::new(keys),
    )?)
}

/// Replays a journal. Gives what decided at its end as well.
///
/// # Errors
/// When the directory holds no journal, or it cannot be read.
pub(super) fn replay(
    options: &Options,
    input: &JournalInput,
    staging: &Staging,
    progress: &mut dyn Progress,
) -> Result<(Detector, Replayed), ReplayError> {
    let gathering = gathering(options)?;
    let places = Places(&options.input);
    let reader = journal_reader(&options.input, input.master_key.clone())?;
    let mut detectors = Detectors::of_journal(&places.artefacts(), &options.detector)?;
    let supposed = &input.supposed;
    detectors.suppose(&options.detector, (supposed.rules, supposed.model));
    if options.persons.is_some() {
        detectors.leave_out(ACROSS_PERSONS);
    }
    let Some(mut detector) = first_detector(&reader, &detectors)? else {
        return Err(ReplayError::EmptyJournal {
            path: options.input.clone(),
        });
    };
    let rows = Rows::create(staging.directory()).map_err(ReplayError::scratch)?;
    let rows = SharedRows::new(rows);
    let (deltas, ended) = sync_channel(DELTAS_IN_FLIGHT);
    let models = detectors.models().clone();
    let history = HistoryWriter::start(rows.clone(), models.clone(), (staging, options), ended)?;
    let linkage_work = LinkageWork::default();
    let mut waiting = |missing: &[usize]| progress.waiting(missing);
    let engine = Engine::start(
        workers(options, gathering, &mut waiting),
        EngineOptions {
            reasons: detector.reasons,
            observe: Observe::Flagged,
            settings: detector.initially().of_persons(),
            exclusive_benefits: detector.exclusive_benefits.clone(),
            linkage: detector.linkage.clone(),
            linkage_work: linkage_work.clone(),
            models,
            shadow: detector.shadow(options.as_of),
            telemetry: None,
        },
        look_ups(&rows),
        deltas,
    )?;
    let (applied, told) = channel();
    let of_applier = (&detectors, detector.clone());
    let mut applier = Applier::new(&engine, rows.clone(), of_applier, applied);
    let without = without_rows(&reader, &supposed.without)?;
    applier.leave_out(without.clone());
    if let Some(persons) = &options.persons {
        applier.feed_only(|key| persons.have(key));
    }
    let mut counted = Counted::new(Rejects::new(staging.directory(), SortLimits::default()));
    let end = match &input.end {
        Some(end) => end.clone(),
        None => JournalEnd::of(&options.input, &reader)?,
    };
    let mut reported = Clock::now();
    let mut left_out: BTreeMap<LoadId, FileDigest> = BTreeMap::new();
    let mut last: Option<Epoch> = None;
    let mut unknown_columns = Vec::new();
    let mut fed = || -> Result<(), ReplayError> {
        for frame in reader.frames(1)? {
            let frame = frame?;
            let at = Instant::from_nanos(frame.at);
            if frame.number > end.epoch() || options.as_of.is_some_and(|as_of| at > as_of) {
                break;
            }
            let of = (frame.number, at);
            let epoch = Epoch::decode(of, &frame.plain, frame.secret.as_deref())?;
            counted.count(&epoch, &without)?;
            for (load, delivery) in epoch.loads() {
                if supposed.without.contains(&load) {
                    left_out.insert(load, digest_of_load(load, delivery));
                }
            }
            last = Some(Epoch {
                detector: None,
                deliveries: None,
                ..epoch
            });
            applier.apply(epoch, None)?;
            // What the store would keep of it is not asked for.
            while told.try_recv().is_ok() {}
            if reported.elapsed() >= REPORT_EVERY {
                reported = Clock::now();
                progress.replaying(frame.number, end.epoch(), at);
            }
        }
        let absent = |load: &&LoadId| !left_out.contains_key(*load);
        if let Some(absent) = supposed.without.iter().find(absent) {
            return Err(ReplayError::NoLoad(*absent));
        }
        if let Some(last) = last.as_ref().filter(|_| !supposed.loads.is_empty()) {
            let (epoch, warnings) = supposed.epoch(last, counted.rows(), staging.directory())?;
            unknown_columns = warnings;
            counted.count(&epoch, &BTreeSet::new())?;
            applier.apply(epoch, None)?;
        }
        Ok(())
    };
    let fed = fed();
    detector = applier.detector();
    let epochs = applier.epochs();
    let (measures, stopped) = applier.into_measures();
    let finished = engine.finish();
    let (ledger, counts) = history.finish()?;
    fed?;
    let sequence = Sequence {
        epochs,
        known_until: counted.known_until,
        measures,
        stopped,
    };
    let mut warnings = counted.warnings();
    warnings.extend(unknown_columns);
    warnings.extend(detector.outlier_warnings(counted.known_until));
    warnings
        .iter()
        .for_each(|warning| progress.warning(warning));
    let replayed = Replayed {
        names: FileNames::Epochs,
        inputs: end.digests()?,
        left_out: left_out.into_values().collect(),
        rows,
        ledger,
        counts,
        rejects: counted.rejects,
        accepted: counted.accepted,
        span: counted.span,
        sequence,
        arrangements: finished?,
        linkage_work,
        warnings,
    };
    Ok((Detector::clone(&detector), replayed))
}

/// What decides in the first epoch.
pub(crate) fn first_detector(
    reader: &JournalReader,
    detectors: &Detectors,
) -> Result<Option<Arc<Detector>>, ReplayError> {
    let Some(frame) = reader.frames(1)?.next().transpose()? else {
        return Ok(None);
    };
    let epoch = Epoch::decode(
        (frame.number, Instant::from_nanos(frame.at)),
        &frame.plain,
        None,
    )?;
    let document = epoch.detector.as_deref().unwrap_or_default();
    Ok(Some(detectors.of_document(document)?))
}

/// The loads of whose rows none counts where some never came. That which was undone holds nothing either then, and what
/// undid it put back nothing: what it put back holds by itself.
fn without_rows(
    reader: &JournalReader,
    never_came: &BTreeSet<LoadId>,
) -> Result<BTreeSet<LoadId>, ReplayError> {
    if never_came.is_empty() {
        return Ok(BTreeSet::new());
    }
    Ok(UndoneLoads::read(reader)?.without_rows(never_came))
}

/// A load, by its rows as lines of NDJSON.
fn digest_of_load(load: LoadId, delivery: &Delivery) -> FileDigest {
    let mut hash = Sha256::new();
    let mut bytes = 0;
    for row in &delivery.rows {
        let mut line = row_text(&row.change);
        line.push(b'\n');
        bytes += line.len() as u64;
        hash.update(&line);
    }
    let mut digest = FileDigest::new(load.to_string(), (bytes, hex(&hash.finalize())));
    digest.annotations.rows = Some(delivery.rows.len() as u64);
    digest
}

/// What the epochs held, counted.
struct Counted {
    rejects: Rejects,
    accepted: Vec<(Stream, u64)>,
    span: Option<(Instant, Instant)>,
    known_until: Option<Instant>,
    erased: u64,
}

impl Counted {
    fn new(rejects: Rejects) -> Self {
        Self {
            rejects,
            accepted: Stream::ALL.iter().map(|stream| (*stream, 0)).collect(),
            span: None,
            known_until: None,
            erased: 0,
        }
    }

    fn rows(&self) -> u64 {
        self.accepted.iter().map(|(_, rows)| rows).sum()
    }

    fn count(&mut self, epoch: &Epoch, without: &BTreeSet<LoadId>) -> Result<(), ReplayError> {
        self.known_until = Some(epoch.at);
        self.erased += u64::from(epoch.deliveries.is_none());
        let deliveries = epoch.loads().filter(|(load, _)| !without.contains(load));
        for row in deliveries.clone().flat_map(|(_, one)| &one.rows) {
            let at = row.change.recorded_at;
            let (first, last) = self.span.unwrap_or((at, at));
            self.span = Some((first.min(at), last.max(at)));
            self.accepted[row.change.key.stream() as usize].1 += 1;
        }
        let rejects = deliveries.flat_map(|(_, one)| &one.rejects);
        let file = u32::try_from(epoch.number).unwrap_or(u32::MAX);
        for (row, reject) in (1..).zip(rejects) {
            let reject = Reject {
                stream: reject.stream,
                recorded_at: reject.recorded_at,
                facility: reject.facility,
                error: RowError::new(reject.code, reject.message.clone()),
                raw: reject.raw.clone(),
            };
            self.rejects.push(file, row, reject)?;
        }
        Ok(())
    }

    fn warnings(&self) -> Vec<String> {
        let erased = (self.erased > 0).then(|| {
            format!(
                "the rows of {} epochs are erased, since the keys of their months are destroyed; what rested on \
                 them is not reproduced",
                self.erased
            )
        });
        erased.into_iter().collect()
    }
}
