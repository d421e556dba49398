//! What a family of metrics is: name, kind, unit, labels, help.
//!
//! In: constants where a family is declared. Out: what the page and the lint tell of it. Must hold: it is
//! said of a family once.

/// What a family counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Durations.
    Seconds,
    /// Seconds since 1970-01-01T00:00Z: the time of an event, not how long ago it was.
    UnixSeconds,
    /// Bytes.
    Bytes,
    /// Dong.
    Dong,
    /// An outlier score from 0 to 1.
    Score,
    /// A share of a whole, from 0 to 1.
    Ratio,
    /// 1, where the labels say it all.
    Info,
    /// 0 or 1.
    Flag,
    /// The number of an epoch.
    Epoch,
    /// Whole things; the name says which.
    Count,
}

impl Unit {
    /// The unit in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Unit::Seconds => "seconds",
            Unit::UnixSeconds => "Unix seconds",
            Unit::Bytes => "bytes",
            Unit::Dong => "dong",
            Unit::Score => "score",
            Unit::Ratio => "share from 0 to 1",
            Unit::Info => "1",
            Unit::Flag => "0 or 1",
            Unit::Epoch => "epoch number",
            Unit::Count => "count",
        }
    }
}

/// What a family does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It only rises, until a restart.
    Counter,
    /// It is what it is now.
    Gauge,
    /// It counts observations by size.
    Histogram,
}

impl Kind {
    /// The kind's name in the exposition.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        }
    }
}

/// Where a label's values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelNames {
    /// These.
    Known(Vec<&'static str>),
    /// Those that are known when the service starts, in words.
    AtStart(&'static str),
}

/// A family.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// The name, with the prefix.
    pub name: &'static str,
    /// What it does.
    pub kind: Kind,
    /// What it counts in.
    pub unit: Unit,
    /// What it means.
    pub help: &'static str,
    /// Its labels and their values, in order.
    pub labels: Vec<(&'static str, LabelNames)>,
    /// The upper bounds of a histogram.
    pub buckets: &'static [f64],
    /// Whether it is absent while there is nothing to tell.
    pub is_absent_at_first: bool,
    /// The heading that it stands under.
    pub subject: &'static str,
}

/// How a family is declared.
#[derive(Clone, Copy)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    pub(super) unit: Unit,
    pub(super) help: &'static str,
}

impl Spec {
    pub(super) const fn new(name: &'static str, unit: Unit, help: &'static str) -> Self {
        Self { name, unit, help }
    }
}
