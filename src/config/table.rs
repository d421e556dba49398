//! Tables of a configuration file, read key by key.
//!
//! In: TOML. Out: values at their keys, and everything that is wrong at once, each at its place. Must hold:
//! a key that nobody asks for is wrong; a message never quotes a value.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::page::section_of_key;
use super::section::Key;
use super::value::{Context, Setting, Written};
use crate::edits::edits;

/// Something wrong, before its line is known.
#[derive(Debug)]
pub(super) struct Wrong {
    pub at: Range<usize>,
    pub key: String,
    pub message: String,
}

/// What has been read of a file so far.
#[derive(Default)]
pub(super) struct Findings {
    wrong: RefCell<Vec<Wrong>>,
    /// Where the file says something of a key.
    written: RefCell<HashMap<String, Range<usize>>>,
}

impl Findings {
    /// Notes that something is wrong.
    pub fn wrong(&self, at: Range<usize>, key: &str, message: impl Into<String>) {
        self.wrong.borrow_mut().push(Wrong {
            at,
            key: key.to_owned(),
            message: message.into(),
        });
    }

    /// Where the file says something of a key.
    pub fn place(&self, key: &str) -> Option<Range<usize>> {
        self.written.borrow().get(key).cloned()
    }

    /// All that is wrong, in the order of the file.
    pub fn into_wrong(self) -> Vec<Wrong> {
        let mut wrong = self.wrong.into_inner();
        wrong.sort_by_key(|one| one.at.start);
        wrong
    }
}

/// A table of a file; one that the file does not have is empty.
pub(super) struct Table<'a, 'i> {
    context: &'a Context<'a>,
    findings: &'a Findings,
    /// As messages have it; empty for the file itself.
    name: String,
    /// Where it begins.
    at: Range<usize>,
    entries: Option<&'a DeTable<'i>>,
    known: RefCell<Vec<&'static str>>,
}

impl<'a, 'i> Table<'a, 'i> {
    /// The table that a file is.
    pub fn root(context: &'a Context<'a>, findings: &'a Findings, root: &'a DeTable<'i>) -> Self {
        Self {
            context,
            findings,
            name: String::new(),
            at: 0..0,
            entries: Some(root),
            known: RefCell::default(),
        }
    }

    fn inner(&self, key: &str, value: Option<(&'a DeTable<'i>, Range<usize>)>) -> Self {
        Self {
            context: self.context,
            findings: self.findings,
            name: self.path(key),
            at: value.as_ref().map_or(0..0, |(_, at)| at.clone()),
            entries: value.map(|(table, _)| table),
            known: RefCell::default(),
        }
    }

    /// The whole name of a key.
    pub fn path(&self, key: &str) -> String {
        match self.name.as_str() {
            "" => key.to_owned(),
            name => format!("{name}.{key}"),
        }
    }

    /// Where it begins.
    pub fn at(&self) -> Range<usize> {
        self.at.clone()
    }

    /// What it is read in.
    pub fn context(&self) -> &'a Context<'a> {
        self.context
    }

    /// Notes that a key is wrong, at its value if it is there, else where the table begins.
    pub fn wrong(&self, key: &str, message: impl Into<String>) {
        let at = self.place(key).unwrap_or(self.at());
        self.findings.wrong(at, &self.path(key), message);
    }

    /// Where the value of a key is.
    pub fn place(&self, key: &str) -> Option<Range<usize>> {
        self.entries?.get(key).map(Spanned::span)
    }

    /// The value at a key, which is known from now on.
    fn value(&self, key: &'static str) -> Option<&'a Written<'i>> {
        self.known.borrow_mut().push(key);
        let value = self.entries?.get(key)?;
        let mut written = self.findings.written.borrow_mut();
        written.insert(self.path(key), value.span());
        Some(value)
    }

    /// The setting at a key; where there is none, `base`, or the default of the key. Nothing, where it is
    /// wrong or missing; that is noted.
    pub fn setting<T: Setting + Clone>(&self, key: &Key, base: Option<&T>) -> Option<T> {
        let Some(value) = self.value(key.name) else {
            let absent = base.cloned().or_else(|| self.default(key));
            if absent.is_none() {
                let example = key.example.unwrap_or_default();
                let message = format!("it is missing; add it, such as {} = {example}", key.name);
                self.wrong(key.name, message);
            }
            return absent;
        };
        let read = T::read(value, self.context);
        let read = match key.bounds {
            None => read,
            Some((low, high)) => {
                let range = format!("{} to {}", bare(low), bare(high));
                let read = read.map_err(|(at, message)| (at, format!("{message}, {range}")));
                read.and_then(|setting| {
                    let is_within = is_between(&setting, low, high, self.context);
                    let fault = || (value.span(), format!("expected {range}"));
                    is_within.then_some(setting).ok_or_else(fault)
                })
            }
        };
        match read {
            Ok(setting) => Some(setting),
            Err((at, message)) => {
                self.findings.wrong(at, &self.path(key.name), message);
                None
            }
        }
    }

    fn default<T: Setting>(&self, key: &Key) -> Option<T> {
        match key.default {
            Some(toml) => of_toml(toml, self.context),
            None => T::absent(),
        }
    }

    /// The table at a key.
    pub fn table(&self, key: &'static str) -> Table<'a, 'i> {
        let Some(value) = self.value(key) else {
            return self.inner(key, None);
        };
        match value.get_ref() {
            DeValue::Table(table) => self.inner(key, Some((table, value.span()))),
            _ => {
                let name = self.path(key);
                self.wrong(key, format!("expected one table, [{name}]"));
                self.inner(key, None)
            }
        }
    }

    /// The tables at a key.
    pub fn tables(&self, key: &'static str) -> Vec<Table<'a, 'i>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let mut tables = Vec::new();
        let mut is_list = false;
        if let DeValue::Array(list) = value.get_ref() {
            is_list = true;
            for element in list.iter() {
                match element.get_ref() {
                    DeValue::Table(table) => {
                        tables.push(self.inner(key, Some((table, element.span()))));
                    }
                    _ => is_list = false,
                }
            }
        }
        if !is_list {
            self.wrong(
                key,
                format!("expected tables, each under [[{}]]", self.path(key)),
            );
        }
        tables
    }

    /// Ends the reading: every key that was not asked for is wrong.
    pub fn finish(&self) {
        let known = self.known.borrow();
        for (key, _) in self.entries.into_iter().flat_map(|entries| entries.iter()) {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let remedy = match (nearest(name, &known), section_of_key(name)) {
                (Some(near), _) => format!("did you mean {near}?"),
                (None, Some(section)) => format!("it is a key of {section}"),
                (None, None) => format!("known are {}", known.join(", ")),
            };
            // A key may hold what should have been a value, so only one of the usual form is told.
            let is_plain = |c: char| c.is_ascii_lowercase() || c == '_';
            let is_told = name.len() <= 40 && name.chars().all(is_plain);
            let path = self.path(if is_told { name } else { "…" });
            let message = format!("unknown key; {remedy}");
            self.findings.wrong(key.span(), &path, message);
        }
    }
}

/// A bound as people write it.
fn bare(toml: &str) -> &str {
    toml.trim_matches('"')
}

/// A value that the program itself says in TOML.
fn of_toml<T: Setting>(toml: &str, context: &Context<'_>) -> Option<T> {
    let value = DeValue::parse(toml).ok()?;
    T::read(&value, context).ok()
}

fn is_between<T: Setting>(value: &T, low: &str, high: &str, context: &Context<'_>) -> bool {
    let bounds = of_toml(low, context).zip(of_toml(high, context));
    bounds.is_none_or(|(low, high)| value.is_within(&low, &high))
}

/// The known key that is likely meant.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let most = (name.len() / 3).clamp(1, 4);
    let near = known.iter().filter_map(|key| {
        let distance = edits(name.as_bytes(), key.as_bytes(), most)?;
        Some((distance, *key))
    });
    near.min().map(|(_, key)| key)
}
