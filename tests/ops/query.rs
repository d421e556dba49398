//! What a query of Prometheus names: metrics, the labels that it asks of them, the labels it groups by.
//!
//! It is no parser of the language: `promtool` judges whether a query is one.

use std::collections::BTreeSet;

/// A condition on a label.
#[derive(Debug, PartialEq, Eq)]
pub struct Matcher {
    pub label: String,
    pub is_equality: bool,
    pub value: String,
}

/// A metric that is asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Selector {
    pub metric: String,
    pub matchers: Vec<Matcher>,
}

/// Whether a name is of something that the service or its rules make.
fn is_ours(name: &str) -> bool {
    name.starts_with("fundwatch_") || name.starts_with("process_") || name.contains(':')
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

/// The metrics that a query asks for. Texts and label lists are not searched for names.
pub fn selectors(query: &str) -> Vec<Selector> {
    let mut found = Vec::new();
    let mut rest = query;
    while let Some(start) = rest.find(|c| is_name(c) || matches!(c, '"' | '{' | '[')) {
        rest = &rest[start..];
        match rest.chars().next() {
            Some('"') => rest = after(rest, '"'),
            Some('{') => rest = after_braces(rest),
            Some('[') => rest = after(rest, ']'),
            _ => {
                let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                let (name, behind) = rest.split_at(end);
                rest = behind;
                if is_ours(name) {
                    let inside = rest.strip_prefix('{').map(|_| {
                        let behind = after_braces(rest);
                        let inside = &rest[1..rest.len() - behind.len() - 1];
                        rest = behind;
                        inside
                    });
                    found.push(Selector {
                        metric: name.to_owned(),
                        matchers: matchers(inside.unwrap_or_default()),
                    });
                }
            }
        }
    }
    found
}

/// What stands behind the closing sign of what begins here.
fn after(text: &str, closing: char) -> &str {
    let end = text[1..].find(closing).expect("it is closed");
    &text[1 + end + closing.len_utf8()..]
}

/// What stands behind the brace that closes the one that begins here; those in texts do not count.
fn after_braces(text: &str) -> &str {
    let mut is_text = false;
    for (place, c) in text.char_indices() {
        match c {
            '"' => is_text = !is_text,
            '}' if !is_text => return &text[place + 1..],
            _ => {}
        }
    }
    panic!("a brace is not closed: {text}")
}

fn matchers(inside: &str) -> Vec<Matcher> {
    let mut found = Vec::new();
    let mut rest = inside;
    while let Some(start) = rest.find(is_name) {
        rest = &rest[start..];
        let end = rest.find(|c| !is_name(c)).expect("a label has a condition");
        let (label, behind) = rest.split_at(end);
        let quote = behind.find('"').expect("a value is quoted");
        let sign = behind[..quote].trim();
        let value = &behind[quote + 1..];
        let close = value.find('"').expect("a value is closed");
        found.push(Matcher {
            label: label.to_owned(),
            is_equality: sign == "=" || sign == "!=",
            value: value[..close].to_owned(),
        });
        rest = &value[close + 1..];
    }
    found
}

/// The labels that a query groups or joins by.
pub fn grouped_by(query: &str) -> Vec<BTreeSet<String>> {
    let mut found = Vec::new();
    for word in ["by (", "on (", "without (", "ignoring (", "group_left ("] {
        for (place, _) in query.match_indices(word) {
            let inside = &query[place + word.len()..];
            let inside = &inside[..inside.find(')').expect("it is closed")];
            let labels = inside.split(',').map(|label| label.trim().to_owned());
            found.push(labels.filter(|label| !label.is_empty()).collect());
        }
    }
    found
}

#[test]
fn names_and_conditions_are_found() {
    let query = r#"sum by (job, le) (rate(fundwatch_a_bucket{job=~"$job",route="/x/{y}"}[5m]))
        / on (job) job:fundwatch_b:sum > 5 and label_fundwatch_no == "fundwatch_text""#;
    let found = selectors(query);
    let names: Vec<&str> = found.iter().map(|one| one.metric.as_str()).collect();
    assert_eq!(names, ["fundwatch_a_bucket", "job:fundwatch_b:sum"]);
    let conditions: Vec<(&str, bool, &str)> = found[0]
        .matchers
        .iter()
        .map(|one| (one.label.as_str(), one.is_equality, one.value.as_str()))
        .collect();
    assert_eq!(
        conditions,
        [("job", false, "$job"), ("route", true, "/x/{y}")]
    );
    let groups = grouped_by(query);
    assert_eq!(
        groups[0],
        BTreeSet::from(["job".to_owned(), "le".to_owned()])
    );
    assert_eq!(groups[1], BTreeSet::from(["job".to_owned()]));
}
