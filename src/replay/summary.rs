//! What a replay did, in numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::outputs::EventCounts;
use crate::alert::{Alert, serialize_amount};
use crate::dataflow::{ArrangementSize, LinkageWork, layout};
use crate::link::{PersonBounds, PersonKeyKind};
use crate::record::{Day, ErrorCode, Instant, Money, Stream};
use crate::rule::Reason;

/// `summary.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Rows by stream, accepted.
    pub streams: Vec<StreamSummary>,
    /// Rows that were rejected, by code.
    pub rejected: BTreeMap<&'static str, u64>,
    /// Alerts by reason; reasons without any event are left out.
    pub reasons: Vec<ReasonSummary>,
    /// Reasons that could not be found, because what they turn on is not configured.
    pub not_configured: Vec<Reason>,
    /// Alerts that hold.
    pub alerts: u64,
    /// What the fund was asked to pay in the claims, and a month of the benefits, that alerts are
    /// about; a subject of several alerts counts once.
    #[serde(serialize_with = "serialize_amount")]
    pub amount_vnd: Money,
    /// The first knowledge time.
    #[serde(serialize_with = "text")]
    pub first_recorded_at: Option<Instant>,
    /// The last knowledge time.
    #[serde(serialize_with = "text")]
    pub last_recorded_at: Option<Instant>,
    /// The as-of date.
    #[serde(serialize_with = "text")]
    pub as_of: Option<Day>,
    /// Epochs with rows.
    pub epochs: u32,
    /// What the dataflow held after the last epoch, by name.
    pub arrangements: Vec<ArrangementSummary>,
    /// What linking participants took and left out, where it was wanted.
    pub linkage: Option<LinkageSummary>,
    /// Wall time.
    pub elapsed_seconds: f64,
    /// Accepted claim rows a second of wall time.
    pub claims_per_second: f64,
    /// The most memory that the process has held, where the system tells it.
    pub peak_memory_bytes: Option<u64>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

/// The rows of a stream.
#[derive(Clone, Debug, Serialize)]
pub struct StreamSummary {
    /// The stream.
    pub stream: &'static str,
    /// Rows accepted.
    pub accepted: u64,
}

/// The alerts of a reason.
#[derive(Clone, Debug, Serialize)]
pub struct ReasonSummary {
    /// The reason.
    pub reason: &'static str,
    /// Alerts that hold.
    pub alerts: u64,
    /// The amount at stake in them.
    #[serde(serialize_with = "serialize_amount")]
    pub amount_vnd: Money,
    /// Raises.
    pub raised: u64,
    /// Changes.
    pub changed: u64,
    /// Withdrawals.
    pub withdrawn: u64,
}

/// What linking participants took and left out.
#[derive(Clone, Debug, Serialize)]
pub struct LinkageSummary {
    /// Pairs whose rows were read to be compared; a pair that came and went counts each time.
    pub pairs_compared: u64,
    /// Pairs that what is known beside a shared key told apart.
    pub pairs_ruled_out: u64,
    /// What was left out at the end, because too many shared a key.
    pub left_out: Vec<LeftOutSummary>,
}

/// What was left out where too many shared a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOutSummary {
    /// What they share.
    pub shared: &'static str,
    /// The most that are compared.
    pub bound: usize,
    /// Keys that more share, among them somebody who would be compared.
    pub keys: u64,
    /// Those who would be compared.
    pub participants: u64,
}

impl LinkageSummary {
    fn new(work: &LinkageWork, bounds: PersonBounds) -> Self {
        let left_out = PersonKeyKind::ALL.map(|kind| {
            let left_out = work.left_out(kind);
            LeftOutSummary {
                shared: kind.name(),
                bound: bounds.of(kind),
                keys: left_out.blocks,
                participants: left_out.participants,
            }
        });
        Self {
            pairs_compared: work.compared(),
            pairs_ruled_out: work.ruled_out(),
            left_out: left_out.into(),
        }
    }
}

/// What one arrangement of the dataflow held.
#[derive(Clone, Debug, Serialize)]
pub struct ArrangementSummary {
    /// Its name.
    pub name: String,
    /// Records in it, over all workers; what compaction has yet to merge counts too.
    pub records: u64,
    /// The bytes that they take: of a table, those that it holds; of an arrangement, those of its layout,
    /// where it is of fixed width, from one key for all of them to a key for each.
    pub bytes: Option<[u64; 2]>,
}

/// What a summary is made of.
pub(super) struct Parts<'a> {
    pub accepted: Vec<(Stream, u64)>,
    pub rejected: BTreeMap<ErrorCode, u64>,
    pub not_configured: Vec<Reason>,
    pub alerts: &'a [Alert],
    pub counts: EventCounts,
    pub span: Option<(Instant, Instant)>,
    pub epochs: u32,
    pub as_of: Option<Day>,
    pub arrangements: Vec<ArrangementSize>,
    pub linkage: Option<(LinkageWork, PersonBounds)>,
    pub elapsed: Duration,
    pub warnings: Vec<String>,
}

impl Summary {
    pub(super) fn new(parts: Parts<'_>) -> Self {
        let claims = parts
            .accepted
            .iter()
            .find(|(stream, _)| *stream == Stream::Claims);
        let claims = claims.map_or(0, |(_, accepted)| *accepted);
        let elapsed_seconds = parts.elapsed.as_secs_f64();
        let mut reasons: Vec<ReasonSummary> = Vec::new();
        for (reason, [raised, changed, withdrawn]) in &parts.counts {
            let of_reason = || parts.alerts.iter().filter(|alert| alert.reason == *reason);
            reasons.push(ReasonSummary {
                reason: reason.as_str(),
                alerts: of_reason().count() as u64,
                amount_vnd: of_reason().map(|alert| alert.amount_vnd).sum(),
                raised: *raised,
                changed: *changed,
                withdrawn: *withdrawn,
            });
        }
        let subjects: BTreeMap<_, _> = (parts.alerts.iter())
            .map(|alert| ((alert.subject.kind, &*alert.subject.id), alert.amount_vnd))
            .collect();
        Self {
            streams: (parts.accepted.iter())
                .map(|(stream, accepted)| StreamSummary {
                    stream: stream.name(),
                    accepted: *accepted,
                })
                .collect(),
            rejected: parts
                .rejected
                .iter()
                .map(|(code, n)| (code.as_str(), *n))
                .collect(),
            reasons,
            not_configured: parts.not_configured,
            alerts: parts.alerts.len() as u64,
            amount_vnd: subjects.into_values().sum(),
            first_recorded_at: parts.span.map(|(first, _)| first),
            last_recorded_at: parts.span.map(|(_, last)| last),
            as_of: parts.as_of,
            epochs: parts.epochs,
            arrangements: (parts.arrangements.into_iter())
                .map(|size| {
                    let records = size.records as u64;
                    let layout = layout(&size.name).filter(|layout| !layout.boxed);
                    let of_table = [size.table_bytes as u64; 2];
                    ArrangementSummary {
                        name: size.name,
                        records,
                        bytes: match size.table_bytes {
                            0 => layout.map(|l| {
                                [l.bytes(records.min(1), records), l.bytes(records, records)]
                            }),
                            _ => Some(of_table),
                        },
                    }
                })
                .collect(),
            linkage: (parts.linkage).map(|(work, bounds)| LinkageSummary::new(&work, bounds)),
            elapsed_seconds,
            claims_per_second: claims as f64 / elapsed_seconds,
            peak_memory_bytes: peak_memory_bytes(),
            warnings: parts.warnings,
        }
    }
}

/// The high-water mark of the resident set, where Linux tells it.
fn peak_memory_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn text<T: std::fmt::Display, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}
