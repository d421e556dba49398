//! Random histories: registers that are mostly in order, then what happens to them.

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};

use crate::file::{Op, Row, cells_of};
use crate::plain::{Card, Citizen, Claim, Identity, Participant, Record, plus};
use crate::universe::{
    FACILITIES, Universe, beneficiary, card, cards_of, check_in, citizen, claim, day, death_report,
    employment, enterprise, health_profile, instant, option, partial, participant, personal_id,
    record, si_number, start_of,
};

/// A step of a history; the later kinds look back at the records before them.
#[derive(Clone, Debug)]
enum Step {
    Upsert(Record),
    /// A deletion, mostly of a key that may exist.
    Delete(Record),
    DeleteEarlier(Index),
    /// An earlier record again, unchanged.
    Resend(Index),
    /// An earlier record with one column of another record of its stream.
    Correct(Index, Vec<Record>, u8),
    /// An earlier claim again under another key, in part the same.
    Twin(Index, Box<Claim>, u8),
    /// A row that contradicts itself under the key of a record.
    Bad(Record, u8),
}

fn step(u: Universe) -> impl Strategy<Value = Step> {
    let donors = (
        claim(u).prop_map(Record::Claim),
        card(u),
        participant(u),
        citizen(u),
        death_report(u),
        check_in(u),
        enterprise(),
        employment(u),
        (health_profile(u), beneficiary(u)),
    )
        .prop_map(|(a, b, c, d, e, f, g, h, (i, j))| vec![a, b, c, d, e, f, g, h, i, j])
        .boxed();
    prop_oneof![
        14 => record(u).prop_map(Step::Upsert),
        1 => record(u).prop_map(Step::Delete),
        2 => any::<Index>().prop_map(Step::DeleteEarlier),
        1 => any::<Index>().prop_map(Step::Resend),
        5 => (any::<Index>(), donors, any::<u8>()).prop_map(|(i, d, c)| Step::Correct(i, d, c)),
        5 => (any::<Index>(), claim(u), any::<u8>())
            .prop_map(|(i, donor, column)| Step::Twin(i, Box::new(donor), column)),
        1 => (record(u), any::<u8>()).prop_map(|(r, n)| Step::Bad(r, n)),
    ]
}

/// Resolves the steps that look back.
fn rows_of(registers: &[Row], steps: Vec<(Step, Timestamp, u8, u8)>) -> Vec<Row> {
    let known = |row: &Row| match &row.op {
        Op::Upsert(record) => Some(record.clone()),
        _ => None,
    };
    let mut records: Vec<Record> = registers.iter().filter_map(known).collect();
    let mut rows = Vec::new();
    for (step, at, style, file) in steps {
        let earlier = |index: Index| (!records.is_empty()).then(|| index.get(&records).clone());
        let op = match step {
            Step::Upsert(record) => Op::Upsert(record),
            Step::Delete(record) => Op::Delete(record.key()),
            Step::DeleteEarlier(index) => match earlier(index) {
                Some(record) => Op::Delete(record.key()),
                None => continue,
            },
            Step::Resend(index) => match earlier(index) {
                Some(record) => Op::Upsert(record),
                None => continue,
            },
            Step::Correct(index, donors, column) => match earlier(index) {
                Some(record) => Op::Upsert(corrected(record, &donors, column)),
                None => continue,
            },
            Step::Twin(index, donor, column) => {
                let claims = records.iter().filter(|r| matches!(r, Record::Claim(_)));
                let claims: Vec<_> = claims.collect();
                let Some(&Record::Claim(claim)) = (!claims.is_empty()).then(|| index.get(&claims))
                else {
                    continue;
                };
                Op::Upsert(twin(claim, *donor, column))
            }
            Step::Bad(record, how) => bad(&record, how),
        };
        if let Op::Upsert(record) = &op {
            records.push(record.clone());
        }
        rows.push(Row {
            at,
            op,
            style,
            file,
        });
    }
    rows
}

/// A claim of the same person and time as another: a duplicate of it, or a visit elsewhere.
fn twin(claim: &Claim, donor: Claim, column: u8) -> Record {
    let mut twin = Claim {
        visit_id: donor.visit_id.clone(),
        ..claim.clone()
    };
    if !column.is_multiple_of(3) {
        twin.facility.clone_from(&donor.facility);
    }
    match column % 4 {
        0 => {}
        1 => twin.admitted_at = donor.admitted_at.min(twin.discharged_at),
        2 => twin.discharged_at = donor.discharged_at.max(twin.admitted_at),
        _ => twin.visit_type = donor.visit_type,
    }
    Record::Claim(twin)
}

/// A record with one of its columns taken from a donor of its stream.
fn corrected(mut record: Record, donors: &[Record], column: u8) -> Record {
    for donor in donors {
        match (&mut record, donor) {
            (Record::Claim(r), Record::Claim(d)) => match column % 17 {
                0 => r.cards.clone_from(&d.cards),
                1 => r.personal_id.clone_from(&d.personal_id),
                2 => (r.admitted_at, r.discharged_at) = (d.admitted_at, d.discharged_at),
                3 => r.visit_type = d.visit_type,
                4 => r.referred_from.clone_from(&d.referred_from),
                5 => r.referred_to.clone_from(&d.referred_to),
                6 => r.outcome = d.outcome,
                7 => r.paid_by_fund = d.paid_by_fund,
                8 => r.lines = d.lines,
                9 => (r.main_diagnosis, r.sex) = (d.main_diagnosis, d.sex),
                10 => r.department = d.department,
                11 => r.cost_total = d.cost_total,
                12 => r.discharged_at = d.discharged_at.max(r.admitted_at),
                13 => r.blood_group = d.blood_group,
                14 => r.copay_exempt_from = d.copay_exempt_from,
                15 => r.birth_date.clone_from(&d.birth_date),
                _ => r.object_code = "8",
            },
            (Record::Citizen(r), Record::Citizen(d)) => match column % 6 {
                5 => r.identity.clone_from(&d.identity),
                0 => r.life_status = d.life_status,
                1 => r.death_date.clone_from(&d.death_date),
                2 => r.superseded_by.clone_from(&d.superseded_by),
                3 => r.old_id.clone_from(&d.old_id),
                _ => r.province = d.province,
            },
            (Record::Participant(r), Record::Participant(d)) => match column % 4 {
                0 => r.province = d.province,
                1 => r.identity.clone_from(&d.identity),
                _ => r.personal_id.clone_from(&d.personal_id),
            },
            (Record::Card(r), Record::Card(d)) => match column % 3 {
                0 => (r.valid_from, r.valid_to) = (d.valid_from, d.valid_to),
                1 => r.status = d.status,
                _ => r.status_date = d.status_date,
            },
            (Record::DeathReport(r), Record::DeathReport(d)) => match column % 4 {
                0 => r.death_date.clone_from(&d.death_date),
                1 => r.source = d.source,
                2 => r.si_number.clone_from(&d.si_number),
                _ => r.personal_id.clone_from(&d.personal_id),
            },
            (Record::CheckIn(r), Record::CheckIn(d)) => match column % 3 {
                0 => r.cards.clone_from(&d.cards),
                1 => r.admitted_at = d.admitted_at,
                _ => r.personal_id.clone_from(&d.personal_id),
            },
            (Record::Enterprise(r), Record::Enterprise(d)) => match column % 3 {
                0 => r.status = d.status,
                1 => r.effective_date = d.effective_date,
                _ => r.successor = d.successor,
            },
            (Record::Beneficiary(r), Record::Beneficiary(d)) => match column % 2 {
                0 => (r.from, r.to) = (d.from, d.to),
                _ => r.monthly_amount = d.monthly_amount,
            },
            (Record::Employment(r), Record::Employment(d)) => (r.from, r.to) = (d.from, d.to),
            (Record::HealthProfile(r), Record::HealthProfile(d)) => match column % 2 {
                0 => r.allergy = d.allergy,
                _ => r.blood_group = d.blood_group,
            },
            _ => {}
        }
    }
    record
}

/// A row that must be rejected whatever the rest of it says.
fn bad(record: &Record, how: u8) -> Op {
    let (stream, _) = record.key();
    let mut cells: Map<String, Value> = cells_of(record);
    let mut set = |column: &str, value: Value| drop(cells.insert(column.into(), value));
    match (stream, how % 2) {
        ("claims", 0) => set("discharged_at", json!("1999-01-01T00:00")),
        ("claims" | "check_ins", _) => set("cards", json!(["DN47900000001"])),
        ("employments" | "beneficiaries", _) => set("to", json!("1999-01-01")),
        ("health_profiles", _) => set("blood_group", json!("C")),
        ("cards", 0) => set("valid_to", json!("1999-01-01")),
        ("cards", _) => set("status", json!("lost")),
        ("citizens", _) => set("sex", json!(4)),
        ("participants", _) => set("birth_date", json!("1980-02-30")),
        ("death_reports", _) => set("death_date", Value::Null),
        (_, _) => set("effective_date", json!("2025-3-1")),
    }
    Op::Bad(stream, cells)
}

/// A country that is mostly in order, so that what happens to it stands out: a citizen, a
/// participant and cards a person, now and then two participants of one citizen.
fn registers(u: Universe) -> impl Strategy<Value = Vec<Row>> {
    let person = |n: usize| {
        let id = prop_oneof![5 => Just(personal_id(n)), 1 => u.id()];
        let status = select(vec!["alive", "alive", "alive", "dead"]);
        let citizen = option(0.8, (id.clone(), status, option(0.5, partial())));
        let cards = (
            option(0.8, option(0.3, day())),
            option(0.5, option(0.3, day())),
        );
        (citizen, option(0.8, id), cards, instant()).prop_map(move |(citizen, id, cards, at)| {
            let mut records = Vec::new();
            if let Some((personal_id, life_status, death_date)) = citizen {
                records.push(Record::Citizen(Citizen {
                    personal_id,
                    identity: Identity::default(),
                    life_status,
                    death_date,
                    superseded_by: None,
                    old_id: None,
                    province: None,
                }));
            }
            if let Some(id) = id {
                let (si_number, personal_id) = (si_number(n), Some(id));
                records.push(Record::Participant(Participant {
                    si_number,
                    identity: Identity::default(),
                    personal_id,
                    province: None,
                }));
            }
            for (card_number, valid_to) in cards_of(n).into_iter().zip([cards.0, cards.1]) {
                if let Some(valid_to) = valid_to {
                    records.push(Record::Card(Card {
                        card_number,
                        valid_from: date(2020, 1, 1),
                        valid_to,
                        status: "valid",
                        status_date: None,
                    }));
                }
            }
            let row = move |record| Row {
                at,
                op: Op::Upsert(record),
                style: 0,
                file: 0,
            };
            records.into_iter().map(row).collect::<Vec<_>>()
        })
    };
    let everyone: Vec<_> = (0..u.people).map(person).collect();
    let work = prop_oneof![enterprise(), employment(u)];
    let work = (work, instant()).prop_map(|(record, at)| Row {
        at,
        op: Op::Upsert(record),
        style: 0,
        file: 0,
    });
    let works = prop::collection::vec(work, 0..6);
    prop_oneof![
        1 => Just(Vec::new()),
        5 => (everyone, works).prop_map(|(rows, works)| [rows.concat(), works].concat()),
    ]
}

/// Rows in the order of their files.
pub fn rows(u: Universe, most: usize) -> impl Strategy<Value = Vec<Row>> {
    let placed = (step(u), instant(), any::<u8>(), 0..6u8)
        .prop_map(|(step, at, style, file)| (step, at, style, file.saturating_sub(3)));
    let steps = prop::collection::vec(placed, 1..most);
    (registers(u), steps, any::<bool>()).prop_map(|(mut rows, steps, sorted)| {
        rows.extend(rows_of(&rows, steps));
        if sorted {
            rows.sort_by_key(|row| row.at);
        }
        rows
    })
}

/// 49 to 53 visits of one person in 120 days or a day more, and some other rows.
pub fn frequent(u: Universe) -> impl Strategy<Value = Vec<Row>> {
    let offset = prop_oneof![50 => -60..=0i32, 1 => select(vec![-121, -120, -119, -118, 1])];
    // Known early, so that what is known later can take visits away.
    let known = select(vec![
        date(2024, 12, 31),
        date(2025, 3, 9),
        date(2025, 3, 10),
    ]);
    let known = known.prop_map(|day| start_of(day) + jiff::SignedDuration::from_hours(8));
    let visit = (offset, 0..4usize, 0..3i8, known);
    let visits = prop::collection::vec(visit, 49..=53);
    let withdrawn = prop::collection::vec((any::<Index>(), instant()), 0..4);
    (visits, withdrawn, rows(u, 12)).prop_map(|(visits, withdrawn, others)| {
        let visits = visits
            .into_iter()
            .enumerate()
            .map(|(n, (offset, facility, hour, at))| {
                let admitted_at = plus(date(2025, 3, 10), offset).at(8 + hour, 0, 0, 0);
                let discharged_at = admitted_at + jiff::SignedDuration::from_mins(30);
                let visit_id = format!("F{n}");
                let claim = Claim {
                    cards: vec![cards_of(0)[0].clone()],
                    visit_type: "02",
                    cost_total: 1000 * n as i64,
                    ..Claim::sound(FACILITIES[facility], &visit_id, admitted_at, discharged_at)
                };
                Row {
                    at,
                    op: Op::Upsert(Record::Claim(claim)),
                    style: 0,
                    file: 0,
                }
            });
        let mut rows: Vec<Row> = visits.collect();
        let gone: Vec<Row> = withdrawn
            .iter()
            .map(|(visit, at)| withdrawal(visit.get(&rows), *at))
            .collect();
        rows.extend(gone);
        rows.extend(others);
        rows
    })
}

/// The removal of a visit, so that the count sinks again.
fn withdrawal(visit: &Row, at: Timestamp) -> Row {
    let op = Op::Delete(visit.key().expect("a visit has a key"));
    Row {
        at,
        op,
        ..visit.clone()
    }
}
