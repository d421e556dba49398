//! A configuration that cannot be used: everything that is wrong with it, each at its place.

use std::fmt;
use std::path::{Path, PathBuf};

use super::table::Wrong;

/// A configuration that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: {error}; name the file of the configuration", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: String,
    },
    /// Something is wrong with it.
    #[error("{}", lines(.0))]
    Wrong(Vec<ConfigFault>),
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFault {
    /// Where it is.
    pub place: Place,
    /// The key, with its section; nothing where the file is no TOML.
    pub key: Option<String>,
    /// What is wrong, and what to do.
    pub message: String,
}

/// Where something is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The character of the line, from 1.
        column: usize,
    },
    /// On the command line, by this option.
    Option(&'static str),
}

impl Place {
    /// The place in a file of a byte of its text.
    pub(super) fn of_byte(path: &Path, text: &str, byte: usize) -> Self {
        let mut byte = byte.min(text.len());
        while !text.is_char_boundary(byte) {
            byte -= 1;
        }
        let before = &text[..byte];
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self::File {
            path: path.to_owned(),
            line: 1 + before.matches('\n').count(),
            column: 1 + line.chars().count(),
        }
    }
}

impl ConfigFault {
    pub(super) fn of_wrong(path: &Path, text: &str, wrong: Wrong) -> Self {
        Self {
            place: Place::of_byte(path, text, wrong.at.start),
            key: Some(wrong.key),
            message: wrong.message,
        }
    }
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::File { path, line, column } => {
                write!(f, "{}, line {line}, column {column}: ", path.display())?;
            }
            Place::Option(option) => write!(f, "{option}: ")?,
        }
        match (&self.place, &self.key) {
            (Place::File { .. }, Some(key)) => write!(f, "{key}: {}", self.message),
            _ => f.write_str(&self.message),
        }
    }
}

fn lines(faults: &[ConfigFault]) -> String {
    let lines: Vec<String> = faults.iter().map(ConfigFault::to_string).collect();
    lines.join("\n")
}
