//! What a report says, section by section.

use std::collections::BTreeMap;

use super::chart::{Bar, chart};
use super::difference::Difference;
use super::facts::{Events, Facts, Sum};
use super::page::{Block, Cell, Row, Section, Table, code, text};
use super::sampled::OfSample;
use super::small::{self, LEAST, Told};
use super::words::{NOTHING, Words};
use crate::audit::diff::State;
use crate::audit::sample::{Estimates, FrameKind};
use crate::language::code_words;
use crate::measure::Share;
use crate::record::{ErrorCode, Money};
use crate::rule::{Class, Reason};

/// A measure fails where its share is below this many hundredths.
const ENOUGH: u64 = 95;

/// The line under the title.
pub fn subtitle(words: &Words, facts: &Facts) -> String {
    let summary = &facts.summary;
    if summary.first_recorded_at.is_none() {
        return words.t.subtitle_none.to_owned();
    }
    let from = words.instant(&summary.first_recorded_at);
    let to = words.instant(&summary.last_recorded_at);
    words.told(words.t.subtitle, &[("from", &from), ("to", &to)])
}

/// Every section, in order.
pub fn sections(
    words: &Words,
    facts: &Facts,
    difference: Option<&Difference>,
    sample: Option<&OfSample>,
) -> Vec<Section> {
    let mut sections = vec![
        run(words, facts),
        summary(words, facts, sample),
        method(words),
        completeness(words, facts),
        alerts(words, facts),
        withdrawn(words, facts),
    ];
    sections.extend(difference.map(|difference| diff(words, difference)));
    sections.extend(sample.map(|sample| sample.section(words)));
    sections.push(limits(words, facts, sample));
    sections.push(verify(words, facts));
    sections
}

fn run(words: &Words, facts: &Facts) -> Section {
    let t = words.t;
    let (summary, manifest) = (&facts.summary, &facts.run.manifest.predicate);
    let period = format!(
        "{} – {}",
        words.instant(&summary.first_recorded_at),
        words.instant(&summary.last_recorded_at)
    );
    let mode = match facts.run.as_of {
        None => t.run_mode_now.to_owned(),
        Some(at) => words.told(t.run_mode_then, &[("at", &words.language.instant(at))]),
    };
    let computed = &manifest.settings.reasons;
    let of_all = words.told(
        t.run_reasons_all,
        &[
            ("count", &words.count(computed.len() as u64)),
            ("all", &words.count(Reason::ALL.len() as u64)),
        ],
    );
    let source = if facts.run.is_of_journal() {
        t.run_source_journal
    } else {
        t.run_source_files
    };
    let version = format!(
        "fundwatch {}, {}",
        manifest.code.version, manifest.rules_version
    );
    let thresholds = &manifest.thresholds;
    let thresholds = if thresholds.changed.is_empty() && thresholds.activations.is_empty() {
        t.run_thresholds_default.to_owned()
    } else {
        words.told(t.run_thresholds_other, &[("key", &thresholds.key)])
    };
    let mut told = vec![
        (t.run_period, text(period)),
        (t.run_as_of, text(words.day(&summary.as_of))),
        (t.run_mode, text(mode)),
        (t.run_source, text(source)),
        (t.run_epochs, text(words.count(summary.epochs))),
        (t.run_reasons, text(of_all)),
    ];
    if !summary.not_configured.is_empty() {
        told.push((
            t.run_not_configured,
            text(titles(words, &summary.not_configured)),
        ));
    }
    told.push((t.run_version, code(version)));
    told.push((t.run_thresholds, text(thresholds)));
    Section {
        id: "run",
        title: t.run,
        blocks: vec![Block::Facts(told)],
    }
}

fn titles(words: &Words, reasons: &[Reason]) -> String {
    let titles = reasons.iter().map(|reason| reason.title(words.language));
    titles.collect::<Vec<_>>().join("; ")
}

fn summary(words: &Words, facts: &Facts, sample: Option<&OfSample>) -> Section {
    let t = words.t;
    let rows: u64 = facts.summary.streams.iter().map(|one| one.accepted).sum();
    let rejected: u64 = facts.summary.rejected.values().sum();
    let counted = |name: &'static str, value: String| {
        Row::of([text(name), text(value), text(t.summary_counted)])
    };
    let mut lines = vec![
        counted(t.summary_alerts, words.count(facts.summary.alerts)),
        counted(t.summary_amount, words.money(facts.summary.amount_vnd)),
        counted(
            t.summary_raised,
            words.count(facts.events(|one| one.raised)),
        ),
        counted(
            t.summary_withdrawn,
            words.count(facts.events(|one| one.withdrawn)),
        ),
        counted(t.summary_rows, words.count(rows)),
        counted(t.summary_rejected, words.count(rejected)),
    ];
    let estimates = sample.and_then(|sample| sample.estimates.as_ref());
    lines.extend(estimates.into_iter().flat_map(|one| estimated(words, one)));
    let mut blocks = vec![Block::Table(Table {
        caption: t.summary.to_owned(),
        is_titled: true,
        class: "figures",
        columns: vec![
            (t.summary_figure, false),
            (t.summary_value, true),
            (t.summary_interval, true),
        ],
        rows: lines,
    })];
    if estimates.is_none() {
        blocks.push(Block::Text(t.summary_no_estimate.to_owned()));
    }
    Section {
        id: "summary",
        title: t.summary,
        blocks,
    }
}

/// The figures that a sample gives.
fn estimated(words: &Words, estimates: &Estimates) -> Vec<Row> {
    let t = words.t;
    let mut rows = Vec::new();
    for frame in &estimates.frames {
        let (rate, amount) = match frame.frame {
            FrameKind::Alerts => (t.summary_rate_alerts, t.summary_amount_alerts),
            FrameKind::NonAlerts => (t.summary_rate_non_alerts, t.summary_amount_non_alerts),
        };
        rows.push(Row::of([
            text(rate),
            text(words.percent(frame.rate)),
            text(words.interval(frame.rate_interval)),
        ]));
        rows.push(Row::of([
            text(amount),
            text(words.dong(frame.amount.estimate)),
            text(words.ends(&frame.amount)),
        ]));
    }
    if let Some(recall) = estimates.recall {
        let share = recall
            .share
            .map_or_else(|| t.unknown.to_owned(), |one| words.percent(one));
        rows.push(Row::of([
            text(t.summary_recall),
            text(share),
            text(words.interval(recall.interval)),
        ]));
    }
    rows
}

fn method(words: &Words) -> Section {
    let t = words.t;
    let texts = [
        t.method_replay,
        t.method_alert,
        t.method_amount,
        t.method_sample,
        t.method_masked,
    ];
    Section {
        id: "method",
        title: t.method,
        blocks: texts.map(|text| Block::Text(text.to_owned())).into(),
    }
}

fn completeness(words: &Words, facts: &Facts) -> Section {
    let t = words.t;
    let summary = &facts.summary;
    let mut blocks = Vec::new();
    if summary.first_recorded_at.is_none() {
        blocks.push(Block::Text(t.completeness_none.to_owned()));
    } else {
        let from = words.instant(&summary.first_recorded_at);
        let to = words.instant(&summary.last_recorded_at);
        let help = words.told(t.completeness_help, &[("from", &from), ("to", &to)]);
        blocks.push(Block::Text(help));
    }
    blocks.push(Block::Table(streams(words, facts)));
    if summary.rejected.is_empty() {
        blocks.push(Block::Text(t.completeness_no_rejects.to_owned()));
    } else {
        blocks.push(Block::Table(rejects(words, facts)));
    }
    blocks.push(Block::Table(measures(words, facts)));
    Section {
        id: "completeness",
        title: t.completeness,
        blocks,
    }
}

fn streams(words: &Words, facts: &Facts) -> Table {
    let t = words.t;
    let rows = facts.measures.streams.iter().map(|one| {
        Row::of([
            text(words.stream(&one.stream)),
            text(words.count(one.clean.accepted)),
            text(words.count(one.clean.rejected.count)),
            text(words.count(one.rows)),
            text(words.share(one.complete)),
            text(words.instant(&one.live.last_recorded_at)),
        ])
    });
    Table {
        caption: t.completeness_streams.to_owned(),
        is_titled: false,
        class: "streams",
        columns: vec![
            (t.stream, false),
            (t.accepted, true),
            (t.rejected, true),
            (t.holds, true),
            (t.filled, true),
            (t.last_recorded, true),
        ],
        rows: rows.collect(),
    }
}

fn rejects(words: &Words, facts: &Facts) -> Table {
    let t = words.t;
    let rows = facts.summary.rejected.iter().map(|(name, count)| {
        let known = ErrorCode::ALL.iter().find(|code| code.as_str() == name);
        let meaning = known.map_or("", |code| code_words(*code, words.language));
        Row::of([code(name), text(meaning), text(words.count(*count))])
    });
    Table {
        caption: t.completeness_rejects.to_owned(),
        is_titled: false,
        class: "rejects",
        columns: vec![(t.code, false), (t.meaning, false), (t.rows, true)],
        rows: rows.collect(),
    }
}

/// Every measure of every stream that has rows: what alerts say, what is filled, what was accepted, deadlines.
fn measures(words: &Words, facts: &Facts) -> Table {
    let t = words.t;
    let mut rows = Vec::new();
    for stream in &facts.measures.streams {
        let clean = &stream.clean;
        if clean.accepted + clean.rejected.count == 0 {
            continue;
        }
        let mut all: Vec<(&str, Option<Share>)> = vec![
            (t.measure_accepted, Some(clean.rejected.rest())),
            (t.measure_filled, Some(stream.complete)),
        ];
        for deadline in &stream.live.deadlines {
            let name = match deadline.name.as_str() {
                "seven_working_days" => t.measure_deadline,
                _ => t.measure_month_end,
            };
            all.push((name, Some(deadline.share)));
        }
        let pages = words.language.page_messages();
        for check in &stream.correct {
            if let Some(name) = pages.check(&check.name) {
                all.push((name, check.share));
            }
        }
        for (name, share) in all {
            let result = match share {
                None => t.not_computed,
                Some(share) if share.of == 0 => t.not_computed,
                Some(share) if passes(share) => t.passes,
                Some(_) => t.fails,
            };
            rows.push(Row::of([
                text(words.stream(&stream.stream)),
                text(name),
                text(share.map_or_else(|| NOTHING.to_owned(), |share| words.share(share))),
                text(result),
            ]));
        }
    }
    Table {
        caption: t.completeness_measures.to_owned(),
        is_titled: false,
        class: "measures",
        columns: vec![
            (t.stream, false),
            (t.measure, false),
            (t.share, true),
            (t.result, false),
        ],
        rows,
    }
}

fn passes(share: Share) -> bool {
    u128::from(share.count) * 100 >= u128::from(share.of) * u128::from(ENOUGH)
}

fn alerts(words: &Words, facts: &Facts) -> Section {
    let t = words.t;
    let mut blocks = Vec::new();
    if facts.summary.alerts == 0 {
        blocks.push(Block::Text(t.alerts_none.to_owned()));
    } else {
        let language = words.language;
        let mut reasons: Vec<(String, Sum)> = facts
            .reasons
            .iter()
            .map(|(reason, sum)| (reason.title(language).to_owned(), *sum))
            .collect();
        // The most first; of as many, in the order of the catalogue.
        reasons.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.count));
        let classes = Class::ALL.iter().filter_map(|class| {
            let sum = facts.classes.get(class)?;
            Some((class.word(language).to_owned(), *sum))
        });
        let months = facts.months.iter();
        let months = months.map(|(month, sum)| (words.month(*month), *sum));
        let part = |id, title, column, sums: Vec<(String, Sum)>| {
            let whole = sums.into_iter().map(|(name, sum)| (name, Told::Whole(sum)));
            by(words, facts, (id, title, column), whole.collect())
        };
        blocks.extend(part("reason", t.alerts_by_reason, t.reason, reasons));
        blocks.extend(part("class", t.alerts_by_class, t.class, classes.collect()));
        let provinces: Vec<Sum> = facts.provinces.values().copied().collect();
        let names = facts.provinces.keys().map(|province| {
            let name = province.as_deref();
            name.map_or_else(|| t.no_province.to_owned(), str::to_owned)
        });
        let provinces = names.zip(small::told(&provinces)).collect();
        let title = (("province"), t.alerts_by_province, t.province);
        let mut of_provinces = by(words, facts, title, provinces);
        of_provinces.insert(1, Block::Text(t.alerts_province_help.to_owned()));
        blocks.extend(of_provinces);
        blocks.extend(part("month", t.alerts_by_month, t.month, months.collect()));
    }
    Section {
        id: "alerts",
        title: t.alerts,
        blocks,
    }
}

/// A heading, a picture, and a table that says the same.
fn by(
    words: &Words,
    facts: &Facts,
    (id, title, column): (&str, &'static str, &'static str),
    sums: Vec<(String, Told)>,
) -> Vec<Block> {
    let t = words.t;
    let few = format!("<{LEAST}");
    let bars: Vec<Bar> = sums
        .iter()
        .map(|(name, told)| Bar {
            name: name.clone(),
            said: match told {
                Told::Whole(sum) => words.sum(*sum),
                Told::Few => few.clone(),
                Told::Withheld => t.withheld.to_owned(),
            },
            count: match told {
                Told::Whole(sum) => Some(sum.count),
                _ => None,
            },
        })
        .collect();
    let mut rows: Vec<Row> = sums
        .iter()
        .map(|(name, told)| {
            let (count, amount) = match told {
                Told::Whole(sum) => (words.count(sum.count), words.money(sum.amount)),
                Told::Few => (few.clone(), t.withheld.to_owned()),
                Told::Withheld => (t.withheld.to_owned(), t.withheld.to_owned()),
            };
            Row::of([text(name), text(count), text(amount)])
        })
        .collect();
    let all = facts.reasons.values().map(|sum| sum.amount);
    rows.push(Row::total([
        text(t.total),
        text(words.count(facts.summary.alerts)),
        text(words.money(all.fold(Money::ZERO, Money::saturating_add))),
    ]));
    let description = words.told(t.chart_desc, &[("by", title)]);
    let picture = chart(&format!("by-{id}"), title, &description, &bars);
    let mut blocks = vec![Block::Heading(title.to_owned())];
    blocks.extend(picture.map(Block::Picture));
    blocks.push(Block::Table(Table {
        caption: title.to_owned(),
        is_titled: true,
        class: "alerts",
        columns: vec![(column, false), (t.count, true), (t.amount, true)],
        rows,
    }));
    blocks
}

fn withdrawn(words: &Words, facts: &Facts) -> Section {
    let t = words.t;
    let mut blocks = vec![Block::Text(t.withdrawn_help.to_owned())];
    let line = |name: Cell, events: &Events| {
        [
            name,
            text(words.count(events.raised)),
            text(words.count(events.changed)),
            text(words.count(events.withdrawn)),
            text(words.count(events.archived)),
        ]
    };
    let mut all = Events::default();
    let mut rows = Vec::new();
    for (reason, events) in &facts.events {
        rows.push(Row::of(line(text(reason.title(words.language)), events)));
        all.raised += events.raised;
        all.changed += events.changed;
        all.withdrawn += events.withdrawn;
        all.archived += events.archived;
    }
    rows.push(Row::total(line(text(t.total), &all)));
    blocks.push(Block::Table(Table {
        caption: t.withdrawn.to_owned(),
        is_titled: true,
        class: "events",
        columns: vec![
            (t.reason, false),
            (t.raised, true),
            (t.changed, true),
            (t.withdrawn_count, true),
            (t.archived, true),
        ],
        rows,
    }));
    if all.withdrawn == 0 {
        blocks.push(Block::Text(t.withdrawn_none.to_owned()));
    } else {
        blocks.push(Block::Table(causes(words, facts)));
    }
    Section {
        id: "withdrawn",
        title: t.withdrawn,
        blocks,
    }
}

fn causes(words: &Words, facts: &Facts) -> Table {
    let t = words.t;
    let mut rows = Vec::new();
    for (reason, events) in &facts.events {
        let mut causes: Vec<(&String, &u64)> = events.causes.iter().collect();
        causes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (cause, count) in causes {
            rows.push(Row::of([
                text(reason.title(words.language)),
                text(words.cause(cause)),
                text(words.count(*count)),
            ]));
        }
    }
    Table {
        caption: t.withdrawn_causes.to_owned(),
        is_titled: false,
        class: "causes",
        columns: vec![
            (t.reason, false),
            (t.cause, false),
            (t.withdrawn_count, true),
        ],
        rows,
    }
}

fn diff(words: &Words, difference: &Difference) -> Section {
    let t = words.t;
    let name = |state: State| match state {
        State::New => t.state_new,
        State::Unchanged => t.state_unchanged,
        State::Updated => t.state_updated,
        State::Absent => t.state_absent,
    };
    let mut all: BTreeMap<State, u64> = BTreeMap::new();
    let mut rows = Vec::new();
    // A list of those that differ tells nothing of the others.
    let has_unchanged = difference
        .counts
        .values()
        .any(|counts| counts.contains_key(&State::Unchanged));
    let states = State::ALL
        .into_iter()
        .filter(|state| has_unchanged || *state != State::Unchanged);
    let states: Vec<State> = states.collect();
    let line = |name: Cell, counts: &BTreeMap<State, u64>| {
        let count = |state| text(words.count(counts.get(state).copied().unwrap_or(0)));
        let counts: Vec<Cell> = states.iter().map(count).collect();
        std::iter::once(name).chain(counts)
    };
    for (reason, counts) in &difference.counts {
        rows.push(Row::of(line(text(reason.title(words.language)), counts)));
        for (state, count) in counts {
            *all.entry(*state).or_default() += count;
        }
    }
    rows.push(Row::total(line(text(t.total), &all)));
    let states = states.iter().map(|state| (name(*state), true));
    let help = words.told(t.diff_help, &[("sha256", &difference.sha256)]);
    let mut blocks = vec![
        Block::Text(help),
        Block::Table(Table {
            caption: t.diff_caption.to_owned(),
            is_titled: false,
            class: "states",
            columns: std::iter::once((t.reason, false)).chain(states).collect(),
            rows,
        }),
    ];
    if difference.differing.is_empty() {
        blocks.push(Block::Text(t.diff_same.to_owned()));
    } else {
        let count = words.count(difference.differing.len() as u64);
        let of = words.count(difference.all_differing);
        let rows = difference.differing.iter().map(|one| {
            Row::of([
                code(&one.alert_id),
                text(one.reason.title(words.language)),
                code(&one.subject),
                text(name(one.state)),
                code(&one.because),
            ])
        });
        blocks.push(Block::Table(Table {
            caption: words.told(t.diff_listed, &[("count", &count), ("all", &of)]),
            is_titled: false,
            class: "differing",
            columns: vec![
                (t.alert, false),
                (t.reason, false),
                (t.subject, false),
                (t.state, false),
                (t.because, false),
            ],
            rows: rows.collect(),
        }));
    }
    Section {
        id: "diff",
        title: t.diff,
        blocks,
    }
}

fn limits(words: &Words, facts: &Facts, sample: Option<&OfSample>) -> Section {
    let t = words.t;
    let mut texts: Vec<String> = [
        t.limits_register,
        t.limits_score,
        t.limits_amount,
        t.limits_known,
    ]
    .map(str::to_owned)
    .into();
    let computed = &facts.run.manifest.predicate.settings.reasons;
    let left_out: Vec<Reason> = Reason::ALL
        .iter()
        .copied()
        .filter(|one| !computed.contains(one) || facts.summary.not_configured.contains(one))
        .collect();
    if !left_out.is_empty() {
        let reasons = titles(words, &left_out);
        texts.push(words.told(t.limits_not_computed, &[("reasons", &reasons)]));
    }
    if !sample.is_some_and(|sample| sample.estimates.is_some() && sample.has_non_alerts()) {
        texts.push(t.limits_recall.to_owned());
    }
    if !facts.summary.rejected.is_empty() {
        texts.push(t.limits_rejected.to_owned());
    }
    texts.push(t.limits_seal.to_owned());
    Section {
        id: "limits",
        title: t.limits,
        blocks: vec![Block::List(texts)],
    }
}

fn verify(words: &Words, facts: &Facts) -> Section {
    let t = words.t;
    let files = |caption: &str, files: &[crate::audit::StatedFile]| Table {
        caption: caption.to_owned(),
        is_titled: false,
        class: "digests",
        columns: vec![(t.file, false), ("SHA-256", false)],
        rows: files
            .iter()
            .map(|file| Row::of([code(&file.name), code(&file.sha256)]))
            .collect(),
    };
    let settings = facts.run.settings();
    let settings = settings
        .into_iter()
        .map(|(name, value)| Row::of([code(name), code(value)]));
    Section {
        id: "verify",
        title: t.verify,
        blocks: vec![
            Block::Text(t.verify_how.to_owned()),
            Block::Commands(vec![
                ("fundwatch verify report.html".to_owned(), t.verify_report),
                (
                    "fundwatch verify RUN/manifest.json".to_owned(),
                    t.verify_run,
                ),
                (
                    format!(
                        "fundwatch report --run RUN --lang {} --output report.html",
                        words.language.code()
                    ),
                    t.verify_again,
                ),
            ]),
            Block::Facts(vec![(t.verify_manifest, code(&facts.run.manifest_sha256))]),
            Block::Table(Table {
                caption: t.verify_settings.to_owned(),
                is_titled: false,
                class: "digests",
                columns: vec![(t.name, false), (t.value, false)],
                rows: settings.collect(),
            }),
            Block::Table(files(t.verify_inputs, &facts.run.inputs)),
            Block::Table(files(t.verify_outputs, &facts.run.outputs)),
        ],
    }
}
