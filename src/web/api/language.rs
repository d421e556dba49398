//! The language that a caller wants words in.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;

use crate::language::Language;

/// The language that is wanted most (RFC 9110, 12.5.4); Vietnamese where nothing else is said.
pub(super) fn accepted(headers: &HeaderMap) -> Language {
    let text = headers
        .get(ACCEPT_LANGUAGE)
        .and_then(|text| text.to_str().ok());
    let mut best = (0.0, Language::Vietnamese);
    for range in text.unwrap_or_default().split(',') {
        let mut parts = range.split(';');
        let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.trim().strip_prefix("q="));
        let weight = weight.map_or(Some(1.0), |text| text.parse::<f64>().ok());
        let language = Language::from_code(tag.split('-').next().unwrap_or_default());
        if let (Some(language), Some(weight)) = (language, weight)
            && weight > best.0
        {
            best = (weight, language);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_language_that_is_wanted_most_is_spoken() {
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(text));
            accepted(&headers).code()
        };
        assert_eq!(accepted(&HeaderMap::new()).code(), "vi");
        for (text, language) in [
            ("", "vi"),
            ("en", "en"),
            ("EN-gb", "en"),
            ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
            ("fr, en;q=0.5", "en"),
            ("vi;q=0.2, en;q=0.3", "en"),
            ("en;q=0", "vi"),
            ("en;q=x", "vi"),
            ("*", "vi"),
        ] {
            assert_eq!(of(text), language, "{text}");
        }
    }
}
