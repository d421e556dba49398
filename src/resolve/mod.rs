//! Rows that come one after another become updates: what a key held is taken back, what it holds is fed.
//!
//! In: accepted rows, epoch by epoch, and what takes force at the end of an epoch. Out: updates and epoch
//! ends to the engine; the counters of the data measures. Must hold: a key's content is fed exactly once
//! while it is held, and under the settings in force; a re-sent equal row feeds nothing; a row that is
//! recorded earlier than one that its key has had changes nothing, deletions included - but for a row that
//! undoes: it takes the place of one row alone, whenever it was recorded.
//!
//! Settings take force when their epoch ends. Then the rows that are known are gone through, once, and fed
//! again where the change makes a difference; what they come to for a person is the dataflow's to compute
//! again. Before the first row nothing can hang on settings, so that those just replace the ones before.

mod error;
mod in_force;
mod incoming;
mod look_ups;
mod outcome;
mod retention;
mod retiring;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub use error::ResolveError;
pub use in_force::InForce;
pub use incoming::Incoming;
pub use look_ups::look_ups;
pub use outcome::{Listener, Outcome, Resolved};
pub use retention::{RetentionWindow, last_day};

use crate::alert::{EpochEnd, RulesChange, SharedRows};
use crate::dataflow::{
    Content, Employer, Engine, Fed, OPEN, RowRef, RowSettings, UPDATES_PER_MESSAGE, Updates,
    days_passed, feed, feed_anew, listed_cards, settings_changed,
};
use crate::journal::{Place, Row, RowPlace, Rows};
use crate::measure::{Held, Measures, Note, Registered};
use crate::model::ModelRegistry;
use crate::record::{CardNumber, Day, Instant, Key, Money};
use crate::rule::ReasonSet;
use crate::source::Sequenced;
use retention::Retention;

/// Rows that are resolved together: their keys are looked up at once, so that the waits for memory and for the row log
/// overlap, with each other and with the rows before, and the rows are locked once.
const BLOCK: usize = 512;

/// Rows whose entries are brought near at once: since the block was fetched, the one before it has taken their place in the
/// nearest cache.
const NEAR: usize = 32;

/// The order in which rows come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By knowledge time.
    Knowledge,
    /// As they arrive: a row may come after one that was recorded later.
    Arrival,
}

/// Resolves rows.
pub struct Resolver<'a> {
    engine: &'a Engine<EpochEnd>,
    /// Those in force, and, for rows, those under which all are fed.
    in_force: InForce,
    row_settings: RowSettings,
    models: ModelRegistry,
    rows: SharedRows,
    /// The next rows of the epoch to be resolved: what their keys hold is being fetched.
    fetched: Vec<Sequenced<Incoming>>,
    /// Rows of the epoch that come after them.
    block: Vec<Sequenced<Incoming>>,
    wanted: ReasonSet,
    order: Order,
    updates: Box<Updates>,
    epoch: Option<EpochEnd>,
    epochs: u32,
    /// The last day that has passed.
    passed: Option<Day>,
    retention: Retention,
    /// How many claims of several cards list a card.
    listed: HashMap<CardNumber, u32>,
    /// Whether there has been a check-in; where there is none, no claim looks for its own.
    has_check_ins: bool,
    measures: Measures,
    stopped: BTreeMap<Place, Employer>,
    listener: Option<Listener>,
    is_hushed: bool,
}

/// What took force in an epoch.
struct Activated {
    rules: Option<RulesChange>,
    /// What the model is called, where it is another than before.
    model: Option<Arc<str>>,
}

impl<'a> Resolver<'a> {
    /// A resolver before its first row, for the reasons that are wanted.
    pub fn new(
        engine: &'a Engine<EpochEnd>,
        rows: SharedRows,
        (wanted, order): (ReasonSet, Order),
        (in_force, models): (InForce, ModelRegistry),
    ) -> Self {
        Self {
            engine,
            row_settings: RowSettings::from(&*in_force.settings),
            in_force,
            models,
            rows,
            fetched: Vec::with_capacity(BLOCK),
            block: Vec::with_capacity(BLOCK),
            wanted,
            order,
            updates: engine.room(),
            epoch: None,
            epochs: 0,
            passed: None,
            retention: Retention::default(),
            listed: HashMap::new(),
            has_check_ins: false,
            measures: Measures::default(),
            stopped: BTreeMap::new(),
            listener: None,
            is_hushed: false,
        }
    }

    /// Epochs that have ended.
    pub fn epochs(&self) -> u32 {
        self.epochs
    }

    /// The number of the epoch in progress, if one is.
    pub fn epoch_in_progress(&self) -> Option<i64> {
        self.epoch.as_ref().map(|epoch| epoch.number)
    }

    /// The counters of the data measures, up to the rows that are resolved.
    pub fn measures(&self) -> &Measures {
        &self.measures
    }

    /// From now on it is counted what comes: what came before was counted once a key, whatever came.
    ///
    /// # Errors
    /// When the scratch file cannot be used, or the dataflow stopped.
    pub fn count_what_comes(&mut self) -> Result<(), ResolveError> {
        self.resolve_taken()?;
        self.measures.forget_what_came();
        Ok(())
    }

    /// The counters of the data measures, and the enterprises that are suspended or merged, by the number of
    /// the key.
    pub fn into_measures(self) -> (Measures, BTreeMap<Place, Employer>) {
        (self.measures, self.stopped)
    }

    /// Is in the epoch of a number, whose last time is this one so far.
    pub fn enter(&mut self, number: i64, at: Instant) {
        let ordinal = self.epochs;
        let epoch = (self.epoch).get_or_insert_with(|| EpochEnd::new(ordinal, number));
        epoch.at = epoch.at.max(Some(at));
    }

    /// Takes the next row of the epoch in progress.
    ///
    /// # Errors
    /// When the scratch file cannot be used, or the dataflow stopped.
    pub fn push(&mut self, row: Sequenced<Incoming>) -> Result<(), ResolveError> {
        self.block.push(row);
        match self.block.len() == BLOCK {
            true => self.fetch_block(),
            false => Ok(()),
        }
    }

    /// Lets the days pass up to one, in the epoch in progress; a day that has passed does not come back. Claims
    /// that are then beyond the window are retired.
    ///
    /// # Errors
    /// When the scratch file cannot be used, or the dataflow stopped.
    pub fn pass_days(&mut self, until: Day) -> Result<(), ResolveError> {
        let since = self.passed;
        if since.is_none_or(|passed| passed < until) {
            // Rows that came before are resolved as of the day before.
            self.resolve_taken()?;
            days_passed(&mut self.updates, since, until);
            self.passed = Some(until);
            if let Some(epoch) = &mut self.epoch {
                epoch.as_of = Some(until);
            }
            self.retire(since, until)?;
        }
        Ok(())
    }

    /// Gives force to settings and a model before the first row.
    ///
    /// # Errors
    /// When the scratch file cannot be read, or the dataflow stopped.
    pub fn begin_with(&mut self, in_force: InForce) -> Result<(), ResolveError> {
        self.activate(in_force).map(drop)
    }

    /// Tells of every row from now on, or of none.
    pub fn tell(&mut self, listener: Option<Listener>) {
        self.listener = listener;
    }

    /// Tells nothing of the rows from now on, and counts none that is sent again; or does so again.
    ///
    /// # Errors
    /// When the scratch file cannot be used, or the dataflow stopped.
    pub fn hush(&mut self, is_hushed: bool) -> Result<(), ResolveError> {
        if self.is_hushed != is_hushed {
            self.resolve_taken()?;
            self.is_hushed = is_hushed;
        }
        Ok(())
    }

    /// Takes the next row of the epoch in progress, which takes the place of one row alone, whenever it was recorded:
    /// if that is the one that its key holds, or the key holds none or one that says the same. Files are epochs.
    ///
    /// # Errors
    /// When the scratch file cannot be used, or the dataflow stopped.
    pub fn push_instead(
        &mut self,
        row: Sequenced<Incoming>,
        replaced: RowPlace,
    ) -> Result<(), ResolveError> {
        self.resolve_taken()?;
        let shared = self.rows.clone();
        self.resolve_row(row, Some(replaced), &mut shared.write())?;
        match self.updates.len() >= UPDATES_PER_MESSAGE {
            true => self.send_updates(),
            false => Ok(()),
        }
    }

    /// Ends the epoch in progress, if one is, with the settings and the model that take force in it and when.
    ///
    /// # Errors
    /// When the scratch file cannot be used, or the dataflow stopped.
    pub fn end_epoch(
        &mut self,
        activation: Option<(Instant, InForce)>,
    ) -> Result<(), ResolveError> {
        self.resolve_taken()?;
        if let Some(mut epoch) = self.epoch.take() {
            if let Some((at, in_force)) = activation
                && let Some(Activated { rules, model }) = self.activate(in_force)?
            {
                epoch.at = epoch.at.max(Some(at));
                (epoch.rules, epoch.model) = (rules, model);
            }
            self.epochs += 1;
            epoch.model_in_force = self.in_force.scoring.model;
            epoch.dials = self.in_force.dials();
            epoch.moves(std::mem::take(&mut self.retention.moved));
            self.send_updates()?;
            self.engine.end_epoch(epoch)?;
        }
        Ok(())
    }

    /// Gives force to settings and a model. Gives what that changes, if something.
    fn activate(&mut self, in_force: InForce) -> Result<Option<Activated>, ResolveError> {
        let former = std::mem::replace(&mut self.in_force, in_force.clone());
        let settings = &in_force.settings;
        let persons = [&former, &in_force].map(InForce::of_persons);
        if persons[0] != persons[1] {
            let [from, to] = persons;
            settings_changed(&mut self.updates, from, to);
        }
        let of_rows = RowSettings::from(&**settings);
        if of_rows != self.row_settings {
            self.feed_anew(&of_rows, former.retention)?;
            self.row_settings = of_rows;
        }
        if former.retention != in_force.retention {
            self.change_window(former.retention, in_force.retention)?;
        }
        let rules = (former.settings != *settings).then(|| RulesChange {
            key: settings.key().into(),
            reasons: settings.reasons_changed(&former.settings),
        });
        let model = in_force.scoring.model;
        let is_other = former.scoring.model != model;
        let model = is_other.then(|| self.models.key(model).into());
        let is_change = rules.is_some() || model.is_some();
        Ok(is_change.then_some(Activated { rules, model }))
    }

    /// Feeds every row again that comes to something else under other settings.
    /// What is retired is not fed.
    fn feed_anew(
        &mut self,
        settings: &RowSettings,
        window: Option<RetentionWindow>,
    ) -> Result<(), ResolveError> {
        let shared = self.rows.clone();
        let rows = shared.read();
        rows.each_latest(ResolveError::Scratch, |row| {
            let Some(content @ (Content::Claim(_) | Content::CheckIn(_))) = &row.content else {
                return Ok(());
            };
            let of = (window, self.passed);
            if !self.retention.is_kept(of, &row.key, content)
                || self.is_claimed_check_in(&row.key, &rows)?
            {
                return Ok(());
            }
            let change = (self.wanted, &self.row_settings, settings);
            let fed = Fed {
                number: row.number,
                since: row.since,
                content,
            };
            feed_anew(&mut self.updates, fed, change);
            match self.updates.len() >= UPDATES_PER_MESSAGE {
                true => self.send_updates(),
                false => Ok(()),
            }
        })
    }

    fn send_updates(&mut self) -> Result<(), ResolveError> {
        let updates = std::mem::replace(&mut self.updates, self.engine.room());
        Ok(self.engine.update(updates)?)
    }

    /// Has what the keys of the block hold fetched, and resolves the rows before it meanwhile.
    fn fetch_block(&mut self) -> Result<(), ResolveError> {
        let hashes = self.block.iter().map(|row| row.change.hash);
        self.rows.read().look_ahead(hashes);
        self.resolve_fetched()?;
        std::mem::swap(&mut self.fetched, &mut self.block);
        Ok(())
    }

    /// Resolves every row that was taken.
    fn resolve_taken(&mut self) -> Result<(), ResolveError> {
        self.fetch_block()?;
        self.resolve_fetched()
    }

    fn resolve_fetched(&mut self) -> Result<(), ResolveError> {
        let mut fetched = std::mem::take(&mut self.fetched);
        let shared = self.rows.clone();
        let mut rows = shared.write();
        let mut left = fetched.drain(..);
        while !left.as_slice().is_empty() {
            let next = left.as_slice().iter().take(NEAR);
            rows.touch(next.map(|row| row.change.hash));
            for row in left.by_ref().take(NEAR) {
                self.resolve_row(row, None, &mut rows)?;
            }
        }
        drop(left);
        drop(rows);
        self.fetched = fetched;
        match self.updates.len() >= UPDATES_PER_MESSAGE {
            true => self.send_updates(),
            false => Ok(()),
        }
    }

    fn resolve_row(
        &mut self,
        row: Sequenced<Incoming>,
        replaced: Option<RowPlace>,
        rows: &mut Rows<Content>,
    ) -> Result<(), ResolveError> {
        let Sequenced { change, file, row } = row;
        let Incoming {
            recorded_at,
            key,
            hash,
            fingerprint,
            note,
            registered,
            content,
        } = change;
        let latest = rows
            .latest_hashed(&key, hash)
            .map_err(ResolveError::Scratch)?;
        let known = latest.as_ref().map(|(_, row)| row);
        let is_at = |place: RowPlace, known: &Row<Content>| {
            (place.epoch, place.row) == (u64::from(known.file), known.row)
        };
        let is_stale = match replaced {
            None => known.is_some_and(|known| known.recorded_at > recorded_at),
            // Where that row is erased, what undid it holds all the same.
            Some(place) => known.is_some_and(|known| {
                let is_same = known.recorded_at == recorded_at && known.fingerprint == fingerprint;
                !is_at(place, known) && !is_same
            }),
        };
        if is_stale {
            self.told(&key, recorded_at, (Outcome::Stale, None, None));
            return Ok(());
        }
        // Where rows may come late, what removed a key that was not known is kept, so that nothing that was
        // recorded before brings it back.
        if latest.is_none() && content.is_none() && self.order == Order::Knowledge {
            self.told(&key, recorded_at, (Outcome::Applied, None, None));
            self.measures.row(&key, recorded_at, (None, None), false);
            return Ok(());
        }
        let place = rows.next_place().map_err(ResolveError::Scratch)?;
        let number = latest.as_ref().map_or(place, |(_, row)| row.number);
        let (previous, before, before_since, noted) = match latest {
            Some((latest, row)) => {
                let noted = (Note::from_bits(row.note), row.fingerprint);
                (Some(latest), row.content, row.since, noted)
            }
            None => (None, None, place, (Note::default(), 0)),
        };
        let note = match &before {
            Some(_) => note.after(noted.0),
            None => note,
        };
        let changed = before != content;
        let since = if changed { place } else { before_since };
        let kept = Row {
            key,
            number,
            previous,
            since,
            epoch: self.epochs,
            file,
            row,
            recorded_at,
            fingerprint,
            note: content.as_ref().map_or(0, |_| note.bits()),
            content,
        };
        rows.push_hashed(&kept, hash)
            .map_err(ResolveError::Scratch)?;
        let is_equal = kept.previous.is_some() && fingerprint == noted.1;
        let outcome = match is_equal {
            true => Outcome::Duplicate,
            false => Outcome::Applied,
        };
        let held = (outcome, before.as_ref(), kept.content.as_ref());
        self.told(&kept.key, recorded_at, held);
        let held = (before.as_ref(), noted.0);
        if !(is_equal && self.is_hushed) {
            self.measure(&kept, held, is_equal, registered);
        }
        let epoch = self
            .epoch
            .as_mut()
            .expect("a row is resolved within its epoch");
        epoch.touch(reference(&kept.key, number));
        let may_have_amount = matches!(kept.key, Key::Claim(..) | Key::Beneficiary(..));
        if may_have_amount && kept.previous.is_some() {
            epoch.resent.push(reference(&kept.key, number));
        }
        if changed {
            self.expect_to_retire(&kept);
        }
        if changed && !self.is_claimed_check_in(&kept.key, rows)? {
            for (content, since, diff) in [(&before, before_since, -1), (&kept.content, since, 1)] {
                if let Some(content) = content
                    && self.is_kept(&kept.key, content)
                {
                    let fed = Fed {
                        number,
                        since,
                        content,
                    };
                    self.feed(fed, diff, rows)?;
                }
            }
            self.hand_over_check_in(&kept.key, (&before, &kept.content), rows)?;
        }
        Ok(())
    }

    fn told(
        &mut self,
        key: &Key,
        recorded_at: Instant,
        (outcome, before, after): (Outcome, Option<&Content>, Option<&Content>),
    ) {
        if let Some(listener) = &mut self.listener
            && !self.is_hushed
        {
            listener(Resolved {
                stream: key.stream(),
                recorded_at,
                outcome,
                before,
                after,
            });
        }
    }

    /// Counts a row, which took the place of another one that its key held.
    fn measure(
        &mut self,
        row: &Row<Content>,
        (before, before_note): (Option<&Content>, Note),
        is_equal: bool,
        registered: Option<Registered>,
    ) {
        let after = row.content.as_ref();
        let held = |content: &Content, note| Held {
            note,
            amount: match content {
                Content::Claim(claim) => claim.asked.paid_by_fund,
                _ => Money::ZERO,
            },
        };
        let pair = (
            before.map(|content| held(content, before_note)),
            after.map(|content| held(content, Note::from_bits(row.note))),
        );
        self.measures.row(&row.key, row.recorded_at, pair, is_equal);
        let known = row.recorded_at.day();
        for (content, diff) in [(before, -1), (after, 1)] {
            match content {
                Some(Content::Employment(employment)) => {
                    let to = Some(employment.to).filter(|to| *to != OPEN);
                    let days = (employment.from, to);
                    let workforce = &mut self.measures.workforce;
                    workforce.employment(employment.employer, days, diff, known);
                }
                Some(Content::Enterprise(enterprise)) => {
                    // An enterprise is what its last row says.
                    let now = after.and(registered);
                    self.measures.workforce.enterprise(enterprise.employer, now);
                    match enterprise.is_stopped() {
                        true if diff > 0 => {
                            self.stopped.insert(row.number, enterprise.employer);
                        }
                        true => drop(self.stopped.remove(&row.number)),
                        false => {}
                    }
                }
                _ => {}
            }
        }
    }

    fn feed(&mut self, fed: Fed<'_>, diff: i32, rows: &Rows<Content>) -> Result<(), ResolveError> {
        let under = (self.wanted, &self.row_settings);
        feed(&mut self.updates, fed, under, diff);
        self.feed_listed(fed.content, diff, rows)
    }

    /// Whether it is a check-in whose claim is known, and which is not fed therefore (contract 2).
    fn is_claimed_check_in(
        &mut self,
        key: &Key,
        rows: &Rows<Content>,
    ) -> Result<bool, ResolveError> {
        let Key::CheckIn(facility, visit) = key else {
            return Ok(false);
        };
        self.has_check_ins = true;
        let claim = rows.latest(&Key::Claim(*facility, visit.clone()));
        let claim = claim.map_err(ResolveError::Scratch)?;
        Ok(claim.is_some_and(|(_, row)| row.content.is_some()))
    }

    /// Takes the check-in of a claim back when the claim comes, and feeds it again when the claim goes.
    fn hand_over_check_in(
        &mut self,
        key: &Key,
        (before, after): (&Option<Content>, &Option<Content>),
        rows: &Rows<Content>,
    ) -> Result<(), ResolveError> {
        let Key::Claim(facility, visit) = key else {
            return Ok(());
        };
        let diff = match (before, after) {
            (None, Some(_)) => -1,
            (Some(_), None) => 1,
            _ => return Ok(()),
        };
        if !self.has_check_ins {
            return Ok(());
        }
        let check_in = rows.latest(&Key::CheckIn(*facility, visit.clone()));
        if let Some((_, row)) = check_in.map_err(ResolveError::Scratch)?
            && let Some(content) = &row.content
            && self.is_kept(&row.key, content)
        {
            let fed = Fed {
                number: row.number,
                since: row.since,
                content,
            };
            self.feed(fed, diff, rows)?;
        }
        Ok(())
    }

    /// Keeps the cards that claims of several cards list: a semijoin of the cards with those claims,
    /// made here because the rows already know every card.
    fn feed_listed(
        &mut self,
        content: &Content,
        diff: i32,
        rows: &Rows<Content>,
    ) -> Result<(), ResolveError> {
        match content {
            Content::Card(card, fact) if self.listed.contains_key(card) => {
                listed_cards(&mut self.updates, *card, *fact, diff);
            }
            Content::Claim(claim) | Content::CheckIn(claim) if claim.cards.len() > 1 => {
                for (card, _) in &claim.cards {
                    let listings = self.listed.entry(*card).or_insert(0);
                    *listings = listings
                        .checked_add_signed(diff)
                        .expect("a listing is taken back once, after it was fed");
                    let turned = match (*listings, diff) {
                        (1, 1) => true,
                        (0, _) => {
                            self.listed.remove(card);
                            true
                        }
                        _ => false,
                    };
                    if turned {
                        let row = rows.latest(&Key::Card(*card));
                        let row = row.map_err(ResolveError::Scratch)?;
                        if let Some(Content::Card(_, fact)) = row.and_then(|(_, row)| row.content) {
                            listed_cards(&mut self.updates, *card, fact, diff);
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The reference by which findings name a key.
fn reference(key: &Key, number: Place) -> RowRef {
    match key {
        Key::Citizen(id) => RowRef::citizen(*id),
        Key::Participant(si) => RowRef::participant(*si),
        Key::Card(card) => RowRef::card(*card),
        Key::Claim(..) => RowRef::claim(number),
        Key::DeathReport(_) => RowRef::death_report(number),
        Key::CheckIn(..) => RowRef::check_in(number),
        Key::Enterprise(_) => RowRef::enterprise(number),
        Key::Employment(..) => RowRef::employment(number),
        Key::HealthProfile(id) => RowRef::health_profile(*id),
        Key::Beneficiary(..) => RowRef::beneficiary(number),
    }
}
