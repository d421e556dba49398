//! The data directory and the alert store: names, sizes and counts.
//!
//! Must hold: everything is read beside a running service, without its lock and without its keys.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::Found;
use super::scrub::scrubbed;
use crate::config::Config;
use crate::journal::{Directory, JournalReader, KeyState, Keys};
use crate::record::Instant;
use crate::server::store_place;
use crate::store::{AlertReader, StoreError, StorePlace, open_counter};

/// More files of a directory are counted, and not named.
const MOST_NAMED: usize = 2_000;

pub(super) fn facts(data: &Path) -> Found {
    let mut missing = Vec::new();
    let value = json!({
        "directory": data.display().to_string(),
        "files": files(data, &mut missing),
        "journal": {
            "files": files(&data.join("journal"), &mut missing),
            "state": journal(data, &mut missing),
        },
        "keys": keys(data, &mut missing),
        "artefacts": optional(&data.join("artefacts"), &mut missing),
        "snapshots": optional(&data.join("snapshots"), &mut missing),
    });
    Found::json(&value, missing)
}

fn optional(directory: &Path, missing: &mut Vec<String>) -> Value {
    match directory.exists() {
        true => files(directory, missing),
        false => Value::Null,
    }
}

/// The files of a directory.
fn files(directory: &Path, missing: &mut Vec<String>) -> Value {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => {
            missing.push(format!("{}: {error}", directory.display()));
            return Value::Null;
        }
    };
    let (mut named, mut count, mut bytes) = (BTreeMap::new(), 0_u64, 0_u64);
    for entry in entries.flatten() {
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        if !metadata.is_file() {
            continue;
        }
        count += 1;
        bytes += metadata.len();
        if named.len() < MOST_NAMED {
            let modified = metadata.modified().ok().and_then(|at| {
                let since = at.duration_since(std::time::SystemTime::UNIX_EPOCH).ok()?;
                Instant::from_millis(i64::try_from(since.as_millis()).ok()?)
            });
            let modified = modified.map(|at| at.to_string());
            let name = entry.file_name().to_string_lossy().into_owned();
            // Segments and snapshots are numbered with more digits than a person is.
            let name = if is_ours(&name) {
                name
            } else {
                scrubbed(&name)
            };
            named.insert(
                name,
                json!({ "bytes": metadata.len(), "modified": modified }),
            );
        }
    }
    json!({ "count": count, "bytes": bytes, "named": named })
}

/// Whether a name is one that the service gives: of a segment, a claim or a snapshot.
fn is_ours(name: &str) -> bool {
    let (stem, suffix) = name.rsplit_once('.').unwrap_or((name, ""));
    ["segment", "claim", "snapshot"].contains(&suffix)
        && stem
            .split('-')
            .all(|number| number.len() >= 10 && number.starts_with("00"))
        && stem
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// The last epoch, as the newest segment has it.
fn journal(data: &Path, missing: &mut Vec<String>) -> Value {
    let read = || {
        let segments = directory(&data.join("journal"))?;
        let keys = Keys::new(directory(&data.join("keys"))?, None);
        let reader =
            JournalReader::open(segments, Arc::new(keys)).map_err(|error| error.to_string())?;
        let (upper, chain) = reader.upper().map_err(|error| error.to_string())?;
        Ok::<_, String>(json!({
            "id": reader.journal().to_string(),
            "last_epoch": upper,
            "chain": chain.to_string(),
        }))
    };
    read().unwrap_or_else(|why| {
        missing.push(why);
        Value::Null
    })
}

fn directory(path: &Path) -> Result<Arc<Directory>, String> {
    let opened = Directory::open(path);
    opened
        .map(Arc::new)
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// The months, and whether the key of each is there.
fn keys(data: &Path, missing: &mut Vec<String>) -> Value {
    let keys = match directory(&data.join("keys")) {
        Ok(directory) => Keys::new(directory, None),
        Err(why) => {
            missing.push(why);
            return Value::Null;
        }
    };
    let months = match keys.months() {
        Ok(months) => months,
        Err(error) => {
            missing.push(error.to_string());
            return Value::Null;
        }
    };
    let months = months.into_iter().map(|(month, state)| {
        let state = match state {
            KeyState::Destroyed { at } => {
                json!({ "state": "destroyed", "at": Instant::from_nanos(at).to_string() })
            }
            KeyState::ToDestroy { at } => {
                json!({ "state": "to_destroy", "asked_at": Instant::from_nanos(at).to_string() })
            }
            KeyState::Kept => match keys.is_wrapped(month) {
                Ok(is_wrapped) => json!({ "state": "kept", "is_wrapped": is_wrapped }),
                Err(error) => {
                    missing.push(error.to_string());
                    json!({ "state": "unreadable" })
                }
            },
        };
        (month.to_string(), state)
    });
    months
        .collect::<BTreeMap<_, _>>()
        .into_iter()
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// How many alerts and rejected rows there are.
pub(super) fn store(data: &Path, config: Option<&Config>) -> Found {
    let place = match config.map(|config| store_place(config, data)) {
        None => StorePlace::File(data.join("alerts.db")),
        Some(Ok(place)) => place,
        Some(Err(_)) => {
            return Found::json(
                &Value::Null,
                vec!["the address of the alert store is wrong".to_owned()],
            );
        }
    };
    let counted = open_counter(&place).and_then(|mut reader| counts(&mut *reader));
    match counted {
        Ok(counts) => Found::json(
            &json!({ "place": place.to_string(), "counts": counts }),
            Vec::new(),
        ),
        Err(error) => {
            let value = json!({ "place": place.to_string() });
            Found::json(&value, vec![scrubbed(&error.to_string())])
        }
    }
}

fn counts(reader: &mut dyn AlertReader) -> Result<Value, StoreError> {
    let committed = reader.committed()?;
    let alerts = reader.counts()?.into_iter().map(|count| {
        json!({ "reason": count.reason, "state": count.state.as_str(), "alerts": count.alerts })
    });
    let alerts: Vec<Value> = alerts.collect();
    // Sources have names that operators chose; parts of them are files, whose names anybody chose.
    let rejects = reader.reject_counts()?.into_iter().map(|count| {
        json!({ "source": scrubbed(&count.source), "stream": count.stream, "code": count.code, "open": count.open })
    });
    let rejects: Vec<Value> = rejects.collect();
    Ok(json!({
        "epoch": committed.epoch,
        "generation": committed.generation,
        "as_of_day": committed.clock_day,
        "alerts": alerts,
        "rejects": rejects,
        "positions": reader.positions()?.len(),
    }))
}
