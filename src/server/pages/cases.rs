//! The rows behind an alert, told in the reader's language and masked.
//!
//! In: an alert of the store, and the rows of the journal that it names. Out: the sentence that says why it holds, and what
//! each row says. Must hold: a row whose month's key is destroyed is said to be erased; nothing that identifies a person
//! whole leaves, but one row at a time for who had it kept that it is shown to them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant as Elapsed};

use crate::case::{self, Alert, EvidencePlace, identity_path};
use crate::language::Language;
use crate::link::PersonLinkage;
use crate::record::{Day, Operation, Record, Stream};
use crate::review::Viewer;
use crate::rule::Settings;
use crate::service::{JournalledRow, JournalledRows};
use crate::store::{StoreReaders, StoredAlert};
use crate::web::{CaseError, CaseTold, Cases, FeatureTold, Revealed, RowTold, Visit, Visits};

/// How long rows are looked for that tell of visits: without those that are left a page is shown as well.
const PATIENCE: Duration = Duration::from_secs(3);
const UNREADABLE: &str = "the rows behind the alert cannot be read";

/// Cases, from the store and the journal.
pub(in crate::server) struct JournalledCases {
    pub(in crate::server) store: StoreReaders,
    pub(in crate::server) rows: Arc<JournalledRows>,
    /// What links participants.
    pub(in crate::server) linkage: Arc<PersonLinkage>,
}

impl Cases for JournalledCases {
    fn case(
        &self,
        _who: &Viewer,
        alert_id: &str,
        language: Language,
    ) -> Result<Option<CaseTold>, CaseError> {
        let Some(alert) = self.alert(alert_id)? else {
            return Ok(None);
        };
        let mut rows = Vec::with_capacity(alert.evidence.len());
        for place in &alert.evidence {
            rows.push((
                place,
                self.record(place).map_err(|error| unreadable(&error))?,
            ));
        }
        Ok(Some(told(&alert, &rows, &self.linkage, language)))
    }

    fn visits(&self, _who: &Viewer, alert_ids: &[String]) -> Result<Visits, CaseError> {
        let began = Elapsed::now();
        let mut store = self.store.reader().map_err(|error| unreadable(&error))?;
        let mut places = BTreeMap::new();
        for alert_id in alert_ids {
            // One that is not kept any more tells nothing.
            let stored = store.alert(alert_id).map_err(|error| unreadable(&error))?;
            for place in stored
                .map(parsed)
                .transpose()?
                .map_or_else(Vec::new, |alert| alert.evidence)
            {
                if matches!(stream(&place), Some(Stream::Claims | Stream::CheckIns)) {
                    places.insert((place.stream.clone(), place.key.clone()), place);
                }
            }
        }
        // Those of an epoch one after the other: it is read once.
        let mut places: Vec<EvidencePlace> = places.into_values().collect();
        places.sort_by(|a, b| (&a.file, a.row).cmp(&(&b.file, b.row)));
        let mut found = Visits::default();
        for place in &places {
            if began.elapsed() > PATIENCE {
                found.is_cut = true;
                break;
            }
            let record = self.record(place).map_err(|error| unreadable(&error))?;
            found.visits.extend(record.as_ref().and_then(visit));
        }
        let order = |visit: &Visit| (visit.from, visit.to, visit.facility.clone());
        found.visits.sort_by_key(order);
        Ok(found)
    }

    fn revealed(
        &self,
        _who: &Viewer,
        alert_id: &str,
        row: u32,
        language: Language,
    ) -> Result<Option<Revealed>, CaseError> {
        let Some(alert) = self.alert(alert_id)? else {
            return Ok(None);
        };
        // Rows are numbered as they are told: one of a stream that is not known is not among them.
        let mut told = alert
            .evidence
            .iter()
            .filter(|place| stream(place).is_some());
        let Some(place) = (row as usize).checked_sub(1).and_then(|row| told.nth(row)) else {
            return Ok(None);
        };
        let Some(stream) = stream(place) else {
            return Ok(None);
        };
        let record = self.record(place).map_err(|error| unreadable(&error))?;
        Ok(record.map(|record| Revealed {
            stream,
            values: case::revealed_values(&record, alert.reason),
            columns: case::revealed(&record, alert.reason, language),
            fields: case::masked_fields(&record, alert.reason),
            person: case::whose(&record),
        }))
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> CaseError {
    tracing::error!(%error, "the rows behind an alert cannot be read");
    CaseError(UNREADABLE)
}

fn parsed(stored: StoredAlert) -> Result<Alert, CaseError> {
    serde_json::from_str(&stored.alert.line).map_err(|error| unreadable(&error))
}

fn stream(place: &EvidencePlace) -> Option<Stream> {
    let mut streams = Stream::ALL.iter().copied();
    streams.find(|stream| stream.name() == place.stream)
}

impl JournalledCases {
    fn alert(&self, alert_id: &str) -> Result<Option<Alert>, CaseError> {
        let stored = self
            .store
            .reader()
            .and_then(|mut store| store.alert(alert_id));
        stored
            .map_err(|error| unreadable(&error))?
            .map(parsed)
            .transpose()
    }

    /// What a row says; nothing of one that is erased.
    fn record(
        &self,
        place: &EvidencePlace,
    ) -> Result<Option<Record>, crate::service::ServiceError> {
        let epoch = place.file.strip_prefix("epochs/");
        let Some(epoch) = epoch.and_then(|epoch| epoch.parse().ok()) else {
            return Ok(None);
        };
        let JournalledRow::Kept(change) = self.rows.row(epoch, place.row)? else {
            return Ok(None);
        };
        let is_it =
            change.key.stream().name() == place.stream && change.key.to_string() == place.key;
        Ok(match change.operation {
            Operation::Upsert(record) if is_it => Some(record),
            _ => None,
        })
    }
}

fn told(
    alert: &Alert,
    rows: &[(&EvidencePlace, Option<Record>)],
    linkage: &PersonLinkage,
    language: Language,
) -> CaseTold {
    let records: Vec<&Record> = rows
        .iter()
        .filter_map(|(_, record)| record.as_ref())
        .collect();
    // Where thresholds were changed, the sentence names the catalogue's.
    let sentence = case::sentence(alert, &records, Settings::defaults(), language);
    let row = |(place, record): &(&EvidencePlace, Option<Record>)| {
        let stream = stream(place)?;
        let fields = |record: &Record| case::masked_fields(record, alert.reason);
        let columns = |record: &Record| case::columns(record, alert.reason, language);
        Some(RowTold {
            stream,
            valid: record.as_ref().and_then(valid),
            known_at: place.recorded_at,
            place: format!("{} · {}", place.file, place.row),
            texts: record.as_ref().map(columns),
            fields: record.as_ref().map_or_else(Vec::new, fields),
        })
    };
    let feature = |feature: &case::ScoreFeature| FeatureTold {
        name: case::feature_name(&feature.feature, language),
        share: feature.share,
        observed: number(feature.observed, language),
        typical: number(feature.typical, language),
    };
    let listed = rows.iter().filter(|(place, _)| stream(place).is_some());
    let numbered: Vec<(usize, &Record)> = (1..)
        .zip(listed)
        .filter_map(|(number, (_, record))| Some((number, record.as_ref()?)))
        .collect();
    CaseTold {
        identity: identity_path((alert.reason, &alert.subject.id), &numbered, linkage),
        sentence,
        rows: rows.iter().filter_map(row).collect(),
        rows_in_all: (alert.evidence_count).unwrap_or(alert.evidence.len() as u64),
        features: alert.score_features.iter().map(feature).collect(),
    }
}

fn number(value: i64, language: Language) -> String {
    let count = language.count(value.unsigned_abs());
    if value < 0 {
        format!("−{count}")
    } else {
        count
    }
}

/// The visit that a row is of.
fn visit(record: &Record) -> Option<Visit> {
    match record {
        Record::Claims(claim) => Some(Visit {
            facility: claim.facility.to_string(),
            from: claim.admission_date(),
            to: claim.discharged_at.day(),
            is_stay: claim.visit_type.is_stay(),
        }),
        Record::CheckIns(check_in) => Some(Visit {
            facility: check_in.facility.to_string(),
            from: check_in.admitted_at.day(),
            to: check_in.admitted_at.day(),
            is_stay: false,
        }),
        _ => None,
    }
}

/// When what a row says was so.
fn valid(record: &Record) -> Option<(Day, Option<Day>)> {
    Some(match record {
        Record::Claims(claim) => {
            let (from, to) = (claim.admission_date(), claim.discharged_at.day());
            (from, Some(to))
        }
        Record::CheckIns(check_in) => {
            let day = check_in.admitted_at.day();
            (day, Some(day))
        }
        Record::Cards(card) => (card.valid_from, card.valid_to),
        Record::DeathReports(report) => {
            let date = report.death_date;
            (date.earliest_day(), Some(date.latest_day()))
        }
        Record::Citizens(citizen) => {
            let date = citizen.death_date?;
            (date.earliest_day(), Some(date.latest_day()))
        }
        Record::Beneficiaries(benefit) => (benefit.from, benefit.to),
        Record::Employments(employment) => (employment.from, employment.to),
        Record::Enterprises(enterprise) => (enterprise.effective_date, None),
        Record::Participants(_) | Record::HealthProfiles(_) => return None,
    })
}
