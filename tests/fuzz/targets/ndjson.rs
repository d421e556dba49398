//! Rows as they are pushed: NDJSON, plain and in Debezium envelopes, of every stream.

use std::collections::BTreeSet;

use fundwatch::source::LineReader;

use super::{Target, behaviour, repository, rows, with};

pub const TARGET: Target = Target {
    name: "ndjson",
    seeds,
    tokens: &[
        "\"op\":\"delete\"",
        "\"op\":\"c\"",
        "\"op\":\"d\"",
        "\"op\":\"r\"",
        "\"before\":null",
        "\"after\":",
        "\"payload\":{",
        "\"schema\":{",
        "\"ts_ms\":",
        "\"source\":{",
        "\"recorded_at\":\"2025-03-01T08:30:00+07:00\"",
        "io.debezium.time.Date",
        "\\u0000",
        "\\ud800",
        "null",
        "[]",
        "{}",
    ],
    run,
};

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (stream, file) in [
        ("check_ins", "check_ins.ndjson"),
        ("citizens", "citizens-updates.ndjson"),
        ("claims", "claims-corrections.ndjson"),
        ("claims", "claims-dialysis.ndjson"),
        ("cards", "cards-cdc.ndjson"),
    ] {
        let text = repository(&format!("streams/sample/{file}"));
        let lines = text
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        seeds.extend(
            lines
                .take(6)
                .map(|line| with(&[rows::number(stream)], line)),
        );
    }
    // Of the streams that the sample has as CSV alone, a row of each as an object.
    for (stream, file) in super::csv::FILES {
        let text = String::from_utf8(repository(&format!("streams/sample/{file}"))).expect("UTF-8");
        let mut lines = text.lines();
        let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
        for line in lines.filter(|line| !line.contains('"')).take(3) {
            let cells = names.iter().zip(line.split(','));
            let cells = cells.filter(|(_, cell)| !cell.is_empty());
            let object: serde_json::Map<String, serde_json::Value> = cells
                .map(|(name, cell)| ((*name).to_owned(), cell.into()))
                .collect();
            let object = serde_json::Value::Object(object).to_string();
            seeds.push(with(&[rows::number(stream)], object.as_bytes()));
            let change = format!(
                "{{\"before\":null,\"after\":{object},\"op\":\"c\",\"ts_ms\":1742173200000}}"
            );
            seeds.push(with(&[rows::number(stream)], change.as_bytes()));
        }
    }
    seeds
}

fn run(input: &[u8]) -> u64 {
    let Some((choice, body)) = input.split_first() else {
        return 0;
    };
    let mut reader = LineReader::new(rows::stream(*choice));
    let arrival = (choice & 0x80 != 0).then(rows::arrival);
    let mut seen = BTreeSet::new();
    for line in body.split(|byte| *byte == b'\n') {
        if let Some(outcome) = reader.read(line, arrival) {
            seen.insert(rows::check_outcome(&outcome));
        }
    }
    behaviour(seen)
}
