//! How the persons of a register are linked: the artefact in force, from which probability on, and how
//! many may share a key.
//!
//! In: an artefact. Out: what is asked of a pair. Must hold: the artefact that comes with the program is
//! valid, and `models/participants-link.md` describes it.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::model::{LinkModel, probability, weight_of_probability};
use super::person::PersonModel;
use super::person_keys::PersonKeyKind;

/// How many rows may share a key for its pairs to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonBounds {
    /// Rows of one name and year of birth. By chance alone, each of so many people shares the date of
    /// birth with (rows - 1) / 365 others: with more, agreement on the date would say nothing.
    pub name_and_year: usize,
    /// Rows of one date of birth and part of the name.
    pub date_and_name: usize,
}

impl Default for PersonBounds {
    fn default() -> Self {
        Self {
            name_and_year: 8,
            date_and_name: 256,
        }
    }
}

impl PersonBounds {
    /// The bound of a kind of key.
    pub fn of(&self, kind: PersonKeyKind) -> usize {
        match kind {
            PersonKeyKind::NameAndYear => self.name_and_year,
            PersonKeyKind::DateAndGivenName | PersonKeyKind::DateAndFamilyName => {
                self.date_and_name
            }
        }
    }
}

/// How persons are linked.
#[derive(Clone, Debug)]
pub struct PersonLinkage {
    /// The model.
    pub model: PersonModel,
    /// How many may share a key.
    pub bounds: PersonBounds,
    least: i32,
    digest: String,
}

impl PersonLinkage {
    /// The least probability of a pair, unless another is asked for. A person looks at every pair, and
    /// merging two people is worse than missing one: nine in ten are to be right.
    pub const PROBABILITY: f64 = 0.9;

    /// Linkage with an artefact from a probability on.
    ///
    /// # Errors
    /// If the artefact compares what participants do not have, or the probability is not between 0 and 1.
    pub fn new(artefact: LinkModel, least: f64) -> Result<Self, String> {
        if !(least > 0.0 && least < 1.0) {
            return Err("a probability is above 0 and below 1, such as 0.9".to_owned());
        }
        Self::from_weight(artefact, weight_of_probability(least))
    }

    /// Linkage with an artefact from a weight on, in thousandths of a bit.
    ///
    /// # Errors
    /// If the artefact compares what participants do not have.
    pub fn from_weight(artefact: LinkModel, least: i32) -> Result<Self, String> {
        let json = Sha256::digest(artefact.to_json());
        Ok(Self {
            digest: json.iter().map(|byte| format!("{byte:02x}")).collect(),
            model: PersonModel::new(artefact)?,
            bounds: PersonBounds::default(),
            least,
        })
    }

    /// Linkage with the artefact that comes with the program. It was learned from a synthetic country:
    /// see `models/participants-link.md`.
    pub fn builtin() -> Arc<Self> {
        static LINKAGE: OnceLock<Arc<PersonLinkage>> = OnceLock::new();
        let linkage = LINKAGE.get_or_init(|| {
            let json = include_str!("../../models/participants-link.json");
            let artefact = LinkModel::from_json(json)
                .expect("the artefact is part of the program, and a test reads it");
            let linkage = Self::new(artefact, Self::PROBABILITY);
            linkage.expect("it compares participants").into()
        });
        linkage.clone()
    }

    /// The least weight of a pair, in thousandths of a bit.
    pub fn least(&self) -> i32 {
        self.least
    }

    /// The least probability of a pair.
    pub fn probability(&self) -> f64 {
        probability(self.least)
    }

    /// SHA-256 of the artefact.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::person::PersonColumns;
    use super::super::person_keys::PersonKeys;
    use super::*;
    use crate::record::{PartialDate, Sex, Value as _};

    /// The artefact in use is valid, canonical, small, and the one its card describes.
    #[test]
    fn the_artefact_and_its_card_belong_together() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        let json = fs::read_to_string(folder.join("participants-link.json")).expect("an artefact");
        let model = LinkModel::from_json(&json).expect("a model");
        assert_eq!(model.to_json(), json);
        assert!(json.len() < 400 << 10, "{} bytes", json.len());
        let card = fs::read_to_string(folder.join("participants-link.md")).expect("a card");
        let builtin = PersonLinkage::builtin();
        assert!(
            card.contains(builtin.digest()),
            "the card is of another model"
        );
        assert_eq!(*builtin.model.artefact(), model);
    }

    #[test]
    fn models_of_other_columns_are_refused() {
        let json = include_str!("../../models/participants-link.json");
        let refused = |from: &str, to: &str| {
            let model = LinkModel::from_json(&json.replace(from, to)).expect("a model");
            PersonLinkage::new(model, 0.9).expect_err("it compares something else")
        };
        let told = refused("\"birth_date\"", "\"born\"");
        assert!(told.contains("`born` as date_of_birth"), "{told}");
        assert!(told.contains("birth_date as date_of_birth"), "{told}");
        let artefact = || PersonLinkage::builtin().model.artefact().clone();
        for least in [0.0, 1.0, f64::NAN] {
            assert!(PersonLinkage::new(artefact(), least).is_err());
        }
        let half = PersonLinkage::new(artefact(), 0.5).expect("a probability");
        assert_eq!((half.least(), half.probability()), (0, 0.5));
    }

    proptest! {
        #[test]
        fn no_pair_weighs_more_than_its_hints_allow(
            words in prop::collection::vec(select(vec!["Nguyễn", "Trần", "Thị", "Văn", "Hoa", "Hòa", "An"]), 1..4),
            others in prop::collection::vec(select(vec!["Nguyễn", "Nguyen", "Thị", "Vân", "Hoàn", "Am"]), 1..4),
            same in any::<bool>(),
            dates in prop::collection::vec(
                select(vec!["1980-02-05", "1980-05-02", "1980-02-15", "1980-11-30", "1980-02", "1980"]), 2),
            sexes in prop::collection::vec(1u8..=3, 2),
            provinces in prop::collection::vec(
                select(vec![None, Some("01"), Some("79"), Some("02"), Some("1"), Some("-"), Some("Huế")]), 2),
        ) {
            let linkage = PersonLinkage::builtin();
            let model = &linkage.model;
            let names = [words.join(" "), if same { words.join(" ") } else { others.join(" ") }];
            let sexes = [0, 1].map(|n| Sex::new(sexes[n]).expect("a sex"));
            let birth = [0, 1].map(|n| PartialDate::from_text(dates[n]).expect("a date"));
            let keys = [0, 1].map(|n| PersonKeys::of(&names[n], birth[n]));
            let records = [0, 1].map(|n| model.record(PersonColumns {
                full_name: &names[n],
                birth_date: dates[n],
                sex: &sexes[n].number().to_string(),
                province: provinces[n],
            }));
            let weight = model.weight(&records[0], &records[1]);
            prop_assert_eq!(weight, model.weight(&records[1], &records[0]));
            for ((kind, key), (_, other)) in keys[0].each().zip(keys[1].each()) {
                if key == other {
                    let [a, b] = [0, 1].map(|n| keys[n].hint(kind, birth[n], sexes[n], provinces[n]));
                    prop_assert!(weight <= model.at_most(a, b), "{kind:?}: {weight}");
                    prop_assert_eq!(model.at_most(a, b), model.at_most(b, a));
                }
            }
        }
    }
}
