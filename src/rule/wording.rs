//! The words for classes and severities, in both languages. What people read of a reason is the
//! catalogue's.

use super::reason::Class;
use super::severity::Severity;
use crate::language::Language;

impl Class {
    /// Its word, at most 18 columns wide.
    pub fn word(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::DataQuality, Language::English) => "data quality",
            (Self::DataQuality, Language::Vietnamese) => "lỗi dữ liệu",
            (Self::Eligibility, Language::English) => "eligibility",
            (Self::Eligibility, Language::Vietnamese) => "điều kiện hưởng",
            (Self::Identity, Language::English) => "identity",
            (Self::Identity, Language::Vietnamese) => "sai lệch định danh",
            (Self::ProviderBilling, Language::English) => "provider billing",
            (Self::ProviderBilling, Language::Vietnamese) => "sai sót thanh toán",
            (Self::MisuseSuspected, Language::English) => "misuse suspected",
            (Self::MisuseSuspected, Language::Vietnamese) => "nghi trục lợi",
            (Self::Anomaly, Language::English) => "anomaly",
            (Self::Anomaly, Language::Vietnamese) => "bất thường",
        }
    }
}

impl Severity {
    /// Its word.
    pub fn word(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Low, Language::English) => "low",
            (Self::Low, Language::Vietnamese) => "thấp",
            (Self::Medium, Language::English) => "medium",
            (Self::Medium, Language::Vietnamese) => "trung bình",
            (Self::High, Language::English) => "high",
            (Self::High, Language::Vietnamese) => "cao",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::language::is_composed;

    #[test]
    fn every_class_and_severity_has_its_word_in_both_languages() {
        let mut seen = HashSet::new();
        for language in Language::ALL {
            for class in Class::ALL {
                let word = class.word(language);
                assert!(
                    (3..=18).contains(&console::measure_text_width(word)),
                    "{word}"
                );
                assert!(is_composed(word) && seen.insert(word), "{word}");
            }
            for severity in Severity::ALL {
                let word = severity.word(language);
                assert!(!word.is_empty() && seen.insert(word), "{word}");
            }
        }
    }
}
