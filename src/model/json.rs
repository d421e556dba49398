//! JSON for people: objects and lists of lists take a line an entry, lists of numbers one line.
//!
//! In: a value. Out: its text, ending in a line feed. Must hold: equal values give equal bytes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Where the writer is: one entry an open object or list.
struct Open {
    is_list: bool,
    /// Whether its entries are on lines of their own.
    broken: bool,
    empty: bool,
}

#[derive(Default)]
struct Lines {
    open: Vec<Open>,
}

impl Lines {
    fn line<W: ?Sized + Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"\n")?;
        self.open.iter().try_for_each(|_| writer.write_all(b" "))
    }

    /// An object or list begins: if it is an entry of a list, on a line of its own.
    fn begin<W: ?Sized + Write>(&mut self, writer: &mut W, is_list: bool) -> io::Result<()> {
        if let Some(outer) = self.open.last_mut().filter(|outer| outer.is_list) {
            outer.broken = true;
            self.line(writer)?;
        }
        writer.write_all(if is_list { b"[" } else { b"{" })?;
        self.open.push(Open {
            is_list,
            broken: !is_list,
            empty: true,
        });
        Ok(())
    }

    fn end<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let Some(ended) = self.open.pop() else {
            return Ok(());
        };
        if ended.broken && !ended.empty {
            self.line(writer)?;
        }
        writer.write_all(if ended.is_list { b"]" } else { b"}" })
    }

    fn next(&mut self) {
        if let Some(open) = self.open.last_mut() {
            open.empty = false;
        }
    }
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, true)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.next();
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, false)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        self.line(writer)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.next();
        Ok(())
    }
}

/// The text of a value.
///
/// # Errors
/// If the value cannot be JSON, such as a map without text keys.
pub(crate) fn to_json<T: Serialize>(value: &T) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(
        &mut bytes,
        Lines::default(),
    ))?;
    bytes.push(b'\n');
    Ok(String::from_utf8(bytes).expect("serde_json writes UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_of_numbers_take_one_line() {
        let value = json!({"a": [1, 2], "b": [[1, 2], [3]], "c": {}, "d": [], "e": [{"f": null}]});
        let text = to_json(&value).unwrap();
        let expected = "{\n \"a\": [1,2],\n \"b\": [\n  [1,2],\n  [3]\n ],\n \"c\": {},\n \"d\": [],\n \"e\": [\n  {\n   \"f\": null\n  }\n ]\n}\n";
        assert_eq!(text, expected);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }
}
