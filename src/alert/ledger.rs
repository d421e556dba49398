//! The alerts that hold, and what each epoch does to them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::event::{Cause, Event, EventKind, display, serialize_amount};
use super::identity::{AlertId, Subject};
use super::lookup::{Known, SharedRows, amount, deciding_cards};
use crate::dataflow::{ClaimContent, Delta, Finding, RowRef};
use crate::journal::Place;
use crate::record::{Day, Instant, Key, Money};
use crate::rule::{Class, Reason, Severity, priority};

/// The most rows that an alert lists as its evidence (contract 3.1).
const EVIDENCE_ROWS: usize = 8;

/// A whole epoch, as the thread that resolved its rows knows it.
#[derive(Debug, Default)]
pub struct EpochEnd {
    /// The epoch, counted from 0 without gaps.
    pub ordinal: u32,
    /// The epoch's number since 1970-01-01T00:00+07:00.
    pub number: i64,
    /// The last knowledge time in it.
    pub at: Option<Instant>,
    /// The keys that its rows touched, sorted.
    pub touched: Vec<RowRef>,
    /// Claims whose amount at stake its rows changed.
    pub amended: Vec<Place>,
    /// The as-of date, in the last epoch.
    pub as_of: Option<Day>,
}

/// An alert that holds.
struct Active {
    finding: Finding,
    amount: Money,
    raised_at: Instant,
}

/// The alerts that hold.
pub struct Ledger {
    rows: SharedRows,
    active: HashMap<(RowRef, Reason), Active>,
}

/// What an epoch did to one finding.
struct Transition {
    before: Option<Finding>,
    after: Option<Finding>,
}

impl Ledger {
    /// No alerts; keys and amounts are looked up in `rows`.
    pub fn new(rows: SharedRows) -> Self {
        Self {
            rows,
            active: HashMap::new(),
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
    pub fn apply(&mut self, epoch: &EpochEnd, delta: Delta) -> io::Result<Vec<Event>> {
        let mut events = Vec::new();
        for ((subject, reason), transition) in self.transitions(epoch, delta) {
            events.extend(self.transition(epoch, subject, reason, transition)?);
        }
        events.sort_by_key(|event| event.alert_id);
        Ok(events)
    }

    /// The findings that the epoch touched, by subject and reason.
    fn transitions(
        &self,
        epoch: &EpochEnd,
        delta: Delta,
    ) -> BTreeMap<(RowRef, Reason), Transition> {
        let mut transitions: BTreeMap<(RowRef, Reason), Transition> = BTreeMap::new();
        for (finding, count) in delta {
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
        // An amount is not part of a finding: alerts on amended claims are looked at as well.
        for claim in &epoch.amended {
            let subject = RowRef::claim(*claim);
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
        let is_news = match (&transition.before, &transition.after, &previous) {
            (Some(before), Some(after), Some(previous)) => {
                (before.class, before.grade, previous.amount)
                    != (after.class, after.grade, amount_vnd)
            }
            _ => true,
        };
        let event = if is_news {
            let subject = Subject::of(&subject_key);
            Some(Event {
                epoch: epoch.number,
                at,
                kind,
                alert_id: AlertId::of(reason, &subject),
                reason,
                class: shown.class,
                grade: grade(shown),
                amount_vnd,
                cause: self.cause(epoch, &subject_key, claim.as_ref(), reason, &transition)?,
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
                raised_at,
            };
            self.active.insert((subject, reason), active);
        }
        Ok(event)
    }

    /// The inputs that changed in the epoch and belong to the old or the new evidence.
    fn cause(
        &self,
        epoch: &EpochEnd,
        subject: &Key,
        claim: Option<&ClaimContent>,
        reason: Reason,
        transition: &Transition,
    ) -> io::Result<Vec<Cause>> {
        let known = self.rows.known(epoch.ordinal);
        let mut rows: BTreeSet<RowRef> = BTreeSet::new();
        for finding in [&transition.before, &transition.after]
            .into_iter()
            .flatten()
        {
            rows.insert(finding.subject);
            rows.extend(finding.evidence.iter());
        }
        rows.extend(deciding_cards(claim));
        if claim.is_none() && epoch.ordinal > 0 {
            let before = self.rows.known(epoch.ordinal - 1).claim(subject)?;
            rows.extend(deciding_cards(before.as_ref()));
        }
        let mut causes = BTreeSet::new();
        for row in rows {
            if epoch.touched.binary_search(&row).is_err() {
                continue;
            }
            let key = self.rows.key(row)?;
            if known.changed(&key)? {
                causes.insert(Cause {
                    stream: key.stream().name(),
                    key: key.to_string(),
                });
            }
        }
        if let (Reason::StaleCard, Some(as_of)) = (reason, epoch.as_of) {
            causes.insert(Cause {
                stream: "as_of",
                key: as_of.to_string(),
            });
        }
        Ok(causes.into_iter().collect())
    }

    /// The alerts that hold at the end, by alert id.
    ///
    /// # Errors
    /// When the scratch file cannot be read.
    pub fn alerts(&self, last_epoch: u32, files: &[String]) -> io::Result<Vec<Alert>> {
        let known = self.rows.known(last_epoch);
        let mut alerts = Vec::with_capacity(self.active.len());
        for active in self.active.values() {
            alerts.push(self.alert(active, known, files)?);
        }
        alerts.sort_by_key(|alert: &Alert| alert.alert_id);
        Ok(alerts)
    }

    fn alert(&self, active: &Active, known: Known<'_>, files: &[String]) -> io::Result<Alert> {
        let finding = &active.finding;
        let subject_key = self.rows.key(finding.subject)?;
        let subject = Subject::of(&subject_key);
        let evidence = self.evidence(finding, &subject_key, known, files)?;
        let grade = grade(finding);
        Ok(Alert {
            alert_id: AlertId::of(finding.reason, &subject),
            reason: finding.reason,
            class: finding.class,
            severity: finding.reason.severity(),
            subject,
            amount_vnd: active.amount,
            grade,
            priority: priority(finding.reason, finding.class, grade, active.amount),
            raised_at: active.raised_at,
            evidence,
        })
    }

    /// The rows behind a finding: the subject first, the others by stream and key.
    fn evidence(
        &self,
        finding: &Finding,
        subject: &Key,
        known: Known<'_>,
        files: &[String],
    ) -> io::Result<Evidence> {
        let claim = known.claim(subject)?;
        let is_window = finding.reason == Reason::FrequentVisits;
        let mut keys = Vec::new();
        for row in finding
            .evidence
            .iter()
            .copied()
            .chain(deciding_cards(claim.as_ref()))
        {
            keys.push(self.rows.key(row)?);
        }
        // A window stands in its order, and its ends are shown; anything else is by key.
        let ends = if is_window {
            let mut ends = vec![subject.clone()];
            ends.extend(keys.first().cloned());
            ends.extend(
                finding
                    .evidence
                    .last()
                    .map(|row| self.rows.key(*row))
                    .transpose()?,
            );
            Some(ends)
        } else {
            None
        };
        keys.push(subject.clone());
        keys.sort_by_key(|key| (key != subject, key.stream(), key.to_string()));
        keys.dedup();
        let mut rows = Vec::new();
        for key in &keys {
            if let Some(row) = known.row(key)? {
                rows.push(EvidenceRow {
                    stream: key.stream().name(),
                    key: key.to_string(),
                    recorded_at: row.recorded_at,
                    file: files.get(row.file as usize).cloned().unwrap_or_default(),
                    row: row.row,
                });
            }
        }
        if rows.len() <= EVIDENCE_ROWS {
            return Ok(Evidence {
                rows,
                count: None,
                digest: None,
            });
        }
        let (count, digest) = (rows.len(), digest(&rows));
        match ends {
            Some(ends) => {
                let shown: Vec<String> = ends.iter().map(Key::to_string).collect();
                rows.retain(|row| row.stream == "claims" && shown.contains(&row.key));
            }
            None => rows.truncate(EVIDENCE_ROWS),
        }
        Ok(Evidence {
            rows,
            count: Some(count),
            digest: Some(digest),
        })
    }
}

/// The grade of a finding whose reason counts one.
fn grade(finding: &Finding) -> Option<u8> {
    (finding.grade > 0).then_some(finding.grade)
}

/// SHA-256 over a line `stream/key` a row, in their order.
fn digest(rows: &[EvidenceRow]) -> String {
    let mut hasher = Sha256::new();
    for row in rows {
        hasher.update(format!("{}/{}\n", row.stream, row.key));
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A row behind an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceRow {
    /// The stream.
    pub stream: &'static str,
    /// The key, as a subject's id is written.
    pub key: String,
    /// Knowledge time.
    #[serde(serialize_with = "display")]
    pub recorded_at: Instant,
    /// The file, relative to the input directory.
    pub file: String,
    /// 1-based record in the file.
    pub row: u64,
}

/// The rows behind an alert, or, where they are many, some of them with the count and digest of all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The rows shown.
    #[serde(rename = "evidence")]
    pub rows: Vec<EvidenceRow>,
    /// How many rows there are, where not all are shown.
    #[serde(rename = "evidence_count", skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// SHA-256 over a line `stream/key` a row, where not all are shown.
    #[serde(rename = "evidence_sha256", skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
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
    /// Its place in the queue, highest first.
    pub priority: u32,
    /// When it became known.
    #[serde(serialize_with = "display")]
    pub raised_at: Instant,
    /// The rows behind it.
    #[serde(flatten)]
    pub evidence: Evidence,
}
