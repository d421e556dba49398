//! Rejected rows that are made up: one of a card that can be repaired, one that cannot be read, one that is settled.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use fundwatch::record::{ErrorCode, Presence, Stream};
use fundwatch::review::Viewer;
use fundwatch::store::RejectState;
use fundwatch::web::pages::{
    Given, RejectFault, RejectOpened, RejectTold, RejectTotal, Rejects, RejectsAsked, RejectsPage,
    RowField,
};

use super::made::now;

/// Rows beside those three, so that there are pages.
const MORE: u64 = 60;

pub struct MadeRejects {
    states: Mutex<Vec<RejectState>>,
    /// What was done, as the access log has it.
    pub done: Mutex<Vec<String>>,
    paused: Mutex<BTreeSet<String>>,
    /// Whether somebody settles a row between its page and its form.
    pub is_raced: AtomicBool,
}

impl MadeRejects {
    pub fn new() -> Self {
        let mut states = vec![RejectState::Open; 3 + MORE as usize];
        states[2] = RejectState::Repaired;
        Self {
            states: Mutex::new(states),
            done: Mutex::default(),
            paused: Mutex::new(BTreeSet::from(["deaths".to_owned()])),
            is_raced: AtomicBool::new(false),
        }
    }

    pub fn state(&self, id: u64) -> RejectState {
        self.states.lock().unwrap()[id as usize - 1]
    }

    fn note(&self, who: &Viewer, what: String) {
        self.done
            .lock()
            .unwrap()
            .push(format!("{} {what}", who.name));
    }

    fn told(&self, id: u64) -> Option<RejectTold> {
        let state = *self
            .states
            .lock()
            .unwrap()
            .get(id.checked_sub(1)? as usize)?;
        let (source, stream, code, column) = match id {
            1 => (
                "claims-topic",
                Stream::Cards,
                ErrorCode::BadDate,
                Some("valid_from"),
            ),
            2 => ("deaths", Stream::DeathReports, ErrorCode::BadCsv, None),
            3 => (
                "http",
                Stream::Citizens,
                ErrorCode::MissingColumn,
                Some("sex"),
            ),
            _ => (
                "http",
                Stream::Claims,
                ErrorCode::BadMoney,
                Some("cost_total"),
            ),
        };
        Some(RejectTold {
            id,
            source: source.to_owned(),
            stream,
            file: (id == 2).then(|| "death_reports-079051000001.csv".to_owned()),
            row: 40 + id,
            code: Some(code),
            column,
            received_at: now() - 3_600_000,
            state,
        })
    }

    fn settle(&self, id: u64, to: RejectState) -> Result<(), RejectFault> {
        let mut states = self.states.lock().unwrap();
        let state = states
            .get_mut(id as usize - 1)
            .ok_or(RejectFault::NotFound)?;
        if self.is_raced.load(Ordering::SeqCst) {
            *state = RejectState::Dismissed;
        }
        match state {
            RejectState::Open => *state = to,
            RejectState::Repaired | RejectState::Dismissed => return Err(RejectFault::Settled),
        }
        Ok(())
    }
}

impl Rejects for MadeRejects {
    fn list(&self, who: &Viewer, asked: &RejectsAsked) -> Result<RejectsPage, RejectFault> {
        let is_asked = |told: &RejectTold| {
            asked.source.as_ref().is_none_or(|own| *own == told.source)
                && asked.stream.is_none_or(|own| own == told.stream)
                && asked.code.is_none_or(|own| Some(own) == told.code)
                && asked.state.is_none_or(|own| own == told.state)
                && asked.after.is_none_or(|after| told.id > after)
        };
        let mut rejects: Vec<RejectTold> = (1..=3 + MORE)
            .filter_map(|id| self.told(id))
            .filter(is_asked)
            .collect();
        let is_more = rejects.len() > asked.limit as usize;
        rejects.truncate(asked.limit as usize);
        self.note(who, format!("read {}", rejects.len()));
        Ok(RejectsPage {
            next: rejects.last().filter(|_| is_more).map(|last| last.id),
            rejects,
        })
    }

    fn totals(&self) -> Result<Vec<RejectTotal>, RejectFault> {
        let total = |source: &str, stream, open| RejectTotal {
            source: source.to_owned(),
            stream,
            open,
        };
        Ok(vec![
            total("claims-topic", Stream::Cards, 1),
            total("deaths", Stream::DeathReports, 1),
            total("http", Stream::Claims, MORE),
        ])
    }

    fn open(&self, who: &Viewer, id: u64) -> Result<RejectOpened, RejectFault> {
        let told = self.told(id).ok_or(RejectFault::NotFound)?;
        self.note(who, format!("read reject:{id}"));
        let field = |column: &fundwatch::record::Column| {
            let text = match (id, column.name) {
                (1, "valid_from") => Some("2024-13-01"),
                (1, "status") => Some("valid"),
                _ => None,
            };
            RowField {
                name: column.name,
                presence: column.presence,
                words: match column.kind {
                    fundwatch::record::Kind::OneOf(words) => {
                        words.iter().map(|word| (*word).to_owned()).collect()
                    }
                    _ => Vec::new(),
                },
                text: text.map(str::to_owned),
                is_masked: id == 1 && column.name == "card_number",
            }
        };
        let stream = told.stream;
        let fields = stream.columns().iter().map(field);
        let common = ["recorded_at", "op"].map(|name| RowField {
            name,
            presence: Presence::Optional,
            words: Vec::new(),
            text: None,
            is_masked: false,
        });
        Ok(RejectOpened {
            fields: common.into_iter().chain(fields).collect(),
            is_read: id != 2,
            told,
        })
    }

    fn repair(
        &self,
        who: &Viewer,
        id: u64,
        given: &[(&'static str, Given)],
    ) -> Result<(), RejectFault> {
        let of = |name: &str| {
            given
                .iter()
                .find(|(own, _)| *own == name)
                .map(|(_, one)| one)
        };
        let is_kept = of("card_number") == Some(&Given::Kept);
        self.note(who, format!("repair reject:{id} kept={is_kept}"));
        if of("valid_from") != Some(&Given::Text("2024-12-01".to_owned())) {
            return Err(RejectFault::StillWrong(Some(ErrorCode::BadDate)));
        }
        self.settle(id, RejectState::Repaired)
    }

    fn dismiss(&self, who: &Viewer, id: u64, reason: &'static str) -> Result<(), RejectFault> {
        self.note(who, format!("dismiss reject:{id} {reason}"));
        self.settle(id, RejectState::Dismissed)
    }

    fn resume(&self, who: &Viewer, source: &str) -> Result<(), RejectFault> {
        self.note(who, format!("resume source:{source}"));
        match self.paused.lock().unwrap().remove(source) {
            true => Ok(()),
            false => Err(RejectFault::Settled),
        }
    }
}
