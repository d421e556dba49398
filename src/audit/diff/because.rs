//! What explains an alert that differs: a closed list.

use serde::Serialize;
use serde_json::Value;

use super::hindsight::Later;
use super::row::Pair;

/// One of the runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Run A.
    A,
    /// Run B.
    B,
}

/// What explains an alert that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Because {
    /// A run did not compute the reason.
    ReasonNotComputed {
        /// That run.
        run: Side,
    },
    /// A threshold of the reason differs.
    Threshold {
        /// What it is called: `group.name`.
        name: String,
        /// In run A.
        a: Value,
        /// In run B.
        b: Value,
        /// The number of the claim that is compared with it, in the run that has the alert, where it is a dial.
        #[serde(skip_serializing_if = "Option::is_none")]
        number: Option<u32>,
    },
    /// The catalogue of rules differs.
    Catalogue {
        /// Its digest in run A.
        a: Value,
        /// In run B.
        b: Value,
    },
    /// The list of benefits that exclude each other differs.
    ExclusiveBenefits {
        /// Its digest in run A.
        a: Value,
        /// In run B.
        b: Value,
    },
    /// The model that scores claims differs.
    Model {
        /// Its digest in run A.
        a: Value,
        /// In run B.
        b: Value,
    },
    /// The model that links participants differs.
    LinkModel {
        /// Its digest in run A.
        a: Value,
        /// In run B.
        b: Value,
    },
    /// The least weight of two linked participants differs, in thousandths of a bit.
    LinkProbability {
        /// In run A.
        a: Value,
        /// In run B.
        b: Value,
    },
    /// Rows differ that the alert rests on.
    Rows {
        /// Those that are known by name, at most eight.
        rows: Vec<RowDifference>,
        /// The inputs that differ and whose rows the reason rests on, where no row is known by name.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        files: Vec<String>,
    },
    /// What became known later than one of the runs looks at.
    AsOf {
        /// The last instant of run A; none where it looks at all.
        a: Option<String>,
        /// Of run B.
        b: Option<String>,
        /// What came later; the first counts where each alert counts once.
        later: Vec<Later>,
        /// The rows that came later and are known by name, at most eight.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        rows: Vec<RowDifference>,
    },
    /// Another program computed it, and nothing else that it rests on differs.
    Code {
        /// The digest of the program of run A.
        a: Value,
        /// Of run B.
        b: Value,
    },
    /// Nothing explains it.
    Unexplained,
}

/// A row that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowDifference {
    /// Its stream.
    pub stream: String,
    /// Its key.
    pub key: String,
    /// How it is known to differ.
    pub basis: Basis,
    /// Since when each run knows it, where its evidence says so.
    pub recorded_at: Pair<Option<String>>,
    /// Where it lies, in the run whose evidence it is; of both, in B.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The record in the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
}

/// How a row is known to differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// It is evidence in A alone.
    EvidenceOfA,
    /// It is evidence in B alone.
    EvidenceOfB,
    /// It is evidence in both, known since another time.
    OtherTime,
    /// It is evidence, and its file differs.
    FileDiffers,
    /// The history of A tells that it changed the alert.
    HistoryOfA,
    /// The history of B does.
    HistoryOfB,
}

impl Because {
    /// Its kind, as outputs write it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ReasonNotComputed { .. } => "reason_not_computed",
            Self::Threshold { .. } => "threshold",
            Self::Catalogue { .. } => "catalogue",
            Self::ExclusiveBenefits { .. } => "exclusive_benefits",
            Self::Model { .. } => "model",
            Self::LinkModel { .. } => "link_model",
            Self::LinkProbability { .. } => "link_probability",
            Self::Rows { .. } => "rows",
            Self::AsOf { .. } => "as_of",
            Self::Code { .. } => "code",
            Self::Unexplained => "unexplained",
        }
    }
}
