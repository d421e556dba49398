//! The rules as they are read: by an auditor who must sign them, a reviewer with an alert before them, and
//! programs.
//!
//! In: the catalogue, and the thresholds of a run. Out: a page for a terminal ([`text`]), a page of
//! documentation ([`markdown`]), a document for programs ([`json`]). Must hold: each tells all that the
//! catalogue says of the reasons that are asked for; `docs/rules.md` and `docs/rules.vi.md` are what
//! [`markdown`] gives for the catalogue's thresholds.

mod json;
mod markdown;
mod text;
mod words;

pub use json::json;
pub use markdown::markdown;
pub use text::text;

use std::path::Path;

use words::Words;

use crate::language::{Language, fill};
use crate::record::Stream;
use crate::rule::{Activation, Reason, Settings, Threshold, Unit, Value, catalogue};

/// A file of thresholds, as an example.
const EXAMPLE: &str = r#"[overlapping_stay]
overlap_minutes = 180

[[activation]]
at = "2025-03-10T00:00:00+07:00"
note = "who decided it, or why"
frequent_visits.visits = 40
frequent_visits.window_days = 90
"#;

/// A threshold of a reason, with the value that it has.
struct Shown {
    /// Its name; of a term that several reasons use, with that before it.
    name: String,
    threshold: &'static Threshold,
    value: Value,
}

/// The thresholds of a reason.
fn thresholds(reason: Reason, settings: &Settings) -> Vec<Shown> {
    let values = settings.values();
    let groups: Vec<&str> = catalogue().groups_of(reason).collect();
    let mut shown = Vec::new();
    for group in groups {
        for (_, key, threshold) in catalogue().thresholds().filter(|(of, ..)| *of == group) {
            let name = match group == reason.as_str() {
                true => key.to_owned(),
                false => format!("{group}.{key}"),
            };
            let value = &values[&(group.to_owned(), key.to_owned())];
            shown.push(Shown {
                name,
                threshold,
                value: value.clone(),
            });
        }
    }
    shown
}

/// A value in words: one for each number.
fn in_words(value: &Value, unit: Unit, language: Language) -> Vec<String> {
    let words = Words::of(language);
    let counted = |number: i64| {
        let count = language.count(number.unsigned_abs());
        format!("{count}\u{a0}{}", unit.word(number, language))
    };
    match value {
        Value::Whole(number) => vec![counted(*number)],
        Value::List(list) if list.is_empty() => vec![words.none.to_owned()],
        Value::List(list) => {
            let levels = (1u64..).zip(list);
            let of_level = |(level, number): (u64, &i64)| {
                let level = filled(words.level, &[("level", language.count(level))]);
                format!("{level}: {}", counted(*number))
            };
            levels.map(of_level).collect()
        }
        Value::ByDay(_, days) if days.is_empty() => vec![words.none.to_owned()],
        Value::ByDay(_, days) => {
            let from_day = |(day, number): &(crate::record::Day, i64)| {
                let day = filled(words.from_day, &[("day", language.day(*day))]);
                format!("{day}: {}", counted(*number))
            };
            days.iter().map(from_day).collect()
        }
    }
}

/// From the least to the greatest number that a threshold may have.
fn range(threshold: &Threshold, language: Language) -> String {
    let count = |number: i64| language.count(number.unsigned_abs());
    let places = [
        ("least", count(threshold.least)),
        ("most", count(threshold.most)),
    ];
    filled(Words::of(language).from_to, &places)
}

/// The classes of a reason's alerts in one line, the first that is tried first.
fn classes(reason: Reason, language: Language) -> String {
    let classes = reason.classes(Settings::defaults(), language);
    let words: Vec<&str> = classes
        .iter()
        .map(|(class, _)| class.word(language))
        .collect();
    words.join(" / ")
}

fn streams(streams: &[Stream], language: Language) -> String {
    let words: Vec<&str> = streams
        .iter()
        .map(|stream| language.stream(*stream))
        .collect();
    words.join(", ")
}

/// What an activation changes of what was in force before, each in a line.
fn assignments(
    activation: &Activation,
    (settings, model): (&Settings, Option<&Path>),
) -> Vec<String> {
    let line =
        |((group, key), value): (&(String, String), &Value)| format!("{group}.{key} = {value}");
    let values = activation.settings.differences(settings);
    let model = activation.model_after(model).into_iter();
    let model = model.map(|model| format!("model = \"{}\"", model.display()));
    values.iter().map(line).chain(model).collect()
}

/// A template of [`Words`] with its places filled.
fn filled(template: &str, places: &[(&str, String)]) -> String {
    let value = |name: &str| {
        let found = places.iter().find(|(place, _)| *place == name);
        found.map(|(_, value)| value.clone())
    };
    fill(template, value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Rules;

    #[test]
    fn every_format_tells_of_every_reason_in_both_languages() {
        let rules = Rules::default();
        for language in Language::ALL {
            for page in [
                text(&rules, Reason::ALL, language, 80),
                markdown(&rules, Reason::ALL, language),
                json(&rules, Reason::ALL),
            ] {
                let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
                for reason in Reason::ALL {
                    for told in [
                        reason.as_str(),
                        reason.title(language),
                        reason.adjustment(language),
                    ] {
                        let told = told.replace('"', "\\\"");
                        let is_told =
                            page.contains(&told) || page.contains(&told.replace("\\\"", "\""));
                        assert!(is_told, "{reason}: {told}");
                    }
                }
                assert!(
                    !page.contains('{') || page.starts_with('{'),
                    "a place is not filled"
                );
            }
        }
    }

    #[test]
    fn the_example_is_sound() {
        let rules = Rules::parse(std::path::Path::new("example.toml"), EXAMPLE).expect("rules");
        assert_eq!(rules.activations().len(), 1);
    }

    #[test]
    fn values_are_told_with_their_units() {
        let told = |value: &Value, unit, language| {
            in_words(value, unit, language)
                .join(", ")
                .replace('\u{a0}', " ")
        };
        let salaries = &Settings::defaults().values()
            [&("benefit_mismatch".to_owned(), "base_salaries".to_owned())];
        assert_eq!(
            told(&Value::Whole(43_200), Unit::Minutes, Language::Vietnamese),
            "43.200 phút"
        );
        assert_eq!(
            told(&Value::List(vec![95, 80]), Unit::Percent, Language::English),
            "level 1: 95 %, level 2: 80 %"
        );
        assert_eq!(
            told(salaries, Unit::Dong, Language::English),
            "from 1 Jul 2019: 1,490,000 dong, from 1 Jul 2023: 1,800,000 dong, from 1 Jul 2024: 2,340,000 dong"
        );
        assert_eq!(
            told(&Value::List(vec![]), Unit::Dong, Language::English),
            "none"
        );
    }
}
