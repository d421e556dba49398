use std::sync::atomic::AtomicBool;

use super::*;
use crate::service::{BreakerBounds, Breakers, Positions, Queue, QueueBounds, Receipt};
use crate::source::delivery::Advance;

const TOPIC: &str = "vss.employments";

fn partition(number: u32) -> Arc<str> {
    format!("{TOPIC}/{number}").into()
}

fn row(number: u32, offset: u64, value: Option<&str>) -> RawRow {
    RawRow {
        stream: Stream::Employments,
        partition: partition(number),
        offset,
        timestamp_ms: None,
        value: value.map(|text| text.as_bytes().to_vec()),
    }
}

fn advance(number: u32, from: Option<&str>, next: &str) -> Advance {
    Advance {
        partition: partition(number),
        from: from.map(str::to_owned),
        next: next.to_owned(),
    }
}

const GOOD: &str = r#"{"si_number":"0000000001","tax_code":"D1","from":"2020-01-01"}"#;
const ENVELOPE: &str = r#"{"before":null,"after":{"si_number":"0000000002","tax_code":"D1","from":"2020-01-01"},"op":"c","ts_ms":1700000000000}"#;
const DELETED: &str = r#"{"before":{"si_number":"0000000002","tax_code":"D1"},"after":null,"op":"d","ts_ms":1700000000001}"#;

fn of_two_partitions() -> delivery::Delivery {
    delivery::Delivery {
        source: "topics".into(),
        rows: vec![
            row(0, 7, Some(GOOD)),
            row(1, 0, Some(ENVELOPE)),
            row(0, 9, Some("{")),
            row(1, 1, Some(DELETED)),
            row(1, 2, None),
        ],
        positions: vec![advance(0, Some("4"), "10"), advance(1, None, "3")],
        gaps: vec![Gap {
            partition: partition(0),
            from: 4,
            to: 7,
        }],
    }
}

fn intake(max_rejected_share: f64) -> (PartitionIntake, Intake) {
    let intake = Intake {
        queue: Arc::new(Queue::new(QueueBounds {
            rows: 100,
            bytes: 1 << 20,
            rows_of_source: 100,
            bytes_of_source: 1 << 20,
        })),
        positions: Arc::new(Positions::default()),
        breakers: Arc::new(Breakers::new(move |_| BreakerBounds {
            max_rejected_share,
            min_rows: 1,
            window: Duration::from_secs(60),
            resume_after: None,
        })),
        clock: super::super::Clock::system(),
        stop: Arc::new(AtomicBool::new(false)),
    };
    let topics = BTreeMap::from([(TOPIC.to_owned(), Stream::Employments)]);
    (PartitionIntake::new(intake.clone(), topics), intake)
}

#[test]
fn a_partition_is_a_delivery_with_its_offsets_as_numbers() {
    let arrival = Instant::from_millis(1_800_000_000_000).expect("in range");
    let made = deliveries(&of_two_partitions(), arrival, |_| Some(Stream::Employments));
    let [first, second] = &made[..] else {
        panic!("{made:?}")
    };
    assert_eq!(
        (&*first.source, &*first.origin),
        ("topics", "vss.employments/0")
    );
    assert_eq!(&*second.origin, "vss.employments/1");
    let numbers = |of: &Delivery| -> Vec<u64> { of.rows.iter().map(|row| row.row).collect() };
    assert_eq!(numbers(first), [8]);
    assert_eq!(numbers(second), [1, 2], "a tombstone is no row");
    assert_eq!(first.rows[0].change.recorded_at, arrival);
    assert!(second.rows[0].change.recorded_at < arrival);
    let rejects: Vec<_> = first
        .rejects
        .iter()
        .map(|one| (one.row, one.code))
        .collect();
    assert_eq!(
        rejects,
        [(5, ErrorCode::DeletedBeforeRead), (10, ErrorCode::BadJson)]
    );
    assert!(first.rejects[0].message.contains("4 to 6"));
    assert_eq!(first.positions[0].place, "10");
    assert_eq!(second.positions[0].place, "3");
}

/// Hands the delivery over, and answers each submission as told.
fn answered(
    max_rejected_share: f64,
    answers: Vec<Result<Receipt, Refused>>,
) -> (Result<(), NotDurable>, Intake, usize) {
    let (partitions, intake) = intake(max_rejected_share);
    let queue = intake.queue.clone();
    let asked = std::thread::spawn(move || {
        let mut asked = 0;
        for answer in answers {
            let until = Clock::now() + Duration::from_secs(20);
            let batch = queue.take(1, Duration::ZERO, until).expect("open");
            for submission in batch {
                asked += 1;
                assert_eq!(submission.deliveries.len(), 2);
                assert_eq!(submission.follows[0].place.as_deref(), Some("4"));
                assert_eq!(submission.follows[1].place, None);
                (submission.reply)(answer.clone());
            }
        }
        asked
    });
    let outcome = partitions.deliver(of_two_partitions());
    (outcome, intake, asked.join().expect("answered"))
}

fn durable() -> Result<Receipt, Refused> {
    Ok(Receipt {
        accepted: 3,
        rejected: Vec::new(),
        epoch: 1,
    })
}

#[test]
fn a_journal_that_cannot_be_written_is_waited_for() {
    let full = || Err(Refused::Unwritable("the disk is full".to_owned()));
    let (outcome, _, asked) = answered(1.0, vec![full(), full(), durable()]);
    assert_eq!((outcome, asked), (Ok(()), 3));
    let (outcome, _, asked) = answered(1.0, vec![full(), Err(Refused::Moved)]);
    assert_eq!((outcome, asked), (Err(NotDurable::Moved), 2));
    let (outcome, _, _) = answered(1.0, vec![Err(Refused::Closed)]);
    assert_eq!(outcome, Err(NotDurable::Stopped));
}

#[test]
fn rows_count_for_the_breaker_once_they_are_durable_and_gaps_do_not() {
    // One of four rows is bad.
    let (_, intake, _) = answered(0.25, vec![durable()]);
    assert!(!intake.breakers.is_paused("topics"));
    let (_, intake, _) = answered(0.24, vec![durable()]);
    assert!(intake.breakers.is_paused("topics"));
    let (_, intake, _) = answered(0.24, vec![Err(Refused::Moved)]);
    assert!(!intake.breakers.is_paused("topics"));
}

#[test]
fn a_queue_that_is_closed_takes_nothing() {
    let (partitions, intake) = intake(1.0);
    intake.queue.close();
    let outcome = partitions.deliver(of_two_partitions());
    assert_eq!(outcome, Err(NotDurable::Stopped));
}
