//! Findings become versions.
//!
//! In: the proposals that hold at a frontier, and which reasons were computed. Out: new versions of those
//! values whose finding came, changed or went. Must hold: the same again changes nothing; findings of an
//! earlier time never take the place of later ones unasked, since they would cancel what came meanwhile.

use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

use super::step::{Head, Step, digest, step};
use super::{Frontier, Outbox, OutboxError, salt};
use crate::authenticate::{Database, Field};
use crate::notice::findings::Findings;
use crate::notice::message::{Kind, Proposed, Salt, Version, key};
use crate::notice::moment::Moment;
use crate::notice::proposal::{Proposal, Target, Told};
use crate::record::{Day, Instant, Stream};
use crate::rule::{Reason, ReasonSet};

/// What a reconciliation did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Values about which something is proposed that nothing was proposed about.
    pub opened: u64,
    /// Values about which something else is proposed.
    pub superseded: u64,
    /// Values about which nothing is proposed any more.
    pub cancelled: u64,
    /// Values about which the same is proposed.
    pub kept: u64,
}

/// What is to be added.
struct New {
    /// The target's row, where there is one.
    row: Option<i64>,
    target: Target,
    version: u32,
    kind: Kind,
    digest: [u8; 32],
    /// Names, separated by spaces.
    reasons: String,
    /// The proposal's place; none of a cancellation.
    place: Option<usize>,
}

impl Outbox {
    /// Brings the outbox in line with what is found. Notices of reasons that were not looked at are kept.
    /// Findings of an earlier time than those before are taken only where that is allowed.
    ///
    /// # Errors
    /// See [`OutboxError`]; then nothing was changed.
    pub fn reconcile(
        &mut self,
        findings: Findings,
        now: Moment,
        allow_earlier: bool,
    ) -> Result<Reconciled, OutboxError> {
        let Findings {
            frontier,
            computed,
            mut proposals,
        } = findings;
        proposals.sort_unstable_by(|a, b| a.target.cmp(&b.target));
        if let Some(pair) = proposals
            .windows(2)
            .find(|pair| pair[0].target == pair[1].target)
        {
            let stream = pair[0].target.stream.name();
            return Err(OutboxError::Twice { stream });
        }
        let path = self.path.clone();
        let damaged = |what| OutboxError::Damaged {
            path: path.clone(),
            what,
        };
        let transaction = self.write()?;
        let known = frontier_of(&transaction)?;
        if let Some(known) = known.filter(|known| frontier < *known && !allow_earlier) {
            let given = frontier;
            return Err(OutboxError::Earlier { given, known });
        }
        let salt = salt(&transaction)?.ok_or_else(|| damaged("its salt"))?;
        let mut done = Reconciled::default();
        let new = compare(&transaction, &proposals, computed, &mut done)?;
        let new = new.ok_or_else(|| damaged("a word that no version wrote"))?;
        for version in &new {
            add(&transaction, &salt, version, &proposals, frontier, now)?;
        }
        super::deliveries::plan_all(&transaction, now)?;
        if known != Some(frontier) {
            let update = "INSERT INTO meta (name, value) VALUES ('as_of', :as_of), ('at', :at)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            let (as_of, at) = (frontier.as_of.number(), frontier.at.nanos());
            transaction.execute(update, named_params! {":as_of": as_of, ":at": at})?;
        }
        transaction.commit()?;
        Ok(done)
    }

    /// How far what was reconciled last is known; none where nothing was.
    ///
    /// # Errors
    /// When the outbox cannot be read.
    pub fn frontier(&self) -> Result<Option<Frontier>, OutboxError> {
        Ok(frontier_of(&self.connection)?)
    }
}

fn frontier_of(connection: &Connection) -> rusqlite::Result<Option<Frontier>> {
    let query =
        "SELECT a.value, b.value FROM meta a, meta b WHERE a.name = 'as_of' AND b.name = 'at'";
    let frontier = connection.query_row(query, [], |row| {
        Ok(Frontier {
            as_of: Day::from_number(row.get(0)?),
            at: Instant::from_nanos(row.get(1)?),
        })
    });
    frontier.optional()
}

/// Goes through the values that have a notice and those that are proposed, both in order, and gives what
/// is to be added. None where a word in the outbox is none of the program's.
fn compare(
    transaction: &Transaction<'_>,
    proposals: &[Proposal],
    computed: ReasonSet,
    done: &mut Reconciled,
) -> Result<Option<Vec<New>>, OutboxError> {
    let query = "SELECT t.id, t.database, t.stream, t.record, t.field,
            n.version, n.kind, n.digest, n.reasons
        FROM target t JOIN notice n ON n.id = t.head
        ORDER BY t.database, t.stream, t.record, t.field";
    let mut statement = transaction.prepare(query)?;
    let mut rows = statement.query([])?;
    let mut new = Vec::new();
    let mut take = |known: Option<&Known>, place: Option<usize>| -> Result<(), OutboxError> {
        let proposed = place.map(|place| &proposals[place]);
        let found = proposed
            .map(|proposal| digest(&proposal.content))
            .transpose()?;
        let (version, kind) = match step(known.map(|known| &known.head), found, computed) {
            Step::Keep => {
                done.kept += u64::from(place.is_some());
                return Ok(());
            }
            Step::Open { version } => {
                done.opened += 1;
                (version, Kind::Proposed)
            }
            Step::Supersede { version } => {
                done.superseded += 1;
                (version, Kind::Proposed)
            }
            Step::Cancel { version } => {
                done.cancelled += 1;
                (version, Kind::Cancelled)
            }
        };
        // One of the two is there: nothing else is a step.
        let target = proposed.map(|proposal| &proposal.target);
        let Some(target) = target.or(known.map(|known| &known.target)) else {
            return Ok(());
        };
        new.push(New {
            row: known.map(|known| known.row),
            target: target.clone(),
            version,
            kind,
            digest: found
                .or(known.map(|known| known.head.digest))
                .unwrap_or_default(),
            reasons: match proposed {
                Some(proposal) => names(&proposal.content.reasons),
                None => known.map(|known| known.reasons.clone()).unwrap_or_default(),
            },
            place,
        });
        Ok(())
    };
    let mut place = 0;
    while let Some(row) = rows.next()? {
        let Some(known) = Known::read(row)? else {
            return Ok(None);
        };
        while place < proposals.len() && proposals[place].target < known.target {
            take(None, Some(place))?;
            place += 1;
        }
        let is_proposed = proposals
            .get(place)
            .is_some_and(|one| one.target == known.target);
        take(Some(&known), is_proposed.then_some(place))?;
        place += usize::from(is_proposed);
    }
    (place..proposals.len()).try_for_each(|place| take(None, Some(place)))?;
    Ok(Some(new))
}

/// A value with its latest version.
struct Known {
    row: i64,
    target: Target,
    head: Head,
    reasons: String,
}

impl Known {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Self>> {
        let text = |place| row.get_ref(place)?.as_str().map_err(rusqlite::Error::from);
        let stream = text(2)?;
        let stream = Stream::ALL.iter().find(|one| one.name() == stream);
        let (Some(database), Some(stream), Some(field), Some(kind)) = (
            Database::from_name(text(1)?),
            stream,
            Field::from_name(text(4)?),
            Kind::from_name(text(6)?),
        ) else {
            return Ok(None);
        };
        let reasons = text(8)?;
        let known: Option<Vec<Reason>> =
            reasons.split_whitespace().map(Reason::from_name).collect();
        Ok(Some(Self {
            row: row.get(0)?,
            target: Target {
                database,
                stream: *stream,
                key: Told::of(&text(3)?),
                field,
            },
            head: Head {
                version: row.get(5)?,
                kind,
                digest: row.get(7)?,
                reasons: known.map(ReasonSet::from_iter),
            },
            reasons: reasons.to_owned(),
        }))
    }
}

fn names(reasons: &[Reason]) -> String {
    let names: Vec<&str> = reasons.iter().map(|reason| reason.as_str()).collect();
    names.join(" ")
}

/// Adds a version.
fn add(
    transaction: &Transaction<'_>,
    salt: &Salt,
    new: &New,
    proposals: &[Proposal],
    frontier: Frontier,
    now: Moment,
) -> Result<(), OutboxError> {
    let key = key(salt, &new.target, new.version);
    let proposal = new.place.map(|place| &proposals[place]);
    let body = Version {
        key: &key,
        target: &new.target,
        version: new.version,
        at: frontier.at,
        proposed: proposal.map(|proposal| Proposed {
            content: &proposal.content,
            alert_ids: &proposal.alert_ids,
            alert_count: proposal.alert_count,
            employments: proposal.employments,
        }),
    };
    let body = body.body()?;
    let target = match new.row {
        Some(row) => row,
        None => {
            let insert = "INSERT INTO target (database, stream, record, field, head)
                VALUES (:database, :stream, :record, :field, 0)";
            transaction.prepare_cached(insert)?.execute(named_params! {
                ":database": new.target.database.as_str(),
                ":stream": new.target.stream.name(),
                ":record": new.target.key.as_str(),
                ":field": new.target.field.as_str(),
            })?;
            transaction.last_insert_rowid()
        }
    };
    let insert = "INSERT INTO notice (target, version, kind, key, digest, reasons, body, made_at)
        VALUES (:target, :version, :kind, :key, :digest, :reasons, :body, :made_at)";
    transaction.prepare_cached(insert)?.execute(named_params! {
        ":target": target,
        ":version": new.version,
        ":kind": new.kind.as_str(),
        ":key": key,
        ":digest": new.digest,
        ":reasons": new.reasons,
        ":body": body,
        ":made_at": now.0,
    })?;
    let head = transaction.last_insert_rowid();
    let update = "UPDATE target SET head = :head WHERE id = :target";
    let mut update = transaction.prepare_cached(update)?;
    update.execute(named_params! {":head": head, ":target": target})?;
    Ok(())
}
