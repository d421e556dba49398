//! Forms as browsers send them: names with one or several texts.

use std::fmt;

use crate::record::{Day, Value};

/// Fields of a form, or of the query of an address, in order.
#[derive(Clone, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The most fields that are looked at.
    const MOST: usize = 2_000;

    pub fn read(bytes: &[u8]) -> Self {
        let fields = form_urlencoded::parse(bytes).into_owned();
        Self(fields.take(Self::MOST).collect())
    }

    /// The first text under a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter();
        let found = fields.find(|(own, _)| own == name)?;
        Some(&found.1)
    }

    /// The first text under a name that is not blank, without the blanks around it.
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    }

    /// Every text under a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = move |(own, _): &&(String, String)| own == name;
        self.0.iter().filter(named).map(|(_, text)| text.as_str())
    }

    /// A day, as browsers write it.
    pub fn day(&self, name: &str) -> Option<Day> {
        Day::from_text(self.filled(name)?)
    }
}

/// What people type is not shown.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fields({})", self.0.len())
    }
}

/// The query of an address, from its parts that are there.
pub(super) fn query(parts: &[(&str, Option<String>)]) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    for (name, value) in parts {
        if let Some(value) = value {
            text.append_pair(name, value);
        }
    }
    text.finish()
}

/// A path of this service, with its query, or none: nothing that leads elsewhere.
pub(super) fn own_path(text: &str) -> Option<&str> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    let is_path = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
    (is_plain && is_path && text.len() <= 1_024).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_name() {
        let fields = Fields::read("a=1&b=+x+y%C3%A1&a=2&c=&d=2026-11-30".as_bytes());
        assert_eq!(fields.get("a"), Some("1"));
        assert!(fields.all("a").eq(["1", "2"]));
        assert_eq!(fields.filled("b"), Some("x yá"));
        assert_eq!((fields.filled("c"), fields.get("c")), (None, Some("")));
        assert_eq!(fields.day("d").map(Day::civil), Some((2026, 11, 30)));
        assert_eq!(format!("{fields:?}"), "Fields(5)");
        assert_eq!(query(&[("a", Some("x y".into())), ("b", None)]), "a=x+y");
    }

    #[test]
    fn only_own_paths_are_gone_to() {
        for own in ["/", "/queue?view=open&band=p1", "/alerts/0a"] {
            assert_eq!(own_path(own), Some(own));
        }
        for other in [
            "",
            "queue",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "/a\r\nSet-Cookie: x",
            "/a b",
        ] {
            assert_eq!(own_path(other), None, "{other}");
        }
    }
}
