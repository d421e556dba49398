//! Processes, each on threads of this one, over loopback.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::hello::{Hello, Purpose, Reply};
use super::*;

#[path = "../../tests/support/ports.rs"]
mod ports;

/// Hosts on free ports of loopback, as each process sees them.
fn hosts(processes: usize) -> Vec<Hosts> {
    let lines = ports::free_addresses(processes);
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), lines.join("\n")).expect("written");
    (0..processes)
        .map(|process| Hosts::read(file.path(), processes, process).expect("hosts"))
        .collect()
}

const GENERATION: Generation = Generation(7);

fn gather(hosts: &Hosts) -> Result<Gathered, ProcessesError> {
    let answer: Answer = Arc::new(|question| match question {
        b"nothing" => Err("there is no answer".to_owned()),
        question => Ok(question.iter().rev().copied().collect()),
    });
    let gathering = Gathering::start(hosts.clone(), GENERATION, "a program")?;
    gathering.finish(b"terms".to_vec(), (answer, Arc::new(|_| {})), &mut |_| {})
}

fn joined(hosts: &Hosts) -> Result<Joined, ProcessesError> {
    join(hosts, "a program", &mut |_| {})
}

/// All processes, come together.
fn together(processes: usize) -> (Gathered, Vec<Joined>) {
    let hosts = hosts(processes);
    thread::scope(|scope| {
        let others: Vec<_> = (hosts[1..].iter().rev())
            .map(|hosts| scope.spawn(move || joined(hosts)))
            .collect();
        let gathered = gather(&hosts[0]).expect("gathered");
        let others = others.into_iter().rev();
        let others = others.map(|other| other.join().expect("no panic").expect("joined"));
        (gathered, others.collect())
    })
}

fn within(time: Duration, what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + time;
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn every_process_is_connected_with_every_other() {
    let (gathered, others) = together(3);
    let mut connections: Vec<Vec<Option<TcpStream>>> = vec![gathered.connections];
    for (number, other) in others.into_iter().enumerate() {
        assert_eq!((other.process, other.generation), (number + 1, GENERATION));
        assert_eq!(other.terms, b"terms");
        connections.push(other.connections);
    }
    for (a, of_a) in connections.iter().enumerate() {
        assert_eq!(of_a.len(), 3);
        for (b, here) in of_a.iter().enumerate() {
            let there = connections[b][a].as_ref();
            assert_eq!(
                here.is_none(),
                a == b,
                "none with itself, one with each other"
            );
            if let (Some(here), Some(there)) = (here, there) {
                let (from, to) = (here.local_addr(), there.peer_addr());
                assert_eq!(from.expect("open"), to.expect("open"));
            }
        }
    }
}

#[test]
fn questions_of_several_threads_are_answered_each() {
    let (_gathered, others) = together(3);
    thread::scope(|scope| {
        for (number, other) in others.iter().enumerate() {
            for of_thread in 0..4u8 {
                let control = other.control.clone();
                scope.spawn(move || {
                    for question in 0..100u8 {
                        let asked = vec![u8::try_from(number).expect("few"), of_thread, question];
                        let answer = control.ask(asked.clone()).expect("an answer");
                        assert_eq!(answer, asked.into_iter().rev().collect::<Vec<_>>());
                    }
                    assert_eq!(
                        control.ask(b"nothing".to_vec()),
                        Err("there is no answer".to_owned())
                    );
                });
            }
        }
    });
}

#[test]
fn all_say_what_they_held_when_the_last_epoch_is_done() {
    let (gathered, others) = together(3);
    thread::scope(|scope| {
        for other in &others {
            scope.spawn(move || {
                within(LOST_AFTER, "it is told of the end", || {
                    other.control.is_finished()
                });
                other
                    .control
                    .tell_held(vec![u8::try_from(other.process).expect("few")]);
            });
        }
        let mut held = gathered.coordinator.finish().expect("nobody is lost");
        held.sort();
        assert_eq!(held, [[1], [2]]);
    });
    drop(others);
    thread::sleep(SIGN_OF_LIFE_EVERY + Duration::from_millis(500));
    assert_eq!(
        gathered.coordinator.loss().get(),
        None,
        "that they end then is no loss"
    );
}

#[test]
fn a_process_that_ends_is_lost_and_so_is_process_0_to_the_others() {
    let (gathered, mut others) = together(3);
    let address = hosts_of(&gathered, 2);
    drop(others.pop());
    within(LOST_AFTER, "it is lost", || {
        gathered.coordinator.loss().get().is_some()
    });
    let lost = gathered
        .coordinator
        .loss()
        .get()
        .expect("it is lost")
        .clone();
    assert_eq!((lost.process, lost.told.as_str()), (2, "it ended"));
    assert_eq!(
        gathered
            .coordinator
            .finish()
            .expect_err("it is lost")
            .process,
        2
    );
    assert_eq!(
        lost.to_string(),
        format!(
            "process 2 at {address} was lost: it ended; all processes of a run stop together: start them again"
        )
    );
    let other = others.pop().expect("another");
    drop(gathered);
    within(LOST_AFTER, "process 0 is lost", || {
        other.control.loss().get().is_some()
    });
    let told = other.control.ask(Vec::new()).expect_err("nobody answers");
    assert!(told.starts_with("process 0 at 127.0.0.1:"), "{told}");
}

fn hosts_of(gathered: &Gathered, process: usize) -> String {
    gathered.coordinator.address(process).to_owned()
}

#[test]
fn a_process_whose_connection_carries_nothing_is_lost() {
    let (gathered, others) = together(2);
    let other = &others[0];
    // Stands still as a stopped process would: nothing is read or written, and nothing is closed.
    let silent = other.control.silence();
    within(LOST_AFTER * 2, "it is lost", || {
        gathered.coordinator.loss().get().is_some()
    });
    let lost = gathered.coordinator.loss().get().expect("it is lost");
    assert_eq!(lost.told, "nothing was heard of it for 15 s");
    drop(silent);
}

#[test]
fn what_does_not_belong_is_refused_and_keeps_nobody_waiting() {
    let hosts = hosts(2);
    let address = hosts[0].address(0).to_owned();
    let gathering =
        Gathering::start(hosts[0].clone(), GENERATION, "a program").expect("it listens");
    let silent = TcpStream::connect(&address).expect("connected");
    let mut strange = TcpStream::connect(&address).expect("connected");
    strange
        .write_all(b"GET / HTTP/1.1\r\n\r\n")
        .expect("written");
    let refused = |hello: Hello| {
        let mut stream = TcpStream::connect(&address).expect("connected");
        hello.say(&mut stream).expect("said");
        match frame::read(&mut stream, frame::LARGEST).expect("an answer") {
            Reply::Refused(told) => told,
            reply => panic!("{reply:?}"),
        }
    };
    let hello = Hello {
        program: "a program".to_owned(),
        processes: 2,
        process: 1,
        purpose: Purpose::Dataflow(Generation(6)),
    };
    let earlier = refused(hello.clone());
    assert_eq!(
        earlier,
        "it is of an earlier run; start all processes again"
    );
    let other_program = refused(Hello {
        program: "another".to_owned(),
        ..hello.clone()
    });
    assert_eq!(
        other_program,
        "it runs another program than this one; install the same on every machine"
    );
    let other_count = refused(Hello {
        processes: 3,
        ..hello.clone()
    });
    assert_eq!(
        other_count,
        "it was started with --processes 2, this one with 3"
    );
    let same_number = refused(Hello {
        process: 0,
        ..hello
    });
    assert_eq!(
        same_number,
        "a process with number 0 does not connect to number 0"
    );
    thread::scope(|scope| {
        let other = scope.spawn(|| joined(&hosts[1]));
        let answer: Answer = Arc::new(|_| Ok(Vec::new()));
        let gathered = gathering.finish(Vec::new(), (answer, Arc::new(|_| {})), &mut |_| {});
        assert!(gathered.is_ok());
        assert!(other.join().expect("no panic").is_ok());
    });
    drop(silent);
}

#[test]
fn of_two_processes_with_one_number_one_is_told() {
    let hosts = hosts(3);
    let gathering =
        Gathering::start(hosts[0].clone(), GENERATION, "a program").expect("it listens");
    thread::scope(|scope| {
        let first = scope.spawn(|| joined(&hosts[2]));
        thread::sleep(Duration::from_millis(300));
        let second = scope.spawn(|| joined(&hosts[2]));
        let told = first
            .join()
            .expect("no panic")
            .err()
            .expect("refused")
            .to_string();
        assert!(
            told.ends_with(": another process joined as number 2"),
            "{told}"
        );
        let other = scope.spawn(|| joined(&hosts[1]));
        let answer: Answer = Arc::new(|_| Ok(Vec::new()));
        let gathered = gathering.finish(Vec::new(), (answer, Arc::new(|_| {})), &mut |_| {});
        assert!(gathered.is_ok());
        assert!(second.join().expect("no panic").is_ok());
        assert!(other.join().expect("no panic").is_ok());
    });
}

#[test]
fn public_addresses_are_refused() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "127.0.0.1:2101\n8.8.8.8:2101\n").expect("written");
    for process in 0..2 {
        let hosts = Hosts::read(file.path(), 2, process).expect("hosts");
        let refused = match process {
            0 => gather(&hosts).err(),
            _ => joined(&hosts).err(),
        };
        let told = refused.expect("refused").to_string();
        assert!(
            told.starts_with("8.8.8.8:2101 is a public address"),
            "{told}"
        );
    }
}
