//! The figures of an alert in one line: amount, grade, score, priority, time, id.

use super::{Alert, scored};
use crate::language::{Language, fill};

/// The figures, as far as the alert has them; of its id so much as is given.
pub fn figures(alert: &Alert, id: &str, language: Language) -> String {
    let messages = language.messages();
    let one = |message: &str, value: String| fill(message, |_| Some(value.clone()));
    let grade = alert.grade;
    let figures = [
        Some(language.money(alert.amount_vnd)),
        grade.and_then(|grade| one(messages.grade, grade.to_string())),
        scored(alert, language),
        // A priority is not negative; what is beyond a count is cut to the greatest.
        one(
            messages.priority,
            language.count(alert.priority.round() as u64),
        ),
        one(messages.raised, language.instant(alert.raised_at)),
        one(messages.alert_id, id.to_owned()),
    ];
    let figures: Vec<String> = figures.into_iter().flatten().collect();
    figures.join(" · ")
}
