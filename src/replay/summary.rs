//! What a replay did, in numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::outputs::EventCounts;
use crate::alert::{Alert, Comparison, Counts, Weighings, serialize_amount};
use crate::dataflow::{ArrangementSize, LinkageWork, layout};
use crate::link::{PersonBounds, PersonKeyKind};
use crate::measure;
use crate::model::Score;
use crate::notice::Proposal;
use crate::record::{Day, ErrorCode, Instant, Money, Stream};
use crate::rule::{Reason, Settings, Values, serialize_values};

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
    /// Notices, by database; databases without any are left out.
    pub notices: BTreeMap<&'static str, u64>,
    /// The first knowledge time.
    #[serde(serialize_with = "text")]
    pub first_recorded_at: Option<Instant>,
    /// The last knowledge time.
    #[serde(serialize_with = "text")]
    pub last_recorded_at: Option<Instant>,
    /// The as-of date.
    #[serde(serialize_with = "text")]
    pub as_of: Option<Day>,
    /// Epochs with rows or a change of the settings.
    pub epochs: u32,
    /// The data measures; those of facilities are in `measures.ndjson` only.
    pub measures: MeasureSummary,
    /// The thresholds that hold at the end, where they are not all the catalogue's defaults.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<RulesSummary>,
    /// What the shadow model makes of claims beside the model in force, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<ShadowSummary>,
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
    /// What other thresholds would come to; asked, not written.
    #[serde(skip)]
    pub weighings: Weighings,
}

/// The data measures of streams and enterprises.
#[derive(Clone, Debug, Serialize)]
pub struct MeasureSummary {
    /// Until when they are told.
    #[serde(flatten)]
    pub run: measure::Run,
    /// Each stream, in the contract's order.
    pub streams: Vec<measure::StreamReport>,
    /// Enterprises and their employees.
    pub enterprises: measure::EnterprisesReport,
    /// Facilities that sent a claim.
    pub facilities: usize,
}

impl MeasureSummary {
    pub(super) fn of(report: measure::Report) -> Self {
        let facilities = report.facilities.iter();
        Self {
            facilities: facilities.filter(|one| one.facility.is_some()).count(),
            run: report.run,
            streams: report.streams,
            enterprises: report.enterprises,
        }
    }
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
    pub reason: Reason,
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
    /// Those that are archived, where a journal's claims are retired.
    #[serde(skip_serializing_if = "is_zero")]
    pub archived: u64,
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

/// What a shadow model makes of claims beside the model in force.
#[derive(Clone, Debug, Serialize)]
pub struct ShadowSummary {
    /// SHA-256 of its artefact.
    pub model_sha256: String,
    /// The claims of each reason with a score whose alerts hold at the end; of `cost_outlier`, those that
    /// either model takes for an outlier.
    pub reasons: Vec<ShadowReasonSummary>,
}

/// The claims of a reason as two models have them. High is a score above 0.95; of `cost_outlier`, a p-value
/// below the model's level.
#[derive(Clone, Debug, Serialize)]
pub struct ShadowReasonSummary {
    /// The reason.
    pub reason: Reason,
    /// Claims compared.
    pub claims: i64,
    /// Those that both put high.
    pub both: i64,
    /// Those that the model in force alone puts high.
    pub only_live: i64,
    /// Those that the shadow model alone puts high.
    pub only_shadow: i64,
    /// The mean of what the scores differ by, to four places, rounded down.
    pub mean_difference: Option<Score>,
}

impl ShadowSummary {
    fn new(model_sha256: String, comparison: &Comparison) -> Self {
        let of_reason = |(reason, counts): (Reason, Counts)| ShadowReasonSummary {
            reason,
            claims: counts.claims,
            both: counts.both,
            only_live: counts.only_live,
            only_shadow: counts.only_shadow,
            mean_difference: (u16::try_from(counts.mean_difference()).ok()).and_then(Score::new),
        };
        Self {
            model_sha256,
            reasons: comparison.by_reason().map(of_reason).collect(),
        }
    }
}

/// The settings that hold at the end.
#[derive(Clone, Debug, Serialize)]
pub struct RulesSummary {
    /// Their digest, which is the key under which a change to them is a cause.
    pub key: String,
    /// The values that are no defaults.
    #[serde(serialize_with = "serialize_values")]
    pub changed: Values,
}

/// What a summary is made of.
pub(super) struct Parts<'a> {
    pub accepted: Vec<(Stream, u64)>,
    pub rejected: BTreeMap<ErrorCode, u64>,
    pub not_configured: Vec<Reason>,
    pub alerts: &'a [Alert],
    pub notices: &'a [Proposal],
    pub counts: EventCounts,
    pub span: Option<(Instant, Instant)>,
    pub epochs: u32,
    pub as_of: Option<Day>,
    pub settings: &'a Settings,
    pub shadow: Option<(String, Comparison)>,
    pub measures: MeasureSummary,
    pub arrangements: Vec<ArrangementSize>,
    pub linkage: Option<(LinkageWork, PersonBounds)>,
    pub elapsed: Duration,
    pub warnings: Vec<String>,
    pub weighings: Weighings,
}

/// A count that is left out where it is none: only claims that are retired make one.
fn is_zero(count: &u64) -> bool {
    *count == 0
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
        for (reason, [raised, changed, withdrawn, archived]) in &parts.counts {
            let of_reason = || parts.alerts.iter().filter(|alert| alert.reason == *reason);
            reasons.push(ReasonSummary {
                reason: *reason,
                alerts: of_reason().count() as u64,
                amount_vnd: of_reason().map(|alert| alert.amount_vnd).sum(),
                raised: *raised,
                changed: *changed,
                withdrawn: *withdrawn,
                archived: *archived,
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
            notices: by_database(parts.notices),
            first_recorded_at: parts.span.map(|(first, _)| first),
            last_recorded_at: parts.span.map(|(_, last)| last),
            as_of: parts.as_of,
            epochs: parts.epochs,
            measures: parts.measures,
            rules: RulesSummary::of(parts.settings),
            shadow: (parts.shadow)
                .map(|(sha256, comparison)| ShadowSummary::new(sha256, &comparison)),
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
            weighings: parts.weighings,
        }
    }
}

fn by_database(notices: &[Proposal]) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for notice in notices {
        let database = notice.target.database.as_str();
        *counts.entry(database).or_default() += 1;
    }
    counts
}

impl RulesSummary {
    fn of(settings: &Settings) -> Option<Self> {
        let changed = settings.differences(Settings::defaults());
        (!changed.is_empty()).then(|| Self {
            key: settings.key(),
            changed,
        })
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
