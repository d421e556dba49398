//! What is fuzzed: a file a target.
//!
//! In: bytes of anybody. Out: a number that tells one behaviour from another, which a driver without coverage
//! goes by. Must hold: a target panics when the program is wrong, and only then; it keeps nothing between inputs
//! that changes what the next one does.

mod config;
mod csv;
mod epoch;
mod http;
mod journal;
mod ndjson;
mod parquet;
mod rows;
mod rules;
mod token;
mod xml;

use std::hash::{DefaultHasher, Hash, Hasher};

/// Something that reads bytes of strangers.
pub struct Target {
    /// What it is called.
    pub name: &'static str,
    /// Inputs to begin with: what is right, mostly.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Texts that mean something in it.
    pub tokens: &'static [&'static str],
    /// Reads an input.
    pub run: fn(&[u8]) -> u64,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    config::TARGET,
    csv::TARGET,
    epoch::TARGET,
    http::TARGET,
    journal::TARGET,
    ndjson::TARGET,
    parquet::TARGET,
    rules::TARGET,
    token::TARGET,
    xml::TARGET,
];

/// The number of a behaviour.
fn behaviour(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// A file of the repository.
fn repository(path: &str) -> Vec<u8> {
    let root = std::env::var_os("FUNDWATCH_ROOT");
    let root = root.map_or_else(
        || std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")),
        std::path::PathBuf::from,
    );
    let path = root.join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// An input whose first bytes choose, and the bytes that it chooses for.
fn with(choice: &[u8], bytes: &[u8]) -> Vec<u8> {
    [choice, bytes].concat()
}
