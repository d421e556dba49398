//! Something is done about an alert, or refused.
//!
//! In: who, what, and what they saw. Out: the item after it, with an event, in one transaction. Must hold: the table of
//! transitions, who may, four eyes and the evidence that a decision rests on are checked here, in that transaction, and not by
//! whoever shows the buttons.

use rusqlite::{OptionalExtension, Transaction, named_params, params};

use super::act::{Act, LONGEST_NOTE, LONGEST_WAIT, Refused, Wrong};
use super::band::working_days_after;
use super::database::Failure;
use super::item::{Decided, Item};
use super::review_key::ReviewKey;
use super::rows;
use super::second_look;
use super::verdict::Verdict;
use super::viewer::Viewer;
use super::work::{By, WorkAction, WorkState, transition};
use crate::access::{Action, Role, is_allowed, is_plain_name};
use crate::record::{Day, Instant};

/// Proposals that one person approves in a minute: whoever approves more has not read them.
pub const APPROVALS_PER_MINUTE: u32 = 10;
const MINUTE: i64 = 60_000;

/// What an act is done with beside what is asked for.
#[derive(Clone, Copy)]
pub(super) struct Acting<'a> {
    pub(super) key: &'a ReviewKey,
    /// Now, in milliseconds since 1970.
    pub(super) now: i64,
    /// The epoch up to which is shown what there is.
    pub(super) epoch: u64,
    /// The batch that it is of.
    pub(super) batch: Option<i64>,
    /// Whether two people decided on that batch.
    pub(super) is_approved: bool,
}

impl Acting<'_> {
    fn today(&self) -> Day {
        Instant::from_millis(self.now).unwrap_or(Instant::MAX).day()
    }
}

/// The item of an alert.
pub(super) fn find(
    connection: &rusqlite::Connection,
    alert_id: &str,
) -> Result<Option<Item>, Failure> {
    let query = format!("SELECT {} FROM item WHERE alert_id = ?", rows::ITEM);
    let mut query = connection.prepare_cached(&query)?;
    Ok(query.query_row([alert_id], rows::item).optional()?)
}

/// Whether somebody may do this now, as far as it depends on them and on where the alert is. `took_part` says whether
/// they had a part in the round, `is_approved` whether it is of a batch that two decided on.
pub(super) fn may(
    who: &Viewer,
    item: &Item,
    action: WorkAction,
    (took_part, is_approved): (bool, bool),
) -> Result<(), Refused> {
    let work = &item.work;
    let line = transition(work.state, action).ok_or(Refused::NotPossible {
        action,
        state: work.state,
    })?;
    let has_it = work.assignee.as_deref() == Some(&who.name);
    let proposed = work.proposer.as_deref() == Some(&who.name);
    let reviews = is_allowed(who.role, Action::ReviewAlerts);
    let allowed = match line.by {
        By::Reviewer => reviews,
        By::Assignee => reviews && has_it,
        By::AssigneeOrSupervisor => reviews && (has_it || who.is_supervisor()),
        By::Supervisor => who.is_supervisor() && !(action == WorkAction::Return && proposed),
        By::Proposer => reviews && proposed,
        By::Approver => who.is_supervisor(),
        // Of a batch that two people decided on, and of nothing else.
        By::Batch => reviews && is_approved,
        By::Clock => false,
    };
    if !allowed {
        return Err(Refused::NotTheirs { action });
    }
    if line.by == By::Approver && (proposed || took_part) {
        return Err(Refused::TookPart);
    }
    if action == WorkAction::Uphold {
        if !item.needs_recheck() {
            return Err(Refused::Wrong(Wrong::NothingToUphold));
        }
        // What took two people is not bound to other evidence by one: it is reopened, and proposed again.
        if work.decided.is_some_and(|one| one.verdict.needs_approval()) {
            return Err(Refused::Wrong(Wrong::NeedsApproval));
        }
    }
    // Who proposed has not seen what it rests on now: it is returned.
    if action == WorkAction::Approve && item.is_moved() {
        return Err(Refused::Overtaken);
    }
    Ok(())
}

/// Whether somebody had a part since the alert was last new, reopened or returned. To give it to somebody is none.
pub(super) fn took_part(
    connection: &rusqlite::Connection,
    alert_id: &str,
    name: &str,
) -> Result<bool, Failure> {
    let query = "SELECT EXISTS (SELECT 1 FROM event WHERE alert_id = :alert AND actor = :name AND action <> 'assign'
        AND number > coalesce((SELECT max(number) FROM event WHERE alert_id = :alert
            AND to_ IN ('new', 'reopened', 'returned') AND from_ <> to_), 0))";
    let mut query = connection.prepare_cached(query)?;
    let values = named_params! {":alert": alert_id, ":name": name};
    Ok(query.query_row(values, |row| row.get(0))?)
}

/// What was done.
pub(super) struct Acted {
    pub(super) before: Item,
    pub(super) after: Item,
    /// Since when it waited for a decision, in milliseconds since 1970.
    pub(super) opened_at: i64,
}

/// Since when an alert waits for a decision, or waited for the last.
fn opened_at(connection: &rusqlite::Connection, item: &Item) -> Result<i64, Failure> {
    let query =
        "SELECT max(at) FROM event WHERE alert_id = ? AND to_ = 'reopened' AND from_ <> to_";
    let mut query = connection.prepare_cached(query)?;
    let reopened: Option<i64> = query.query_row([&item.finding.alert_id], |row| row.get(0))?;
    let raised = item.finding.raised_at;
    Ok(reopened.map_or(raised, |reopened| reopened.max(raised)))
}

/// Does it.
pub(super) fn act(
    transaction: &Transaction<'_>,
    who: &Viewer,
    alert_id: &str,
    act: &Act,
    acting: Acting<'_>,
) -> Result<Acted, Failure> {
    let item = find(transaction, alert_id)?.ok_or(Refused::NotFound)?;
    if !who.sees(item.finding.province()) {
        return Err(Refused::NotFound.into());
    }
    // A note takes nothing from anybody, whoever acts meanwhile.
    let is_acted_on = act.action != WorkAction::Note && act.seen.version != item.work.version;
    let is_changed = act.action.is_decision() && act.seen.digest != item.finding.digest;
    if is_acted_on || is_changed {
        return Err(Refused::Moved {
            is_acted_on,
            is_changed,
            now: Box::new(item),
        }
        .into());
    }
    may(
        who,
        &item,
        act.action,
        (
            took_part(transaction, alert_id, &who.name)?,
            acting.is_approved,
        ),
    )?;
    check(act, acting.today())?;
    let look = match act.action {
        WorkAction::Approve => {
            if let Some(next) = next_approval(transaction, &who.name, acting.now)? {
                return Err(Refused::Spent { next }.into());
            }
            if second_look::is_missing(transaction, who, &item, acting.key)? {
                return Err(Refused::LookDue.into());
            }
            second_look::of(transaction, who, &item)?
        }
        _ => None,
    };
    let after = after(&item, who, act, acting);
    keep(transaction, &item, &after)?;
    let event = Event {
        actor: Some((&who.name, who.role)),
        action: act.action,
        assignee: act.assignee.as_deref(),
        until: act.until,
        note: act.note.as_deref().filter(|note| !note.trim().is_empty()),
        look,
    };
    let opened_at = opened_at(transaction, &item)?;
    add_event(transaction, &item, &after, event, acting)?;
    Ok(Acted {
        before: item,
        after,
        opened_at,
    })
}

/// When somebody may approve again, who has approved as many as one reads in a minute; nothing where they may now.
fn next_approval(
    transaction: &Transaction<'_>,
    name: &str,
    now: i64,
) -> Result<Option<i64>, Failure> {
    let query = "SELECT at FROM event WHERE actor = ? AND action = 'approve' AND at > ?
        ORDER BY at DESC LIMIT 1 OFFSET ?";
    let mut query = transaction.prepare_cached(query)?;
    let values = params![name, now - MINUTE, APPROVALS_PER_MINUTE - 1];
    let first: Option<i64> = query.query_row(values, |row| row.get(0)).optional()?;
    Ok(first.map(|at| at + MINUTE))
}

/// What is missing or wrong.
pub(super) fn check(act: &Act, today: Day) -> Result<(), Refused> {
    let wrong = |wrong| Err(Refused::Wrong(wrong));
    let note = act.note.as_deref().unwrap_or_default().trim();
    if note.chars().count() > LONGEST_NOTE {
        return wrong(Wrong::NoteTooLong);
    }
    let gives_verdict = matches!(
        act.action,
        WorkAction::Propose | WorkAction::Close | WorkAction::CloseTogether
    );
    let mut needs_note = act.action.needs_note();
    if gives_verdict {
        let Some(verdict) = act.verdict else {
            return wrong(Wrong::VerdictMissing);
        };
        if act.action == WorkAction::Close && verdict.needs_approval() {
            return wrong(Wrong::NeedsApproval);
        }
        if act.action == WorkAction::CloseTogether && verdict.needs_approval() {
            return wrong(Wrong::NotTogether);
        }
        needs_note |= verdict.needs_note();
    }
    if needs_note && note.is_empty() {
        return wrong(Wrong::NoteMissing);
    }
    if act.action.needs_day() {
        let fits = |until: Day| until > today && until <= today.plus(LONGEST_WAIT);
        if !act.until.is_some_and(fits) {
            return wrong(Wrong::BadDay);
        }
    }
    // The name of somebody who signs in, and no text: it is kept as it is.
    let is_assigned = act.assignee.as_deref().is_some_and(is_plain_name);
    if act.action == WorkAction::Assign && !is_assigned {
        return wrong(Wrong::BadAssignee);
    }
    Ok(())
}

/// The item after an act.
fn after(item: &Item, who: &Viewer, act: &Act, acting: Acting<'_>) -> Item {
    let line = transition(item.work.state, act.action);
    let to = line.map_or(item.work.state, |line| line.to);
    let mut after = item.clone();
    let work = &mut after.work;
    work.version += 1;
    if act.action == WorkAction::Note {
        return after;
    }
    if to != work.state {
        moved(work, to, acting);
    }
    work.until = act.until.filter(|_| act.action.needs_day());
    match act.action {
        WorkAction::Take => work.assignee = Some(who.name.clone()),
        WorkAction::Assign => work.assignee.clone_from(&act.assignee),
        WorkAction::Release | WorkAction::Reopen | WorkAction::Escalate => work.assignee = None,
        _ => {}
    }
    let decided = |verdict| Decided {
        verdict,
        state: item.finding.state,
        digest: item.finding.digest,
        epoch: acting.epoch,
    };
    match act.action {
        WorkAction::Propose => {
            work.decided = act.verdict.map(decided);
            work.proposer = Some(who.name.clone());
        }
        WorkAction::Close | WorkAction::CloseTogether => {
            work.decided = act.verdict.map(decided);
        }
        WorkAction::Approve | WorkAction::Uphold => {
            work.decided = item.work.decided.map(|before| decided(before.verdict));
        }
        WorkAction::Return | WorkAction::Retract | WorkAction::Reopen => {
            work.decided = None;
            work.proposer = None;
        }
        _ => {}
    }
    if act.action == WorkAction::Reopen {
        // The days that there were are over: it has as many again, from now on.
        work.due = item.finding.band().due(acting.today());
    }
    after
}

/// Another state, from now on. What waited for others has so many working days more.
fn moved(work: &mut super::Work, to: WorkState, acting: Acting<'_>) {
    if work.state == WorkState::Waiting {
        let began = Instant::from_millis(work.since)
            .unwrap_or(Instant::MAX)
            .day();
        work.due = working_days_after(work.due, began, acting.today());
    }
    work.state = to;
    work.since = acting.now;
}

/// Stores people's side of an item.
fn keep(transaction: &Transaction<'_>, before: &Item, after: &Item) -> Result<(), Failure> {
    let work = &after.work;
    let update = "UPDATE item SET work = :work, assignee = :assignee, since = :since, until_day = :until,
        due_day = :due, verdict = :verdict, decided_state = :decided_state, decided_digest = :decided_digest,
        decided_epoch = :decided_epoch, proposer = :proposer, version = :version
        WHERE alert_id = :alert AND version = :before";
    let changed = transaction.prepare_cached(update)?.execute(named_params! {
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
        ":version": work.version,
        ":alert": after.finding.alert_id,
        ":before": before.work.version,
    })?;
    match changed {
        1 => Ok(()),
        // Read in this transaction: nobody else wrote in between.
        _ => Err(Failure::Database(rusqlite::Error::StatementChangedRows(
            changed,
        ))),
    }
}

struct Event<'a> {
    actor: Option<(&'a str, Role)>,
    action: WorkAction,
    assignee: Option<&'a str>,
    until: Option<Day>,
    note: Option<&'a str>,
    look: Option<Verdict>,
}

fn add_event(
    transaction: &Transaction<'_>,
    before: &Item,
    after: &Item,
    event: Event<'_>,
    acting: Acting<'_>,
) -> Result<(), Failure> {
    let finding = &after.finding;
    let note = event
        .note
        .map(|note| acting.key.seal(acting.now, &finding.alert_id, note))
        .transpose()?;
    let decided = after.work.decided.or(before.work.decided);
    let decided = decided.filter(|_| {
        event.action.is_decision()
            || matches!(
                event.action,
                WorkAction::Return | WorkAction::Retract | WorkAction::Reopen
            )
    });
    let insert = "INSERT INTO event (at, alert_id, actor, role, action, from_, to_, assignee, until_day, verdict, note,
        digest, epoch, batch, look) VALUES (:at, :alert, :actor, :role, :action, :from, :to, :assignee, :until, :verdict, :note,
        :digest, :epoch, :batch, :look)";
    transaction.prepare_cached(insert)?.execute(named_params! {
        ":at": acting.now,
        ":alert": finding.alert_id,
        ":actor": event.actor.map(|(name, _)| name),
        ":role": event.actor.map(|(_, role)| role.as_str()),
        ":action": event.action.as_str(),
        ":from": before.work.state.as_str(),
        ":to": after.work.state.as_str(),
        ":assignee": event.assignee,
        ":until": event.until.map(|day| day.number()),
        ":verdict": decided.map(|decided| decided.verdict.as_str()),
        ":note": note,
        ":digest": finding.digest.0,
        ":epoch": acting.epoch,
        ":batch": acting.batch,
        ":look": event.look.map(Verdict::as_str),
    })?;
    Ok(())
}

/// Leads an item back to where it was before a batch.
pub(super) fn restore(
    transaction: &Transaction<'_>,
    (now, before): (&Item, &Item),
    who: Option<(&str, Role)>,
    note: Option<&str>,
    acting: Acting<'_>,
) -> Result<Acted, Failure> {
    let opened_at = opened_at(transaction, now)?;
    keep(transaction, now, before)?;
    let event = Event {
        actor: who,
        action: WorkAction::Undo,
        assignee: None,
        until: None,
        note,
        look: None,
    };
    add_event(transaction, now, before, event, acting)?;
    Ok(Acted {
        before: now.clone(),
        after: before.clone(),
        opened_at,
    })
}

/// Wakes what waited or was snoozed up to yesterday, at most `limit` alerts; tells how many.
pub(super) fn wake(
    transaction: &Transaction<'_>,
    limit: u32,
    acting: Acting<'_>,
) -> Result<usize, Failure> {
    let query = format!(
        "SELECT {} FROM item WHERE until_day < ? ORDER BY until_day, alert_id LIMIT ?",
        rows::ITEM
    );
    let mut query = transaction.prepare_cached(&query)?;
    let due = rows::items(
        &mut query,
        rusqlite::params![acting.today().number(), limit],
    )?;
    for item in &due {
        let mut after = item.clone();
        after.work.version += 1;
        after.work.until = None;
        moved(&mut after.work, WorkState::InReview, acting);
        keep(transaction, item, &after)?;
        let event = Event {
            actor: None,
            action: WorkAction::Wake,
            assignee: None,
            until: None,
            note: None,
            look: None,
        };
        add_event(transaction, item, &after, event, acting)?;
    }
    Ok(due.len())
}
