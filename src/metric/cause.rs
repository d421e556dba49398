//! Why alerts are withdrawn, in eight groups.
//!
//! In: the first cause of a withdrawal. Out: its group. Must hold: every stream has one; a group tells
//! which sender to ask when many alerts go at once.

use super::label::label;
use crate::record::Stream;

label! {
    /// What withdrew an alert.
    RetractionCause as "cause" {
        /// A row of `citizens`.
        Citizens = "citizens",
        /// A row of `death_reports`.
        DeathReports = "death_reports",
        /// A row of `participants` or `cards`: the insurance register.
        Insurance = "insurance",
        /// A row of `claims` or `check_ins`: the facilities.
        Claims = "claims",
        /// A row of `enterprises`, `employments`, `beneficiaries` or `health_profiles`.
        Registers = "registers",
        /// Other settings of the rules.
        Settings = "settings",
        /// Another outlier model.
        Model = "model",
        /// A new day.
        AsOf = "as_of",
    }
}

impl From<Stream> for RetractionCause {
    fn from(stream: Stream) -> Self {
        match stream {
            Stream::Citizens => Self::Citizens,
            Stream::DeathReports => Self::DeathReports,
            Stream::Participants | Stream::Cards => Self::Insurance,
            Stream::Claims | Stream::CheckIns => Self::Claims,
            Stream::Enterprises
            | Stream::Employments
            | Stream::Beneficiaries
            | Stream::HealthProfiles => Self::Registers,
        }
    }
}

impl RetractionCause {
    /// The group of a cause under the name that the history gives it: a stream, `as_of`, `rules` or
    /// `model`.
    pub fn from_history(name: &str) -> Option<Self> {
        match name {
            "as_of" => Some(Self::AsOf),
            "rules" => Some(Self::Settings),
            "model" => Some(Self::Model),
            _ => {
                let stream = Stream::ALL.iter().find(|stream| stream.name() == name);
                stream.map(|stream| (*stream).into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Label;
    use std::collections::BTreeSet;

    #[test]
    fn every_cause_of_the_history_has_a_group_and_every_group_a_cause() {
        let streams = Stream::ALL.iter().map(|stream| stream.name());
        let names = streams.chain(["as_of", "rules", "model"]);
        let groups: Option<BTreeSet<_>> = names.map(RetractionCause::from_history).collect();
        assert_eq!(
            groups.map(|groups| groups.len()),
            Some(RetractionCause::ALL.len())
        );
        assert_eq!(RetractionCause::from_history("weather"), None);
    }
}
