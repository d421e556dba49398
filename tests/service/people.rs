//! The rows of one person, against a plain scan of everything that was delivered.

use std::collections::{BTreeMap, BTreeSet};

use fundwatch::record::{Change, Instant, Key, Operation, PersonalId, Record, SiNumber, Stream};
use fundwatch::service::PersonRows;

use crate::live::{Country, Live};

/// What each key holds, and since when.
type Held = BTreeMap<Key, (Instant, Option<Record>)>;

fn hold(held: &mut Held, change: &Change) {
    let known = held.get(&change.key);
    if known.is_some_and(|(at, _)| *at > change.recorded_at) {
        return;
    }
    let record = match &change.operation {
        Operation::Upsert(Record::Claims(claim)) if claim.object_code.as_str() == "8" => None,
        Operation::Upsert(record) => Some(record.clone()),
        Operation::Delete => None,
    };
    held.insert(change.key.clone(), (change.recorded_at, record));
}

/// The rows of a citizen, by going through all.
fn scanned(held: &Held, id: PersonalId) -> BTreeSet<(Key, Instant)> {
    let records = || {
        held.iter()
            .filter_map(|(key, (at, record))| Some((key, *at, record.as_ref()?)))
    };
    let own: BTreeSet<SiNumber> = records()
        .filter_map(|(_, _, record)| match record {
            Record::Participants(one) if one.personal_id == Some(id) => Some(one.si_number),
            _ => None,
        })
        .collect();
    let is_own = |si: SiNumber| own.contains(&si);
    let text = id.to_string();
    let names = |id: &Option<fundwatch::record::Text>| {
        id.as_ref().is_some_and(|named| named.as_str() == text)
    };
    let is_of_person = |record: &Record| match record {
        Record::Citizens(one) => one.personal_id == id || one.superseded_by == Some(id),
        Record::DeathReports(one) => {
            one.personal_id == Some(id) || one.si_number.is_some_and(is_own)
        }
        Record::Participants(one) => one.personal_id == Some(id),
        Record::Cards(one) => is_own(one.card_number.holder()),
        Record::Claims(one) => {
            one.cards.iter().any(|card| is_own(card.holder())) || names(&one.personal_id)
        }
        Record::CheckIns(one) => {
            one.cards.iter().any(|card| is_own(card.holder())) || names(&one.personal_id)
        }
        Record::Enterprises(_) => false,
        Record::Employments(one) => is_own(one.si_number),
        Record::Beneficiaries(one) => one.personal_id == id,
        Record::HealthProfiles(one) => one.personal_id == id,
    };
    let is_claimed = |key: &Key| match key {
        Key::CheckIn(facility, visit) => {
            let claim = Key::Claim(*facility, visit.clone());
            held.get(&claim).is_some_and(|(_, claim)| claim.is_some())
        }
        _ => false,
    };
    records()
        .filter(|(key, _, record)| is_of_person(record) && !is_claimed(key))
        .map(|(key, at, _)| (key.clone(), at))
        .collect()
}

/// Holds what is told against the scan; gives whether something was left out, and of how many streams there are rows.
fn assert_are(told: &PersonRows, held: &Held, id: PersonalId) -> (bool, usize) {
    let mut expected = scanned(held, id);
    for row in &told.rows {
        let (_, record) = &held[&row.key];
        assert_eq!(&row.record, record, "{:?}", row.key);
        assert!(
            expected.remove(&(row.key.clone(), row.recorded_at)),
            "{:?}",
            row.key
        );
    }
    // What is left out is of a stream of which that is said, and is not later than what is told.
    for (key, _) in &expected {
        assert!(told.cut.contains(&key.stream()), "{key:?} is missing");
    }
    for stream in &told.cut {
        assert!(expected.iter().any(|(key, _)| key.stream() == *stream));
        let of_stream = told.rows.iter().filter(|row| row.key.stream() == *stream);
        let most = if matches!(stream, Stream::Claims | Stream::CheckIns) {
            20
        } else {
            10
        };
        assert_eq!(of_stream.count(), most);
    }
    let streams: BTreeSet<Stream> = told.rows.iter().map(|row| row.key.stream()).collect();
    (!told.cut.is_empty(), streams.len())
}

#[test]
fn the_rows_of_everybody_are_those_of_a_plain_scan_also_after_a_start() {
    let country = Country::new(1_500, 200, 23);
    let data = tempfile::tempdir().expect("a directory");
    let live = Live::with_snapshots(data.path(), Some(4));
    let mut held = Held::new();
    let deliveries = country.shuffled(600, 7);
    let half = deliveries.len() / 2;
    let mut most = 0;
    let mut assert_all = |live: &Live, held: &Held| {
        let people = live.service().rows_of_people();
        assert!(people.are_kept());
        let ids = held.keys().filter_map(|key| match key {
            Key::Citizen(id) => Some(*id),
            _ => None,
        });
        let mut seen = 0;
        for id in ids.step_by(3) {
            let told = people.of(id).expect("read");
            let (_, streams) = assert_are(&told, held, id);
            most = most.max(streams);
            let participants = people.participants(id).expect("read");
            assert_eq!(participants, told.participants);
            seen += 1;
        }
        assert!(seen > 100, "{seen}");
    };
    let mut deliveries = deliveries.into_iter();
    for delivery in deliveries.by_ref().take(half) {
        for arrived in &delivery.rows {
            hold(&mut held, &arrived.change);
        }
        live.deliver_and_see(delivery);
    }
    assert_all(&live, &held);
    live.stop();
    // From a snapshot, and more.
    let live = Live::with_snapshots(data.path(), Some(4));
    for delivery in deliveries {
        for arrived in &delivery.rows {
            hold(&mut held, &arrived.change);
        }
        live.deliver_and_see(delivery);
    }
    assert_all(&live, &held);
    assert!(most >= 5, "people have rows of several streams: {most}");
    let nobody = PersonalId::new(999_999_999_999).expect("12 digits");
    let told = live.service().rows_of_people().of(nobody).expect("read");
    assert!(told.rows.is_empty() && told.participants.is_empty() && told.epoch > 0);
    live.stop();
}
