//! Thresholds: the numbers of a condition, as the catalogue defines them.
//!
//! In: TOML. Out: values of a known shape. Must hold: a value that [`Threshold::check`] accepts has the
//! threshold's shape and is in its range.

use std::fmt;

use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::catalogue::Both;
use crate::language::Language;
use crate::record::{Day, Value as _};

/// The most rows of a value that changes with the day.
const MOST_DAYS: usize = 64;

/// What a threshold counts; its name, or that of its column by day, says so too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Minutes.
    Minutes,
    /// Calendar days.
    Days,
    /// Visits of one person.
    Visits,
    /// Facilities.
    Facilities,
    /// Sources of a death.
    Sources,
    /// Hundredths.
    Percent,
    /// Vietnamese dong.
    Dong,
    /// Millionths.
    Millionths,
}

/// A number that a condition turns on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Its value where no setting says otherwise.
    pub default: Value,
    /// What it counts.
    pub unit: Unit,
    /// The least number allowed.
    pub least: i64,
    /// The greatest number allowed.
    pub most: i64,
    en: String,
    vi: String,
}

/// The value of a threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A whole number.
    Whole(i64),
    /// Whole numbers in an order that the threshold explains.
    List(Vec<i64>),
    /// A whole number from a day on, and another from a later day, by day; what they count is said.
    ByDay(Unit, Vec<(Day, i64)>),
}

impl Unit {
    const ALL: [Self; 8] = [
        Self::Minutes,
        Self::Days,
        Self::Visits,
        Self::Facilities,
        Self::Sources,
        Self::Percent,
        Self::Dong,
        Self::Millionths,
    ];

    /// Its name in TOML.
    pub fn name(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Days => "days",
            Self::Visits => "visits",
            Self::Facilities => "facilities",
            Self::Sources => "sources",
            Self::Percent => "percent",
            Self::Dong => "dong",
            Self::Millionths => "millionths",
        }
    }

    /// Its word, to stand behind a number.
    pub fn word(self, number: i64, language: Language) -> &'static str {
        match (self, language) {
            (Self::Percent, _) => "%",
            (Self::Minutes, Language::English) if number == 1 => "minute",
            (Self::Days, Language::English) if number == 1 => "day",
            (Self::Visits, Language::English) if number == 1 => "visit",
            (Self::Facilities, Language::English) if number == 1 => "facility",
            (Self::Sources, Language::English) if number == 1 => "source",
            (Self::Millionths, Language::English) if number == 1 => "millionth",
            (_, Language::English) => self.name(),
            (Self::Minutes, _) => "phút",
            (Self::Days, _) => "ngày",
            (Self::Visits, _) => "lượt khám",
            (Self::Facilities, _) => "cơ sở",
            (Self::Sources, _) => "nguồn",
            (Self::Dong, _) => "đồng",
            (Self::Millionths, _) => "phần triệu",
        }
    }
}

impl Threshold {
    /// What it means.
    pub fn meaning(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Vietnamese => &self.vi,
        }
    }

    pub(super) fn texts(&self) -> Both<'_> {
        Both {
            en: &self.en,
            vi: &self.vi,
        }
    }

    /// Whether a value is one that it may have.
    ///
    /// # Errors
    /// With what is wrong and what is allowed.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        match (value, &self.default) {
            (Value::Whole(_), Value::Whole(_)) => {}
            (Value::List(list), Value::List(default)) if list.len() == default.len() => {}
            (Value::ByDay(unit, _), Value::ByDay(..)) if *unit == self.unit => {}
            // An empty list tells no shape.
            (Value::List(list), Value::ByDay(..)) if list.is_empty() => {}
            _ => return Err(format!("expected {}", self.shape())),
        }
        let out_of_range = |number: &i64| !(self.least..=self.most).contains(number);
        if let Some(number) = value.numbers().find(out_of_range) {
            let (least, most, unit) = (self.least, self.most, self.unit.name());
            return Err(format!("{number} is not from {least} to {most} {unit}"));
        }
        if let Value::ByDay(_, days) = value {
            if days.len() > MOST_DAYS {
                return Err(format!("more than {MOST_DAYS} days"));
            }
            if let Some(pair) = days.windows(2).find(|pair| pair[0].0 >= pair[1].0) {
                let (one, next) = (pair[0].0, pair[1].0);
                return Err(format!(
                    "{next} stands behind {one}; put the days in order, each once"
                ));
            }
        }
        Ok(())
    }

    /// The shape of its values, for people who write one.
    pub fn shape(&self) -> String {
        let unit = self.unit.name();
        match &self.default {
            Value::Whole(_) => format!("a whole number of {unit}, as {}", self.default),
            Value::List(list) => {
                let count = list.len();
                format!("{count} whole numbers of {unit}, as {}", self.default)
            }
            Value::ByDay(..) => {
                format!("a list of days and {unit}, as [{{ from = 2024-07-01, {unit} = 1 }}]")
            }
        }
    }
}

impl Value {
    /// Every number in it.
    fn numbers(&self) -> impl Iterator<Item = i64> + '_ {
        let (list, by_day) = match self {
            Self::Whole(number) => (std::slice::from_ref(number), &[][..]),
            Self::List(list) => (list.as_slice(), &[][..]),
            Self::ByDay(_, days) => (&[][..], days.as_slice()),
        };
        let by_day = by_day.iter().map(|(_, number)| *number);
        list.iter().copied().chain(by_day)
    }

    /// The number, where it is one.
    pub fn as_whole(&self) -> Option<i64> {
        match self {
            Self::Whole(number) => Some(*number),
            Self::List(_) | Self::ByDay(..) => None,
        }
    }
}

/// As TOML has it.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => write!(f, "{number}"),
            Self::List(list) => write!(f, "{list:?}"),
            Self::ByDay(unit, days) => {
                let unit = unit.name();
                let row =
                    |(day, number): &(Day, i64)| format!("{{ from = {day}, {unit} = {number} }}");
                let rows: Vec<String> = days.iter().map(row).collect();
                write!(f, "[{}]", rows.join(", "))
            }
        }
    }
}

/// A row of a value that changes with the day, as JSON has it.
#[derive(Serialize)]
struct OfDay<'a> {
    #[serde(serialize_with = "display")]
    from: Day,
    #[serde(flatten)]
    number: std::collections::BTreeMap<&'a str, i64>,
}

fn display<S: Serializer>(day: &Day, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Whole(number) => serializer.serialize_i64(*number),
            Self::List(list) => serializer.collect_seq(list),
            Self::ByDay(unit, days) => {
                serializer.collect_seq(days.iter().map(|(day, number)| OfDay {
                    from: *day,
                    number: [(unit.name(), *number)].into(),
                }))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, a list of them, or a list of days with a number each")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Whole(number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let (mut list, mut days, mut unit) = (Vec::new(), Vec::new(), None);
        while let Some(item) = items.next_element::<Item>()? {
            match item {
                Item::Number(number) if days.is_empty() => list.push(number),
                Item::OfDay(day, of, number)
                    if list.is_empty() && unit.is_none_or(|unit| unit == of) =>
                {
                    unit = Some(of);
                    days.push((day, number));
                }
                _ => return Err(de::Error::custom("the entries of the list are not alike")),
            }
        }
        Ok(match unit {
            Some(unit) => Value::ByDay(unit, days),
            None => Value::List(list),
        })
    }
}

enum Item {
    Number(i64),
    OfDay(Day, Unit, i64),
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemVisitor)
    }
}

struct ItemVisitor;

impl<'de> Visitor<'de> for ItemVisitor {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, or a day `from` with a whole number")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Item, E> {
        Ok(Item::Number(number))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Item, A::Error> {
        let (mut from, mut number) = (None, None);
        while let Some(key) = entries.next_key::<String>()? {
            if key == "from" {
                let date: toml::value::Datetime = entries.next_value()?;
                let day = Day::from_text(&date.to_string());
                let wrong = || de::Error::custom("expected a day such as 2024-07-01");
                from = Some(day.ok_or_else(wrong)?);
                continue;
            }
            let unit = Unit::ALL.into_iter().find(|unit| unit.name() == key);
            match unit.filter(|_| number.is_none()) {
                Some(unit) => number = Some((unit, entries.next_value()?)),
                None => return Err(de::Error::custom(format!("unexpected `{key}`"))),
            }
        }
        match (from, number) {
            (Some(from), Some((unit, number))) => Ok(Item::OfDay(from, unit, number)),
            (None, _) => Err(de::Error::missing_field("from")),
            (_, None) => Err(de::Error::custom("no number beside `from`")),
        }
    }
}
