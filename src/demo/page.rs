//! A report as a page for a terminal: the tables of the run, the worst alerts, what to look at next.

use std::path::Path;

use console::Style;

use super::layout::{Page, left, right, widest};
use super::{Case, Evidence, Report, TRUTH, story};
use crate::case::{columns, figures, sentence};
use crate::language::{Language, fill};
use crate::record::{Record, Stream};
use crate::replay::ReasonSummary;
use crate::rule::{Class, Reason, Settings};

/// Characters of an alert's id that are shown: enough to find it in a run.
const ID_SHOWN: usize = 8;
/// Indent of what belongs to an alert.
const INDENT: usize = 4;

/// The page of a report, for a terminal of a width in columns. `program` is how the user calls
/// fundwatch.
///
/// Colours are used where [`console::colors_enabled`] says so.
pub fn page(report: &Report, program: &str, language: Language, width: usize) -> String {
    let mut page = Page::new(width);
    let summary = &report.summary;
    let messages = language.messages();
    let (bold, dim, plain) = (Style::new().bold(), Style::new().dim(), Style::new());
    let rows: u64 = summary.streams.iter().map(|stream| stream.accepted).sum();
    let headline = fill(messages.headline, |place| {
        Some(match place {
            "citizens" => language.count(report.options.citizens.into()),
            "days" => language.count(report.options.days.into()),
            "rows" => language.count(rows),
            "alerts" => language.count(summary.alerts),
            _ => language.decimal(summary.elapsed_seconds),
        })
    });
    page.paragraph(0, &headline.unwrap_or_default(), &bold);
    page.paragraph(0, messages.proposal, &dim);
    page.blank();
    streams(&mut page, report, language);
    page.blank();
    reasons(&mut page, report, language);
    page.blank();

    if report.worst.is_empty() {
        page.paragraph(0, messages.no_alert, &plain);
    } else {
        let heading = fill(messages.heading_worst, |place| {
            Some(match place {
                "shown" => language.count(report.worst.len() as u64),
                _ => language.count(summary.alerts),
            })
        });
        page.paragraph(0, &heading.unwrap_or_default(), &bold);
        for (case, rank) in report.worst.iter().zip(1..) {
            page.blank();
            card(&mut page, case, rank, language);
        }
    }
    page.blank();
    next(&mut page, report, program, language);
    page.into_text()
}

fn streams(page: &mut Page, report: &Report, language: Language) {
    let messages = language.messages();
    let mut rows: Vec<(&str, String)> = Vec::new();
    for stream in &report.summary.streams {
        let known = Stream::ALL.iter().find(|s| s.name() == stream.stream);
        if let Some(known) = known.filter(|_| stream.accepted > 0) {
            rows.push((language.stream(*known), language.count(stream.accepted)));
        }
    }
    let rejected: u64 = report.summary.rejected.values().sum();
    if rejected > 0 {
        rows.push((messages.rejected, language.count(rejected)));
    }
    let name = widest(rows.iter().map(|(name, _)| name));
    let count = widest(rows.iter().map(|(_, count)| count));
    page.paragraph(0, messages.heading_streams, &Style::new().bold());
    for (stream, rows) in &rows {
        page.line(&format!("  {}  {}", left(stream, name), right(rows, count)));
    }
}

fn reasons(page: &mut Page, report: &Report, language: Language) {
    let messages = language.messages();
    let summary = &report.summary;
    let heading = [
        messages.heading_reasons.to_owned(),
        messages.column_class.to_owned(),
        messages.column_alerts.to_owned(),
        messages.column_amount.to_owned(),
    ];
    let mut rows: Vec<[String; 4]> = Vec::new();
    // A reason all of whose alerts were withdrawn has nothing to look at.
    for of_reason in summary.reasons.iter().filter(|r| r.alerts > 0) {
        let reason = of_reason.reason;
        rows.push([
            reason.title(language).to_owned(),
            reason.class().word(language).to_owned(),
            language.count(of_reason.alerts),
            language.money(of_reason.amount_vnd),
        ]);
    }
    rows.push([
        messages.total.to_owned(),
        String::new(),
        language.count(summary.alerts),
        language.money(summary.amount_vnd),
    ]);
    let column = |place: usize| widest(rows.iter().map(|row| &row[place]));
    let widths = [
        column(0).max(widest([&heading[0]]).saturating_sub(2)),
        column(1).max(widest([&heading[1]])),
        column(2).max(widest([&heading[2]])),
        column(3).max(widest([&heading[3]])),
    ];
    // Where the page is narrow, gaps are; where it is too narrow, the class stands with each alert
    // only.
    let with_gap = |gap: usize| 2 + widths.iter().sum::<usize>() + 3 * gap <= page.width();
    let (gap, has_class) = (if with_gap(2) { 2 } else { 1 }, with_gap(1));
    let line = |row: &[String; 4], indent: usize| {
        let mut line = format!("{:indent$}{}", "", left(&row[0], widths[0] + 2 - indent));
        if has_class {
            line.push_str(&format!("{:gap$}{}", "", left(&row[1], widths[1])));
        }
        for place in [2, 3] {
            line.push_str(&format!("{:gap$}{}", "", right(&row[place], widths[place])));
        }
        line
    };
    let bold = Style::new().bold();
    page.line(&bold.apply_to(line(&heading, 0)).to_string());
    for row in &rows {
        page.line(&line(row, 2));
    }
    page.paragraph(2, messages.counted_once, &Style::new().dim());
    let total =
        |count: fn(&ReasonSummary) -> u64| -> u64 { summary.reasons.iter().map(count).sum() };
    let withdrawn = fill(messages.withdrawn, |place| {
        Some(language.count(match place {
            "raised" => total(|reason| reason.raised),
            _ => total(|reason| reason.withdrawn),
        }))
    });
    page.paragraph(2, &withdrawn.unwrap_or_default(), &Style::new().dim());
}

/// One alert.
fn card(page: &mut Page, case: &Case, rank: usize, language: Language) {
    let alert = &case.alert;
    let messages = language.messages();
    let (bold, dim, plain) = (Style::new().bold(), Style::new().dim(), Style::new());
    let rank = right(&format!("{rank}."), INDENT - 1);
    let title = bold.apply_to(alert.reason.title(language));
    page.line(&format!("{} {title}", bold.apply_to(rank)));
    let class = fill(messages.class_and_severity, |place| {
        let word = match place {
            "class" => alert.class.word(language),
            _ => alert.severity.word(language),
        };
        Some(word.to_owned())
    });
    page.paragraph(INDENT, &class.unwrap_or_default(), &colour(alert.class));
    let records: Vec<&Record> = case.evidence.iter().map(|row| &row.record).collect();
    // The demo is replayed under the catalogue's thresholds.
    let because = sentence(&case.alert, &records, Settings::defaults(), language);
    page.paragraph(INDENT, &because, &plain);
    let id: String = alert.alert_id.chars().take(ID_SHOWN).collect();
    page.paragraph(INDENT, &figures(alert, &id, language), &dim);
    for (heading, text) in [
        (
            messages.adjustment,
            alert.reason.adjustment(language).to_owned(),
        ),
        (messages.legal_basis, legal_basis(alert.reason, language)),
    ] {
        page.paragraph(INDENT, heading, &Style::new().underlined());
        page.paragraph(INDENT, &text, &plain);
    }

    let shown = language.count(case.evidence.len() as u64);
    let heading = alert.evidence_count.and_then(|count| {
        fill(messages.evidence_more, |place| {
            Some(match place {
                "shown" => shown.clone(),
                _ => language.count(count),
            })
        })
    });
    let heading = heading.unwrap_or_else(|| messages.evidence.to_owned());
    page.paragraph(INDENT, &heading, &Style::new().underlined());
    for row in &case.evidence {
        evidence(page, row, alert.reason, language);
    }
    if let Some(truth) = &case.truth {
        let text = fill(messages.truth, |place| {
            Some(match place {
                "label" => story::label(truth, language),
                _ => story::why(truth, language),
            })
        });
        page.paragraph(INDENT, &text.unwrap_or_default(), &Style::new().cyan());
    }
}

/// The instruments of law behind a reason; what each says is told by `fundwatch rules`.
fn legal_basis(reason: Reason, language: Language) -> String {
    let instruments = reason.legal_basis(language).into_iter();
    let instruments: Vec<String> = instruments.map(|basis| basis.instrument).collect();
    instruments.join("; ")
}

/// One row: where it is and when it became known, then what it says.
fn evidence(page: &mut Page, row: &Evidence, reason: Reason, language: Language) {
    let messages = language.messages();
    let stream = row.record.key().stream();
    let place = format!("{}:{}", row.file, row.row);
    let known = fill(messages.known, |_| Some(language.instant(row.recorded_at)));
    let known = known.unwrap_or_default();
    let head = format!("- {} · {place} · {known}", language.record(stream));
    page.hanging(INDENT, INDENT + 2, &head, &Style::new().dim());
    let columns = columns(&row.record, reason, language).join(", ");
    page.paragraph(INDENT + 2, &columns, &Style::new());
}

/// What to look at next.
fn next(page: &mut Page, report: &Report, program: &str, language: Language) {
    let messages = language.messages();
    let plain = Style::new();
    let path = |path: &Path| path.display().to_string();
    page.paragraph(0, messages.heading_next, &Style::new().bold());
    let run = fill(messages.next_run, |_| Some(path(&report.run)));
    page.paragraph(2, &run.unwrap_or_default(), &plain);
    let truth = report.country.join(TRUTH);
    let truth = fill(messages.next_truth, |_| Some(path(&truth)));
    page.paragraph(2, &truth.unwrap_or_default(), &plain);
    page.paragraph(2, messages.next_replay, &plain);
    // Whole, so that it can be copied.
    page.line(&format!(
        "    {} replay --input {} --output out",
        quoted(program),
        quoted(&path(&report.country))
    ));
}

/// A word of a command line, in quotes where a shell needs them.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The colour of a class: what points at people stands out from what points at registers.
fn colour(class: Class) -> Style {
    match class {
        Class::MisuseSuspected => Style::new().red(),
        Class::Identity | Class::ProviderBilling | Class::Anomaly => Style::new().yellow(),
        Class::Eligibility | Class::DataQuality => Style::new().green(),
    }
}

#[cfg(test)]
mod tests;
