//! `GET /what-if`: what another value of a threshold would come to, over all that the service decides on.
//!
//! Must hold: every number is a count of whole epochs, and the page says up to which; what is assumed - the minutes that
//! an alert takes - is said to be; whoever works on some provinces is told of those alone.

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
use crate::alert::{Effect, NoTurn, Sum, Turn};
use crate::language::{Language, PageMessages};
use crate::record::{Day, Money, PartialDate};
use crate::review::{ASSUMED_MINUTES, Decisions, Outcome};
use crate::rule::Dial;

/// A dial that can be chosen.
struct DialLink {
    address: String,
    name: &'static str,
    is_current: bool,
}

/// The slider.
struct Slider {
    dial: &'static str,
    least: u32,
    most: u32,
    value: u32,
    told: String,
}

/// A line of a table: what a value, or a month, or a province would come to.
struct Line {
    name: String,
    address: Option<String>,
    mark: &'static str,
    alerts: String,
    added: String,
    removed: String,
    amount_added: String,
    amount_removed: String,
    hours: String,
}

/// A table of lines.
#[derive(Template)]
#[template(path = "what_if_table.html")]
struct Lines {
    t: &'static PageMessages,
    caption: &'static str,
    first: &'static str,
    lines: Vec<Line>,
}

/// A line of the table of verdicts.
struct VerdictLine {
    name: &'static str,
    kept: String,
    removed: String,
}

/// What is told where it is known.
struct Known {
    slider: Slider,
    exact: String,
    in_force: String,
    now: String,
    all: Line,
    work: String,
    work_added: String,
    work_saved: String,
    verdicts: Vec<VerdictLine>,
    verdicts_told: String,
    chart: Option<String>,
    chart_help: String,
    steps: Lines,
    months: Lines,
    provinces: Lines,
}

#[derive(Template)]
#[template(path = "what_if.html")]
struct WhatIfPage {
    shell: Shell,
    dials: Vec<DialLink>,
    title: &'static str,
    meaning: String,
    /// Why there is nothing, or not what was asked for.
    instead: Option<String>,
    known: Option<Known>,
}

/// `GET /what-if`.
pub(super) async fn page(
    State(app): State<App>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Response, Fault> {
    let fields = &caller.fields;
    let dial = fields.filled("dial").and_then(Dial::from_code);
    let dial = dial.unwrap_or(Dial::ALL[0]);
    let asked = fields.filled("at").and_then(|text| text.parse().ok());
    let viewer = caller.viewer()?;
    let found = app.ask(move |parts| {
        let turn = |value| parts.dials.turn(dial, value, &viewer.provinces);
        let (turn, too_loose) = match turn(asked) {
            Err(NoTurn::TooLoose(reach)) => (turn(None), Some(reach)),
            turn => (turn, None),
        };
        let decisions = parts.desk.decisions(&viewer, dial.reason())?;
        let numbers = parts.dials.numbers(dial, decisions.outcomes.clone());
        Ok((turn, too_loose, decisions, numbers))
    });
    let (turn, too_loose, decisions, numbers) = found.await?;
    let (language, t) = (caller.language, caller.texts());
    let words = Words { dial, language, t };
    let instead = match (&turn, too_loose) {
        (Err(NoTurn::Off), _) => Some(t.what_if_off.to_owned()),
        (Err(_), _) => Some(t.what_if_unknown.to_owned()),
        (Ok(_), Some(reach)) => Some(told(t.what_if_too_loose, &[("value", &words.value(reach))])),
        (Ok(_), None) => None,
    };
    let page = WhatIfPage {
        shell: Shell::new(&caller, t.what_if),
        dials: Dial::ALL
            .map(|one| DialLink {
                address: address(one, None),
                name: name(one, t),
                is_current: one == dial,
            })
            .into(),
        title: dial.reason().title(language),
        meaning: dial.threshold().meaning(language).to_owned(),
        instead,
        known: (turn.ok()).map(|turn| words.known(&turn, &decisions, &numbers, caller.now)),
    };
    Ok(answer::page(StatusCode::OK, &page))
}

fn address(dial: Dial, at: Option<u32>) -> String {
    let parts = [
        ("dial", Some(dial.as_str().to_owned())),
        ("at", at.map(|at| at.to_string())),
    ];
    format!("/what-if?{}", query(&parts))
}

fn name(dial: Dial, t: &'static PageMessages) -> &'static str {
    match dial {
        Dial::OverlapMinutes => t.dial_overlap_minutes,
        Dial::MinutesAfterAdmission => t.dial_minutes_after_admission,
        Dial::MinutesBeforeDischarge => t.dial_minutes_before_discharge,
        Dial::Facilities => t.dial_facilities,
        Dial::Visits => t.dial_visits,
        Dial::OutlierLevel => t.dial_outlier_level,
    }
}

/// Tells numbers of a dial.
struct Words {
    dial: Dial,
    language: Language,
    t: &'static PageMessages,
}

/// Verdicts that are counted together: what they are called, and which they are.
type Kind = (&'static str, fn(Outcome) -> bool);

impl Words {
    fn count(&self, count: u64) -> String {
        self.language.count(count)
    }

    /// A value with its unit.
    fn value(&self, value: u32) -> String {
        let unit = self.dial.unit().word(value.into(), self.language);
        format!("{}\u{a0}{unit}", self.count(value.into()))
    }

    fn amount(&self, sum: Sum) -> String {
        self.language.money(Money::dong(sum.dong()))
    }

    /// So many alerts as hours of work.
    fn hours(&self, alerts: u64, minutes: u32) -> String {
        let hours = alerts as f64 * f64::from(minutes) / 60.0;
        let text = self.language.decimal(hours);
        told(self.t.what_if_hours, &[("count", &text)])
    }

    fn line(&self, name: String, effect: &Effect, minutes: u32) -> Line {
        let under = effect.under().claims;
        Line {
            name,
            address: None,
            mark: "",
            alerts: self.count(under),
            added: self.count(effect.added.claims),
            removed: self.count(effect.removed.claims),
            amount_added: self.amount(effect.added),
            amount_removed: self.amount(effect.removed),
            hours: self.hours(under, minutes),
        }
    }

    fn known(
        &self,
        turn: &Turn,
        decisions: &Decisions,
        numbers: &[(u32, Outcome)],
        now: i64,
    ) -> Known {
        let (t, dial) = (self.t, self.dial);
        let minutes = decisions
            .minutes
            .map_or(ASSUMED_MINUTES, |(minutes, _)| minutes);
        let reach = dial.reach(turn.in_force);
        let (least, most) = match dial {
            Dial::OutlierLevel => (dial.tightest().min(turn.in_force), reach),
            _ => (reach, dial.tightest().max(turn.in_force)),
        };
        let at = turn
            .at
            .map(|at| clock(self.language, at.nanos() / 1_000_000, now));
        let (at, epoch) = (
            at.unwrap_or_default(),
            self.count(turn.epoch.unsigned_abs()),
        );
        let reached = self.value(reach);
        let exact: [(&str, &str); 3] = [("at", &at), ("epoch", &epoch), ("value", &reached)];
        let work = match decisions.minutes {
            Some((minutes, of)) => {
                let (minutes, of) = (self.count(minutes.into()), self.count(of as u64));
                told(
                    t.what_if_work_measured,
                    &[("minutes", &minutes), ("count", &of)],
                )
            }
            None => {
                let minutes = self.count(ASSUMED_MINUTES.into());
                told(t.what_if_work_assumed, &[("minutes", &minutes)])
            }
        };
        let verdict_count = self.count(numbers.len() as u64);
        let month = |day: &Day| {
            let (year, month, _) = day.civil();
            let of = (u16::try_from(year).ok()).zip(u8::try_from(month).ok());
            let date = of.and_then(|(year, month)| PartialDate::new(year, Some(month), None));
            date.map_or_else(
                || self.language.day(*day),
                |date| self.language.partial_date(date),
            )
        };
        let table = |(caption, first), lines| Lines {
            t,
            caption,
            first,
            lines,
        };
        let steps = turn.steps.iter().map(|(step, effect)| Line {
            address: Some(address(dial, Some(*step))),
            mark: match mark(turn, *step) {
                Mark::InForce => t.what_if_is_in_force,
                Mark::Asked => t.what_if_is_asked,
                Mark::Other => "",
            },
            ..self.line(self.value(*step), effect, minutes)
        });
        let months = turn.by_month.iter().rev();
        let months = months.map(|(day, effect)| self.line(month(day), effect, minutes));
        let provinces = turn.by_province.iter().map(|(code, effect)| {
            let code = String::from_utf8_lossy(code).into_owned();
            self.line(code, effect, minutes)
        });
        Known {
            slider: Slider {
                dial: dial.as_str(),
                least: least.min(turn.value),
                most: most.max(turn.value),
                value: turn.value,
                told: self.value(turn.value),
            },
            exact: told(t.what_if_exact, &exact),
            in_force: self.value(turn.in_force),
            now: self.count(turn.all.as_is().claims),
            all: self.line(self.value(turn.value), &turn.all, minutes),
            work,
            work_added: self.hours(turn.all.added.claims, minutes),
            work_saved: self.hours(turn.all.removed.claims, minutes),
            verdicts: self.verdicts(turn.value, numbers),
            verdicts_told: told(t.what_if_verdicts, &[("count", &verdict_count)]),
            chart: chart(t.what_if_chart, &self.bars(turn)),
            chart_help: told(t.what_if_chart_help, &[("value", &self.value(turn.value))]),
            steps: table((t.what_if_steps, t.what_if_threshold), steps.collect()),
            months: table((t.what_if_by_month_help, t.what_if_month), months.collect()),
            provinces: table(
                (t.what_if_by_province_help, t.province),
                provinces.collect(),
            ),
        }
    }

    fn bars(&self, turn: &Turn) -> Vec<Bar> {
        let bar = |(step, effect): &(u32, Effect)| {
            let alerts = effect.under().claims;
            Bar {
                name: self.count((*step).into()),
                count: self.count(alerts),
                alerts,
                mark: mark(turn, *step),
            }
        };
        turn.steps.iter().map(bar).collect()
    }

    /// How many of the decided alerts a value would keep and remove, by what was decided.
    fn verdicts(&self, value: u32, numbers: &[(u32, Outcome)]) -> Vec<VerdictLine> {
        let t = self.t;
        let kinds: [Kind; 4] = [
            (t.what_if_confirmed, |outcome| outcome == Outcome::Confirmed),
            (t.what_if_legitimate, |outcome| {
                outcome == Outcome::Legitimate
            }),
            (t.what_if_false, |outcome| {
                matches!(outcome, Outcome::False(_))
            }),
            (t.what_if_neither, |outcome| outcome == Outcome::Neither),
        ];
        let line = |(name, is_it): Kind| {
            let count = |is_kept: bool| {
                let of_side = numbers.iter().filter(|(number, outcome)| {
                    is_it(*outcome) && self.dial.is_alerted(*number, value) == is_kept
                });
                self.count(of_side.count() as u64)
            };
            VerdictLine {
                name,
                kept: count(true),
                removed: count(false),
            }
        };
        kinds.into_iter().map(line).collect()
    }
}

fn mark(turn: &Turn, step: u32) -> Mark {
    if step == turn.value && step != turn.in_force {
        Mark::Asked
    } else if step == turn.in_force {
        Mark::InForce
    } else {
        Mark::Other
    }
}
