//! Text of others, without what might be about a person or be a secret.
//!
//! Must hold: no run of nine digits or more is left (social insurance, citizens, cards, old ids), no token, and no
//! password of an address. The log and the configuration promise not to have them where they could leak; this
//! holds when somebody wrote one there all the same.

const MASK: &str = "***";
/// Digits of the shortest number of a person.
const SHORTEST: usize = 9;

/// A text with long numbers, tokens and passwords of addresses masked.
pub(super) fn scrubbed(text: &str) -> String {
    numbers(&addresses(&tokens(text)))
}

/// Masks what follows `fw_`.
fn tokens(text: &str) -> String {
    let mut parts = text.split("fw_");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
        out.push_str("fw_");
        out.push_str(MASK);
        out.push_str(&part[end.unwrap_or(part.len())..]);
    }
    out
}

/// Masks what stands between `://` and `@`.
fn addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '/'));
        let host = &after[..end.unwrap_or(after.len())];
        rest = after;
        if let Some(at) = host.rfind('@') {
            out.push_str(MASK);
            rest = &after[at..];
        }
    }
    out.push_str(rest);
    out
}

fn numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().map(Some).chain([None]) {
        match c {
            Some(digit) if digit.is_ascii_digit() => run.push(digit),
            other => {
                match run.len() >= SHORTEST {
                    true => out.push_str(MASK),
                    false => out.push_str(&run),
                }
                run.clear();
                out.extend(other);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_might_be_somebody_or_a_secret_is_masked() {
        for (text, expected) in [
            ("card DN4797900000007 of 079051000001", "card DN*** of ***"),
            ("old 123456789, eight 12345678", "old ***, eight 12345678"),
            ("fw_9c41d07be2aa_abc-DEF_1 and fw_x", "fw_*** and fw_***"),
            (
                "postgres://u:p@ss@db/x http://db:1/",
                "postgres://***@db/x http://db:1/",
            ),
            ("a://b a://c@d", "a://b a://***@d"),
            ("", ""),
        ] {
            assert_eq!(scrubbed(text), expected);
        }
    }
}
