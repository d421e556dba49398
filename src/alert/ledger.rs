//! The alerts that hold, and what each epoch does to them.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;

use serde::Serialize;

use super::event::{Cause, Event, EventKind, display, first_causes, serialize_amount};
use super::evidence::{Evidence, Sources, VisitsByPerson, rows_behind, with_deciding_cards};
use super::identity::{AlertId, Subject};
use super::lookup::{Known, SharedRows, amount, deciding_cards};
use super::score::{self, ScoreFeature, Scores};
use crate::dataflow::{ClaimContent, Delta, Finding, Forgiving, Output, RowRef, Visits};
use crate::journal::Place;
use crate::model::{Observation, OutlierModel, Score};
use crate::record::{Day, Instant, Key, Money};
use crate::rule::{Class, Reason, Severity, priority};

/// The most inputs that an event lists as its cause: as many as evidence lists.
const CAUSES_SHOWN: usize = 8;

/// A whole epoch, as the thread that resolved its rows knows it.
#[derive(Debug, Default)]
pub struct EpochEnd {
    /// The epoch, counted from 0 without gaps.
    pub ordinal: u32,
    /// The epoch's number since 1970-01-01T00:00+07:00.
    pub number: i64,
    /// The last knowledge time in it.
    pub at: Option<Instant>,
    /// The keys that its rows touched, in any order.
    pub touched: Vec<RowRef>,
    /// Claims with an earlier row: the amount at stake may be another.
    pub resent: Vec<Place>,
    /// The as-of date, in the last epoch.
    pub as_of: Option<Day>,
}

impl EpochEnd {
    /// Puts what was gathered row by row in order, to be looked up.
    fn settle(&mut self) {
        self.touched.sort_unstable();
        self.touched.dedup();
        self.touched.shrink_to_fit();
    }

    fn has_touched(&self, row: RowRef) -> bool {
        self.touched.binary_search(&row).is_ok()
    }
}

/// What changed in one epoch, looked up once a row: alerts of one person rest on the same rows.
struct ChangedRows<'a> {
    rows: &'a SharedRows,
    epoch: &'a EpochEnd,
    found: HashMap<RowRef, Option<Cause>>,
}

impl<'a> ChangedRows<'a> {
    fn new(rows: &'a SharedRows, epoch: &'a EpochEnd) -> Self {
        Self {
            rows,
            epoch,
            found: HashMap::new(),
        }
    }

    /// The row as a cause, if what its key holds changed in the epoch.
    fn cause(&mut self, row: RowRef) -> io::Result<Option<Cause>> {
        if !self.epoch.has_touched(row) {
            return Ok(None);
        }
        if let Some(found) = self.found.get(&row) {
            return Ok(found.clone());
        }
        let key = self.rows.key(row)?;
        let changed = self.rows.known(self.epoch.ordinal).changed(&key)?;
        let cause = changed.then(|| Cause {
            stream: key.stream().name(),
            key: key.to_string().into(),
        });
        self.found.insert(row, cause.clone());
        Ok(cause)
    }
}

/// An alert that holds.
struct Active {
    finding: Finding,
    amount: Money,
    score: Option<Score>,
    raised_at: Instant,
}

/// The alerts that hold.
pub struct Ledger {
    rows: SharedRows,
    active: HashMap<(RowRef, Reason), Active>,
    visits: VisitsByPerson,
    scores: Scores,
}

/// The rows of the clusters that began or ceased in an epoch to forgive, by the claims that they
/// forgive: an alert is withdrawn when they begin to, and raised when they cease to.
#[derive(Default)]
struct Forgiveness {
    clusters: Vec<Box<[RowRef]>>,
    by_claim: HashMap<RowRef, Vec<usize>>,
}

impl Forgiveness {
    fn add(&mut self, forgiving: Forgiving) {
        for claim in forgiving.claims {
            let clusters = self.by_claim.entry(claim).or_default();
            clusters.push(self.clusters.len());
        }
        self.clusters.push(forgiving.rows);
    }

    /// The rows behind what became of a claim.
    fn rows(&self, claim: RowRef) -> impl Iterator<Item = RowRef> + '_ {
        let clusters = self.by_claim.get(&claim).into_iter().flatten();
        clusters.flat_map(|place| self.clusters[*place].iter().copied())
    }
}

/// What came or went in an epoch, beside findings, on which they rest.
#[derive(Clone, Copy)]
struct Behind<'a> {
    came: &'a VisitsByPerson,
    forgiveness: &'a Forgiveness,
}

/// What an epoch did to one finding.
struct Transition {
    before: Option<Finding>,
    after: Option<Finding>,
}

impl Ledger {
    /// No alerts; keys and amounts are looked up in `rows`, scores are of `model`.
    pub fn new(rows: SharedRows, model: Arc<OutlierModel>) -> Self {
        Self {
            rows,
            active: HashMap::new(),
            visits: VisitsByPerson::new(),
            scores: Scores::new(model),
        }
    }

    /// How many alerts hold.
    pub fn len(&self) -> usize {
        self.active.len()
    }

    /// Whether no alert holds.
    pub fn is_empty(&self) -> bool {
        self.active.is_empty()
    }

    /// Applies the findings that came and went in an epoch, and gives the events by alert id.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn apply(&mut self, mut epoch: EpochEnd, delta: Delta) -> io::Result<Vec<Event>> {
        epoch.settle();
        let epoch = &epoch;
        let mut findings = Vec::new();
        let mut came = VisitsByPerson::new();
        let mut went = Vec::new();
        let mut forgiveness = Forgiveness::default();
        for (output, count) in delta {
            match output {
                Output::Finding(finding) => findings.push((finding, count)),
                Output::Observed(observed) => self.scores.observe(observed, count),
                Output::Forgiving(forgiving) => forgiveness.add(forgiving),
                Output::Visits(Visits { person, .. }) if count < 0 => went.push(person),
                Output::Visits(Visits { person, claims }) => {
                    came.insert(person, claims);
                }
            }
        }
        let mut events = Vec::new();
        let rows = self.rows.clone();
        let mut changed = ChangedRows::new(&rows, epoch);
        for ((subject, reason), transition) in self.transitions(epoch, findings) {
            let behind = Behind {
                came: &came,
                forgiveness: &forgiveness,
            };
            let event =
                self.transition(epoch, subject, reason, transition, behind, &mut changed)?;
            events.extend(event);
        }
        went.iter().for_each(|person| {
            self.visits.remove(person);
        });
        self.visits.extend(came);
        self.scores.end_epoch();
        events.sort_by_key(|event| event.alert_id);
        Ok(events)
    }

    /// The findings that the epoch touched, by subject and reason.
    fn transitions(
        &self,
        epoch: &EpochEnd,
        findings: Vec<(Finding, i32)>,
    ) -> BTreeMap<(RowRef, Reason), Transition> {
        let mut transitions: BTreeMap<(RowRef, Reason), Transition> = BTreeMap::new();
        for (finding, count) in findings {
            let transition = transitions
                .entry((finding.subject, finding.reason))
                .or_insert(Transition {
                    before: None,
                    after: None,
                });
            let side = match count {
                1 => &mut transition.after,
                -1 => &mut transition.before,
                _ => unreachable!("a reason holds of a subject once or not at all"),
            };
            assert!(
                side.is_none(),
                "a reason holds of a subject once or not at all"
            );
            *side = Some(finding);
        }
        // Amount and score are not part of a finding: alerts on claims that were sent again, or are
        // observed anew, are looked at as well.
        let resent = epoch.resent.iter().map(|claim| RowRef::claim(*claim));
        for subject in resent.chain(self.scores.touched()) {
            for reason in Reason::ALL {
                if let Some(active) = self.active.get(&(subject, *reason)) {
                    transitions
                        .entry((subject, *reason))
                        .or_insert_with(|| Transition {
                            before: Some(active.finding.clone()),
                            after: Some(active.finding.clone()),
                        });
                }
            }
        }
        transitions
    }

    fn transition(
        &mut self,
        epoch: &EpochEnd,
        subject: RowRef,
        reason: Reason,
        transition: Transition,
        behind: Behind<'_>,
        changed: &mut ChangedRows<'_>,
    ) -> io::Result<Option<Event>> {
        let at = epoch.at.expect("an epoch with findings has rows");
        let known = self.rows.known(epoch.ordinal);
        let subject_key = self.rows.key(subject)?;
        let claim = known.claim(&subject_key)?;
        let previous = self.active.remove(&(subject, reason));
        let (kind, amount_vnd) = match (&transition.before, &transition.after) {
            (None, Some(_)) => (EventKind::Raised, amount(claim.as_ref())),
            (Some(_), Some(_)) => (EventKind::Changed, amount(claim.as_ref())),
            _ => (
                EventKind::Withdrawn,
                previous.as_ref().map_or(Money::ZERO, |p| p.amount),
            ),
        };
        let shown = transition.after.as_ref().or(transition.before.as_ref());
        let Some(shown) = shown else { return Ok(None) };
        let score = match kind {
            EventKind::Withdrawn => previous.as_ref().and_then(|previous| previous.score),
            _ => reason.is_scored().then(|| self.scores.score(subject)),
        };
        let is_news = match (&transition.before, &transition.after, &previous) {
            (Some(before), Some(after), Some(previous)) => {
                (before.class, before.grade, previous.amount, previous.score)
                    != (after.class, after.grade, amount_vnd, score)
            }
            _ => true,
        };
        let event = if is_news {
            let subject = Subject::of(&subject_key);
            let about = (&subject_key, claim.as_ref(), reason);
            let (cause, causes) = self.cause(epoch, about, &transition, behind, changed)?;
            let cause_count = (causes > cause.len()).then_some(causes);
            Some(Event {
                epoch: epoch.number,
                at,
                kind,
                alert_id: AlertId::of(reason, &subject),
                reason,
                class: shown.class,
                grade: grade(shown),
                amount_vnd,
                score,
                cause,
                cause_count,
                subject,
            })
        } else {
            None
        };
        if let Some(finding) = transition.after {
            let raised_at = match kind {
                EventKind::Raised => at,
                _ => previous.map_or(at, |previous| previous.raised_at),
            };
            let active = Active {
                finding,
                amount: amount_vnd,
                score,
                raised_at,
            };
            self.active.insert((subject, reason), active);
        }
        Ok(event)
    }

    /// The inputs that changed in the epoch and belong to the old or the new evidence: those that are
    /// shown, and how many they are.
    fn cause(
        &self,
        epoch: &EpochEnd,
        about: (&Key, Option<&ClaimContent>, Reason),
        transition: &Transition,
        behind: Behind<'_>,
        changed: &mut ChangedRows<'_>,
    ) -> io::Result<(Vec<Cause>, usize)> {
        let (subject, claim, reason) = about;
        let Behind { came, forgiveness } = behind;
        let mut rows = Vec::new();
        let mut add = |row: RowRef, known: Known<'_>| {
            if row.as_claim_of_several_cards().is_some() {
                rows.extend(with_deciding_cards(row, &self.rows, known)?);
            } else if epoch.has_touched(row) {
                rows.push(row);
            }
            Ok::<(), io::Error>(())
        };
        let known = self.rows.known(epoch.ordinal);
        // What an alert rested on before is looked up as it was.
        let before = self.rows.known(epoch.ordinal.saturating_sub(1));
        if let Some(finding) = &transition.before {
            add(finding.subject, before)?;
            for row in rows_behind(finding, &self.visits) {
                add(*row, before)?;
            }
        }
        if let Some(finding) = &transition.after {
            add(finding.subject, known)?;
            // Visits that did not change in this epoch are not among those that came.
            let mut behind = rows_behind(finding, came);
            if behind.is_empty() {
                behind = rows_behind(finding, &self.visits);
            }
            for row in behind {
                add(*row, known)?;
            }
        }
        if reason == Reason::IdentityMismatch
            && let Some(finding) = transition.before.as_ref().or(transition.after.as_ref())
        {
            for row in forgiveness.rows(finding.subject) {
                add(row, known)?;
            }
        }
        if reason.is_scored() {
            // Other reasons may have had the claim observed before this one held of it.
            let old = transition.before.as_ref();
            let old = old.and_then(|finding| self.scores.before(finding.subject));
            for row in old
                .into_iter()
                .flat_map(|old| score::rows_behind(old, &self.visits))
            {
                add(row, before)?;
            }
            let new = transition.after.as_ref();
            if let Some(new) = new.and_then(|finding| self.scores.now(finding.subject)) {
                let visits = if came.contains_key(&new.person) {
                    came
                } else {
                    &self.visits
                };
                for row in score::rows_behind(new, visits) {
                    add(row, known)?;
                }
            }
        }
        rows.extend(deciding_cards(claim));
        if claim.is_none() && epoch.ordinal > 0 {
            rows.extend(deciding_cards(before.claim(subject)?.as_ref()));
        }
        rows.sort_unstable();
        rows.dedup();
        let mut causes = Vec::new();
        for row in rows {
            causes.extend(changed.cause(row)?);
        }
        if let (Reason::StaleCard, Some(as_of)) = (reason, epoch.as_of) {
            let key = as_of.to_string().into();
            causes.push(Cause {
                stream: "as_of",
                key,
            });
        }
        let subject = (subject.stream().name(), subject.to_string());
        Ok(first_causes(causes, (subject.0, &subject.1), CAUSES_SHOWN))
    }

    /// The alerts that hold at the end, by alert id.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn alerts(&self, last_epoch: u32, files: &[String]) -> io::Result<Vec<Alert>> {
        let sources = Sources {
            rows: &self.rows,
            known: self.rows.known(last_epoch),
            visits: &self.visits,
            files,
            windows: RefCell::default(),
        };
        let mut alerts = Vec::with_capacity(self.active.len());
        for active in self.active.values() {
            alerts.push(active.alert(&sources, &self.scores)?);
        }
        alerts.sort_by_key(|alert: &Alert| alert.alert_id);
        Ok(alerts)
    }

    /// The observations of the claims whose alerts carry a score, each once, in no order.
    pub fn scored_observations(&self) -> Vec<(RowRef, Observation)> {
        let is_scored = |claim: RowRef| {
            let mut scored = Reason::ALL.iter().filter(|reason| reason.is_scored());
            scored.any(|reason| self.active.contains_key(&(claim, *reason)))
        };
        let observed = self.scores.observed();
        observed
            .filter(|observed| is_scored(observed.claim))
            .map(|observed| (observed.claim, observed.observation))
            .collect()
    }
}

impl Active {
    fn alert(&self, sources: &Sources<'_>, scores: &Scores) -> io::Result<Alert> {
        let finding = &self.finding;
        let subject_key = sources.rows.key(finding.subject)?;
        let subject = Subject::of(&subject_key);
        let grade = grade(finding);
        Ok(Alert {
            alert_id: AlertId::of(finding.reason, &subject),
            reason: finding.reason,
            class: finding.class,
            severity: finding.reason.severity(),
            subject,
            amount_vnd: self.amount,
            grade,
            priority: priority(finding.reason, finding.class, grade, self.amount),
            score: self.score,
            score_features: match self.score {
                Some(_) => scores.features(finding.subject),
                None => Vec::new(),
            },
            raised_at: self.raised_at,
            evidence: Evidence::of(finding, &subject_key, sources)?,
        })
    }
}

/// The grade of a finding whose reason counts one.
fn grade(finding: &Finding) -> Option<u8> {
    (finding.grade > 0).then_some(finding.grade)
}

/// An alert that holds (contract 3.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alert {
    /// Its id for ever.
    pub alert_id: AlertId,
    /// Why it holds.
    pub reason: Reason,
    /// What it suggests.
    pub class: Class,
    /// How much harm it stands for.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// The amount at stake.
    #[serde(serialize_with = "serialize_amount")]
    pub amount_vnd: Money,
    /// Distinct sources, for the reason that counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grade: Option<u8>,
    /// The outlier score, where the reason calls for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// The features that moved it, the one that adds most first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub score_features: Vec<ScoreFeature>,
    /// Its place in the queue, highest first.
    pub priority: u32,
    /// When it became known.
    #[serde(serialize_with = "display")]
    pub raised_at: Instant,
    /// The rows behind it.
    #[serde(flatten)]
    pub evidence: Evidence,
}
