//! What a running service takes over of a changed file, and what waits for a restart.

use std::fs;

use fundwatch::config::{Config, HTTP_SOURCE, Reloaded, default_file};

use crate::support::{Place, WEBHOOK};

fn reload(place: &Place, before: &str, after: &str) -> (Config, Reloaded) {
    let before = place.load(before).expect("right");
    let after = place.load(after).expect("right");
    let reloaded = before.reload(&after);
    (after, reloaded)
}

#[test]
fn an_equal_file_changes_nothing() {
    let place = Place::new();
    let (after, reloaded) = reload(&place, "", &default_file());
    assert_eq!(reloaded.config, after);
    assert!(reloaded.taken.is_empty() && reloaded.waiting.is_empty());
}

#[test]
fn what_may_change_is_taken_over_and_the_rest_is_named() {
    let place = Place::new();
    let (after, reloaded) = reload(
        &place,
        "",
        "[breaker]\nmin_rows = 5\n[expected_interval]\nclaims = \"off\"\n[readiness]\nmax_lag = \"1m\"\n\
         [log]\nlevel = \"debug\"\nformat = \"json\"\n[http]\nmax_connections = 7\nlisten = \"127.0.0.1:1\"\n\
         [epoch]\nmax_rows = 9\n[retention]\nclaims = \"400d\"\n",
    );
    assert_eq!(
        reloaded.taken,
        [
            // It follows that of all sources.
            "http.breaker.min_rows",
            "breaker.min_rows",
            "readiness.max_lag",
            "expected_interval.claims",
            "log.level"
        ]
    );
    let waiting = [
        "http.listen",
        "http.max_connections",
        "epoch.max_rows",
        "retention.claims",
        "log.format",
    ];
    assert_eq!(reloaded.waiting, waiting);
    let config = &reloaded.config;
    assert_eq!(config.http().max_connections, 1_024);
    assert_eq!(config.http().listen.port(), 8080);
    assert_eq!(config.epoch().max_rows, 10_000);
    assert_eq!(config.breaker(HTTP_SOURCE).min_rows, 5);
    assert_eq!(config.log().level, after.log().level);
    // The next reload of the same file names what still waits, and nothing else.
    let again = config.reload(&after);
    assert!(again.taken.is_empty());
    assert_eq!(again.waiting, waiting);
    assert_eq!(again.config, *config);
}

#[test]
fn sources_are_followed_by_their_names() {
    let place = Place::new();
    let files = "[[source]]\nname = \"files\"\nkind = \"directory\"\npath = \"incoming\"\ndone = \"done\"\n";
    let other = files.replace("files", "other").replace("incoming", "other");
    let changed = format!("{files}poll_interval = \"1m\"\nbreaker = {{ window = \"1h\" }}\n");
    let (_, reloaded) = reload(&place, &format!("{other}{files}"), &changed);
    assert_eq!(reloaded.taken, ["source.files.breaker.window"]);
    assert_eq!(
        reloaded.waiting,
        ["source.other", "source.files.poll_interval"]
    );
    assert_eq!(reloaded.config.sources().len(), 2);
    let (_, reloaded) = reload(&place, files, &format!("{files}{other}"));
    assert_eq!(reloaded.waiting, ["source.other"]);
    let kafka = "[[source]]\nname = \"files\"\nkind = \"kafka\"\nbrokers = [\"localhost:1\"]\ngroup = \"g\"\n\
                 topics = { x = \"cards\" }\n";
    let (_, reloaded) = reload(&place, files, kafka);
    assert_eq!(reloaded.waiting, ["source.files.kind"]);
}

/// Half of a change that fits together may not: it waits for the other half.
#[test]
fn what_is_in_force_fits_together_after_half_a_change() {
    let place = Place::new();
    let larger = "[http]\nmax_body = \"200MiB\"\n[queue]\nsource_max_bytes = \"256MiB\"\n[readiness]\nmax_lag = \"1m\"\n";
    let (_, reloaded) = reload(&place, "", larger);
    assert_eq!(reloaded.taken, ["readiness.max_lag"]);
    assert_eq!(
        reloaded.waiting,
        ["http.max_body", "queue.source_max_bytes"]
    );
    assert_eq!(reloaded.config.http().max_body.0, 16 << 20);

    let clients = "[http]\ncertificate_file = \"tls/server.pem\"\nkey_file = \"tls/server.key\"\n\
        client_ca_file = \"tls/clients.pem\"\n[[client_certificate]]\nname = \"a\"\nrole = \"feed\"\nsubject = \"CN=a\"\n";
    let (after, reloaded) = reload(&place, "", clients);
    assert!(reloaded.taken.is_empty());
    assert!(reloaded.config.client_certificates().is_empty());
    assert!(
        reloaded
            .waiting
            .iter()
            .any(|key| key == "client_certificate")
    );
    // Once the authorities are in force, clients come and go.
    let more = clients.replace("CN=a", "CN=b");
    let more = place.load(&more).expect("right");
    let reloaded = after.reload(&more);
    assert_eq!(reloaded.taken, ["client_certificate"]);
    assert_eq!(reloaded.config, more);
}

#[test]
fn another_secret_in_the_same_file_waits_for_a_restart() {
    let place = Place::new();
    let text = "[journal]\nmaster_key_file = \"secrets/journal.key\"\n[store]\nurl_file = \"secrets/store.url\"\n";
    let before = place.load(text).expect("right");
    let hex = "0123456789abcdef".repeat(4);
    fs::write(place.path("secrets/journal.key"), hex).expect("written");
    fs::write(place.path("secrets/store.url"), "sqlite:alerts.db").expect("written");
    let reloaded = before.reload(&place.load(text).expect("right"));
    assert_eq!(
        reloaded.waiting,
        [
            "journal.master_key (the key itself)",
            "store.url (the address itself)"
        ]
    );
    assert_eq!(reloaded.config, before);
}

#[test]
fn another_secret_of_a_webhook_waits_for_a_restart_and_is_named() {
    let place = Place::new();
    let text = "[[webhook]]\nname = \"case-system\"\nurl = \"https://cases.example/fundwatch\"\n\
        secret_file = \"secrets/case-system.secret\"\n";
    let before = place.load(text).expect("right");
    let other = WEBHOOK.replace("BwcH", "CAgI");
    fs::write(place.path("secrets/case-system.secret"), other).expect("written");
    let after = place.load(text).expect("right");
    let reloaded = before.reload(&after);
    assert_eq!(reloaded.waiting, ["webhook"]);
    assert!(reloaded.taken.is_empty() && reloaded.config == before);
}
