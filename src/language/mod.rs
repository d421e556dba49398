//! What people read, in Vietnamese and English: words, numbers, dates and money.
//!
//! In: typed values and the reader's [`Language`]. Out: text in NFC. Must hold: every text exists in
//! both languages, by exhaustive tables and matches - nothing falls back to the other; no message
//! depends on a plural.
//!
//! A file a language holds its words. Titles and explanations of reasons
//! are the catalogue's ([`crate::rule`]).

mod checks;
mod code_words;
mod date;
mod english;
mod message;
mod number;
mod page_english;
mod page_message;
mod page_vietnamese;
mod report_english;
mod report_message;
mod report_vietnamese;
mod template;
mod vietnamese;
mod word;
mod worded;

pub(crate) use code_words::code_words;
pub use message::Messages;
pub use page_message::PageMessages;
pub use report_message::ReportMessages;
#[cfg(test)]
pub(crate) use template::is_composed;
pub use template::{fill, places};
pub(crate) use worded::worded;

/// A language that people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Vietnamese.
    Vietnamese,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Vietnamese];

    /// Its ISO 639-1 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Vietnamese => "vi",
        }
    }

    /// The language with this ISO 639-1 code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// The language of the first of these locales that is set: as POSIX has it, those of `LC_ALL`,
    /// `LC_MESSAGES` and `LANG`, where an empty one is not set. English where that is neither.
    pub fn of_locales<S: AsRef<str>>(locales: impl IntoIterator<Item = S>) -> Self {
        let is_set = |locale: &S| !locale.as_ref().is_empty();
        let set = locales.into_iter().find(is_set);
        set.and_then(|locale| {
            let language = locale.as_ref().split(['_', '.', '@', '-']).next()?;
            Self::from_code(&language.to_ascii_lowercase())
        })
        .unwrap_or(Self::English)
    }

    /// The language of the process's environment; see [`Language::of_locales`].
    pub fn of_environment() -> Self {
        let variables = ["LC_ALL", "LC_MESSAGES", "LANG"];
        Self::of_locales(
            variables
                .into_iter()
                .filter_map(|name| std::env::var(name).ok()),
        )
    }

    /// Its messages.
    pub fn messages(self) -> &'static Messages {
        match self {
            Self::English => &english::MESSAGES,
            Self::Vietnamese => &vietnamese::MESSAGES,
        }
    }

    /// Its texts of the pages.
    pub fn page_messages(self) -> &'static PageMessages {
        match self {
            Self::English => &page_english::PAGE_MESSAGES,
            Self::Vietnamese => &page_vietnamese::PAGE_MESSAGES,
        }
    }

    /// Its texts of the audit report.
    pub fn report_messages(self) -> &'static ReportMessages {
        match self {
            Self::English => &report_english::REPORT_MESSAGES,
            Self::Vietnamese => &report_vietnamese::REPORT_MESSAGES,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_that_is_set_decides() {
        let of = |locales: &[&str]| Language::of_locales(locales).code();
        assert_eq!(of(&[]), "en");
        assert_eq!(of(&["vi_VN.UTF-8"]), "vi");
        assert_eq!(of(&["", "vi"]), "vi");
        assert_eq!(of(&["C", "vi_VN.UTF-8"]), "en");
        assert_eq!(of(&["VI-vn"]), "vi");
        assert_eq!(of(&["vie_VN", "vi"]), "en");
        assert_eq!(of(&["fr_FR.UTF-8@euro"]), "en");
    }

    #[test]
    fn both_languages_have_every_message_with_the_same_places_in_nfc() {
        let (english, vietnamese) = (english::MESSAGES.all(), vietnamese::MESSAGES.all());
        assert!(english.len() > 20);
        for ((name, en), (_, vi)) in english.iter().zip(&vietnamese) {
            assert!(!en.is_empty() && !vi.is_empty(), "{name}");
            assert_eq!(places(en), places(vi), "{name}");
            assert!(is_composed(vi), "{name} is not in NFC");
        }
    }

    #[test]
    fn both_languages_have_every_text_of_the_pages_with_the_same_places_in_nfc() {
        let of = |language: Language| language.page_messages().all();
        let (english, vietnamese) = (of(Language::English), of(Language::Vietnamese));
        assert!(english.len() > 200);
        for ((name, en), (_, vi)) in english.iter().zip(&vietnamese) {
            assert!(!en.is_empty() && !vi.is_empty() && en != vi, "{name}");
            assert_eq!(places(en), places(vi), "{name}");
            assert!(is_composed(vi), "{name} is not in NFC");
            assert!(en.is_ascii() || *name == "other_language", "{name}");
        }
    }

    #[test]
    fn both_languages_have_every_text_of_the_report_with_the_same_places_in_nfc() {
        let of = |language: Language| language.report_messages().all();
        let (english, vietnamese) = (of(Language::English), of(Language::Vietnamese));
        assert!(english.len() > 100);
        for ((name, en), (_, vi)) in english.iter().zip(&vietnamese) {
            assert!(!en.is_empty() && !vi.is_empty() && en != vi, "{name}");
            assert_eq!(places(en), places(vi), "{name}");
            assert!(is_composed(vi) && en.is_ascii(), "{name}");
        }
    }
}
