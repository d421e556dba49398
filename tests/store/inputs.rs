//! What is kept of inputs: refused rows, positions of sources, answered requests.

use fundwatch::store::{
    Position, Pruned, Pruning, RejectFilter, RejectRow, RejectState, RequestRow, SettledReject,
    StoredPosition,
};

use crate::backend::Backend;
use crate::made::empty;

pub fn reject(ordinal: u32) -> RejectRow {
    RejectRow {
        ordinal,
        source: ["claims-feed", "cards"][ordinal as usize % 2].to_owned(),
        stream: "claims".into(),
        file: ordinal.is_multiple_of(2).then(|| "claims-0.csv".to_owned()),
        row: u64::from(ordinal) + 1,
        code: "bad_date".into(),
        message: "`admitted_at` is no time".to_owned(),
        received_at: 1_764_000_000_000 - i64::from(ordinal),
    }
}

pub fn refused_rows_are_kept_and_settled(backend: &Backend) {
    let mut store = backend.open();
    let mut first = empty(1);
    first.rejects = (0..10).map(reject).collect();
    let mut second = empty(2);
    second.rejects = vec![reject(0)];
    let settled = |epoch, ordinal, is_repaired| SettledReject {
        epoch,
        ordinal,
        is_repaired,
    };
    let mut third = empty(3);
    third.settled = vec![
        settled(1, 4, true),
        settled(2, 0, false),
        settled(1, 5, false),
    ];
    let mut fourth = empty(4);
    fourth.settled = vec![settled(1, 5, true)];
    store
        .commit(&[first, second, third, fourth])
        .expect("committed");

    let mut list = |state, source: Option<&str>, after, limit| {
        let filter = RejectFilter {
            state,
            source: source.map(Into::into),
            after,
            ..RejectFilter::default()
        };
        store.reads().rejects(&filter, limit).expect("read")
    };
    let all = list(None, None, None, 1000);
    assert_eq!(all.len(), 11);
    assert_eq!((all[3].epoch, &all[3].reject), (1, &reject(3)));
    assert_eq!(
        (all[3].state, all[3].repaired_by_epoch),
        (RejectState::Open, None)
    );
    assert_eq!(
        (all[4].state, all[4].repaired_by_epoch),
        (RejectState::Repaired, Some(3))
    );
    assert_eq!(
        (all[5].state, all[5].repaired_by_epoch),
        (RejectState::Repaired, Some(4))
    );
    assert_eq!((all[10].epoch, all[10].state), (2, RejectState::Dismissed));
    let open = list(Some(RejectState::Open), None, None, 1000);
    assert_eq!(open.len(), 8);
    assert_eq!(
        list(Some(RejectState::Open), Some("cards"), None, 1000).len(),
        4
    );
    assert_eq!(list(None, None, Some((1, 7)), 2), all[8..10]);
    assert_eq!(list(None, None, Some((1, 9)), 9), all[10..]);
    let mut of = |stream, code: &str| {
        let filter = RejectFilter {
            stream: Some(stream),
            code: Some(code.to_owned()),
            ..RejectFilter::default()
        };
        store.reads().rejects(&filter, 1000).expect("read").len()
    };
    assert_eq!(of("claims", "bad_date"), 11);
    assert_eq!(of("cards", "bad_date") + of("claims", "bad_time"), 0);
    let counts = store.reads().reject_counts().expect("read");
    let counts = counts
        .iter()
        .map(|one| (&*one.source, &*one.stream, &*one.code, one.open));
    let expected = [
        ("cards", "claims", "bad_date", 4),
        ("claims-feed", "claims", "bad_date", 4),
    ];
    assert_eq!(counts.collect::<Vec<_>>(), expected);
    let oldest = store.reads().reject_counts().expect("read")[1].oldest_received_at;
    assert_eq!(oldest, 1_764_000_000_000 - 8);
}

pub fn positions_and_requests_are_kept(backend: &Backend) {
    let position = |source: &str, partition: &str, position: &str| Position {
        source: source.to_owned(),
        partition: partition.to_owned(),
        position: position.to_owned(),
    };
    let request = |key, body, response: &str, received_at| RequestRow {
        principal: "hospital-01001".to_owned(),
        key_digest: [key; 32],
        body_digest: [body; 32],
        response: response.to_owned(),
        received_at,
    };
    let mut first = empty(1);
    first.positions = vec![position("kafka", "1", "10"), position("kafka", "0", "7")];
    first.requests = vec![
        request(1, 1, "{\"accepted\":1}", 1000),
        request(2, 2, "{}", 2000),
    ];
    let mut second = empty(2);
    second.positions = vec![
        position("kafka", "1", "12"),
        position("files", "a.csv", "99"),
    ];
    second.requests = vec![request(1, 9, "{\"accepted\":9}", 3000)];
    let mut store = backend.open();
    store.commit(&[first.clone()]).expect("committed");
    store.commit(&[first, second]).expect("committed");
    let stored = |epoch, position| StoredPosition { position, epoch };
    assert_eq!(
        store.reads().positions().expect("read"),
        [
            stored(2, position("files", "a.csv", "99")),
            stored(1, position("kafka", "0", "7")),
            stored(2, position("kafka", "1", "12")),
        ]
    );
    let found = store
        .reads()
        .request("hospital-01001", &[1; 32])
        .expect("read")
        .expect("kept");
    let told = (
        found.body_digest,
        found.epoch,
        &*found.response,
        found.received_at,
    );
    assert_eq!(told, ([1; 32], 1, "{\"accepted\":1}", 1000));
    assert!(
        store
            .reads()
            .request("hospital-01001", &[3; 32])
            .expect("read")
            .is_none()
    );
    assert!(
        store
            .reads()
            .request("another", &[1; 32])
            .expect("read")
            .is_none()
    );
    let pruning = Pruning {
        keep_epochs: 100,
        requests_before: 2000,
    };
    let pruned = Pruned {
        epochs: 0,
        requests: 1,
    };
    assert_eq!(store.prune(pruning).expect("pruned"), pruned);
    assert!(
        store
            .reads()
            .request("hospital-01001", &[1; 32])
            .expect("read")
            .is_none()
    );
    assert!(
        store
            .reads()
            .request("hospital-01001", &[2; 32])
            .expect("read")
            .is_some()
    );
}
