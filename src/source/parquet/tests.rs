//! Every type a column may have, and files that are none.

use super::*;
use crate::source::tests::{codes, entries, times};
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::types::{Int32Type, i256};
use arrow_array::*;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use std::io::Write;

/// A file of columns in row groups of two rows.
fn file(columns: Vec<(&str, ArrayRef)>) -> tempfile::NamedTempFile {
    // Not `try_from_iter`: the names may repeat.
    let field =
        |(name, array): &(&str, ArrayRef)| Field::new(*name, array.data_type().clone(), true);
    let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).expect("a batch");
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(2))
        .build();
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    let mut writer = ArrowWriter::try_new(&mut file, schema, Some(properties)).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("written");
    file
}

fn open(
    file: &tempfile::NamedTempFile,
    stream: Stream,
    reading: Reading,
) -> Result<ParquetReader, SourceError> {
    let path = file.path();
    ParquetReader::new(File::open(path).expect("a file"), path, stream, reading)
}

fn whole(file: &tempfile::NamedTempFile, stream: Stream) -> ParquetReader {
    open(file, stream, Reading::Everything).expect("a Parquet file")
}

/// The cells of one column of a file with that column alone.
fn cells(array: ArrayRef) -> Vec<String> {
    let rows = array.len();
    let file = file(vec![("recorded_at", array)]);
    let mut reader = whole(&file, Stream::Cards);
    let mut cells = Vec::new();
    while reader.advance().expect("readable") {
        cells.push(format!("{:?}", reader.current().cell(0).expect("a cell")));
    }
    assert_eq!(cells.len(), rows);
    cells
}

fn texts(texts: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(texts.to_vec()))
}

#[test]
fn every_type_is_delivered_exactly() {
    fn arrays() -> Vec<(ArrayRef, [&'static str; 2])> {
        let text = ["Text(\"ẵ\")", "Null"];
        let int = ["Int(7)", "Null"];
        let decimal = ["Decimal { value: 7, scale: 2 }", "Null"];
        let local = ["Timestamp { nanos: 7000000000, utc: false }", "Null"];
        let utc = ["Timestamp { nanos: 7000000, utc: true }", "Null"];
        let mut list = ListBuilder::new(StringBuilder::new());
        list.append_value([Some("a"), None]);
        list.append_null();
        let large: LargeListArray =
            LargeListArray::from_iter_primitive::<Int32Type, _, _>([Some([Some(7)]), None]);
        vec![
            (texts(&[Some("ẵ"), None]), text),
            (
                Arc::new(LargeStringArray::from(vec![Some("ẵ"), None])),
                text,
            ),
            (Arc::new(StringViewArray::from(vec![Some("ẵ"), None])), text),
            (
                Arc::new(
                    [Some("ẵ"), None]
                        .into_iter()
                        .collect::<DictionaryArray<Int32Type>>(),
                ),
                text,
            ),
            (
                Arc::new(BinaryArray::from(vec![Some("ẵ".as_bytes()), None])),
                text,
            ),
            (
                Arc::new(LargeBinaryArray::from(vec![Some("ẵ".as_bytes()), None])),
                text,
            ),
            (
                Arc::new(BinaryViewArray::from(vec![Some("ẵ".as_bytes()), None])),
                text,
            ),
            (
                Arc::new(BinaryArray::from(vec![Some([0xff].as_slice()), None])),
                ["Other", "Null"],
            ),
            (Arc::new(Int8Array::from(vec![Some(7), None])), int),
            (Arc::new(Int16Array::from(vec![Some(7), None])), int),
            (Arc::new(Int32Array::from(vec![Some(7), None])), int),
            (Arc::new(Int64Array::from(vec![Some(7), None])), int),
            (Arc::new(UInt8Array::from(vec![Some(7), None])), int),
            (Arc::new(UInt16Array::from(vec![Some(7), None])), int),
            (Arc::new(UInt32Array::from(vec![Some(7), None])), int),
            (
                Arc::new(UInt64Array::from(vec![Some(u64::MAX), None])),
                ["Decimal { value: 18446744073709551615, scale: 0 }", "Null"],
            ),
            (
                Arc::new(
                    Decimal32Array::from(vec![Some(7), None])
                        .with_precision_and_scale(9, 2)
                        .expect("valid"),
                ),
                decimal,
            ),
            (
                Arc::new(
                    Decimal64Array::from(vec![Some(7), None])
                        .with_precision_and_scale(18, 2)
                        .expect("valid"),
                ),
                decimal,
            ),
            (
                Arc::new(
                    Decimal128Array::from(vec![Some(7), None])
                        .with_precision_and_scale(38, 2)
                        .expect("valid"),
                ),
                decimal,
            ),
            (
                Arc::new(
                    Decimal256Array::from(vec![Some(i256::from(7)), None])
                        .with_precision_and_scale(76, 2)
                        .expect("valid"),
                ),
                decimal,
            ),
            (
                Arc::new(Decimal256Array::from(vec![
                    Some(i256::from_parts(0, 1)),
                    None,
                ])),
                ["Other", "Null"],
            ),
            (
                Arc::new(Date32Array::from(vec![Some(-7), None])),
                ["Day(-7)", "Null"],
            ),
            (
                Arc::new(Date64Array::from(vec![Some(-86_400_000), None])),
                ["Day(-1)", "Null"],
            ),
            (
                Arc::new(TimestampSecondArray::from(vec![Some(7), None])),
                local,
            ),
            (
                Arc::new(TimestampMillisecondArray::from(vec![Some(7000), None])),
                local,
            ),
            (
                Arc::new(TimestampMicrosecondArray::from(vec![Some(7_000_000), None])),
                local,
            ),
            (
                Arc::new(TimestampNanosecondArray::from(vec![
                    Some(7_000_000_000),
                    None,
                ])),
                local,
            ),
            (
                Arc::new(
                    TimestampMicrosecondArray::from(vec![Some(7000), None]).with_timezone("+07:00"),
                ),
                utc,
            ),
            (
                Arc::new(Float32Array::from(vec![Some(0.5), None])),
                ["Float", "Null"],
            ),
            (
                Arc::new(Float64Array::from(vec![Some(0.5), None])),
                ["Float", "Null"],
            ),
            (
                Arc::new(BooleanArray::from(vec![Some(true), None])),
                ["Other", "Null"],
            ),
            (Arc::new(NullArray::new(2)), ["Null", "Null"]),
            (Arc::new(list.finish()), ["List([\"a\", \"\"])", "Null"]),
            (Arc::new(large), ["List([\"7\"])", "Null"]),
        ]
    }
    for (array, expected) in arrays() {
        let data_type = array.data_type().clone();
        assert_eq!(cells(array), expected, "{data_type}");
    }
}

/// Five employments, of which the third has no knowledge time and the fourth a wrong date.
fn employments() -> Vec<(&'static str, ArrayRef)> {
    let at = |second: i64| Some(1_735_689_600 + second);
    let times = vec![at(1), at(2), None, at(4), at(5)];
    vec![
        ("note", texts(&[Some("x"); 5])),
        (
            "from",
            Arc::new(Date32Array::from(vec![0, 0, 0, i32::MAX, 0])),
        ),
        (
            "si_number",
            Arc::new(Int64Array::from(vec![123_456_789; 5])),
        ),
        (
            "tax_code",
            texts(&[Some("D1"), Some("D2"), Some("D\"3"), Some("D4"), Some("D5")]),
        ),
        (
            "recorded_at",
            Arc::new(TimestampSecondArray::from(times).with_timezone("UTC")),
        ),
    ]
}

#[test]
fn rows_are_numbered_over_the_file_and_rejects_are_shown() {
    let file = file(employments());
    let mut reader = whole(&file, Stream::Employments);
    let found = entries(&mut reader);
    assert_eq!(reader.unknown_columns(), ["note"]);
    assert_eq!(
        found.iter().map(|e| e.row).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5]
    );
    let raws: Vec<_> = found
        .iter()
        .filter_map(|e| e.outcome.as_ref().err())
        .map(|r| (r.error.code.as_str(), r.raw.as_str()))
        .collect();
    let third =
        r#"{"recorded_at":null,"si_number":"123456789","tax_code":"D\"3","from":"1970-01-01"}"#;
    let fourth = r#"{"recorded_at":"2025-01-01T07:00:04+07:00","si_number":"123456789","tax_code":"D4","from":"day 2147483647"}"#;
    assert_eq!(raws, [("missing_column", third), ("bad_date", fourth)]);
    let known: Vec<_> = found.iter().map(Entry::recorded_at).collect();
    for reading in [Reading::Everything, Reading::KnowledgeTimes] {
        let mut reader = open(&file, Stream::Employments, reading).expect("a Parquet file");
        assert_eq!(times(&mut reader), known);
    }
}

#[test]
fn a_file_without_columns_of_the_stream_has_rows_all_the_same() {
    let file = file(vec![("a", texts(&[Some("x"); 3]))]);
    let mut reader = whole(&file, Stream::Cards);
    assert_eq!(codes(&mut reader), ["missing_column"; 3]);
    assert_eq!(times(&mut whole(&file, Stream::Cards)), [None; 3]);
}

#[test]
fn an_empty_file_has_no_rows() {
    let file = file(vec![("recorded_at", texts(&[]))]);
    assert!(codes(&mut whole(&file, Stream::Cards)).is_empty());
}

#[test]
fn a_column_that_is_there_twice_is_not_guessed_at() {
    let mut columns = employments();
    columns.push(("from", Arc::new(Date32Array::from(vec![0; 5]))));
    let file = file(columns);
    assert_eq!(
        codes(&mut whole(&file, Stream::Employments)),
        ["bad_parquet"; 5]
    );
}

#[test]
fn a_row_beyond_the_limit_is_rejected_with_its_time() {
    let mut columns = employments();
    let long = "x".repeat(ROW_LIMIT);
    columns[3].1 = texts(&[Some("D1"), Some(&long), Some("D3"), Some("D4"), Some("D5")]);
    let file = file(columns);
    let found = entries(&mut whole(&file, Stream::Employments));
    let reject = found[1].outcome.as_ref().expect_err("a reject");
    assert_eq!(reject.error.code, ErrorCode::RowTooLarge);
    assert!(reject.recorded_at.is_some());
    assert!(found[0].outcome.is_ok() && found[4].outcome.is_ok());
}

/// Reads as far as it goes.
fn read_all(file: &tempfile::NamedTempFile) -> Result<usize, SourceError> {
    let mut reader = open(file, Stream::Employments, Reading::Everything)?;
    let mut count = 0;
    while reader.next_entry()?.is_some() {
        count += 1;
    }
    Ok(count)
}

#[test]
fn what_is_no_parquet_file_says_what_to_do() {
    let whole = std::fs::read(file(employments()).path()).expect("readable");
    let middle = whole.len() / 2;
    for bytes in [
        b"".as_slice(),
        b"PAR1PAR1",
        b"recorded_at\n",
        &whole[..middle],
    ] {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.write_all(bytes).expect("written");
        let error = read_all(&file).expect_err("damaged");
        assert!(matches!(error, SourceError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains("again"), "{error}");
    }
}

#[test]
fn a_flipped_byte_never_gets_out_as_a_panic() {
    let whole = std::fs::read(file(employments()).path()).expect("readable");
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let mut damaged = 0;
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x55;
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.write_all(&bytes).expect("written");
        match read_all(&file) {
            // Most bytes are statistics or names, or change a value to another one.
            Ok(_) => {}
            Err(SourceError::Damaged { .. }) => damaged += 1,
            Err(other) => panic!("{other}"),
        }
    }
    std::panic::set_hook(hook);
    assert!(damaged > 0);
}
