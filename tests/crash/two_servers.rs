//! A second service on a journal that is being written.

use std::time::Duration;

use crate::check::{finish, settle};
use crate::country::Country;
use crate::feed::Feed;
use crate::random::seed;
use crate::server::{Site, Where};
use crate::traffic::Traffic;

#[test]
fn a_second_service_on_a_journal_ends_and_the_first_goes_on() {
    let (set, seed) = seed("two_servers");
    let country = Country::new(1_000, seed);
    let feed = Feed::new(&country, seed);
    let (site, at) = (Site::new(""), Where::default());
    let mut server = site.start(&at);
    let traffic = Traffic::new(&feed, &site, &at, seed);
    std::thread::scope(|scope| {
        let halt = traffic.start(scope);
        for turn in 1..=3 {
            traffic.allow(feed.pushes() * turn / 3);
            // In the middle of the first one's work.
            traffic.wait_for(feed.pushes() * turn / 3 - feed.pushes() / 6);
            let nowhere = Where::default();
            let second = site.spawn(&nowhere);
            let status = second.wait(Duration::from_secs(10));
            assert_eq!(status.code(), Some(1), "{}", site.log());
            assert_eq!(nowhere.api(), None, "it takes no requests");
            server.assert_runs();
        }
        traffic.wait_for(feed.pushes());
        drop(halt);
    });
    let first = format!(
        "another service writes this journal (process {} since",
        server.id()
    );
    assert_eq!(site.log().matches(&first).count(), 3, "{}", site.log());
    settle(&site, &mut server, &site.reader(&at));
    let mut wrong = traffic.differing();
    wrong.extend(finish(&site, server, &at, &feed));
    assert!(
        wrong.is_empty(),
        "FUNDWATCH_SEED={set}:\n{}",
        wrong.join("\n")
    );
}
