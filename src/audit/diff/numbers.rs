//! `numbers.ndjson` of a run: the numbers that thresholds are compared with, alert by alert.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::DiffError;
use super::lines::Lines;
use super::run::Run;
use crate::alert::AlertId;

/// The file.
const NUMBERS: &str = "numbers.ndjson";

/// The number of each threshold, by `reason.name`.
pub(super) type Numbers = BTreeMap<String, u32>;

/// The numbers of a run, read alongside its alerts. A service's exports have none.
pub(super) struct NumberFile {
    lines: Option<Lines>,
    next: Option<Line>,
}

#[derive(Deserialize)]
struct Line {
    alert_id: AlertId,
    numbers: Numbers,
}

impl NumberFile {
    /// The numbers of a run.
    pub fn open(run: &Run) -> Result<Self, DiffError> {
        let mut file = Self {
            lines: run.lines_if_any(NUMBERS)?,
            next: None,
        };
        file.advance()?;
        Ok(file)
    }

    fn advance(&mut self) -> Result<(), DiffError> {
        let before = self.next.take().map(|line| line.alert_id);
        let Some(lines) = &mut self.lines else {
            return Ok(());
        };
        if lines.advance()? {
            let line: Line = lines.parse("an alert's numbers")?;
            if before.is_some_and(|before| before >= line.alert_id) {
                return Err(lines.wrong("alerts are not sorted by `alert_id`, each once"));
            }
            self.next = Some(line);
        }
        Ok(())
    }

    /// The numbers of an alert; alerts are asked for in ascending order.
    pub fn of(&mut self, alert: AlertId) -> Result<Numbers, DiffError> {
        while (self.next.as_ref()).is_some_and(|line| line.alert_id < alert) {
            self.advance()?;
        }
        match &self.next {
            Some(line) if line.alert_id == alert => Ok(line.numbers.clone()),
            _ => Ok(Numbers::new()),
        }
    }
}
