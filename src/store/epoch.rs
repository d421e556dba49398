//! What an epoch leaves behind, committed as one.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::alert::{AlertChange, AlertRow};
use super::error::StoreError;
use super::history::{HistoryKind, HistoryRow};
use super::position::Position;
use super::reject::{RejectRow, SettledReject};
use super::request::RequestRow;
use super::restored::RestoredClaim;

/// The outputs of a sealed epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochCommit {
    /// Its number.
    pub epoch: u64,
    /// The number of the epoch sealed before it; none of the first of a journal. It is what tells a
    /// gap from an epoch that is due.
    pub previous: Option<u64>,
    /// When it was sealed: milliseconds since 1970-01-01T00:00Z.
    pub at: i64,
    /// The as-of day from this epoch on, in days since 1970-01-01, where the epoch sets it.
    pub clock_day: Option<i32>,
    /// Rows accepted.
    pub rows: u64,
    /// What became of alerts, each at most once.
    pub alerts: Vec<AlertChange>,
    /// The lines of history, of each alert at most one.
    pub history: Vec<HistoryRow>,
    /// Rows refused.
    pub rejects: Vec<RejectRow>,
    /// Rows refused earlier and settled now.
    pub settled: Vec<SettledReject>,
    /// Positions reached.
    pub positions: Vec<Position>,
    /// Requests answered.
    pub requests: Vec<RequestRow>,
    /// Claims restored, each at most once.
    pub restored: Vec<RestoredClaim>,
}

/// What is kept of a committed epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochRecord {
    /// Its number.
    pub epoch: u64,
    /// The digest of its outputs.
    pub digest: [u8; 32],
    /// When it was sealed: milliseconds since 1970-01-01T00:00Z.
    pub at: i64,
    /// Rows accepted.
    pub rows: u64,
    /// Alerts raised.
    pub raised: u64,
    /// Alerts changed.
    pub changed: u64,
    /// Alerts withdrawn.
    pub withdrawn: u64,
    /// Alerts archived.
    pub archived: u64,
}

impl EpochCommit {
    /// The digest of what a replay must reproduce: what became of alerts, the lines of both exports, and
    /// which rows were refused and settled, and which claims restored. Words of messages and answers to requests are not part of it.
    /// The order within each list is not either.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = Hasher(Sha256::new());
        hasher.text("fundwatch epoch 1");
        hasher.number(self.epoch);
        let mut alerts: Vec<&AlertChange> = self.alerts.iter().collect();
        alerts.sort_unstable_by_key(|change| change.alert_id());
        hasher.length(alerts.len());
        for change in alerts {
            hasher.text(change.alert_id());
            hasher.text(change.state().as_str());
            if let AlertChange::Holds(row) = change {
                hasher.text(&row.line);
            }
        }
        let mut history: Vec<&HistoryRow> = self.history.iter().collect();
        history.sort_unstable_by_key(|row| &row.alert_id);
        hasher.length(history.len());
        for row in history {
            hasher.text(&row.alert_id);
            hasher.text(row.kind.as_str());
            hasher.text(&row.line);
        }
        let mut rejects: Vec<&RejectRow> = self.rejects.iter().collect();
        rejects.sort_unstable_by_key(|reject| reject.ordinal);
        hasher.length(rejects.len());
        for reject in rejects {
            hasher.number(u64::from(reject.ordinal));
            hasher.text(&reject.source);
            hasher.text(&reject.stream);
            hasher.number(reject.row);
            hasher.text(&reject.code);
        }
        let mut settled: Vec<&SettledReject> = self.settled.iter().collect();
        settled.sort_unstable_by_key(|settled| (settled.epoch, settled.ordinal));
        hasher.length(settled.len());
        for settled in settled {
            hasher.number(settled.epoch);
            hasher.number(u64::from(settled.ordinal));
            hasher.text(settled.state().as_str());
        }
        // Epochs that restore nothing have the digest that they had before claims were restored.
        if !self.restored.is_empty() {
            let mut restored: Vec<&RestoredClaim> = self.restored.iter().collect();
            restored.sort_unstable();
            hasher.length(restored.len());
            for claim in restored {
                hasher.text(&claim.stream);
                hasher.text(&claim.facility);
                hasher.text(&claim.visit_id);
                hasher.text(&claim.until_day.to_string());
            }
        }
        hasher.0.finalize().into()
    }

    /// What is kept of it.
    pub fn record(&self) -> EpochRecord {
        let count = |kind| {
            let rows = self.history.iter().filter(|row| row.kind == kind);
            rows.count() as u64
        };
        EpochRecord {
            epoch: self.epoch,
            digest: self.digest(),
            at: self.at,
            rows: self.rows,
            raised: count(HistoryKind::Raised),
            changed: count(HistoryKind::Changed),
            withdrawn: count(HistoryKind::Withdrawn),
            archived: count(HistoryKind::Archived),
        }
    }

    /// Refuses what no store can keep, or could not give back as it was.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], which says what is wrong.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let invalid = |what| StoreError::Invalid {
            epoch: self.epoch,
            what,
        };
        let fits = |number: u64| i64::try_from(number).is_ok();
        if !fits(self.epoch) || !fits(self.rows) {
            return Err(invalid("a number beyond 63 bits"));
        }
        let mut seen = HashSet::with_capacity(self.alerts.len().max(self.history.len()));
        for change in &self.alerts {
            if !is_alert_id(change.alert_id()) {
                return Err(invalid("an alert id that is not 32 hexadecimal digits"));
            }
            if !seen.insert(change.alert_id()) {
                return Err(invalid("two changes of one alert"));
            }
            if let AlertChange::Holds(row) = change {
                check_alert(row).map_err(invalid)?;
            }
        }
        seen.clear();
        for row in &self.history {
            if !is_alert_id(&row.alert_id) {
                return Err(invalid("an alert id that is not 32 hexadecimal digits"));
            }
            if !seen.insert(&row.alert_id) {
                return Err(invalid("two lines of history of one alert"));
            }
            if !is_line(&row.line) || [&*row.reason, &row.at].into_iter().any(has_nul) {
                return Err(invalid("a line of history that is not one line of text"));
            }
        }
        let mut ordinals = HashSet::with_capacity(self.rejects.len());
        for reject in &self.rejects {
            if !ordinals.insert(reject.ordinal) {
                return Err(invalid("two refused rows with one ordinal"));
            }
            if !fits(reject.row) {
                return Err(invalid("a number beyond 63 bits"));
            }
            if has_nul(&reject.code) || has_nul(&reject.stream) {
                return Err(invalid("a code or a stream with a NUL"));
            }
        }
        let mut settled = HashSet::with_capacity(self.settled.len());
        for one in &self.settled {
            if one.epoch > self.epoch {
                return Err(invalid("a refused row of a later epoch that is settled"));
            }
            if !settled.insert((one.epoch, one.ordinal)) {
                return Err(invalid("a refused row that is settled twice"));
            }
        }
        let positions = self.positions.iter();
        let mut texts = positions.flat_map(|one| [&one.source, &one.partition, &one.position]);
        if texts.any(|text| has_nul(text)) {
            return Err(invalid("a position with a NUL"));
        }
        let mut restored = HashSet::with_capacity(self.restored.len());
        for claim in &self.restored {
            if !restored.insert(claim.key()) {
                return Err(invalid("a claim that is restored twice"));
            }
            if has_nul(&claim.stream) || has_nul(&claim.facility) {
                return Err(invalid("a restored claim with a NUL"));
            }
        }
        let requests = self.requests.iter();
        let mut texts = requests.flat_map(|one| [&one.principal, &one.response]);
        if texts.any(|text| has_nul(text)) {
            return Err(invalid("a request with a NUL"));
        }
        Ok(())
    }
}

fn check_alert(row: &AlertRow) -> Result<(), &'static str> {
    if i64::try_from(row.raised_epoch).is_err() {
        return Err("a number beyond 63 bits");
    }
    if row.reason.is_empty() {
        return Err("an alert without a reason");
    }
    let cause = row.cause.as_deref().unwrap_or_default();
    let words = [&row.reason, &row.class, &row.severity, &row.subject_kind];
    let words = words.into_iter().map(|word| &**word);
    let mut texts = words.chain([cause, &row.subject_id, &row.raised_at]);
    match is_line(&row.line) && !texts.any(has_nul) {
        true => Ok(()),
        false => Err("an alert that is not one line of text"),
    }
}

/// PostgreSQL keeps no NUL in texts.
fn has_nul(text: &str) -> bool {
    text.contains('\0')
}

fn is_line(text: &str) -> bool {
    !text.is_empty() && !text.contains(['\0', '\n'])
}

pub(super) fn is_alert_id(text: &str) -> bool {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 32 && text.bytes().all(is_hex)
}

/// A hasher of parts whose lengths are hashed as well.
struct Hasher(Sha256);

impl Hasher {
    fn number(&mut self, number: u64) {
        self.0.update(number.to_be_bytes());
    }

    fn length(&mut self, length: usize) {
        self.number(length as u64);
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.update(text);
    }
}
