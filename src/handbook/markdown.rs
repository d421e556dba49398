//! The rules as a page of documentation.

use super::words::Words;
use super::{EXAMPLE, Shown, assignments, classes, filled, in_words, range, streams, thresholds};
use crate::language::Language;
use crate::rule::{Reason, Rules, Settings, catalogue};

/// The page of some reasons.
pub fn markdown(rules: &Rules, reasons: &[Reason], language: Language) -> String {
    let words = Words::of(language);
    let version = [("version", catalogue().version().to_owned())];
    let mut page = format!("# {}\n\n", words.rules);
    paragraph(&mut page, &filled(words.version, &version));
    paragraph(&mut page, catalogue().note(language));
    paragraph(&mut page, words.how_to_change);
    paragraph(&mut page, &format!("```toml\n{EXAMPLE}```"));
    let headings = [words.reason, words.title, words.class, words.severity];
    let rows = reasons.iter().map(|reason| {
        [
            format!("[`{reason}`](#{reason})"),
            reason.title(language).to_owned(),
            classes(*reason, language),
            reason.severity().word(language).to_owned(),
        ]
    });
    table(&mut page, headings, rows);
    for reason in reasons {
        one(&mut page, *reason, rules.initial(), language);
    }
    if !rules.activations().is_empty() {
        changes(&mut page, rules, language);
    }
    // The last paragraph ends the page.
    page.truncate(page.trim_end().len());
    page.push('\n');
    page.replace('\u{a0}', " ")
}

fn one(page: &mut String, reason: Reason, settings: &Settings, language: Language) {
    let words = Words::of(language);
    let entry = reason.entry();
    page.push_str(&format!("## {reason}\n\n"));
    let of = [
        ("severity", reason.severity().word(language).to_owned()),
        ("streams", streams(&entry.subjects, language)),
    ];
    let title = reason.title(language);
    let of = format!(
        "{} · {}",
        classes(reason, language),
        filled(words.severity_and_subjects, &of)
    );
    paragraph(page, &format!("**{title}** · {of}"));
    paragraph(page, &reason.explanation(settings, language));

    let labelled = |label: &str, text: &str| format!("**{label}.** {text}");
    let condition = reason.condition(settings, language);
    paragraph(page, &labelled(words.condition, &condition));
    let cases = reason.classes(settings, language).into_iter();
    let cases =
        cases.filter_map(|(class, when)| Some(format!("{}: {}.", class.word(language), when?)));
    list(page, cases);
    if reason.is_scored() {
        paragraph(page, words.is_scored);
    }
    let shown = thresholds(reason, settings);
    if !shown.is_empty() {
        let headings = [words.threshold, words.value, words.range, words.meaning];
        let rows = shown.iter().map(|threshold| row(threshold, language));
        table(page, headings, rows);
    }
    paragraph(
        page,
        &labelled(words.adjustment, reason.adjustment(language)),
    );
    paragraph(page, &format!("**{}.**", words.legal_basis));
    let grounds = reason.legal_basis(language).into_iter();
    list(
        page,
        grounds.map(|basis| format!("{}: {}.", basis.instrument, basis.says)),
    );
    let evidence = streams(&entry.evidence, language);
    paragraph(page, &labelled(words.evidence, &format!("{evidence}.")));
}

fn row(shown: &Shown, language: Language) -> [String; 4] {
    let Shown {
        name,
        threshold,
        value,
    } = shown;
    let in_words = |value| in_words(value, threshold.unit, language).join("; ");
    let mut told = in_words(value);
    if *value != threshold.default {
        let default = [("value", in_words(&threshold.default))];
        let default = filled(Words::of(language).default, &default);
        told.push_str(&format!(" ({default})"));
    }
    [
        format!("`{name}`"),
        told,
        range(threshold, language),
        threshold.meaning(language).to_owned(),
    ]
}

fn changes(page: &mut String, rules: &Rules, language: Language) {
    let words = Words::of(language);
    page.push_str(&format!("## {}\n\n", words.changes));
    let mut former = rules.initial();
    let mut model = None;
    for activation in rules.activations() {
        let at = [("at", activation.at.to_string())];
        let note = activation.note.iter().map(|note| format!(" · {note}"));
        paragraph(
            page,
            &(filled(words.change_at, &at) + &note.collect::<String>()),
        );
        let lines = assignments(activation, (former, model)).into_iter();
        list(page, lines.map(|line| format!("`{line}`")));
        (former, model) = (&activation.settings, activation.model.as_deref());
    }
}

fn paragraph(page: &mut String, text: &str) {
    page.push_str(text);
    page.push_str("\n\n");
}

fn list(page: &mut String, items: impl Iterator<Item = String>) {
    let lines: String = items.map(|item| format!("- {item}\n")).collect();
    if !lines.is_empty() {
        page.push_str(&lines);
        page.push('\n');
    }
}

fn table<const N: usize>(
    page: &mut String,
    headings: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) {
    page.push_str(&format!("| {} |\n", headings.join(" | ")));
    page.push_str(&format!("|{}\n", "---|".repeat(N)));
    for row in rows {
        let row = row.map(|cell| cell.replace('|', "\\|"));
        page.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    page.push('\n');
}
