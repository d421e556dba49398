//! One directory of a service, and the process that runs on it now.
//!
//! In: a configuration. Out: a running `fundwatch serve`, killed or stopped when asked to. Must hold: a process
//! that ends by itself is told with what it said; none outlives the test.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::binary::fundwatch;
use crate::client::{Client, probe};
use crate::ports;
use crate::said;

/// The longest that a start may take, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the service listens now; nobody knows while it is down.
#[derive(Clone, Default)]
pub struct Where(Arc<Mutex<Listening>>);

#[derive(Default)]
struct Listening {
    /// The process that is meant, counted from the first.
    life: u64,
    /// The API, and the ops listener.
    addresses: Option<(String, String)>,
}

impl Where {
    fn lock(&self) -> MutexGuard<'_, Listening> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on another process is meant. Gives its number.
    fn begin(&self) -> u64 {
        let mut listening = self.lock();
        listening.life += 1;
        listening.addresses = None;
        listening.life
    }

    /// Notes where a process listens, if it is the one that is meant.
    fn set(&self, life: u64, addresses: Option<(String, String)>) {
        let mut listening = self.lock();
        if listening.life == life {
            listening.addresses = addresses;
        }
    }

    /// The address of the API.
    pub fn api(&self) -> Option<String> {
        self.lock().addresses.as_ref().map(|(api, _)| api.clone())
    }

    fn ops(&self) -> Option<String> {
        self.lock().addresses.as_ref().map(|(_, ops)| ops.clone())
    }
}

/// The places of a service.
pub struct Site {
    root: TempDir,
    data: PathBuf,
    feed: String,
    auditor: String,
    /// How many processes share the dataflow, of which a [`Server`] is number 0.
    processes: Option<usize>,
}

impl Site {
    /// A new service in a directory, with epochs so short that many are in the middle of something.
    pub fn new(more: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let data = root.path().join("data");
        Self::at(root, data, more)
    }

    /// A new service whose data are elsewhere.
    pub fn at(root: TempDir, data: PathBuf, more: &str) -> Self {
        for folder in ["inbox", "done", "rejected"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        let config = format!(
            "[epoch]\nmax_wait = \"10ms\"\nmax_rows = 25\n\n[journal]\nsegment_size = \"1MiB\"\n\n[snapshot]\nevery_epochs = 30\nkeep = 2\n\n\
            [shutdown]\ndrain_timeout = \"20s\"\n\n[log]\nlevel = \"warn\"\n\n\
            [[source]]\nname = \"files\"\nkind = \"directory\"\npath = \"inbox\"\ndone = \"done\"\n\
            rejected = \"rejected\"\npoll_interval = \"100ms\"\nsettle_time = \"100ms\"\n\n{more}\n"
        );
        fs::write(root.path().join("fundwatch.toml"), config).unwrap();
        let token = |role: &str| {
            let mut command = fundwatch();
            command
                .args(["token", "create", "--role", role, "--data"])
                .arg(&data);
            let told = command.output().unwrap();
            assert!(
                told.status.success(),
                "{}",
                String::from_utf8_lossy(&told.stderr)
            );
            String::from_utf8(told.stdout).unwrap().trim().to_owned()
        };
        let (feed, auditor) = (token("feed"), token("auditor"));
        Self {
            root,
            data,
            feed,
            auditor,
            processes: None,
        }
    }

    /// The same, with a dataflow that so many processes share.
    pub fn shared_by(mut self, processes: usize) -> Self {
        let addresses = ports::free_addresses(processes);
        fs::write(self.path("hosts"), addresses.join("\n")).unwrap();
        self.processes = Some(processes);
        self
    }

    /// The command of a process.
    pub fn command(&self, process: usize) -> Command {
        let mut command = fundwatch();
        command.arg("serve").arg("--data").arg(&self.data);
        command.arg("--config").arg(self.path("fundwatch.toml"));
        command.args(["--listen", "127.0.0.1:0", "--ops-listen", "127.0.0.1:0"]);
        if let Some(processes) = self.processes {
            command.args([
                "--processes",
                &processes.to_string(),
                "--process",
                &process.to_string(),
            ]);
            command.arg("--hosts").arg(self.path("hosts"));
        }
        command
    }

    /// A place beside the data.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The token of those who push.
    pub fn feed(&self) -> &str {
        &self.feed
    }

    /// What the processes have logged.
    pub fn log(&self) -> String {
        let text = fs::read_to_string(self.path("log")).unwrap_or_default();
        let from = text.len().saturating_sub(4000);
        let from = (from..=text.len()).find(|at| text.is_char_boundary(*at));
        text[from.unwrap_or_default()..].to_owned()
    }

    /// Starts a process, and does not wait for it.
    pub fn spawn(&self, at: &Where) -> Server<'_> {
        let log = said::log_file(&self.path("log"));
        let began = Instant::now();
        let mut child = self
            .command(0)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (told, life) = (at.clone(), at.begin());
        // It ends with the process.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some(addresses) = addresses(&line) {
                    told.set(life, Some(addresses));
                }
            }
        });
        Server {
            child,
            site: self,
            at: at.clone(),
            life,
            began,
        }
    }

    /// Starts a process and waits until it is ready.
    pub fn start(&self, at: &Where) -> Server<'_> {
        let mut server = self.spawn(at);
        server.wait_until_ready();
        server
    }

    /// Somebody who reads.
    pub fn reader(&self, at: &Where) -> Client {
        Client::new(at.clone(), &self.auditor)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        said::access_log_of(&self.data);
    }
}

/// The addresses that a service prints.
fn addresses(line: &str) -> Option<(String, String)> {
    let rest = line.strip_prefix("API on ")?;
    let (api, ops) = rest.split_once(", metrics and probes on ")?;
    Some((api.to_owned(), ops.to_owned()))
}

/// A running process.
pub struct Server<'s> {
    child: Child,
    site: &'s Site,
    at: Where,
    life: u64,
    began: Instant,
}

impl Server<'_> {
    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it is ready; gives how long that took from its start.
    pub fn wait_until_ready(&mut self) -> Duration {
        loop {
            self.assert_runs();
            if self.readiness().is_some_and(|(status, _)| status == 200) {
                return self.began.elapsed();
            }
            assert!(
                self.began.elapsed() < PATIENCE,
                "not ready\n{}",
                self.site.log()
            );
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    /// The address of the ops listener.
    pub fn ops(&self) -> String {
        self.at.ops().expect("a service that runs")
    }

    /// What /readyz says: the status, and the body.
    pub fn readiness(&self) -> Option<(u16, String)> {
        probe(&format!("{}/readyz", self.at.ops()?))
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Holds it to run.
    pub fn assert_runs(&mut self) {
        if let Some(status) = self.ended() {
            panic!("it ended by itself, {status}\n{}", self.site.log());
        }
    }

    /// Kills it, wherever it is.
    pub fn kill(mut self) {
        // Before anybody else learns of it, so that nobody asks an address that may be another's by then.
        self.at.set(self.life, None);
        self.assert_runs();
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), None, "it was killed");
    }

    /// Tells it to stop.
    pub fn terminate(&self) {
        let sent = std::process::Command::new("kill")
            .args(["-s", "TERM", &self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }

    /// Waits until it has ended by itself, for so long at most.
    pub fn wait(mut self, most: Duration) -> ExitStatus {
        let until = Instant::now() + most;
        loop {
            if let Some(status) = self.ended() {
                self.at.set(self.life, None);
                return status;
            }
            assert!(
                Instant::now() < until,
                "not ended in {most:?}\n{}",
                self.site.log()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stops it as an operator does.
    pub fn stop(self) {
        let site = self.site;
        self.terminate();
        let status = self.wait(Duration::from_secs(30));
        assert_eq!(status.code(), Some(0), "a stop\n{}", site.log());
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        // Where it has ended already there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.at.set(self.life, None);
    }
}
