//! Measures for Prometheus, in its text format 0.0.4.
//!
//! In: a report, and the facilities that are asked for by name. Out: the exposition. Must hold: names have
//! a prefix, base units and `_total` where a value never falls; labels have few values, none of a person;
//! a facility is a label only where it is named, since there are thousands.

use std::fmt::{self, Write};

use super::report::{FacilityReport, Named, Percentile, Report, StreamReport};
use super::share::Share;
use crate::record::{Instant, Value};

/// The exposition of a report.
pub fn exposition(report: &Report, named: &[&FacilityReport]) -> String {
    let mut text = String::new();
    write(&mut text, report, named).expect("a text has room");
    text
}

/// A value and its labels, escaped.
type Sample = (String, f64);

fn write(out: &mut String, report: &Report, named: &[&FacilityReport]) -> fmt::Result {
    streams(out, &report.streams)?;
    let enterprises = &report.enterprises;
    family(
        out,
        "fundwatch_enterprises",
        "gauge",
        "Enterprises by how their insured employees compare with the workforce that they declare.",
        [
            ("fewer", enterprises.fewer),
            ("equal", enterprises.equal),
            ("more", enterprises.more),
            ("undeclared", enterprises.undeclared),
            ("ceased_with_employees", enterprises.ceased_with_employees),
            (
                "unregistered_with_employees",
                enterprises.unregistered_with_employees,
            ),
        ]
        .map(|(compared, count)| (labels(&[("employees", compared)]), count as f64)),
    )?;
    all_facilities(out, &report.facilities)?;
    if !named.is_empty() {
        named_facilities(out, named)?;
    }
    Ok(())
}

fn streams(out: &mut String, streams: &[StreamReport]) -> fmt::Result {
    let of = |stream: &StreamReport| labels(&[("source", &stream.stream)]);
    family(
        out,
        "fundwatch_input_records_total",
        "counter",
        "Records received per source by outcome; a duplicate is equal to what its key held.",
        streams.iter().flat_map(|stream| {
            let clean = &stream.clean;
            [
                ("accepted", clean.accepted.saturating_sub(clean.equal)),
                ("duplicate", clean.equal),
                ("rejected", clean.rejected.count),
            ]
            .map(|(outcome, count)| {
                let labels = labels(&[("source", &stream.stream), ("outcome", outcome)]);
                (labels, count as f64)
            })
        }),
    )?;
    family(
        out,
        "fundwatch_input_rejects_total",
        "counter",
        "Records rejected per source by error code; codes that were not met are left out.",
        streams.iter().flat_map(|stream| {
            let codes = stream.clean.rejected_by_code.iter();
            codes.map(|(code, count)| {
                let labels = labels(&[("source", &stream.stream), ("code", code)]);
                (labels, *count as f64)
            })
        }),
    )?;
    family(
        out,
        "fundwatch_input_last_record_timestamp_seconds",
        "gauge",
        "Unix time at which the last accepted record of this source became known; absent when none.",
        streams.iter().filter_map(|stream| {
            let last = Instant::from_text(stream.live.last_recorded_at.as_deref()?)?;
            Some((
                of(stream),
                last.nanos().div_euclid(1_000_000) as f64 / 1000.0,
            ))
        }),
    )?;
    family(
        out,
        "fundwatch_measure_rows",
        "gauge",
        "Records of this source that hold.",
        streams
            .iter()
            .map(|stream| (of(stream), stream.rows as f64)),
    )?;
    family(
        out,
        "fundwatch_measure_correct_ratio",
        "gauge",
        "Share of the records that hold which pass this check; absent when not computed.",
        streams.iter().flat_map(|stream| {
            stream.correct.iter().filter_map(|check| {
                let labels = labels(&[("source", &stream.stream), ("check", &check.name)]);
                Some((labels, check.share?.ratio()?))
            })
        }),
    )?;
    family(
        out,
        "fundwatch_measure_complete_ratio",
        "gauge",
        "Share of the records of which this indicator is expected that have it; absent when of none.",
        by_name(streams, "indicator", |stream| &stream.indicators),
    )?;
    family(
        out,
        "fundwatch_measure_in_time_ratio",
        "gauge",
        "Share of the claims that hold which were sent within this deadline; absent when none hold.",
        by_name(streams, "deadline", |stream| &stream.live.deadlines),
    )?;
    family(
        out,
        "fundwatch_measure_delay_seconds",
        "gauge",
        "Upper bound of the delay from event to knowledge, at this percentile of the records that hold.",
        streams.iter().flat_map(|stream| {
            let percentiles = stream.live.delay.iter();
            let percentiles = percentiles.flat_map(|delay| &delay.percentiles);
            percentiles
                .map(|percentile| self::percentile(&[("source", &stream.stream)], percentile))
        }),
    )
}

/// The named shares of streams.
fn by_name<'a>(
    streams: &'a [StreamReport],
    label: &'static str,
    shares: impl Fn(&'a StreamReport) -> &'a Vec<Named> + 'a,
) -> impl Iterator<Item = Sample> + 'a {
    streams.iter().flat_map(move |stream| {
        let shares = shares(stream).iter();
        shares.filter_map(move |named| {
            let labels = labels(&[("source", &stream.stream), (label, &named.name)]);
            Some((labels, named.share.ratio()?))
        })
    })
}

// Prometheus keeps the label `quantile` for summaries.
fn percentile(more: &[(&str, &str)], percentile: &Percentile) -> Sample {
    let percent = percentile.percent.to_string();
    let labels = labels(&[more, &[("percentile", &percent)]].concat());
    let bound = percentile.at_most_seconds;
    (labels, bound.map_or(f64::INFINITY, |bound| bound as f64))
}

/// What is told of all facilities: how their shares are spread.
fn all_facilities(out: &mut String, facilities: &[FacilityReport]) -> fmt::Result {
    let known = || facilities.iter().filter(|one| one.facility.is_some());
    family(
        out,
        "fundwatch_facilities",
        "gauge",
        "Facilities that sent a claim, accepted or rejected.",
        [(String::new(), known().count() as f64)],
    )?;
    let deadlines = facilities.first().map(|one| one.deadlines.as_slice());
    let deadlines = deadlines.unwrap_or_default();
    family(
        out,
        "fundwatch_facilities_in_time_ratio",
        "gauge",
        "Share of claims sent within this deadline that this percentile of the facilities does not exceed.",
        deadlines.iter().enumerate().flat_map(|(place, deadline)| {
            let shares = known().map(move |one| one.deadlines[place].share);
            spread(&[("deadline", &deadline.name)], shares)
        }),
    )?;
    family(
        out,
        "fundwatch_facilities_complete_ratio",
        "gauge",
        "Share of expected cells filled that this percentile of the facilities does not exceed.",
        spread(&[], known().map(|one| one.complete)),
    )?;
    family(
        out,
        "fundwatch_facilities_rejected_ratio",
        "gauge",
        "Share of rows rejected that this percentile of the facilities does not exceed.",
        spread(&[], known().map(|one| one.rejected)),
    )
}

/// Percentiles of shares, by nearest rank, over the facilities that have any.
fn spread(more: &[(&str, &str)], shares: impl Iterator<Item = Share>) -> Vec<Sample> {
    let mut ratios: Vec<f64> = shares.filter_map(Share::ratio).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    let percentile = |percent: usize| {
        let rank = (ratios.len() * percent).div_ceil(100).max(1);
        let labels = labels(&[more, &[("percentile", &percent.to_string())]].concat());
        Some((labels, *ratios.get(rank - 1)?))
    };
    [5, 25, 50, 75, 95]
        .into_iter()
        .filter_map(percentile)
        .collect()
}

/// What is told of facilities that were asked for.
fn named_facilities(out: &mut String, named: &[&FacilityReport]) -> fmt::Result {
    let each = || {
        let named = named.iter();
        named.filter_map(|one| Some((one.facility.as_deref()?, *one)))
    };
    let one = |name: &str| labels(&[("facility", name)]);
    family(
        out,
        "fundwatch_facility_claims",
        "gauge",
        "Claims of this facility that hold.",
        each().map(|(name, of)| (one(name), of.claims as f64)),
    )?;
    family(
        out,
        "fundwatch_facility_amount_vnd",
        "gauge",
        "Dong that the fund is asked to pay for the claims of this facility that hold.",
        each().map(|(name, of)| (one(name), of.amount_vnd as f64)),
    )?;
    family(
        out,
        "fundwatch_facility_in_time_ratio",
        "gauge",
        "Share of the claims of this facility that were sent within this deadline.",
        each().flat_map(|(name, of)| {
            let deadlines = of.deadlines.iter();
            deadlines.filter_map(move |deadline| {
                let labels = labels(&[("facility", name), ("deadline", &deadline.name)]);
                Some((labels, deadline.share.ratio()?))
            })
        }),
    )?;
    for (metric, help, share) in FACILITY_RATIOS {
        let ratio = |(name, of)| Some((one(name), share(of)?.ratio()?));
        family(out, metric, "gauge", help, each().filter_map(ratio))?;
    }
    family(
        out,
        "fundwatch_facility_delay_seconds",
        "gauge",
        "Upper bound of the delay from discharge to knowledge, at this percentile of its claims.",
        each().flat_map(|(name, of)| {
            let percentiles = of.percentiles.iter();
            percentiles.map(move |percentile| self::percentile(&[("facility", name)], percentile))
        }),
    )
}

/// A metric of a facility, its help, and the share that it is the ratio of.
type FacilityRatio = (
    &'static str,
    &'static str,
    fn(&FacilityReport) -> Option<Share>,
);

const FACILITY_RATIOS: [FacilityRatio; 3] = [
    (
        "fundwatch_facility_complete_ratio",
        "Share of the cells expected of the claims of this facility that are filled.",
        |of| Some(of.complete),
    ),
    (
        "fundwatch_facility_rejected_ratio",
        "Share of the rows of this facility that were rejected.",
        |of| Some(of.rejected),
    ),
    (
        "fundwatch_facility_correct_ratio",
        "Share of its claims without an alert of class data_quality or identity; absent when not computed.",
        |of| of.correct,
    ),
];

/// Writes a metric with all its samples; one without any is told as well, so that it can be found.
fn family(
    out: &mut String,
    name: &str,
    kind: &str,
    help: &str,
    samples: impl IntoIterator<Item = Sample>,
) -> fmt::Result {
    writeln!(out, "# HELP {name} {help}")?;
    writeln!(out, "# TYPE {name} {kind}")?;
    for (labels, value) in samples {
        let value = match value {
            f64::INFINITY => "+Inf".to_owned(),
            value => value.to_string(),
        };
        writeln!(out, "{name}{labels} {value}")?;
    }
    Ok(())
}

/// Labels as they stand behind a name.
fn labels(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| {
        let escaped = value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n");
        format!("{name}=\"{escaped}\"")
    };
    let pairs: Vec<String> = pairs.iter().map(pair).collect();
    format!("{{{}}}", pairs.join(","))
}
