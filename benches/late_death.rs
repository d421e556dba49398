//! How long one late death takes, from the dataflow's input to the findings it changes, after
//! histories of several lengths.
//!
//! ```text
//! cargo bench --bench late_death -- DATA [--claims 500000,1000000,2000000] [--deaths 400]
//! ```
//! DATA is a directory of streams. For each length, the first so many claims and everything else are
//! fed in daily epochs, as a replay feeds them; then deaths of persons who came to a facility are fed
//! one by one, an epoch each, and the time until the epoch's findings are out is taken. Half of the
//! deaths change findings; the others are of persons whose claims are all before it.

use std::collections::HashMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant as Clock};

use fundwatch::dataflow::{
    Content, Delta, Engine, EngineOptions, Fed, LinkageWork, LookUps, Observe, PersonSettings,
    RowSettings, UPDATES_PER_MESSAGE, Updates, Workers, feed,
};
use fundwatch::journal::Place;
use fundwatch::link::PersonLinkage;
use fundwatch::model::{ModelRegistry, builtin};
use fundwatch::record::{Day, DeathSource, Key, Operation, PartialDate, SiNumber, Stream, Value};
use fundwatch::replay::EpochLength;
use fundwatch::rule::{ExclusiveBenefits, ReasonSet, Settings};
use fundwatch::source::{
    Merge, MergeLimits, Reading, SourceError, SpillError, discover, open, survey,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let Some(data) = arguments
        .first()
        .filter(|first| !first.starts_with('-'))
        .map(PathBuf::from)
    else {
        // `cargo bench` runs every bench, and this one has nothing to read.
        println!("late_death: name a directory of streams: cargo bench --bench late_death -- DATA");
        return Ok(());
    };
    let claims = after("--claims").unwrap_or_else(|| "500000,1000000,2000000".to_owned());
    let deaths: usize = after("--deaths").map_or(Ok(400), |deaths| deaths.parse())?;
    println!(
        "{:>10} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "claims", "p50 ms", "p90 ms", "p99 ms", "max ms", "changed"
    );
    for claims in claims.split(',') {
        let mut times = late_deaths(&data, claims.trim().parse()?, deaths)?;
        times.elapsed.sort_unstable();
        let at = |hundredths: usize| {
            let place = (times.elapsed.len() - 1) * hundredths / 100;
            times.elapsed[place].as_secs_f64() * 1e3
        };
        println!(
            "{:>10} {:>10.3} {:>10.3} {:>10.3} {:>10.3} {:>10}",
            times.claims,
            at(50),
            at(90),
            at(99),
            at(100),
            times.changed
        );
    }
    Ok(())
}

/// What the late deaths after one history took.
struct Times {
    claims: u64,
    elapsed: Vec<Duration>,
    /// Deaths that changed findings.
    changed: usize,
}

/// The engine and what resolves the rows that it is fed.
struct Pipeline {
    engine: Engine<()>,
    deltas: Receiver<((), Delta)>,
    updates: Box<Updates>,
    settings: RowSettings,
    held: HashMap<Key, Held>,
    /// Each citizen and participant that was ever fed, by the place of its row.
    people: Arc<RwLock<Vec<Option<Content>>>>,
}

/// What a key holds.
struct Held {
    number: Place,
    since: Place,
    content: Option<Content>,
}

impl Pipeline {
    fn start() -> Result<Self, Box<dyn Error>> {
        let (sender, deltas) = sync_channel(4);
        let people: Arc<RwLock<Vec<Option<Content>>>> = Arc::default();
        let at = |people: &RwLock<Vec<Option<Content>>>, place: Place| {
            let people = people.read().expect("nobody panicked");
            people[place.0 as usize].clone().expect("a person")
        };
        let (identities, participants) = (people.clone(), people.clone());
        // Ties are broken by the order of arrival: any order will do here.
        let engine = Engine::start(
            Workers::Threads(1),
            EngineOptions {
                reasons: ReasonSet::ALL,
                observe: Observe::Flagged,
                settings: PersonSettings::from(Settings::defaults()),
                exclusive_benefits: Arc::new(ExclusiveBenefits::builtin().clone()),
                linkage: PersonLinkage::builtin(),
                linkage_work: LinkageWork::default(),
                models: ModelRegistry::new(Arc::new(builtin().clone())),
                shadow: None,
                telemetry: None,
            },
            LookUps {
                visits: Arc::new(|a: Place, b: Place| a.cmp(&b)),
                identity_at: Arc::new(move |place| {
                    at(&identities, place).identity().expect("an identity")
                }),
                participant_at: Arc::new(move |place| {
                    let participant = at(&participants, place).participant();
                    participant.expect("a participant")
                }),
            },
            sender,
        )?;
        Ok(Self {
            updates: engine.room(),
            settings: RowSettings::from(Settings::defaults()),
            engine,
            deltas,
            held: HashMap::new(),
            people,
        })
    }

    fn push(&mut self, key: Key, content: Option<Content>) -> Result<(), Box<dyn Error>> {
        let mut people = self.people.write().expect("nobody panicked");
        let place = Place(u32::try_from(people.len())?);
        let is_person =
            |content: &Content| matches!(content, Content::Citizen(_) | Content::Participant(_));
        people.push(content.clone().filter(is_person));
        drop(people);
        let held = self.held.entry(key).or_insert(Held {
            number: place,
            since: place,
            content: None,
        });
        if held.content != content {
            for (content, since, diff) in [(&held.content, held.since, -1), (&content, place, 1)] {
                if let Some(content) = content {
                    let number = held.number;
                    let fed = Fed {
                        number,
                        since,
                        content,
                    };
                    let under = (ReasonSet::ALL, &self.settings);
                    feed(&mut self.updates, fed, under, diff);
                }
            }
            held.since = place;
            held.content = content;
        }
        if self.updates.len() >= UPDATES_PER_MESSAGE {
            self.send_updates()?;
        }
        Ok(())
    }

    fn send_updates(&mut self) -> Result<(), Box<dyn Error>> {
        let updates = std::mem::replace(&mut self.updates, self.engine.room());
        Ok(self.engine.update(updates)?)
    }

    /// Ends the epoch, and waits for what came and went in it.
    fn end_epoch(&mut self) -> Result<Delta, Box<dyn Error>> {
        self.send_updates()?;
        self.engine.end_epoch(())?;
        Ok(self.deltas.recv()?.1)
    }
}

fn late_deaths(data: &Path, most_claims: u64, deaths: usize) -> Result<Times, Box<dyn Error>> {
    let scratch = tempfile::tempdir()?;
    let files = discover(data)?.files;
    let paths: Vec<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
    let times = |file: usize| open(&files[file], Reading::KnowledgeTimes, scratch.path());
    let orders = survey(&paths, &times, (2, false), &|_, _| {})?;
    let whole = |file: usize| open(&files[file], Reading::Everything, scratch.path());
    let merge: Merge<'_, _, Failed> = Merge::new(
        &orders,
        &whole,
        Arc::new(|change| change),
        None,
        scratch.path(),
        MergeLimits::default(),
        |_, _, _| Ok(()),
    );
    let mut fed = Pipeline::start()?;
    let (mut claims, mut epoch) = (0, None);
    let mut persons: Vec<(SiNumber, Day)> = Vec::new();
    for row in merge {
        let change = row.map_err(|Failed(error)| error)?.change;
        if change.key.stream() == Stream::Claims {
            if claims == most_claims {
                continue;
            }
            claims += 1;
        }
        let number = EpochLength::Hours(24).epoch_of(change.recorded_at);
        if epoch.replace(number).is_some_and(|before| before != number) {
            fed.end_epoch()?;
        }
        let content = match &change.operation {
            Operation::Upsert(record) => Content::of(record, ReasonSet::ALL),
            Operation::Delete => None,
        };
        if let Some(Content::Claim(claim)) = &content
            && let [(card, _)] = claim.cards.as_slice()
        {
            persons.push((card.holder(), claim.admitted_at.day()));
        }
        fed.push(change.key, content)?;
    }
    fed.end_epoch()?;

    let (mut elapsed, mut changed) = (Vec::with_capacity(deaths), 0);
    let step = (persons.len() / deaths.max(1)).max(1);
    for (n, (person, admission)) in persons.into_iter().step_by(step).take(deaths).enumerate() {
        // The day before the visit, or far after every visit.
        let day = if n % 2 == 0 {
            admission.plus(-1)
        } else {
            admission.plus(3650)
        };
        let report = fundwatch::dataflow::DeathReportContent {
            citizen: None,
            participant: Some(person),
            death_date: PartialDate::from_day(day.number()).ok_or("a day out of range")?,
            source: DeathSource::CivilRegistry.into(),
        };
        let number = Place(u32::MAX - u32::try_from(n)?);
        let began = Clock::now();
        let report = Fed {
            number,
            since: number,
            content: &Content::DeathReport(report),
        };
        let under = (ReasonSet::ALL, &fed.settings);
        feed(&mut fed.updates, report, under, 1);
        let delta = fed.end_epoch()?;
        elapsed.push(began.elapsed());
        changed += usize::from(!delta.is_empty());
    }
    Ok(Times {
        claims,
        elapsed,
        changed,
    })
}

/// An error of reading the streams.
struct Failed(Box<dyn Error>);

impl From<SourceError> for Failed {
    fn from(error: SourceError) -> Self {
        Self(error.into())
    }
}

impl From<SpillError> for Failed {
    fn from(error: SpillError) -> Self {
        Self(error.into())
    }
}
