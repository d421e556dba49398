//! The catalogue of reasons (`rules/catalogue.toml`): read once, checked as a whole.
//!
//! In: the file, which is part of the program. Out: what each reason means, its severity and classes, the
//! streams of its evidence, its thresholds, what to do about it and on what ground. Must hold: every
//! reason has an entry; every text is in both languages with the same places; a place has a value.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Deserializer, de};
use sha2::{Digest, Sha256};

use super::reason::{Class, Reason};
use super::settings::{Settings, Values};
use super::severity::Severity;
use super::threshold::{Threshold, Value};
use crate::language::{Language, fill, places};
use crate::record::Stream;

/// The file.
const SOURCE: &str = include_str!("../../rules/catalogue.toml");

/// What the rows behind an alert tell of it: places of [`Texts::because`]. `other` means the claim that
/// the subject conflicts with, `due` the covered cost less co-payment and other sources.
const FACTS: &[&str] = &[
    "admitted",
    "allowed_ages",
    "allowed_sex",
    "amount",
    "authentication_cause",
    "benefit_span",
    "blood_group",
    "born",
    "card",
    "card_status",
    "claimed_id",
    "covered",
    "diagnosis",
    "died",
    "discharged",
    "due",
    "enterprise_day",
    "enterprise_status",
    "excluded",
    "facility",
    "first_admitted",
    "holder_id",
    "known_blood_group",
    "level",
    "other_admitted",
    "other_card",
    "other_facility",
    "other_si_numbers",
    "other_times",
    "other_visit",
    "overlap",
    "scheme",
    "sex",
    "si_number",
    "sources",
    "status_day",
    "times",
    "total",
    "validity",
    "visit",
    "visited_facilities",
];

/// A text in both languages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Both<'a> {
    pub en: &'a str,
    pub vi: &'a str,
}

/// A text of the file in both languages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    en: String,
    vi: String,
}

/// The catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    version: String,
    note: Bilingual,
    instrument: BTreeMap<String, Bilingual>,
    shared: BTreeMap<String, Shared>,
    reason: BTreeMap<Reason, Entry>,
    /// The mildest class of each reason, in their order: it is asked for with every finding.
    #[serde(skip)]
    mildest: Vec<Class>,
}

/// Thresholds of a term that several reasons use.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shared {
    reasons: Vec<Reason>,
    threshold: BTreeMap<String, Threshold>,
}

/// What the catalogue says of a reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// How much harm its alerts stand for.
    pub severity: Severity,
    /// The streams whose rows its alerts are about.
    #[serde(deserialize_with = "streams")]
    pub subjects: Vec<Stream>,
    /// The streams whose rows its evidence lists.
    #[serde(deserialize_with = "streams")]
    pub evidence: Vec<Stream>,
    class: Vec<ClassRule>,
    en: Texts,
    vi: Texts,
    #[serde(default)]
    threshold: BTreeMap<String, Threshold>,
    legal_basis: Vec<Citation>,
}

/// What people read of a reason in one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    title: String,
    explanation: String,
    condition: String,
    because: String,
    adjustment: String,
}

/// A class that alerts of a reason may have, and when.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClassRule {
    class: Class,
    en: Option<String>,
    vi: Option<String>,
}

/// A ground in law.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    instrument: String,
    article: Option<String>,
    en: String,
    vi: String,
}

/// A ground in law, as people read it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LegalBasis {
    /// The instrument, with the article where it is known.
    pub instrument: String,
    /// What it says to the matter.
    pub says: &'static str,
}

fn streams<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Stream>, D::Error> {
    let named = |name: String| {
        let mut all = Stream::ALL.iter().copied();
        let found = all.find(|stream| stream.name() == name);
        found.ok_or_else(|| de::Error::custom(format!("`{name}` is no stream")))
    };
    let names = Vec::<String>::deserialize(deserializer)?;
    names.into_iter().map(named).collect()
}

fn read() -> Result<Catalogue, String> {
    let mut catalogue: Catalogue = toml::from_str(SOURCE).map_err(|error| error.to_string())?;
    catalogue.check()?;
    let classes = |reason: &Reason| catalogue.reason[reason].class.iter().map(|rule| rule.class);
    let mildest = Reason::ALL
        .iter()
        .filter_map(|reason| classes(reason).min());
    let mildest: Vec<Class> = mildest.collect();
    catalogue.mildest = mildest;
    Ok(catalogue)
}

fn read_once() -> &'static Result<Catalogue, String> {
    static READ: OnceLock<Result<Catalogue, String>> = OnceLock::new();
    READ.get_or_init(read)
}

/// The catalogue in the program is not whole.
#[derive(Debug, thiserror::Error)]
#[error(
    "rules/catalogue.toml, as this program carries it: {0}; mend it and build the program again"
)]
pub struct CatalogueError(String);

/// Checks the catalogue, as a program does when it starts.
///
/// # Errors
/// When it is not whole.
pub fn check_catalogue() -> Result<(), CatalogueError> {
    match read_once() {
        Ok(_) => Ok(()),
        Err(why) => Err(CatalogueError(why.clone())),
    }
}

/// The catalogue.
///
/// # Panics
/// When it is not whole; see [`check_catalogue`].
pub fn catalogue() -> &'static Catalogue {
    match read_once() {
        Ok(catalogue) => catalogue,
        Err(why) => panic!("{}", CatalogueError(why.clone())),
    }
}

/// SHA-256 of everything that decides a finding beside code and settings: the catalogue and the table of
/// diagnoses.
pub fn catalogue_digest() -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in [SOURCE, super::diagnosis::TABLE] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

impl Bilingual {
    /// The text in a language.
    pub fn text(&self, language: Language) -> &str {
        self.both().text(language)
    }

    fn both(&self) -> Both<'_> {
        let Self { en, vi } = self;
        Both { en, vi }
    }
}

impl<'a> Both<'a> {
    fn text(self, language: Language) -> &'a str {
        match language {
            Language::English => self.en,
            Language::Vietnamese => self.vi,
        }
    }
}

impl Catalogue {
    /// Its version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What a reader of any of it should know.
    pub fn note(&self, language: Language) -> &str {
        self.note.text(language)
    }

    /// Every threshold, with the reason or shared term that it belongs to, and its name.
    pub fn thresholds(&self) -> impl Iterator<Item = (&str, &str, &Threshold)> {
        let shared = self.shared.iter();
        let shared = shared.map(|(group, shared)| (group.as_str(), &shared.threshold));
        let reasons = self.reason.iter();
        let reasons = reasons.map(|(reason, entry)| (reason.as_str(), &entry.threshold));
        shared.chain(reasons).flat_map(|(group, thresholds)| {
            let thresholds = thresholds.iter();
            thresholds.map(move |(key, threshold)| (group, key.as_str(), threshold))
        })
    }

    /// A threshold of a reason or shared term.
    pub fn threshold(&self, group: &str, key: &str) -> Option<&Threshold> {
        let shared = self.shared.get(group).map(|shared| &shared.threshold);
        let own = || Some(&self.reason.get(&Reason::from_name(group)?)?.threshold);
        shared.or_else(own)?.get(key)
    }

    /// The reasons that turn on the thresholds of a reason or shared term.
    pub fn reasons_of(&self, group: &str) -> Vec<Reason> {
        match (self.shared.get(group), Reason::from_name(group)) {
            (Some(shared), _) => shared.reasons.clone(),
            (None, reason) => reason.into_iter().collect(),
        }
    }

    /// The reasons and shared terms that have thresholds, and of a reason those of the terms it uses.
    pub fn groups_of(&self, reason: Reason) -> impl Iterator<Item = &str> {
        let own = (!self.reason[&reason].threshold.is_empty()).then_some(reason.as_str());
        let shared = self.shared.iter();
        let shared = shared.filter(move |(_, shared)| shared.reasons.contains(&reason));
        own.into_iter()
            .chain(shared.map(|(group, _)| group.as_str()))
    }

    /// The threshold that a place of a text of a reason stands for: one of its own by name, or one of
    /// another group as `group.name`.
    fn at_place(&self, reason: Reason, place: &str) -> Option<(&str, &str, &Threshold)> {
        let (group, key) = place.split_once('.').unwrap_or((reason.as_str(), place));
        let mut groups = self.groups_of(reason);
        let group = groups.find(|of_reason| *of_reason == group)?;
        let (key, threshold) = match self.shared.get(group) {
            Some(shared) => shared.threshold.get_key_value(key)?,
            None => self.reason[&reason].threshold.get_key_value(key)?,
        };
        Some((group, key, threshold))
    }

    /// What stands at a place of a text of a reason under some settings.
    fn value_at(
        &self,
        reason: Reason,
        place: &str,
        values: &Values,
        language: Language,
    ) -> Option<String> {
        let (group, key, _) = self.at_place(reason, place)?;
        let value = values.get(&(group.to_owned(), key.to_owned()))?;
        let number = u64::try_from(value.as_whole()?).ok()?;
        Some(language.count(number))
    }

    fn check(&self) -> Result<(), String> {
        if self.version.trim().is_empty() {
            return Err("version: it is empty".to_owned());
        }
        check_texts("note", self.note.both())?;
        for (name, instrument) in &self.instrument {
            check_texts(&format!("instrument.{name}"), instrument.both())?;
            let mut cited = self.reason.values().flat_map(|entry| &entry.legal_basis);
            if !cited.any(|citation| citation.instrument == *name) {
                return Err(format!("instrument.{name}: no reason cites it"));
            }
        }
        for (name, shared) in &self.shared {
            if Reason::from_name(name).is_some() {
                return Err(format!("shared.{name}: it has the name of a reason"));
            }
            if shared.reasons.is_empty() {
                return Err(format!("shared.{name}: no reason uses it"));
            }
        }
        for (group, key, threshold) in self.thresholds() {
            let at = format!("{group}.threshold.{key}");
            check_texts(&at, threshold.texts())?;
            threshold
                .check(&threshold.default)
                .map_err(|why| format!("{at}: {why}"))?;
            let unit = threshold.unit.name();
            let has_column = matches!(threshold.default, Value::ByDay(..));
            if !has_column && !key.contains(unit) {
                return Err(format!("{at}: its name does not say that it counts {unit}"));
            }
        }
        for reason in Reason::ALL {
            let entry = self.reason.get(reason);
            let entry = entry.ok_or_else(|| format!("reason.{reason}: it is missing"))?;
            self.check_entry(*reason, entry)
                .map_err(|why| format!("reason.{reason}.{why}"))?;
        }
        Settings::of_catalogue(self).map(drop)
    }

    fn check_entry(&self, reason: Reason, entry: &Entry) -> Result<(), String> {
        let is_number = |place: &str| {
            let found = self.at_place(reason, place);
            found.is_some_and(|(_, _, threshold)| threshold.default.as_whole().is_some())
        };
        for (name, text) in entry.texts() {
            check_texts(name, text)?;
            for place in places(text.en) {
                let has_value = match name {
                    "because" => FACTS.contains(&place) != is_number(place),
                    "explanation" | "condition" => is_number(place),
                    _ => false,
                };
                if !has_value {
                    return Err(format!("{name}: nothing or too much stands at {{{place}}}"));
                }
            }
        }
        match entry.class.as_slice() {
            [] => return Err("class: there is none".to_owned()),
            [
                ClassRule {
                    en: None, vi: None, ..
                },
            ] => {}
            [_] => return Err("class: the only one has no condition".to_owned()),
            several => {
                for (place, rule) in several.iter().enumerate() {
                    let (Some(en), Some(vi)) = (&rule.en, &rule.vi) else {
                        return Err(format!("class: {} has no condition", rule.class));
                    };
                    check_texts("class", Both { en, vi })?;
                    if let Some(place) = places(en).into_iter().find(|place| !is_number(place)) {
                        return Err(format!("class: nothing stands at {{{place}}}"));
                    }
                    if several[..place]
                        .iter()
                        .any(|before| before.class == rule.class)
                    {
                        return Err(format!("class: {} is there twice", rule.class));
                    }
                }
            }
        }
        if entry.subjects.is_empty() {
            return Err("subjects: there is none".to_owned());
        }
        let mut subjects = entry.subjects.iter();
        if let Some(subject) = subjects.find(|stream| !entry.evidence.contains(stream)) {
            return Err(format!(
                "evidence: it lacks the subject's stream, {subject}"
            ));
        }
        if entry.legal_basis.is_empty() {
            return Err("legal_basis: there is none".to_owned());
        }
        for Citation {
            instrument,
            article,
            en,
            vi,
        } in &entry.legal_basis
        {
            if !self.instrument.contains_key(instrument) {
                return Err(format!("legal_basis: `{instrument}` is no instrument"));
            }
            if article
                .as_ref()
                .is_some_and(|article| article.trim().is_empty())
            {
                return Err(format!("legal_basis: the article of {instrument} is empty"));
            }
            check_texts("legal_basis", Both { en, vi })?;
        }
        Ok(())
    }
}

/// Whether both texts are one line of words, with the same places.
fn check_texts(name: &str, text: Both<'_>) -> Result<(), String> {
    for (language, text) in [("en", text.en), ("vi", text.vi)] {
        let is_one_line = !text.is_empty() && text.split(' ').all(|word| !word.is_empty());
        if !is_one_line || text.contains(char::is_control) {
            return Err(format!("{name}.{language}: it is not words in one line"));
        }
    }
    match places(text.en) == places(text.vi) {
        true => Ok(()),
        false => Err(format!("{name}: its places differ between the languages")),
    }
}

impl Entry {
    fn texts(&self) -> [(&'static str, Both<'_>); 5] {
        let both = |text: fn(&Texts) -> &String| Both {
            en: text(&self.en),
            vi: text(&self.vi),
        };
        [
            ("title", both(|texts| &texts.title)),
            ("explanation", both(|texts| &texts.explanation)),
            ("condition", both(|texts| &texts.condition)),
            ("because", both(|texts| &texts.because)),
            ("adjustment", both(|texts| &texts.adjustment)),
        ]
    }

    fn in_language(&self, language: Language) -> &Texts {
        match language {
            Language::English => &self.en,
            Language::Vietnamese => &self.vi,
        }
    }
}

impl Reason {
    /// What the catalogue says of it.
    pub fn entry(self) -> &'static Entry {
        &catalogue().reason[&self]
    }

    /// The severity of its alerts.
    pub fn severity(self) -> Severity {
        self.entry().severity
    }

    /// The class of its alerts; for the reasons whose class depends on the case, the mildest.
    pub fn class(self) -> Class {
        // A checked catalogue has a class for each.
        catalogue().mildest[self as usize]
    }

    /// The classes of its alerts, the one that is tried first first, each with when an alert has it; where
    /// there is one, always.
    pub fn classes(self, settings: &Settings, language: Language) -> Vec<(Class, Option<String>)> {
        let rules = self.entry().class.iter();
        let when = |rule: &ClassRule| {
            let text = match language {
                Language::English => rule.en.as_ref(),
                Language::Vietnamese => rule.vi.as_ref(),
            };
            text.map(|text| self.filled(text, settings, language))
        };
        rules.map(|rule| (rule.class, when(rule))).collect()
    }

    /// Its title, at most 33 columns wide.
    pub fn title(self, language: Language) -> &'static str {
        &self.entry().in_language(language).title
    }

    /// When its alerts hold, in one sentence.
    pub fn explanation(self, settings: &Settings, language: Language) -> String {
        let text = &self.entry().in_language(language).explanation;
        self.filled(text, settings, language)
    }

    /// When its alerts hold, exactly.
    pub fn condition(self, settings: &Settings, language: Language) -> String {
        let text = &self.entry().in_language(language).condition;
        self.filled(text, settings, language)
    }

    /// Why one of its alerts holds, in one sentence: places are filled with what `fact` gives for them, or
    /// with thresholds. `None` where a fact is not given.
    pub fn because(
        self,
        settings: &Settings,
        language: Language,
        fact: impl Fn(&str) -> Option<String>,
    ) -> Option<String> {
        let values = settings.values();
        let template = &self.entry().in_language(language).because;
        fill(template, |place| {
            let threshold = catalogue().value_at(self, place, &values, language);
            threshold.or_else(|| fact(place))
        })
    }

    /// What is recommended to do about its alerts.
    pub fn adjustment(self, language: Language) -> &'static str {
        &self.entry().in_language(language).adjustment
    }

    /// On what ground in law.
    pub fn legal_basis(self, language: Language) -> Vec<LegalBasis> {
        let cited = |citation: &'static Citation| {
            let instrument = catalogue().instrument[&citation.instrument].text(language);
            let article = citation.article.as_ref().map(|article| match language {
                Language::English => format!("{instrument}, Article {article}"),
                Language::Vietnamese => format!("{instrument}, Điều {article}"),
            });
            let Citation { en, vi, .. } = citation;
            LegalBasis {
                instrument: article.unwrap_or_else(|| instrument.to_owned()),
                says: Both { en, vi }.text(language),
            }
        };
        self.entry().legal_basis.iter().map(cited).collect()
    }

    /// A text whose places are thresholds.
    fn filled(self, text: &str, settings: &Settings, language: Language) -> String {
        let values = settings.values();
        fill(text, |place| {
            catalogue().value_at(self, place, &values, language)
        })
        .expect("a checked text has thresholds at its places")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::language::is_composed;

    #[test]
    fn the_catalogue_is_whole() {
        check_catalogue().expect("whole");
    }

    #[test]
    fn every_reason_has_texts_of_its_own_in_both_languages() {
        assert!(is_composed(SOURCE), "not in NFC");
        let settings = Settings::defaults();
        for language in Language::ALL {
            let mut seen = HashSet::new();
            for reason in Reason::ALL {
                let title = reason.title(language);
                assert!(
                    (5..=33).contains(&console::measure_text_width(title)),
                    "{title}"
                );
                let texts = [
                    title.to_owned(),
                    reason.explanation(settings, language),
                    reason.condition(settings, language),
                    reason.entry().in_language(language).because.clone(),
                ];
                for text in texts {
                    assert!(seen.insert(text.clone()), "{reason}: said twice: {text}");
                }
                let sentences = [
                    reason.explanation(settings, language),
                    reason.condition(settings, language),
                    reason.adjustment(language).to_owned(),
                ];
                assert!(sentences.iter().all(|text| text.ends_with('.')), "{reason}");
            }
        }
        for reason in Reason::ALL {
            assert!(!places(&reason.entry().en.because).is_empty(), "{reason}");
        }
    }

    /// What a damaged catalogue is told, `from` once replaced by `to`.
    fn told(from: &str, to: &str) -> String {
        assert!(SOURCE.contains(from), "{from}");
        let damaged = SOURCE.replacen(from, to, 1);
        let read: Result<Catalogue, toml::de::Error> = toml::from_str(&damaged);
        match read {
            Err(error) => error.to_string(),
            Ok(catalogue) => catalogue.check().expect_err(to),
        }
    }

    #[test]
    fn a_damaged_catalogue_is_told_with_its_place() {
        for (from, to, expected) in [
            (
                "severity = \"high\"",
                "severity = \"grave\"",
                "unknown variant `grave`",
            ),
            (
                "severity = \"high\"",
                "severity = \"high\"\ncolour = 1",
                "unknown field `colour`",
            ),
            (
                "title = \"Visit after death\"\n",
                "",
                "missing field `title`",
            ),
            (
                "[reason.stale_card",
                "[reason.stale_cart",
                "missing field `severity`",
            ),
            (
                "{misuse_sources} or more",
                "{misuse_source} or more",
                "places differ",
            ),
            ("{visits} times", "{visit_count} times", "places differ"),
            (
                "evidence = [\"cards\",",
                "evidence = [",
                "lacks the subject's stream, cards",
            ),
            (
                "instrument = \"decision_3074\"",
                "instrument = \"decision_3075\"",
                "decision_3074: no reason cites it",
            ),
            (
                "stay_grace_days]\ndefault = 15",
                "stay_grace_days]\ndefault = 400",
                "400 is not from 0 to 365 days",
            ),
            (
                "threshold.stay_grace_days",
                "threshold.stay_grace",
                "does not say that it counts days",
            ),
            ("threshold.grace_days", "threshold.spare_days", "grace_days"),
            (
                "[100, 100, 95, 80, 100]",
                "[100, 100]",
                "`level_rates_percent` cannot be",
            ),
            (
                "version = \"2026.1\"",
                "version = \"\"",
                "version: it is empty",
            ),
        ] {
            let told = told(from, to);
            assert!(told.contains(expected), "{to}: {told}");
        }
    }
}
