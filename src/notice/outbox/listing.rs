//! What waits, what is stuck, and why: for people and for programs that watch.

use rusqlite::named_params;

use super::{DeliveryState, Outbox, OutboxError};
use crate::notice::moment::Moment;

/// What is listed.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Only notices in this state; without one, none.
    pub state: Option<ListedState>,
    /// Only of this sink.
    pub sink: Option<String>,
    /// At most so many notices.
    pub limit: u32,
    /// What is pending since before is stuck.
    pub stuck_before: Moment,
}

/// A state by which notices are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListedState {
    /// That of deliveries.
    Of(DeliveryState),
    /// Failed, or pending for too long.
    Stuck,
    /// Of a database that has no sink.
    NoSink,
}

impl ListedState {
    /// The word in outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Of(state) => state.as_str(),
            Self::Stuck => "stuck",
            Self::NoSink => "no_sink",
        }
    }

    /// Every state.
    pub fn all() -> impl Iterator<Item = Self> {
        let others = [Self::Stuck, Self::NoSink];
        DeliveryState::ALL.into_iter().map(Self::Of).chain(others)
    }
}

/// A sink, and what waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkLine {
    /// Its name.
    pub name: String,
    /// Whose notices it takes.
    pub database: String,
    /// `webhook` or `directory`.
    pub kind: String,
    /// Deliveries by state, in the order of [`DeliveryState::ALL`].
    pub counts: [u64; 5],
    /// Failed, or pending for too long.
    pub stuck: u64,
    /// Since when the oldest pending one waits.
    pub oldest_pending: Option<Moment>,
    /// When the next attempt is due.
    pub next_attempt: Option<Moment>,
    /// Failures in a row.
    pub failures: u32,
    /// The last error, and when.
    pub last_error: Option<(String, Moment)>,
    /// The last success.
    pub last_success: Option<Moment>,
}

impl SinkLine {
    /// How many deliveries are in a state.
    pub fn count(&self, state: DeliveryState) -> u64 {
        self.counts[state as usize]
    }
}

/// A notice at a sink.
#[derive(Clone)]
pub struct Listed {
    /// The idempotency key.
    pub key: String,
    /// The sink; none where its database has none.
    pub sink: Option<String>,
    /// The state; none where its database has no sink.
    pub state: Option<String>,
    /// Whose database.
    pub database: String,
    /// The record's stream.
    pub stream: String,
    /// The record's key.
    pub record: String,
    /// The field.
    pub field: String,
    /// The version.
    pub version: u32,
    /// `proposed` or `cancelled`.
    pub kind: String,
    /// Since when it waits, or waited.
    pub since: Moment,
    /// Attempts begun.
    pub attempts: u32,
    /// When it is tried next, where it is pending.
    pub next_attempt: Option<Moment>,
    /// When the sink took it.
    pub delivered_at: Option<Moment>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// What is sent.
    pub body: String,
}

/// What is in an outbox.
#[derive(Clone)]
pub struct Listing {
    /// Sinks, by name.
    pub sinks: Vec<SinkLine>,
    /// Databases without a sink, with how many proposals hold of each.
    pub without_sink: Vec<(String, u64)>,
    /// Notices, the oldest first.
    pub notices: Vec<Listed>,
    /// How many there are, listed or not.
    pub matching: u64,
}

/// The proposals that hold of databases without a sink.
const NO_SINK: &str = "FROM target t JOIN notice n ON n.id = t.head
    WHERE n.kind = 'proposed' AND t.database NOT IN (SELECT database FROM sink)";

impl Outbox {
    /// Lists.
    ///
    /// # Errors
    /// When the outbox cannot be read.
    pub fn list(&mut self, filter: &Filter) -> Result<Listing, OutboxError> {
        // One transaction, so that counts and notices are of one time.
        let transaction = self.connection.transaction()?;
        let sinks = sinks(&transaction, filter.stuck_before)?;
        let query = format!("SELECT t.database, count(*) {NO_SINK} GROUP BY t.database ORDER BY 1");
        let mut query = transaction.prepare(&query)?;
        let without = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let without_sink = without.collect::<Result<_, _>>()?;
        let (notices, matching) = match filter.state {
            None => (Vec::new(), 0),
            Some(ListedState::NoSink) => waiting(&transaction, filter.limit)?,
            Some(state) => deliveries(&transaction, state, filter)?,
        };
        Ok(Listing {
            sinks,
            without_sink,
            notices,
            matching,
        })
    }
}

fn moment(row: &rusqlite::Row<'_>, place: &str) -> rusqlite::Result<Option<Moment>> {
    Ok(row.get::<_, Option<i64>>(place)?.map(Moment))
}

fn sinks(
    connection: &rusqlite::Connection,
    stuck_before: Moment,
) -> rusqlite::Result<Vec<SinkLine>> {
    let query = "SELECT name, database, kind, failures, paused_until,
            last_error, last_error_at, last_success_at,
            (SELECT min(planned_at) FROM delivery WHERE sink = name AND state = 'pending') AS oldest,
            (SELECT min(next_attempt_at) FROM delivery WHERE sink = name AND state = 'pending') AS next,
            (SELECT count(*) FROM delivery WHERE sink = name AND (state = 'failed'
                OR (state = 'pending' AND planned_at <= :stuck_before))) AS stuck
        FROM sink ORDER BY name";
    let mut query = connection.prepare(query)?;
    let lines = query.query_map(named_params! {":stuck_before": stuck_before.0}, |row| {
        let error = row.get::<_, Option<String>>("last_error")?;
        let next = moment(row, "next")?;
        Ok(SinkLine {
            name: row.get("name")?,
            database: row.get("database")?,
            kind: row.get("kind")?,
            counts: [0; 5],
            stuck: row.get("stuck")?,
            oldest_pending: moment(row, "oldest")?,
            // Nothing is tried while the sink is paused.
            next_attempt: next
                .max(moment(row, "paused_until")?)
                .filter(|_| next.is_some()),
            failures: row.get("failures")?,
            last_error: error.zip(moment(row, "last_error_at")?),
            last_success: moment(row, "last_success_at")?,
        })
    })?;
    let mut lines: Vec<SinkLine> = lines.collect::<Result<_, _>>()?;
    let counts = "SELECT state, count(*) FROM delivery WHERE sink = :sink GROUP BY state";
    let mut counts = connection.prepare(counts)?;
    for line in &mut lines {
        let mut rows = counts.query(named_params! {":sink": line.name})?;
        while let Some(row) = rows.next()? {
            if let Some(state) = DeliveryState::from_name(row.get_ref(0)?.as_str()?) {
                line.counts[state as usize] = row.get(1)?;
            }
        }
    }
    Ok(lines)
}

fn deliveries(
    connection: &rusqlite::Connection,
    state: ListedState,
    filter: &Filter,
) -> rusqlite::Result<(Vec<Listed>, u64)> {
    let of_state = match state {
        ListedState::Of(state) => format!("d.state = '{}'", state.as_str()),
        _ => {
            "(d.state = 'failed' OR (d.state = 'pending' AND d.planned_at <= :stuck_before))".into()
        }
    };
    let from = format!(
        "FROM delivery d JOIN notice n ON n.id = d.notice JOIN target t ON t.id = n.target
        WHERE {of_state} AND (:sink IS NULL OR d.sink = :sink) AND :stuck_before IS NOT NULL"
    );
    let query = format!(
        "SELECT n.key, d.sink, d.state, t.database, t.stream, t.record, t.field, n.version, n.kind,
            d.planned_at AS since, d.attempts, n.body, d.delivered_at, d.last_error,
            CASE d.state WHEN 'pending' THEN d.next_attempt_at END AS next
        {from} ORDER BY d.planned_at, n.id, d.sink LIMIT :limit"
    );
    let stuck_before = filter.stuck_before.0;
    let matching = connection.query_row(
        &format!("SELECT count(*) {from}"),
        named_params! {":sink": filter.sink, ":stuck_before": stuck_before},
        |row| row.get(0),
    )?;
    let mut query = connection.prepare(&query)?;
    let listed = query.query_map(
        named_params! {":sink": filter.sink, ":stuck_before": stuck_before, ":limit": filter.limit},
        |row| {
            Ok(Listed {
                sink: row.get("sink")?,
                state: row.get("state")?,
                attempts: row.get("attempts")?,
                next_attempt: moment(row, "next")?,
                delivered_at: moment(row, "delivered_at")?,
                last_error: row.get("last_error")?,
                ..of_notice(row)?
            })
        },
    )?;
    Ok((listed.collect::<Result<_, _>>()?, matching))
}

fn waiting(connection: &rusqlite::Connection, limit: u32) -> rusqlite::Result<(Vec<Listed>, u64)> {
    let matching =
        connection.query_row(&format!("SELECT count(*) {NO_SINK}"), [], |row| row.get(0))?;
    let query = format!(
        "SELECT n.key, t.database, t.stream, t.record, t.field, n.version, n.kind, n.made_at AS since, n.body
        {NO_SINK} ORDER BY n.id LIMIT :limit"
    );
    let mut query = connection.prepare(&query)?;
    let listed = query.query_map(named_params! {":limit": limit}, of_notice)?;
    Ok((listed.collect::<Result<_, _>>()?, matching))
}

fn of_notice(row: &rusqlite::Row<'_>) -> rusqlite::Result<Listed> {
    Ok(Listed {
        key: row.get("key")?,
        sink: None,
        state: None,
        database: row.get("database")?,
        stream: row.get("stream")?,
        record: row.get("record")?,
        field: row.get("field")?,
        version: row.get("version")?,
        kind: row.get("kind")?,
        since: Moment(row.get("since")?),
        attempts: 0,
        next_attempt: None,
        delivered_at: None,
        last_error: None,
        body: row.get("body")?,
    })
}
