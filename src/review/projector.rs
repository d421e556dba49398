//! The desk follows the alert store.
//!
//! In: what the committer says that it stored, and the store itself. Out: the machine's axis of the desk, up to an epoch.
//! Must hold: whatever dies when, the desk comes to what the store has: where it stopped is known, and what is brought in
//! twice is as if it were once. A store that was filled anew has the same numbers of epochs and may have other alerts: so
//! after a start all of them are compared, in parts, while what is stored is followed.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;

use super::desk::Desk;
use super::desk_watch::Unreadable;
use super::error::DeskError;
use super::item::{Finding, GroupId};
use super::machine_change::{MachineChange, kind};
use super::projection::Frontier;
use crate::case;
use crate::mask;
use crate::record::{Day, Instant, Money, Stream, Value};
use crate::rule::{Class, Reason};
use crate::service::StoredChanges;
use crate::store::{AlertReader, AlertState, StoreError, StoredAlert};

/// Alerts that are brought in with one transaction: whoever acts meanwhile waits for one.
const AT_ONCE: usize = 250;
/// Ids that are read of a store at once.
const LISTED: u32 = 10_000;
/// Alerts that are compared at once: what is stored meanwhile waits for them.
const COMPARED: u32 = 1_000;

/// What the registers say of the subject of an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The day of the service.
    pub day: Option<Day>,
    /// The card, by its number.
    pub card: Option<String>,
    /// The person: a stream, and a key of it.
    pub person: Option<(Stream, String)>,
}

/// Knows subjects of alerts.
pub trait Registers: Send {
    /// What is known of a subject; nothing of one that is not known any more.
    fn about(&self, kind: &str, id: &str) -> About;

    /// The personal id of a participant, where it is known.
    fn citizen_of(&self, _si_number: &str) -> Option<String> {
        None
    }
}

/// Brings the machine's axis in.
pub struct Projector<R> {
    desk: Arc<Desk>,
    registers: R,
    /// Up to which alert the store was compared with the desk; nothing once all were.
    compared: Option<String>,
}

#[derive(Deserialize)]
struct Line {
    epoch: u64,
    at: String,
    kind: String,
    alert_id: String,
    #[serde(default)]
    cause: Vec<Cause>,
}

#[derive(Deserialize)]
struct Cause {
    stream: Option<String>,
}

impl<R: Registers> Projector<R> {
    /// Brings what is in a store to a desk.
    pub fn new(desk: Arc<Desk>, registers: R) -> Self {
        Self {
            desk,
            registers,
            compared: Some(String::new()),
        }
    }

    /// Brings in what the store has and the desk has not, at a start or after more changed than was told one by one.
    /// `at` is when the last epoch of the store was sealed, where that is known.
    ///
    /// # Errors
    /// When the store or the desk cannot be used; what was brought in stays, and it can be gone on with.
    pub fn catch_up(&self, store: &mut dyn AlertReader, at: Option<i64>) -> Result<(), DeskError> {
        let committed = store.committed()?.epoch;
        let known = self.desk.frontier()?;
        // A store that is not so far is another one.
        let after = known.epoch.filter(|known| committed >= Some(*known));
        if after.is_none() {
            self.desk.forget_changes_after(committed)?;
        }
        self.histories(store, after, &mut |_| ())?;
        let mut last = String::new();
        loop {
            let ids = store.changed_after(after, &last, LISTED)?;
            let Some(next) = ids.last().cloned() else {
                break;
            };
            self.findings(store, &ids)?;
            last = next;
        }
        // Of another store it is not known.
        let before = after.map_or(0, |_| known.at);
        let at = at.unwrap_or(before);
        let to = Frontier {
            epoch: committed,
            at,
        };
        self.desk.project(&[], Some(to))
    }

    /// Compares the next alerts of the store with those of the desk. Tells whether there are more to be compared.
    ///
    /// # Errors
    /// As [`Projector::catch_up`]; it is gone on with where it was.
    pub fn compare(&mut self, store: &mut dyn AlertReader) -> Result<bool, DeskError> {
        let Some(last) = &self.compared else {
            return Ok(false);
        };
        let ids = store.changed_after(None, last, COMPARED)?;
        self.findings(store, &ids)?;
        match ids.last() {
            Some(last) => self.compared = Some(last.clone()),
            None => {
                self.reconcile(store)?;
                self.compared = None;
            }
        }
        Ok(self.compared.is_some())
    }

    /// Brings in what was stored.
    ///
    /// # Errors
    /// As [`Projector::catch_up`].
    pub fn follow(
        &self,
        store: &mut dyn AlertReader,
        stored: &StoredChanges,
    ) -> Result<(), DeskError> {
        let Some(ids) = &stored.alert_ids else {
            return self.catch_up(store, Some(stored.at));
        };
        let mut ids: BTreeSet<String> = ids.iter().cloned().collect();
        let since = self.desk.frontier()?.epoch;
        self.histories(store, since, &mut |id| {
            ids.insert(id.to_owned());
        })?;
        let ids: Vec<String> = ids.into_iter().collect();
        self.findings(store, &ids)?;
        let to = Frontier {
            epoch: Some(stored.epoch),
            at: stored.at,
        };
        self.desk.project(&[], Some(to))
    }

    /// Brings in what happened after an epoch; tells of the alerts that it happened to.
    fn histories(
        &self,
        store: &mut dyn AlertReader,
        after: Option<u64>,
        each: &mut dyn FnMut(&str),
    ) -> Result<(), DeskError> {
        let from = after.map_or(0, |after| after + 1);
        let mut changes = Vec::new();
        let mut failed = None;
        let mut unreadable = 0;
        let told = store.history(from, &mut |_, line| {
            // What this version cannot read is left out, and counted: the alerts themselves are brought in by what they are.
            let read = line.and_then(|line| serde_json::from_str(line).ok());
            match read.and_then(change) {
                Some(change) => {
                    each(&change.alert_id);
                    changes.push(change);
                }
                None => unreadable += 1,
            }
            if changes.len() >= AT_ONCE {
                let added = self.desk.add_changes(&changes);
                changes.clear();
                added.map_err(|error| {
                    failed = Some(error);
                    std::io::Error::other("the desk cannot be written")
                })?;
            }
            Ok(())
        });
        self.unreadable(Unreadable::Change, unreadable);
        if let Some(error) = failed {
            return Err(error);
        }
        told?;
        self.desk.add_changes(&changes)
    }

    /// Tells that lines of the store could not be read: how many, and nothing of what they say.
    fn unreadable(&self, kind: Unreadable, lines: u64) {
        if lines == 0 {
            return;
        }
        self.desk.unreadable(kind, lines);
        match kind {
            Unreadable::Alert => tracing::warn!(
                lines,
                "alerts of the store cannot be read by this version and are not brought to the review queue; a later \
                 version wrote them, or the store is damaged"
            ),
            Unreadable::Change => tracing::warn!(
                lines,
                "lines of the history of alerts cannot be read by this version and are left out of the review queue; a \
                 later version wrote them, or the store is damaged"
            ),
        }
    }

    /// Brings alerts in as the store has them.
    fn findings(&self, store: &mut dyn AlertReader, ids: &[String]) -> Result<(), DeskError> {
        for ids in ids.chunks(AT_ONCE) {
            let mut findings = Vec::with_capacity(ids.len());
            let mut citizens = Vec::new();
            let mut unreadable = 0;
            for id in ids {
                let stored = match store.alert(id) {
                    Ok(None) => continue,
                    Ok(stored) => stored,
                    Err(StoreError::Forged { .. }) => None,
                    Err(error) => return Err(error.into()),
                };
                match stored.and_then(|stored| self.finding(&stored)) {
                    Some((finding, citizen)) => {
                        citizens.extend(citizen.zip(finding.person));
                        findings.push(finding);
                    }
                    None => unreadable += 1,
                }
            }
            self.unreadable(Unreadable::Alert, unreadable);
            // First, so that no alert is there whose citizen is not.
            self.desk.add_citizens(&citizens)?;
            self.desk.project(&findings, None)?;
        }
        Ok(())
    }

    /// Sees to it that what holds on the desk holds in the store, and the other way around.
    fn reconcile(&self, store: &mut dyn AlertReader) -> Result<(), DeskError> {
        let mut active = self.desk.active();
        let mut next = active.next().transpose()?;
        let mut differ = Vec::new();
        let mut failed = None;
        store.raised(&mut |raised| {
            while let Some(id) = next.as_deref().filter(|id| *id < raised.alert_id) {
                differ.push(id.to_owned());
                next = active.next().transpose().unwrap_or_else(|error| {
                    failed = Some(error);
                    None
                });
            }
            if next.as_deref() == Some(raised.alert_id) {
                next = active.next().transpose().unwrap_or_else(|error| {
                    failed = Some(error);
                    None
                });
            } else {
                differ.push(raised.alert_id.to_owned());
            }
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        differ.extend(next);
        for id in active {
            differ.push(id?);
        }
        self.findings(store, &differ)?;
        let mut gone = Vec::new();
        for id in differ {
            match store.alert(&id) {
                Ok(None) => gone.push(id),
                Ok(Some(_)) | Err(StoreError::Forged { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        for gone in gone.chunks(AT_ONCE) {
            self.desk.withdraw_unknown(gone)?;
        }
        Ok(())
    }

    /// An alert of the store as the desk has it, with the citizen that its person of the insurance is; nothing of one that
    /// this version does not know.
    fn finding(&self, stored: &StoredAlert) -> Option<(Finding, Option<GroupId>)> {
        let row = &stored.alert;
        let reason = Reason::from_name(&row.reason)?;
        let class = Class::from_name(&row.class)?;
        let line: case::Alert = serde_json::from_str(&row.line).ok()?;
        let about = self.registers.about(&row.subject_kind, &row.subject_id);
        let is_visit = matches!(&*row.subject_kind, "claim" | "check_in");
        let facility = row.subject_id.split_once('/').filter(|_| is_visit);
        let key = self.desk.key();
        let of_stream = |stream: Stream| {
            let mut rows = line.evidence.iter();
            let row = rows.find(|row| row.stream == stream.name());
            row.map(|row| row.key.clone())
        };
        let card = about.card.or_else(|| of_stream(Stream::Cards));
        let person = about.person.or_else(|| {
            let participant = of_stream(Stream::Participants);
            let holder = || card.as_deref().and_then(holder);
            let citizen = || of_stream(Stream::Citizens).map(|id| (Stream::Citizens, id));
            participant
                .or_else(holder)
                .map(|id| (Stream::Participants, id))
                .or_else(citizen)
        });
        let citizen = person.as_ref().and_then(|(stream, id)| {
            let is_participant = *stream == Stream::Participants;
            let citizen = is_participant.then(|| self.registers.citizen_of(id))??;
            Some(key.group(Stream::Citizens.name(), &citizen))
        });
        let shown = card.clone().or_else(|| person.clone().map(|(_, id)| id));
        let state = stored.state;
        // What is archived stands as it was.
        let holds = state != AlertState::Withdrawn;
        let count = line.evidence_count.unwrap_or_default();
        let mut parts: Vec<Vec<u8>> = vec![
            vec![u8::from(holds)],
            count.to_le_bytes().to_vec(),
            line.evidence_sha256.clone().unwrap_or_default().into(),
            class.as_str().into(),
            row.grade.map(|grade| vec![grade]).unwrap_or_default(),
            row.cause.as_deref().unwrap_or_default().into(),
            row.amount_thousandths.to_le_bytes().to_vec(),
            (row.score.map(u16::to_le_bytes)).map_or_else(Vec::new, Vec::from),
        ];
        for row in &line.evidence {
            parts.push(row.stream.clone().into());
            parts.push(row.key.clone().into());
            parts.push(row.recorded_at.nanos().to_le_bytes().to_vec());
        }
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let finding = Finding {
            alert_id: row.alert_id.clone(),
            reason,
            class,
            severity: line.severity,
            subject_kind: row.subject_kind.clone().into_owned(),
            facility: facility.map(|(facility, _)| facility.to_owned()),
            masked: mask::identifier(&shown.as_deref().unwrap_or_default()),
            person: person.map(|(stream, id)| key.group(stream.name(), &id)),
            card: card.map(|card| key.group(Stream::Cards.name(), &card)),
            amount: Money::from_thousandths(row.amount_thousandths),
            grade: row.grade,
            cause: line.cause,
            score: row.score,
            misuse_probability: row.misuse_probability,
            priority: row.priority,
            service_day: about.day,
            raised_at: line.raised_at.nanos() / 1_000_000,
            raised_epoch: row.raised_epoch,
            changed_epoch: stored.changed_epoch,
            state,
            digest: key.digest(&parts),
        };
        Some((finding, citizen))
    }
}

/// The social-insurance number in a card's.
fn holder(card: &str) -> Option<String> {
    card.get(5..).map(str::to_owned)
}

fn change(line: Line) -> Option<MachineChange> {
    let streams = Stream::ALL.iter().copied();
    let caused = |stream: &Stream| {
        let mut causes = line.cause.iter();
        causes.any(|cause| cause.stream.as_deref() == Some(stream.name()))
    };
    Some(MachineChange {
        epoch: line.epoch,
        at: Instant::from_text(&line.at)?.nanos() / 1_000_000,
        kind: kind(&line.kind)?,
        causes: streams.filter(caused).collect(),
        alert_id: line.alert_id,
    })
}
