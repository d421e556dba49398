//! What came later than a run looks at, in a word.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::record::Stream;
use crate::rule::Reason;

/// What came later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Later {
    /// A row.
    Row {
        /// Its stream.
        stream: Stream,
        /// Whether it tells of a death, for a reason that turns on one.
        is_death: bool,
        /// What it did.
        happened: Happened,
    },
    /// A day on which the reason turns.
    DayPassed,
    /// Other thresholds took force.
    Thresholds,
    /// Another model took force.
    Model,
    /// Claims of a window of which evidence lists no more than the ends.
    Window,
    /// Something else of the person, on which the scores rest.
    Person,
    /// What it was the later run does not tell: its epochs do not part what was known by then from what was not, or
    /// the row is none that the alert lists.
    NotTold,
}

/// What a row did that came later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happened {
    /// It speaks for the alert, and did not.
    Recorded,
    /// It spoke for the alert and does, otherwise.
    Corrected,
    /// It spoke for the alert and does no longer: it is deleted, or corrected.
    Withdrawn,
    /// It speaks against the alert, or did.
    Changed,
}

impl Happened {
    /// What happened, from whether a row speaks for an alert then and later.
    pub(super) fn of(then: bool, later: bool) -> Self {
        match (then, later) {
            (false, true) => Self::Recorded,
            (true, true) => Self::Corrected,
            (true, false) => Self::Withdrawn,
            (false, false) => Self::Changed,
        }
    }
}

impl Later {
    /// A row of a stream, by its name; what else a cause may name.
    pub(super) fn of(stream: &str, reason: Reason, happened: Happened) -> Self {
        match stream {
            "as_of" => Self::DayPassed,
            "rules" => Self::Thresholds,
            "model" => Self::Model,
            _ => match Stream::ALL.iter().find(|one| one.name() == stream) {
                Some(stream) => Self::Row {
                    stream: *stream,
                    is_death: *stream == Stream::DeathReports
                        || (*stream == Stream::Citizens && turns_on_death(reason)),
                    happened,
                },
                None => Self::NotTold,
            },
        }
    }
}

/// Whether a citizen's row speaks for an alert by telling of a death.
fn turns_on_death(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::ServiceAfterDeath | Reason::StaleCard | Reason::BenefitAfterDeath
    )
}

impl fmt::Display for Later {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (of, happened) = match self {
            Self::DayPassed => return f.write_str("day_passed"),
            Self::Thresholds => return f.write_str("thresholds_changed"),
            Self::Model => return f.write_str("model_changed"),
            Self::Window => return f.write_str("window_changed"),
            Self::Person => return f.write_str("person_changed"),
            Self::NotTold => return f.write_str("not_told"),
            Self::Row {
                stream,
                is_death,
                happened,
            } => match (is_death, stream) {
                (true, _) => ("death", happened),
                (false, Stream::Citizens) => ("citizen", happened),
                (false, Stream::DeathReports) => ("death", happened),
                (false, Stream::Participants) => ("participant", happened),
                (false, Stream::Cards) => ("card", happened),
                (false, Stream::Claims) => ("claim", happened),
                (false, Stream::CheckIns) => ("check_in", happened),
                (false, Stream::Enterprises) => ("enterprise", happened),
                (false, Stream::Employments) => ("employment", happened),
                (false, Stream::Beneficiaries) => ("benefit", happened),
                (false, Stream::HealthProfiles) => ("health_profile", happened),
            },
        };
        let happened = match (of, happened) {
            // The row of a participant says whose it is.
            ("participant", Happened::Corrected | Happened::Withdrawn | Happened::Changed) => {
                "relinked"
            }
            (_, Happened::Recorded) => "recorded",
            (_, Happened::Corrected) => "corrected",
            (_, Happened::Withdrawn) => "withdrawn",
            (_, Happened::Changed) => "changed",
        };
        write!(f, "{of}_{happened}")
    }
}

impl Serialize for Later {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
