//! What the values of a change envelope stand for.
//!
//! In: the Kafka Connect schema that comes with an envelope, if one does. Out: how to read the value
//! of each column. Must hold: no value is guessed at when it has two meanings.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::super::json::{self, Layout};
use crate::record::{Cell, ErrorCode, Instant, Kind, RowError, Value};

/// How the value of a column is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As in a plain row.
    Plain,
    /// A number is days since 1970-01-01.
    Days,
    /// A number is a time since 1970-01-01T00:00 without time zone, in units of so many nanoseconds.
    Local(i64),
    /// Text is an ISO 8601 time with an offset.
    Zoned,
    /// Text is a base64 integer, to be divided by a power of ten.
    Decimal(i8),
    /// An object holds a base64 integer and its power of ten.
    ScaledDecimal,
    /// A number may be a year or days: the schema that would tell is absent.
    Ambiguous,
}

/// A node of a Kafka Connect schema.
#[derive(Deserialize)]
struct Node {
    field: Option<String>,
    name: Option<String>,
    #[serde(default)]
    fields: Vec<Node>,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
struct Parameters {
    scale: Option<String>,
}

/// The encodings of the columns in the `member` (`before` or `after`) of an envelope.
pub(super) fn read(schema: &str, member: &str, layout: &Layout) -> Result<Vec<Encoding>, RowError> {
    let unusable = |_| {
        let message = "the envelope's schema is not a Kafka Connect schema";
        RowError::new(ErrorCode::BadEnvelope, message)
    };
    // serde_json bounds the depth of what is read by recursion.
    let root: Node = serde_json::from_str(schema).map_err(unusable)?;
    let mut encodings = without_schema(layout);
    let described = |node: &&Node| node.field.as_deref() == Some(member);
    let Some(row) = root.fields.iter().find(described) else {
        return Ok(encodings);
    };
    for node in &row.fields {
        let name = node.field.as_deref();
        if let Some(column) = layout.names.iter().position(|n| Some(*n) == name) {
            encodings[column] = encoding(node);
        }
    }
    Ok(encodings)
}

/// The encodings of an envelope without a schema: a date column is days, if a number at all.
pub(super) fn without_schema(layout: &Layout) -> Vec<Encoding> {
    let encoding = |kind: &Option<Kind>| match kind {
        Some(Kind::PartialDate) => Encoding::Ambiguous,
        Some(Kind::Date) => Encoding::Days,
        _ => Encoding::Plain,
    };
    layout.kinds.iter().map(encoding).collect()
}

fn encoding(node: &Node) -> Encoding {
    let scale = node.parameters.scale.as_deref();
    match node.name.as_deref().unwrap_or_default() {
        "io.debezium.time.Date" | "org.apache.kafka.connect.data.Date" => Encoding::Days,
        "io.debezium.time.Timestamp" | "org.apache.kafka.connect.data.Timestamp" => {
            Encoding::Local(1_000_000)
        }
        "io.debezium.time.MicroTimestamp" => Encoding::Local(1_000),
        "io.debezium.time.NanoTimestamp" => Encoding::Local(1),
        "io.debezium.time.ZonedTimestamp" => Encoding::Zoned,
        "io.debezium.data.VariableScaleDecimal" => Encoding::ScaledDecimal,
        "org.apache.kafka.connect.data.Decimal" => match scale.unwrap_or("0").parse() {
            Ok(scale) => Encoding::Decimal(scale),
            Err(_) => Encoding::Plain,
        },
        _ => Encoding::Plain,
    }
}

impl Encoding {
    /// Reads a value; one that is not of the encoding's type is read as in a plain row.
    pub(super) fn cell<'a>(self, raw: &'a str, column: &str) -> Result<Cell<'a>, RowError> {
        let plain = json::cell(raw)?;
        Ok(match (self, &plain) {
            (Encoding::Days, Cell::Number(number)) => number.parse().map_or(Cell::Other, Cell::Day),
            (Encoding::Local(unit), Cell::Number(number)) => match number.parse::<i64>() {
                Ok(count) => Cell::Timestamp {
                    nanos: i128::from(count) * i128::from(unit),
                    utc: false,
                },
                Err(_) => Cell::Other,
            },
            (Encoding::Zoned, Cell::Text(text)) => match Instant::from_text(text) {
                Some(instant) => Cell::Timestamp {
                    nanos: i128::from(instant.nanos()),
                    utc: true,
                },
                None => plain,
            },
            (Encoding::Decimal(scale), Cell::Text(text)) => decimal(text, scale),
            (Encoding::ScaledDecimal, Cell::Other) => scaled_decimal(raw),
            (Encoding::Ambiguous, Cell::Number(_)) => {
                let expected = "a number in an envelope without a schema may be a year or days \
                                since 1970; write the date as text, or send the schema \
                                (schemas.enable=true)";
                return Err(RowError::column(
                    ErrorCode::BadPartialDate,
                    column,
                    expected,
                ));
            }
            _ => plain,
        })
    }
}

/// A base64 integer, big-endian two's complement, × 10^-`scale`.
fn decimal(text: &str, scale: i8) -> Cell<'static> {
    let mut bytes = [0; 18];
    match STANDARD.decode_slice(text, &mut bytes) {
        Ok(length @ 1..=16) => {
            let sign = if bytes[0] & 0x80 == 0 { 0 } else { -1 };
            let value = bytes[..length]
                .iter()
                .fold(sign, |value: i128, byte| (value << 8) | i128::from(*byte));
            Cell::Decimal { value, scale }
        }
        _ => Cell::Other,
    }
}

fn scaled_decimal(raw: &str) -> Cell<'static> {
    #[derive(Deserialize)]
    struct Scaled {
        scale: i8,
        value: String,
    }
    match serde_json::from_str::<Scaled>(raw) {
        Ok(Scaled { scale, value }) => decimal(&value, scale),
        Err(_) => Cell::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_cell(encoding: Encoding, raw: &str) -> Cell<'_> {
        encoding.cell(raw, "a").expect("a cell")
    }

    #[test]
    fn logical_types_are_decoded() {
        let local = |nanos| Cell::Timestamp { nanos, utc: false };
        assert_eq!(read_cell(Encoding::Days, "-1"), Cell::Day(-1));
        assert_eq!(read_cell(Encoding::Days, "null"), Cell::Null);
        assert_eq!(read_cell(Encoding::Days, "1.5"), Cell::Other);
        assert_eq!(read_cell(Encoding::Local(1_000), "7"), local(7_000));
        let most = i64::MAX.to_string();
        assert_eq!(
            read_cell(Encoding::Local(1_000_000), &most),
            local(i128::from(i64::MAX) * 1_000_000)
        );
        assert_eq!(
            read_cell(Encoding::Zoned, "\"1970-01-01T00:00:01.5Z\""),
            Cell::Timestamp {
                nanos: 1_500_000_000,
                utc: true
            }
        );
        let cent = Cell::Decimal {
            value: -1,
            scale: 2,
        };
        assert_eq!(read_cell(Encoding::Decimal(2), "\"/w==\""), cent);
        assert_eq!(
            read_cell(Encoding::ScaledDecimal, r#"{"scale":2,"value":"/w=="}"#),
            cent
        );
        for bad in ["\"\"", "\"?\"", "\"AAAAAAAAAAAAAAAAAAAAAAA=\""] {
            assert_eq!(read_cell(Encoding::Decimal(2), bad), Cell::Other, "{bad}");
        }
        assert!(Encoding::Ambiguous.cell("1985", "a").is_err());
        assert_eq!(
            read_cell(Encoding::Ambiguous, "\"1985\""),
            Cell::Text("1985".into())
        );
    }

    proptest! {
        #[test]
        fn decimals_come_back(value: i128, scale: i8, drop in 0usize..16) {
            // Java writes as few bytes as keep the sign.
            let value = value >> (8 * drop);
            let text = STANDARD.encode(&value.to_be_bytes()[drop..]);
            prop_assert_eq!(decimal(&text, scale), Cell::Decimal { value, scale });
        }

        #[test]
        fn no_schema_makes_the_reader_panic(schema in "[\\[\\]{}:,\"a-z]{0,60}") {
            let _ = read(&schema, "after", &Layout::of(crate::record::Stream::Claims));
        }
    }
}
