//! Of which form a body says it is.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use super::problem::Problem;

/// The forms in which rows may be sent.
pub(super) const ROWS: &[&str] = &[
    "application/x-ndjson",
    "application/ndjson",
    "application/json",
];
/// The forms in which an envelope may be sent.
pub(super) const ENVELOPE: &[&str] = &["application/xml", "text/xml"];
/// The form of a document.
pub(super) const DOCUMENT: &[&str] = &["application/json"];

/// Whether a body says that it is of one of the `accepted` forms, in UTF-8.
pub(super) fn require(
    headers: &HeaderMap,
    accepted: &'static [&'static str],
) -> Result<(), Problem> {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (value, more) = (values.next(), values.next());
    let text = value.and_then(|value| value.to_str().ok());
    match text {
        Some(text) if more.is_none() && is_one_of(text, accepted) => Ok(()),
        _ => Err(refused(accepted)),
    }
}

fn is_one_of(text: &str, accepted: &[&str]) -> bool {
    let mut parts = text.split(';');
    let essence = parts.next().unwrap_or_default().trim();
    let utf_8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            let value = value.trim().trim_matches('"');
            value.eq_ignore_ascii_case("utf-8") || value.eq_ignore_ascii_case("us-ascii")
        }
        _ => true,
    };
    accepted
        .iter()
        .any(|name| name.eq_ignore_ascii_case(essence))
        && parts.all(utf_8)
}

fn refused(accepted: &[&str]) -> Problem {
    let remedy = match accepted {
        [_, _, _] => "send NDJSON rows in UTF-8 as `Content-Type: application/x-ndjson`",
        [_, _] => "send one XML envelope in UTF-8 as `Content-Type: application/xml`",
        _ => "send JSON in UTF-8 as `Content-Type: application/json`",
    };
    let detail = "the Content-Type is absent, or not one that is read here";
    Problem::unsupported("unsupported_media_type", detail, remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_do_not_matter_but_the_charset_does() {
        for good in [
            "application/x-ndjson",
            "Application/JSON; charset=UTF-8",
            "application/ndjson;charset=\"utf-8\";q=1",
        ] {
            assert!(is_one_of(good, ROWS), "{good}");
        }
        for bad in [
            "",
            ";",
            "text/plain",
            "application/json; charset=utf-16",
            "application/json, text/plain",
            "application/jsonx",
        ] {
            assert!(!is_one_of(bad, ROWS), "{bad}");
        }
    }
}
