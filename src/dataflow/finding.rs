//! What a view finds: a reason that holds of a subject, and the rows it rests on.

use serde::{Deserialize, Serialize};

use super::node::Person;
use super::row_ref::RowRef;
use crate::authenticate::Cause;
use crate::model::{ModelId, Observation};
use crate::record::{Day, Facility, PersonalId};
use crate::rule::{Class, Dial, Reason};

/// One reason that holds of one subject.
///
/// There is at most one finding of a reason and subject at any time; an attribute that changes is
/// this finding going and another coming.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Finding {
    /// What it is about.
    pub subject: RowRef,
    /// Why.
    pub reason: Reason,
    /// What it suggests.
    pub class: Class,
    /// Distinct sources of a death, for the reason that counts them; else 0.
    pub grade: u8,
    /// Why a participant does not authenticate, for the reason that says it.
    pub cause: Option<Cause>,
    /// What it rests on beside the subject.
    pub evidence: Support,
}

/// The rows that a finding rests on beside its subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Support {
    /// These, in no meaningful order, without repetition.
    Rows(Box<[RowRef]>),
    /// The person's [`Visits`] from one to the subject: listed once a person, since a window of each
    /// visit would list every one of them as often as it has visits.
    Window {
        /// Whose visits.
        person: Person,
        /// The first claim of the window.
        first: RowRef,
        /// Claims in the window.
        visits: u32,
    },
}

/// The claims of a person on which findings, scores or places in the queue rest, by arrival, facility
/// and visit, and the death evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Visits {
    /// Who.
    pub person: Person,
    /// The claims.
    pub claims: Box<[RowRef]>,
    /// The rows that tell of a death of the person, sorted.
    pub deaths: Box<[RowRef]>,
}

/// What the outlier score of a claim rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Observed {
    /// The claim.
    pub claim: RowRef,
    /// Whose it is; the person's [`Visits`] before the claim are what it is compared with.
    pub person: Person,
    /// The model that scores it.
    pub model: ModelId,
    /// Its features.
    pub observation: Observation,
}

/// A claim of a sample that a model is trained on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sampled {
    /// What the claim's own content draws: a smaller sample holds those with the smallest.
    pub draw: u64,
    /// The admission date.
    pub admitted: Day,
    /// The claim.
    pub claim: RowRef,
    /// Its features.
    pub observation: Observation,
}

/// What an outlier rested and rests on: the person's claims before it. It is told of the epoch in which the observation of a claim changed that is an outlier before or after, for whoever asks
/// why; it is not held, and never taken back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Basis {
    /// The claim.
    pub claim: RowRef,
    /// The rows before the epoch; none where the claim was not observed.
    pub before: Box<[RowRef]>,
    /// The rows after the epoch; none where the claim is not observed any more.
    pub after: Box<[RowRef]>,
}

/// Which of two models take a claim for an outlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Judged {
    /// Both.
    Both,
    /// The model in force alone.
    OnlyLive,
    /// The shadow model alone.
    OnlyShadow,
}

/// A claim that one of two models, or both, take for an outlier; equal ones are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Compared {
    /// By which of them.
    pub judged: Judged,
    /// By how many ten-thousandths the scores differ.
    pub difference: u16,
}

/// What keeps a reason from holding of subjects: an identity cluster by which claims are no mismatch, an
/// employment beside those at ceased enterprises, others of one name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Forgiving {
    /// The reason.
    pub reason: Reason,
    /// The subjects, sorted.
    pub subjects: Box<[RowRef]>,
    /// The rows that forgive, sorted.
    pub rows: Box<[RowRef]>,
}

/// A sign of life: the citizen of a person is missing, and the person's card or number was presented. It is
/// no finding, since nothing is wrong with the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sign {
    /// Who is missing.
    pub citizen: PersonalId,
    /// Under which number claims are known: a citizen may be several participants.
    pub person: Person,
    /// The last admission date.
    pub last: Day,
}

/// A number of a claim that a threshold is compared with: of a claim that is alerted, or would be with a looser
/// threshold that is within reach (see [`Dial::reach`]). At most one a claim and dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Weighed {
    /// The claim.
    pub claim: RowRef,
    /// The threshold.
    pub dial: Dial,
    /// The number; the greatest that there is room for, where it is greater.
    pub number: u32,
    /// The facility of the claim.
    pub facility: Facility,
    /// Its admission date.
    pub admitted: Day,
}

/// What the dataflow gives out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Output {
    /// The visits that findings of `frequent_visits` and scores rest on.
    Visits(Visits),
    /// What the outlier score of a claim rests on, where some reason may call for one.
    Observed(Observed),
    /// A claim of a sample, where one is asked for.
    Sampled(Sampled),
    /// What keeps a reason from holding of subjects.
    Forgiving(Forgiving),
    /// A reason that holds.
    Finding(Finding),
    /// A sign of life; at most one a person.
    Sign(Sign),
    /// What the observation of an outlier rested and rests on.
    Basis(Basis),
    /// What a shadow model makes of a claim; there may be many that are equal.
    Compared(Compared),
    /// What thresholds are compared with.
    Weighed(Weighed),
}

impl Finding {
    /// A finding whose rows are put in order and freed of repetition.
    pub fn new(reason: Reason, class: Class, subject: RowRef, mut evidence: Vec<RowRef>) -> Self {
        evidence.sort_unstable();
        evidence.dedup();
        Self {
            subject,
            reason,
            class,
            grade: 0,
            cause: None,
            evidence: Support::Rows(evidence.into()),
        }
    }
}
