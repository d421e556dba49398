//! What is proposed: one value of one record of one database, or that somebody look at it.
//!
//! In: what alerts say, decided. Out: a line of `notices.ndjson`, and back. Must hold: a proposal is told
//! from others by its [`Target`] alone; keys and values are in no `Debug`.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::alert::AlertId;
use crate::authenticate::{Basis, Confidence, Database, Field};
use crate::record::{Day, Stream, Value};
use crate::rule::Reason;

/// The most alerts that a proposal lists: as many as an alert lists rows.
pub const ALERTS_SHOWN: usize = 8;

/// A key or a value, as outputs write it. `Debug` tells its length.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Told(String);

impl Told {
    /// What a value prints as.
    pub fn of(value: &impl fmt::Display) -> Self {
        Self(value.to_string())
    }

    /// The text, for outputs that may carry it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text of {} bytes", self.0.len())
    }
}

/// The one value that a proposal is about.
///
/// The order is byte order of the words and the key, as a database sorts them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Target {
    /// Whose database it is.
    pub database: Database,
    /// The stream in which the record came.
    #[serde(serialize_with = "stream_name")]
    pub stream: Stream,
    /// The record's key, as a subject's id is written.
    pub key: Told,
    /// The field.
    pub field: Field,
}

impl Target {
    fn order(&self) -> (&str, &str, &str, &str) {
        (
            self.database.as_str(),
            self.stream.name(),
            self.key.as_str(),
            self.field.as_str(),
        )
    }
}

impl PartialOrd for Target {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Target {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

/// What is proposed of a value. Two proposals of equal content say the same, whichever alerts they come
/// from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// What is there now; none where nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Told>,
    /// What should be there; none where somebody has to find out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Told>,
    /// The first day on which the proposed value holds, where that is part of it; of evidence of life, the
    /// last day on which there was some.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "optional_day",
        deserialize_with = "optional_day_from"
    )]
    pub since: Option<Day>,
    /// How sure it is.
    pub confidence: Confidence,
    /// Why.
    pub basis: Basis,
    /// The reasons of the alerts that it comes from, in the contract's order; none where it rests on no alert.
    pub reasons: Vec<Reason>,
}

/// A proposal: of what, what, and which alerts it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Proposal {
    /// Of which value.
    #[serde(flatten)]
    pub target: Target,
    /// What.
    #[serde(flatten)]
    pub content: Content,
    /// The alerts, by id, at most [`ALERTS_SHOWN`].
    pub alert_ids: Vec<AlertId>,
    /// How many there are, where not all are listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert_count: Option<usize>,
    /// Through how many employments people are insured, of an employer. Like the alerts it says why, not what:
    /// with another number the notice is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employments: Option<u64>,
}

/// A line, field by field: flattened objects would be buffered to be read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    database: Database,
    #[serde(deserialize_with = "stream_from_name")]
    stream: Stream,
    key: Told,
    field: Field,
    #[serde(default)]
    current: Option<Told>,
    #[serde(default)]
    proposed: Option<Told>,
    #[serde(default, deserialize_with = "optional_day_from")]
    since: Option<Day>,
    confidence: Confidence,
    basis: Basis,
    reasons: Vec<Reason>,
    alert_ids: Vec<AlertId>,
    #[serde(default)]
    alert_count: Option<usize>,
    #[serde(default)]
    employments: Option<u64>,
}

impl<'de> Deserialize<'de> for Proposal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let line = Line::deserialize(deserializer)?;
        Ok(Self {
            target: Target {
                database: line.database,
                stream: line.stream,
                key: line.key,
                field: line.field,
            },
            content: Content {
                current: line.current,
                proposed: line.proposed,
                since: line.since,
                confidence: line.confidence,
                basis: line.basis,
                reasons: line.reasons,
            },
            alert_ids: line.alert_ids,
            alert_count: line.alert_count,
            employments: line.employments,
        })
    }
}

fn stream_name<S: Serializer>(stream: &Stream, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(stream.name())
}

fn stream_from_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Stream, D::Error> {
    let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    let mut streams = Stream::ALL.iter().copied();
    let found = streams.find(|stream| stream.name() == name);
    found.ok_or_else(|| de::Error::custom("expected the name of a stream"))
}

fn optional_day<S: Serializer>(day: &Option<Day>, serializer: S) -> Result<S::Ok, S::Error> {
    match day {
        Some(day) => serializer.collect_str(day),
        None => serializer.serialize_none(),
    }
}

fn optional_day_from<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Day>, D::Error> {
    let text = <Option<std::borrow::Cow<'de, str>>>::deserialize(deserializer)?;
    let day = |text: &str| Day::from_text(text).ok_or_else(|| de::Error::custom(Day::EXPECTED));
    text.map(|text| day(&text)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal() -> Proposal {
        let id = "d1d6223e32520ef5379fe00b71fb22a0";
        Proposal {
            target: Target {
                database: Database::Insurance,
                stream: Stream::Cards,
                key: Told::of(&"DN4790000000001"),
                field: Field::Status,
            },
            content: Content {
                current: Some(Told::of(&"valid")),
                proposed: Some(Told::of(&"reduced")),
                since: Day::from_text("2025-02-03"),
                confidence: Confidence::Medium,
                basis: Basis::OneSource,
                reasons: vec![Reason::StaleCard],
            },
            alert_ids: vec![id.parse().expect("an id")],
            alert_count: None,
            employments: None,
        }
    }

    #[test]
    fn a_line_reads_as_it_was_written() {
        let written = serde_json::to_string(&proposal()).expect("written");
        assert_eq!(
            written,
            concat!(
                r#"{"database":"insurance","stream":"cards","key":"DN4790000000001","field":"status","#,
                r#""current":"valid","proposed":"reduced","since":"2025-02-03","#,
                r#""confidence":"medium","basis":"one_source","reasons":["stale_card"],"#,
                r#""alert_ids":["d1d6223e32520ef5379fe00b71fb22a0"]}"#
            )
        );
        let read: Proposal = serde_json::from_str(&written).expect("read");
        assert_eq!(read, proposal());
    }

    #[test]
    fn what_no_version_wrote_is_refused_and_shows_nobody() {
        let written = serde_json::to_string(&proposal()).expect("written");
        for (right, wrong) in [
            ("cards", "kards"),
            ("one_source", "two_sauces"),
            ("2025-02-03", "2025-02-30"),
            ("\"key\"", "\"kee\""),
            ("stale_card", "fresh_card"),
        ] {
            let read: Result<Proposal, _> = serde_json::from_str(&written.replace(right, wrong));
            let error = read.expect_err("refused").to_string();
            assert!(!error.contains("0000000001"), "{error}");
        }
        assert!(!format!("{:?}", proposal()).contains("0000000001"));
    }

    #[test]
    fn targets_are_in_byte_order_of_their_words() {
        let target = |database, stream, key: &str, field| Target {
            database,
            stream,
            key: Told::of(&key),
            field,
        };
        let (insurance, population) = (Database::Insurance, Database::Population);
        let in_order = [
            target(insurance, Stream::Cards, "B", Field::Status),
            target(insurance, Stream::Employments, "A", Field::To),
            target(insurance, Stream::Participants, "A", Field::FullName),
            target(insurance, Stream::Participants, "A", Field::SiNumber),
            target(population, Stream::Citizens, "A", Field::DeathDate),
        ];
        assert!(in_order.is_sorted());
    }
}
