//! The live part of a demo: the service and its review pages, with accounts, on loopback, and new days that come.
//!
//! In: the country of a demo. Out: a service that runs until it is interrupted, in `data/` beside the country. Must hold: it
//! is the service as anybody runs it - rows come in over HTTP, people sign in - but for its clock, which is the
//! country's, and for passwords that are printed.

mod clock;
mod days;
mod feeder;
mod people;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub use feeder::Told;
pub use people::DemoAccount;

use super::place::{Place, PlaceError};
use crate::access::{AccessError, NewToken, Register, Role, SetupError, StreamSet};
use crate::config::{Call, Config, ConfigError};
use crate::language::Language;
use crate::notice::{Clock as _, SystemClock};
use crate::record::Day;
use crate::server::{self, ServerError};
use crate::service::Clock;
use crate::source::SourceError;
use clock::CountryClock;
use days::Days;
use feeder::Feeder;

/// Days that are left to come when the pages are opened first.
const TO_COME: i32 = 60;
/// What the service of a demo is told beside its defaults.
const SETTINGS: &str = "[accounts]\ntotp = \"optional\"\n\n[log]\nlevel = \"warn\"\n";
const SETTINGS_FILE: &str = "fundwatch.toml";

/// How a demo is served.
#[derive(Clone, Debug)]
pub struct Serving {
    /// Where the pages are.
    pub listen: SocketAddr,
    /// Where metrics and probes are.
    pub ops_listen: SocketAddr,
    /// How long a day of the country is.
    pub day: Duration,
    /// The language that the accounts begin with.
    pub language: Language,
}

/// What is told once the pages are there.
#[derive(Clone, Debug)]
pub struct Served {
    /// Where the pages are.
    pub pages: SocketAddr,
    /// Where metrics and probes are.
    pub ops: SocketAddr,
    /// Who can sign in.
    pub accounts: Vec<DemoAccount>,
    /// The password of all of them.
    pub password: String,
    /// The day on which the country is.
    pub day: Day,
}

/// A demo that cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The country has no rows.
    #[error("the country has no rows; make it again with more citizens or days")]
    Empty,
    /// The directory cannot be used.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The country cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The accounts cannot be made.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// An account cannot be set up.
    #[error(transparent)]
    Setup(SetupError),
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The service.
    #[error(transparent)]
    Server(#[from] ServerError),
}

/// Serves the country of a demo until it is interrupted.
///
/// # Errors
/// When the service cannot start, or could not go on.
pub fn serve(
    place: &Place,
    serving: &Serving,
    mut told: impl Told + 'static,
    started: impl FnOnce(&Served),
) -> Result<(), LiveError> {
    let mut days = Days::read(&place.country())?;
    let last = days.last().ok_or(LiveError::Empty)?;
    let first = last.plus(-TO_COME);
    let data = place.data();
    place.make_data()?;
    let (accounts, password) = people::make(&data, serving.language)?;
    let token = Register::open(&data)?.create(
        &NewToken {
            name: Some("country".to_owned()),
            role: Role::Feed,
            streams: StreamSet::ALL,
            expires_at: None,
        },
        SystemClock.now(),
    )?;
    let settings = data.join(SETTINGS_FILE);
    std::fs::write(&settings, SETTINGS).map_err(|error| PlaceError::Io {
        path: settings.clone(),
        error,
    })?;
    let call = Call {
        listen: Some(serving.listen),
        ops_listen: Some(serving.ops_listen),
    };
    let config = Config::load(Some(&settings), &call, &|_| None)?;
    server::start_log(config.log());
    let clock = Arc::new(CountryClock::new(first));
    let of_service = clock.clone();
    let options = server::Options {
        data,
        config_file: Some(settings),
        call,
        processes: None,
        clock: Clock::of(move || of_service.now()),
    };
    let stop = Arc::new(AtomicBool::new(false));
    let mut feeding = None;
    let ended = server::run(&options, config, |pages, ops| {
        let feeder = Feeder {
            days: std::mem::replace(&mut days, Days::none()),
            clock,
            address: pages,
            token,
            day: serving.day,
            stop: stop.clone(),
        };
        started(&Served {
            pages,
            ops,
            accounts,
            password,
            day: first,
        });
        let thread = std::thread::Builder::new().name("fundwatch-country".to_owned());
        feeding = thread.spawn(move || feeder.run(first, &mut told)).ok();
    });
    stop.store(true, Ordering::Release);
    if let Some(feeding) = feeding {
        // One that panicked has said so.
        let _ = feeding.join();
    }
    Ok(ended?)
}
