//! The desk: what many people ask of it and do at a time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as Elapsed};

use super::act::{Act, Refused, Wrong};
use super::acting::{self, Acted, Acting};
use super::batches;
use super::database::{Database, Durable, Failure};
use super::decisions::{self, Decisions};
use super::desk_log::{Access, DeskLog};
use super::desk_watch::{DeskWatch, Unreadable, Unwatched, WorkDone};
use super::difference;
use super::erasure;
use super::error::DeskError;
use super::event::WorkEvent;
use super::group_page::{self, GroupPage, GroupQuery};
use super::item::{Finding, GroupId, Item};
use super::lists::{self, Group, Mine, QueuePage};
use super::look::Looks;
use super::machine_change::{self, Changes, MachineChange};
use super::person_search::{self, PersonNumber};
use super::projection::{self, Frontier};
use super::receivers::Receivers;
use super::reveal::{self, REVEALS_PER_HOUR, Reveal, RevealEvent};
use super::review_key::ReviewKey;
use super::rows;
use super::version;
use super::view::{QueueQuery, View};
use super::viewer::Viewer;
use super::work::WorkAction;
use super::workload::{self, Workload};
use crate::journal::MasterKey;
use crate::record::Instant;
use crate::rule::Reason;
use crate::store::HistoryKind;

/// The most alerts that are acted on as one by one person.
pub const LARGEST_BULK: usize = 50;
/// For how long counts are told again: so many times what it took to count, and so long where no epoch came meanwhile. A
/// page that was made because of an epoch has its counts.
const COUNTED: Duration = Duration::from_secs(2);
const COUNTED_TIMES: u32 = 20;
/// Alerts of a list that are read at a time where all of it is taken away.
const EXPORTED_AT_ONCE: u32 = 500;
/// Alerts that are woken in one transaction.
const WOKEN: u32 = 200;

/// Tells the time.
pub type Now = Arc<dyn Fn() -> Instant + Send + Sync>;

#[derive(Clone)]
struct Counted {
    /// Until then they are told, whatever came.
    soon: Elapsed,
    /// Until then they are told, where it is still this epoch.
    until: Elapsed,
    epoch: Option<u64>,
    counts: Vec<(View, u64)>,
}

/// What came of several alerts that were acted on.
#[derive(Debug)]
pub struct ActedOn {
    /// Of each, in the order in which they were given.
    pub outcomes: Vec<(String, Result<Item, Refused>)>,
    /// The number of the batch that undoes what was done; none where nothing was.
    pub batch: Option<i64>,
}

/// How much of a list was taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Alerts that were taken.
    pub alerts: u64,
    /// Whether those were all.
    pub is_whole: bool,
}

/// The desk. Every call may wait for the disk.
pub struct Desk {
    pub(super) database: Database,
    pub(super) key: Arc<ReviewKey>,
    now: Now,
    pub(super) log: Arc<dyn DeskLog>,
    /// Looks at alerts that are not in the database yet.
    pub(super) looks: Looks,
    /// When nothing had come that is not here, in milliseconds since 1970.
    complete_at: AtomicI64,
    pub(super) reveals_per_hour: u32,
    watch: Arc<dyn DeskWatch>,
    pub(super) receivers: Receivers,
    /// Held by whoever counts.
    counting: Mutex<()>,
    /// Counts and until when they are told again, by the provinces that they are of.
    counted: Mutex<BTreeMap<Vec<String>, Counted>>,
}

impl Desk {
    /// Opens the desk of a data directory, or makes it. Its key is wrapped by the master key, if there is one.
    ///
    /// # Errors
    /// When the database or its key cannot be used.
    pub fn open_or_create(
        data: &Path,
        master: Option<&MasterKey>,
        now: Now,
        log: Arc<dyn DeskLog>,
    ) -> Result<Self, DeskError> {
        let key = Arc::new(ReviewKey::open_or_create(data, master)?);
        let database = Database::open_or_create(data, &key)?;
        key.sealed_before(database.read(erasure::last_sealed)?);
        Ok(Self {
            database,
            key,
            now,
            log,
            looks: Looks::default(),
            complete_at: AtomicI64::new(i64::MIN),
            reveals_per_hour: REVEALS_PER_HOUR,
            watch: Arc::new(Unwatched),
            receivers: Receivers::default(),
            counting: Mutex::new(()),
            counted: Mutex::default(),
        })
    }

    /// The same with another number of rows that one person has shown in an hour: at least one.
    #[must_use]
    pub fn with_reveals_per_hour(mut self, rows: u32) -> Self {
        self.reveals_per_hour = rows;
        self
    }

    /// The same with somebody who counts what is done.
    #[must_use]
    pub fn with_watch(mut self, watch: Arc<dyn DeskWatch>) -> Self {
        self.watch = watch;
        self
    }

    /// Lines of the store could not be read.
    pub(super) fn unreadable(&self, kind: Unreadable, lines: u64) {
        self.watch.unreadable(kind, lines);
    }

    /// How much work there is, by where it lies, of all provinces.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn workload(&self) -> Result<Vec<Workload>, DeskError> {
        let today = self.today();
        self.database
            .read(|connection| workload::workload(connection, today))
    }

    /// The key that groups and digests are made with.
    pub fn key(&self) -> Arc<ReviewKey> {
        self.key.clone()
    }

    pub(super) fn today(&self) -> crate::record::Day {
        (self.now)().day()
    }

    /// How far the machine's axis is.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn frontier(&self) -> Result<Frontier, DeskError> {
        let frontier = self.database.read(projection::frontier)?;
        let at = frontier.at.max(self.complete_at.load(Ordering::Relaxed));
        Ok(Frontier { at, ..frontier })
    }

    /// Takes note that all that had come up to a time, in milliseconds since 1970, is here: where nothing comes, what is
    /// here is complete all the same.
    pub fn is_complete(&self, at: i64) {
        self.complete_at.fetch_max(at, Ordering::Relaxed);
    }

    /// What time it is on the desk, in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        (self.now)().nanos() / 1_000_000
    }

    /// A page of a list.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn queue(&self, who: &Viewer, query: &QueueQuery) -> Result<QueuePage, DeskError> {
        let today = self.today();
        let (page, epoch) = self.database.read(|connection| {
            let epoch = epoch(connection)?;
            let as_of = query.as_of.unwrap_or(epoch);
            let page = lists::queue(connection, who, query, (as_of, today))?;
            Ok((page, epoch))
        })?;
        let shown = Access::Queue(page.items.len() as u64);
        self.log.record(who, &shown, epoch)?;
        Ok(page)
    }

    /// Gives a list whole, as it is when this begins, an item at a time, until `take` wants no more.
    ///
    /// # Errors
    /// When the database cannot be read, or that the list is taken away cannot be kept.
    pub fn export(
        &self,
        who: &Viewer,
        query: &QueueQuery,
        take: &mut dyn FnMut(&Item) -> bool,
    ) -> Result<Exported, DeskError> {
        let today = self.today();
        let mut exported = Exported {
            alerts: 0,
            is_whole: false,
        };
        let mut begun = None;
        let read = self.database.read(|connection| {
            let epoch = epoch(connection)?;
            self.log.record(who, &Access::Export(None), epoch)?;
            begun = Some(epoch);
            let as_of = query.as_of.unwrap_or(epoch);
            let mut query = QueueQuery {
                limit: EXPORTED_AT_ONCE,
                ..query.clone()
            };
            loop {
                let page = lists::queue(connection, who, &query, (as_of, today))?;
                for item in &page.items {
                    if !take(item) {
                        return Ok(());
                    }
                    exported.alerts += 1;
                }
                query.after = page.next;
                if query.after.is_none() {
                    exported.is_whole = true;
                    return Ok(());
                }
            }
        });
        // However it ended: what left is told.
        if let Some(epoch) = begun {
            let ended = Access::Export(Some((exported.alerts, exported.is_whole)));
            self.log.record(who, &ended, epoch)?;
        }
        read?;
        Ok(exported)
    }

    /// How many items are on each list, with what the last epoch brought where counting is quick, and as of two seconds ago at
    /// the earliest otherwise.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn counts(&self, who: &Viewer) -> Result<Vec<(View, u64)>, DeskError> {
        let kept = || self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept().get(&who.provinces).cloned();
        // Asked first: counts of a later epoch may be told as those of an earlier one, and are counted once more then.
        let epoch = self.frontier()?.epoch;
        let now = Elapsed::now();
        let is_good =
            |known: &Counted| now < known.soon || (now < known.until && known.epoch == epoch);
        if let Some(known) = known.as_ref().filter(|known| is_good(known)) {
            return Ok(known.counts.clone());
        }
        // One counts; others are told what was counted before.
        let counting = match (self.counting.try_lock(), known) {
            (Ok(counting), _) => counting,
            (Err(_), Some(known)) => return Ok(known.counts),
            (Err(_), None) => (self.counting.lock()).unwrap_or_else(PoisonError::into_inner),
        };
        let (began, today) = (Elapsed::now(), self.today());
        let counts = self
            .database
            .read(|connection| lists::counts(connection, who, today))?;
        let now = Elapsed::now();
        let soon = now + now.duration_since(began) * COUNTED_TIMES;
        let until = soon.max(now + COUNTED);
        let mut counted = kept();
        counted.retain(|_, known| known.until > now);
        let known = Counted {
            soon,
            until,
            epoch,
            counts: counts.clone(),
        };
        counted.insert(who.provinces.clone(), known);
        drop((counted, counting));
        Ok(counts)
    }

    /// An alert, where it is theirs.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn item(&self, who: &Viewer, alert_id: &str) -> Result<Option<Item>, DeskError> {
        let (item, epoch) = self
            .database
            .read(|connection| Ok((acting::find(connection, alert_id)?, epoch(connection)?)))?;
        let item = item.filter(|item| who.sees(item.finding.province()));
        if item.is_some() {
            self.log.record(who, &Access::Alert(alert_id), epoch)?;
        }
        Ok(item)
    }

    /// Whether an alert is theirs. Nothing else is told of it, so that it is no look at it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn is_theirs(&self, who: &Viewer, alert_id: &str) -> Result<bool, DeskError> {
        let find = |connection: &_| acting::find(connection, alert_id);
        let item = self.database.read(find)?;
        Ok(item.is_some_and(|item| who.sees(item.finding.province())))
    }

    /// What was done about an alert, the first thing first.
    ///
    /// # Errors
    /// When the database cannot be read, or a note not with this key.
    pub fn events(&self, alert_id: &str) -> Result<Vec<WorkEvent>, DeskError> {
        self.database.read(|connection| {
            let query = format!(
                "SELECT {} FROM event WHERE alert_id = ? ORDER BY number",
                rows::EVENT
            );
            let mut query = connection.prepare_cached(&query)?;
            let mut found = query.query([alert_id])?;
            let mut events = Vec::new();
            while let Some(row) = found.next()? {
                events.push(rows::event(row, &self.key)?);
            }
            Ok(events)
        })
    }

    /// What somebody has.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn mine(&self, who: &Viewer) -> Result<Mine, DeskError> {
        let today = self.today();
        let (mine, epoch) = self
            .database
            .read(|connection| Ok((lists::mine(connection, who, today)?, epoch(connection)?)))?;
        self.log
            .record(who, &Access::Queue(mine.len() as u64), epoch)?;
        Ok(mine)
    }

    /// The items of a group, the highest priority first, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn group(&self, who: &Viewer, group: &Group, limit: u32) -> Result<Vec<Item>, DeskError> {
        let (items, epoch) = self.database.read(|connection| {
            let items = lists::group(connection, who, group, limit)?;
            Ok((items, epoch(connection)?))
        })?;
        let shown = Access::Group(group, items.len() as u64);
        self.log.record(who, &shown, epoch)?;
        Ok(items)
    }

    /// A page of a group, with what is summed over all of it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn group_page(
        &self,
        who: &Viewer,
        group: &Group,
        query: &GroupQuery,
    ) -> Result<GroupPage, DeskError> {
        let (page, epoch) = self.database.read(|connection| {
            let epoch = epoch(connection)?;
            let as_of = query.as_of.unwrap_or(epoch);
            let page = group_page::group_page(connection, who, group, (query, as_of))?;
            Ok((page, epoch))
        })?;
        let shown = Access::Group(group, page.items.len() as u64);
        self.log.record(who, &shown, epoch)?;
        Ok(page)
    }

    /// What was decided of the alerts of a reason that somebody may see: to be counted, and not to be shown one by one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn decisions(&self, who: &Viewer, reason: Reason) -> Result<Decisions, DeskError> {
        self.database
            .read(|connection| decisions::of_reason(connection, who, reason))
    }

    /// What somebody may do about an item now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn allowed(&self, who: &Viewer, item: &Item) -> Result<Vec<WorkAction>, DeskError> {
        let took_part = self
            .database
            .read(|connection| acting::took_part(connection, &item.finding.alert_id, &who.name))?;
        let all = WorkAction::ALL.iter().copied();
        Ok(all
            .filter(|action| acting::may(who, item, *action, (took_part, false)).is_ok())
            .collect())
    }

    /// Whether somebody may have masked fields of an item shown.
    pub fn may_reveal(&self, who: &Viewer, item: &Item) -> bool {
        reveal::may(who, item)
    }

    /// Keeps that masked fields are shown. When it returns, that is durable, also in the access log: only then may they be
    /// shown.
    ///
    /// # Errors
    /// When they may not be, or it cannot be kept: nothing is to be shown then.
    pub fn reveal(&self, who: &Viewer, alert_id: &str, asked: &Reveal) -> Result<Item, Refused> {
        let now = (self.now)().nanos() / 1_000_000;
        let done = self.database.write(Durable::Synced, |transaction| {
            let acting = self.acting(transaction, now, None)?;
            let bound = (acting, self.reveals_per_hour);
            let (item, subject) = reveal::reveal(transaction, who, alert_id, asked, bound)?;
            let access = Access::Reveal {
                alert_id,
                purpose: asked.purpose,
                subject,
                fields: &asked.fields,
            };
            // Before it is kept here, so that neither is without the other where the log fails.
            self.log.record(who, &access, acting.epoch)?;
            Ok(item)
        });
        done.map_err(|failure| self.refused(failure))
    }

    /// What of an alert was shown to people, the first thing first.
    ///
    /// # Errors
    /// When the database cannot be read, or a note not with this key.
    pub fn reveals(&self, alert_id: &str) -> Result<Vec<RevealEvent>, DeskError> {
        self.database
            .read(|connection| reveal::of_alert(connection, alert_id, &self.key))
    }

    /// Looks for the alerts of a person that somebody may see, by a number of theirs; gives their group. The search is in
    /// the access log when it returns.
    ///
    /// # Errors
    /// When they have searched too often, or the database cannot be used.
    pub fn search(&self, who: &Viewer, number: PersonNumber) -> Result<Option<Group>, Refused> {
        let now = (self.now)().nanos() / 1_000_000;
        let done = self.database.write(Durable::Synced, |transaction| {
            let found = person_search::search(transaction, who, number, (&self.key, now))?;
            let access = Access::Search(found.subject(), found.alerts);
            self.log.record(who, &access, epoch(transaction)?)?;
            Ok(found.group())
        });
        done.map_err(|failure| self.refused(failure))
    }

    /// Brings in which citizens are which persons of the insurance: pairs of citizen and person. As durable as
    /// [`Desk::project`].
    ///
    /// # Errors
    /// When the database cannot be written: nothing is brought in then.
    pub fn add_citizens(&self, pairs: &[(GroupId, GroupId)]) -> Result<(), DeskError> {
        if pairs.is_empty() {
            return Ok(());
        }
        let done = self.database.write(Durable::Again, |transaction| {
            person_search::keep_citizens(transaction, pairs)
        });
        done.map_err(|failure| self.database.told(failure))
    }

    /// Does something about an alert. When it returns, it is durable.
    ///
    /// # Errors
    /// When it may not be done, or the database cannot be written: nothing is done then.
    pub fn act(&self, who: &Viewer, alert_id: &str, act: &Act) -> Result<Item, Refused> {
        let now = self.now();
        let done = self.database.write(Durable::Synced, |transaction| {
            let acting = self.acting(transaction, now, None)?;
            let acted = acting::act(transaction, who, alert_id, act, acting)?;
            let did = Access::Did(act.action, alert_id);
            self.log.record(who, &did, acting.epoch)?;
            Ok(acted)
        });
        match done {
            Ok(acted) => Ok(self.done(act.action, acted, now)),
            Err(failure) => {
                let refused = self.refused(failure);
                Err(self.looked(who, alert_id, refused))
            }
        }
    }

    /// Tells what is durable now.
    pub(super) fn done(&self, action: WorkAction, acted: Acted, at: i64) -> Item {
        let done = WorkDone {
            action,
            before: acted.before,
            after: acted.after,
            opened_at: acted.opened_at,
            at,
        };
        self.watch.done(&done);
        done.after
    }

    /// What is refused with the alert as it is now has been looked at.
    pub(super) fn looked(&self, who: &Viewer, alert_id: &str, refused: Refused) -> Refused {
        let Refused::Moved { .. } = &refused else {
            return refused;
        };
        let epoch = self.database.read(epoch);
        let kept = epoch.and_then(|epoch| self.log.record(who, &Access::Alert(alert_id), epoch));
        match kept {
            Ok(()) => refused,
            Err(error) => error.into(),
        }
    }

    /// Does something about several alerts: each for itself, and what is done is one in the events. When it returns, what
    /// was done is durable.
    ///
    /// # Errors
    /// When there are more than [`LARGEST_BULK`], or the database cannot be written: nothing is done then.
    pub fn act_on_all(&self, who: &Viewer, acts: &[(String, Act)]) -> Result<ActedOn, Refused> {
        if acts.len() > LARGEST_BULK {
            return Err(Refused::Wrong(Wrong::TooMany));
        }
        let now = self.now();
        let done = self.database.write(Durable::Synced, |transaction| {
            let number = match acts.first() {
                Some((_, first)) => {
                    Some(batches::begin(transaction, who, first, (&self.key, now))?)
                }
                None => None,
            };
            let acting = self.acting(transaction, now, number)?;
            let mut outcomes = Vec::with_capacity(acts.len());
            for (alert_id, act) in acts {
                // An act that is refused has written nothing.
                let (outcome, access) = match batches::act(transaction, who, alert_id, act, acting)
                {
                    Ok(acted) => (Ok(acted), Some(Access::Did(act.action, alert_id))),
                    Err(Failure::Refused(refused)) => {
                        let is_shown = matches!(refused, Refused::Moved { .. });
                        (Err(refused), is_shown.then_some(Access::Alert(alert_id)))
                    }
                    Err(failure) => return Err(failure),
                };
                if let Some(access) = access {
                    self.log.record(who, &access, acting.epoch)?;
                }
                outcomes.push((alert_id.clone(), act.action, outcome));
            }
            let batch = match number {
                Some(number) if batches::end(transaction, number)? => Some(number),
                _ => None,
            };
            Ok((outcomes, batch))
        });
        let (outcomes, batch) = done.map_err(|failure| self.refused(failure))?;
        let told = outcomes.into_iter().map(|(alert_id, action, outcome)| {
            let outcome = outcome.map(|acted| self.done(action, acted, now));
            (alert_id, outcome)
        });
        Ok(ActedOn {
            outcomes: told.collect(),
            batch,
        })
    }

    pub(super) fn acting(
        &self,
        transaction: &rusqlite::Transaction<'_>,
        now: i64,
        batch: Option<i64>,
    ) -> Result<Acting<'_>, Failure> {
        Ok(Acting {
            key: &self.key,
            now,
            typed_at: now,
            epoch: epoch(transaction)?,
            batch,
            is_approved: false,
        })
    }

    pub(super) fn refused(&self, failure: Failure) -> Refused {
        match failure {
            Failure::Refused(refused) => refused,
            other => Refused::Database(self.database.told(other)),
        }
    }

    /// Brings the machine's side of alerts in. It is durable with the next thing that somebody does, and at once where
    /// receivers are told of it; whoever brings it in asks after a start how far it is.
    ///
    /// # Errors
    /// When the database cannot be written: nothing is brought in then.
    pub fn project(&self, findings: &[Finding], to: Option<Frontier>) -> Result<(), DeskError> {
        let done = self.database.write(self.told_durable(), |transaction| {
            let outbox = self.receivers.outbox(transaction, self)?;
            let is_told = projection::project(transaction, findings, outbox.as_ref())?;
            if let Some(to) = to {
                projection::advance(transaction, to)?;
            }
            Ok(is_told)
        });
        self.told(done)
    }

    /// How durable what receivers are told of is: what they were told is not forgotten when the power fails, since a
    /// change that is undone after that would not be told.
    fn told_durable(&self) -> Durable {
        match self.receivers.is_any() {
            true => Durable::Synced,
            false => Durable::Again,
        }
    }

    /// Wakes those that tell receivers what a transaction wrote, if it wrote something for them.
    fn told(&self, done: Result<bool, Failure>) -> Result<(), DeskError> {
        if done.map_err(|failure| self.database.told(failure))? {
            self.receivers.ring();
        }
        Ok(())
    }

    /// Brings in what the machine did to alerts; what is known already stays as it is. As durable as
    /// [`Desk::project`].
    ///
    /// # Errors
    /// When the database cannot be written: nothing is brought in then.
    pub fn add_changes(&self, changes: &[MachineChange]) -> Result<(), DeskError> {
        if changes.is_empty() {
            return Ok(());
        }
        let done = self.database.write(Durable::Again, |transaction| {
            machine_change::add(transaction, changes)
        });
        done.map_err(|failure| self.database.told(failure))
    }

    /// Forgets what the machine did after an epoch, of a store that is not this one.
    ///
    /// # Errors
    /// When the database cannot be written: nothing is forgotten then.
    pub fn forget_changes_after(&self, epoch: Option<u64>) -> Result<(), DeskError> {
        let done = self.database.write(Durable::Again, |transaction| {
            for delete in [
                "DELETE FROM change WHERE epoch > ?",
                "DELETE FROM version WHERE epoch > ?",
            ] {
                transaction.execute(delete, [epoch.unwrap_or_default()])?;
            }
            Ok(())
        });
        done.map_err(|failure| self.database.told(failure))
    }

    /// The alerts that hold, by id.
    pub fn active(&self) -> impl Iterator<Item = Result<String, DeskError>> + '_ {
        let mut after = Some(String::new());
        let mut page = Vec::new().into_iter();
        std::iter::from_fn(move || {
            if let Some(id) = page.next() {
                return Some(Ok(id));
            }
            let last = after.take()?;
            match self.active_after(&last) {
                Ok(ids) => {
                    after = ids.last().cloned();
                    page = ids.into_iter();
                    page.next().map(Ok)
                }
                Err(error) => Some(Err(error)),
            }
        })
    }

    fn active_after(&self, last: &str) -> Result<Vec<String>, DeskError> {
        self.database.read(|connection| {
            let query = "SELECT alert_id FROM item WHERE alert_id > ? AND state = 'active'
                ORDER BY alert_id LIMIT 10000";
            let mut query = connection.prepare_cached(query)?;
            let found = query.query_map([last], |row| row.get(0))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Withdraws alerts that the store does not know: it was filled anew, and they are not raised any more.
    ///
    /// # Errors
    /// When the database cannot be written: nothing is done then.
    pub fn withdraw_unknown(&self, alert_ids: &[String]) -> Result<(), DeskError> {
        let done = self.database.write(self.told_durable(), |transaction| {
            let update = "UPDATE item SET state = 'withdrawn', digest = ?
                WHERE alert_id = ? AND state = 'active'";
            let mut update = transaction.prepare_cached(update)?;
            let epoch = epoch(transaction)?;
            let outbox = self.receivers.outbox(transaction, self)?;
            let mut is_told = false;
            for alert_id in alert_ids {
                let before = match &outbox {
                    Some(outbox) => outbox.before(transaction, alert_id)?,
                    None => None,
                };
                // Another than whoever saw it has seen.
                let digest = self.key.digest(&[b"unknown", alert_id.as_bytes()]);
                if update.execute(rusqlite::params![digest.0, alert_id])? > 0 {
                    version::keep(transaction, alert_id, epoch)?;
                    if let Some(outbox) = &outbox {
                        is_told |= outbox.tell(transaction, alert_id, before.as_ref(), epoch)?;
                    }
                }
            }
            Ok(is_told)
        });
        self.told(done)
    }

    /// What the machine did to an alert, the first thing first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn machine_changes(&self, alert_id: &str) -> Result<Vec<MachineChange>, DeskError> {
        self.database
            .read(|connection| machine_change::of_alert(connection, alert_id))
    }

    /// What became of alerts after an epoch, of what somebody sees: up to now or, where more happened than is told at a
    /// time, up to [`Changes::until`], from where the next difference is taken.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn changes_since(&self, who: &Viewer, epoch: u64) -> Result<Changes, DeskError> {
        self.database.read(|connection| {
            let until = projection::frontier(connection)?.epoch.unwrap_or_default();
            let (changes, _) =
                difference::between(connection, who, (epoch, until), difference::Scope::All)?;
            Ok(changes)
        })
    }

    /// The same for whoever is told again and again, with what became of one alert that they look at: of an epoch in which
    /// much happened, and of those after it, only that.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn changes_while(
        &self,
        who: &Viewer,
        epoch: u64,
        alert_id: Option<&str>,
    ) -> Result<(Changes, Option<HistoryKind>), DeskError> {
        self.database.read(|connection| {
            let until = projection::frontier(connection)?.epoch.unwrap_or_default();
            let changes = difference::often(connection, who, (epoch, until))?;
            let Some(alert_id) = alert_id else {
                return Ok((changes, None));
            };
            let item = acting::find(connection, alert_id)?;
            if !item.is_some_and(|item| who.sees(item.finding.province())) {
                return Ok((changes, None));
            }
            let own = difference::of_alert(connection, alert_id, (epoch, until))?;
            Ok((changes, own.map(|change| change.kind)))
        })
    }

    /// Has what waited long enough gone on with, and keeps what was looked at. Tells how many alerts.
    ///
    /// # Errors
    /// When the database cannot be written: nothing is done then.
    pub fn wake(&self) -> Result<usize, DeskError> {
        self.keep_looks()?;
        let now = self.now();
        let done = self.database.write(Durable::Synced, |transaction| {
            let acting = self.acting(transaction, now, None)?;
            acting::wake(transaction, WOKEN, acting)
        });
        done.map_err(|failure| self.database.told(failure))
    }
}

/// The epoch up to which is shown what there is.
pub(super) fn epoch(connection: &rusqlite::Connection) -> Result<u64, Failure> {
    Ok(projection::frontier(connection)?.epoch.unwrap_or_default())
}
