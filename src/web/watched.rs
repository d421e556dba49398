//! What those who watch the access log stand on, on pages and through the API.
//!
//! Every method but [`AccessLogReader::standing`] may block. Must hold: reading the log is an entry of it, durable when
//! the method returns; nothing that crosses here is of a person of the registers, their pseudonym neither.

use crate::record::Day;
use crate::review::Viewer;

/// Which entries are asked for. What is none is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// Of this user or token.
    pub actor: Option<String>,
    /// Of this action, by its name in the log.
    pub action: Option<String>,
    /// About this object.
    pub object: Option<String>,
    /// On this day or later, in UTC+7.
    pub from: Option<Day>,
    /// On this day or earlier.
    pub to: Option<Day>,
    /// With a lower number.
    pub before: Option<u64>,
    /// How many.
    pub limit: u32,
}

/// An entry, as it is shown: codes and ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its number.
    pub n: u64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// In which role.
    pub role: String,
    /// What was done, by its name in the log.
    pub action: String,
    /// Whether it was done, all of it.
    pub is_done: bool,
    /// Why, as a code.
    pub purpose: Option<String>,
    /// What it is about.
    pub object: Option<String>,
    /// Names of fields that were shown or changed.
    pub fields: Vec<String>,
    /// How many objects left the service, or were changed.
    pub objects: Option<u64>,
    /// The epoch up to which what was shown is complete.
    pub epoch: Option<u64>,
}

/// A page of entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// The newest first.
    pub entries: Vec<LogEntry>,
    /// Where the next page begins, if there is more.
    pub next: Option<u64>,
}

/// What is to be checked of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogSample {
    /// A share of the reveals, then of the openings of alerts.
    pub entries: Vec<LogEntry>,
    /// How many reveals there were on the day.
    pub reveals: u64,
    /// How many openings of alerts.
    pub openings: u64,
}

/// How the log stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogStanding {
    /// How many lines are durable.
    pub lines: u64,
    /// When it was signed last, in milliseconds since 1970.
    pub signed_at: Option<i64>,
    /// When the whole of it was last verified, and nothing was wrong.
    pub verified_at: Option<i64>,
    /// Whether it was found changed or incomplete.
    pub is_damaged: bool,
}

/// The access log, for those who watch it.
pub trait AccessLogReader: Send + Sync + 'static {
    /// A page of entries.
    ///
    /// # Errors
    /// Why not, for a log: it cannot be read now, or that it was read cannot be kept.
    fn read(&self, who: &Viewer, query: &LogQuery) -> Result<LogPage, &'static str>;
    /// The share of a day that is to be checked: the same whenever it is asked for.
    ///
    /// # Errors
    /// As [`AccessLogReader::read`].
    fn sample(&self, who: &Viewer, day: Day) -> Result<LogSample, &'static str>;
    /// How the log stands.
    fn standing(&self) -> LogStanding;
}
