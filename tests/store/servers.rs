//! A PostgreSQL server that restarts, ends sessions, or is cut off while a commit ends.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fundwatch::store::{self, AlertStore, EpochCommit, Opening, Server, StoreError, StorePlace};

use crate::backend::{JOURNAL, key};
use crate::made::{dump, raising, withdrawing};
use crate::postgres_cluster::{Cluster, PASSWORD};

const OPENING: Opening = Opening {
    journal_id: JOURNAL,
    generation: 1,
};

fn open(url: &str) -> Box<dyn AlertStore> {
    let place: StorePlace = url.parse().expect("a URL");
    store::open(&place, OPENING, &key()).expect("a store")
}

fn epoch(number: u64) -> EpochCommit {
    let from = number as u32 * 100;
    let mut made = raising(number, from..from + 20);
    if number > 1 {
        let gone = withdrawing(number, from - 100..from - 90);
        made.alerts.extend(gone.alerts);
        made.history.extend(gone.history);
    }
    made
}

/// Whether the store holds exactly the epochs up to this one, each once.
fn check(cluster: &Cluster, store: &mut dyn AlertStore, last: u64) {
    let name = cluster.database();
    let mut expected = open(&cluster.url(&name));
    let epochs: Vec<_> = (1..=last).map(epoch).collect();
    expected.commit(&epochs).expect("committed");
    assert!(
        dump(store.reads()) == dump(expected.reads()),
        "not what {last} epochs leave"
    );
}

#[test]
fn a_restart_is_waited_for() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let name = cluster.database();
    let mut store = open(&cluster.url(&name));
    let mut reader = store.reader().expect("a reader");
    store.commit(&[epoch(1)]).expect("committed");
    reader.ping().expect("there");
    for (round, mode) in ["fast", "immediate"].into_iter().enumerate() {
        let next = 2 + round as u64 * 10;
        cluster.down(mode);
        let gone = reader.ping().expect_err("gone");
        assert!(
            matches!(gone, StoreError::Unreachable { .. }) && gone.is_passing(),
            "{gone}"
        );
        thread::scope(|scope| {
            let committing = scope.spawn(|| {
                for number in next..next + 10 {
                    store
                        .commit(&[epoch(number)])
                        .expect("committed after the restart");
                }
            });
            thread::sleep(Duration::from_millis(400));
            assert!(!committing.is_finished());
            cluster.up();
        });
        reader.ping().expect("there again");
        assert_eq!(reader.committed().expect("read").epoch, Some(next + 9));
    }
    check(&cluster, &mut *store, 21);
}

#[test]
fn a_crash_in_the_middle_loses_nothing() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let name = cluster.database();
    let mut store = open(&cluster.url(&name));
    let last = 400_u64;
    thread::scope(|scope| {
        let committing = scope.spawn(|| {
            for number in 1..=last {
                store.commit(&[epoch(number)]).expect("committed");
            }
        });
        for _ in 0..3 {
            thread::sleep(Duration::from_millis(250));
            cluster.down("immediate");
            cluster.up();
        }
        committing.join().expect("all were committed");
    });
    check(&cluster, &mut *store, last);
}

#[test]
fn sessions_that_are_ended_lose_nothing() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let name = cluster.database();
    let mut store = open(&cluster.url(&name));
    let mut killer = cluster.client("postgres");
    let is_over = AtomicBool::new(false);
    let committed = AtomicU32::new(0);
    let last = 400_u64;
    let killed = thread::scope(|scope| {
        let killing = scope.spawn(|| {
            let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = $1 AND application_name = 'fundwatch'";
            let (mut killed, mut seen) = (0, 0);
            while !is_over.load(Ordering::Relaxed) {
                // After a commit, so that there is progress on a slow machine as well, and then anywhere
                // in the next ones.
                let now = committed.load(Ordering::Relaxed);
                if now > seen {
                    seen = now;
                    thread::sleep(Duration::from_micros(killed as u64 * 997 % 9000));
                    killed += killer.query(kill, &[&name]).expect("killed").len();
                }
                thread::sleep(Duration::from_millis(1));
            }
            killed
        });
        for number in 1..=last {
            let from = number.saturating_sub(1).max(1);
            let epochs: Vec<_> = (from..=number).map(epoch).collect();
            store.commit(&epochs).expect("committed");
            committed.fetch_add(1, Ordering::Relaxed);
        }
        is_over.store(true, Ordering::Relaxed);
        killing.join().expect("no panic")
    });
    assert!(killed > 10, "{killed}");
    check(&cluster, &mut *store, last);
}

/// What becomes of a `COMMIT` that passes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// The server never sees it.
    Before,
    /// The server does it, and its answer is lost.
    After,
}

/// A way to the server on which every third `COMMIT` is the connection's last.
struct Proxy {
    port: u16,
    commits: Arc<AtomicU32>,
}

impl Proxy {
    fn start(server: u16, cut: Cut) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let commits = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&commits);
        // It ends with the process.
        thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.expect("a connection");
                let server = TcpStream::connect(("127.0.0.1", server)).expect("the server");
                let (from, to) = (server.try_clone(), client.try_clone());
                let (mut from, mut to) = (from.expect("a clone"), to.expect("a clone"));
                let counted = Arc::clone(&counted);
                thread::spawn(move || forward(client, server, cut, &counted));
                thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(Shutdown::Both);
                });
            }
        });
        Self { port, commits }
    }
}

fn forward(mut client: TcpStream, mut server: TcpStream, cut: Cut, commits: &AtomicU32) {
    let mut bytes = [0; 65_536];
    loop {
        let read = client.read(&mut bytes).unwrap_or(0);
        if read == 0 {
            let _ = server.shutdown(Shutdown::Both);
            return;
        }
        let part = &bytes[..read];
        let is_commit = part.windows(7).any(|text| text == b"COMMIT\0");
        if is_commit && commits.fetch_add(1, Ordering::Relaxed) % 3 == 2 {
            if cut == Cut::After {
                // The way back is closed first, so that the answer cannot pass.
                let _ = client.shutdown(Shutdown::Both);
                server.write_all(part).expect("forwarded");
                thread::sleep(Duration::from_millis(50));
            }
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Both);
            return;
        }
        if server.write_all(part).is_err() {
            let _ = client.shutdown(Shutdown::Both);
            return;
        }
    }
}

#[test]
fn a_commit_whose_answer_is_lost_is_made_once() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    for cut in [Cut::Before, Cut::After] {
        let name = cluster.database();
        let mut direct = open(&cluster.url(&name));
        let proxy = Proxy::start(cluster.port(), cut);
        let port = proxy.port;
        let url = format!("postgres://fundwatch:{PASSWORD}@127.0.0.1:{port}/{name}");
        let mut store = open(&url);
        let mut repeated = 0;
        for number in 1..=30 {
            repeated += store.commit(&[epoch(number)]).expect("committed").repeated;
        }
        // What the server did before it was cut off was found, and not done again.
        assert_eq!(repeated > 5, cut == Cut::After, "{cut:?}: {repeated}");
        assert!(proxy.commits.load(Ordering::Relaxed) > 35);
        check(&cluster, &mut *direct, 30);
    }
}

#[test]
fn a_server_that_stays_away_is_told() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let name = cluster.database();
    let server: Server = cluster.url(&name).parse().expect("a URL");
    let place = StorePlace::Server(Box::new(server.with_patience(Duration::from_secs(1))));
    let mut store = store::open(&place, OPENING, &key()).expect("a store");
    cluster.down("fast");
    let begun = Instant::now();
    let gone = store.commit(&[epoch(1)]).expect_err("gone");
    assert!(
        matches!(gone, StoreError::Unreachable { .. }) && gone.is_passing(),
        "{gone}"
    );
    assert!(begun.elapsed() < Duration::from_secs(5));
    cluster.up();
    store.commit(&[epoch(1)]).expect("committed");
}

#[test]
fn another_writer_that_hangs_is_told() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let name = cluster.database();
    let mut store = open(&cluster.url(&name));
    store.commit(&[epoch(1)]).expect("committed");
    // The lock is given up soon, as if half a minute had passed.
    let mut client = cluster.client(&name);
    let soon = "CREATE FUNCTION fundwatch.soon() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE USING ERRCODE = 'lock_not_available'; END $$;
        CREATE TRIGGER soon BEFORE UPDATE ON fundwatch.meta EXECUTE FUNCTION fundwatch.soon()";
    client.batch_execute(soon).expect("a trigger");
    let busy = store.commit(&[epoch(2)]).expect_err("busy");
    assert!(
        matches!(busy, StoreError::Busy { .. }) && busy.is_passing(),
        "{busy}"
    );
    client
        .batch_execute("DROP TRIGGER soon ON fundwatch.meta")
        .expect("dropped");
    // One that is in the middle of a commit is waited for.
    let mut holding = client.transaction().expect("a transaction");
    holding
        .execute("SELECT 1 FROM fundwatch.meta FOR UPDATE", &[])
        .expect("held");
    thread::scope(|scope| {
        let waiting = scope.spawn(|| store.commit(&[epoch(2)]).expect("committed"));
        thread::sleep(Duration::from_millis(300));
        assert!(!waiting.is_finished());
        holding.rollback().expect("let go");
    });
}
