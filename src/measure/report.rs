//! What the measures say, as it is written to `measures.ndjson` and read back from it.
//!
//! In: the counters of a run, its alerts and its rejected rows. Out: a line for the run, for each stream,
//! for the enterprises, and for each facility in byte order. Must hold: the lines are a function of rows
//! and options, not of threads or epochs; nobody is named in them.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

use super::correct::{CHECKS, Check, DOUBTED};
use super::delay::{BOUNDS, CLASSES, DEADLINES, bound_at};
use super::failing::Failing;
use super::indicator::Indicator;
use super::measures::{Measures, OfFacility, Outcome};
use super::note::told_by;
use super::rejected::Rejected;
use super::share::Share;
use super::tally::Tally;
use super::workforce::PERCENTS;
use crate::record::{ErrorCode, Facility, Instant, Stream};
use crate::rule::ReasonSet;

/// The measures of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// Until when.
    pub run: Run,
    /// Each stream, in the contract's order.
    pub streams: Vec<StreamReport>,
    /// Enterprises and their employees.
    pub enterprises: EnterprisesReport,
    /// Each facility that sent claims, in byte order; rejected claims of no known facility last.
    pub facilities: Vec<FacilityReport>,
}

/// Until when measures are told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The as-of date, UTC+7.
    pub as_of: Option<String>,
    /// The instant to which ages are counted: that of `--as-of`, else that of the last accepted row.
    pub known_until: Option<String>,
}

/// A stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamReport {
    /// Its name.
    pub stream: String,
    /// Rows that hold.
    pub rows: u64,
    /// Rows that no alert says are wrong, by check.
    pub correct: Vec<CorrectReport>,
    /// Cells that are filled, of those that are expected.
    pub complete: Share,
    /// The same by indicator.
    pub indicators: Vec<Named>,
    /// What came in.
    pub clean: CleanReport,
    /// How fresh it is.
    pub live: LiveReport,
}

/// A share under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The share.
    #[serde(flatten)]
    pub share: Share,
}

/// A check of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectReport {
    /// Its name.
    pub name: String,
    /// The reasons whose alerts fail it.
    pub reasons: Vec<String>,
    /// Rows that pass, of those that hold; none where its reasons were not all computed.
    pub share: Option<Share>,
}

/// What came in of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CleanReport {
    /// Rows accepted: the sum of the five below.
    pub accepted: u64,
    /// Rows of keys that held nothing.
    pub added: u64,
    /// Rows that took the place of a different one.
    pub changed: u64,
    /// Rows equal to the one that their key held: sent again.
    pub equal: u64,
    /// Rows that removed what their key held.
    pub removed: u64,
    /// Rows that removed what was not there.
    pub idle: u64,
    /// Rows not accepted, by code.
    pub rejected_by_code: BTreeMap<String, u64>,
    /// Rows not accepted, of all rows.
    pub rejected: Share,
    /// Rows sent again, of those accepted.
    pub duplicates: Share,
}

/// How fresh a stream is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveReport {
    /// When its last accepted row became known.
    pub last_recorded_at: Option<String>,
    /// Seconds from then to the run's `known_until`.
    pub age_seconds: Option<u64>,
    /// How late rows that hold became known; none where the stream tells of no time.
    pub delay: Option<DelayReport>,
    /// Rows that kept each deadline; claims alone have any.
    pub deadlines: Vec<Named>,
}

/// From when something was true to when it was known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelayReport {
    /// The column that tells when it was true.
    pub from: String,
    /// Rows that tell of a time.
    pub rows: u64,
    /// Rows by class of delay; classes without rows are left out.
    pub classes: Vec<DelayClass>,
    /// The class that some percents of the rows lie within.
    pub percentiles: Vec<Percentile>,
}

/// A class of delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelayClass {
    /// Its longest delay; none where it is without end.
    pub at_most_seconds: Option<i64>,
    /// Rows in it.
    pub rows: u64,
}

/// A delay that some percent of the rows do not exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Percentile {
    /// Percent of the rows.
    pub percent: u64,
    /// The bound of the class that they lie within; none where it is without end.
    pub at_most_seconds: Option<i64>,
}

/// Enterprises and the employees who are insured through them, on the as-of date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnterprisesReport {
    /// Enterprises that declare a workforce and have not ceased.
    pub declaring: u64,
    /// Of them, those with fewer insured employees than their workforce.
    pub fewer: u64,
    /// As many.
    pub equal: u64,
    /// More.
    pub more: u64,
    /// The workforce that they declare, and their insured employees.
    pub workforce: u64,
    /// Their insured employees.
    pub insured: u64,
    /// Them by insured employees in a hundred of the workforce; classes without any are left out.
    pub classes: Vec<PercentClass>,
    /// Enterprises that declare no workforce and have not ceased.
    pub undeclared: u64,
    /// Enterprises that were merged, dissolved or are bankrupt, through which somebody is insured.
    pub ceased_with_employees: u64,
    /// Employers of somebody insured that no row of `enterprises` tells of.
    pub unregistered_with_employees: u64,
}

/// A class of enterprises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PercentClass {
    /// The most insured employees in a hundred of the workforce; none where it is without end.
    pub at_most_percent: Option<u64>,
    /// Enterprises in it.
    pub enterprises: u64,
}

/// The claims of a facility.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FacilityReport {
    /// Its code; none stands for rejected claims whose facility could not be read.
    pub facility: Option<String>,
    /// Claims that hold.
    pub claims: u64,
    /// What the fund is asked to pay for them, in whole dong, rounded down.
    pub amount_vnd: i64,
    /// Claims that kept each deadline.
    pub deadlines: Vec<Named>,
    /// The delay that some percents of them do not exceed.
    pub percentiles: Vec<Percentile>,
    /// Cells that are filled, of those that are expected.
    pub complete: Share,
    /// The same by indicator.
    pub indicators: Vec<Named>,
    /// Rows not accepted, of all its rows.
    pub rejected: Share,
    /// Claims without an alert of class `data_quality` or `identity`; none where not computed.
    pub correct: Option<Share>,
}

/// What a report is made of.
pub struct Parts<'a> {
    /// The counters.
    pub measures: &'a Measures,
    /// The rejected rows.
    pub rejected: &'a Rejected,
    /// The subjects of the alerts that hold.
    pub failing: &'a Failing,
    /// The reasons that were computed.
    pub reasons: ReasonSet,
    /// The instant to which ages are counted, of whose day the as-of date is; none where there is no row.
    pub known_until: Option<Instant>,
}

impl Report {
    /// What the measures say.
    pub fn new(parts: &Parts<'_>) -> Self {
        let known_until = parts.known_until;
        Self {
            run: Run {
                as_of: known_until.map(|at| at.day().to_string()),
                known_until: known_until.map(|at| at.to_string()),
            },
            streams: Stream::ALL.iter().map(|one| stream(*one, parts)).collect(),
            enterprises: enterprises(parts),
            facilities: facilities(parts),
        }
    }

    /// The facility with a code.
    pub fn facility(&self, code: &str) -> Option<&FacilityReport> {
        let mut facilities = self.facilities.iter();
        facilities.find(|facility| facility.facility.as_deref() == Some(code))
    }
}

fn stream(stream: Stream, parts: &Parts<'_>) -> StreamReport {
    let tally = parts.measures.tally(stream);
    let indicators = indicators(stream, &tally);
    StreamReport {
        stream: stream.name().to_owned(),
        rows: tally.rows(),
        correct: (CHECKS.iter().filter(|check| check.stream == stream))
            .map(|check| correct(check, tally.rows(), parts))
            .collect(),
        complete: complete(&indicators),
        indicators,
        clean: clean(stream, parts),
        live: live(stream, &tally, parts),
    }
}

fn correct(check: &Check, rows: u64, parts: &Parts<'_>) -> CorrectReport {
    let share = check
        .is_computed(parts.reasons)
        .then(|| Share::new(parts.failing.count(check), rows).rest());
    CorrectReport {
        name: check.name.to_owned(),
        reasons: check.reasons.iter().map(|&name| name.to_owned()).collect(),
        share,
    }
}

fn indicators(stream: Stream, tally: &Tally) -> Vec<Named> {
    let indicators = Indicator::of_stream(stream).iter().enumerate();
    indicators
        .map(|(place, indicator)| {
            let (filled, expected) = tally.filled(place);
            named(indicator.name, Share::new(filled, expected))
        })
        .collect()
}

fn complete(indicators: &[Named]) -> Share {
    let shares = indicators.iter().map(|named| named.share);
    shares.fold(Share::default(), Share::plus)
}

fn named(name: &str, share: Share) -> Named {
    Named {
        name: name.to_owned(),
        share,
    }
}

fn clean(stream: Stream, parts: &Parts<'_>) -> CleanReport {
    let outcome = |outcome| parts.measures.outcome(stream, outcome);
    let [added, changed, equal, removed, idle] = [
        Outcome::Added,
        Outcome::Changed,
        Outcome::Equal,
        Outcome::Removed,
        Outcome::Idle,
    ]
    .map(outcome);
    let accepted = added + changed + equal + removed + idle;
    let codes = || parts.rejected.codes_of(stream);
    let rejected = codes().map(|(_, count)| count).sum();
    CleanReport {
        accepted,
        added,
        changed,
        equal,
        removed,
        idle,
        rejected_by_code: codes()
            .map(|(code, count): (ErrorCode, u64)| (code.as_str().to_owned(), count))
            .collect(),
        rejected: Share::new(rejected, accepted + rejected),
        duplicates: Share::new(equal, accepted),
    }
}

fn live(stream: Stream, tally: &Tally, parts: &Parts<'_>) -> LiveReport {
    let last = parts.measures.last(stream);
    let age = |last: Instant| {
        let nanos = i128::from(parts.known_until?.nanos()) - i128::from(last.nanos());
        u64::try_from(nanos.div_euclid(1_000_000_000)).ok()
    };
    LiveReport {
        last_recorded_at: last.map(|at| at.to_string()),
        age_seconds: last.and_then(age),
        delay: told_by(stream).map(|(from, _)| delay(from, &tally.delays())),
        deadlines: match stream {
            Stream::Claims => deadlines(tally),
            _ => Vec::new(),
        },
    }
}

fn delay(from: &str, counts: &[u64; CLASSES]) -> DelayReport {
    let classes = counts.iter().enumerate().filter(|(_, rows)| **rows > 0);
    DelayReport {
        from: from.to_owned(),
        rows: counts.iter().sum(),
        classes: classes
            .map(|(class, rows)| DelayClass {
                at_most_seconds: BOUNDS.get(class).copied(),
                rows: *rows,
            })
            .collect(),
        percentiles: percentiles(counts),
    }
}

fn percentiles(counts: &[u64; CLASSES]) -> Vec<Percentile> {
    let percentile = |percent| {
        let at_most_seconds = bound_at(counts, percent)?;
        Some(Percentile {
            percent,
            at_most_seconds,
        })
    };
    [50, 90, 99].into_iter().filter_map(percentile).collect()
}

fn deadlines(tally: &Tally) -> Vec<Named> {
    let deadlines = DEADLINES.iter().enumerate();
    deadlines
        .map(|(place, deadline)| named(deadline.name, Share::new(tally.kept(place), tally.rows())))
        .collect()
}

fn enterprises(parts: &Parts<'_>) -> EnterprisesReport {
    let Some(as_of) = parts.known_until.map(Instant::day) else {
        return EnterprisesReport::default();
    };
    let insured = parts.measures.workforce.on(as_of);
    let classes = insured.by_percent.iter().enumerate();
    EnterprisesReport {
        declaring: insured.fewer + insured.equal + insured.more,
        fewer: insured.fewer,
        equal: insured.equal,
        more: insured.more,
        workforce: insured.workforce,
        insured: insured.insured,
        classes: classes
            .filter(|(_, enterprises)| **enterprises > 0)
            .map(|(class, enterprises)| PercentClass {
                at_most_percent: PERCENTS.get(class).copied(),
                enterprises: *enterprises,
            })
            .collect(),
        undeclared: insured.undeclared,
        ceased_with_employees: insured.ceased,
        unregistered_with_employees: insured.unregistered,
    }
}

fn facilities(parts: &Parts<'_>) -> Vec<FacilityReport> {
    let is_computed = DOUBTED.is_computed(parts.reasons);
    let doubted = is_computed.then(|| parts.failing.by_facility());
    let mut counted: BTreeMap<Facility, (Option<&OfFacility>, u64)> = BTreeMap::new();
    for (facility, of) in parts.measures.facilities() {
        counted.insert(facility, (Some(of), 0));
    }
    let mut unknown = 0;
    for (facility, rejected) in parts.rejected.facilities() {
        match facility {
            Some(facility) => counted.entry(facility).or_default().1 += rejected,
            None => unknown += rejected,
        }
    }
    let nothing = OfFacility::default();
    let mut facilities: Vec<FacilityReport> = counted
        .into_iter()
        .map(|(facility, (of, rejected))| {
            let of = of.unwrap_or(&nothing);
            let doubted = (doubted.as_ref())
                .map(|doubted| doubted.get(&facility).copied().unwrap_or_default());
            facility_report(Some(facility), of, rejected, doubted)
        })
        .collect();
    if unknown > 0 {
        let doubted = doubted.map(|_| 0);
        facilities.push(facility_report(None, &nothing, unknown, doubted));
    }
    facilities
}

fn facility_report(
    facility: Option<Facility>,
    of: &OfFacility,
    rejected: u64,
    doubted: Option<u64>,
) -> FacilityReport {
    let indicators = indicators(Stream::Claims, &of.tally);
    let claims = of.tally.rows();
    let dong = of.thousandths.div_euclid(1000);
    FacilityReport {
        facility: facility.map(|facility| facility.to_string()),
        claims,
        amount_vnd: i64::try_from(dong).unwrap_or(if dong < 0 { i64::MIN } else { i64::MAX }),
        deadlines: deadlines(&of.tally),
        percentiles: percentiles(&of.tally.delays()),
        complete: complete(&indicators),
        indicators,
        rejected: Share::new(rejected, of.accepted + rejected),
        correct: doubted.map(|doubted| Share::new(doubted, claims).rest()),
    }
}

/// A line of `measures.ndjson`.
#[derive(Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "snake_case")]
enum Line<R, S, E, F> {
    Run(R),
    Stream(S),
    Enterprises(E),
    Facility(F),
}

type Lent<'a> = Line<&'a Run, &'a StreamReport, &'a EnterprisesReport, &'a FacilityReport>;
type Owned = Line<Run, StreamReport, EnterprisesReport, FacilityReport>;

/// `measures.ndjson` could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A line is not what this version writes.
    #[error("line {line}: {error}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// The file has no line of the run, which is the first.
    #[error("it has no line of the run; it was cut")]
    Cut,
}

impl Report {
    /// Writes a line for the run, for each stream, for the enterprises and for each facility.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut line = |line: Lent<'_>| {
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")
        };
        line(Line::Run(&self.run))?;
        self.streams
            .iter()
            .try_for_each(|stream| line(Line::Stream(stream)))?;
        line(Line::Enterprises(&self.enterprises))?;
        self.facilities
            .iter()
            .try_for_each(|facility| line(Line::Facility(facility)))
    }

    /// Reads what [`Report::write`] wrote.
    ///
    /// # Errors
    /// When the input cannot be read, or is not that.
    pub fn read(input: impl BufRead) -> Result<Self, ReadError> {
        let mut report = Self::default();
        let mut has_run = false;
        for (place, line) in input.lines().enumerate() {
            let owned = serde_json::from_str(&line?);
            let owned = owned.map_err(|error| ReadError::Line {
                line: place + 1,
                error,
            })?;
            match owned {
                Owned::Run(run) => (report.run, has_run) = (run, true),
                Owned::Stream(stream) => report.streams.push(stream),
                Owned::Enterprises(enterprises) => report.enterprises = enterprises,
                Owned::Facility(facility) => report.facilities.push(facility),
            }
        }
        if has_run {
            Ok(report)
        } else {
            Err(ReadError::Cut)
        }
    }
}
