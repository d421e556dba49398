//! Two runs side by side, alert by alert.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::because::{Because, Pair, because};
use super::events::{LastEvents, last_events, number};
use super::line::{Line, LineError, Lines};
use super::run::{Run, RunReadError};
use super::stated::Stated;
use super::sums::Sums;
use crate::rule::{Reason, ReasonSet};

/// What became of an alert from A to B.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is in B alone.
    New,
    /// It is the same in both.
    Unchanged,
    /// It is in both, and otherwise.
    Updated,
    /// It is in A alone.
    Absent,
}

/// An alert that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Differing {
    /// Its id.
    pub alert_id: String,
    /// Why it holds or held.
    pub reason: Reason,
    /// What it is about: kind and key.
    pub subject: [String; 2],
    /// What became of it.
    pub state: State,
    /// Members that differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<Difference>,
    /// What the runs differ in that it turns on.
    pub because: Vec<Because>,
}

/// A member that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Its name.
    pub member: String,
    /// Its value in A.
    pub a: Value,
    /// Its value in B.
    pub b: Value,
}

/// What two runs differ in.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What they state differently.
    pub stated: Stated,
    /// How many alerts differ.
    pub sums: Sums,
}

/// Two runs that cannot be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// A run cannot be read.
    #[error(transparent)]
    Run(#[from] RunReadError),
    /// Its alerts or its history cannot be read.
    #[error(transparent)]
    Line(#[from] LineError),
    /// What differs could not be written.
    #[error("what differs cannot be written: {0}; check that the file can be written and has room")]
    Output(#[from] std::io::Error),
}

/// Compares two runs, and gives each alert that differs to `take`, by id; only those of some reasons, where such are
/// given.
///
/// # Errors
/// When a run cannot be read, or `take` fails.
pub fn diff(
    a: &Path,
    b: &Path,
    wanted: Option<&ReasonSet>,
    mut take: impl FnMut(&Differing) -> std::io::Result<()>,
) -> Result<Compared, DiffError> {
    let runs = [Run::open(a)?, Run::open(b)?];
    let stated = Stated::new(runs[0].manifest.as_ref(), runs[1].manifest.as_ref());
    let mut ids = HashSet::new();
    merge(&runs, wanted, |lines, changed| {
        if lines.iter().any(Option::is_none) || !changed.is_empty() {
            let line = lines[0].or(lines[1]);
            ids.extend(line.and_then(|line| number(&line.alert.alert_id)));
        }
        Ok(())
    })?;
    let events = |run: &Run| match run.history() {
        Some(path) => last_events(&path, &ids),
        None => Ok(LastEvents::new()),
    };
    let events = [events(&runs[0])?, events(&runs[1])?];
    let mut sums = Sums::default();
    merge(&runs, wanted, |lines, changed| {
        let line = lines[1].or(lines[0]).expect("an alert of at least one run");
        let state = match lines {
            [None, _] => State::New,
            [_, None] => State::Absent,
            _ if changed.is_empty() => State::Unchanged,
            _ => State::Updated,
        };
        let alert = &line.alert;
        let of_id = |events: &'_ LastEvents| {
            number(&alert.alert_id).and_then(|id| events.get(&id).cloned())
        };
        let mut differing = Differing {
            alert_id: alert.alert_id.clone(),
            reason: alert.reason,
            subject: [alert.subject.kind.clone(), alert.subject.id.clone()],
            state,
            changed: Vec::new(),
            because: Vec::new(),
        };
        if state != State::Unchanged {
            let events = [of_id(&events[0]), of_id(&events[1])];
            let names: Vec<String> = changed.iter().map(|one| one.member.clone()).collect();
            differing.because = because(
                &Pair {
                    lines,
                    events: [events[0].as_ref(), events[1].as_ref()],
                    changed: &names,
                },
                &stated,
            );
            differing.changed = changed;
        }
        sums.add(&differing, alert.amount_vnd, line.province());
        if state != State::Unchanged {
            take(&differing)?;
        }
        Ok(())
    })?;
    Ok(Compared { stated, sums })
}

/// Goes through the alerts of both runs by id.
fn merge(
    runs: &[Run; 2],
    wanted: Option<&ReasonSet>,
    mut each: impl FnMut([Option<&Line>; 2], Vec<Difference>) -> Result<(), DiffError>,
) -> Result<(), DiffError> {
    let mut files = [
        Lines::open(&runs[0].alerts())?,
        Lines::open(&runs[1].alerts())?,
    ];
    let next = |lines: &mut Lines| -> Result<Option<Line>, LineError> {
        loop {
            match lines.next()? {
                Some(line) if wanted.is_some_and(|wanted| !wanted.contains(line.alert.reason)) => {}
                line => return Ok(line),
            }
        }
    };
    let mut heads = [next(&mut files[0])?, next(&mut files[1])?];
    loop {
        let order = match &heads {
            [None, None] => return Ok(()),
            [Some(_), None] => Ordering::Less,
            [None, Some(_)] => Ordering::Greater,
            [Some(a), Some(b)] => a.alert.alert_id.cmp(&b.alert.alert_id),
        };
        match order {
            Ordering::Less => {
                each([heads[0].as_ref(), None], Vec::new())?;
                heads[0] = next(&mut files[0])?;
            }
            Ordering::Greater => {
                each([None, heads[1].as_ref()], Vec::new())?;
                heads[1] = next(&mut files[1])?;
            }
            Ordering::Equal => {
                let [Some(a), Some(b)] = &heads else {
                    return Ok(());
                };
                each([Some(a), Some(b)], differences(a, b))?;
                heads = [next(&mut files[0])?, next(&mut files[1])?];
            }
        }
    }
}

/// The members of substance in which two lines of an alert differ.
fn differences(a: &Line, b: &Line) -> Vec<Difference> {
    if a.members == b.members {
        return Vec::new();
    }
    let (a, b) = (a.substance(), b.substance());
    let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let differing = names
        .into_iter()
        .filter(|name| a.get(*name) != b.get(*name));
    let value = |members: &serde_json::Map<String, Value>, name: &str| {
        members.get(name).cloned().unwrap_or_default()
    };
    differing
        .map(|name| Difference {
            member: name.clone(),
            a: value(&a, name),
            b: value(&b, name),
        })
        .collect()
}
