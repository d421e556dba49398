//! TLS to a PostgreSQL server, passwords, and what is told of both.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use fundwatch::store::{self, Opening, StoreError, StorePlace};

use crate::backend::{JOURNAL, key};
use crate::made::raising;
use crate::postgres_cluster::{Cluster, PASSWORD};

const OPENING: Opening = Opening {
    journal_id: JOURNAL,
    generation: 1,
};

fn refused(url: &str) -> StoreError {
    let place: StorePlace = url.parse().expect("a URL");
    let refused = store::open(&place, OPENING, &key()).err().expect("refused");
    let told = format!("{refused} {refused:?} {place} {place:?}");
    assert!(
        !told.contains("ss-of-a-test") && !told.contains("wr0ng"),
        "{told}"
    );
    refused
}

#[test]
fn a_server_must_prove_who_it_is() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let name = cluster.database();
    let url = |host: &str, password: &str, rest: &str| {
        let port = cluster.port();
        format!("postgres://fundwatch:{password}@{host}:{port}/{name}?{rest}")
    };
    // Before it has a certificate: what asks for TLS does not go without.
    let without = refused(&url("localhost", PASSWORD, "sslmode=verify-full"));
    assert!(
        matches!(without, StoreError::Unreachable { .. }),
        "{without}"
    );

    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
    let made = made.expect("a certificate");
    let files = tempfile::tempdir().expect("a directory");
    let (roots, others) = (
        files.path().join("roots.pem"),
        files.path().join("others.pem"),
    );
    fs::write(&roots, made.cert.pem()).expect("written");
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
    fs::write(&others, other.expect("a certificate").cert.pem()).expect("written");
    let (server_key, certificate) = (
        cluster.data().join("server.key"),
        cluster.data().join("server.crt"),
    );
    fs::write(&certificate, made.cert.pem()).expect("written");
    fs::write(&server_key, made.signing_key.serialize_pem()).expect("written");
    fs::set_permissions(&server_key, fs::Permissions::from_mode(0o600)).expect("set");
    cluster.give(&server_key);
    cluster.give(&certificate);
    cluster.down("fast");
    cluster.configure("ssl = on");
    // Nobody gets in by TCP without TLS.
    let rules = cluster.data().join("pg_hba.conf");
    fs::write(
        &rules,
        "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n",
    )
    .expect("written");
    cluster.up();

    let trusting = format!("sslmode=verify-full&sslrootcert={}", roots.display());
    let place: StorePlace = url("localhost", PASSWORD, &trusting)
        .parse()
        .expect("a URL");
    let mut store = store::open(&place, OPENING, &key()).expect("a store by TLS");
    store.commit(&[raising(1, 0..10)]).expect("committed");
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE ssl AND datname = $1 AND application_name = 'fundwatch'";
    let encrypted = cluster.client("postgres").query_one(encrypted, &[&name]);
    assert_eq!(encrypted.expect("a row").get::<_, i64>(0), 1);

    // Another name, another root, browsers' roots, no TLS, another password.
    let named = refused(&url("127.0.0.1", PASSWORD, &trusting));
    assert!(named.to_string().contains("certificate"), "{named}");
    let rest = format!("sslmode=require&sslrootcert={}", others.display());
    let rooted = refused(&url("localhost", PASSWORD, &rest));
    assert!(rooted.to_string().contains("certificate"), "{rooted}");
    refused(&url("localhost", PASSWORD, "sslmode=verify-full"));
    let plain = refused(&url("localhost", PASSWORD, "sslmode=disable"));
    assert!(matches!(plain, StoreError::Refused { .. }), "{plain}");
    let wrong = refused(&url("localhost", "wr0ng", &trusting));
    assert!(matches!(wrong, StoreError::Refused { .. }), "{wrong}");
    assert!(wrong.to_string().contains("28P01"), "{wrong}");
    let rest = "sslmode=verify-full&sslrootcert=/no/such.pem";
    let absent = refused(&url("localhost", PASSWORD, rest));
    assert!(absent.to_string().contains("/no/such.pem"), "{absent}");
    let rest = format!("sslrootcert={}", server_key.display());
    assert!(matches!(
        refused(&url("localhost", PASSWORD, &rest)),
        StoreError::File { .. }
    ));
    let place = cluster.url("no_such_database");
    assert!(matches!(refused(&place), StoreError::Refused { .. }));
}

#[test]
fn who_may_not_write_is_told() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let name = cluster.database();
    let mut client = cluster.client(&name);
    let visitor = format!("visitor_of_{name}");
    client
        .batch_execute(&format!("CREATE ROLE {visitor} LOGIN"))
        .expect("a role");
    let url = cluster
        .url(&name)
        .replace("fundwatch@", &format!("{visitor}@"));
    let place: StorePlace = url.parse().expect("a URL");
    let no_schema = store::open(&place, OPENING, &key()).err().expect("refused");
    assert!(
        matches!(no_schema, StoreError::Refused { .. }),
        "{no_schema}"
    );
    assert!(
        no_schema.to_string().contains("right to create a schema"),
        "{no_schema}"
    );
    // A schema that is made for them is as good.
    let grant = format!("CREATE SCHEMA fundwatch AUTHORIZATION {visitor}");
    client.batch_execute(&grant).expect("a schema");
    let mut store = store::open(&place, OPENING, &key()).expect("a store");
    store.commit(&[raising(1, [1])]).expect("committed");
}
