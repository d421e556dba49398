//! A journal is computed again, epoch by epoch, in a dataflow of its own.
//!
//! In: a journal up to an epoch, and whose rows. Out: the decisions of some epochs and the alerts at the last one, each
//! as a digest of its line. Must hold: the epochs, the clock and what decides are the journal's own, and the code is that
//! of the service; of the store nothing is taken over but where rows are erased.
//!
//! Where months are erased, what was still in force of them comes later, as it was carried forward. From the last such
//! epoch on the alerts that hold are those of the service again, but for since when: that is the store's. Decisions up to
//! that epoch are not compared, and that is said.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel, sync_channel};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::error::SelfReplayError;
use super::is_running;
use super::span::{Span, carries_forward};
use crate::alert::{Alert, AlertId, EpochEnd, FileNames, Ledger, Raised, SharedRows, Subject};
use crate::dataflow::{Delta, Engine, EngineOptions, LinkageWork, Observe, Workers};
use crate::detector::Detector;
use crate::journal::{Epoch, JournalReader, Rows};
use crate::persons::{NotCovered, Persons, Slice};
use crate::progress::Progress;
use crate::record::Instant;
use crate::replay::first_detector;
use crate::resolve::look_ups;
use crate::rule::Reason;
use crate::service::{Applier, Detectors, raised_of_stored, restored_claim};
use crate::store::{AlertReader, StoreError, StoredRestoration};

/// Epochs whose findings may wait to become alerts.
const DELTAS_IN_FLIGHT: usize = 4;

/// A line, as it is compared.
pub(super) type LineDigest = [u8; 32];

/// What a line comes to.
pub(super) fn line_digest(line: &str) -> LineDigest {
    Sha256::digest(line).into()
}

/// An output as it is exported.
fn line(output: &impl Serialize) -> String {
    serde_json::to_string(output).expect("an output is written into memory")
}

/// What is replayed.
pub(super) struct Replay<'r> {
    pub(super) journal: &'r JournalReader,
    pub(super) detectors: &'r Detectors,
    pub(super) workers: usize,
    pub(super) span: Span,
    /// None where it is everybody.
    pub(super) persons: Option<&'r Persons>,
    pub(super) scratch: &'r Path,
    /// Whether months of the journal are erased.
    pub(super) is_erased: bool,
    pub(super) stop: &'r AtomicBool,
}

/// What it came to.
#[derive(Default)]
pub(super) struct Replayed {
    /// The decisions of the span, by epoch and alert.
    pub(super) decisions: BTreeMap<(u64, AlertId), (Reason, LineDigest)>,
    /// The alerts that hold at the end.
    pub(super) alerts: BTreeMap<AlertId, (Reason, LineDigest)>,
    /// Epochs whose rows are erased.
    erased: u64,
    /// The last epoch that carried forward what is erased where it was; 0 where none is.
    pub(super) settled: u64,
}

/// What the store has of what is erased in the journal.
#[derive(Default)]
struct Taken {
    raised: HashMap<AlertId, Raised>,
    restored: Vec<StoredRestoration>,
}

impl Taken {
    fn of(store: &mut dyn AlertReader, until: u64) -> Result<Self, StoreError> {
        let mut raised = HashMap::new();
        store.raised(&mut |one| raised.extend(raised_of_stored(&one)))?;
        Ok(Self {
            raised,
            restored: store.restored(until)?,
        })
    }
}

impl Replay<'_> {
    /// Computes the journal up to the end of the span.
    pub(super) fn run(
        &self,
        store: &mut dyn AlertReader,
        progress: &dyn Progress,
    ) -> Result<Replayed, SelfReplayError> {
        if self.span.until == 0 {
            return Ok(Replayed::default());
        }
        let Some(detector) = first_detector(self.journal, self.detectors)? else {
            return Ok(Replayed::default());
        };
        let taken = match self.is_erased {
            true => Taken::of(store, self.span.until)?,
            false => Taken::default(),
        };
        let rows = Rows::create(self.scratch).map_err(SelfReplayError::Scratch)?;
        let rows = SharedRows::new(rows);
        let (deltas, computed) = sync_channel(DELTAS_IN_FLIGHT);
        let engine = Engine::start(
            Workers::Threads(self.workers),
            EngineOptions {
                reasons: detector.reasons,
                observe: Observe::Flagged,
                settings: detector.initially().of_persons(),
                exclusive_benefits: detector.exclusive_benefits.clone(),
                linkage: detector.linkage.clone(),
                linkage_work: LinkageWork::default(),
                models: self.detectors.models().clone(),
                shadow: None,
                telemetry: None,
            },
            look_ups(&rows),
            deltas,
        )?;
        let carried = AtomicU64::new(0);
        let ledger = Ledger::new(rows.clone(), self.detectors.models().clone());
        std::thread::scope(|scope| {
            let keeping = Keeping {
                replay: self,
                carried: &carried,
                raised: &taken.raised,
            };
            let kept = scope.spawn(move || keeping.keep(ledger, computed));
            let fed = self.feed(&engine, (&rows, detector), (&taken, &carried), progress);
            let finished = engine.finish();
            // Where the ledger failed, the dataflow only stopped because of it.
            let kept = kept.join().map_err(|_| SelfReplayError::LedgerStopped)?;
            let (ledger, decisions) = kept?;
            let fed = fed?;
            finished?;
            is_running(self.stop)?;
            let settled = match fed.erased {
                0 => 0,
                _ => carried.load(Ordering::Acquire),
            };
            let mut replayed = Replayed {
                decisions,
                alerts: self.alerts(&ledger, fed.last)?,
                erased: fed.erased,
                settled,
            };
            replayed.decisions.retain(|(epoch, _), _| *epoch > settled);
            Ok(replayed)
        })
    }

    fn feed(
        &self,
        engine: &Engine<EpochEnd>,
        (rows, detector): (&SharedRows, Arc<Detector>),
        (taken, carried): (&Taken, &AtomicU64),
        progress: &dyn Progress,
    ) -> Result<Fed, SelfReplayError> {
        let (applied, told) = channel();
        let mut applier = Applier::new(engine, rows.clone(), (self.detectors, detector), applied);
        if let Some(persons) = self.persons {
            applier.feed_only(|key| persons.have(key));
        }
        let mut erased = 0;
        for frame in self.journal.frames(1)? {
            is_running(self.stop)?;
            let frame = frame?;
            let number = frame.number;
            if number > self.span.until {
                break;
            }
            let of = (number, Instant::from_nanos(frame.at));
            let mut epoch = Epoch::decode(of, &frame.plain, frame.secret.as_deref())?;
            erased += u64::from(epoch.deliveries.is_none());
            if epoch.deliveries.is_none() && !self.is_erased {
                return Err(SelfReplayError::ErasedMeanwhile);
            }
            if carries_forward(&epoch) {
                carried.store(number, Ordering::Release);
            }
            let accepted = applier.add(&mut epoch)?;
            if epoch.deliveries.is_none() {
                // What it restored is erased with it, but for what the store has of it.
                for stored in taken.restored.iter().filter(|one| one.epoch == number) {
                    if let Some((key, until)) = restored_claim(&stored.claim) {
                        applier.restore(&[key], until)?;
                    }
                }
            }
            applier.end(epoch, accepted, None)?;
            // What the store would keep of it is not asked for.
            while told.try_recv().is_ok() {}
            progress.told("replaying", number, self.span.until);
        }
        Ok(Fed {
            erased,
            last: applier.epochs().saturating_sub(1),
        })
    }

    /// The alerts that hold at the end.
    fn alerts(
        &self,
        ledger: &Ledger,
        last: u32,
    ) -> Result<BTreeMap<AlertId, (Reason, LineDigest)>, SelfReplayError> {
        let alerts = ledger
            .alerts(last, FileNames::Epochs)
            .map_err(SelfReplayError::Scratch)?;
        let alerts = alerts
            .into_iter()
            .filter(|one| self.is_compared(&one.subject));
        let digest = |alert: Alert| (alert.alert_id, (alert.reason, line_digest(&line(&alert))));
        Ok(alerts.map(digest).collect())
    }

    fn is_compared(&self, subject: &Subject) -> bool {
        self.persons
            .is_none_or(|persons| persons.are_subject(subject.kind.as_str(), &subject.id))
    }
}

/// What was fed.
struct Fed {
    /// Epochs whose rows are erased.
    erased: u64,
    /// The ordinal of the last epoch.
    last: u32,
}

/// Makes alerts of what the dataflow gives out.
struct Keeping<'k> {
    replay: &'k Replay<'k>,
    /// The last epoch that was fed with something that was carried forward.
    carried: &'k AtomicU64,
    /// Since when the alerts hold that the store has.
    raised: &'k HashMap<AlertId, Raised>,
}

type Kept = (Ledger, BTreeMap<(u64, AlertId), (Reason, LineDigest)>);

impl Keeping<'_> {
    fn keep(
        &self,
        mut ledger: Ledger,
        computed: Receiver<(EpochEnd, Delta)>,
    ) -> Result<Kept, SelfReplayError> {
        let mut decisions = BTreeMap::new();
        for (end, delta) in computed {
            let number = u64::try_from(end.number).unwrap_or_default();
            let events = ledger.apply(end, delta).map_err(SelfReplayError::Scratch)?;
            // It may be a later one already: then that one takes it over.
            if !self.raised.is_empty() && self.carried.load(Ordering::Acquire) == number {
                let before = |id| self.raised.get(&id).copied();
                let before = |id| before(id).filter(|raised| raised.epoch <= end_of(number));
                // Of the others it is as the replay has it: raised since, or not in the store.
                let _ = ledger
                    .know_raised(before)
                    .map_err(SelfReplayError::Scratch)?;
            }
            if !self.replay.span.has(number) {
                continue;
            }
            for event in &events {
                if self.replay.is_compared(&event.subject) {
                    let key = (number, event.alert_id);
                    decisions.insert(key, (event.reason, line_digest(&line(event))));
                }
            }
        }
        Ok((ledger, decisions))
    }
}

fn end_of(epoch: u64) -> i64 {
    i64::try_from(epoch).unwrap_or(i64::MAX)
}

impl Replayed {
    /// What could not be compared.
    pub(super) fn not_covered(&self, slice: Slice) -> Vec<NotCovered> {
        let mut all: Vec<NotCovered> = NotCovered::by(slice).into_iter().collect();
        if self.erased > 0 {
            all.push(NotCovered {
                what: format!("decisions up to epoch {}", self.settled),
                why: format!(
                    "the rows of {} epochs are erased, since the keys of their months are destroyed; since when the \
                     alerts hold that were raised up to there is taken from the store",
                    self.erased
                ),
            });
        }
        all
    }
}
