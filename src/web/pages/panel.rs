//! The work panel of an alert: what somebody may do with it now, and the form of a decision.

use super::parts::Colleague;
use crate::language::Language;
use crate::review::{Item, Outcome, Verdict, WorkAction};

/// Whether an outcome is one of a group of verdicts.
type IsOf = fn(Outcome) -> bool;

/// A verdict that can be chosen.
pub(super) struct Code {
    pub value: &'static str,
    pub text: String,
    pub needs_note: bool,
    pub is_chosen: bool,
}

/// Verdicts of one outcome.
pub(super) struct Codes {
    pub text: &'static str,
    pub codes: Vec<Code>,
}

/// Something that can be done.
#[derive(Clone)]
pub(super) struct Button {
    pub value: &'static str,
    pub text: &'static str,
    pub needs_note: bool,
    pub needs_day: bool,
    pub needs_assignee: bool,
    /// The key that does it.
    pub key: &'static str,
}

/// What can be done with an alert.
pub(super) struct Panel {
    /// At once.
    pub at_once: Vec<Button>,
    /// With a note, a day or a colleague.
    pub with_more: Vec<Button>,
    /// To propose and to close: with a verdict.
    pub decisions: Vec<Button>,
    /// To approve and to return.
    pub approvals: Vec<Button>,
    pub codes: Vec<Codes>,
    pub colleagues: Vec<Colleague>,
    pub version: u32,
    pub digest: String,
    /// What was seen beside: state of work, state of evidence, amount, assignee.
    pub saw: String,
}

impl Panel {
    pub fn is_empty(&self) -> bool {
        let lists = [
            &self.at_once,
            &self.with_more,
            &self.decisions,
            &self.approvals,
        ];
        lists.iter().all(|list| list.is_empty())
    }
}

fn button(action: WorkAction, language: Language) -> Button {
    Button {
        value: action.as_str(),
        text: action.text(language),
        needs_note: action.needs_note(),
        needs_day: action.needs_day(),
        needs_assignee: action == WorkAction::Assign,
        key: match action {
            WorkAction::Take | WorkAction::Start | WorkAction::Resume => "a",
            WorkAction::Snooze => "s",
            WorkAction::Wait => "w",
            WorkAction::Escalate => "e",
            _ => "",
        },
    }
}

/// The panel of an item.
pub(super) fn panel(
    item: &Item,
    allowed: &[WorkAction],
    colleagues: Vec<Colleague>,
    language: Language,
) -> Panel {
    let of = |is_of: &dyn Fn(WorkAction) -> bool| -> Vec<Button> {
        let chosen = allowed.iter().copied().filter(|action| is_of(*action));
        chosen.map(|action| button(action, language)).collect()
    };
    let is_decision = |action| matches!(action, WorkAction::Propose | WorkAction::Close);
    let is_approval = |action| matches!(action, WorkAction::Approve | WorkAction::Return);
    let is_more = |action: WorkAction| {
        action.needs_note() || action.needs_day() || action == WorkAction::Assign
    };
    let is_other = |action| !is_decision(action) && !is_approval(action);
    let decisions = of(&is_decision);
    Panel {
        at_once: of(&|action| is_other(action) && !is_more(action)),
        with_more: of(&|action| is_other(action) && is_more(action)),
        codes: match decisions.is_empty() {
            true => Vec::new(),
            false => codes(None, language),
        },
        decisions,
        approvals: of(&is_approval),
        colleagues,
        version: item.work.version,
        digest: item.finding.digest.to_string(),
        saw: saw(item),
    }
}

/// What is shown of an item, for the page of a conflict: `state|evidence|amount|assignee`. The amount is in thousandths
/// of a dong, whose digits are cut into groups: ten in a row would look like the number of a person.
fn saw(item: &Item) -> String {
    format!(
        "{}|{}|{}|{}",
        item.work.state,
        item.finding.state.as_str(),
        grouped(item.finding.amount.thousandths()),
        item.work.assignee.as_deref().unwrap_or_default()
    )
}

/// A number with its digits in groups of three: `1_272_334_000`.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { "-" } else { "" }.to_owned();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// What [`grouped`] wrote.
pub(super) fn ungrouped(text: &str) -> Option<i64> {
    text.replace('_', "").parse().ok()
}

/// The verdicts by outcome.
pub(super) fn codes(chosen: Option<Verdict>, language: Language) -> Vec<Codes> {
    let t = language.page_messages();
    let outcomes: [(&'static str, IsOf); 4] = [
        (t.verdicts_confirmed, |outcome| {
            outcome == Outcome::Confirmed
        }),
        (t.verdicts_legitimate, |outcome| {
            outcome == Outcome::Legitimate
        }),
        (t.verdicts_false, |outcome| {
            matches!(outcome, Outcome::False(_))
        }),
        (t.verdicts_neither, |outcome| outcome == Outcome::Neither),
    ];
    let code = |verdict: &Verdict| {
        let mut text = verdict.text(language).to_owned();
        for (is_so, mark) in [
            (verdict.needs_note(), t.note_needed_mark),
            (verdict.needs_approval(), t.four_eyes),
        ] {
            if is_so {
                text.push_str(" · ");
                text.push_str(mark);
            }
        }
        Code {
            value: verdict.as_str(),
            text,
            needs_note: verdict.needs_note(),
            is_chosen: chosen == Some(*verdict),
        }
    };
    let of = |(text, is_of): (&'static str, IsOf)| Codes {
        text,
        codes: (Verdict::ALL.iter())
            .filter(|verdict| is_of(verdict.outcome()))
            .map(code)
            .collect(),
    };
    outcomes.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_in_threes_and_come_back() {
        for (number, text) in [
            (0, "0"),
            (-7, "-7"),
            (999, "999"),
            (1_000, "1_000"),
            (1_272_334_000, "1_272_334_000"),
            (-12_345, "-12_345"),
            (i64::MIN, "-9_223_372_036_854_775_808"),
        ] {
            assert_eq!(grouped(number), text);
            assert_eq!(ungrouped(text), Some(number));
        }
        assert_eq!(ungrouped("1x"), None);
    }

    #[test]
    fn every_verdict_is_offered_once() {
        let codes = codes(Some(Verdict::Duplicate), Language::English);
        let offered: usize = codes.iter().map(|group| group.codes.len()).sum();
        assert_eq!(offered, Verdict::ALL.len());
        let chosen = codes.iter().flat_map(|group| &group.codes);
        assert_eq!(chosen.filter(|code| code.is_chosen).count(), 1);
    }
}
