//! Values of a configuration: from what TOML says to what the service works with.
//!
//! In: a value of the file, at its place. Out: a value that is right, or what is expected, at the place of
//! what is not. Must hold: a message never quotes a value, which may be a secret at the wrong key.

use std::net::SocketAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::DeValue;
use zeroize::Zeroizing;

use super::bytes::Bytes;
use super::secret::Secret;
use crate::access::{Role, StreamSet, TotpRule, is_plain_name, stream, stream_names};
use crate::notice::Span;
use crate::persons::MOST_SLICES;
use crate::rule::{Reason, ReasonSet};
use crate::self_replay::LocalClock;

/// What is wrong, and at which bytes of the file.
pub(super) type Fault = (Range<usize>, String);

/// A value of the file.
pub(super) type Written<'i> = Spanned<DeValue<'i>>;

/// What a file is read in.
pub(super) struct Context<'a> {
    /// That of the file: paths in it are relative to it.
    pub directory: &'a Path,
    /// Gives the value of an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
}

/// A type that a key of the configuration can have.
pub(super) trait Setting: Sized {
    /// Reads a value.
    fn read(value: &Written<'_>, context: &Context<'_>) -> Result<Self, Fault>;

    /// What an absent key without a default is.
    fn absent() -> Option<Self> {
        None
    }

    /// Whether it lies between two others; of types without an order, it does.
    fn is_within(&self, _low: &Self, _high: &Self) -> bool {
        true
    }
}

impl<T: Setting> Setting for Option<T> {
    fn read(value: &Written<'_>, context: &Context<'_>) -> Result<Self, Fault> {
        T::read(value, context).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn is_within(&self, low: &Self, high: &Self) -> bool {
        match (self, low, high) {
            (Some(value), Some(low), Some(high)) => value.is_within(low, high),
            _ => true,
        }
    }
}

/// The text of a value.
pub(super) fn text<'a>(value: &'a Written<'_>, expected: &str) -> Result<&'a str, Fault> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text),
        _ => Err((value.span(), format!("{expected}, in quotation marks"))),
    }
}

/// A value that is parsed from a text.
fn parsed<T>(
    value: &Written<'_>,
    expected: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, Fault> {
    let parsed = parse(text(value, expected)?);
    parsed.ok_or_else(|| (value.span(), expected.to_owned()))
}

/// The values of a list that is not empty.
pub(super) fn list<'a, 'i>(
    value: &'a Written<'i>,
    expected: &str,
) -> Result<&'a [Written<'i>], Fault> {
    match value.get_ref() {
        DeValue::Array(list) if !list.is_empty() => Ok(list.as_ref()),
        _ => Err((value.span(), expected.to_owned())),
    }
}

macro_rules! whole_numbers {
    ($($ty:ty),*) => { $(
        impl Setting for $ty {
            fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
                let number = match value.get_ref() {
                    DeValue::Integer(digits) => {
                        Self::from_str_radix(digits.as_str(), digits.radix()).ok()
                    }
                    _ => None,
                };
                number.ok_or_else(|| (value.span(), "expected a whole number".to_owned()))
            }

            fn is_within(&self, low: &Self, high: &Self) -> bool {
                (low..=high).contains(&self)
            }
        }
    )* };
}

whole_numbers!(u32, u64);

/// A share of a whole, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Share(pub f64);

impl Setting for Share {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let number: Option<f64> = match value.get_ref() {
            DeValue::Float(digits) => digits.as_str().parse().ok(),
            DeValue::Integer(digits) => digits.as_str().parse().ok(),
            _ => None,
        };
        let share = number.filter(|share| (0.0..=1.0).contains(share));
        let expected = || (value.span(), "expected a share from 0.0 to 1.0".to_owned());
        share.map(Self).ok_or_else(expected)
    }
}

impl Setting for bool {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        match value.get_ref() {
            DeValue::Boolean(is_so) => Ok(*is_so),
            _ => Err((value.span(), "expected true or false".to_owned())),
        }
    }
}

impl Setting for Span {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        parsed(value, Self::EXPECTED, |text| text.parse().ok())
    }

    fn is_within(&self, low: &Self, high: &Self) -> bool {
        (low..=high).contains(&self)
    }
}

impl Setting for Bytes {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        parsed(value, Self::EXPECTED, |text| text.parse().ok())
    }

    fn is_within(&self, low: &Self, high: &Self) -> bool {
        (low..=high).contains(&self)
    }
}

impl Setting for SocketAddr {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let expected = "expected an address and a port such as 127.0.0.1:8080 or [::1]:8080";
        parsed(value, expected, |text| text.parse().ok())
    }
}

impl Setting for String {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let text = text(value, "expected a text")?;
        let is_plain = !text.trim().is_empty() && !text.chars().any(char::is_control);
        let expected = "expected a text that is not empty, in one line";
        is_plain
            .then(|| text.to_owned())
            .ok_or_else(|| (value.span(), expected.to_owned()))
    }
}

/// The name of a source or of a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PlainName(pub String);

impl Setting for PlainName {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let expected = "expected 1 to 64 of a-z, 0-9, ., - and _";
        let name = |text: &str| is_plain_name(text).then(|| Self(text.to_owned()));
        parsed(value, expected, name)
    }
}

/// A path; one that is not absolute is relative to the file's directory.
impl Setting for PathBuf {
    fn read(value: &Written<'_>, context: &Context<'_>) -> Result<Self, Fault> {
        let is_path = |text: &str| !text.is_empty() && !text.contains('\0');
        let path = |text: &str| is_path(text).then(|| context.directory.join(text));
        parsed(value, "expected a path", path)
    }
}

impl Setting for StreamSet {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let expected = format!("expected a list of streams: {}", stream_names());
        let names = list(value, &expected)?.iter();
        names.map(|name| parsed(name, &expected, stream)).collect()
    }
}

impl Setting for ReasonSet {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let all: Vec<&str> = Reason::ALL.iter().map(|one| one.as_str()).collect();
        let expected = format!("expected a list of reasons: {}", all.join(", "));
        let names = list(value, &expected)?.iter();
        names
            .map(|name| parsed(name, &expected, Reason::from_name))
            .collect()
    }
}

impl Setting for Role {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let expected = format!("expected one of {}", Role::names());
        parsed(value, &expected, Role::from_name)
    }
}

impl Setting for TotpRule {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let names = Self::ALL.map(Self::as_str).join(", ");
        parsed(value, &format!("expected one of {names}"), Self::from_name)
    }
}

/// Days for which something is kept: a span in whole days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Days(pub u32);

impl Setting for Days {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        parsed(value, "expected whole days such as 400d", |text| {
            let span: Span = text.parse().ok()?;
            let days = u32::try_from(span.0.as_secs() / 86_400).ok()?;
            text.ends_with('d').then_some(Self(days))
        })
    }

    fn is_within(&self, low: &Self, high: &Self) -> bool {
        (low..=high).contains(&self)
    }
}

/// A span, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// Nothing is expected.
    Off,
    /// It is expected this often.
    Every(Span),
}

impl Setting for Interval {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let expected = format!("{}, or off", Span::EXPECTED);
        parsed(value, &expected, |text| match text {
            "off" => Some(Self::Off),
            text => text.parse().ok().map(Self::Every),
        })
    }
}

/// A time of every day, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NightlyAt {
    /// Never.
    Off,
    /// At this time.
    At(LocalClock),
}

impl Setting for NightlyAt {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let expected = "expected a time of the day such as 01:30, or off";
        parsed(value, expected, |text| match text {
            "off" => Some(Self::Off),
            text => text.parse().ok().map(Self::At),
        })
    }
}

/// Whose rows are replayed in a night.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NightlyPersons {
    /// As many as fit into the memory.
    Auto,
    /// Everybody's.
    All,
    /// One part of so many.
    OneIn(u32),
}

impl Setting for NightlyPersons {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let expected = format!("expected auto, all, or a part from 1/2 to 1/{MOST_SLICES}");
        let part = |text: &str| {
            let of = text.strip_prefix("1/")?.parse().ok();
            of.filter(|of| (2..=MOST_SLICES).contains(of))
        };
        parsed(value, &expected, |text| match text {
            "auto" => Some(Self::Auto),
            "all" => Some(Self::All),
            text => part(text).map(Self::OneIn),
        })
    }
}

/// What lets a source go on that was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// An operator's command alone.
    Operator,
    /// Time, or an operator's command before.
    After(Span),
}

impl Setting for Resume {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let expected = format!("{}, or operator", Span::EXPECTED);
        parsed(value, &expected, |text| match text {
            "operator" => Some(Self::Operator),
            text => text.parse().ok().map(Self::After),
        })
    }
}

macro_rules! words {
    ($( $(#[$doc:meta])* $name:ident {
        $( $(#[$word_doc:meta])* $variant:ident = $word:literal, )*
    } )*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $( $(#[$word_doc])* $variant, )* }

        impl $name {
            /// As the configuration has it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl Setting for $name {
            fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
                let expected = format!("expected one of {}", [$($word),*].join(", "));
                parsed(value, &expected, |text| match text {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                })
            }
        }
    )* };
}

words! {
    /// What is logged: everything from this on.
    LogLevel {
        /// What went wrong for good.
        Error = "error",
        /// What may go wrong.
        Warn = "warn",
        /// What an operator wants to know.
        Info = "info",
        /// What a developer wants to know.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }

    /// How it is logged.
    LogFormat {
        /// Text on a terminal, else JSON.
        Auto = "auto",
        /// For people.
        Text = "text",
        /// For programs: an object a line.
        Json = "json",
    }

    /// How rows come to a source.
    SourceKindName {
        /// As files in a directory.
        Directory = "directory",
        /// As messages of topics.
        Kafka = "kafka",
    }

    /// Where a partition is read from that was never read.
    KafkaStart {
        /// Its first message.
        Beginning = "beginning",
        /// What comes after its last message.
        End = "end",
    }
}

impl Context<'_> {
    /// The secret in a file.
    pub fn secret_of_file(&self, path: &Path) -> Result<Secret, String> {
        Secret::of_file(path).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// The secret in an environment variable.
    pub fn secret_of_variable(&self, name: &str) -> Result<Secret, String> {
        let Some(value) = (self.variable)(name) else {
            // A secret at the wrong key is not told.
            return Err("the environment has no variable of this name; set it".to_owned());
        };
        let value = Zeroizing::new(value);
        Secret::new(&value).map_err(str::to_owned)
    }
}
