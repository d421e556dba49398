//! A row on its way through the external sort: its place, and its change encoded.
//!
//! In and out: a [`Sequenced`]. Must hold: the order is that of the place alone. The change is
//! encoded once, when it comes, so that a row held or spilled is one short run of bytes and not a
//! record with its texts; that is smaller, and its size is known.

use std::fmt;
use std::io;
use std::path::Path;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Kept;
use super::external_sort::SpillError;
use super::merge::{Place, Sequenced};

/// A row that sorts by its place.
#[derive(Serialize, Deserialize)]
pub(super) struct ByPlace {
    place: Place,
    change: Bytes,
}

impl ByPlace {
    /// Encodes a row; `scratch` is where it may be spilled, for the error.
    pub(super) fn encode<T: Kept>(row: &Sequenced<T>, scratch: &Path) -> Result<Self, SpillError> {
        let change = postcard::to_stdvec(&row.change).map_err(|error| spill(error, scratch))?;
        Ok(Self {
            place: row.place(),
            change: Bytes(change.into()),
        })
    }

    /// The row.
    pub(super) fn decode<T: Kept>(&self, scratch: &Path) -> Result<Sequenced<T>, SpillError> {
        let (_, file, row) = self.place;
        let change = postcard::from_bytes(&self.change.0).map_err(|error| spill(error, scratch))?;
        Ok(Sequenced { change, file, row })
    }
}

fn spill(error: postcard::Error, scratch: &Path) -> SpillError {
    SpillError {
        scratch: scratch.to_owned(),
        error: io::Error::new(io::ErrorKind::InvalidData, error),
    }
}

impl PartialEq for ByPlace {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl Eq for ByPlace {}

impl PartialOrd for ByPlace {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ByPlace {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.place.cmp(&other.place)
    }
}

/// Bytes that are encoded as a whole, where a vector is encoded item by item.
struct Bytes(Box<[u8]>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Take;
        impl Visitor<'_> for Take {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.into()))
            }
        }
        from.deserialize_bytes(Take)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Cell, Change, Instant, Operation, Row, RowError, Stream};

    /// A card, by column name.
    struct CardRow;

    impl Row for CardRow {
        fn cell(&self, column: usize) -> Result<Cell<'_>, RowError> {
            let text = match Stream::Cards.column_names().nth(column) {
                Some("card_number") => "DN4790000000001",
                Some("valid_from") => "2025-01-01",
                Some("status") => "revoked",
                Some("status_date") => "2025-02-28",
                Some("primary_facility") => "79001",
                _ => "",
            };
            Ok(Cell::Text(text.into()))
        }
    }

    #[test]
    fn a_row_comes_back_as_it_was_and_sorts_by_its_place() {
        let change = Stream::Cards
            .parse(&CardRow, Instant::from_nanos(-7))
            .expect("a card");
        assert!(matches!(change.operation, Operation::Upsert(_)));
        let at = |file, row| Sequenced {
            change: change.clone(),
            file,
            row,
        };
        let encode =
            |row: &Sequenced<Change>| ByPlace::encode(row, Path::new(".")).expect("encodes");
        let (first, last) = (at(3, u64::MAX), at(4, 1));
        assert!(encode(&first) < encode(&last));
        let spilled = postcard::to_stdvec(&encode(&first)).expect("encodes");
        let back: ByPlace = postcard::from_bytes(&spilled).expect("decodes");
        assert_eq!(back.decode(Path::new(".")).expect("decodes"), first);
    }

    #[test]
    fn bytes_that_are_no_change_are_an_error() {
        let row = ByPlace {
            place: (Instant::from_nanos(0), 0, 1),
            change: Bytes([0xff; 3].into()),
        };
        let error = row
            .decode::<Change>(Path::new("scratch"))
            .expect_err("not a change");
        assert!(error.to_string().starts_with("scratch: "), "{error}");
    }
}
