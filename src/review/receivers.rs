//! Receivers of webhooks and how far each is in what it is to be told.
//!
//! Must hold: a receiver gets the messages of its reasons in their order, and none is forgotten before it has it, but for
//! what is too old or too much to be kept, which is counted; a receiver that is new begins with what comes from then on; one
//! that the configuration does not name any more is forgotten.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::bell::Bell;
use super::database::{Durable, Failure};
use super::desk::Desk;
use super::error::DeskError;
use super::item::EvidenceDigest;
use super::outbox::{self, Message, Outbox};
use crate::rule::ReasonSet;

/// How long a message waits for a receiver, in milliseconds: seven days.
const LONGEST_KEPT: i64 = 7 * 86_400_000;
/// The most messages that wait: some 200 bytes each.
const MOST_KEPT: i64 = 1_000_000;
/// Messages that are read at once.
const AT_ONCE: u32 = 100;
/// Messages that are removed with one transaction: whoever acts meanwhile waits for one.
const REMOVED_AT_ONCE: i64 = 5_000;

/// A receiver, as the configuration has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    /// Its name.
    pub name: String,
    /// The reasons whose alerts it is told of.
    pub reasons: ReasonSet,
    /// A digest of all that the configuration says of it: one that stopped goes on when it is another.
    pub settings: EvidenceDigest,
}

/// What the desk knows of receivers.
#[derive(Default)]
pub(super) struct Receivers {
    enrolled: Vec<Enrolled>,
    /// The reasons that some receiver wants; none where there is no receiver.
    reasons: Option<ReasonSet>,
    bell: Arc<Bell>,
}

/// What a receiver is to be told next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// The next messages that it wants, in their order.
    pub messages: Vec<Message>,
    /// The number up to which was looked: what is not among the messages it does not want.
    pub through: i64,
    /// The number of the last message that it has, or does not want.
    pub delivered: i64,
    /// Whether it said that nothing is expected there any more.
    pub is_stopped: bool,
}

/// How a receiver stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// The time of the first message that waits for it, in milliseconds since 1970.
    pub oldest: Option<i64>,
}

impl Receivers {
    /// What is to be told of what a transaction writes; nothing where nobody is to be told, or the desk is being filled for
    /// the first time.
    pub(super) fn outbox<'a>(
        &self,
        transaction: &Transaction<'_>,
        desk: &'a Desk,
    ) -> Result<Option<Outbox<'a>>, Failure> {
        let Some(reasons) = self.reasons else {
            return Ok(None);
        };
        let is_filled = outbox::is_filled(transaction)?;
        Ok(is_filled.then(|| Outbox {
            reasons,
            key: &desk.key,
            now: desk.now(),
        }))
    }

    /// Wakes those that tell, once what they are to tell is committed.
    pub(super) fn ring(&self) {
        self.bell.ring();
    }

    /// Whether anybody is told.
    pub(super) fn is_any(&self) -> bool {
        self.reasons.is_some()
    }

    fn reasons_of(&self, name: &str) -> Option<ReasonSet> {
        let enrolled = self.enrolled.iter().find(|one| one.name == name);
        enrolled.map(|one| one.reasons)
    }
}

impl Desk {
    /// The same with these receivers of webhooks, and no others. Those that are new begin with what comes from now on.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn with_receivers(mut self, receivers: Vec<Enrolled>) -> Result<Self, DeskError> {
        let done = self.database.write(Durable::Synced, |transaction| {
            enrol(transaction, &receivers)
        });
        done.map_err(|failure| self.database.told(failure))?;
        let wanted = receivers.iter().flat_map(|one| one.reasons.iter());
        self.receivers = Receivers {
            reasons: (!receivers.is_empty()).then(|| wanted.collect()),
            enrolled: receivers,
            bell: Arc::default(),
        };
        Ok(self)
    }

    /// The bell that is rung when there is something to be told.
    pub fn bell(&self) -> Arc<Bell> {
        self.receivers.bell.clone()
    }

    /// What a receiver is to be told next. Nothing, where there is no such receiver.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn pending(&self, receiver: &str) -> Result<Pending, DeskError> {
        let Some(reasons) = self.receivers.reasons_of(receiver) else {
            return Ok(Pending::default());
        };
        self.database.read(|connection| {
            let Some((delivered, is_stopped)) = position(connection, receiver)? else {
                return Ok(Pending::default());
            };
            let mut messages = outbox::after(connection, delivered, AT_ONCE)?;
            let through = messages.last().map_or(delivered, |last| last.number);
            messages.retain(|message| reasons.contains(message.reason));
            Ok(Pending {
                messages,
                through,
                delivered,
                is_stopped,
            })
        })
    }

    /// Takes note that a receiver has what is up to a number, or does not want it. After a power failure it may be told
    /// again.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn has_received(&self, receiver: &str, number: i64) -> Result<(), DeskError> {
        let done = self.database.write(Durable::Again, |transaction| {
            let update =
                "UPDATE webhook_receiver SET delivered = ?2 WHERE name = ?1 AND delivered < ?2";
            transaction
                .prepare_cached(update)?
                .execute(params![receiver, number])?;
            Ok(())
        });
        done.map_err(|failure| self.database.told(failure))
    }

    /// Takes note that a receiver expects nothing any more, until the configuration says something else of it.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn stop_receiver(&self, receiver: &str) -> Result<(), DeskError> {
        let done = self.database.write(Durable::Synced, |transaction| {
            let update = "UPDATE webhook_receiver SET is_stopped = 1 WHERE name = ?";
            transaction.execute(update, [receiver])?;
            Ok(())
        });
        done.map_err(|failure| self.database.told(failure))
    }

    /// Removes what all receivers have, and what is too old or too much to be kept. Tells how many messages that they had
    /// not receivers lose by it, by name; nothing of those that lose none.
    ///
    /// # Errors
    /// When the database cannot be written; what was removed is gone.
    pub fn trim_messages(&self) -> Result<Vec<(String, u64)>, DeskError> {
        let mut lost: Vec<(String, u64)> = Vec::new();
        if self.receivers.enrolled.is_empty() {
            return Ok(lost);
        }
        let kept_from = self.now().saturating_sub(LONGEST_KEPT);
        loop {
            let done = self.database.write(Durable::Again, |transaction| {
                trim(transaction, &self.receivers.enrolled, kept_from)
            });
            let (now_lost, is_done) = done.map_err(|failure| self.database.told(failure))?;
            for (name, count) in now_lost {
                match lost.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, lost)) => *lost += count,
                    None => lost.push((name, count)),
                }
            }
            if is_done {
                return Ok(lost);
            }
        }
    }

    /// How each receiver stands.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn receivers(&self) -> Result<Vec<Standing>, DeskError> {
        self.database.read(|connection| {
            let all = self.receivers.enrolled.iter();
            let standing = all.map(|one| {
                let position = position(connection, &one.name)?;
                let oldest = match position {
                    Some((delivered, _)) => oldest(connection, delivered, one.reasons)?,
                    None => None,
                };
                Ok(Standing {
                    name: one.name.clone(),
                    oldest,
                })
            });
            standing.collect()
        })
    }
}

/// The number of the last message that a receiver has, and whether it stopped.
fn position(connection: &Connection, receiver: &str) -> Result<Option<(i64, bool)>, Failure> {
    let query = "SELECT delivered, is_stopped FROM webhook_receiver WHERE name = ?";
    let mut query = connection.prepare_cached(query)?;
    let found = query.query_row([receiver], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(found.optional()?)
}

/// Reasons as a list of SQL: words of the program, and of nobody else.
fn listed(reasons: ReasonSet) -> String {
    let names: Vec<String> = reasons.iter().map(|one| format!("'{one}'")).collect();
    names.join(", ")
}

fn oldest(
    connection: &Connection,
    delivered: i64,
    reasons: ReasonSet,
) -> Result<Option<i64>, Failure> {
    let query = format!(
        "SELECT at FROM webhook_message WHERE number > ? AND reason IN ({}) ORDER BY number LIMIT 1",
        listed(reasons)
    );
    let mut query = connection.prepare_cached(&query)?;
    let found = query.query_row([delivered], |row| row.get(0)).optional()?;
    Ok(found)
}

/// Brings the receivers of the database in line with those of the configuration.
fn enrol(transaction: &Transaction<'_>, receivers: &[Enrolled]) -> Result<(), Failure> {
    let known: Vec<String> = {
        let mut query = transaction.prepare("SELECT name FROM webhook_receiver")?;
        let names = query.query_map([], |row| row.get(0))?;
        names.collect::<Result<_, _>>()?
    };
    for name in known {
        if receivers.iter().all(|one| one.name != name) {
            transaction.execute("DELETE FROM webhook_receiver WHERE name = ?", [name])?;
        }
    }
    let begin = outbox::last_number(transaction)?;
    for one in receivers {
        let upsert = "INSERT INTO webhook_receiver (name, settings, delivered, is_stopped) VALUES (?, ?, ?, 0)
            ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, is_stopped = 0
                WHERE settings <> excluded.settings";
        transaction.execute(upsert, params![one.name, one.settings.0, begin])?;
    }
    if receivers.is_empty() {
        transaction.execute("DELETE FROM webhook_message", [])?;
    }
    Ok(())
}

/// Removes some of what need not or cannot be kept. Tells what receivers lose by it, and whether that was all.
fn trim(
    transaction: &Transaction<'_>,
    receivers: &[Enrolled],
    kept_from: i64,
) -> Result<(Vec<(String, u64)>, bool), Failure> {
    let first = "SELECT number, at FROM webhook_message ORDER BY number LIMIT 1";
    let first = transaction.query_row(first, [], |row| Ok((row.get(0)?, row.get(1)?)));
    let Some((first, since)): Option<(i64, i64)> = first.optional()? else {
        return Ok((Vec::new(), true));
    };
    // People who act wait for this: a part of them at a time.
    let part = first.saturating_add(REMOVED_AT_ONCE);
    let all_have: i64 =
        transaction.query_row("SELECT min(delivered) FROM webhook_receiver", [], |row| {
            row.get::<_, Option<i64>>(0).map(Option::unwrap_or_default)
        })?;
    // The clock may have been set back: what came before something old is as old. It is looked through only where the
    // first is.
    let old: Option<i64> = match since < kept_from {
        true => transaction.query_row(
            "SELECT max(number) FROM webhook_message WHERE number <= ? AND at < ?",
            [part, kept_from],
            |row| row.get(0),
        )?,
        false => None,
    };
    // Numbers have no gaps that matter here.
    let beyond = Some(outbox::last_number(transaction)? - MOST_KEPT);
    let whole = [Some(all_have), old, beyond].into_iter().flatten().max();
    let whole = whole.unwrap_or(all_have);
    let until = whole.min(part);
    let mut lost = Vec::new();
    for one in receivers {
        let Some((delivered, _)) = position(transaction, &one.name)? else {
            continue;
        };
        if delivered >= until {
            continue;
        }
        let count = format!(
            "SELECT count(*) FROM webhook_message WHERE number > ? AND number <= ? AND reason IN ({})",
            listed(one.reasons)
        );
        let count: u64 =
            transaction.query_row(&count, params![delivered, until], |row| row.get(0))?;
        if count > 0 {
            lost.push((one.name.clone(), count));
        }
        let update = "UPDATE webhook_receiver SET delivered = ? WHERE name = ?";
        transaction.execute(update, params![until, one.name])?;
    }
    transaction.execute("DELETE FROM webhook_message WHERE number <= ?", [until])?;
    Ok((lost, until < part))
}
