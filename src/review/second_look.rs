//! An approver's own verdict, before the proposed one is shown: of one proposal in twenty.
//!
//! Must hold: where a look is due, nothing is approved without; the first look of somebody at a proposal stands, however
//! often they look; which proposals are looked at twice is drawn by a key of the installation for the proposal itself, so
//! that nobody chooses which, nor evades it by touching the alert again.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::act::Refused;
use super::acting;
use super::database::{Durable, Failure};
use super::desk::{Desk, epoch};
use super::desk_log::Access;
use super::error::DeskError;
use super::item::Item;
use super::review_key::ReviewKey;
use super::rows;
use super::verdict::Verdict;
use super::viewer::Viewer;
use super::work::{WorkAction, WorkState};

/// One in so many proposals is looked at twice.
const EVERY: u32 = 20;

impl Desk {
    /// Whether somebody has to look at a proposal before they are shown it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn is_look_due(&self, who: &Viewer, item: &Item) -> Result<bool, DeskError> {
        self.database
            .read(|connection| is_missing(connection, who, item, &self.key))
    }

    /// Keeps somebody's own verdict on a proposal; gives the one that stands, which is their first. When it returns, that
    /// is durable: only then the proposal may be shown.
    ///
    /// # Errors
    /// When it is not theirs to approve, or the database cannot be written.
    pub fn look(
        &self,
        who: &Viewer,
        alert_id: &str,
        (version, own): (u32, Verdict),
    ) -> Result<(Item, Verdict), Refused> {
        let now = self.now();
        let done = self.database.write(Durable::Synced, |transaction| {
            let item = acting::find(transaction, alert_id)?;
            let item = item.filter(|item| who.sees(item.finding.province()));
            let item = item.ok_or(Refused::NotFound)?;
            let took_part = acting::took_part(transaction, alert_id, &who.name)?;
            match acting::may(who, &item, WorkAction::Approve, (took_part, false)) {
                // It can be looked at, and is then returned.
                Ok(()) | Err(Refused::Overtaken) => {}
                Err(why) => return Err(why.into()),
            }
            if item.work.version != version {
                return Err(Refused::Moved {
                    is_acted_on: true,
                    is_changed: false,
                    now: Box::new(item),
                }
                .into());
            }
            let own = keep(transaction, who, &item, (own, now))?;
            let looked = Access::Alert(alert_id);
            self.log.record(who, &looked, epoch(transaction)?)?;
            Ok((item, own))
        });
        done.map_err(|failure| {
            let refused = self.refused(failure);
            self.looked(who, alert_id, refused)
        })
    }
}

/// The number of the event that proposed what is proposed.
fn proposal(connection: &Connection, item: &Item) -> Result<Option<i64>, Failure> {
    if item.work.state != WorkState::Proposed {
        return Ok(None);
    }
    let query = "SELECT max(number) FROM event WHERE alert_id = ? AND action = 'propose'";
    let mut query = connection.prepare_cached(query)?;
    Ok(query.query_row([&item.finding.alert_id], |row| row.get(0))?)
}

fn is_drawn(alert_id: &str, proposal: i64, key: &ReviewKey) -> bool {
    let digest = key.digest(&[b"second look", alert_id.as_bytes(), &proposal.to_be_bytes()]);
    let [a, b, c, d, ..] = digest.0;
    u32::from_be_bytes([a, b, c, d]).is_multiple_of(EVERY)
}

fn first(connection: &Connection, who: &Viewer, proposal: i64) -> Result<Option<Verdict>, Failure> {
    let query = "SELECT verdict FROM second_look WHERE proposal = ? AND actor = ?";
    let mut query = connection.prepare_cached(query)?;
    let first = query.query_row(params![proposal, who.name], |row| {
        rows::word(row, 0, Verdict::from_code)
    });
    Ok(first.optional()?)
}

/// What somebody looked at a proposal and found, where they had to.
pub(super) fn of(
    connection: &Connection,
    who: &Viewer,
    item: &Item,
) -> Result<Option<Verdict>, Failure> {
    match proposal(connection, item)? {
        Some(proposal) => first(connection, who, proposal),
        None => Ok(None),
    }
}

/// Whether a look is due, and was not given.
pub(super) fn is_missing(
    connection: &Connection,
    who: &Viewer,
    item: &Item,
    key: &ReviewKey,
) -> Result<bool, Failure> {
    let Some(proposal) = proposal(connection, item)? else {
        return Ok(false);
    };
    let is_due = is_drawn(&item.finding.alert_id, proposal, key);
    Ok(is_due && first(connection, who, proposal)?.is_none())
}

fn keep(
    transaction: &Transaction<'_>,
    who: &Viewer,
    item: &Item,
    (own, now): (Verdict, i64),
) -> Result<Verdict, Failure> {
    let proposal = proposal(transaction, item)?.ok_or(Refused::NotPossible {
        action: WorkAction::Approve,
        state: item.work.state,
    })?;
    let insert = "INSERT INTO second_look (proposal, actor, at, verdict) VALUES (?, ?, ?, ?)
        ON CONFLICT (proposal, actor) DO NOTHING";
    let mut insert = transaction.prepare_cached(insert)?;
    insert.execute(params![proposal, who.name, now, own.as_str()])?;
    Ok(first(transaction, who, proposal)?.unwrap_or(own))
}
