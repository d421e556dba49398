//! The disk is full for a while: that of the journal, then that of the store alone.
//!
//! Must hold: what cannot be made durable is refused with 503 and `Retry-After`; what was answered is kept; once
//! there is room the service goes on by itself, or has ended and said that it has to be started again.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::check::{finish, settle};
use crate::client::{Answer, Client};
use crate::country::Country;
use crate::feed::Feed;
use crate::random::seed;
use crate::server::{Server, Site, Where};
use crate::traffic::Traffic;

/// Bytes of the small disk.
const SIZE: &str = "size=48m";
/// The longest that the service may take to notice that there is room again.
const PATIENCE: Duration = Duration::from_secs(30);

/// A small disk of memory.
struct Disk(PathBuf);

impl Disk {
    /// Mounts one; none where that is not permitted.
    fn mount(at: &Path) -> Option<Self> {
        fs::create_dir(at).unwrap();
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", SIZE, "fundwatch-test"])
            .arg(at);
        let told = mount.output();
        if told.as_ref().is_ok_and(|told| told.status.success()) {
            return Some(Self(at.to_owned()));
        }
        eprintln!(
            "SKIPPED: a small disk cannot be mounted; run as root, with CAP_SYS_ADMIN ({told:?})"
        );
        None
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let mut file = File::options()
            .append(true)
            .create(true)
            .open(self.ballast())
            .unwrap();
        for size in [1 << 20, 1 << 12, 1] {
            while file.write_all(&vec![1; size]).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, since a process that is being killed may still have files open.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

/// Pushes, with no row in it, until that is refused: what is stored meanwhile may make a little room.
fn refused(disk: &Disk, client: &Client, server: &mut Server<'_>, site: &Site) {
    let form = ("/v1/streams/citizens", "application/x-ndjson");
    let until = Instant::now() + PATIENCE;
    for attempt in 0.. {
        disk.fill();
        let answer = client.post(
            form,
            &format!("attempt-{}-{attempt}", server.id()),
            b"\n",
            None,
        );
        match answer {
            Some(Answer {
                status: 503,
                retry_after: Some(1..=60),
                ..
            }) => return,
            None if server.ended().is_some() => return,
            other => assert!(Instant::now() < until, "{other:?}\n{}", site.log()),
        }
    }
}

/// A service that has no room and gets it again, in the middle of all that sends. Waiting until it is known that there
/// is none is `full`'s, which may let more be sent.
fn without_room(site: &Site, disk: &Disk, name: &str, full: impl Fn(&mut Server<'_>, &Traffic)) {
    let (set, seed) = seed(name);
    let country = Country::new(1_000, seed);
    let feed = Feed::new(&country, seed);
    let at = Where::default();
    let mut server = site.start(&at);
    let traffic = Traffic::new(&feed, site, &at, seed);
    std::thread::scope(|scope| {
        let halt = traffic.start(scope);
        for turn in 1..=2 {
            let allowed = traffic.allowed().max(feed.pushes() * turn / 3);
            traffic.allow(allowed);
            traffic.wait_for(allowed - feed.pushes() / 6);
            disk.fill();
            full(&mut server, &traffic);
            disk.free();
            let allowed = traffic.allowed();
            // It may still be on its way to its end.
            while traffic.answered() < allowed {
                if let Some(status) = server.ended() {
                    let log = site.log();
                    assert_eq!(status.code(), Some(1), "{log}");
                    assert!(log.contains("No space left"), "it says why:\n{log}");
                    server = site.start(&at);
                }
                traffic.wait_a_moment();
            }
        }
        traffic.allow(feed.pushes());
        traffic.wait_for(feed.pushes());
        drop(halt);
    });
    server.wait_until_ready();
    settle(site, &mut server, &site.reader(&at));
    traffic.repeat(1);
    let mut wrong = traffic.differing();
    wrong.extend(finish(site, server, &at, &feed));
    assert!(
        wrong.is_empty(),
        "FUNDWATCH_SEED={set}:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn a_full_disk_of_the_journal_refuses_pushes_and_loses_none() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("disk");
    let Some(disk) = Disk::mount(&data) else {
        return;
    };
    let site = Site::at(root, data.join("data"), "");
    without_room(&site, &disk, "disk_of_journal", |server, traffic| {
        refused(&disk, &traffic.client(), server, &site);
    });
}

#[test]
fn a_full_disk_of_the_store_delays_alerts_and_loses_none() {
    let root = tempfile::tempdir().unwrap();
    let store = root.path().join("disk");
    let Some(disk) = Disk::mount(&store) else {
        return;
    };
    let data = root.path().join("data");
    let config = format!(
        "[store]\nurl = \"sqlite:{}\"",
        store.join("alerts.db").display()
    );
    let site = Site::at(root, data, &config);
    without_room(&site, &disk, "disk_of_store", |server, traffic| {
        let until = Instant::now() + PATIENCE;
        loop {
            let ready = server.readiness();
            if server.ended().is_some() || ready.is_some_and(|(status, _)| status == 503) {
                return;
            }
            // All that was sent may have been stored before the disk was full: a store with nothing to write is
            // ready.
            traffic.allow(traffic.allowed() + 1);
            assert!(
                Instant::now() < until,
                "ready on a full disk\n{}",
                site.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    });
}
