//! Words for coded values: streams, statuses, sources, kinds of visits.

use super::Language;
use super::english::English;
use super::vietnamese::Vietnamese;
use crate::record::{
    CardStatus, DeathSource, EnterpriseStatus, LifeStatus, Sex, Stream, VisitType,
};

/// The words of one language.
pub(super) trait Words {
    fn stream(&self, stream: Stream) -> &'static str;
    fn record(&self, stream: Stream) -> &'static str;
    fn life_status(&self, status: LifeStatus) -> &'static str;
    fn death_source(&self, source: DeathSource) -> &'static str;
    fn card_status(&self, status: CardStatus) -> &'static str;
    fn enterprise_status(&self, status: EnterpriseStatus) -> &'static str;
    fn visit_type(&self, number: u8) -> &'static str;
    fn sex(&self, sex: Sex) -> &'static str;
}

impl Language {
    fn words(self) -> &'static dyn Words {
        match self {
            Self::English => &English,
            Self::Vietnamese => &Vietnamese,
        }
    }

    /// A stream as a whole.
    pub fn stream(self, stream: Stream) -> &'static str {
        self.words().stream(stream)
    }

    /// One record of a stream.
    pub fn record(self, stream: Stream) -> &'static str {
        self.words().record(stream)
    }

    /// What the population register says of a citizen.
    pub fn life_status(self, status: LifeStatus) -> &'static str {
        self.words().life_status(status)
    }

    /// Who reported a death.
    pub fn death_source(self, source: DeathSource) -> &'static str {
        self.words().death_source(source)
    }

    /// The status of a card.
    pub fn card_status(self, status: CardStatus) -> &'static str {
        self.words().card_status(status)
    }

    /// The status of an enterprise.
    pub fn enterprise_status(self, status: EnterpriseStatus) -> &'static str {
        self.words().enterprise_status(status)
    }

    /// The kind of a visit.
    pub fn visit_type(self, visit_type: VisitType) -> &'static str {
        self.words().visit_type(visit_type.number())
    }

    /// A legal sex.
    pub fn sex(self, sex: Sex) -> &'static str {
        self.words().sex(sex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::is_composed;

    /// Every word of a language, in one order.
    fn every(language: Language) -> Vec<&'static str> {
        let words = language.words();
        let mut all: Vec<&str> = Stream::ALL
            .iter()
            .flat_map(|s| [words.stream(*s), words.record(*s)])
            .collect();
        all.extend(LifeStatus::ALL.iter().map(|s| words.life_status(*s)));
        all.extend(DeathSource::ALL.iter().map(|s| words.death_source(*s)));
        all.extend(CardStatus::ALL.iter().map(|s| words.card_status(*s)));
        all.extend(
            EnterpriseStatus::ALL
                .iter()
                .map(|s| words.enterprise_status(*s)),
        );
        all.extend((1..=16).map(|number| words.visit_type(number)));
        all.extend((1..=3).filter_map(Sex::new).map(|sex| words.sex(sex)));
        all
    }

    #[test]
    fn both_languages_have_every_word() {
        let (english, vietnamese) = (every(Language::English), every(Language::Vietnamese));
        assert_eq!(english.len(), vietnamese.len());
        for (en, vi) in english.iter().zip(&vietnamese) {
            assert!(!en.is_empty() && !vi.is_empty());
            assert_ne!(en, vi);
            assert!(en.is_ascii());
            assert!(is_composed(vi));
        }
    }
}
