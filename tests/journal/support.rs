//! A service that writes epochs, dies and starts again, and a memory of what was acknowledged to it.

use std::sync::Arc;

use fundwatch::journal::simulation::{Faults, SimulatedDisk};
use fundwatch::journal::{
    Entry, Journal, JournalError, JournalReader, Keys, Opened, Options, Verified,
};

/// 2026-03-01T00:00+07:00.
pub const MARCH: i64 = 1_772_298_000_000_000_000;
pub const DAY: i64 = 86_400_000_000_000;

/// What the try of a number holds: its bytes follow from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    pub number: u64,
    pub attempt: u64,
    pub bytes: usize,
}

impl Epoch {
    /// Ten days each: a month is left after three.
    pub fn at(&self) -> i64 {
        MARCH + self.number as i64 * 10 * DAY
    }

    pub fn plain(&self) -> Vec<u8> {
        format!("epoch {} attempt {}", self.number, self.attempt).into_bytes()
    }

    /// Bytes that do not compress away, since a frame that is torn must be long enough to tear.
    pub fn secret(&self) -> Vec<u8> {
        let mut state = self.number * 1_000_003 + self.attempt;
        let byte = |_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        (0..self.bytes).map(byte).collect()
    }
}

/// Disks, faults over them, and a service.
pub struct World {
    pub disk: SimulatedDisk,
    pub key_disk: SimulatedDisk,
    pub faults: Faults,
    pub options: Options,
    pub service: Option<Journal>,
    pub acknowledged: Vec<Epoch>,
    /// The last try, if nobody knows yet whether it is in the journal.
    unknown: Option<Epoch>,
    attempts: u64,
}

impl World {
    /// Small segments, so that they are often full.
    pub fn new() -> Self {
        Self {
            disk: SimulatedDisk::new(),
            key_disk: SimulatedDisk::new(),
            faults: Faults::new(),
            options: Options {
                segment_bytes: 900,
                ..Options::default()
            },
            service: None,
            acknowledged: Vec::new(),
            unknown: None,
            attempts: 0,
        }
    }

    pub fn keys(&self) -> Arc<Keys> {
        Arc::new(Keys::new(self.faults.over(&self.key_disk), None))
    }

    pub fn reader(&self) -> JournalReader {
        JournalReader::open(Arc::new(self.disk.clone()), self.plain_keys()).expect("a journal")
    }

    /// Keys without faults.
    pub fn plain_keys(&self) -> Arc<Keys> {
        Arc::new(Keys::new(Arc::new(self.key_disk.clone()), None))
    }

    /// Starts the service, if it does not run, and checks that it finds what was acknowledged.
    pub fn start(&mut self) -> Result<(), JournalError> {
        if self.service.is_some() {
            return Ok(());
        }
        let options = Options {
            at_least: self.acknowledged.len() as u64,
            ..self.options
        };
        let (service, opened) = Journal::open(self.faults.over(&self.disk), self.keys(), options)?;
        self.found(&opened);
        self.service = Some(service);
        Ok(())
    }

    fn found(&mut self, opened: &Opened) {
        if let Some(epoch) = self.unknown.take()
            && opened.upper == epoch.number
        {
            self.acknowledged.push(epoch);
        }
        assert_eq!(
            opened.upper,
            self.acknowledged.len() as u64,
            "no more and no less is found"
        );
    }

    /// Tries to append the next epoch.
    pub fn append(&mut self, bytes: usize) -> Result<(), JournalError> {
        self.attempts += 1;
        let epoch = Epoch {
            number: self.acknowledged.len() as u64 + 1,
            attempt: self.attempts,
            bytes,
        };
        let service = self.service.as_mut().expect("started");
        match append(service, &epoch) {
            Ok(()) => {
                self.acknowledged.push(epoch);
                Ok(())
            }
            Err(error) => {
                match error {
                    JournalError::Failed { .. } | JournalError::Fenced { .. } => {
                        self.unknown = Some(epoch);
                    }
                    JournalError::Refused { .. } | JournalError::Stopped => {}
                    ref other => panic!("{other:?}"),
                }
                Err(error)
            }
        }
    }

    /// The process of the service dies.
    pub fn kill(&mut self) {
        self.service = None;
        self.disk.kill();
        self.key_disk.kill();
    }

    /// The machine loses its power.
    pub fn crash(&mut self, seed: u64) {
        self.kill();
        self.disk.crash(seed);
        self.key_disk.crash(seed ^ 1);
    }

    /// Appends until it succeeds, and restarts the service when it must; with power that fails each time the
    /// process ends, where there is a seed.
    pub fn persist(&mut self, bytes: usize, crash: Option<u64>) {
        for round in 0..20 {
            let tried = self.start().and_then(|()| self.append(bytes));
            let Err(error) = tried else { return };
            let goes_on = matches!(
                error,
                JournalError::Refused {
                    retryable: true,
                    ..
                }
            );
            // A machine without power refuses for ever.
            if goes_on && self.service.is_some() && round % 5 < 4 {
                continue;
            }
            match crash {
                Some(seed) => {
                    self.faults.clear();
                    self.crash(seed + round);
                }
                None => self.kill(),
            }
        }
        panic!("the service does not come back");
    }

    /// Checks that the journal holds what was acknowledged, once and in order, and nothing else.
    pub fn check(&self) -> Verified {
        let reader = self.reader();
        let verified = reader.verify().expect("intact");
        let frames: Vec<_> = reader
            .frames(1)
            .expect("a journal")
            .map(|frame| frame.expect("whole"))
            .collect();
        assert_eq!(verified.upper as usize, frames.len());
        let more = usize::from(self.unknown.is_some());
        assert!(
            (self.acknowledged.len()..=self.acknowledged.len() + more).contains(&frames.len()),
            "{} of {}",
            frames.len(),
            self.acknowledged.len()
        );
        let expected = self.acknowledged.iter().chain(&self.unknown);
        for (at, (frame, epoch)) in frames.iter().zip(expected).enumerate() {
            assert_eq!(frame.number, at as u64 + 1);
            assert_eq!(frame.number, epoch.number);
            assert_eq!(frame.at, epoch.at());
            assert_eq!(frame.plain, epoch.plain(), "epoch {}", epoch.number);
            assert_eq!(frame.secret.as_deref(), Some(&*epoch.secret()));
        }
        verified
    }
}

/// Appends an epoch to a journal.
pub fn append(journal: &mut Journal, epoch: &Epoch) -> Result<(), JournalError> {
    let (plain, secret) = (epoch.plain(), epoch.secret());
    let entry = Entry {
        at: epoch.at(),
        plain: &plain,
        secret: &secret,
    };
    journal.append(epoch.number, entry).map(|_| ())
}

/// Writers and readers move between threads.
const _: fn() = || {
    fn moves<T: Send>() {}
    moves::<Journal>();
    moves::<JournalReader>();
    moves::<fundwatch::journal::Frames>();
};

/// The names of the segments of a disk, oldest first.
pub fn segments(disk: &SimulatedDisk) -> Vec<String> {
    use fundwatch::journal::Storage;
    let mut names = disk.list().expect("listed");
    names.retain(|name| name.ends_with(".segment"));
    names.sort();
    names
}
