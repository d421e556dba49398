//! The alerts that hold, and what each epoch does to them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use hashbrown::HashMap;
use serde::Serialize;

use super::basis::Bases;
use super::case::Case;
use super::cause_rows::{
    add_claim_of_check_in, add_deciding_cards, add_evidence, add_observed, causes_beside_rows,
};
use super::causes::{ChangedRows, Changes, KnownVisits, Side};
use super::comparison::Comparison;
use super::epoch::EpochEnd;
use super::event::{Cause, Event, EventKind, display, serialize_amount};
use super::evidence::{Evidence, FileNames, ShownRows, Sources};
use super::identity::{AlertId, Subject, SubjectKind};
use super::lookup::{Known, SharedRows};
use super::misuse::{self, MisuseFeatureShown, ranked};
use super::pieces::in_pieces;
use super::score::{ScoreFeature, Scores};
use super::transition::{AlertKey, Transition, transitions};
use super::visits::VisitsByPerson;
use super::watch::{Watch, Watched, persons_behind, watched};
use super::weighing::Weighings;
use crate::authenticate;
use crate::dataflow::{
    Delta, Finding, Forgiving, Observed, Output, Person, RowRef, Sampled, Sign, Support, Weighed,
};
use crate::model::{
    MisuseObservation, ModelRegistry, Observation, OutlierModel, ReasonKind, Score,
};
use crate::record::{Instant, Money};
use crate::rule::{Class, Reason, Severity, priority};

/// The most inputs that an event lists as its cause: as many as evidence lists.
const CAUSES_SHOWN: usize = 8;

/// An alert that holds.
pub(super) struct Active {
    pub(super) finding: Finding,
    amount: Money,
    score: Option<Score>,
    raised: Raised,
}

/// What raised an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raised {
    /// The last knowledge time of the epoch.
    pub at: Instant,
    /// The number of the epoch.
    pub epoch: i64,
}

/// The alerts that hold, and the signs of life, which are none.
pub struct Ledger {
    rows: SharedRows,
    active: BTreeMap<AlertKey, Active>,
    signs: BTreeSet<Sign>,
    visits: VisitsByPerson,
    scores: Scores,
    /// The claims of the sample that is asked for, if one is.
    sample: BTreeSet<Sampled>,
    compared: Comparison,
    weighings: Weighings,
    /// What is watched, where alerts are asked for epoch by epoch.
    watch: Option<Watch>,
}

/// What an epoch did to the alerts.
#[derive(Default)]
pub struct Applied {
    /// Raises, changes, withdrawals and what is archived, by alert id.
    pub events: Vec<Event>,
    /// The alerts that hold and may be written otherwise than before.
    pub touched: Vec<AlertKey>,
}

/// An alert that holds and is ranked by how likely misuse is.
#[derive(Clone, Debug)]
pub struct RankedCase {
    /// The alert.
    pub alert_id: AlertId,
    /// Why it holds.
    pub reason: ReasonKind,
    /// What it is about.
    pub subject: Subject,
    /// What is known of it.
    pub observation: MisuseObservation,
    /// What its outlier score rests on; none of a check-in.
    pub outlier: Option<Observation>,
    /// The outlier score.
    pub score: Option<Score>,
    /// How likely the model takes misuse to be.
    pub probability: Option<Score>,
    /// Its place in the queue.
    pub priority: u32,
}

/// The rows that began or ceased in an epoch to forgive, by the subjects that they forgive: an alert is
/// withdrawn when they begin to, and raised when they cease to.
#[derive(Default)]
struct Forgiveness {
    rows: Vec<Box<[RowRef]>>,
    by_alert: HashMap<AlertKey, Vec<usize>>,
}

impl Forgiveness {
    fn add(&mut self, forgiving: Forgiving) {
        for subject in forgiving.subjects {
            let places = (self.by_alert)
                .entry((subject, forgiving.reason))
                .or_default();
            places.push(self.rows.len());
        }
        self.rows.push(forgiving.rows);
    }

    /// The rows behind what became of an alert.
    fn rows(&self, alert: AlertKey) -> impl Iterator<Item = RowRef> + '_ {
        let places = self.by_alert.get(&alert).into_iter().flatten();
        places.flat_map(|place| self.rows[*place].iter().copied())
    }
}

/// What came or went in an epoch, beside findings, on which they rest.
#[derive(Default)]
struct Behind {
    came: VisitsByPerson,
    went: Vec<Person>,
    forgiveness: Forgiveness,
    bases: Bases,
    weighed: Vec<(Weighed, i32)>,
}

/// What became of an alert.
struct Outcome {
    key: AlertKey,
    active: Option<Active>,
    event: Option<Event>,
}

impl Ledger {
    /// No alerts; keys and amounts are looked up in `rows`, scores are of `models`.
    pub fn new(rows: SharedRows, models: ModelRegistry) -> Self {
        Self {
            rows,
            active: BTreeMap::new(),
            signs: BTreeSet::new(),
            visits: VisitsByPerson::new(),
            scores: Scores::new(models),
            sample: BTreeSet::new(),
            compared: Comparison::default(),
            weighings: Weighings::default(),
            watch: None,
        }
    }

    /// The same where alerts are asked for epoch by epoch: those that an epoch touched are told apart.
    pub fn watching(rows: SharedRows, models: ModelRegistry) -> Self {
        Self {
            watch: Some(Watch::default()),
            ..Self::new(rows, models)
        }
    }

    /// The same with a table of weighings that others have already: one without anything in it.
    #[must_use]
    pub fn with_weighings(self, weighings: Weighings) -> Self {
        Self { weighings, ..self }
    }

    /// What thresholds are compared with, of the claims that are alerted or nearly are: shared, and kept up with
    /// every epoch.
    pub fn weighings(&self) -> Weighings {
        self.weighings.clone()
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
    pub fn apply(&mut self, epoch: EpochEnd, delta: Delta) -> io::Result<Vec<Event>> {
        Ok(self.apply_touching(epoch, delta)?.events)
    }

    /// Applies the findings that came and went in an epoch, and gives the events by alert id, and where they
    /// are watched for, the alerts that are to be written anew.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn apply_touching(&mut self, mut epoch: EpochEnd, delta: Delta) -> io::Result<Applied> {
        epoch.settle();
        self.scores.put_in_force(epoch.model_in_force);
        let (findings, mut behind) = self.take(delta);
        let transitions = self.transitions(&epoch, findings);
        let outcomes = in_pieces(transitions, |part| self.outcomes(&epoch, &behind, part))?;
        let mut events = Vec::with_capacity(outcomes.len());
        let mut touched = self.touched(&epoch, &behind)?;
        let weighed = std::mem::take(&mut behind.weighed);
        let became = outcomes
            .iter()
            .filter_map(|outcome| Some((outcome.key, outcome.event.as_ref()?)));
        (self.weighings).apply(&epoch, &self.rows, weighed, became)?;
        for outcome in outcomes {
            if self.watch.is_some() {
                touched.insert(outcome.key);
            }
            match outcome.active {
                Some(active) => self.active.insert(outcome.key, active),
                None => self.active.remove(&outcome.key),
            };
            events.extend(outcome.event);
        }
        for person in behind.went {
            self.visits.remove(&person);
        }
        self.visits.extend(behind.came);
        self.scores.end_epoch();
        events.sort_unstable_by_key(|event| event.alert_id);
        let touched = self.watch(touched, epoch.ordinal)?;
        Ok(Applied { events, touched })
    }

    /// The alerts that rows or persons are behind of which the epoch touched something, where they are
    /// watched.
    fn touched(&self, epoch: &EpochEnd, behind: &Behind) -> io::Result<BTreeSet<AlertKey>> {
        let mut touched = BTreeSet::new();
        let Some(watch) = &self.watch else {
            return Ok(touched);
        };
        let known = self.rows.known(epoch.ordinal);
        let came = behind.came.keys().copied();
        let mut persons: Vec<Person> = came.chain(behind.went.iter().copied()).collect();
        for row in epoch.touched() {
            touched.extend(watch.alerts(Watched::Row(*row)));
            persons.extend(persons_behind(*row, known)?);
        }
        for person in persons {
            touched.extend(watch.alerts(Watched::Person(person)));
        }
        Ok(touched)
    }

    /// Watches for the alerts among these that hold, and no longer for the others. Gives those that hold.
    fn watch(&mut self, touched: BTreeSet<AlertKey>, last_epoch: u32) -> io::Result<Vec<AlertKey>> {
        let Some(watch) = &mut self.watch else {
            return Ok(Vec::new());
        };
        let mut held = Vec::with_capacity(touched.len());
        for alert in touched {
            match self.active.get(&alert) {
                Some(active) => {
                    let known = self.rows.known(last_epoch);
                    let watched = watched(&active.finding, known, &self.visits)?;
                    watch.set(alert, watched);
                    held.push(alert);
                }
                None => watch.remove(alert),
            }
        }
        Ok(held)
    }

    /// Takes over since when the alerts that hold are raised, where that is known otherwise than by their
    /// history. Gives the ids of those of whom it is not.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn know_raised(
        &mut self,
        raised: impl Fn(AlertId) -> Option<Raised>,
    ) -> io::Result<Vec<AlertId>> {
        let mut unknown = Vec::new();
        for active in self.active.values_mut() {
            let key = self.rows.key(active.finding.subject)?;
            let subject = Subject::of(key.stream(), key.to_string().into());
            let id = AlertId::of(active.finding.reason, &subject);
            match raised(id) {
                Some(raised) => active.raised = raised,
                None => unknown.push(id),
            }
        }
        Ok(unknown)
    }

    /// Takes what the dataflow gave out apart.
    fn take(&mut self, delta: Delta) -> (Vec<(Finding, i32)>, Behind) {
        let mut findings = Vec::new();
        let mut behind = Behind::default();
        for (output, count) in delta {
            match output {
                Output::Finding(finding) => findings.push((finding, count)),
                Output::Observed(observed) => self.scores.observe(observed, count),
                Output::Sampled(sampled) if count < 0 => drop(self.sample.remove(&sampled)),
                Output::Sampled(sampled) => drop(self.sample.insert(sampled)),
                Output::Forgiving(forgiving) => behind.forgiveness.add(forgiving),
                Output::Basis(basis) => behind.bases.add(basis),
                Output::Compared(compared) => self.compared.add(compared, count),
                Output::Weighed(weighed) => behind.weighed.push((weighed, count)),
                Output::Sign(sign) if count < 0 => drop(self.signs.remove(&sign)),
                Output::Sign(sign) => drop(self.signs.insert(sign)),
                Output::Visits(visits) if count < 0 => behind.went.push(visits.person),
                Output::Visits(visits) => {
                    behind.came.insert(visits.person, visits);
                }
            }
        }
        (findings, behind)
    }

    /// What the epoch did to findings, by person, since alerts of one person rest on the same rows.
    fn transitions(&self, epoch: &EpochEnd, findings: Vec<(Finding, i32)>) -> Vec<Transition> {
        // Amount and score are not part of a finding: alerts on claims that were sent again, or are
        // observed anew, are looked at as well.
        let resent = epoch.resent.iter().copied();
        let looked_at = resent.chain(self.scores.touched());
        let mut transitions = transitions(findings, looked_at, &self.active);
        transitions.sort_by_cached_key(|transition| {
            let finding = transition.after.as_ref().or(transition.before.as_ref());
            (
                finding.and_then(|finding| self.person(finding)),
                transition.key,
            )
        });
        transitions
    }

    /// The person on whose visits an alert rests.
    fn person(&self, finding: &Finding) -> Option<Person> {
        match &finding.evidence {
            Support::Window { person, .. } => Some(*person),
            Support::Rows(_) if finding.reason.is_scored() => {
                Some(self.scores.now(finding.subject)?.person)
            }
            Support::Rows(_) => None,
        }
    }

    fn outcomes(
        &self,
        epoch: &EpochEnd,
        behind: &Behind,
        transitions: Vec<Transition>,
    ) -> io::Result<Vec<Outcome>> {
        let visits = KnownVisits {
            before: &self.visits,
            came: &behind.came,
        };
        let mut changed = ChangedRows::new(&self.rows, epoch, visits);
        let transitions = transitions.into_iter();
        transitions
            .map(|transition| self.outcome(epoch, transition, behind, &mut changed))
            .collect()
    }

    fn outcome(
        &self,
        epoch: &EpochEnd,
        transition: Transition,
        behind: &Behind,
        changed: &mut ChangedRows<'_>,
    ) -> io::Result<Outcome> {
        let at = epoch
            .at
            .expect("an epoch with findings has rows or a change of the settings");
        let key @ (subject, reason) = transition.key;
        let looked_up = changed.look_up(subject)?;
        let amount = looked_up.amount;
        let about = Subject::of(looked_up.stream, looked_up.key.clone());
        let previous = self.active.get(&key);
        let (kind, amount_vnd) = match (&transition.before, &transition.after) {
            (None, _) => (EventKind::Raised, amount),
            (Some(_), Some(_)) => (EventKind::Changed, amount),
            (Some(_), None) => (
                EventKind::Withdrawn,
                previous.map_or(Money::ZERO, |previous| previous.amount),
            ),
        };
        let shown = transition.after.as_ref().or(transition.before.as_ref());
        let shown = shown.expect("a transition is of what came or went");
        let score = match kind {
            EventKind::Withdrawn => previous.and_then(|previous| previous.score),
            // A check-in is not observed: it tells too little.
            _ if about.kind != SubjectKind::Claim => None,
            _ => reason.is_scored().then(|| self.scores.score(subject)),
        };
        let is_news = match (&transition.before, &transition.after, previous) {
            (Some(before), Some(after), Some(previous)) => {
                let was = (before.class, before.grade, before.cause);
                let is = (after.class, after.grade, after.cause);
                (was, previous.amount, previous.score) != (is, amount_vnd, score)
            }
            _ => true,
        };
        let event = if is_news {
            let (cause, causes, is_retired) = self.cause(epoch, &transition, behind, changed)?;
            Some(Event {
                epoch: epoch.number,
                at,
                kind: match kind {
                    EventKind::Withdrawn if is_retired => EventKind::Archived,
                    _ => kind,
                },
                alert_id: AlertId::of(reason, &about),
                reason,
                class: shown.class,
                grade: grade(shown),
                authentication_cause: shown.cause,
                amount_vnd,
                score,
                cause_count: (causes > cause.len()).then_some(causes),
                cause,
                subject: about,
            })
        } else {
            None
        };
        let now = Raised {
            at,
            epoch: epoch.number,
        };
        let raised = match kind {
            EventKind::Raised => now,
            _ => previous.map_or(now, |previous| previous.raised),
        };
        let active = transition.after.map(|finding| Active {
            finding,
            amount: amount_vnd,
            score,
            raised,
        });
        Ok(Outcome { key, active, event })
    }

    /// The inputs that changed in the epoch and belong to the old or the new evidence: those that are
    /// shown, how many they are, and whether a claim that was retired is among them.
    fn cause(
        &self,
        epoch: &EpochEnd,
        transition: &Transition,
        behind: &Behind,
        changed: &mut ChangedRows<'_>,
    ) -> io::Result<(Vec<Cause>, usize, bool)> {
        let (subject, reason) = transition.key;
        let mut changes = Changes::new();
        for (finding, side) in [
            (&transition.before, Side::Before),
            (&transition.after, Side::After),
        ] {
            let Some(finding) = finding else { continue };
            add_evidence(finding, side, changed, &mut changes)?;
            // Other reasons may have had the claim observed before this one held of it.
            if let Some(observed) = self.observed(transition.key, side) {
                add_observed(observed, side, changed, &mut changes)?;
            }
        }
        for row in behind.forgiveness.rows(transition.key) {
            changed.add(row, Side::After, &mut changes)?;
        }
        for (row, side) in behind.bases.rows(transition.key) {
            changed.add(row, side, &mut changes)?;
        }
        add_deciding_cards(epoch, subject, changed, &mut changes)?;
        add_claim_of_check_in(subject, changed, &mut changes)?;
        changes.sort_unstable();
        changes.dedup();
        let mut causes = changed.first(&changes, subject, CAUSES_SHOWN);
        let beside_rows = causes_beside_rows(epoch, reason);
        let count = changes.len() + beside_rows.len();
        // They are behind the subject and before the other rows, so that they are always shown.
        let place = usize::from(changed.has(&changes, subject));
        causes.splice(place..place, beside_rows);
        causes.truncate(CAUSES_SHOWN);
        Ok((causes, count, changed.has_retired(&changes)))
    }

    /// The observation that an alert rests on, where its reason calls for a score. What that of an outlier
    /// rests on is told apart: nobody keeps the visits of a person for it.
    fn observed(&self, (subject, reason): AlertKey, side: Side) -> Option<&Observed> {
        match side {
            _ if !reason.is_scored() || reason == Reason::CostOutlier => None,
            Side::Before => self.scores.before(subject),
            Side::After => self.scores.now(subject),
        }
    }

    /// The signs of life that hold, by citizen.
    pub fn signs(&self) -> impl Iterator<Item = &Sign> {
        self.signs.iter()
    }

    /// The alerts that hold at the end, by alert id.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn alerts(&self, last_epoch: u32, files: FileNames) -> io::Result<Vec<Alert>> {
        self.written(self.active.values().collect(), last_epoch, files)
    }

    /// Those of some alerts that hold at the end, by alert id.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn alerts_of(
        &self,
        alerts: &[AlertKey],
        last_epoch: u32,
        files: FileNames,
    ) -> io::Result<Vec<Alert>> {
        let active = alerts.iter().filter_map(|alert| self.active.get(alert));
        self.written(active.collect(), last_epoch, files)
    }

    fn written(
        &self,
        mut active: Vec<&Active>,
        last_epoch: u32,
        files: FileNames,
    ) -> io::Result<Vec<Alert>> {
        let sources = Sources {
            known: self.rows.known(last_epoch),
            visits: &self.visits,
            files,
        };
        active.sort_by_cached_key(|active| self.person(&active.finding));
        let mut alerts = in_pieces(active, |part| {
            let mut rows = ShownRows::new(&sources);
            let active = part.into_iter();
            active
                .map(|active| active.alert(&mut rows, &self.scores))
                .collect()
        })?;
        alerts.sort_unstable_by_key(|alert: &Alert| alert.alert_id);
        Ok(alerts)
    }

    /// What `work` makes of the alerts that hold at the end and that `is_wanted`, each with what the rows
    /// behind it say; in no meaningful order.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn cases<R: Send>(
        &self,
        last_epoch: u32,
        is_wanted: impl Fn(Reason, Class) -> bool,
        work: impl Fn(Case) -> R + Sync,
    ) -> io::Result<Vec<R>> {
        let findings = self.active.values().map(|active| &active.finding);
        let wanted = findings.filter(|finding| is_wanted(finding.reason, finding.class));
        in_pieces(wanted.collect(), |part: Vec<&Finding>| {
            let known = self.rows.known(last_epoch);
            let cases = part.into_iter().map(|finding| Case::of(finding, known));
            cases.map(|case| case.map(&work)).collect()
        })
    }

    /// What another model makes of the claims whose alerts carry a score, beside the model in force; of outliers
    /// also what it made of the claims that are none.
    pub fn compared_with(&self, shadow: &OutlierModel) -> Comparison {
        let mut comparison = self.compared.clone();
        for ((claim, reason), active) in &self.active {
            let (Some(live), Some(observed)) = (active.score, self.scores.now(*claim)) else {
                continue;
            };
            if *reason != Reason::CostOutlier {
                comparison.add_alert(*reason, live, shadow.score(&observed.observation));
            }
        }
        comparison
    }

    /// The alerts that hold and are ranked by how likely misuse is, each with what is known of it, by
    /// alert id.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn ranked_cases(&self, last_epoch: u32) -> io::Result<Vec<RankedCase>> {
        let active: Vec<&Active> = self.active.values().collect();
        let mut cases = in_pieces(active, |part: Vec<&Active>| {
            let known = self.rows.known(last_epoch);
            let cases = part
                .into_iter()
                .map(|active| self.ranked_case(active, known));
            cases.filter_map(Result::transpose).collect()
        })?;
        cases.sort_unstable_by_key(|case: &RankedCase| case.alert_id);
        Ok(cases)
    }

    fn ranked_case(&self, active: &Active, known: Known<'_>) -> io::Result<Option<RankedCase>> {
        let finding = &active.finding;
        let Some(reason) = misuse::kind(finding.reason) else {
            return Ok(None);
        };
        let (key, _) = known.find(finding.subject)?;
        let subject = Subject::of(key.stream(), key.to_string().into());
        let observed = misuse::observe(reason, finding, active.score, (known, &self.visits))?;
        let Some(observation) = observed else {
            return Ok(None);
        };
        let outlier = self.scores.now(finding.subject);
        let model = self.scores.model_in_force().misuse();
        let probability = model.probability(reason, &observation);
        Ok(Some(RankedCase {
            alert_id: AlertId::of(finding.reason, &subject),
            reason,
            observation,
            outlier: outlier.map(|observed| observed.observation),
            score: active.score,
            probability,
            priority: active.priority(subject.kind, probability),
            subject,
        }))
    }

    /// Whether a reason with a score holds of a claim.
    pub fn carries_score(&self, claim: RowRef) -> bool {
        let mut scored = Reason::ALL.iter().filter(|reason| reason.is_scored());
        scored.any(|reason| self.active.contains_key(&(claim, *reason)))
    }

    /// The claims of the sample of whom no reason with a score holds: ordinary ones, as far as is known;
    /// those with the smallest draws first.
    pub fn ordinary_sample(&self) -> impl Iterator<Item = &Sampled> {
        let sample = self.sample.iter();
        sample.filter(|sampled| !self.carries_score(sampled.claim))
    }
}

impl Active {
    /// Its place in the queue.
    fn priority(&self, subject: SubjectKind, likelihood: Option<Score>) -> u32 {
        let finding = &self.finding;
        // A check-in is before any money.
        let amount = (subject != SubjectKind::CheckIn).then_some(self.amount);
        let likelihood = likelihood.map(Score::ten_thousandths);
        priority(
            finding.reason,
            finding.class,
            grade(finding),
            likelihood,
            amount,
        )
    }

    fn alert(&self, rows: &mut ShownRows<'_>, scores: &Scores) -> io::Result<Alert> {
        let finding = &self.finding;
        let subject = rows.find(finding.subject)?;
        let subject = Subject::of(subject.stream, subject.key.clone());
        let grade = grade(finding);
        let known = rows.known_with_visits();
        let misuse = ranked(finding, self.score, known, scores.model_in_force().misuse())?;
        let likelihood = misuse.as_ref().map(|(probability, _)| *probability);
        let priority = self.priority(subject.kind, likelihood);
        Ok(Alert {
            alert_id: AlertId::of(finding.reason, &subject),
            reason: finding.reason,
            class: finding.class,
            severity: finding.reason.severity(),
            subject,
            amount_vnd: self.amount,
            grade,
            cause: finding.cause,
            misuse_probability: misuse.as_ref().map(|(probability, _)| *probability),
            misuse_features: misuse.map_or(Vec::new(), |(_, features)| features),
            priority,
            score: self.score,
            score_features: match self.score {
                Some(_) => scores.features(finding.subject),
                None => Vec::new(),
            },
            raised_at: self.raised.at,
            raised_epoch: self.raised.epoch,
            evidence: Evidence::of(finding, rows)?,
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
    /// Why the participant does not authenticate, for the reason that says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<authenticate::Cause>,
    /// The outlier score, where the reason calls for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// The features that moved it, the one that adds most first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub score_features: Vec<ScoreFeature>,
    /// How likely misuse is rather than an error, for the reasons that a score is called for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub misuse_probability: Option<Score>,
    /// What speaks for and against it, the feature that says most first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub misuse_features: Vec<MisuseFeatureShown>,
    /// Its place in the queue, highest first.
    pub priority: u32,
    /// When it became known.
    #[serde(serialize_with = "display")]
    pub raised_at: Instant,
    /// The epoch that raised it.
    #[serde(skip)]
    pub raised_epoch: i64,
    /// The rows behind it.
    #[serde(flatten)]
    pub evidence: Evidence,
}
