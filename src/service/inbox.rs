//! A directory into which others drop files.
//!
//! In: files that are finished, named as a replay names them, in byte order of their names. Out: deliveries of
//! their rows; the files, moved away. Must hold: a row is delivered once, whatever died when: how far the file
//! in hand is read is durable with its rows, and no other file is begun before it has been moved away, durably.
//! A file that comes again under the name, and with the bytes, of the one that was read last is not read again.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::breaker::Breakers;
use super::clock::Clock;
use super::parse::add_entry;
use super::positions::Positions;
use super::queue::Queue;
use super::submission::{Refused, Submission};
use crate::hex::hex;
use crate::journal::{Delivery, Position};
use crate::record::Stream;
use crate::source::{InputFile, Reading, RowReader, SourceError, discover, open};

/// The only part of which an inbox has a position: the file in hand.
const PART: &str = "file";
/// What a row takes in memory, about.
const ROW_BYTES: usize = 1024;
/// How often a source that waits looks whether it is to stop.
const GLANCE: Duration = Duration::from_millis(50);

/// What an inbox is asked to do.
#[derive(Clone, Debug)]
pub struct InboxOptions {
    /// The name of the source.
    pub name: String,
    /// The directory.
    pub path: PathBuf,
    /// Where files are moved to that are read to their end.
    pub done: PathBuf,
    /// Where files are moved to that cannot be read.
    pub failed: PathBuf,
    /// The streams that may come through it.
    pub streams: Vec<Stream>,
    /// How often it is looked into.
    pub poll: Duration,
    /// How long a file has not changed when it counts as finished.
    pub settle: Duration,
    /// Rows a delivery.
    pub rows: usize,
    /// A directory for temporary files.
    pub scratch: PathBuf,
}

/// What an inbox works with.
#[derive(Clone)]
pub struct Intake {
    /// Where rows are handed over.
    pub queue: Arc<Queue>,
    /// How far sources are read.
    pub positions: Arc<Positions>,
    /// Which sources are paused.
    pub breakers: Arc<Breakers>,
    /// What time it is.
    pub clock: Clock,
    /// Whether to stop.
    pub stop: Arc<AtomicBool>,
}

/// How far the file in hand has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    file: String,
    sha256: String,
    rows: u64,
    is_done: bool,
}

/// Why a file is left for later.
enum Left {
    /// The service stops, or the source is paused.
    Stopped,
    /// What was handed over was refused.
    Refused(Refused),
    /// The file cannot be read.
    Unreadable(SourceError),
    /// The directory cannot be used.
    Directory(io::Error),
}

impl From<SourceError> for Left {
    fn from(error: SourceError) -> Self {
        Self::Unreadable(error)
    }
}

/// An inbox.
pub struct Inbox {
    options: InboxOptions,
    intake: Intake,
}

impl Inbox {
    /// Opens the directory, and makes its folder of XML claims where it is absent.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn open(options: InboxOptions, intake: Intake) -> io::Result<Self> {
        fs::create_dir_all(options.path.join("claims-xml"))?;
        Ok(Self { options, intake })
    }

    /// Reads what comes until it is to stop.
    pub fn run(&self) {
        while !self.is_stopped() {
            let next = match self.intake.breakers.is_paused(&self.options.name) {
                true => None,
                false => self.next(),
            };
            let taken = next.is_some_and(|file| self.take(&file));
            if !taken {
                self.wait(self.options.poll);
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.intake.stop.load(Ordering::Acquire)
    }

    fn wait(&self, time: Duration) {
        let until = Instant::now() + time;
        while !self.is_stopped() && Instant::now() < until {
            std::thread::sleep(GLANCE.min(time));
        }
    }

    /// The next file that is finished.
    fn next(&self) -> Option<InputFile> {
        let found = match discover(&self.options.path) {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(source = self.options.name, %error, "the inbox cannot be read");
                return None;
            }
        };
        let now = SystemTime::now();
        let is_finished = |file: &InputFile| {
            let modified = fs::metadata(&file.path).and_then(|metadata| metadata.modified());
            let age = modified.map(|modified| now.duration_since(modified).unwrap_or_default());
            age.is_ok_and(|age| age >= self.options.settle)
        };
        let mut files = found.files;
        files.retain(|file| self.options.streams.contains(&file.stream));
        // The file in hand goes before all others: its place is forgotten once another is begun.
        if let Some(place) = self.place()
            && let Some(in_hand) = files.iter().find(|file| file.name == place.file)
        {
            if is_finished(in_hand) {
                return Some(in_hand.clone());
            }
            // One that is written to in the middle of being read is waited for; of one that was read, this is
            // another under its name.
            if !place.is_done {
                return None;
            }
        }
        files.into_iter().find(is_finished)
    }

    /// Takes a file, or what is left of it. Gives whether it is done with.
    fn take(&self, file: &InputFile) -> bool {
        let source = &*self.options.name;
        let taken = self.read(file);
        let moved = match taken {
            Ok(sha256) => {
                tracing::info!(source, stream = %file.stream, "a file is read to its end");
                self.move_to(&self.options.done, file, &sha256)
            }
            Err(Left::Unreadable(SourceError::Damaged { message, .. })) => {
                tracing::error!(
                    source,
                    message,
                    "a file cannot be read to its end; it is moved away"
                );
                self.move_to(&self.options.failed, file, "damaged")
            }
            Err(Left::Unreadable(error)) => {
                tracing::error!(source, %error, "a file cannot be read; it is tried again");
                return false;
            }
            Err(Left::Refused(refused)) => {
                tracing::warn!(source, %refused, "rows of a file were not taken; they are sent again");
                return false;
            }
            Err(Left::Directory(error)) => Err(error),
            Err(Left::Stopped) => return false,
        };
        if let Err(error) = &moved {
            tracing::error!(source, %error, "a file cannot be moved out of the inbox");
        }
        moved.is_ok()
    }

    /// Delivers what is left of a file, and gives the digest of the file.
    fn read(&self, file: &InputFile) -> Result<String, Left> {
        let sha256 = digest(&file.path).map_err(Left::Directory)?;
        let place = self
            .place()
            .filter(|place| (&place.file, &place.sha256) == (&file.name, &sha256));
        let mut place = place.unwrap_or_else(|| Place {
            file: file.name.clone(),
            sha256: sha256.clone(),
            ..Place::default()
        });
        if place.is_done {
            return Ok(sha256);
        }
        let arrival = self.intake.clock.now();
        let mut rows = open(file, Reading::Arriving(arrival), &self.options.scratch)?;
        for _ in 0..place.rows {
            rows.next_entry()?;
        }
        while !place.is_done {
            let mut delivery = self.delivery(file, &mut *rows)?;
            let taken = (delivery.rows.len() + delivery.rejects.len()) as u64;
            place.rows += taken;
            place.is_done = taken < self.options.rows as u64;
            delivery.positions = vec![Position {
                part: PART.to_owned(),
                place: serde_json::to_string(&place).expect("a place is written into memory"),
            }];
            self.hand_over(delivery)?;
        }
        let unknown = rows.unknown_columns();
        if !unknown.is_empty() {
            let columns = unknown.join(", ");
            tracing::warn!(source = self.options.name, stream = %file.stream, columns, "unknown columns are ignored");
        }
        Ok(sha256)
    }

    fn place(&self) -> Option<Place> {
        let place = self.intake.positions.place(&self.options.name, PART)?;
        serde_json::from_str(&place).ok()
    }

    fn delivery(
        &self,
        file: &InputFile,
        rows: &mut dyn RowReader,
    ) -> Result<Delivery, SourceError> {
        let mut delivery = Delivery {
            source: self.options.name.clone(),
            origin: file.name.clone(),
            ..Delivery::default()
        };
        for _ in 0..self.options.rows {
            match rows.next_entry()? {
                Some(entry) => add_entry(&mut delivery, entry),
                None => break,
            }
        }
        Ok(delivery)
    }

    /// Hands rows over and waits until they are durable.
    fn hand_over(&self, delivery: Delivery) -> Result<(), Left> {
        let (rows, rejected) = (delivery.rows.len(), delivery.rejects.len());
        let (reply, told) = sync_channel(1);
        let reply = Box::new(move |outcome| {
            // Nobody is told where the source has ended.
            let _ = reply.send(outcome);
        });
        let bytes = (rows + rejected) * ROW_BYTES;
        (self.intake.queue).push(Submission::of(delivery, bytes, Instant::now(), reply));
        match told.recv() {
            Ok(Ok(_)) => {}
            Ok(Err(Refused::Closed)) | Err(_) => return Err(Left::Stopped),
            Ok(Err(refused)) => return Err(Left::Refused(refused)),
        }
        let all = (rows + rejected) as u64;
        let paused =
            (self.intake.breakers).count(&self.options.name, all, rejected as u64, Instant::now());
        if paused {
            tracing::error!(
                source = self.options.name,
                "too many rows are not accepted; the source is paused"
            );
        }
        match paused || self.is_stopped() {
            true => Err(Left::Stopped),
            false => Ok(()),
        }
    }

    /// Moves a file to a folder, durably.
    fn move_to(&self, folder: &Path, file: &InputFile, mark: &str) -> io::Result<()> {
        let mut target = folder.join(&file.name);
        let into = target.parent().unwrap_or(Path::new(".")).to_owned();
        fs::create_dir_all(&into)?;
        if target.exists() {
            let mut name = target.file_name().unwrap_or_default().to_owned();
            name.push(format!(".{}", &mark[..mark.len().min(12)]));
            target.set_file_name(name);
        }
        fs::rename(&file.path, &target)?;
        File::open(&into)?.sync_all()?;
        File::open(file.path.parent().unwrap_or(Path::new(".")))?.sync_all()
    }
}

fn digest(path: &Path) -> io::Result<String> {
    let (mut file, mut hasher) = (File::open(path)?, Sha256::new());
    let mut piece = vec![0; 1 << 18];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hex(&hasher.finalize())),
            count => hasher.update(&piece[..count]),
        }
    }
}
