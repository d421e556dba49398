//! Files of Parquet, which an inbox takes from whoever may write to its directory.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Decimal128Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use fundwatch::source::{Compression, Format};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression as Codec;
use parquet::file::properties::WriterProperties;

use super::{Target, csv, repository, rows, with};

pub const TARGET: Target = Target {
    name: "parquet",
    seeds,
    tokens: &[
        "PAR1",
        "PARE",
        "\u{15}\u{4}",
        "recorded_at",
        "\u{0}\u{0}\u{0}\u{0}",
    ],
    run,
};

/// The first rows of the sample as columns of text; and typed columns, in every codec.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (stream, file) in csv::FILES {
        let text = String::from_utf8(repository(&format!("streams/sample/{file}"))).expect("UTF-8");
        let mut lines = text.lines().filter(|line| !line.contains('"'));
        let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
        let rows: Vec<Vec<&str>> = lines
            .take(4)
            .map(|line| line.split(',').collect())
            .collect();
        let column = |place: usize| {
            let cells = rows
                .iter()
                .map(|row| row.get(place).copied().filter(|cell| !cell.is_empty()));
            Arc::new(cells.collect::<StringArray>()) as ArrayRef
        };
        let columns = names
            .iter()
            .enumerate()
            .map(|(place, name)| (*name, column(place)));
        let file = written(columns.collect(), Codec::UNCOMPRESSED);
        seeds.push(with(&[rows::number(stream), 0], &file));
    }
    let typed: Vec<(&str, ArrayRef)> = vec![
        (
            "recorded_at",
            Arc::new(TimestampMicrosecondArray::from(vec![
                1_742_173_200_000_000;
                3
            ])),
        ),
        (
            "visit_id",
            Arc::new(Int64Array::from(vec![Some(1), None, Some(i64::MAX)])),
        ),
        (
            "total",
            Arc::new(Decimal128Array::from(vec![1_i128, -5, 1 << 100])),
        ),
    ];
    for codec in [
        Codec::SNAPPY,
        Codec::LZ4_RAW,
        Codec::ZSTD(Default::default()),
    ] {
        seeds.push(with(
            &[rows::number("claims"), 0],
            &written(typed.clone(), codec),
        ));
    }
    seeds
}

fn written(columns: Vec<(&str, ArrayRef)>, codec: Codec) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    );
    let batch = batch.expect("columns of one length");
    let properties = WriterProperties::builder().set_compression(codec).build();
    let mut file = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).expect("a writer");
    writer.write(&batch).expect("memory takes it");
    writer.close().expect("memory takes it");
    file
}

fn run(input: &[u8]) -> u64 {
    let Some((&[stream, _], bytes)) = input.split_first_chunk() else {
        return 0;
    };
    csv::check_file(bytes, (stream, Format::Parquet, Compression::None))
}
