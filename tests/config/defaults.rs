//! The defaults: printed, parsed and published they are the same.

use std::path::PathBuf;
use std::time::Duration;

use fundwatch::access::Role;
use fundwatch::config::{
    Bytes, Call, Config, Database, HTTP_SOURCE, LogFormat, LogLevel, Resume, SourceKind,
    default_file, describe,
};
use fundwatch::notice::Span;
use fundwatch::record::Stream;
use fundwatch::rule::Reason;

use crate::support::{KEY, PASSWORD, Place, WEBHOOK, variable};

fn defaults() -> Config {
    Config::load(None, &Call::default(), &|_| None).expect("the defaults")
}

#[test]
fn the_printed_default_parses_to_exactly_the_defaults() {
    let place = Place::new();
    assert_eq!(place.load(&default_file()).expect("right"), defaults());
    assert_eq!(place.load("").expect("right"), defaults());
}

/// Written by hand, so that a default does not change by a slip.
#[test]
fn the_defaults_are_those_that_operators_know() {
    let config = defaults();
    let seconds = |seconds| Span(Duration::from_secs(seconds));
    assert_eq!(config.http().listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.ops().listen.to_string(), "127.0.0.1:9464");
    assert_eq!(config.http().max_body, Bytes(16 << 20));
    assert_eq!(config.http().idempotency_window, seconds(86_400));
    assert_eq!(config.epoch().max_wait, Span(Duration::from_millis(100)));
    assert_eq!(config.epoch().max_rows, 10_000);
    assert_eq!(config.epoch().max_ahead, 4);
    assert_eq!(config.journal().segment_size, Bytes(64 << 20));
    assert_eq!(config.snapshot().every, seconds(6 * 3600));
    assert_eq!(config.snapshot().keep, 3);
    assert_eq!(config.detector().workers, 1);
    assert_eq!(config.detector().reasons, None);
    assert_eq!(config.readiness().max_lag, seconds(30));
    assert_eq!(config.shutdown().drain_timeout, seconds(30));
    assert_eq!(config.retention().claims, None);
    assert_eq!(config.memory().limit, None);
    assert_eq!(config.log().level, LogLevel::Info);
    assert_eq!(config.log().format, LogFormat::Auto);
    assert!(config.oidc().issuer.is_none() && config.oidc().local_accounts);
    assert_eq!(config.oidc().groups_claim, "groups");
    assert_eq!(config.breaker(HTTP_SOURCE).max_rejected_share.0, 0.2);
    assert_eq!(config.breaker(HTTP_SOURCE).min_rows, 1_000);
    assert_eq!(config.breaker(HTTP_SOURCE).resume, Resume::Operator);
    assert_eq!(*config.database(), Database::Embedded);
    assert!(config.master_key().is_none() && config.sources().is_empty());
    let expected = |stream| config.expected_interval().of(stream);
    assert_eq!(expected(Stream::Claims), Some(seconds(900)));
    assert_eq!(expected(Stream::Citizens), Some(seconds(86_400)));
}

/// Keys of which another is named already where all examples are in force.
const ALTERNATIVES: [&str; 7] = [
    "#master_key_env",
    "#master_key_command",
    "#url_file",
    "#url_env",
    "#sha256",
    "#client_secret_env",
    "#secret_env",
];

/// The printed default with its examples in force, but for some.
fn with_examples(left_out: &[&str]) -> String {
    let lines = default_file();
    let mut is_of_store = false;
    let lines = lines.lines().map(|line| {
        if line.trim_start_matches('#').starts_with('[') {
            is_of_store = line == "[store]";
        }
        let is_left_out = |key: &&str| {
            // Webhooks have one as well, which they need.
            let is_meant = is_of_store || *key != "#url";
            is_meant && line.starts_with(&format!("{key} ="))
        };
        match line.strip_prefix('#') {
            Some(_) if left_out.iter().any(is_left_out) => "",
            Some(example) if !example.is_empty() && !example.starts_with(' ') => example,
            _ => line,
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_example_of_the_printed_default_can_be_put_in_force() {
    let place = Place::new();
    let config = place.load(&with_examples(&ALTERNATIVES));
    let config = config.unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<&str> = config
        .sources()
        .iter()
        .map(|source| source.name())
        .collect();
    assert_eq!(names, ["hospital-files", "registers"]);
    assert_eq!(config.client_certificates().len(), 1);
    assert_eq!(config.portals()[0].name, "vssid");
    assert_eq!(config.webhooks()[0].name, "case-system");
    assert!(!format!("{config:?}").contains("BwcHBwcH"));
    assert_eq!(config.oidc_groups()[0].role, Role::Reviewer);
    assert_eq!(config.oidc_secret().expect("a secret").reveal(), PASSWORD);
    let reasons = config.detector().reasons.expect("reasons");
    assert!(reasons.contains(Reason::OverlappingStay) && !reasons.contains(Reason::StaleCard));
    assert!(config.master_key().is_some());
    assert!(matches!(config.database(), Database::Postgres(_)));
    assert_eq!(config.breaker("registers").max_rejected_share.0, 0.05);
    assert_eq!(
        config.breaker("registers").min_rows,
        1_000,
        "as in [breaker]"
    );
    let SourceKind::Directory(files) = &config.sources()[0].kind else {
        panic!("a directory comes first");
    };
    assert_eq!(&*files.path, place.path("incoming"), "relative to the file");
    let SourceKind::Kafka(kafka) = &config.sources()[1].kind else {
        panic!("Kafka comes second");
    };
    let properties = kafka.properties.as_ref().expect("properties");
    assert_eq!(properties.0["sasl.password"].reveal(), PASSWORD);
    for other in [
        vec![
            "#master_key_command",
            "#master_key_file",
            "#url_file",
            "#url_env",
            "#subject",
        ],
        vec![
            "#master_key_command",
            "#master_key_file",
            "#url",
            "#url_env",
            "#sha256",
        ],
        vec![
            "#master_key_command",
            "#master_key_env",
            "#url",
            "#url_file",
            "#sha256",
        ],
    ] {
        let other = [other, vec!["#client_secret_file", "#secret_file"]].concat();
        let config = place.load(&with_examples(&other));
        config.unwrap_or_else(|error| panic!("{other:?}: {error}"));
    }
}

#[test]
fn no_secret_is_shown_by_what_holds_it() {
    let place = Place::new();
    let config = place.load(&with_examples(&[
        "#master_key_env",
        "#master_key_command",
        "#url",
        "#url_env",
        "#sha256",
        "#client_secret_env",
        "#secret_env",
    ]));
    let config = config.unwrap_or_else(|error| panic!("{error}"));
    let shown = format!("{config:?} {config:#?}");
    for secret in [
        PASSWORD,
        KEY,
        WEBHOOK,
        "AAECAwQF",
        "[0, 1, 2, 3",
        "[7, 7, 7",
    ] {
        assert!(!shown.contains(secret), "{secret} is shown");
    }
    assert!(shown.contains("MasterKey(***)") && shown.contains("Postgres(Secret(***))"));
    // What is not secret is, so that the test cannot pass on an empty text.
    assert!(shown.contains("hospital-files") && shown.contains("SCRAM-SHA-512"));
}

#[test]
fn the_environment_can_hold_what_is_secret() {
    let place = Place::new();
    let text = "[journal]\nmaster_key_env = \"FUNDWATCH_JOURNAL_KEY\"\n[store]\nurl_env = \"FUNDWATCH_STORE_URL\"\n";
    let config = place.load(text).expect("right");
    let from_file = "[journal]\nmaster_key_file = \"secrets/journal.key\"\n";
    let from_file = place.load(from_file).expect("right");
    assert_eq!(config.master_key(), from_file.master_key());
    let Database::Postgres(url) = config.database() else {
        panic!("{:?}", config.database());
    };
    assert_eq!(
        Some(url.reveal().to_owned()),
        variable("FUNDWATCH_STORE_URL")
    );
}

#[test]
fn the_published_page_is_the_generated_one() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let generated = describe();
    if std::env::var_os("FUNDWATCH_BLESS").is_some() {
        std::fs::write(&path, &generated).expect("the page");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == generated,
        "{} is out of date: run FUNDWATCH_BLESS=1 cargo test --test config",
        path.display()
    );
}

#[test]
fn every_key_has_a_meaning_and_no_line_is_too_long() {
    for line in default_file().lines() {
        assert!(
            line.chars().count() <= 112 || line.starts_with("#properties"),
            "{line}"
        );
    }
    let page = describe();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let mut count = 0;
    for row in rows {
        let cells: Vec<&str> = row.split(" | ").collect();
        let meaning = cells.last().expect("a cell").trim_end_matches('|').trim();
        assert!(meaning.ends_with('.') && meaning.len() > 8, "{row}");
        count += 1;
    }
    assert!(count > 70, "{count}");
}
