//! What a source of Kafka is told: brokers, topics, properties.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use toml::de::DeValue;

use super::secret::Secret;
use super::store::is_this_machine;
use super::value::{Context, Fault, Setting, Written, list, text};
use crate::access::{stream, stream_names};
use crate::record::Stream;

/// Brokers to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brokers(pub Vec<String>);

impl Brokers {
    /// Whether rows come from them unread by others, by this security protocol.
    pub(super) fn are_safe(&self, protocol: Option<&str>) -> bool {
        let is_tls = protocol.is_some_and(|protocol| {
            let mut tls = ["ssl", "sasl_ssl"].iter();
            tls.any(|tls| protocol.eq_ignore_ascii_case(tls))
        });
        let mut hosts = self.0.iter().filter_map(|broker| broker.rsplit_once(':'));
        is_tls || hosts.all(|(host, _)| is_this_machine(host))
    }
}

impl Setting for Brokers {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let expected = "expected a list of brokers, each HOST:PORT";
        let is_broker = |text: &str| {
            let parts = text.rsplit_once(':');
            let is_plain = !text.contains(|c: char| c.is_whitespace() || ",/@".contains(c));
            is_plain
                && parts.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        };
        let brokers = list(value, expected)?.iter().map(|broker| {
            let name = text(broker, expected)?;
            let named = is_broker(name).then(|| name.to_owned());
            named.ok_or_else(|| (broker.span(), expected.to_owned()))
        });
        brokers.collect::<Result<_, _>>().map(Self)
    }
}

/// The stream that each topic carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics(pub BTreeMap<String, Stream>);

impl Setting for Topics {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let expected = format!(
            "expected a stream for each topic, one of {}",
            stream_names()
        );
        let topics = match value.get_ref() {
            DeValue::Table(topics) if !topics.is_empty() => topics,
            _ => return Err((value.span(), expected)),
        };
        let topics = topics.iter().map(|(topic, name)| {
            let name_of_topic: &str = topic.get_ref();
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            if !(1..=249).contains(&name_of_topic.len()) || !name_of_topic.chars().all(is_plain) {
                let message = "expected a topic of 1 to 249 of letters, digits, ., _ and -";
                return Err((topic.span(), message.to_owned()));
            }
            let known = stream(text(name, &expected)?);
            let known = known.ok_or_else(|| (name.span(), expected.clone()))?;
            Ok((name_of_topic.to_owned(), known))
        });
        topics.collect::<Result<_, _>>().map(Self)
    }
}

/// The value of a property.
#[derive(Clone, PartialEq)]
pub enum Property {
    /// As the configuration has it.
    Plain(String),
    /// From a file or an environment variable.
    Secret(Secret),
}

impl Property {
    /// The value itself, for librdkafka.
    pub fn reveal(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(secret) => secret.reveal(),
        }
    }
}

impl fmt::Debug for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => fmt::Debug::fmt(text, f),
            Self::Secret(secret) => fmt::Debug::fmt(secret, f),
        }
    }
}

/// Properties of librdkafka.
#[derive(Clone, Debug, PartialEq)]
pub struct Properties(pub BTreeMap<String, Property>);

/// What fundwatch sets itself, since each row counts once only if nobody else does.
const OWN: [&str; 8] = [
    "bootstrap.servers",
    "metadata.broker.list",
    "group.id",
    "enable.auto.commit",
    "auto.commit.enable",
    "enable.auto.offset.store",
    "isolation.level",
    "enable.partition.eof",
];

/// What a name of a property has in it that is secret. A path of a file is not, whatever it is called.
const SECRET_PARTS: [&str; 4] = ["password", "secret", "key.pem", "oauthbearer.config"];

fn is_secret(name: &str) -> bool {
    !name.ends_with(".location") && SECRET_PARTS.iter().any(|part| name.contains(part))
}

impl Properties {
    /// The value of a property that is not secret.
    pub fn plain(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Property::Plain(text) => Some(text),
            Property::Secret(_) => None,
        }
    }
}

impl Setting for Properties {
    fn read(value: &Written<'_>, context: &Context<'_>) -> Result<Self, Fault> {
        let DeValue::Table(properties) = value.get_ref() else {
            let expected = "expected a table of properties of librdkafka";
            return Err((value.span(), expected.to_owned()));
        };
        let properties = properties.iter().map(|(name, value)| {
            let text: &str = name.get_ref();
            if OWN.contains(&text) {
                let message = "fundwatch sets this property itself; leave it out";
                return Err((name.span(), message.to_owned()));
            }
            Ok((text.to_owned(), property(text, value, context)?))
        });
        properties.collect::<Result<_, _>>().map(Self)
    }
}

fn property(name: &str, value: &Written<'_>, context: &Context<'_>) -> Result<Property, Fault> {
    let plain = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Boolean(is_so) => is_so.to_string(),
        DeValue::Integer(digits) if digits.radix() == 10 => digits.as_str().to_owned(),
        DeValue::Float(digits) => digits.as_str().to_owned(),
        DeValue::Table(_) => return secret(value, context).map(Property::Secret),
        _ => {
            let expected = "expected a text, a number, true or false";
            return Err((value.span(), expected.to_owned()));
        }
    };
    match is_secret(name) {
        true => Err((
            value.span(),
            "a secret does not stand in this file; write { file = \"…\" } or { env = \"…\" }"
                .to_owned(),
        )),
        false => Ok(Property::Plain(plain)),
    }
}

/// The secret of a table `{ file = "…" }` or `{ env = "…" }`.
fn secret(value: &Written<'_>, context: &Context<'_>) -> Result<Secret, Fault> {
    let expected = || {
        (
            value.span(),
            "expected { file = \"…\" } or { env = \"…\" }".to_owned(),
        )
    };
    let DeValue::Table(table) = value.get_ref() else {
        return Err(expected());
    };
    let mut entries = table.iter();
    let (Some((key, place)), None) = (entries.next(), entries.next()) else {
        return Err(expected());
    };
    let read = match key.get_ref().as_ref() {
        "file" => context.secret_of_file(&PathBuf::read(place, context)?),
        "env" => context.secret_of_variable(&String::read(place, context)?),
        _ => return Err(expected()),
    };
    read.map_err(|message| (place.span(), message))
}
