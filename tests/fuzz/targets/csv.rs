//! Files of CSV, of every stream, plain and compressed.

use std::io::Write;

use fundwatch::source::{Compression, Format, InputFile, Reading, open};

use super::{Target, repository, rows, with};

pub const TARGET: Target = Target {
    name: "csv",
    seeds,
    tokens: &[
        "\"",
        "\"\"",
        ",",
        ";",
        "\t",
        "\r\n",
        "\r",
        "\n\n",
        "recorded_at",
        "op",
        "delete",
        "|",
        "2025-02-30",
        "9999-12-31",
        "-0",
        "1e999",
        "\u{feff}",
    ],
    run,
};

/// The files of the sample.
pub const FILES: [(&str, &str); 9] = [
    ("beneficiaries", "beneficiaries.csv"),
    ("cards", "cards.csv"),
    ("citizens", "citizens.csv"),
    ("claims", "claims.csv"),
    ("death_reports", "death_reports.csv"),
    ("employments", "employments.csv"),
    ("enterprises", "enterprises.csv"),
    ("health_profiles", "health_profiles.csv"),
    ("participants", "participants.csv"),
];

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (stream, file) in FILES {
        let text = repository(&format!("streams/sample/{file}"));
        // The header and some rows: small inputs are tried more often.
        let lines: Vec<&[u8]> = text
            .split_inclusive(|byte| *byte == b'\n')
            .take(6)
            .collect();
        let text = lines.concat();
        let number = rows::number(stream);
        seeds.push(with(&[number, 0], &text));
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&text).expect("memory takes it");
        seeds.push(with(&[number, 1], &gzip.finish().expect("memory takes it")));
        let zstd = zstd::encode_all(&*text, 1).expect("memory takes it");
        seeds.push(with(&[number, 2], &zstd));
    }
    seeds
}

thread_local! {
    static DIRECTORY: tempfile::TempDir = tempfile::tempdir().expect("a directory");
}

/// Checks the rows of a file that has these bytes.
pub fn check_file(bytes: &[u8], of: (u8, Format, Compression)) -> u64 {
    let (stream, format, compression) = of;
    DIRECTORY.with(|directory| {
        let path = directory.path().join("input");
        std::fs::write(&path, bytes).expect("room for a small file");
        let file = InputFile {
            path,
            name: "input".to_owned(),
            stream: rows::stream(stream),
            format,
            compression,
        };
        let opened = |reading| open(&file, reading, directory.path());
        rows::check(
            || opened(Reading::Everything),
            || opened(Reading::KnowledgeTimes),
        )
    })
}

fn run(input: &[u8]) -> u64 {
    let Some((&[stream, how], bytes)) = input.split_first_chunk() else {
        return 0;
    };
    let compression = match how % 3 {
        0 => Compression::None,
        1 => Compression::Gzip,
        _ => Compression::Zstd,
    };
    check_file(bytes, (stream, Format::Csv, compression))
}
