//! The citizens and participants of a directory, held in memory under every key that is asked for.
//!
//! In: the rows of the streams `citizens` and `participants`, in any order. Out: what each key holds
//! at the end. Must hold: as in a replay, the row with the latest `recorded_at` counts, and among
//! equal ones the last by file and row; answers are in order of personal id.
//!

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use smallvec::SmallVec;

use super::error::RosterError;
use crate::authenticate::Citizens;
use crate::authenticate::name::NameKey;
use crate::record::{
    Change, Citizen, Instant, Key, OldId, Operation, Participant, PersonalId, Record, SiNumber,
    Stream,
};
use crate::source::{Reading, discover, open};

/// What a key holds, and since when; nothing after a deletion.
type Held<T> = (Instant, Option<T>);
/// Most old ids and names with a year of birth are one citizen's.
type Few = SmallVec<[PersonalId; 1]>;

/// The registers that authentication needs.
#[derive(Default)]
pub struct Registers {
    citizens: HashMap<PersonalId, Held<Citizen>>,
    participants: BTreeMap<SiNumber, Held<Participant>>,
    by_old_id: HashMap<OldId, Few>,
    /// By a hash of name key and year: whoever is found is compared, so that a collision does nothing.
    by_name_and_year: HashMap<u64, Few>,
    /// Rows that were not accepted, by file.
    rejected: BTreeMap<String, u64>,
}

impl Registers {
    /// Reads the registers of a directory, of what was known at a time where one is given. `scratch`
    /// is a directory for temporary files.
    ///
    /// # Errors
    /// When a file cannot be read, or none holds citizens.
    pub fn read(dir: &Path, as_of: Option<Instant>, scratch: &Path) -> Result<Self, RosterError> {
        let mut registers = Self::default();
        let files = discover(dir)?.files;
        if !files.iter().any(|file| file.stream == Stream::Citizens) {
            let path = dir.to_owned();
            return Err(RosterError::NoCitizens { path });
        }
        // In byte order of their names, so that the last of equal times is the last to come.
        let wanted = [Stream::Citizens, Stream::Participants];
        for file in files.iter().filter(|file| wanted.contains(&file.stream)) {
            let mut reader = open(file, Reading::Everything, scratch)?;
            while let Some(entry) = reader.next_entry()? {
                match entry.outcome {
                    Ok(change) if as_of.is_none_or(|as_of| change.recorded_at <= as_of) => {
                        registers.learn(change);
                    }
                    Ok(_) => {}
                    Err(_) => *registers.rejected.entry(file.name.clone()).or_default() += 1,
                }
            }
        }
        registers.index();
        Ok(registers)
    }

    fn learn(&mut self, change: Change) {
        let at = change.recorded_at;
        let (citizen, participant) = match change.operation {
            Operation::Upsert(Record::Citizens(record)) => (Some(record), None),
            Operation::Upsert(Record::Participants(record)) => (None, Some(record)),
            _ => (None, None),
        };
        match change.key {
            Key::Citizen(id) => {
                let held = self.citizens.get(&id);
                if held.is_none_or(|(since, _)| *since <= at) {
                    self.citizens.insert(id, (at, citizen));
                }
            }
            Key::Participant(si) => {
                let held = self.participants.get(&si);
                if held.is_none_or(|(since, _)| *since <= at) {
                    self.participants.insert(si, (at, participant));
                }
            }
            _ => {}
        }
    }

    fn index(&mut self) {
        let mut citizens: Vec<&Citizen> = self
            .citizens
            .values()
            .filter_map(|(_, citizen)| citizen.as_ref())
            .collect();
        citizens.sort_unstable_by_key(|citizen| citizen.personal_id);
        for citizen in citizens {
            let id = citizen.personal_id;
            if let Some(old) = citizen.old_id {
                self.by_old_id.entry(old).or_default().push(id);
            }
            let key = NameKey::of(citizen.full_name.as_str());
            let hash = hash(&key, citizen.birth_date.year());
            self.by_name_and_year.entry(hash).or_default().push(id);
        }
    }

    /// The participant with a number.
    pub fn participant(&self, si: SiNumber) -> Option<&Participant> {
        self.participants.get(&si)?.1.as_ref()
    }

    /// Every participant, in order of number.
    pub fn participants(&self) -> impl Iterator<Item = &Participant> {
        self.participants
            .values()
            .filter_map(|(_, participant)| participant.as_ref())
    }

    /// How many rows of a file were not accepted, by its name; those with none are left out.
    pub fn rejected(&self) -> &BTreeMap<String, u64> {
        &self.rejected
    }

    fn all(&self, ids: Option<&Few>) -> Vec<Citizen> {
        let ids = ids.into_iter().flatten();
        ids.filter_map(|id| self.by_personal_id(*id)).collect()
    }
}

impl Citizens for Registers {
    fn by_personal_id(&self, id: PersonalId) -> Option<Citizen> {
        self.citizens.get(&id)?.1.clone()
    }

    fn by_old_id(&self, id: OldId) -> Vec<Citizen> {
        self.all(self.by_old_id.get(&id))
    }

    fn by_name_and_year(&self, name: &NameKey, year: u16) -> Vec<Citizen> {
        self.all(self.by_name_and_year.get(&hash(name, year)))
    }
}

fn hash(name: &NameKey, year: u16) -> u64 {
    let mut hasher = DefaultHasher::new();
    (name, year).hash(&mut hasher);
    hasher.finish()
}
