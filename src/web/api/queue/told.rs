//! An alert on the desk, as JSON tells it.
//!
//! Must hold: nothing identifies a person of the registers: numbers are masked, groups are pseudonyms; but for
//! [`FieldShown`], which is made of what was revealed alone.

use serde::Serialize;

use crate::access::Role;
use crate::alert::serialize_amount;
use crate::case::Field;
use crate::record::{Day, Instant, Money};
use crate::review::{Decided, Group, Item, Typed};

/// Whether the verdict of a proposal is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proposal {
    Told,
    /// Not before whoever is to approve it has said what they think; nor in lists.
    Hidden,
}

/// An alert, with both axes.
#[derive(Serialize)]
pub(super) struct ItemTold {
    pub alert_id: String,
    /// What an act on it names: people's axis.
    version: u32,
    /// What an act on it names: the machine's.
    digest: String,
    reason: &'static str,
    class: &'static str,
    severity: &'static str,
    subject: Subject,
    facility: Option<String>,
    groups: Vec<GroupTold>,
    #[serde(serialize_with = "serialize_amount")]
    amount_vnd: Money,
    grade: Option<u8>,
    cause: Option<&'static str>,
    score: Option<f64>,
    misuse_probability: Option<f64>,
    priority: u32,
    band: &'static str,
    service_date: Option<String>,
    raised_at: String,
    raised_epoch: u64,
    changed_epoch: u64,
    evidence: Evidence,
    work: Work,
}

#[derive(Serialize)]
struct Subject {
    kind: String,
    /// The card or number, masked.
    masked: String,
}

/// The machine's axis.
#[derive(Serialize)]
struct Evidence {
    state: &'static str,
    /// Whether it is another than what was decided on, or proposed on.
    is_moved: bool,
}

/// People's axis.
#[derive(Serialize)]
struct Work {
    state: &'static str,
    assignee: Option<String>,
    since: String,
    until: Option<String>,
    due: String,
    proposer: Option<String>,
    decision: Option<Decision>,
}

/// What is proposed, or was decided.
#[derive(Serialize)]
struct Decision {
    verdict: &'static str,
    evidence_state: &'static str,
    digest: String,
    epoch: u64,
}

/// A group of alerts.
#[derive(Serialize)]
pub(super) struct GroupTold {
    pub kind: &'static str,
    pub id: String,
}

impl From<&Group> for GroupTold {
    fn from(group: &Group) -> Self {
        let (kind, id) = match group {
            Group::Person(id) => ("person", id.to_string()),
            Group::Card(id) => ("card", id.to_string()),
            Group::Provider(code) => ("provider", code.clone()),
        };
        Self { kind, id }
    }
}

/// Who did something.
#[derive(Serialize)]
pub(super) struct Actor {
    name: String,
    role: &'static str,
}

impl From<(String, Role)> for Actor {
    fn from((name, role): (String, Role)) -> Self {
        let role = role.as_str();
        Self { name, role }
    }
}

/// A field of a person that is shown to who asked for it.
#[derive(Serialize)]
pub(super) struct FieldShown {
    name: &'static str,
    value: String,
}

impl From<(Field, String)> for FieldShown {
    fn from((field, value): (Field, String)) -> Self {
        let name = field.as_str();
        Self { name, value }
    }
}

/// What became of something that was typed.
pub(super) fn note_state(typed: Option<&Typed>) -> Option<&'static str> {
    Some(match typed? {
        Typed::Text(_) => "kept",
        Typed::Erased => "erased",
        Typed::Unreadable => "unreadable",
    })
}

/// What was typed, as long as its month is not erased.
pub(super) fn text(typed: Option<Typed>) -> Option<String> {
    typed.and_then(|typed| typed.text().map(str::to_owned))
}

/// A time in milliseconds since 1970, as alerts tell times.
pub(super) fn time(millis: i64) -> String {
    Instant::from_millis(millis)
        .unwrap_or(Instant::MAX)
        .to_string()
}

pub(super) fn day(day: Day) -> String {
    day.to_string()
}

fn decision(decided: Decided) -> Decision {
    Decision {
        verdict: decided.verdict.as_str(),
        evidence_state: decided.state.as_str(),
        digest: decided.digest.to_string(),
        epoch: decided.epoch,
    }
}

/// An item as it is told.
pub(super) fn item(item: &Item, proposal: Proposal) -> ItemTold {
    let (finding, work) = (&item.finding, &item.work);
    let groups = [
        finding.person.map(Group::Person),
        finding.card.map(Group::Card),
        finding.facility.clone().map(Group::Provider),
    ];
    let share = |ten_thousandths: u16| f64::from(ten_thousandths) / 10_000.0;
    let is_told = proposal == Proposal::Told || !work.state.is_open();
    ItemTold {
        alert_id: finding.alert_id.clone(),
        version: work.version,
        digest: finding.digest.to_string(),
        reason: finding.reason.as_str(),
        class: finding.class.as_str(),
        severity: finding.severity.as_str(),
        subject: Subject {
            kind: finding.subject_kind.clone(),
            masked: finding.masked.clone(),
        },
        facility: finding.facility.clone(),
        groups: groups.iter().flatten().map(GroupTold::from).collect(),
        amount_vnd: finding.amount,
        grade: finding.grade,
        cause: finding.cause.map(|cause| cause.as_str()),
        score: finding.score.map(share),
        misuse_probability: finding.misuse_probability.map(share),
        priority: finding.priority,
        band: finding.band().as_str(),
        service_date: finding.service_day.map(day),
        raised_at: time(finding.raised_at),
        raised_epoch: finding.raised_epoch,
        changed_epoch: finding.changed_epoch,
        evidence: Evidence {
            state: finding.state.as_str(),
            is_moved: item.is_moved(),
        },
        work: Work {
            state: work.state.as_str(),
            assignee: work.assignee.clone(),
            since: time(work.since),
            until: work.until.map(day),
            due: day(work.due),
            proposer: work.proposer.clone(),
            decision: work.decided.filter(|_| is_told).map(decision),
        },
    }
}
