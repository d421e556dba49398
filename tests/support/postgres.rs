//! A PostgreSQL server of the tests' own: a new cluster in a directory that vanishes with it, with fsync
//! on, behind a socket in that directory and a port of this machine. Root runs it as user `postgres`.
//!
//! Where no server is installed, tests that want one are skipped, loudly; with
//! `FUNDWATCH_REQUIRE_POSTGRES=1` they fail instead.

#![allow(dead_code)]

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tempfile::TempDir;

use crate::ports;

/// The password of the cluster's only user, `fundwatch`. It is asked for by TCP, not on the socket.
pub const PASSWORD: &str = "p%40ss-of-a-test";

/// A running server.
pub struct Cluster {
    directory: TempDir,
    programs: PathBuf,
    port: u16,
    databases: AtomicU32,
}

impl Cluster {
    /// The server that tests share for as long as one of them runs; none where PostgreSQL is not installed.
    pub fn shared() -> Option<Arc<Self>> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return Some(running);
        }
        let started = Arc::new(Self::start()?);
        *shared = Arc::downgrade(&started);
        Some(started)
    }

    /// A server of one's own; none where PostgreSQL is not installed.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            let is_required =
                std::env::var_os("FUNDWATCH_REQUIRE_POSTGRES").is_some_and(|is| is == "1");
            assert!(
                !is_required,
                "PostgreSQL is required, but no server is installed"
            );
            eprintln!("SKIPPED: no PostgreSQL server is installed (apt-get install postgresql)");
            return None;
        };
        let directory = tempfile::Builder::new()
            .prefix("fundwatch-pg-")
            .tempdir_in("/tmp")
            .expect("a directory");
        let port = ports::free();
        let cluster = Self {
            directory,
            programs,
            port,
            databases: AtomicU32::new(0),
        };
        let word = cluster.path().join("password");
        fs::write(&word, percent_decoded(PASSWORD)).expect("written");
        if is_root() {
            let path = [cluster.path(), &word];
            run(Command::new("chown").arg("postgres").args(path));
        }
        let data = cluster.data();
        run(cluster
            .program("initdb")
            .args([
                "--username=fundwatch",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
            ])
            .args([
                "--auth-local=trust",
                "--auth-host=scram-sha-256",
                "--pwfile",
            ])
            .arg(&word)
            .arg("--pgdata")
            .arg(&data));
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{}'\n\
            fsync = on\nsynchronous_commit = on\nshared_buffers = 64MB\nlog_min_messages = fatal\n",
            cluster.path().display()
        );
        cluster.configure(&settings);
        cluster.up();
        Some(cluster)
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Where its files are.
    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Adds settings, for the next start.
    pub fn configure(&self, settings: &str) {
        let path = self.data().join("postgresql.conf");
        let before = fs::read_to_string(&path).expect("settings");
        fs::write(path, format!("{before}\n{settings}\n")).expect("written");
    }

    /// Gives files to the server's user.
    pub fn give(&self, path: &Path) {
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(path));
        }
    }

    /// Starts the server and waits until it answers.
    pub fn up(&self) {
        let log = self.path().join("log");
        let mut start = self.control();
        let start = start.args(["start", "-w", "-t", "120", "-l"]).arg(&log);
        let started = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(start)));
        if started.is_err() {
            panic!("{}", fs::read_to_string(log).unwrap_or_default());
        }
    }

    /// Stops the server: `fast` ends sessions, `immediate` is a crash.
    pub fn down(&self, mode: &str) {
        run(self.control().args(["stop", "-w", "-m", mode]));
    }

    /// A new database, by its name.
    pub fn database(&self) -> String {
        let name = format!("store_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut client = self.client("postgres");
        let create = format!("CREATE DATABASE {name}");
        client.batch_execute(&create).expect("a database");
        name
    }

    /// The URL of a database on the socket.
    pub fn url(&self, database: &str) -> String {
        let socket = self.path().display().to_string().replace('/', "%2F");
        format!("postgres://fundwatch@{socket}:{}/{database}", self.port)
    }

    /// A connection of one's own.
    pub fn client(&self, database: &str) -> postgres::Client {
        postgres::Client::connect(&self.url(database), postgres::NoTls).expect("a connection")
    }

    fn control(&self) -> Command {
        let mut command = self.program("pg_ctl");
        command.arg("--pgdata").arg(self.data());
        command
    }

    fn program(&self, name: &str) -> Command {
        let path = self.programs.join(name);
        if !is_root() {
            return Command::new(path);
        }
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(path);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.control();
        stop.args(["stop", "-w", "-m", "immediate"]);
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// The directory of the newest server that is installed.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let versions = versions.filter_map(|entry| {
        let entry = entry.ok()?;
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let programs = entry.path().join("bin");
        programs
            .join("initdb")
            .exists()
            .then_some((version, programs))
    });
    Some(versions.max()?.1)
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn run(command: &mut Command) {
    // Its output goes to a file: a server that goes on running would hold a pipe open.
    let output = tempfile::NamedTempFile::new().expect("a file");
    let stream = || Stdio::from(output.reopen().expect("a file"));
    let status = command
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(stream())
        .stderr(stream())
        .status()
        .expect("the program runs");
    let told = fs::read_to_string(output.path()).unwrap_or_default();
    assert!(status.success(), "{command:?}: {status}\n{told}");
}

fn percent_decoded(text: &str) -> String {
    text.replace("%40", "@")
}
