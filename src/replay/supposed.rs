//! What is supposed of a journal that it does not say.
//!
//! In: the epochs of a journal, and what is supposed of them. Out: the epochs as they would have been. Must hold: rows
//! keep the numbers that they have in the journal, so that what undid some of them still finds them; what comes after
//! the last epoch is read as the service reads a file that is put into its inbox.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::journal::{Delivery, Epoch, LoadId};
use crate::record::Instant;
use crate::service::add_entry;
use crate::source::{InputFile, Reading, SourceError, open};

/// What is supposed of a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Supposition {
    /// Whether the thresholds of the options decide, from the first epoch on, instead of those that the journal says.
    pub rules: bool,
    /// Whether the model of the options does.
    pub model: bool,
    /// Loads that never came.
    pub without: BTreeSet<LoadId>,
    /// What comes after the last epoch.
    pub loads: Vec<PathBuf>,
    /// When it comes.
    pub arrival: Option<Instant>,
}

impl Supposition {
    /// Nothing is supposed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The epoch that holds what comes after the last, and names columns of it that are not known.
    ///
    /// # Errors
    /// When a file is none of a stream, or cannot be read.
    pub(super) fn epoch(
        &self,
        last: &Epoch,
        rows_before: u64,
        scratch: &Path,
    ) -> Result<(Epoch, Vec<String>), SourceError> {
        let at = self.arrival.map_or(last.at, |at| at.max(last.at));
        let (mut deliveries, mut warnings) = (Vec::new(), Vec::new());
        for path in &self.loads {
            let file = InputFile::of(path)?;
            let mut rows = open(&file, Reading::Arriving(at), scratch)?;
            let mut delivery = Delivery {
                source: SOURCE.to_owned(),
                origin: file.name.clone(),
                ..Delivery::default()
            };
            while let Some(entry) = rows.next_entry()? {
                add_entry(&mut delivery, entry);
            }
            let unknown = rows.unknown_columns();
            if !unknown.is_empty() {
                let columns = unknown.join("`, `");
                warnings.push(format!(
                    "{}: unknown columns `{columns}`, ignored",
                    file.name
                ));
            }
            deliveries.push(delivery);
        }
        let epoch = Epoch {
            number: last.number + 1,
            at,
            // That a day passes is nothing that the loads do.
            clock: last.clock,
            rows_before,
            detector: None,
            deliveries: Some(deliveries),
        };
        Ok((epoch, warnings))
    }
}

/// The source of what is supposed to come.
const SOURCE: &str = "supposed";
