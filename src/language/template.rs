//! Texts with named places: `{place}` is replaced by a value.

/// A template with its places filled; `None` where one has no value.
///
/// Values are taken as they are: a brace in one is no place.
pub fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut text = String::with_capacity(template.len() * 2);
    for part in parts(template) {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Place(name) => text.push_str(&value(name)?),
        }
    }
    Some(text)
}

enum Part<'a> {
    Text(&'a str),
    Place(&'a str),
}

/// The parts of a template; a brace without its other is text.
fn parts(mut rest: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        parts.extend([Part::Text(before), Part::Place(name)]);
        rest = after;
    }
    parts.push(Part::Text(rest));
    parts
}

/// The names of the places of a template, sorted.
pub fn places(template: &str) -> Vec<&str> {
    let name = |part| match part {
        Part::Place(name) => Some(name),
        Part::Text(_) => None,
    };
    let mut names: Vec<&str> = parts(template).into_iter().filter_map(name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether a text has no combining mark, as Vietnamese in NFC has none.
#[cfg(test)]
pub(crate) fn is_composed(text: &str) -> bool {
    !text.chars().any(|c| ('\u{300}'..='\u{36f}').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_once() {
        let value = |name: &str| match name {
            "a" => Some("{b}".to_owned()),
            "b" => Some("2".to_owned()),
            _ => None,
        };
        assert_eq!(fill("x{a}y{b}", value).as_deref(), Some("x{b}y2"));
        assert_eq!(fill("{c}", value), None);
        assert_eq!(fill("open { brace", value).as_deref(), Some("open { brace"));
        assert_eq!(places("{b} {a} {b}"), ["a", "b"]);
    }
}
