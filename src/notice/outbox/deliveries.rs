//! What becomes of each version at each sink.
//!
//! ```text
//! pending ─ begin ─ settle ─┬─▶ delivered
//!    ▲                      ├─▶ pending, later
//!    │                      └─▶ failed ─ retry ─▶ pending
//!    └ plan                 a later version: superseded; a cancellation of what was never sent: unneeded
//! ```
//! Must hold: an attempt is on disk before anything is sent, so that what may have arrived is known to
//! whoever comes after a crash; what was taken by a sink is `delivered`, whatever came meanwhile.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

use super::{Outbox, OutboxError};
use crate::authenticate::Database;
use crate::notice::moment::Moment;

/// The state of a version at a sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryState {
    /// To be sent.
    Pending,
    /// The sink took it.
    Delivered,
    /// The sink refused it for good.
    Failed,
    /// A later version took its place.
    Superseded,
    /// A cancellation of what was never sent.
    Unneeded,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Delivered,
        Self::Failed,
        Self::Superseded,
        Self::Unneeded,
    ];

    /// The word in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
            Self::Unneeded => "unneeded",
        }
    }

    /// The state with this word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A sink that deliveries are made to.
#[derive(Clone, Copy, Debug)]
pub struct Registered<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whose notices it takes.
    pub database: Database,
    /// `webhook` or `directory`.
    pub kind: &'a str,
}

/// How a sink has been answering.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pause {
    /// Failures in a row.
    pub failures: u32,
    /// Until when nothing is sent.
    pub until: Option<Moment>,
}

/// Which delivery.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Delivery {
    /// The sink's name.
    pub sink: String,
    /// The version's row.
    pub notice: i64,
}

/// A delivery that was begun: the attempt is on disk.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Which.
    pub delivery: Delivery,
    /// The value that it is about: of each, one delivery a sink is under way.
    pub target: i64,
    /// The idempotency key.
    pub key: String,
    /// The body.
    pub body: String,
    /// Attempts, this one included.
    pub attempts: u32,
    /// Refusals so far.
    pub refusals: u32,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The sink took it.
    Delivered,
    /// It is to be tried again.
    Later {
        /// Not before then.
        at: Moment,
        /// Refusals, this one included where it is one.
        refusals: u32,
        /// What went wrong.
        error: String,
    },
    /// It is not to be tried again.
    Failed {
        /// What went wrong.
        error: String,
    },
}

impl Outbox {
    /// Makes sinks known, and plans deliveries to those that are new. Gives how each was answering.
    ///
    /// # Errors
    /// When a sink was known as another database's, or the outbox cannot be written.
    pub fn register(
        &mut self,
        sinks: &[Registered<'_>],
        now: Moment,
    ) -> Result<Vec<Pause>, OutboxError> {
        let transaction = self.write()?;
        let mut pauses = Vec::with_capacity(sinks.len());
        for sink in sinks {
            let query = "SELECT database, failures, paused_until FROM sink WHERE name = :name";
            let known = transaction
                .query_row(query, named_params! {":name": sink.name}, |row| {
                    let pause = Pause {
                        failures: row.get(1)?,
                        until: row.get::<_, Option<i64>>(2)?.map(Moment),
                    };
                    Ok((row.get::<_, String>(0)?, pause))
                })
                .optional()?;
            let (database, kind) = (sink.database.as_str(), sink.kind);
            match known {
                Some((known, _)) if known != database => {
                    return Err(OutboxError::OtherDatabase {
                        sink: sink.name.to_owned(),
                        known,
                        given: database,
                    });
                }
                Some((_, pause)) => {
                    let update =
                        "UPDATE sink SET kind = :kind WHERE name = :name AND kind <> :kind";
                    transaction
                        .execute(update, named_params! {":name": sink.name, ":kind": kind})?;
                    pauses.push(pause);
                }
                None => {
                    let insert =
                        "INSERT INTO sink (name, database, kind) VALUES (:name, :database, :kind)";
                    transaction.execute(
                        insert,
                        named_params! {":name": sink.name, ":database": database, ":kind": kind},
                    )?;
                    pauses.push(Pause::default());
                }
            }
        }
        plan_all(&transaction, now)?;
        transaction.commit()?;
        Ok(pauses)
    }

    /// Makes what a sink refused for good pending again. Gives how many deliveries.
    ///
    /// # Errors
    /// When the outbox cannot be written.
    pub fn retry_failed(&mut self, sink: &str, now: Moment) -> Result<usize, OutboxError> {
        let transaction = self.write()?;
        let update = "UPDATE delivery SET state = 'pending', refusals = 0, next_attempt_at = :now
            WHERE sink = :sink AND state = 'failed'";
        let retried = transaction.execute(update, named_params! {":sink": sink, ":now": now.0})?;
        transaction.commit()?;
        Ok(retried)
    }

    /// When the next delivery to a sink is due; none where none is pending.
    ///
    /// # Errors
    /// When the outbox cannot be read.
    pub fn next_due(&self, sink: &str) -> Result<Option<Moment>, OutboxError> {
        let query =
            "SELECT min(next_attempt_at) FROM delivery WHERE sink = :sink AND state = 'pending'";
        let mut query = self.connection.prepare_cached(query)?;
        let next = query.query_row(named_params! {":sink": sink}, |row| {
            row.get::<_, Option<i64>>(0)
        })?;
        Ok(next.map(Moment))
    }

    /// Writes down how attempts ended and how sinks answer, and begins up to `room` deliveries to each
    /// sink: those due longest, but none of a value of which one is under way.
    ///
    /// # Errors
    /// When the outbox cannot be written; then nothing was, and nothing is to be sent.
    pub fn turn(
        &mut self,
        settled: &[(Delivery, Settled)],
        pauses: &[(&str, &Pause)],
        room: &[(&str, usize)],
        under_way: &HashSet<(String, i64)>,
        now: Moment,
    ) -> Result<Vec<Begun>, OutboxError> {
        let transaction = self.write()?;
        for (delivery, settled) in settled {
            settle(&transaction, delivery, settled, now)?;
        }
        for (sink, pause) in pauses {
            let update =
                "UPDATE sink SET failures = :failures, paused_until = :until WHERE name = :name";
            transaction.prepare_cached(update)?.execute(named_params! {
                ":name": sink,
                ":failures": pause.failures,
                ":until": pause.until.map(|until| until.0),
            })?;
        }
        let mut begun = Vec::new();
        for (sink, room) in room {
            begin(&transaction, (sink, *room), under_way, now, &mut begun)?;
        }
        transaction.commit()?;
        Ok(begun)
    }
}

fn settle(
    transaction: &Transaction<'_>,
    delivery: &Delivery,
    settled: &Settled,
    now: Moment,
) -> rusqlite::Result<()> {
    let Delivery { sink, notice } = delivery;
    let told = "UPDATE sink SET last_error = :error, last_error_at = :now WHERE name = :sink";
    let tell = |error: &str| {
        let mut told = transaction.prepare_cached(told)?;
        told.execute(named_params! {":sink": sink, ":error": error, ":now": now.0})
    };
    match settled {
        Settled::Delivered => {
            let update =
                "UPDATE delivery SET state = 'delivered', delivered_at = :now, last_error = NULL
                WHERE notice = :notice AND sink = :sink";
            transaction
                .prepare_cached(update)?
                .execute(named_params! {":notice": notice, ":sink": sink, ":now": now.0})?;
            let update = "UPDATE sink SET last_success_at = :now WHERE name = :sink";
            let mut update = transaction.prepare_cached(update)?;
            update.execute(named_params! {":sink": sink, ":now": now.0})?;
        }
        Settled::Later {
            at,
            refusals,
            error,
        } => {
            let update = "UPDATE delivery
                SET next_attempt_at = :at, refusals = :refusals, last_error = :error
                WHERE notice = :notice AND sink = :sink";
            transaction.prepare_cached(update)?.execute(named_params! {
                ":notice": notice,
                ":sink": sink,
                ":at": at.0,
                ":refusals": refusals,
                ":error": error,
            })?;
            tell(error)?;
        }
        Settled::Failed { error } => {
            // What was superseded meanwhile stays so.
            let update = "UPDATE delivery
                SET state = CASE state WHEN 'pending' THEN 'failed' ELSE state END,
                    refusals = refusals + 1, last_error = :error
                WHERE notice = :notice AND sink = :sink";
            transaction
                .prepare_cached(update)?
                .execute(named_params! {":notice": notice, ":sink": sink, ":error": error})?;
            tell(error)?;
        }
    }
    Ok(())
}

fn begin(
    transaction: &Transaction<'_>,
    (sink, room): (&str, usize),
    under_way: &HashSet<(String, i64)>,
    now: Moment,
    begun: &mut Vec<Begun>,
) -> rusqlite::Result<()> {
    if room == 0 {
        return Ok(());
    }
    let is_under_way = |target: i64| under_way.contains(&(sink.to_owned(), target));
    let query = "SELECT d.notice, n.target, n.key, n.body, d.attempts, d.refusals
        FROM delivery d JOIN notice n ON n.id = d.notice
        WHERE d.sink = :sink AND d.state = 'pending' AND d.next_attempt_at <= :now
        ORDER BY d.next_attempt_at, d.notice";
    let mut query = transaction.prepare_cached(query)?;
    let mut rows = query.query(named_params! {":sink": sink, ":now": now.0})?;
    let before = begun.len();
    while let Some(row) = rows.next()? {
        let target = row.get(1)?;
        if is_under_way(target) {
            continue;
        }
        begun.push(Begun {
            delivery: Delivery {
                sink: sink.to_owned(),
                notice: row.get(0)?,
            },
            target,
            key: row.get(2)?,
            body: row.get(3)?,
            attempts: row.get::<_, u32>(4)? + 1,
            refusals: row.get(5)?,
        });
        if begun.len() - before == room {
            break;
        }
    }
    let update = "UPDATE delivery SET attempts = :attempts, last_attempt_at = :now
        WHERE notice = :notice AND sink = :sink";
    let mut update = transaction.prepare_cached(update)?;
    for one in &begun[before..] {
        update.execute(named_params! {
            ":notice": one.delivery.notice,
            ":sink": sink,
            ":attempts": one.attempts,
            ":now": now.0,
        })?;
    }
    Ok(())
}

/// Plans the deliveries of versions that came since the last time.
pub(super) fn plan_all(connection: &Connection, now: Moment) -> rusqlite::Result<()> {
    let latest = "SELECT coalesce(max(id), 0) FROM notice";
    let latest: i64 = connection.query_row(latest, [], |row| row.get(0))?;
    let sinks = "SELECT name, database, planned_through FROM sink WHERE planned_through < :latest";
    let mut sinks = connection.prepare(sinks)?;
    let behind = sinks.query_map(named_params! {":latest": latest}, |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    let behind: Vec<(String, String, i64)> = behind.collect::<Result<_, _>>()?;
    for (sink, database, through) in behind {
        plan(connection, (&sink, &database), through, now)?;
        let update = "UPDATE sink SET planned_through = :latest WHERE name = :sink";
        connection.execute(update, named_params! {":latest": latest, ":sink": sink})?;
    }
    Ok(())
}

fn plan(
    connection: &Connection,
    (sink, database): (&str, &str),
    through: i64,
    now: Moment,
) -> rusqlite::Result<()> {
    let supersede = "UPDATE delivery SET state = 'superseded'
        WHERE sink = :sink AND state IN ('pending', 'failed') AND notice IN (
            SELECT earlier.id
            FROM notice n JOIN notice earlier
                ON earlier.target = n.target AND earlier.version < n.version
            WHERE n.id > :through)";
    let new = "INSERT INTO delivery (notice, sink, state, planned_at, next_attempt_at)
        SELECT n.id, :sink, 'pending', :now, :now
        FROM notice n JOIN target t ON t.id = n.target AND t.head = n.id
        WHERE n.id > :through AND t.database = :database";
    // A cancellation is unneeded where nothing was begun before it, or the last that was begun is a
    // cancellation that arrived.
    let unneeded = "UPDATE delivery SET state = 'unneeded'
        WHERE sink = :sink AND state = 'pending'
            AND notice IN (SELECT id FROM notice WHERE kind = 'cancelled' AND id > :through)
            AND coalesce((
                SELECT earlier.kind = 'cancelled' AND e.state = 'delivered'
                FROM notice n
                JOIN notice earlier ON earlier.target = n.target AND earlier.version < n.version
                JOIN delivery e ON e.notice = earlier.id AND e.sink = delivery.sink
                WHERE n.id = delivery.notice AND e.attempts > 0
                ORDER BY earlier.version DESC LIMIT 1), 1)";
    let (name, through) = (sink, through);
    connection.execute(
        supersede,
        named_params! {":sink": name, ":through": through},
    )?;
    connection.execute(
        new,
        named_params! {":sink": name, ":through": through, ":database": database, ":now": now.0},
    )?;
    connection.execute(unneeded, named_params! {":sink": name, ":through": through})?;
    Ok(())
}
