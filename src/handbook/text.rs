//! The rules as a page for a terminal.

use console::Style;

use super::words::Words;
use super::{Shown, assignments, classes, filled, in_words, range, streams, thresholds};
use crate::language::Language;
use crate::layout::Page;
use crate::rule::{Reason, Rules, Settings, catalogue};

/// Indents of what belongs to a reason, and to a heading in it.
const INDENT: usize = 2;
const DEEPER: usize = 4;

/// The page of some reasons, for a terminal of a width in columns.
///
/// Colours are used where [`console::colors_enabled`] says so.
pub fn text(rules: &Rules, reasons: &[Reason], language: Language, width: usize) -> String {
    let mut page = Page::new(width);
    let words = Words::of(language);
    let (bold, dim) = (Style::new().bold(), Style::new().dim());
    let version = [("version", catalogue().version().to_owned())];
    page.paragraph(0, words.rules, &bold);
    page.paragraph(0, &filled(words.version, &version), &dim);
    page.blank();
    page.paragraph(0, catalogue().note(language), &dim);
    page.blank();
    page.paragraph(0, words.how_to_change, &dim);
    for reason in reasons {
        page.blank();
        one(&mut page, *reason, rules.initial(), language);
    }
    if !rules.activations().is_empty() {
        page.blank();
        changes(&mut page, rules, language);
    }
    page.into_text()
}

fn one(page: &mut Page, reason: Reason, settings: &Settings, language: Language) {
    let words = Words::of(language);
    let (bold, dim, plain) = (Style::new().bold(), Style::new().dim(), Style::new());
    let entry = reason.entry();
    page.paragraph(0, &format!("{} · {reason}", reason.title(language)), &bold);
    let of = [
        ("severity", reason.severity().word(language).to_owned()),
        ("streams", streams(&entry.subjects, language)),
    ];
    let of = format!(
        "{} · {}",
        classes(reason, language),
        filled(words.severity_and_subjects, &of)
    );
    page.paragraph(INDENT, &of, &dim);
    page.paragraph(INDENT, &reason.explanation(settings, language), &plain);

    let heading =
        |page: &mut Page, text: &str| page.paragraph(INDENT, text, &Style::new().underlined());
    heading(page, words.condition);
    page.paragraph(DEEPER, &reason.condition(settings, language), &plain);
    for (class, when) in reason.classes(settings, language) {
        if let Some(when) = when {
            let line = format!("- {}: {when}.", class.word(language));
            page.hanging(DEEPER, DEEPER + 2, &line, &plain);
        }
    }
    if reason.is_scored() {
        page.paragraph(DEEPER, words.is_scored, &plain);
    }
    let shown = thresholds(reason, settings);
    if !shown.is_empty() {
        heading(page, words.thresholds);
    }
    for threshold in shown {
        one_threshold(page, &threshold, language);
    }
    heading(page, words.adjustment);
    page.paragraph(DEEPER, reason.adjustment(language), &plain);
    heading(page, words.legal_basis);
    for basis in reason.legal_basis(language) {
        let line = format!("- {}: {}.", basis.instrument, basis.says);
        page.hanging(DEEPER, DEEPER + 2, &line, &plain);
    }
    heading(page, words.evidence);
    page.paragraph(DEEPER, &streams(&entry.evidence, language), &plain);
}

fn one_threshold(page: &mut Page, shown: &Shown, language: Language) {
    let Shown {
        name,
        threshold,
        value,
    } = shown;
    let words = Words::of(language);
    let in_words = |value| in_words(value, threshold.unit, language).join("; ");
    let mut line = format!(
        "{name}: {} ({}",
        in_words(value),
        range(threshold, language)
    );
    if *value != threshold.default {
        let default = [("value", in_words(&threshold.default))];
        line.push_str(&format!("; {}", filled(words.default, &default)));
    }
    line.push(')');
    page.hanging(DEEPER, DEEPER + 2, &line, &Style::new());
    page.paragraph(DEEPER + 2, threshold.meaning(language), &Style::new().dim());
}

fn changes(page: &mut Page, rules: &Rules, language: Language) {
    let words = Words::of(language);
    page.paragraph(0, words.changes, &Style::new().bold());
    let mut former = rules.initial();
    let mut model = None;
    for activation in rules.activations() {
        let at = [("at", activation.at.to_string())];
        let note = activation.note.iter().map(|note| format!(" · {note}"));
        let line = filled(words.change_at, &at) + &note.collect::<String>();
        page.paragraph(INDENT, &line, &Style::new());
        for line in assignments(activation, (former, model)) {
            page.hanging(DEEPER, DEEPER + 2, &line, &Style::new());
        }
        (former, model) = (&activation.settings, activation.model.as_deref());
    }
}
