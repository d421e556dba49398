//! Pages of alerts, the highest priority first. A page ends with a token from which the next goes on,
//! whatever was raised or withdrawn meanwhile.

use std::fmt;
use std::str::FromStr;

use super::alert::{AlertState, SealedAlert, StoredAlert};
use super::epoch::is_alert_id;
use super::error::StoreError;
use super::key::StoreKey;

/// The most alerts of a page.
pub const PAGE_MAX: u32 = 1000;

/// Which alerts are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// In this state.
    pub state: Option<AlertState>,
    /// Of this reason.
    pub reason: Option<String>,
    /// Of this class.
    pub class: Option<String>,
    /// With at least this priority.
    pub min_priority: Option<u32>,
}

/// After which alert a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageToken {
    pub(super) priority: u32,
    pub(super) alert_id: String,
}

impl fmt::Display for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.priority, self.alert_id)
    }
}

/// A text that is no page token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a page token; take `next` of the page before, or leave it out for the first page")]
pub struct PageTokenError;

impl FromStr for PageToken {
    type Err = PageTokenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (priority, alert_id) = text.split_once('-').ok_or(PageTokenError)?;
        if !is_alert_id(alert_id) || !priority.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PageTokenError);
        }
        Ok(Self {
            priority: priority.parse().map_err(|_| PageTokenError)?,
            alert_id: alert_id.to_owned(),
        })
    }
}

/// Alerts by priority, the highest first, then by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The alerts.
    pub alerts: Vec<StoredAlert>,
    /// Where the next page begins; none after the last.
    pub next: Option<PageToken>,
}

impl Page {
    /// The page of alerts that were found by the keys of [`first_keys`].
    ///
    /// One that does not open, since it was changed past the program, is left out, and told in the log: it keeps nobody
    /// from the others.
    pub(super) fn of(mut found: Vec<SealedAlert>, limit: u32, key: Option<&StoreKey>) -> Self {
        found.sort_unstable_by(|one, other| {
            let (one, other) = (&one.stored.alert, &other.stored.alert);
            (other.priority.cmp(&one.priority)).then_with(|| one.alert_id.cmp(&other.alert_id))
        });
        let limit = wanted(limit) - 1;
        let has_more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| has_more).map(|last| PageToken {
            priority: last.stored.alert.priority,
            alert_id: last.stored.alert.alert_id.clone(),
        });
        let opened = |alert: SealedAlert| {
            let told =
                |error: &StoreError| tracing::error!(%error, "an alert is left out of a page");
            alert.open(key).inspect_err(told).ok()
        };
        let alerts = found.into_iter().filter_map(opened).collect();
        Self { alerts, next }
    }
}

/// How many alerts are to be read: one more than the page has, to know whether there is a next.
pub(super) fn wanted(limit: u32) -> usize {
    limit.clamp(1, PAGE_MAX) as usize + 1
}

/// The first so many of keys (priority and alert id) that were found queue by queue.
pub(super) fn first_keys(mut keys: Vec<(u32, String)>, wanted: usize) -> Vec<String> {
    keys.sort_unstable_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    keys.truncate(wanted);
    keys.into_iter().map(|(_, alert_id)| alert_id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let token = PageToken {
            priority: 1320,
            alert_id: "03c753df59aa4f7a305210e012b6c282".to_owned(),
        };
        assert_eq!(token.to_string().parse(), Ok(token));
        for text in [
            "",
            "-",
            "1320",
            "+1-03c753df59aa4f7a305210e012b6c282",
            "1-03C7",
        ] {
            assert_eq!(text.parse::<PageToken>(), Err(PageTokenError), "{text}");
        }
    }
}
