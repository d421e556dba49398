//! A service whose dataflow several processes share, each under a supervisor, of which one is killed again and again.
//!
//! Must hold: whichever is killed, process 0 ends and says which was lost, unless it is the one; all come together again, and
//! nothing is lost and nothing is done twice.

use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::Scope;
use std::time::{Duration, Instant};

use crate::check::{finish, settle};
use crate::country::Country;
use crate::feed::Feed;
use crate::random::{Random, seed};
use crate::said;
use crate::server::{Site, Where};
use crate::traffic::Traffic;

/// Processes of the service.
const PROCESSES: usize = 3;
/// The longest that process 0 may take to notice that another was killed.
const NOTICED_WITHIN: Duration = Duration::from_secs(30);
/// Time between two looks of a supervisor.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The other processes, each started again whenever it ends.
struct Supervised {
    children: Vec<Mutex<Option<Child>>>,
    is_over: AtomicBool,
}

impl Supervised {
    fn new() -> Self {
        Self {
            children: (1..PROCESSES).map(|_| Mutex::new(None)).collect(),
            is_over: AtomicBool::new(false),
        }
    }

    fn start<'s>(&'s self, scope: &'s Scope<'s, '_>, site: &'s Site) {
        for (number, child) in self.children.iter().enumerate() {
            scope.spawn(move || {
                while !self.is_over.load(Ordering::Acquire) {
                    let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
                    let is_running = child
                        .as_mut()
                        .is_some_and(|child| child.try_wait().unwrap().is_none());
                    if !is_running {
                        let log = said::log_file(&site.path("log"));
                        let mut command = site.command(number + 1);
                        *child = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
                    }
                    drop(child);
                    std::thread::sleep(LOOK_EVERY);
                }
                let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(child) = child.as_mut() {
                    // It may have ended.
                    let _ = child.kill();
                    child.wait().unwrap();
                }
            });
        }
    }

    /// Kills a process, which is started again.
    fn kill(&self, process: usize) {
        let mut child = self.children[process - 1]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let child = child.as_mut().expect("it was started");
        // It may have ended with another one.
        let _ = child.kill();
        child.wait().unwrap();
    }
}

/// Ends the supervisors, also where a test has failed.
struct Ending<'s>(&'s Supervised);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Release);
    }
}

#[test]
fn whichever_process_is_killed_nothing_is_lost_and_nothing_is_done_twice() {
    let (set, seed) = seed("processes");
    let country = Country::new(1_000, seed);
    let feed = Feed::new(&country, seed);
    let site = Site::new("").shared_by(PROCESSES);
    let (at, others) = (Where::default(), Supervised::new());
    let traffic = Traffic::new(&feed, &site, &at, seed);
    let mut random = Random::new(seed, 5);
    let kills = 6;
    let wrong = std::thread::scope(|scope| {
        let _ending = Ending(&others);
        others.start(scope, &site);
        let mut server = std::thread::scope(|scope| {
            let mut server = site.start(&at);
            let halt = traffic.start(scope);
            for kill in 0..kills {
                let allowed = feed.pushes() * (kill + 1) / (kills + 1);
                traffic.allow(allowed);
                server.wait_until_ready();
                let answered = traffic.answered();
                traffic.wait_for(answered + random.below(allowed - answered));
                std::thread::sleep(random.millis(25));
                match kill % PROCESSES {
                    0 => server.kill(),
                    process => {
                        others.kill(process);
                        let killed = Instant::now();
                        let status = server.wait(NOTICED_WITHIN);
                        assert_eq!(
                            status.code(),
                            Some(1),
                            "after {:?}\n{}",
                            killed.elapsed(),
                            site.log()
                        );
                        let told = format!("process {process} at 127.0.0.1:");
                        assert!(site.log().contains(&told), "{told}\n{}", site.log());
                    }
                }
                server = site.spawn(&at);
            }
            server.wait_until_ready();
            traffic.allow(feed.pushes());
            traffic.wait_for(feed.pushes());
            drop(halt);
            server
        });
        settle(&site, &mut server, &site.reader(&at));
        traffic.repeat(4);
        let mut wrong = traffic.differing();
        wrong.extend(finish(&site, server, &at, &feed));
        wrong
    });
    assert!(
        wrong.is_empty(),
        "FUNDWATCH_SEED={set}:\n{}",
        wrong.join("\n")
    );
}
