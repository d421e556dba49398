//! Batches are frozen, approved, carried out and undone.
//!
//! In: a list as somebody saw it, and what a second person says. Out: what came of each of its alerts. Must hold:
//! 1. The set is frozen in the transaction that proposes it, and only where it still is what its author saw.
//! 2. Each alert is acted on as it was seen, by the same rules as one alone; what moved is left as it is, and told.
//! 3. It is carried out in parts of a transaction each, so that nobody waits long; after a stop the rest follows.
//! 4. To undo it leads each alert back to where it was, but for those that somebody acted on since.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{OptionalExtension, Transaction, named_params, params};

use super::act::{Act, LONGEST_NOTE, Refused, Seen, Wrong};
use super::acting::{self, Acted, Acting};
use super::band::Band;
use super::batch::{
    BATCH_ACTIONS, BATCH_SAMPLE, Batch, BatchAct, BatchDecision, BatchOffer, BatchOutcome,
    BatchState, BatchTold, LARGEST_BATCH, needs_approval,
};
use super::batch_rows::{self, sealed_with};
use super::database::{Durable, Failure};
use super::desk::{Desk, epoch};
use super::desk_log::{Access, BatchStep};
use super::error::DeskError;
use super::item::{EvidenceDigest, Item};
use super::lists;
use super::review_key::ReviewKey;
use super::rows;
use super::typed::Typed;
use super::view::QueueQuery;
use super::viewer::Viewer;
use super::work::{WorkAction, WorkState};
use crate::access::Role;
use crate::record::{Day, Money};
use crate::rule::Reason;

/// Alerts that are acted on in one transaction.
const PART: u32 = 200;
/// Parts that are carried out before whoever asked is answered; the rest follows.
const PARTS_AT_ONCE: usize = 5;

impl Desk {
    /// What a list would be as a batch. `query` says the list and, for the same set as before, the epoch.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn offer_batch(&self, who: &Viewer, query: &QueueQuery) -> Result<BatchOffer, DeskError> {
        let today = self.today();
        let (offer, epoch) = self.database.read(|connection| {
            let epoch = epoch(connection)?;
            let as_of = query.as_of.unwrap_or(epoch);
            let items = frozen(connection, who, query, (as_of, today))?;
            Ok((offer(&items, as_of, &self.key), epoch))
        })?;
        self.log
            .record(who, &Access::Queue(offer.alerts()), epoch)?;
        Ok(offer)
    }

    /// Freezes a list, and asks that something is done with all of it. Gives the number of the batch.
    ///
    /// # Errors
    /// When the list is not any more what `mark` was of, something is missing or wrong, or the database cannot be written.
    pub fn propose_batch(
        &self,
        who: &Viewer,
        (query, mark): (&QueueQuery, EvidenceDigest),
        asked: &BatchAct,
    ) -> Result<i64, Refused> {
        let (now, today) = (self.now(), self.today());
        let done = self.database.write(Durable::Synced, |transaction| {
            let acting = self.acting(transaction, now, None)?;
            check(who, asked, today)?;
            let as_of = query.as_of.unwrap_or(acting.epoch);
            let items = frozen(transaction, who, query, (as_of, today))?;
            let offer = offer(&items, as_of, &self.key);
            if offer.is_too_large {
                return Err(Refused::Wrong(Wrong::TooMany).into());
            }
            if offer.mark != mark || items.is_empty() {
                return Err(Refused::ListMoved.into());
            }
            let number = insert(transaction, who, (asked, &items), (&self.key, now))?;
            let step = Access::Batch(BatchStep::Propose, number, offer.alerts());
            self.log.record(who, &step, acting.epoch)?;
            Ok(number)
        });
        done.map_err(|failure| self.refused(failure))
    }

    /// A batch, with some of its alerts, where all of it is theirs to see.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn batch(&self, who: &Viewer, number: i64) -> Result<Option<BatchTold>, DeskError> {
        let (told, epoch) = self.database.read(|connection| {
            let batch = batch_rows::find(connection, number, &self.key)?;
            let told = match batch.filter(|batch| batch.is_of(who)) {
                Some(batch) => Some(told(connection, who, batch, &self.key)?),
                None => None,
            };
            Ok((told, epoch(connection)?))
        })?;
        if let Some(told) = &told {
            let shown = told.sample.len() as u64;
            let step = Access::Batch(BatchStep::Open, number, shown);
            self.log.record(who, &step, epoch)?;
        }
        Ok(told)
    }

    /// A batch without any of its alerts, where all of it is theirs to see: no look at it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn batch_alone(&self, who: &Viewer, number: i64) -> Result<Option<Batch>, DeskError> {
        let find = |connection: &_| batch_rows::find(connection, number, &self.key);
        let found = self.database.read(find)?;
        Ok(found.filter(|batch| batch.is_of(who)))
    }

    /// The batches that somebody may see, the latest first: of a state, or all.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn batches(
        &self,
        who: &Viewer,
        state: Option<BatchState>,
        limit: usize,
    ) -> Result<Vec<Batch>, DeskError> {
        let of = |connection: &_| batch_rows::latest(connection, who, (state, limit), &self.key);
        self.database.read(of)
    }

    /// Approves or returns a batch that somebody else proposed. What is approved is carried out from now on, by
    /// [`Desk::carry_on`].
    ///
    /// # Errors
    /// When it is not theirs to decide, was decided meanwhile, or the database cannot be written.
    pub fn decide_batch(
        &self,
        who: &Viewer,
        number: i64,
        (decision, note): (BatchDecision, Option<&str>),
    ) -> Result<(), Refused> {
        let now = self.now();
        let done = self.database.write(Durable::Synced, |transaction| {
            let batch = theirs(transaction, who, number, &self.key)?;
            if batch.state != BatchState::Proposed {
                return Err(Refused::BatchIs { state: batch.state }.into());
            }
            if who.name == batch.proposed.name {
                return Err(Refused::TookPart.into());
            }
            let (to, step, action) = match decision {
                BatchDecision::Approve => (
                    BatchState::UnderWay,
                    BatchStep::Approve,
                    WorkAction::Approve,
                ),
                BatchDecision::Return => {
                    (BatchState::Returned, BatchStep::Return, WorkAction::Return)
                }
            };
            if !who.is_supervisor() {
                return Err(Refused::NotTheirs { action }.into());
            }
            let note = noted(note, decision == BatchDecision::Return)?;
            let note = seal(&self.key, (number, now), note)?;
            let update = "UPDATE batch SET state = ?, decided_at = ?, decider = ?, decided_note = ?
                WHERE number = ? AND state = 'proposed'";
            transaction.execute(update, params![to.as_str(), now, who.name, note, number])?;
            let step = Access::Batch(step, number, batch.alerts());
            self.log.record(who, &step, epoch(transaction)?)?;
            Ok(())
        });
        done.map_err(|failure| self.refused(failure))
    }

    /// Undoes a batch, with a note that says why: its alerts are led back by [`Desk::carry_on`].
    ///
    /// # Errors
    /// When it is not theirs to undo, is not done, or the database cannot be written.
    pub fn undo_batch(&self, who: &Viewer, number: i64, note: Option<&str>) -> Result<(), Refused> {
        let now = self.now();
        let done = self.database.write(Durable::Synced, |transaction| {
            let batch = theirs(transaction, who, number, &self.key)?;
            if batch.state != BatchState::Done {
                return Err(Refused::BatchIs { state: batch.state }.into());
            }
            if !batch.may_undo(who) {
                let action = WorkAction::Undo;
                return Err(Refused::NotTheirs { action }.into());
            }
            let note = seal(&self.key, (number, now), noted(note, true)?)?;
            let update = "UPDATE batch SET state = 'undoing', undone_at = ?, undoer = ?, undoer_role = ?, undone_note = ?
                WHERE number = ? AND state = 'done'";
            let role = who.role.as_str();
            transaction.execute(update, params![now, who.name, role, note, number])?;
            let step = Access::Batch(BatchStep::Undo, number, batch.alerts());
            self.log.record(who, &step, epoch(transaction)?)?;
            Ok(())
        });
        done.map_err(|failure| self.refused(failure))
    }

    /// Goes on with the first batch that is carried out or undone: a part of it. Tells whether there is more to do.
    ///
    /// # Errors
    /// When the database cannot be written: that part is not done then.
    pub fn carry_on(&self) -> Result<bool, DeskError> {
        // Mostly there is none: nobody waits for that.
        if self.database.read(to_do)?.is_none() {
            return Ok(false);
        }
        let (now, mut done) = (self.now(), Vec::new());
        let went_on = self.database.write(Durable::Synced, |transaction| {
            let Some(batch) = next_to_do(transaction, &self.key)? else {
                return Ok(false);
            };
            let number = batch.number;
            let acting = self.acting(transaction, now, Some(number))?;
            let went_on = match batch.state {
                BatchState::Undoing => undo_part(transaction, &batch, acting, &mut done)?,
                _ => carry_out_part(transaction, &batch, acting, &mut done)?,
            };
            if !went_on {
                let to = match batch.state {
                    BatchState::Undoing => BatchState::Undone,
                    _ => BatchState::Done,
                };
                let update = "UPDATE batch SET state = ? WHERE number = ?";
                transaction.execute(update, params![to.as_str(), number])?;
            }
            Ok(true)
        });
        let went_on = went_on.map_err(|failure| self.database.told(failure))?;
        for (action, acted) in done {
            self.done(action, acted, now);
        }
        Ok(went_on)
    }

    /// Carries some of it out before whoever asked for a batch is answered. What was asked for is kept already, and gone on
    /// with without anybody asking: what cannot be done now is tried again.
    pub fn carry_on_a_while(&self) {
        for _ in 0..PARTS_AT_ONCE {
            match self.carry_on() {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::error!(%error, "a batch cannot be gone on with now; it is tried again");
                    break;
                }
            }
        }
    }
}

/// The first batch that is carried out or undone.
fn to_do(connection: &rusqlite::Connection) -> Result<Option<i64>, Failure> {
    let next =
        "SELECT number FROM batch WHERE state IN ('under_way', 'undoing') ORDER BY number LIMIT 1";
    let mut next = connection.prepare_cached(next)?;
    Ok(next.query_row([], |row| row.get(0)).optional()?)
}

/// The first of them that can be done. What cannot be read of one, others do not wait for: why it was asked for would be
/// missing in all that it does.
fn next_to_do(transaction: &Transaction<'_>, key: &ReviewKey) -> Result<Option<Batch>, Failure> {
    let all = "SELECT number FROM batch WHERE state IN ('under_way', 'undoing') ORDER BY number";
    let mut all = transaction.prepare_cached(all)?;
    let numbers = all.query_map([], |row| row.get(0))?;
    for number in numbers.collect::<Result<Vec<i64>, _>>()? {
        let Some(batch) = batch_rows::find(transaction, number, key)? else {
            continue;
        };
        let part = match batch.state {
            BatchState::Undoing => batch.undone.as_ref(),
            _ => Some(&batch.proposed),
        };
        let note = part.and_then(|part| part.note.as_ref());
        if matches!(note, None | Some(Typed::Text(_))) {
            return Ok(Some(batch));
        }
    }
    Ok(None)
}

/// The alerts of a list, at most one more than may be in a batch.
fn frozen(
    connection: &rusqlite::Connection,
    who: &Viewer,
    query: &QueueQuery,
    at: (u64, Day),
) -> Result<Vec<Item>, Failure> {
    let whole = QueueQuery {
        after: None,
        limit: LARGEST_BATCH as u32 + 1,
        ..query.clone()
    };
    Ok(lists::queue(connection, who, &whole, at)?.items)
}

fn offer(items: &[Item], as_of: u64, key: &ReviewKey) -> BatchOffer {
    let mut parts: Vec<&[u8]> = vec![b"batch"];
    let versions: Vec<[u8; 4]> = items
        .iter()
        .map(|one| one.work.version.to_be_bytes())
        .collect();
    for (item, version) in items.iter().zip(&versions) {
        parts.extend([
            item.finding.alert_id.as_bytes(),
            version,
            &item.finding.digest.0,
        ]);
    }
    BatchOffer {
        by_reason: by_reason(
            items
                .iter()
                .map(|item| (item.finding.reason, item.finding.amount)),
        ),
        is_too_large: items.len() > LARGEST_BATCH,
        as_of,
        mark: key.digest(&parts),
    }
}

fn by_reason(found: impl Iterator<Item = (Reason, Money)>) -> Vec<(Reason, u64, Money)> {
    let mut of: BTreeMap<Reason, (u64, i64)> = BTreeMap::new();
    for (reason, amount) in found {
        let (alerts, sum) = of.entry(reason).or_default();
        *alerts += 1;
        *sum = sum.saturating_add(amount.thousandths());
    }
    let told = |(reason, (alerts, sum))| (reason, alerts, Money::from_thousandths(sum));
    of.into_iter().map(told).collect()
}

/// What is missing or wrong in what is asked for, whatever the alerts are.
fn check(who: &Viewer, asked: &BatchAct, today: Day) -> Result<(), Refused> {
    let action = asked.action;
    let reviews = crate::access::is_allowed(who.role, crate::access::Action::ReviewAlerts);
    let is_supervisors = action != WorkAction::CloseTogether;
    if !reviews || !BATCH_ACTIONS.contains(&action) || (is_supervisors && !who.is_supervisor()) {
        return Err(Refused::NotTheirs { action });
    }
    noted(Some(&asked.note), true)?;
    let seen = Seen {
        version: 0,
        digest: EvidenceDigest([0; 16]),
    };
    acting::check(&act_of(asked.action, seen, asked), today)
}

fn act_of(action: WorkAction, seen: Seen, asked: &BatchAct) -> Act {
    Act {
        assignee: asked.assignee.clone(),
        verdict: asked.verdict,
        note: Some(asked.note.clone()),
        ..Act::new(action, seen)
    }
}

fn noted(note: Option<&str>, is_needed: bool) -> Result<Option<&str>, Refused> {
    let note = note.map(str::trim).filter(|note| !note.is_empty());
    match note {
        None if is_needed => Err(Refused::Wrong(Wrong::NoteMissing)),
        Some(note) if note.chars().count() > LONGEST_NOTE => {
            Err(Refused::Wrong(Wrong::NoteTooLong))
        }
        note => Ok(note),
    }
}

fn seal(
    key: &ReviewKey,
    (number, at): (i64, i64),
    note: Option<&str>,
) -> Result<Option<Vec<u8>>, DeskError> {
    note.map(|note| key.seal(at, &sealed_with(number), note))
        .transpose()
}

fn next_number(transaction: &Transaction<'_>) -> Result<i64, Failure> {
    let next = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'batch'), 0) + 1";
    Ok(transaction.query_row(next, [], |row| row.get(0))?)
}

/// Keeps a batch that is proposed, or what of it needs nobody else is carried out at once.
fn insert(
    transaction: &Transaction<'_>,
    who: &Viewer,
    (asked, items): (&BatchAct, &[Item]),
    (key, now): (&ReviewKey, i64),
) -> Result<i64, Failure> {
    let provinces: BTreeSet<&str> = items
        .iter()
        .filter_map(|one| one.finding.province())
        .collect();
    let provinces: Vec<&str> = provinces.into_iter().collect();
    let state = match needs_approval(asked.action, items.len()) {
        true => BatchState::Proposed,
        false => BatchState::UnderWay,
    };
    let number = next_number(transaction)?;
    let insert = "INSERT INTO batch (number, at, actor, role, provinces, action, assignee, verdict, note, state)
        VALUES (:number, :at, :actor, :role, :provinces, :action, :assignee, :verdict, :note, :state)";
    transaction.prepare_cached(insert)?.execute(named_params! {
        ":number": number,
        ":at": now,
        ":actor": who.name,
        ":role": who.role.as_str(),
        ":provinces": provinces.join(","),
        ":action": asked.action.as_str(),
        ":assignee": asked.assignee,
        ":verdict": asked.verdict.map(|verdict| verdict.as_str()),
        ":note": seal(key, (number, now), noted(Some(&asked.note), false)?)?,
        ":state": state.as_str(),
    })?;
    let insert = "INSERT INTO batch_member (batch, alert_id, version, digest) VALUES (?, ?, ?, ?)";
    let mut insert = transaction.prepare_cached(insert)?;
    for item in items {
        let finding = &item.finding;
        insert.execute(params![
            number,
            finding.alert_id,
            item.work.version,
            finding.digest.0
        ])?;
    }
    Ok(number)
}

/// Begins a batch of alerts that were chosen one by one, which nobody else has to approve; its alerts are added as they
/// are acted on.
pub(super) fn begin(
    transaction: &Transaction<'_>,
    who: &Viewer,
    first: &Act,
    (key, now): (&ReviewKey, i64),
) -> Result<i64, Failure> {
    let asked = BatchAct {
        action: first.action,
        assignee: first.assignee.clone(),
        verdict: first.verdict,
        note: first.note.clone().unwrap_or_default(),
    };
    let number = insert(transaction, who, (&asked, &[]), (key, now))?;
    transaction.execute("UPDATE batch SET state = 'done' WHERE number = ?", [number])?;
    Ok(number)
}

/// Ends a batch of alerts that were chosen one by one: it is of the provinces of those that were acted on. Tells whether
/// there are any; one without is forgotten.
pub(super) fn end(transaction: &Transaction<'_>, number: i64) -> Result<bool, Failure> {
    let update =
        "UPDATE batch SET provinces = (SELECT coalesce(group_concat(DISTINCT province), '')
            FROM batch_member JOIN item USING (alert_id) WHERE batch = ?1) WHERE number = ?1";
    transaction.execute(update, [number])?;
    let delete = "DELETE FROM batch WHERE number = ?1
        AND NOT EXISTS (SELECT 1 FROM batch_member WHERE batch = ?1)";
    Ok(transaction.execute(delete, [number])? == 0)
}

/// Acts on an alert of a batch, so that it can be undone.
pub(super) fn act(
    transaction: &Transaction<'_>,
    who: &Viewer,
    alert_id: &str,
    act: &Act,
    acting: Acting<'_>,
) -> Result<Acted, Failure> {
    let acted = acting::act(transaction, who, alert_id, act, acting)?;
    let upsert = "INSERT INTO batch_member (batch, alert_id, version, digest, outcome, work, assignee, since, until_day,
            due_day, verdict, decided_state, decided_digest, decided_epoch, proposer, after)
        VALUES (:batch, :alert, :version, :digest, 'done', :work, :assignee, :since, :until, :due, :verdict,
            :decided_state, :decided_digest, :decided_epoch, :proposer, :after)
        ON CONFLICT (batch, alert_id) DO UPDATE SET outcome = 'done', work = excluded.work, assignee = excluded.assignee,
            since = excluded.since, until_day = excluded.until_day, due_day = excluded.due_day,
            verdict = excluded.verdict, decided_state = excluded.decided_state,
            decided_digest = excluded.decided_digest, decided_epoch = excluded.decided_epoch,
            proposer = excluded.proposer, after = excluded.after";
    let work = &acted.before.work;
    transaction.prepare_cached(upsert)?.execute(named_params! {
        ":batch": acting.batch,
        ":alert": alert_id,
        ":version": act.seen.version,
        ":digest": act.seen.digest.0,
        ":work": work.state.as_str(),
        ":assignee": work.assignee,
        ":since": work.since,
        ":until": work.until.map(|day| day.number()),
        ":due": work.due.number(),
        ":verdict": work.decided.map(|decided| decided.verdict.as_str()),
        ":decided_state": work.decided.map(|decided| decided.state.as_str()),
        ":decided_digest": work.decided.map(|decided| decided.digest.0),
        ":decided_epoch": work.decided.map(|decided| decided.epoch),
        ":proposer": work.proposer,
        ":after": acted.after.work.version,
    })?;
    Ok(acted)
}

/// A batch that somebody may see.
fn theirs(
    transaction: &Transaction<'_>,
    who: &Viewer,
    number: i64,
    key: &ReviewKey,
) -> Result<Batch, Failure> {
    let batch = batch_rows::find(transaction, number, key)?;
    let batch = batch.filter(|batch| batch.is_of(who));
    Ok(batch.ok_or(Refused::NotFound)?)
}

/// What an alert is drawn by, and its id.
type Drawn<'a> = ([u8; 16], &'a str);

fn told(
    connection: &rusqlite::Connection,
    who: &Viewer,
    batch: Batch,
    key: &ReviewKey,
) -> Result<BatchTold, Failure> {
    let query = "SELECT item.alert_id, item.reason, item.amount, item.priority FROM batch_member
        JOIN item USING (alert_id) WHERE batch = ?";
    let mut query = connection.prepare_cached(query)?;
    let members = query.query_map([batch.number], |row| {
        let reason = rows::word(row, 1, Reason::from_name)?;
        let amount = Money::from_thousandths(row.get(2)?);
        Ok((
            row.get::<_, String>(0)?,
            reason,
            amount,
            row.get::<_, u32>(3)?,
        ))
    })?;
    let members: Vec<_> = members.collect::<Result<_, _>>()?;
    let mut strata: BTreeMap<(Reason, Band), Vec<Drawn<'_>>> = BTreeMap::new();
    let number = batch.number.to_be_bytes();
    for (id, reason, _, priority) in &members {
        let drawn = key.digest(&[b"batch sample", &number, id.as_bytes()]).0;
        let stratum = (*reason, Band::of_priority(*priority));
        strata.entry(stratum).or_default().push((drawn, id));
    }
    strata
        .values_mut()
        .for_each(|stratum| stratum.sort_unstable());
    // One of each stratum, then another of each that has one, and so on.
    let largest = strata.values().map(Vec::len).max().unwrap_or_default();
    let rounds =
        (0..largest).flat_map(|round| strata.values().filter_map(move |all| all.get(round)));
    let mut sample = Vec::new();
    for (_, id) in rounds.take(BATCH_SAMPLE) {
        sample.extend(acting::find(connection, id)?);
    }
    // An alert may have come to be of another province since.
    sample.retain(|item| who.sees(item.finding.province()));
    let by_reason = by_reason(
        members
            .iter()
            .map(|(_, reason, amount, _)| (*reason, *amount)),
    );
    Ok(BatchTold {
        batch,
        by_reason,
        sample,
    })
}

/// The next alerts of a batch of which nothing came yet, or with an outcome.
fn members(
    transaction: &Transaction<'_>,
    number: i64,
    outcome: Option<BatchOutcome>,
) -> Result<Vec<(String, Seen)>, Failure> {
    let query = "SELECT alert_id, coalesce(after, version), digest FROM batch_member
        WHERE batch = ? AND outcome IS ? ORDER BY alert_id LIMIT ?";
    let mut query = transaction.prepare_cached(query)?;
    let outcome = outcome.map(BatchOutcome::as_str);
    let found = query.query_map(params![number, outcome, PART], |row| {
        let seen = Seen {
            version: row.get(1)?,
            digest: EvidenceDigest(row.get(2)?),
        };
        Ok((row.get(0)?, seen))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn came_of(
    transaction: &Transaction<'_>,
    number: i64,
    alert_id: &str,
    outcome: BatchOutcome,
) -> Result<(), Failure> {
    let update = "UPDATE batch_member SET outcome = ? WHERE batch = ? AND alert_id = ?";
    let mut update = transaction.prepare_cached(update)?;
    update.execute(params![outcome.as_str(), number, alert_id])?;
    Ok(())
}

/// Carries out a part of a batch; tells whether there was one, and adds what was done.
fn carry_out_part(
    transaction: &Transaction<'_>,
    batch: &Batch,
    acting: Acting<'_>,
    done: &mut Vec<(WorkAction, Acted)>,
) -> Result<bool, Failure> {
    let acting = Acting {
        is_approved: batch.decided.is_some(),
        typed_at: batch.proposed.at,
        ..acting
    };
    let author = Viewer {
        name: batch.proposed.name.clone(),
        role: batch.role,
        provinces: Vec::new(),
    };
    let asked = BatchAct {
        action: batch.action,
        assignee: batch.assignee.clone(),
        verdict: batch.verdict,
        note: (batch.proposed.note.as_ref())
            .and_then(Typed::text)
            .unwrap_or_default()
            .to_owned(),
    };
    let part = members(transaction, batch.number, None)?;
    for (alert_id, seen) in &part {
        // Whoever approved took no part in it before.
        let approver = batch.decided.as_ref().map(|one| &one.name);
        let took_part = match approver {
            Some(name) => acting::took_part(transaction, alert_id, name)?,
            None => false,
        };
        if took_part {
            came_of(
                transaction,
                batch.number,
                alert_id,
                BatchOutcome::NotAllowed,
            )?;
            continue;
        }
        let act_of = act_of(batch.action, *seen, &asked);
        let outcome = match act(transaction, &author, alert_id, &act_of, acting) {
            Ok(acted) => {
                done.push((batch.action, acted));
                continue;
            }
            Err(Failure::Refused(Refused::Moved { .. } | Refused::NotFound)) => BatchOutcome::Moved,
            Err(Failure::Refused(_)) => BatchOutcome::NotAllowed,
            Err(failure) => return Err(failure),
        };
        came_of(transaction, batch.number, alert_id, outcome)?;
    }
    Ok(!part.is_empty())
}

/// Undoes a part of a batch; tells whether there was one.
fn undo_part(
    transaction: &Transaction<'_>,
    batch: &Batch,
    acting: Acting<'_>,
    done: &mut Vec<(WorkAction, Acted)>,
) -> Result<bool, Failure> {
    let acting = Acting {
        typed_at: batch.undone.as_ref().map_or(acting.now, |undone| undone.at),
        ..acting
    };
    let part = members(transaction, batch.number, Some(BatchOutcome::Done))?;
    let role = "SELECT undoer_role FROM batch WHERE number = ?";
    let role = transaction.query_row(role, [batch.number], |row| {
        rows::word(row, 0, Role::from_name)
    })?;
    for (alert_id, seen) in &part {
        let item = acting::find(transaction, alert_id)?.ok_or(Refused::NotFound)?;
        if item.work.version != seen.version {
            came_of(transaction, batch.number, alert_id, BatchOutcome::Kept)?;
            continue;
        }
        let after = before(transaction, batch.number, &item)?;
        let undone = batch.undone.as_ref();
        let restored = acting::restore(
            transaction,
            (&item, &after),
            undone.map(|undone| (undone.name.as_str(), role)),
            undone.and_then(|undone| undone.note.as_ref()?.text()),
            acting,
        )?;
        done.push((WorkAction::Undo, restored));
        came_of(transaction, batch.number, alert_id, BatchOutcome::Undone)?;
    }
    Ok(!part.is_empty())
}

/// An item as people had it before a batch.
fn before(transaction: &Transaction<'_>, number: i64, item: &Item) -> Result<Item, Failure> {
    let query = "SELECT work, assignee, since, until_day, due_day, verdict, decided_state, decided_digest, decided_epoch,
        proposer FROM batch_member WHERE batch = ? AND alert_id = ?";
    let mut query = transaction.prepare_cached(query)?;
    let mut before = item.clone();
    let work = &mut before.work;
    query.query_row(params![number, item.finding.alert_id], |row| {
        work.state = rows::word(row, 0, WorkState::from_name)?;
        work.assignee = row.get(1)?;
        work.since = row.get(2)?;
        work.until = row.get::<_, Option<i32>>(3)?.map(Day::from_number);
        work.due = Day::from_number(row.get(4)?);
        work.decided = rows::decided(row, 5)?;
        work.proposer = row.get(9)?;
        Ok(())
    })?;
    work.version += 1;
    Ok(before)
}
