//! How many statements a commit takes, as a PostgreSQL server counts them.

use fundwatch::store::{self, Opening, StorePlace};

use crate::backend::{JOURNAL, key};
use crate::made::{changing, raising, withdrawing};
use crate::postgres_cluster::Cluster;

/// Each statement waits for the server, so that one for each alert would make a commit as slow as the way to the server.
#[test]
fn a_commit_takes_no_more_statements_for_more_alerts() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    cluster.configure("shared_preload_libraries = 'pg_stat_statements'");
    cluster.down("fast");
    cluster.up();
    let name = cluster.database();
    let mut counter = cluster.client(&name);
    counter
        .batch_execute("CREATE EXTENSION pg_stat_statements")
        .expect("it comes with the server");
    let place: StorePlace = cluster.url(&name).parse().expect("a URL");
    let opening = Opening {
        journal_id: JOURNAL,
        generation: 1,
    };
    let mut store = store::open(&place, opening, &key()).expect("a store");
    let known = 4_000;
    store.commit(&[raising(1, 0..known)]).expect("committed");
    let mut statements = |epoch| {
        counter
            .batch_execute("SELECT pg_stat_statements_reset()")
            .expect("counted from here");
        store.commit(&[epoch]).expect("committed");
        let calls = "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements
            WHERE query NOT LIKE '%pg_stat_statements%'";
        counter.query_one(calls, &[]).expect("counted").get(0)
    };
    let pairs = [
        (changing(2, known, 10), changing(3, known, 2_000)),
        (
            raising(4, known..known + 10),
            raising(5, known + 10..known + 2_010),
        ),
        (withdrawing(6, 0..10), withdrawing(7, 10..2_010)),
    ];
    for (few, many) in pairs {
        let few: i64 = statements(few);
        assert!(few > 0);
        assert_eq!(statements(many), few);
    }
}
