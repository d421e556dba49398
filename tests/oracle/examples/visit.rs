//! Stays, visits, bills and knowledge time at their boundaries.

use super::*;

#[test]
fn stays_overlap_when_it_is_more_than_120_minutes() {
    let overlapping = |a: Claim, b: Claim| {
        ids(
            &world([Record::Claim(a), Record::Claim(b)]),
            "overlapping_stay",
        )
        .len()
    };
    let a = stay("01001", "V1", "2025-03-09T08:00", "2025-03-10T10:00");
    let exactly = stay("01002", "V2", "2025-03-10T08:00", "2025-03-11T10:00");
    let more = stay("01002", "V2", "2025-03-10T07:59", "2025-03-11T10:00");
    assert_eq!(overlapping(a.clone(), exactly), 0);
    assert_eq!(overlapping(a.clone(), more.clone()), 2);
    assert_eq!(
        overlapping(
            a.clone(),
            Claim {
                visit_type: "04",
                ..more.clone()
            }
        ),
        0
    );
    assert_eq!(
        overlapping(
            a.clone(),
            Claim {
                visit_type: "09",
                ..more.clone()
            }
        ),
        2
    );
    assert_eq!(
        overlapping(
            a.clone(),
            Claim {
                facility: "01001".into(),
                ..more.clone()
            }
        ),
        0
    );
    let sent = Claim {
        referred_to: Some("01002".into()),
        ..a.clone()
    };
    assert_eq!(overlapping(sent, more.clone()), 0);
    let received = Claim {
        referred_from: Some("01001".into()),
        ..more.clone()
    };
    assert_eq!(overlapping(a.clone(), received), 0);
    let elsewhere = Claim {
        referred_from: Some("01009".into()),
        ..more
    };
    assert_eq!(overlapping(a, elsewhere), 2);
}

#[test]
fn a_visit_is_during_a_stay_from_120_minutes_in_to_120_minutes_before_its_end() {
    let during = |at: &str| {
        let visit = claim("01002", "V2", at, "2025-03-12T10:00");
        let stay = stay("01001", "V1", "2025-03-09T08:00", "2025-03-11T10:00");
        ids(
            &world([Record::Claim(stay), Record::Claim(visit)]),
            "visit_during_stay",
        )
    };
    assert!(during("2025-03-09T09:59").is_empty());
    assert_eq!(during("2025-03-09T10:00"), ["01002/V2"]);
    assert_eq!(during("2025-03-11T08:00"), ["01002/V2"]);
    assert!(during("2025-03-11T08:01").is_empty());
}

#[test]
fn a_duplicate_is_the_one_with_the_greater_visit_id_in_byte_order() {
    let twin = |visit_id: &str, total: Amount| {
        let claim = claim("01001", visit_id, "2025-03-09T08:00", "2025-03-09T09:00");
        Record::Claim(Claim {
            cost_total: total,
            ..claim
        })
    };
    let duplicates = |a, b| ids(&world([a, b]), "duplicate_claim");
    assert_eq!(duplicates(twin("V10", 1), twin("V2", 1)), ["01001/V2"]);
    assert!(duplicates(twin("V10", 1), twin("V2", 2)).is_empty());
    assert_eq!(
        ids(
            &world(["A", "B", "C"].map(|v| twin(v, 1))),
            "duplicate_claim"
        )
        .len(),
        2
    );
}

#[test]
fn three_facilities_on_one_day_are_needed() {
    let visit = |n: usize, date: &str| {
        let facility = format!("0100{n}");
        Record::Claim(claim(
            &facility,
            "V1",
            &format!("{date}T23:59"),
            "2025-04-01T09:00",
        ))
    };
    let two = world([
        visit(1, "2025-03-10"),
        visit(2, "2025-03-10"),
        visit(3, "2025-03-11"),
    ]);
    assert!(ids(&two, "same_day_facilities").is_empty());
    let three = world((1..=3).map(|n| visit(n, "2025-03-10")));
    assert_eq!(ids(&three, "same_day_facilities").len(), 3);
}

#[test]
fn the_fifty_first_visit_in_120_days_is_frequent() {
    let visits = |count: usize, first: &str| {
        let visit = |n: usize| {
            let at = if n == 0 {
                format!("{first}T08:00")
            } else {
                "2025-03-10T08:00".into()
            };
            Record::Claim(claim("01001", &format!("V{n:02}"), &at, "2025-03-10T09:00"))
        };
        ids(&world((0..count).map(visit)), "frequent_visits")
    };
    assert!(visits(50, "2025-03-10").is_empty());
    assert_eq!(
        visits(51, "2025-03-10"),
        ["01001/V50"],
        "the last by visit_id"
    );
    assert_eq!(visits(51, "2024-11-11"), ["01001/V50"], "119 days before");
    assert!(visits(51, "2024-11-10").is_empty(), "120 days before");
    assert_eq!(visits(53, "2025-03-10").len(), 3);
}

#[test]
fn a_diagnosis_conflicts_by_its_code_or_its_category() {
    if !decidable().contains("sex_diagnosis_conflict") {
        return;
    }
    let conflict = |code: &'static str, sex| {
        let visit = Claim {
            main_diagnosis: code,
            sex,
            ..visit_on("2025-03-10")
        };
        ids(&world([Record::Claim(visit)]), "sex_diagnosis_conflict").len()
    };
    // C61 (prostate) is a listed category; C53.9 (cervix) is listed itself.
    assert_eq!(
        [conflict("C61", 1), conflict("C61", 2), conflict("C61", 3)],
        [0, 1, 0]
    );
    assert_eq!([conflict("C61.9", 1), conflict("C619", 2)], [0, 1]);
    assert_eq!(
        [
            conflict("C53.9", 1),
            conflict("C539", 1),
            conflict("C53.9", 2)
        ],
        [1, 1, 0]
    );
    assert_eq!(
        [conflict("I10", 1), conflict("I10", 2), conflict("Đ", 1)],
        [0, 0, 0]
    );
    let other = Claim {
        other_diagnoses: vec!["I10", "C61.9"],
        sex: 2,
        ..visit_on("2025-03-10")
    };
    assert_eq!(
        ids(&world([Record::Claim(other)]), "sex_diagnosis_conflict").len(),
        1
    );
}

#[test]
fn money_may_differ_by_a_dong_a_line() {
    let mismatch = |paid: Amount, lines| {
        let visit = Claim {
            cost_covered: 100_000,
            copay: 20_000,
            other_sources: 5_000,
            paid_by_fund: paid,
            lines,
            ..visit_on("2025-03-10")
        };
        ids(&world([Record::Claim(visit)]), "money_mismatch").len()
    };
    assert_eq!(
        [
            mismatch(75_000, None),
            mismatch(76_000, None),
            mismatch(76_001, None)
        ],
        [0, 0, 1]
    );
    assert_eq!(
        [mismatch(73_999, Some(0)), mismatch(74_000, Some(0))],
        [1, 0]
    );
    assert_eq!(
        [mismatch(78_000, Some(3)), mismatch(78_001, Some(3))],
        [0, 1]
    );
}

#[test]
fn a_claim_of_object_code_8_is_no_claim() {
    let mut world = dead("2025-03-10", "2025-03-11");
    world.upsert(Record::Claim(Claim {
        object_code: "8",
        ..visit_on("2025-03-11")
    }));
    assert!(found(&world).is_empty());
    world.upsert(Record::Claim(visit_on("2025-03-11")));
    assert_eq!(found(&world).len(), 1);
}

#[test]
fn knowledge_time_orders_the_rows_of_a_key_and_cuts_epochs_at_local_midnight() {
    let row = |at: &str, op: Op, file: u8| Row {
        at: at.parse().expect("RFC 3339"),
        op,
        style: 0,
        file,
    };
    let upsert = |status| Op::Upsert(Record::Citizen(citizen(ID, status, None)));
    let rows = place(&[
        row("2025-03-10T17:00:00Z", upsert("dead"), 0),
        row("2025-03-10T16:59:59Z", upsert("alive"), 0),
        // A tie: `citizens-b.ndjson` sorts before `citizens.ndjson`, which wins.
        row("2025-03-10T17:00:00Z", upsert("missing"), 1),
        row(
            "2025-03-12T00:00:00+07:00",
            Op::Delete(("citizens", ID.into())),
            0,
        ),
        row("2025-03-12T00:00:01+07:00", upsert("dead"), 0),
        row(
            "2025-03-12T00:00:02+07:00",
            Op::Delete(("citizens", ID.into())),
            0,
        ),
    ]);
    let epochs = timeline(&rows, Cut::Hours(24), None, &decidable(), &Rules::default());
    let status = |n: usize| epochs[n].world.citizens.get(ID).map(|c| c.life_status);
    assert_eq!(
        (status(0), status(1), status(2)),
        (Some("alive"), Some("dead"), None)
    );
    let first = i64::from(
        day("1970-01-01")
            .until(day("2025-03-10"))
            .expect("days")
            .get_days(),
    );
    let numbers: Vec<i64> = epochs.iter().map(|e| e.number - first).collect();
    assert_eq!(numbers, [0, 1, 2]);
    assert!(epochs[2].is_last && !epochs[1].is_last);
    assert_eq!(
        crate::file::local(epochs[2].at),
        "2025-03-12T00:00:02+07:00"
    );
}
