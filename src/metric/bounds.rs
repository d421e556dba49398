//! Names that become label values though the program does not know them when it is built.
//!
//! In: names from the configuration and from the dataflow. Out: the same, checked. Must hold: there are
//! few, and none can be the number of a person, a card, a visit or a facility.

use std::fmt;

use super::http::Route;
use super::running::Build;

/// Digits in a row from which on a text may be an identifier: facilities have 5, everything else more.
const IDENTIFIER_DIGITS: usize = 5;

const LONGEST_NAME: usize = 64;
const LONGEST_ROUTE: usize = 80;
const MOST_SOURCES: usize = 32;
const MOST_WEBHOOKS: usize = 8;
const MOST_OPERATORS: usize = 64;
const MOST_ROUTES: usize = 64;

/// A name that may be a label value: of a source, a rule set, a model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// Checks a name.
    ///
    /// # Errors
    /// When it is empty, longer than 64 characters, has characters other than ASCII letters, digits, `.`,
    /// `_` and `-`, or five digits in a row.
    pub fn new(text: &str) -> Result<Self, BoundsError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if text.is_empty() || text.len() > LONGEST_NAME || !text.chars().all(is_plain) {
            return Err(BoundsError::Form);
        }
        if may_identify(text) {
            return Err(BoundsError::Identifier);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The first four bytes of a digest: enough to tell versions apart at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(pub [u8; 4]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// What is known of label values when the service starts.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The binary.
    pub build: Build,
    /// The sources of the configuration: at most 32.
    pub sources: Vec<Name>,
    /// Those of them that read Kafka.
    pub kafka_sources: Vec<Name>,
    /// The webhooks of the configuration: at most 8.
    pub webhooks: Vec<Name>,
    /// The arrangements of the dataflow: at most 64; what has another name is told as `other`.
    pub arrangements: Vec<&'static str>,
    /// The operators whose time is told apart: at most 64; that of the others is summed as `other`.
    pub operators: Vec<&'static str>,
    /// The routes of both listeners: at most 64; others are told as `other`.
    pub routes: Vec<Route>,
}

/// Why names cannot be label values. The refused name is not repeated: it may be an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BoundsError {
    /// Empty, too long, or with other characters.
    #[error(
        "a name for metrics has 1 to 64 ASCII letters, digits, `.`, `_` or `-`: rename it in the configuration"
    )]
    Form,
    /// Five digits in a row.
    #[error(
        "a name for metrics has five digits in a row, as an identifier would: rename it in the configuration"
    )]
    Identifier,
    /// A text of the program that is no label value.
    #[error("`{name}` of {of} cannot be a label value: rename it in the program")]
    Text {
        /// The name.
        name: String,
        /// What it names.
        of: &'static str,
    },
    /// Twice.
    #[error("two {of} are called `{name}`: rename one")]
    Twice {
        /// The name.
        name: String,
        /// What it names.
        of: &'static str,
    },
    /// Too many.
    #[error("{count} {of} are more than the {most} that metrics tell apart: name fewer")]
    TooMany {
        /// What is named.
        of: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// A family that the registry refused: two have one name, or a name is malformed.
    #[error("metric `{name}` cannot be registered: {message}")]
    Family {
        /// The family.
        name: &'static str,
        /// What the registry says.
        message: String,
    },
}

impl Names {
    /// Checks all of them.
    ///
    /// # Errors
    /// The first that is malformed, there twice or too many.
    pub(super) fn check(&self) -> Result<(), BoundsError> {
        let sources: Vec<&str> = self.sources.iter().map(Name::as_str).collect();
        distinct("sources", MOST_SOURCES, &sources)?;
        let webhooks: Vec<&str> = self.webhooks.iter().map(Name::as_str).collect();
        distinct("webhooks", MOST_WEBHOOKS, &webhooks)?;
        distinct("arrangements", MOST_OPERATORS, &self.arrangements)?;
        distinct("operators", MOST_OPERATORS, &self.operators)?;
        let routes: Vec<String> = self.routes.iter().map(Route::to_string).collect();
        let routes: Vec<&str> = routes.iter().map(String::as_str).collect();
        distinct("routes", MOST_ROUTES, &routes)
    }
}

fn distinct(of: &'static str, most: usize, names: &[&str]) -> Result<(), BoundsError> {
    if names.len() > most {
        return Err(BoundsError::TooMany {
            of,
            count: names.len(),
            most,
        });
    }
    for (place, name) in names.iter().enumerate() {
        let is_text = !name.is_empty() && name.len() <= LONGEST_ROUTE;
        let is_plain = name.chars().all(|c| c == ' ' || c.is_ascii_graphic());
        if !is_text || !is_plain || may_identify(name) || *name == OTHER {
            return Err(BoundsError::Text {
                name: (*name).to_owned(),
                of,
            });
        }
        if names[..place].contains(name) {
            return Err(BoundsError::Twice {
                name: (*name).to_owned(),
                of,
            });
        }
    }
    Ok(())
}

/// What stands for all names that were not known at the start.
pub(super) const OTHER: &str = "other";

/// Whether a text has as many digits in a row as an identifier.
pub(super) fn may_identify(text: &str) -> bool {
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    text.as_bytes().windows(IDENTIFIER_DIGITS).any(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_may_be_identifiers_are_refused() {
        for text in ["kafka-claims", "2026.03-2", "push_9090", "A"] {
            assert_eq!(Name::new(text).map(|name| name.0), Ok(text.to_owned()));
        }
        for text in ["", "two words", "Hồ Chí Minh", "a/b", &"x".repeat(65)] {
            assert_eq!(Name::new(text), Err(BoundsError::Form), "{text}");
        }
        for text in ["01001", "claims-012345678901", "v12345"] {
            let error = Name::new(text).expect_err("an identifier");
            assert_eq!(error, BoundsError::Identifier);
            assert!(!error.to_string().contains(text), "it is not repeated");
        }
    }

    #[test]
    fn what_is_there_twice_or_too_often_is_refused() {
        let names = |arrangements: Vec<&'static str>| Names {
            arrangements,
            ..Names::default()
        };
        assert_eq!(names(vec!["labels", "citizens"]).check(), Ok(()));
        assert!(matches!(
            names(vec!["labels", "labels"]).check(),
            Err(BoundsError::Twice { .. })
        ));
        assert!(matches!(
            names(vec!["other"]).check(),
            Err(BoundsError::Text { .. })
        ));
        let many = Names {
            sources: (0..33)
                .map(|n| Name::new(&format!("s{n}")).expect("a name"))
                .collect(),
            ..Names::default()
        };
        let told = many.check().expect_err("too many").to_string();
        assert_eq!(
            told,
            "33 sources are more than the 32 that metrics tell apart: name fewer"
        );
    }

    #[test]
    fn a_digest_is_eight_hexadecimal_digits() {
        assert_eq!(Digest([0, 0x1b, 0xff, 0xe0]).to_string(), "001bffe0");
    }
}
