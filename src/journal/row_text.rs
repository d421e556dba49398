//! A row as a line of NDJSON.

use crate::record::{Change, ColumnWriter, Value};

/// The row that makes a change, as an object of its columns, all of them text; null ones are left out.
pub fn row_text(change: &Change) -> Vec<u8> {
    let mut writer = Object {
        out: Vec::with_capacity(1024),
        value: String::new(),
    };
    writer.out.push(b'{');
    change.write(&mut writer);
    writer.out.push(b'}');
    writer.out
}

struct Object {
    out: Vec<u8>,
    /// Room for the text of a value.
    value: String,
}

impl Object {
    fn name(&mut self, name: &str) {
        if self.out.len() > 1 {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn text(&mut self, value: &impl Value) {
        self.value.clear();
        value.write(&mut self.value);
        serde_json::to_writer(&mut self.out, &self.value).expect("memory takes every text");
    }
}

impl ColumnWriter for Object {
    fn one(&mut self, name: &'static str, value: &impl Value) {
        self.name(name);
        self.text(value);
    }

    fn list(&mut self, name: &'static str, values: &[impl Value]) {
        self.name(name);
        for (place, value) in values.iter().enumerate() {
            self.out.push(if place == 0 { b'[' } else { b',' });
            self.text(value);
        }
        self.out.push(b']');
    }
}
