//! Rows a second from each format, on one thread: bytes to changes.

use std::hint::black_box;
use std::io::Write;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fundwatch::source::{InputFile, Reading, discover, open};

const ROWS: u64 = 20_000;

/// The columns of a claim, and a row of each.
const COLUMNS: &str = "recorded_at,facility,visit_id,cards,personal_id,full_name,birth_date,sex,\
visit_type,object_code,main_diagnosis,other_diagnoses,admitted_at,inpatient_at,discharged_at,outcome,\
discharge_type,cost_drugs,cost_supplies,cost_total,cost_covered,paid_by_fund,copay,self_paid,\
other_sources,lines";

fn claim(n: u64) -> Vec<String> {
    let day = 1 + n % 28;
    let total = 100_000 + n * 37 % 900_000;
    [
        format!("2025-03-{day:02}T20:{:02}:{:02}+07:00", n / 60 % 60, n % 60),
        format!("{:05}", 1000 + n % 500),
        format!("V{n}"),
        format!("GD479{:010}", n * 7 % 10_000_000_000),
        format!("{:012}", n * 13),
        "Nguyễn Văn Mẫu".to_owned(),
        format!("19{:02}-05-17", 30 + n % 70),
        format!("{}", 1 + n % 2),
        "01".to_owned(),
        "1.1".to_owned(),
        "J06.9".to_owned(),
        "I10;E11.9".to_owned(),
        format!("2025-03-{day:02}T08:30"),
        String::new(),
        format!("2025-03-{day:02}T09:45"),
        "1".to_owned(),
        "1".to_owned(),
        format!("{}", total / 2),
        "0".to_owned(),
        format!("{total}"),
        format!("{total}"),
        format!("{}", total - total / 5),
        format!("{}", total / 5),
        "0".to_owned(),
        "0".to_owned(),
        "7".to_owned(),
    ]
    .into()
}

fn write(directory: &Path) -> std::io::Result<()> {
    let names: Vec<&str> = COLUMNS.split(',').collect();
    let mut csv = std::fs::File::create(directory.join("claims.csv"))?;
    let mut ndjson = std::fs::File::create(directory.join("claims.ndjson"))?;
    let (mut table, mut lines) = (format!("{COLUMNS}\n"), String::new());
    for n in 0..ROWS {
        let row = claim(n);
        table += &format!("{}\n", row.join(","));
        let cells = names.iter().zip(&row).filter(|(_, cell)| !cell.is_empty());
        let cells: Vec<String> = cells
            .map(|(name, cell)| match *name {
                "cards" | "other_diagnoses" => {
                    let items: Vec<String> =
                        cell.split(';').map(|item| format!("\"{item}\"")).collect();
                    format!("\"{name}\":[{}]", items.join(","))
                }
                _ if name.starts_with("cost") => format!("\"{name}\":{cell}"),
                _ => format!("\"{name}\":\"{cell}\""),
            })
            .collect();
        lines += &format!("{{{}}}\n", cells.join(","));
    }
    csv.write_all(table.as_bytes())?;
    ndjson.write_all(lines.as_bytes())
}

fn rows(file: &InputFile, reading: Reading, scratch: &Path) -> u64 {
    let mut reader = open(file, reading, scratch).expect("the file is readable");
    let mut rows = 0;
    match reading {
        Reading::Everything | Reading::Arriving(_) => {
            while let Some(entry) = reader.next_entry().expect("a row") {
                black_box(entry.outcome.expect("the row is accepted"));
                rows += 1;
            }
        }
        Reading::KnowledgeTimes => {
            while let Some(time) = reader.next_recorded_at().expect("a row") {
                black_box(time);
                rows += 1;
            }
        }
    }
    rows
}

fn parsing(criterion: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a directory");
    write(directory.path()).expect("written");
    let files = discover(directory.path())
        .expect("a directory of streams")
        .files;
    for (reading, name) in [
        (Reading::Everything, "claims"),
        (Reading::KnowledgeTimes, "knowledge times of claims"),
    ] {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(ROWS)).sample_size(20);
        for file in &files {
            let format = file
                .path
                .extension()
                .and_then(|extension| extension.to_str());
            group.bench_function(format.unwrap_or("file"), |bench| {
                bench.iter(|| assert_eq!(rows(file, reading, directory.path()), ROWS));
            });
        }
    }
}

criterion_group!(benches, parsing);
criterion_main!(benches);
