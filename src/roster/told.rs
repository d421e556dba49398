//! What became of one person, and of many, for people.
//!
//! Must hold: every text is in both languages. What one person asked for is told in full; of many,
//! only numbers.

use std::fmt::Write;

use super::Counts;
use super::line::Line;
use crate::authenticate::Correction;
use crate::language::{Language, fill};

/// A text about people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Somebody authenticates.
    Matched,
    /// Somebody does not: `{cause}`.
    NotMatched,
    /// A correction: `{database}`, `{field}`, `{current}`, `{proposed}`, `{confidence}`, `{basis}`.
    Proposed,
    /// A correction where there is no value yet: the same without `{current}`.
    ProposedNew,
    /// Nothing can be proposed.
    NothingProposed,
    /// Where no value was.
    Fault,
    /// How many there were: `{people}`, `{matched}`, `{corrected}`.
    Counts,
    /// How many could not be asked about: `{faults}`.
    Faults,
}

impl Told {
    /// Every text.
    pub const ALL: [Self; 8] = [
        Self::Matched,
        Self::NotMatched,
        Self::Proposed,
        Self::ProposedNew,
        Self::NothingProposed,
        Self::Fault,
        Self::Counts,
        Self::Faults,
    ];

    /// The text, with places in braces.
    pub fn text(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Matched, Language::English) => "Authenticated: name, birth date and sex agree.",
            (Self::Matched, Language::Vietnamese) => {
                "Xác thực khớp: họ tên, ngày sinh, giới tính đúng với dữ liệu dân cư."
            }
            (Self::NotMatched, Language::English) => "Not authenticated ({cause}).",
            (Self::NotMatched, Language::Vietnamese) => "Không khớp ({cause}).",
            (Self::Proposed, Language::English) => {
                "Proposed, confidence {confidence}: {database}, {field}: {current} -> {proposed} ({basis})."
            }
            (Self::Proposed, Language::Vietnamese) => {
                "Đề nghị, độ tin cậy {confidence}: {database}, {field}: {current} -> {proposed} ({basis})."
            }
            (Self::ProposedNew, Language::English) => {
                "Proposed, confidence {confidence}: {database}, {field}: {proposed} ({basis})."
            }
            (Self::ProposedNew, Language::Vietnamese) => {
                "Đề nghị, độ tin cậy {confidence}: {database}, {field}: {proposed} ({basis})."
            }
            (Self::NothingProposed, Language::English) => {
                "Nothing can be proposed; ask the person for a document."
            }
            (Self::NothingProposed, Language::Vietnamese) => {
                "Không có đề nghị nào; cần đối chiếu giấy tờ của người này."
            }
            (Self::Fault, Language::English) => "Not asked: {fault}.",
            (Self::Fault, Language::Vietnamese) => "Không tra được: {fault}.",
            (Self::Counts, Language::English) => {
                "People: {people}; authenticated: {matched}; with a proposed correction: {corrected}."
            }
            (Self::Counts, Language::Vietnamese) => {
                "Số người: {people}; khớp: {matched}; có đề nghị chỉnh sửa: {corrected}."
            }
            (Self::Faults, Language::English) => {
                "Not asked, since the row is faulty (column error): {faults}."
            }
            (Self::Faults, Language::Vietnamese) => {
                "Không tra được do dòng bị lỗi (cột error): {faults}."
            }
        }
    }

    fn fill(self, language: Language, values: &[(&str, &str)]) -> String {
        let value = |place: &str| {
            let found = values.iter().find(|(name, _)| *name == place)?;
            Some(found.1.to_owned())
        };
        // The places of every text are tested against those that are filled.
        fill(self.text(language), value).unwrap_or_default()
    }
}

/// What became of one person, in a few lines.
pub fn tell(line: &Line, language: Language) -> String {
    let mut text = String::new();
    let mut add = |line: String| {
        let _ = writeln!(text, "{line}");
    };
    match &line.verdict {
        Err(fault) => add(Told::Fault.fill(language, &[("fault", &fault.to_string())])),
        Ok(verdict) => match verdict.cause {
            None => add(Told::Matched.fill(language, &[])),
            Some(cause) => {
                add(Told::NotMatched.fill(language, &[("cause", cause.as_str())]));
                add(cause.text(language).to_owned());
                for correction in &verdict.corrections {
                    add(proposed(correction, language));
                }
                if verdict.corrections.is_empty() {
                    add(Told::NothingProposed.fill(language, &[]));
                }
            }
        },
    }
    text
}

fn proposed(correction: &Correction, language: Language) -> String {
    let proposed = correction.proposed.to_string();
    let current = correction.current.as_ref().map(ToString::to_string);
    let told = match current {
        Some(_) => Told::Proposed,
        None => Told::ProposedNew,
    };
    told.fill(
        language,
        &[
            ("confidence", correction.confidence.text(language)),
            ("database", correction.database.text(language)),
            ("field", correction.field.text(language)),
            ("current", current.as_deref().unwrap_or_default()),
            ("proposed", &proposed),
            ("basis", correction.basis.text(language)),
        ],
    )
}

impl Counts {
    /// How many people there were, and what became of them; no person is told.
    pub fn tell(&self, language: Language) -> String {
        let [people, matched, corrected, faults] =
            [self.people, self.matched, self.corrected, self.faults].map(|n| n.to_string());
        let values = [
            ("people", people.as_str()),
            ("matched", &matched),
            ("corrected", &corrected),
            ("faults", &faults),
        ];
        let mut text = Told::Counts.fill(language, &values) + "\n";
        for (cause, count) in &self.causes {
            let _ = writeln!(text, "  {:<22}{count:>10}", cause.as_str());
        }
        if self.faults > 0 {
            text += &Told::Faults.fill(language, &values);
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{is_composed, places};

    #[test]
    fn both_languages_have_every_text_with_places_that_are_filled() {
        let filled = [
            "basis",
            "cause",
            "confidence",
            "corrected",
            "current",
            "database",
            "fault",
            "faults",
            "field",
            "matched",
            "people",
            "proposed",
        ];
        for told in Told::ALL {
            let (en, vi) = (
                told.text(Language::English),
                told.text(Language::Vietnamese),
            );
            assert!(en.is_ascii() && is_composed(vi), "{told:?}");
            assert_eq!(places(en), places(vi), "{told:?}");
            assert!(
                places(en).iter().all(|place| filled.contains(place)),
                "{told:?}"
            );
        }
    }
}
