//! What is behind an alert, for the pages and for the API: the boundary to the rows of the journal.
//!
//! Every method may block. Must hold: nothing that crosses here identifies a person of the registers, but what
//! [`Cases::revealed`] gives, one row at a time.

use crate::case::{Column, Field, IdentityPath};
use crate::language::Language;
use crate::record::{Day, Instant, Stream};
use crate::review::Viewer;

/// What is behind an alert, told in a language and masked.
#[derive(Clone, Debug, Default)]
pub struct CaseTold {
    /// Why it holds, in one sentence.
    pub sentence: String,
    /// The rows behind it that are listed.
    pub rows: Vec<RowTold>,
    /// How many there are.
    pub rows_in_all: u64,
    /// What moved the score, strongest first.
    pub features: Vec<FeatureTold>,
    /// What ties the numbers that it is about, where it is about identities.
    pub identity: Option<IdentityPath>,
}

/// A row behind an alert.
#[derive(Clone, Debug)]
pub struct RowTold {
    /// Of what it is.
    pub stream: Stream,
    /// When what it says was so, from and to: the days of a visit, of a card, of a death.
    pub valid: Option<(Day, Option<Day>)>,
    /// When it became known.
    pub known_at: Instant,
    /// Where it lies, as a code.
    pub place: String,
    /// What it says, masked; none where its content was erased.
    pub texts: Option<Vec<String>>,
    /// The fields that are masked in it.
    pub fields: Vec<Field>,
}

/// A visit that a row behind an alert is of: nothing of whom it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The code of the facility.
    pub facility: String,
    /// The day of arrival.
    pub from: Day,
    /// The day of departure, or the same.
    pub to: Day,
    /// Whether the patient stayed.
    pub is_stay: bool,
}

/// Visits, as far as they were found in time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visits {
    /// They, by their first day.
    pub visits: Vec<Visit>,
    /// Whether there may be more.
    pub is_cut: bool,
}

/// A row behind an alert, unmasked. To be shown only after it is kept who has it shown, and why.
#[derive(Clone)]
pub struct Revealed {
    /// Of what it is.
    pub stream: Stream,
    /// What it says.
    pub columns: Vec<Column>,
    /// The fields that are masked otherwise, each once.
    pub fields: Vec<Field>,
    /// What they say, as the row has them: a field as often as the row does.
    pub values: Vec<(Field, String)>,
    /// Whom it is about: a stream, and a key of it.
    pub person: Option<(Stream, String)>,
}

/// It identifies a person: it is not shown.
impl std::fmt::Debug for Revealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Revealed")
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}

/// What a feature added to a score.
#[derive(Clone, Debug)]
pub struct FeatureTold {
    /// Its name, in words.
    pub name: String,
    /// Its share, in ten-thousandths.
    pub share: u16,
    /// The value of the claim.
    pub observed: String,
    /// The usual value.
    pub typical: String,
}

/// A case that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("a case cannot be read: {0}")]
pub struct CaseError(pub &'static str);

/// What is behind alerts.
pub trait Cases: Send + Sync + 'static {
    /// The case of an alert that somebody may see; none where it is not kept.
    ///
    /// # Errors
    /// When it cannot be read.
    fn case(
        &self,
        who: &Viewer,
        alert_id: &str,
        language: Language,
    ) -> Result<Option<CaseTold>, CaseError>;

    /// The visits that the rows behind alerts are of, each once, by their first day; without those whose content was erased.
    ///
    /// # Errors
    /// When they cannot be read.
    fn visits(&self, _who: &Viewer, _alert_ids: &[String]) -> Result<Visits, CaseError> {
        Ok(Visits::default())
    }

    /// A row of the case, from 1 on, unmasked; none where there is no such row, or its content was erased.
    ///
    /// # Errors
    /// When it cannot be read.
    fn revealed(
        &self,
        _who: &Viewer,
        _alert_id: &str,
        _row: u32,
        _language: Language,
    ) -> Result<Option<Revealed>, CaseError> {
        Ok(None)
    }
}
