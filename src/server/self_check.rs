//! Citizens are answered about themselves: from the rows, the desk and the access log.
//!
//! In: a portal's call with an assertion. Out: that person's records, what does not fit together in them, who read them, and
//! requests for corrections. Must hold: an assertion is used up before anything is looked up; the access is in the access log,
//! under the person's pseudonym, before anything is told; somebody who is not known is answered as somebody of whom nothing is
//! recorded; of colleagues only role, day and purpose are told, never who.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::Parts;
use super::pages::subject;
use crate::access::Role;
use crate::access_log::{Entry, Query};
use crate::language::Language;
use crate::notice::{Clock as _, SystemClock};
use crate::record::{Citizen, Instant, PersonalId, Record, Stream};
use crate::review::{
    Correction, CorrectionLine, CorrectionRefused, CorrectionState, Desk, GroupId, NewCorrection,
    OwnAlert, Purpose, Typed, UsedAssertion,
};
use crate::rule::{Class, Reason};
use crate::self_check::{
    Assertion, Mismatch, OwnField, Portal, is_told_reason, mismatches, own_record,
};
use crate::service::{PersonRow, PersonRows, Phase, RowsOfPeople};
use crate::web::pages::{access_done, role_words};
use crate::web::{
    AccessAction, AccessEntry, AskedCorrection, Ledger, Principal, SelfCheck, SelfCheckError, Stage,
};

/// What is looked for of each of a person's alerts and pseudonyms in the access log, and how much of it is told.
const LOOKED_AT: usize = 50;
const ALERTS: usize = 30;
const READS: usize = 100;
/// What a citizen is told that others did: whoever read something of theirs.
const READING: [AccessAction; 6] = [
    AccessAction::OpenAlert,
    AccessAction::OpenGroup,
    AccessAction::SearchPerson,
    AccessAction::Reveal,
    AccessAction::OpenCorrection,
    AccessAction::SelfCheck,
];

const STARTING: &str = "the service computes its journal again";
const UNREADABLE: &str = "the records cannot be read now; ask an operator";

/// Answers citizens, for the portals of the configuration.
pub(super) struct PortalSelfCheck {
    pub(super) parts: Parts,
    pub(super) portals: Vec<Portal>,
    pub(super) rows: RowsOfPeople,
    pub(super) desk: Arc<Desk>,
}

/// Whom a portal vouches for.
struct Asker {
    id: PersonalId,
    /// Their pseudonym.
    person: GroupId,
}

fn unreadable(error: &dyn std::fmt::Display) -> SelfCheckError {
    tracing::error!(%error, "a citizen cannot be answered");
    SelfCheckError::Unavailable(UNREADABLE)
}

impl PortalSelfCheck {
    /// Who asks. The assertion is used up when this returns.
    fn asker(&self, caller: &dyn Principal, assertion: &str) -> Result<Asker, SelfCheckError> {
        if !matches!(
            self.parts.service.status.phase(),
            Phase::Running | Phase::Draining
        ) {
            return Err(SelfCheckError::Unavailable(STARTING));
        }
        let mut portals = self.portals.iter();
        let portal = portals.find(|portal| portal.name == caller.id());
        let portal = portal.ok_or(SelfCheckError::NotAPortal)?;
        // By the machine's clock, as sessions are: that of the service may be another day's in a demo.
        let now = SystemClock.now().0;
        let assertion = Assertion::verify(assertion, portal, now.div_euclid(1000))?;
        let person = self.group(Stream::Citizens, &assertion.subject.to_string());
        let used = self.desk.use_assertion(&UsedAssertion {
            portal: &portal.name,
            id: &assertion.id,
            until: assertion.expires.saturating_mul(1000),
            now,
            person,
            per_minute: portal.requests_per_minute,
        });
        used.map_err(|refused| told_refusal(refused, now))?;
        Ok(Asker {
            id: assertion.subject,
            person,
        })
    }

    fn group(&self, stream: Stream, number: &str) -> GroupId {
        self.desk.key().group(stream.name(), number)
    }

    /// All pseudonyms of a person: as a citizen, and as each participant.
    fn people(&self, asker: &Asker, participants: &[crate::record::SiNumber]) -> Vec<GroupId> {
        let participants = participants.iter();
        let groups = participants.map(|si| self.group(Stream::Participants, &si.to_string()));
        [asker.person].into_iter().chain(groups).collect()
    }

    fn log(
        &self,
        caller: &dyn Principal,
        (action, objects): (AccessAction, u64),
        asker: &Asker,
        (object, epoch): (Option<&str>, Option<u64>),
    ) -> Result<(), SelfCheckError> {
        let entry = AccessEntry::new(caller.id(), caller.role(), action, Stage::done(objects));
        let mut entry = entry.subject(subject(asker.person));
        entry.object = object;
        entry.epoch = epoch;
        let kept = self.parts.access_log.record(&entry);
        kept.map_err(|_| SelfCheckError::NotLogged)
    }

    /// Who read something of a person's, by day: their pseudonyms, and the alerts about them.
    fn reads(
        &self,
        people: &[GroupId],
        alerts: &[OwnAlert],
        language: Language,
    ) -> Result<Vec<Value>, SelfCheckError> {
        let empty = || Query {
            limit: LOOKED_AT,
            ..Query::default()
        };
        // Each kind of reading for itself: what the person asks for themselves does not push it out.
        let of_people = people.iter().flat_map(|person| {
            READING.iter().map(|action| Query {
                subject: Some(subject(*person).to_string()),
                action: Some(action.name().to_owned()),
                ..empty()
            })
        });
        let of_alert = [AccessAction::OpenAlert, AccessAction::Reveal];
        let of_alerts = alerts.iter().take(ALERTS).flat_map(|alert| {
            of_alert.iter().map(|action| Query {
                object: Some(alert.alert_id.clone()),
                action: Some(action.name().to_owned()),
                ..empty()
            })
        });
        // By number: an entry about an alert and its person is one.
        let mut entries: BTreeMap<u64, Entry> = BTreeMap::new();
        for query in of_people.chain(of_alerts) {
            let found = self.parts.access_log.search(&query);
            let found = found.map_err(|error| unreadable(&error))?;
            entries.extend(found.entries.into_iter().map(|entry| (entry.n, entry)));
        }
        Ok(told_reads(entries.values(), language))
    }
}

/// Reads, grouped by day, role, what and why; the last first.
fn told_reads<'a>(
    entries: impl DoubleEndedIterator<Item = &'a Entry>,
    language: Language,
) -> Vec<Value> {
    let mut reads: Vec<(Instant, &Entry, u64)> = Vec::new();
    for entry in entries.rev() {
        let is_reading = READING.iter().any(|action| action.name() == entry.action);
        let Some(at) = entry.time().filter(|_| is_reading) else {
            continue;
        };
        let same = reads.iter_mut().find(|(other, known, _)| {
            (other.day(), &known.role, &known.action, &known.purpose)
                == (at.day(), &entry.role, &entry.action, &entry.purpose)
        });
        if let Some((_, _, times)) = same {
            *times += 1;
        } else if reads.len() < READS {
            reads.push((at, entry, 1));
        } else {
            break;
        }
    }
    let told = |(at, entry, times): (Instant, &Entry, u64)| {
        let purpose = entry.purpose.as_deref().and_then(Purpose::from_name);
        let role = Role::from_name(&entry.role);
        json!({
            "day": at.day().to_string(),
            "role": entry.role,
            "who": role.map(|role| role_words(role, language.page_messages())),
            "action": entry.action,
            "did": access_done(&entry.action, language),
            "purpose": purpose.map(|purpose| purpose.as_str()),
            "why": purpose.map(|purpose| purpose.text(language)),
            "times": times,
        })
    };
    reads.into_iter().map(told).collect()
}

fn told_refusal(refused: CorrectionRefused, now: i64) -> SelfCheckError {
    match refused {
        CorrectionRefused::Replayed => SelfCheckError::Replayed,
        CorrectionRefused::Spent { next } => SelfCheckError::Spent {
            retry_after: Duration::from_millis(u64::try_from(next - now).unwrap_or_default()),
        },
        CorrectionRefused::NotFound => SelfCheckError::NoSuchRequest,
        CorrectionRefused::Wrong => SelfCheckError::BadRequest,
        CorrectionRefused::Database(crate::review::DeskError::NotLogged) => {
            SelfCheckError::NotLogged
        }
        other => unreadable(&other),
    }
}

fn told_record(row: &PersonRow, own: Option<&Citizen>, language: Language) -> Value {
    let stream = row.key.stream();
    let fields = row.record.as_ref().map(|record| {
        let told = own_record(record, own, language).into_iter();
        let told = told.map(|(field, value)| {
            json!({"field": field.as_str(), "label": field.text(language), "value": value})
        });
        told.collect::<Vec<_>>()
    });
    json!({
        "database": stream.name(),
        "name": language.record(stream),
        "known_since": row.recorded_at.to_string(),
        "erased": fields.is_none(),
        "fields": fields.unwrap_or_default(),
    })
}

fn told_mismatch(mismatch: &Mismatch) -> Value {
    json!({
        "code": mismatch.code,
        "databases": mismatch.streams.iter().map(|stream| stream.name()).collect::<Vec<_>>(),
        "says": mismatch.says,
        "what_to_do": mismatch.remedy,
    })
}

/// The reasons for which alerts hold that a citizen is told of, and how many.
fn told_alerts(alerts: &[OwnAlert], language: Language) -> Vec<Value> {
    let mut counts: BTreeMap<Reason, u64> = BTreeMap::new();
    let is_inquiry = |class| matches!(class, Class::MisuseSuspected | Class::ProviderBilling);
    for alert in alerts {
        if alert.is_active && is_told_reason(alert.reason) && !is_inquiry(alert.class) {
            *counts.entry(alert.reason).or_default() += 1;
        }
    }
    let told = counts.into_iter().map(|(reason, count)| {
        json!({"reason": reason.as_str(), "title": reason.title(language), "count": count})
    });
    told.collect()
}

fn told_line(line: &CorrectionLine, language: Language) -> Value {
    let asked = Instant::from_millis(line.at).unwrap_or(Instant::MAX);
    json!({
        "reference": line.reference,
        "database": line.stream.name(),
        "field": line.field.as_str(),
        "state": line.state.as_str(),
        "stands": line.state.text(language),
        "asked": asked.to_string(),
        "due": line.due.to_string(),
    })
}

fn told_correction(found: &Correction, language: Language) -> Value {
    let line = CorrectionLine {
        reference: found.reference.clone(),
        at: found.at,
        due: found.due,
        stream: found.stream,
        field: found.field,
        state: found.state,
        handler: None,
    };
    let mut told = told_line(&line, language);
    let is_answered = matches!(
        found.state,
        CorrectionState::Accepted | CorrectionState::Refused
    );
    let answered = found.answered_at.and_then(Instant::from_millis);
    if is_answered && let Some(told) = told.as_object_mut() {
        told.insert(
            "answer".to_owned(),
            json!(found.answer.as_ref().and_then(Typed::text)),
        );
        let at = answered.map(|at| at.to_string());
        told.insert("answered".to_owned(), json!(at));
    }
    told
}

impl SelfCheck for PortalSelfCheck {
    fn records(
        &self,
        caller: &dyn Principal,
        assertion: &str,
        language: Language,
    ) -> Result<Value, SelfCheckError> {
        let asker = self.asker(caller, assertion)?;
        let PersonRows {
            epoch,
            rows,
            cut,
            participants,
        } = (self.rows.of(asker.id)).map_err(|error| unreadable(&error))?;
        let people = self.people(&asker, &participants);
        let desk = |error| unreadable(&error);
        let alerts = self.desk.alerts_of(&people).map_err(desk)?;
        let reads = self.reads(&people, &alerts, language)?;
        let corrections = self.desk.corrections_of(asker.person).map_err(desk)?;
        let objects = rows.len() as u64;
        self.log(
            caller,
            (AccessAction::SelfCheck, objects),
            &asker,
            (None, Some(epoch)),
        )?;
        let records: Vec<&Record> = rows.iter().filter_map(|row| row.record.as_ref()).collect();
        let own = records.iter().find_map(|record| match record {
            Record::Citizens(citizen) if citizen.personal_id == asker.id => Some(citizen),
            _ => None,
        });
        let today = self.parts.clock.now().day();
        let found = mismatches(asker.id, &records, today, language);
        let told = rows.iter().map(|row| told_record(row, own, language));
        let corrections = corrections.iter().map(|line| told_line(line, language));
        Ok(json!({
            "epoch": epoch,
            "note": language.page_messages().self_check_note,
            "mismatches": found.iter().map(told_mismatch).collect::<Vec<_>>(),
            "records": told.collect::<Vec<_>>(),
            "more": cut.iter().map(|stream| stream.name()).collect::<Vec<_>>(),
            "alerts": told_alerts(&alerts, language),
            "reads": reads,
            "corrections": corrections.collect::<Vec<_>>(),
        }))
    }

    fn correct(
        &self,
        caller: &dyn Principal,
        assertion: &str,
        asked: &AskedCorrection,
        language: Language,
    ) -> Result<Value, SelfCheckError> {
        let asker = self.asker(caller, assertion)?;
        let mut streams = Stream::ALL.iter();
        let stream = streams.find(|stream| stream.name() == asked.database);
        let field = OwnField::from_name(&asked.field);
        let (Some(stream), Some(field)) = (stream, field) else {
            return Err(SelfCheckError::BadRequest);
        };
        let participants = self.rows.participants(asker.id);
        let participants = participants.map_err(|error| unreadable(&error))?;
        let blank = |text: &&String| !text.trim().is_empty();
        let kept = self.desk.request_correction(&NewCorrection {
            portal: caller.id().to_owned(),
            person: asker.person,
            people: self.people(&asker, &participants),
            subject: asker.id.to_string(),
            stream: *stream,
            field,
            should_be: asked.should_be.trim().to_owned(),
            note: asked.note.as_ref().filter(blank).cloned(),
        });
        let kept = kept.map_err(|refused| told_refusal(refused, self.desk.now()))?;
        Ok(told_correction(&kept, language))
    }

    fn status(
        &self,
        caller: &dyn Principal,
        assertion: &str,
        reference: &str,
        language: Language,
    ) -> Result<Value, SelfCheckError> {
        let asker = self.asker(caller, assertion)?;
        let found = self.desk.correction_of(asker.person, reference);
        let object = found.as_ref().ok().map(|found| found.reference.as_str());
        let objects = u64::from(object.is_some());
        let what = (AccessAction::CorrectionStatus, objects);
        self.log(caller, what, &asker, (object, None))?;
        let found = found.map_err(|refused| told_refusal(refused, self.desk.now()))?;
        Ok(told_correction(&found, language))
    }
}
