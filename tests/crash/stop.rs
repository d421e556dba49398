//! The service is told to stop while all that sends rows goes on.

use std::time::{Duration, Instant};

use crate::check::{finish, settle};
use crate::country::Country;
use crate::feed::Feed;
use crate::random::{Random, seed};
use crate::server::{Site, Where};
use crate::traffic::Traffic;

/// `drain_timeout` of the configuration, and what it takes to end beside.
const BOUND: Duration = Duration::from_secs(22);

#[test]
fn a_stop_finishes_what_was_taken() {
    let (set, seed) = seed("stop");
    let country = Country::new(1_000, seed);
    let feed = Feed::new(&country, seed);
    let (site, at) = (Site::new(""), Where::default());
    let traffic = Traffic::new(&feed, &site, &at, seed);
    let mut random = Random::new(seed, 4);
    let stops = 4;
    let mut server = std::thread::scope(|scope| {
        let halt = traffic.start(scope);
        for stop in 1..=stops {
            let mut server = site.spawn(&at);
            server.wait_until_ready();
            let allowed = feed.pushes() * stop / (stops + 1);
            traffic.allow(allowed);
            let answered = traffic.answered();
            traffic.wait_for(answered + random.below(allowed - answered));
            std::thread::sleep(random.millis(15));
            let told = Instant::now();
            server.terminate();
            let status = server.wait(BOUND);
            let took = told.elapsed();
            assert_eq!(
                status.code(),
                Some(0),
                "{took:?}, FUNDWATCH_SEED={set}\n{}",
                site.log()
            );
        }
        let server = site.start(&at);
        traffic.allow(feed.pushes());
        traffic.wait_for(feed.pushes());
        drop(halt);
        server
    });
    settle(&site, &mut server, &site.reader(&at));
    // Each answer is still known, so that each is of the journal, and of the epoch that was told.
    traffic.repeat(1);
    let mut wrong = traffic.differing();
    wrong.extend(finish(&site, server, &at, &feed));
    assert!(
        wrong.is_empty(),
        "FUNDWATCH_SEED={set}:\n{}",
        wrong.join("\n")
    );
}
