//! Numbers that have the form of a person's: 10 digits (insurance), 12 (citizen), 15 characters (card).
//!
//! In: a text. Out: those in it. Must hold: a number is found wherever it stands, but for two places that no number of
//! a person has: inside a digest, which is whole bytes in lower-case hexadecimal digits, six of them at least and a
//! letter among them; and as the value of a sample of metrics, which is a measure and has no text. None begins with six
//! zeros, as the names of the journal's first segments do: a person's begins with the code of a province.

use super::kept::Kind;

/// Digits of a digest at least: the id of a token has as many.
const DIGEST: usize = 12;

/// What counters with leading zeros begin with, and no number of a person.
const COUNTED: &str = "000000";

/// The numbers in a line.
pub fn numbers(kind: Kind, line: &str) -> Vec<&str> {
    let text = match kind {
        Kind::Metrics => without_value(line),
        _ => line,
    };
    let tokens = text.split(|c: char| !c.is_ascii_alphanumeric());
    let mut found: Vec<&str> = tokens
        .filter(|token| !is_digest(token))
        .flat_map(in_token)
        .collect();
    if kind == Kind::Metrics {
        // The bound of a bucket is a measure as well.
        let bound = bound(text);
        found.retain(|number| Some(*number) != bound);
    }
    found
}

fn in_token(token: &str) -> impl Iterator<Item = &str> {
    let (letters, digits) = token.split_at(token.len().min(2));
    let is_card = token.len() == 15
        && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    let runs = token.split(|c: char| !c.is_ascii_digit());
    let runs = runs.filter(|run| matches!(run.len(), 10 | 12 | 15) && !run.starts_with(COUNTED));
    runs.chain(is_card.then_some(token))
}

fn is_digest(token: &str) -> bool {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    token.len() >= DIGEST
        && token.len().is_multiple_of(2)
        && token.bytes().all(is_digit)
        && token.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// A line of an exposition without the value of its sample.
fn without_value(line: &str) -> &str {
    let is_sample = line.starts_with("fundwatch_") || line.starts_with("process_");
    match line.rsplit_once(' ') {
        Some((sample, value)) if is_sample && value.parse::<f64>().is_ok() => sample,
        _ => line,
    }
}

/// The bound of a bucket.
fn bound(sample: &str) -> Option<&str> {
    let (_, bound) = sample.split_once("le=\"")?;
    Some(bound.split_once('"')?.0)
}
