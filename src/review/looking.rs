//! What changed since somebody looked.
//!
//! In: who, and a place: a list, what they have, an alert. Out: the net difference between what they saw and what there is,
//! and what others did meanwhile. Must hold: what is told is in the access log before; see [`super::look`] for when
//! something counts as seen.

use super::acting;
use super::database::{Durable, Failure};
use super::desk::{Desk, epoch};
use super::desk_log::Access;
use super::difference::{self, NetChange, Scope};
use super::error::DeskError;
use super::event::WorkEvent;
use super::item::Item;
use super::look::{self, Kept, Look, Place};
use super::machine_change::Changes;
use super::viewer::Viewer;
use crate::store::HistoryKind;

/// Things that happened, or that others did, which are counted for a link.
const COUNTED: usize = 300;
/// Things that others did which are told.
const TOLD: usize = 200;

/// What changed of a place since it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinceLook {
    /// What was seen.
    pub from: Look,
    /// Up to where this is told.
    pub until: Look,
    /// How many alerts were raised, changed and withdrawn.
    pub changes: Changes,
    /// What became of the first of them, by id.
    pub alerts: Vec<NetChange>,
    /// The same alerts as they are now.
    pub items: Vec<Item>,
    /// What others did about alerts that the viewer has or had a part in: of what the viewer has alone.
    pub events: Vec<WorkEvent>,
    /// Whether there is more that happened later.
    pub is_cut: bool,
}

/// How much changed of a place since it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedCount {
    /// What was seen.
    pub from: Look,
    /// Alerts that were raised, changed or withdrawn, and things that others did.
    pub count: u64,
    /// Whether there are more.
    pub is_more: bool,
}

/// An alert that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// As it is now.
    pub item: Item,
    /// What it was compared with; nothing where it is opened for the first time.
    pub from: Option<Look>,
    /// Up to where it is shown.
    pub until: Look,
    /// What became of it since.
    pub change: Option<NetChange>,
    /// What others did since, the first thing first.
    pub events: Vec<WorkEvent>,
}

impl Desk {
    fn scope(&self, place: &Place) -> Option<Scope> {
        match place {
            Place::Mine => Some(Scope::Mine),
            Place::List(view) => Some(Scope::List(*view, self.today())),
            Place::Alert(_) => None,
        }
    }

    /// Where everybody is who looks now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn here(&self) -> Result<Look, DeskError> {
        let at = self.now();
        self.database.read(|connection| {
            Ok(Look {
                epoch: epoch(connection)?,
                event: difference::last_event(connection)?,
                at,
            })
        })
    }

    /// What changed of a list, or of what somebody has, since an epoch, or since they saw it; nothing where they never
    /// did. What others did is told since they saw it.
    ///
    /// # Errors
    /// When the database cannot be read, or the access log not be written.
    pub fn since_look(
        &self,
        who: &Viewer,
        place: &Place,
        since: Option<u64>,
    ) -> Result<Option<SinceLook>, DeskError> {
        let Some(scope) = self.scope(place) else {
            return Ok(None);
        };
        let now = self.now();
        let told = self.database.read(|connection| {
            let kept = self.looks.find(connection, &who.name, place)?;
            let frontier = epoch(connection)?;
            let from = match (kept.map(|kept| kept.from), since) {
                (Some(look), None) => look,
                (look, Some(epoch)) => Look {
                    epoch,
                    event: look.unwrap_or_default().event,
                    at: 0,
                },
                (None, None) => return Ok(None),
            };
            // A store that was filled anew begins anew.
            let from = Look {
                epoch: from.epoch.min(frontier),
                ..from
            };
            let span = (from.epoch, frontier);
            let (changes, alerts) = difference::between(connection, who, span, scope)?;
            let last = difference::last_event(connection)?;
            let mut events = Vec::new();
            if scope == Scope::Mine {
                let most = TOLD + 1;
                events = difference::by_others(connection, &self.key, who, from.event, most)?;
            }
            let are_more = events.len() > TOLD;
            events.truncate(TOLD);
            let event = match events.last() {
                Some(told) if are_more => told.number,
                _ => last,
            };
            let ids = alerts.iter().map(|change| change.alert_id.clone());
            let until = Look {
                epoch: changes.until,
                event,
                at: now,
            };
            Ok(Some(SinceLook {
                items: difference::items(connection, ids)?,
                is_cut: are_more || changes.until < frontier,
                from,
                until,
                changes,
                alerts,
                events,
            }))
        })?;
        if let Some(told) = &told {
            let shown = told.alerts.len() + told.events.len();
            let access = Access::Queue(shown as u64);
            self.log.record(who, &access, told.until.epoch)?;
        }
        Ok(told)
    }

    /// How much changed of a list, or of what somebody has, since they saw it; nothing where they never did. It tells of no
    /// alert.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn changed_count(
        &self,
        who: &Viewer,
        place: &Place,
    ) -> Result<Option<ChangedCount>, DeskError> {
        let Some(scope) = self.scope(place) else {
            return Ok(None);
        };
        self.database.read(|connection| {
            let Some(kept) = self.looks.find(connection, &who.name, place)? else {
                return Ok(None);
            };
            let frontier = epoch(connection)?;
            let from = kept.from;
            let since = from.epoch.min(frontier);
            let span = (since, frontier);
            let (alerts, is_more) = difference::count(connection, who, span, scope, COUNTED)?;
            let events = match scope {
                Scope::Mine => {
                    difference::by_others(connection, &self.key, who, from.event, COUNTED)?.len()
                }
                Scope::All | Scope::List(..) => 0,
            };
            Ok(Some(ChangedCount {
                from,
                count: alerts + events as u64,
                is_more: is_more || events == COUNTED,
            }))
        })
    }

    /// Which of these items were raised or changed since somebody saw a place, in their order: nothing where they never
    /// did. It tells nothing of items that are not given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn changed_of(
        &self,
        who: &Viewer,
        place: &Place,
        items: &[Item],
    ) -> Result<Vec<Option<HistoryKind>>, DeskError> {
        self.database.read(|connection| {
            let kept = self.looks.find(connection, &who.name, place)?;
            let frontier = epoch(connection)?;
            let of = |item: &Item| -> Result<Option<HistoryKind>, Failure> {
                let Some(kept) = kept else {
                    return Ok(None);
                };
                let span = (kept.from.epoch.min(frontier), frontier);
                let change = difference::of_alert(connection, &item.finding.alert_id, span)?;
                Ok(change.map(|change| change.kind))
            };
            items.iter().map(of).collect()
        })
    }

    /// Takes note that somebody has seen a place up to here. What was seen before stays seen. When it returns, it is
    /// durable.
    ///
    /// # Errors
    /// When the database cannot be written: nothing is noted then.
    pub fn mark_seen(
        &self,
        who: &Viewer,
        place: &Place,
        (seen_epoch, seen_event): (u64, u64),
    ) -> Result<(), DeskError> {
        let now = self.now();
        let done = self.database.write(Durable::Synced, |transaction| {
            let before = self.looks.find(transaction, &who.name, place)?;
            let before = before.map(|kept| kept.from).unwrap_or_default();
            let frontier = epoch(transaction)?;
            let last = difference::last_event(transaction)?;
            let seen = Look {
                epoch: seen_epoch.max(before.epoch).min(frontier),
                event: seen_event.max(before.event).min(last),
                at: now,
            };
            look::keep(transaction, &who.name, place, Kept::seen(seen))
        });
        done.map_err(|failure| self.database.told(failure))?;
        self.looks.forget(&who.name, place);
        Ok(())
    }

    /// Opens an alert, where it is theirs: tells what changed since they opened it before, and takes note that they saw it.
    ///
    /// # Errors
    /// When the database cannot be read, or the access log not be written.
    pub fn open_alert(&self, who: &Viewer, alert_id: &str) -> Result<Option<Opened>, DeskError> {
        let place = Place::Alert(alert_id.to_owned());
        let now = self.now();
        let opened = self.database.read(|connection| {
            let item = acting::find(connection, alert_id)?;
            let Some(item) = item.filter(|item| who.sees(item.finding.province())) else {
                return Ok(None);
            };
            let frontier = epoch(connection)?;
            let until = Look {
                epoch: frontier,
                event: difference::last_event(connection)?,
                at: now,
            };
            let kept = self.looks.find(connection, &who.name, &place)?;
            let since = |look: Look| -> Result<_, Failure> {
                let span = (look.epoch.min(frontier), frontier);
                let change = difference::of_alert(connection, alert_id, span)?;
                let about = (alert_id, look.event);
                let events = difference::by_others_about(connection, &self.key, who, about)?;
                Ok((change, events))
            };
            let of = |from, change, events| Opened {
                item,
                from,
                until,
                change,
                events,
            };
            let Some(kept) = kept else {
                let opened = of(None, None, Vec::new());
                return Ok(Some((opened, Some(Kept::seen(until)))));
            };
            let (change, events) = since(kept.shown)?;
            if change.is_some() || !events.is_empty() {
                let shown = Kept {
                    from: kept.shown,
                    shown: until,
                };
                return Ok(Some((of(Some(kept.shown), change, events), Some(shown))));
            }
            // Nothing new: what was told the last time is told again.
            let (change, events) = since(kept.from)?;
            Ok(Some((of(Some(kept.from), change, events), None)))
        })?;
        let Some((opened, kept)) = opened else {
            return Ok(None);
        };
        let access = Access::Alert(alert_id);
        self.log.record(who, &access, opened.until.epoch)?;
        if let Some(kept) = kept
            && self.looks.note(&who.name, place, kept)
        {
            self.keep_looks()?;
        }
        Ok(Some(opened))
    }

    /// Keeps what was looked at.
    pub(super) fn keep_looks(&self) -> Result<(), DeskError> {
        let looks = self.looks.take();
        if looks.is_empty() {
            return Ok(());
        }
        let done = self.database.write(Durable::Again, |transaction| {
            let mut looks = looks.iter();
            looks.try_for_each(|((who, place), kept)| look::keep(transaction, who, place, *kept))
        });
        done.map_err(|failure| {
            self.looks.give_back(looks);
            self.database.told(failure)
        })
    }
}

/// Looks are kept as well as can be: one that is not is told once more.
impl Drop for Desk {
    fn drop(&mut self) {
        if let Err(error) = self.keep_looks() {
            tracing::warn!(%error, "what was looked at last is not kept");
        }
    }
}
