//! The configuration, without what nobody may read.
//!
//! Must hold: a text is shown only where it stands under a key that configurations have and that holds no secret;
//! numbers and switches are shown.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::Found;
use super::scrub::scrubbed;
use crate::config::{Call, Config, ConfigError, is_known_key};

const MASK: &str = "***";
/// Keys whose texts name somebody, or hold whatever another program takes.
const MASKED: [&str; 4] = ["subject", "sha256", "properties", "url"];

pub(super) fn load(
    file: Option<&Path>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Config, ConfigError> {
    Config::load(file, &Call::default(), variable)
}

pub(super) fn shown(file: Option<&Path>, config: &Result<Config, ConfigError>) -> Found {
    let mut missing = Vec::new();
    let settings = match file {
        None => Value::Null,
        Some(path) => match std::fs::read_to_string(path) {
            Err(error) => {
                missing.push(format!("{}: {error}", path.display()));
                Value::Null
            }
            // Of a file that is no TOML nobody knows what is a secret; where it is wrong is told below.
            Ok(text) => {
                toml::from_str::<Value>(&text).map_or(Value::Null, |value| masked(None, value))
            }
        },
    };
    let wrong = config.as_ref().err().map(|error| {
        let told = scrubbed(&error.to_string());
        told.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    let value = json!({
        "file": file.map(|path| path.display().to_string()),
        "settings": settings,
        "wrong": wrong,
    });
    Found::json(&value, missing)
}

/// A value of a configuration under a key.
fn masked(key: Option<&str>, value: Value) -> Value {
    let is_shown = key.is_none_or(|key| is_known_key(key) && !MASKED.contains(&key));
    match value {
        Value::Object(table) => {
            let entries = table.into_iter().map(|(name, value)| {
                // Topics have names of their own, and all of a table that is masked is.
                let judged = match key {
                    Some(key) if !is_shown || key == "topics" => key,
                    _ => &name,
                };
                let value = masked(Some(judged), value);
                (scrubbed(&name), value)
            });
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Value::Array(values) => values.into_iter().map(|value| masked(key, value)).collect(),
        Value::String(text) if is_shown => Value::String(scrubbed(&text)),
        Value::String(_) => Value::String(MASK.to_owned()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_names_are_masked_and_settings_are_not() {
        let text = r#"
            surprise = "hunter2"
            [http]
            listen = "0.0.0.0:8080"
            allow_http = true
            password = "hunter2"
            [store]
            url = "postgres://u:hunter2@db/x"
            url_file = "secrets/store.url"
            [journal]
            master_key_file = "secrets/journal.key"
            [[source]]
            name = "registers"
            kind = "kafka"
            topics = { "bhxh.cards" = "cards" }
            properties = { "sasl.password" = "hunter2", "fetch.max.bytes" = 5 }
            [[client_certificate]]
            subject = "CN=Nguyễn Văn Mẫu"
            "#;
        let value = masked(None, toml::from_str(text).expect("TOML"));
        let shown = value.to_string();
        assert!(
            !shown.contains("hunter2") && !shown.contains("Nguyễn"),
            "{shown}"
        );
        assert_eq!(
            value["http"],
            json!({ "listen": "0.0.0.0:8080", "allow_http": true, "password": "***" })
        );
        assert_eq!(value["journal"]["master_key_file"], "secrets/journal.key");
        assert_eq!(value["store"]["url_file"], "secrets/store.url");
        assert_eq!(
            value["source"][0]["topics"],
            json!({ "bhxh.cards": "cards" })
        );
        assert_eq!(
            value["source"][0]["properties"],
            json!({ "sasl.password": "***", "fetch.max.bytes": 5 })
        );
        assert_eq!(value["surprise"], "***");
    }
}
