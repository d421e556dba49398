//! `GET /measures`: is what the fund knows correct, sufficient, clean and live - by stream and by facility?
//!
//! Must hold: shares and counts of rows alone, nothing of a person; of somebody who works on some provinces, their
//! facilities alone; a share that is not whole never reads as 100 %.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::answer;
use super::app::App;
use super::caller::Caller;
use super::fault::Fault;
use super::form::query;
use super::shell::Shell;
use super::step_chart::{Bar, Mark, chart};
use super::told::{clock, told};
use crate::access::Action;
use crate::language::{Language, PageMessages};
use crate::measure::{
    Aspect, FacilityReport, Measured, Percentile, Share, StreamReport, worst_first,
};
use crate::record::{Money, Stream};

/// Facilities that are listed.
const MOST: usize = 200;

/// The data measures. It may wait for a report.
pub trait DataMeasures: Send + Sync + 'static {
    /// What is measured; none before anything is.
    fn measured(&self) -> Option<Arc<Measured>>;
}

/// A share with what it is of; a dash where there is none.
#[derive(Template)]
#[template(path = "share.html")]
struct Told {
    share: String,
    of: String,
    /// Hundredths, for a bar.
    width: u64,
}

struct StreamLine {
    name: &'static str,
    rows: String,
    complete: Told,
    accepted: Told,
    again: Told,
    in_time: Told,
    last: String,
}

struct CheckLine {
    stream: &'static str,
    name: &'static str,
    share: Told,
    failing: String,
}

struct FacilityLine {
    code: String,
    address: Option<String>,
    claims: String,
    amount: String,
    in_time: Told,
    month_end: Told,
    complete: Told,
    accepted: Told,
    correct: Told,
    p90: String,
}

struct Sort {
    word: &'static str,
    text: &'static str,
    address: String,
    is_current: bool,
}

struct Known {
    at: String,
    counted_from: Option<String>,
    streams: Vec<StreamLine>,
    checks: Vec<CheckLine>,
    caption: String,
    chart: Option<String>,
    chart_name: String,
    facilities: Vec<FacilityLine>,
}

#[derive(Template)]
#[template(path = "measures.html")]
struct MeasuresPage {
    shell: Shell,
    sorts: Vec<Sort>,
    known: Option<Known>,
}

/// `GET /measures`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let by = caller.fields.filled("by").and_then(Aspect::from_word);
    let by = by.unwrap_or(Aspect::InTime);
    let measured = app.ask(|parts| Ok(parts.measures.measured())).await?;
    let (language, t) = (caller.language, caller.texts());
    let words = Words { language, t };
    let session = caller.session()?;
    let viewer = session.viewer();
    let sees = |facility: &&FacilityReport| {
        let code = facility.facility.as_deref();
        viewer.sees(code.and_then(|code| code.get(..2)))
    };
    let page = MeasuresPage {
        sorts: Aspect::ALL
            .map(|one| Sort {
                word: one.as_str(),
                text: name(one, t),
                address: format!(
                    "/measures?{}",
                    query(&[("by", Some(one.as_str().to_owned()))])
                ),
                is_current: one == by,
            })
            .into(),
        known: measured.map(|measured| {
            let facilities = measured.report.facilities.iter().filter(sees);
            let facilities = worst_first(facilities, by);
            let may_open = session.may(Action::ReadAlerts);
            words.known(&measured, &facilities, (by, may_open), caller.now)
        }),
        shell: Shell::new(&caller, t.measures),
    };
    Ok(answer::page(StatusCode::OK, &page))
}

fn name(aspect: Aspect, t: &'static PageMessages) -> &'static str {
    match aspect {
        Aspect::InTime => t.measures_in_time,
        Aspect::Complete => t.measures_complete,
        Aspect::Accepted => t.measures_accepted,
        Aspect::Correct => t.measures_correct,
    }
}

/// Tells shares and times.
struct Words {
    language: Language,
    t: &'static PageMessages,
}

impl Words {
    fn share(&self, share: Option<Share>) -> Told {
        let known = share.and_then(|share| Some((share, hundredths(share)?)));
        let Some((share, hundredths)) = known else {
            return Told {
                share: "–".to_owned(),
                of: String::new(),
                width: 0,
            };
        };
        let percent = self.language.decimal(hundredths as f64 / 100.0);
        let of = [share.count, share.of].map(|count| self.language.count(count));
        Told {
            share: format!("{percent}\u{a0}%"),
            of: told(self.t.measures_of, &[("count", &of[0]), ("of", &of[1])]),
            width: hundredths / 100,
        }
    }

    fn known(
        &self,
        measured: &Measured,
        facilities: &[&FacilityReport],
        (by, may_open): (Aspect, bool),
        now: i64,
    ) -> Known {
        let (t, language) = (self.t, self.language);
        let at = |at: crate::record::Instant| clock(language, at.nanos() / 1_000_000, now);
        let streams = measured.report.streams.iter();
        let streams: Vec<(Stream, &StreamReport)> = streams
            .filter_map(|one| {
                let mut all = Stream::ALL.iter();
                let stream = all.find(|stream| stream.name() == one.stream)?;
                Some((*stream, one))
            })
            .filter(|(_, one)| one.rows > 0 || one.clean.rejected.of > 0)
            .collect();
        let counts = [facilities.len().min(MOST), facilities.len()];
        let counts = counts.map(|count| language.count(count as u64));
        let caption: [(&str, &str); 3] = [
            ("shown", &counts[0]),
            ("all", &counts[1]),
            ("by", name(by, t)),
        ];
        let chart_name = told(t.measures_chart, &[("by", name(by, t))]);
        Known {
            at: told(t.measures_at, &[("at", &at(measured.at))]),
            counted_from: (measured.counted_from)
                .map(|from| told(t.measures_counted_from, &[("at", &at(from))])),
            checks: self.checks(&streams),
            streams: streams
                .into_iter()
                .map(|(stream, one)| self.stream(stream, one))
                .collect(),
            caption: told(t.measures_facilities_help, &caption),
            chart: (!facilities.is_empty())
                .then(|| chart(&chart_name, &self.tenths(facilities, by)))
                .flatten(),
            chart_name,
            facilities: (facilities.iter().take(MOST))
                .map(|one| self.facility(one, may_open))
                .collect(),
        }
    }

    fn stream(&self, stream: Stream, one: &StreamReport) -> StreamLine {
        let deadline = one.live.deadlines.first();
        let age = one.live.age_seconds;
        let age = age.map(|age| self.time(i64::try_from(age).unwrap_or(i64::MAX)));
        StreamLine {
            name: self.language.stream(stream),
            rows: self.language.count(one.rows),
            complete: self.share(Some(one.complete)),
            accepted: self.share(Some(one.clean.rejected.rest())),
            again: self.share(Some(one.clean.duplicates)),
            in_time: self.share(deadline.map(|deadline| deadline.share)),
            last: age.unwrap_or_else(|| "–".to_owned()),
        }
    }

    fn checks(&self, streams: &[(Stream, &StreamReport)]) -> Vec<CheckLine> {
        let mut lines = Vec::new();
        for (stream, one) in streams.iter().filter(|(_, one)| one.rows > 0) {
            for correct in &one.correct {
                let Some(name) = self.t.check(&correct.name) else {
                    continue;
                };
                let failing = correct.share.map(|share| share.of - share.count);
                lines.push(CheckLine {
                    stream: self.language.stream(*stream),
                    name,
                    share: self.share(correct.share),
                    failing: failing.map_or_else(
                        || self.t.measures_not_computed.to_owned(),
                        |count| self.language.count(count),
                    ),
                });
            }
        }
        lines
    }

    fn facility(&self, one: &FacilityReport, may_open: bool) -> FacilityLine {
        let code = one.facility.clone().unwrap_or_default();
        let is_group = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
        let deadline = |place: usize| {
            let deadline = one.deadlines.get(place);
            self.share(deadline.map(|deadline| deadline.share))
        };
        let p90 = one.percentiles.iter().find(|one| one.percent == 90);
        FacilityLine {
            address: (may_open && is_group).then(|| format!("/groups/provider/{code}")),
            code,
            claims: self.language.count(one.claims),
            amount: self.language.money(Money::dong(one.amount_vnd)),
            in_time: deadline(0),
            month_end: deadline(1),
            complete: self.share(Some(one.complete)),
            accepted: self.share(Some(one.rejected.rest())),
            correct: self.share(one.correct),
            p90: p90.map_or_else(|| "–".to_owned(), |p90| self.at_most(p90)),
        }
    }

    fn at_most(&self, percentile: &Percentile) -> String {
        match percentile.at_most_seconds {
            None => self.t.measures_beyond.to_owned(),
            Some(..=0) => self.t.measures_before.to_owned(),
            Some(seconds) => self.time(seconds),
        }
    }

    /// A time in the largest unit of which it has one, rounded down.
    fn time(&self, seconds: i64) -> String {
        let t = self.t;
        let units = [(t.measures_days, 86_400), (t.measures_hours, 3_600)];
        let unit = units.into_iter().find(|(_, length)| seconds >= *length);
        let (text, length) = unit.unwrap_or((t.measures_minutes, 60));
        let count = u64::try_from(seconds / length).unwrap_or_default();
        told(text, &[("count", &self.language.count(count))])
    }

    /// How many facilities there are by the tenth in which their share lies; those with a whole one apart.
    fn tenths(&self, facilities: &[&FacilityReport], by: Aspect) -> Vec<Bar> {
        let mut counts = [0; 11];
        let shares = facilities.iter().filter_map(|one| by.share(one));
        for hundredths in shares.filter_map(hundredths) {
            counts[usize::try_from(hundredths / 1_000).unwrap_or(0).min(10)] += 1;
        }
        let bar = |(place, alerts): (u64, u64)| Bar {
            name: match place {
                10 => "100".to_owned(),
                _ => format!("{}–", place * 10),
            },
            count: self.language.count(alerts),
            alerts,
            mark: match place {
                10 => Mark::InForce,
                _ => Mark::Other,
            },
        };
        (0..).zip(counts).map(bar).collect()
    }
}

/// Hundredths of a percent, rounded down; none of nothing.
fn hundredths(share: Share) -> Option<u64> {
    let hundredths = (u128::from(share.count) * 10_000).checked_div(u128::from(share.of))?;
    u64::try_from(hundredths).ok()
}
