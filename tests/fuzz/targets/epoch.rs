//! What a frame of the journal holds, once it is opened.

use fundwatch::journal::{Arrived, Delivery, Epoch, Position, Rejected, Request, Settled};
use fundwatch::record::{Day, ErrorCode, Stream};
use fundwatch::source::LineReader;

use super::{Target, behaviour, repository, rows};

pub const TARGET: Target = Target {
    name: "epoch",
    seeds,
    tokens: &[
        "\u{1}", "\u{0}", "\u{7f}", "{\"", "\":\"", "\"}", "bad_json", "http", "claims",
    ],
    run,
};

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (stream, file) in [
        (Stream::CheckIns, "check_ins"),
        (Stream::Claims, "claims-corrections"),
    ] {
        let text = repository(&format!("streams/sample/{file}.ndjson"));
        let mut reader = LineReader::new(stream);
        let lines = text.split(|byte| *byte == b'\n').take(3);
        let changes = lines.filter_map(|line| reader.read(line, None)?.ok());
        let rows = changes
            .zip(1..)
            .map(|(change, row)| Arrived { row, change });
        let epoch = Epoch {
            number: 1,
            at: rows::arrival(),
            clock: Day::from_number(20_000),
            rows_before: 3,
            detector: Some("{}".to_owned()),
            deliveries: Some(vec![Delivery {
                source: "http".to_owned(),
                origin: "a".to_owned(),
                request: Some(Request {
                    principal: "feed".to_owned(),
                    key: [1; 32],
                    body: [2; 32],
                }),
                positions: vec![Position {
                    part: "p".to_owned(),
                    place: "7".to_owned(),
                }],
                rows: rows.collect(),
                rejects: vec![Rejected {
                    row: 4,
                    stream,
                    recorded_at: Some(rows::arrival()),
                    facility: None,
                    code: ErrorCode::BadJson,
                    message: "expected an object".to_owned(),
                    raw: "[]".to_owned(),
                }],
                settled: vec![Settled {
                    epoch: 1,
                    ordinal: 0,
                    is_repaired: true,
                }],
                restores: None,
                undoes: None,
            }]),
        };
        let (plain, sealed) = epoch.encode();
        let length = u8::try_from(plain.len()).expect("a short header");
        seeds.push([&[length], &*plain, &*sealed].concat());
    }
    seeds
}

/// The first byte says how long the plain part is.
fn run(input: &[u8]) -> u64 {
    let Some((length, bytes)) = input.split_first() else {
        return 0;
    };
    let (plain, sealed) = bytes.split_at(usize::from(*length).min(bytes.len()));
    let of = (1, rows::arrival());
    match Epoch::decode(of, plain, Some(sealed)) {
        Ok(epoch) => {
            assert!(!format!("{:?}", epoch.clock).is_empty());
            let (plain, sealed) = epoch.encode();
            let again = Epoch::decode(of, &plain, Some(&sealed));
            assert!(
                again.is_ok_and(|again| again == epoch),
                "an epoch reads back as it was"
            );
            behaviour(epoch.rows().count())
        }
        Err(error) => {
            let told = error.to_string();
            assert!(!rows::names_somebody(&told), "{told}");
            behaviour(told)
        }
    }
}
