//! What became of an alert between two looks, field by field, as pages tell it.

use super::label::{self, Label};
use crate::language::{Language, PageMessages};
use crate::review::{Band, NetChange, Version};
use crate::store::HistoryKind;

/// A field that says something else.
pub(super) struct FieldLine {
    pub name: &'static str,
    /// What it said; nothing where it is not told.
    pub from: Option<String>,
    pub to: String,
}

/// What became of an alert.
pub(super) fn mark(kind: HistoryKind, t: &PageMessages) -> Label {
    let (class, sign) = match kind {
        HistoryKind::Raised => ("assigned", "+"),
        HistoryKind::Withdrawn => ("withdrawn", "✕"),
        HistoryKind::Changed | HistoryKind::Archived => ("moved", "Δ"),
    };
    Label {
        class,
        sign,
        text: label::kind(kind, t).to_owned(),
    }
}

/// The mark of a row of a list: what became of its alert since the list was seen.
pub(super) fn since(kind: HistoryKind, t: &PageMessages) -> Option<Label> {
    let text = match kind {
        HistoryKind::Raised => t.since_new_mark,
        HistoryKind::Changed | HistoryKind::Archived => t.since_changed_mark,
        // That it is withdrawn, the row says.
        HistoryKind::Withdrawn => return None,
    };
    let text = text.to_owned();
    Some(Label {
        text,
        ..mark(kind, t)
    })
}

/// The fields that say something else; nothing where that is not known, or the alert did not hold before or after.
pub(super) fn lines(change: &NetChange, language: Language) -> Option<Vec<FieldLine>> {
    if change.kind != HistoryKind::Changed {
        return None;
    }
    let (from, to) = (change.from.as_ref()?, change.to.as_ref()?);
    let t = language.page_messages();
    let (before, after) = (told(from, language), told(to, language));
    let mut lines = Vec::new();
    for ((name, was), (_, is)) in before.into_iter().zip(after) {
        if was != is {
            let text = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
            lines.push(FieldLine {
                name,
                from: Some(text(was)),
                to: text(is),
            });
        }
    }
    if from.digest != to.digest {
        lines.push(FieldLine {
            name: t.conflict_content,
            from: None,
            to: t.conflict_other.to_owned(),
        });
    }
    Some(lines)
}

/// What a version says, field by field.
fn told(version: &Version, language: Language) -> Vec<(&'static str, Option<String>)> {
    let t = language.page_messages();
    let share = |share: u16| {
        let percent = language.decimal(f64::from(share) / 100.0);
        format!("{percent}\u{a0}%")
    };
    let band = Band::of_priority(version.priority).text(language);
    let priority = language.count(version.priority.into());
    vec![
        (
            t.conflict_evidence,
            Some(label::evidence(version.state, t).text),
        ),
        (t.class, Some(version.class.word(language).to_owned())),
        (t.severity, Some(version.severity.word(language).to_owned())),
        (t.amount, Some(language.money(version.amount))),
        (t.grade, version.grade.map(|grade| grade.to_string())),
        (
            t.cause_name,
            version.cause.map(|cause| cause.text(language).to_owned()),
        ),
        (
            t.score,
            (version.score).map(|score| language.decimal(f64::from(score) / 10_000.0)),
        ),
        (t.likelihood, version.misuse_probability.map(share)),
        (t.priority, Some(format!("{band} ({priority})"))),
        (
            t.service_date,
            version.service_day.map(|day| language.day(day)),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Money;
    use crate::review::EvidenceDigest;
    use crate::rule::{Class, Severity};
    use crate::store::AlertState;

    fn version() -> Version {
        Version {
            class: Class::MisuseSuspected,
            severity: Severity::High,
            amount: Money::dong(1_000_000),
            grade: Some(1),
            cause: None,
            score: None,
            misuse_probability: Some(5_230),
            priority: 42_000,
            service_day: None,
            state: AlertState::Active,
            digest: EvidenceDigest([1; 16]),
        }
    }

    #[test]
    fn only_what_differs_is_told_from_and_to() {
        let change = |kind, to: Version| NetChange {
            alert_id: "a".repeat(32),
            kind,
            from: Some(version()),
            to: Some(to),
        };
        let to = Version {
            grade: Some(2),
            score: Some(9_340),
            digest: EvidenceDigest([2; 16]),
            ..version()
        };
        let texts = |change: &NetChange| -> Option<Vec<String>> {
            let lines = lines(change, Language::English)?.into_iter();
            let text = |line: FieldLine| {
                let from = line.from.unwrap_or_default();
                format!("{}: {from} → {}", line.name, line.to)
            };
            Some(lines.map(text).collect())
        };
        assert_eq!(
            texts(&change(HistoryKind::Changed, to.clone())).expect("known"),
            [
                "Sources: 1 → 2",
                "Score: – → 0.93",
                "Content of the evidence:  → changed"
            ]
        );
        assert_eq!(texts(&change(HistoryKind::Raised, to.clone())), None);
        let unknown = NetChange {
            from: None,
            ..change(HistoryKind::Changed, to)
        };
        assert_eq!(texts(&unknown), None);
    }
}
