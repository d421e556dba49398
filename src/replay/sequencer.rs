//! Rows in order become epochs: what each key held is taken back, what it holds is fed.
//!
//! In: accepted rows in `recorded_at` order, and the times at which settings or the outlier model change. Out: updates and
//! epoch ends to the engine; the counters of the data measures. Must hold: a key's content is fed exactly
//! once while it is held, and under the settings in force; a re-sent equal row feeds nothing.
//!
//! Settings take force when their epoch ends. Then the rows that are known are gone through, once, and fed
//! again where the change makes a difference; what they come to for a person is the dataflow's to compute
//! again. Before the first row nothing can hang on settings, so that those just replace the ones before.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::error::ReplayError;
use super::in_force::InForce;
use super::incoming::Incoming;
use super::options::{EpochLength, Options};
use crate::alert::{EpochEnd, RulesChange, SharedRows};
use crate::dataflow::{
    Content, Employer, Engine, Fed, OPEN, RowRef, RowSettings, UPDATES_PER_MESSAGE, Updates,
    days_passed, feed, feed_anew, listed_cards, settings_changed,
};
use crate::journal::{Place, Row, Rows};
use crate::measure::{Held, Measures, Note, Registered};
use crate::record::{CardNumber, Day, Instant, Key, Money};
use crate::rule::{Activation, ReasonSet};
use crate::source::Sequenced;

/// Rows that are resolved together: their keys are looked up at once, so that the waits for memory
/// overlap, and the rows are locked once.
const BLOCK: usize = 512;

/// What a sequence of rows came to.
pub struct Sequence {
    /// Epochs with rows.
    pub epochs: u32,
    /// The as-of time, of whose day the as-of date is; none where there is no row.
    pub known_until: Option<Instant>,
    /// The counters of the data measures.
    pub measures: Measures,
    /// The enterprises that are suspended or merged, by the number of the key.
    pub stopped: BTreeMap<Place, Employer>,
}

/// Cuts rows into epochs and resolves them.
pub struct Sequencer<'a> {
    engine: &'a Engine<EpochEnd>,
    /// Those in force, and, for rows, those under which all are fed.
    in_force: InForce<'a>,
    row_settings: RowSettings,
    options: &'a Options,
    /// What is yet to take force.
    activations: &'a [Activation],
    rows: SharedRows,
    /// Rows of the epoch that are not resolved yet.
    block: Vec<Sequenced<Incoming>>,
    epoch_length: EpochLength,
    wanted: ReasonSet,
    updates: Box<Updates>,
    epoch: Option<EpochEnd>,
    epochs: u32,
    /// How many claims of several cards list a card.
    listed: HashMap<CardNumber, u32>,
    /// Whether there has been a check-in; where there is none, no claim looks for its own.
    has_check_ins: bool,
    measures: Measures,
    stopped: BTreeMap<Place, Employer>,
}

/// What took force in an epoch.
struct Activated {
    at: Instant,
    rules: Option<RulesChange>,
    /// What the model is called, where it is another than before.
    model: Option<Arc<str>>,
}

impl<'a> Sequencer<'a> {
    /// A sequencer before its first row.
    pub fn new(engine: &'a Engine<EpochEnd>, rows: SharedRows, options: &'a Options) -> Self {
        let in_force = options.initially();
        let activations = options.rules.activations();
        let is_known = |activation: &Activation| options.as_of.is_none_or(|at| activation.at <= at);
        let known = activations.partition_point(is_known);
        Self {
            engine,
            in_force,
            row_settings: RowSettings::from(in_force.settings),
            options,
            activations: &activations[..known],
            rows,
            block: Vec::with_capacity(BLOCK),
            epoch_length: options.epoch,
            wanted: options.reasons,
            updates: engine.room(),
            epoch: None,
            epochs: 0,
            listed: HashMap::new(),
            has_check_ins: false,
            measures: Measures::default(),
            stopped: BTreeMap::new(),
        }
    }

    /// Takes the next row in order.
    ///
    /// # Errors
    /// When the scratch file cannot be used, or the dataflow stopped.
    pub fn push(&mut self, row: Sequenced<Incoming>) -> Result<(), ReplayError> {
        self.enter_epoch(row.change.recorded_at)?;
        self.block.push(row);
        if self.block.len() == BLOCK {
            self.resolve_block()?;
        }
        Ok(())
    }

    /// Ends the last epoch with rows, with the as-of time; without one, that of the last row. Then gives
    /// force to the settings that are left.
    ///
    /// # Errors
    /// When the scratch file cannot be read, or the dataflow stopped.
    pub fn finish(mut self, as_of: Option<Instant>) -> Result<Sequence, ReplayError> {
        let last = self.epoch.as_ref().and_then(|epoch| epoch.at);
        let known_until = as_of.or(last);
        let as_of = known_until.map(Instant::day);
        if let Some(as_of) = as_of {
            days_passed(&mut self.updates, as_of);
        }
        self.end_epoch(as_of)?;
        self.activate_before(None)?;
        Ok(Sequence {
            epochs: self.epochs,
            known_until,
            measures: self.measures,
            stopped: self.stopped,
        })
    }

    fn enter_epoch(&mut self, at: Instant) -> Result<(), ReplayError> {
        let number = self.epoch_length.epoch_of(at);
        let is_in = |epoch: &EpochEnd| epoch.number == number;
        if !self.epoch.as_ref().is_some_and(is_in) {
            self.end_epoch(None)?;
            self.activate_before(Some(number))?;
        }
        let ordinal = self.epochs;
        let epoch = (self.epoch).get_or_insert_with(|| EpochEnd::new(ordinal, number));
        epoch.at = Some(at);
        Ok(())
    }

    /// Gives force to the settings of the epochs without rows before an epoch, or of all that are left.
    fn activate_before(&mut self, number: Option<i64>) -> Result<(), ReplayError> {
        while let Some(next) = self.activations.first() {
            let of_next = self.epoch_length.epoch_of(next.at);
            if number.is_some_and(|number| of_next >= number) {
                break;
            }
            if self.epochs == 0 {
                self.activate(of_next)?;
            } else {
                self.epoch = Some(EpochEnd::new(self.epochs, of_next));
                self.end_epoch(None)?;
            }
        }
        Ok(())
    }

    /// Gives force to the settings and the model that change in an epoch. Gives the time of the last change,
    /// and what it is to the reasons, if something changed.
    fn activate(&mut self, number: i64) -> Result<Option<Activated>, ReplayError> {
        let is_in = |activation: &Activation| self.epoch_length.epoch_of(activation.at) <= number;
        let count = self.activations.partition_point(is_in);
        let (of_epoch, left) = self.activations.split_at(count);
        self.activations = left;
        let Some(activation) = of_epoch.last() else {
            return Ok(None);
        };
        let in_force = self.options.after(activation);
        let former = std::mem::replace(&mut self.in_force, in_force);
        let settings = in_force.settings;
        let persons = [former, in_force].map(|in_force| in_force.of_persons());
        if persons[0] != persons[1] {
            let [from, to] = persons;
            settings_changed(&mut self.updates, from, to);
        }
        let of_rows = RowSettings::from(settings);
        if of_rows != self.row_settings {
            self.feed_anew(&of_rows)?;
            self.row_settings = of_rows;
        }
        let rules = (former.settings != settings).then(|| RulesChange {
            key: settings.key().into(),
            reasons: settings.reasons_changed(former.settings),
        });
        let model = in_force.scoring.model;
        let is_other = former.scoring.model != model;
        let model = is_other.then(|| self.options.models.key(model).into());
        let is_change = rules.is_some() || model.is_some();
        let at = activation.at;
        Ok(is_change.then_some(Activated { at, rules, model }))
    }

    /// Feeds every row again that comes to something else under other settings.
    fn feed_anew(&mut self, settings: &RowSettings) -> Result<(), ReplayError> {
        let shared = self.rows.clone();
        let rows = shared.read();
        rows.each_latest(ReplayError::scratch, |row| {
            let Some(content @ (Content::Claim(_) | Content::CheckIn(_))) = &row.content else {
                return Ok(());
            };
            if self.is_claimed_check_in(&row.key, &rows)? {
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

    fn end_epoch(&mut self, as_of: Option<Day>) -> Result<(), ReplayError> {
        self.resolve_block()?;
        if let Some(mut epoch) = self.epoch.take() {
            if let Some(Activated { at, rules, model }) = self.activate(epoch.number)? {
                epoch.at = epoch.at.max(Some(at));
                (epoch.rules, epoch.model) = (rules, model);
            }
            self.epochs += 1;
            epoch.as_of = as_of;
            epoch.model_in_force = self.in_force.scoring.model;
            self.send_updates()?;
            self.engine.end_epoch(epoch)?;
        }
        Ok(())
    }

    fn send_updates(&mut self) -> Result<(), ReplayError> {
        let updates = std::mem::replace(&mut self.updates, self.engine.room());
        Ok(self.engine.update(updates)?)
    }

    fn resolve_block(&mut self) -> Result<(), ReplayError> {
        let mut block = std::mem::take(&mut self.block);
        let shared = self.rows.clone();
        let mut rows = shared.write();
        rows.look_ahead(block.iter().map(|row| row.change.hash));
        for row in block.drain(..) {
            self.resolve(row, &mut rows)?;
        }
        drop(rows);
        self.block = block;
        if self.updates.len() >= UPDATES_PER_MESSAGE {
            self.send_updates()?;
        }
        Ok(())
    }

    fn resolve(
        &mut self,
        row: Sequenced<Incoming>,
        rows: &mut Rows<Content>,
    ) -> Result<(), ReplayError> {
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
            .map_err(ReplayError::scratch)?;
        if latest.is_none() && content.is_none() {
            self.measures.row(&key, recorded_at, (None, None), false);
            return Ok(());
        }
        let place = rows.next_place().map_err(ReplayError::scratch)?;
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
            .map_err(ReplayError::scratch)?;
        let is_equal = fingerprint == noted.1;
        let held = (before.as_ref(), noted.0);
        self.measure(&kept, held, is_equal, registered);
        let epoch = self
            .epoch
            .as_mut()
            .expect("a row is resolved within its epoch");
        epoch.touch(reference(&kept.key, number));
        let may_have_amount = matches!(kept.key, Key::Claim(..) | Key::Beneficiary(..));
        if may_have_amount && kept.previous.is_some() {
            epoch.resent.push(reference(&kept.key, number));
        }
        if changed && !self.is_claimed_check_in(&kept.key, rows)? {
            for (content, since, diff) in [(&before, before_since, -1), (&kept.content, since, 1)] {
                if let Some(content) = content {
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

    fn feed(&mut self, fed: Fed<'_>, diff: i32, rows: &Rows<Content>) -> Result<(), ReplayError> {
        let under = (self.wanted, &self.row_settings);
        feed(&mut self.updates, fed, under, diff);
        self.feed_listed(fed.content, diff, rows)
    }

    /// Whether it is a check-in whose claim is known, and which is not fed therefore (contract 2).
    fn is_claimed_check_in(
        &mut self,
        key: &Key,
        rows: &Rows<Content>,
    ) -> Result<bool, ReplayError> {
        let Key::CheckIn(facility, visit) = key else {
            return Ok(false);
        };
        self.has_check_ins = true;
        let claim = rows.latest(&Key::Claim(*facility, visit.clone()));
        let claim = claim.map_err(ReplayError::scratch)?;
        Ok(claim.is_some_and(|(_, row)| row.content.is_some()))
    }

    /// Takes the check-in of a claim back when the claim comes, and feeds it again when the claim goes.
    fn hand_over_check_in(
        &mut self,
        key: &Key,
        (before, after): (&Option<Content>, &Option<Content>),
        rows: &Rows<Content>,
    ) -> Result<(), ReplayError> {
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
        if let Some((_, row)) = check_in.map_err(ReplayError::scratch)?
            && let Some(content) = &row.content
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
    ) -> Result<(), ReplayError> {
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
                        let row = row.map_err(ReplayError::scratch)?;
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
