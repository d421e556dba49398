//! Replays a synthetic year and prints how fast it went and what the dataflow held.
//!
//! ```text
//! cargo bench --bench made_up -- --citizens 20000 --claims 60000
//! ```
//! The input is made here, from the sizes alone: every run replays the same bytes. Its values are
//! uniform; it is there to be compared with itself, not with a fund. Half a percent of the claims are
//! sent again with another amount, and a percent of the citizens is called dead, some days late, by
//! one source or two.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use fundwatch::dataflow::layout;
use fundwatch::model::builtin;
use fundwatch::replay::{EpochLength, Options, Silent, Summary, run};
use fundwatch::rule::ReasonSet;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const DAYS: u64 = 365;
const FACILITIES: u64 = 500;

fn main() -> ExitCode {
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, default: u64| -> Result<u64, Box<dyn Error>> {
        let Some(at) = arguments.iter().position(|argument| argument == name) else {
            return Ok(default);
        };
        let value = arguments
            .get(at + 1)
            .ok_or(format!("{name} needs a number"))?;
        Ok(value
            .parse()
            .map_err(|_| format!("{name}: `{value}` is not a number"))?)
    };
    // The peak of memory is that of a process, so each replay has one of its own.
    if let Some(at) = arguments.iter().position(|argument| argument == "--replay") {
        let [input, epoch, workers] = arguments[at + 1..].first_chunk().ok_or("--replay")?;
        return replay(Path::new(input), epoch.parse()?, workers.parse()?);
    }
    let (citizens, claims) = (
        number("--citizens", 20_000)?.max(1),
        number("--claims", 60_000)?,
    );
    let directory = tempfile::tempdir()?;
    write_streams(directory.path(), citizens, claims)?;
    println!("{citizens} citizens, {claims} claims");
    for epoch in ["1d", "all"] {
        for workers in ["1", "2"] {
            println!("\n--epoch {epoch} --workers {workers}");
            let replayed = Command::new(std::env::current_exe()?)
                .arg("--replay")
                .args([
                    directory.path().as_os_str(),
                    epoch.as_ref(),
                    workers.as_ref(),
                ])
                .status()?;
            if !replayed.success() {
                return Err("the replay failed".into());
            }
        }
    }
    Ok(())
}

fn replay(input: &Path, epoch: EpochLength, workers: usize) -> Result<(), Box<dyn Error>> {
    let output = tempfile::tempdir()?;
    let options = Options {
        input: input.to_owned(),
        output: output.path().join("out"),
        as_of: None,
        epoch,
        workers,
        reasons: ReasonSet::ALL,
        strict: true,
        model: Arc::new(builtin().clone()),
        rules: Arc::default(),
    };
    print(&run(&options, &mut Silent)?);
    Ok(())
}

fn print(summary: &Summary) {
    let peak = summary.peak_memory_bytes.unwrap_or(0) as f64 / (1 << 20) as f64;
    println!(
        "{:.0} claims/s, {:.2} s, peak {peak:.0} MiB, {} epochs, {} alerts",
        summary.claims_per_second, summary.elapsed_seconds, summary.epochs, summary.alerts
    );
    println!(
        "{:52} {:>10} {:>4} {:>6} {:>8}",
        "arrangement", "records", "key", "value", "B/record"
    );
    for size in summary.arrangements.iter().filter(|size| size.records > 0) {
        let Some(layout) = layout(&size.name) else {
            continue;
        };
        // From one key for all records to a key for each.
        let least = layout.bytes(0, size.records) / size.records;
        let most = layout.bytes(size.records, size.records) / size.records;
        let bytes = if least == most {
            most.to_string()
        } else {
            format!("{least}-{most}")
        };
        let boxed = if layout.boxed { "+" } else { "" };
        println!(
            "{:52} {:>10} {:>4} {:>6} {:>8}",
            size.name,
            size.records,
            layout.key,
            format!("{}{boxed}", layout.value),
            format!("{bytes}{boxed}")
        );
    }
}

/// SplitMix64: the same numbers everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) % end
    }
}

/// A date of 2025, by its number in the year; 2026 follows it.
fn date(day: u64) -> String {
    const LENGTHS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let (year, mut day) = (2025 + day / DAYS, day % DAYS);
    let mut month = 1;
    for length in LENGTHS {
        if day < length {
            break;
        }
        (day, month) = (day - length, month + 1);
    }
    format!("{year}-{month:02}-{:02}", day + 1)
}

fn card(person: u64) -> String {
    format!("GD4{:02}{person:010}", person % 63 + 1)
}

fn write_streams(directory: &Path, citizens: u64, claims: u64) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(directory)?;
    let mut numbers = Numbers(citizens ^ claims.rotate_left(32));
    let file = |name: &str, header: &str| -> std::io::Result<BufWriter<File>> {
        let mut out = BufWriter::new(File::create(directory.join(name))?);
        writeln!(out, "{header}")?;
        Ok(out)
    };
    const START: &str = "2025-01-01T00:00:00+07:00";
    let mut registered = file(
        "citizens.csv",
        "recorded_at,personal_id,full_name,birth_date,sex,life_status,death_date",
    )?;
    let mut participants = file(
        "participants.csv",
        "recorded_at,si_number,personal_id,full_name,birth_date,sex",
    )?;
    let mut cards = file(
        "cards.csv",
        "recorded_at,card_number,valid_from,valid_to,status",
    )?;
    let mut reports = file(
        "death_reports.csv",
        "recorded_at,report_id,personal_id,si_number,death_date,source",
    )?;
    for n in 0..citizens {
        let person = format!("Person {n},{},{}", 1930 + n % 90, n % 2 + 1);
        writeln!(registered, "{START},{n:012},{person},alive,")?;
        writeln!(participants, "{START},{n:010},{n:012},{person}")?;
        writeln!(cards, "{START},{},2025-01-01,2025-12-31,valid", card(n))?;
        if numbers.below(100) == 0 {
            let died = numbers.below(DAYS - 60);
            let known = |late: u64| format!("{}T20:00:00+07:00", date(died + late));
            let (first, second) = (numbers.below(60), numbers.below(60));
            let day = date(died);
            writeln!(reports, "{},r{n},,{n:010},{day},hospital", known(first))?;
            if numbers.below(2) == 0 {
                writeln!(registered, "{},{n:012},{person},dead,{day}", known(second))?;
            }
        }
    }
    let mut out = file(
        "claims.csv",
        "recorded_at,facility,visit_id,cards,full_name,birth_date,sex,visit_type,object_code,\
         main_diagnosis,admitted_at,discharged_at,outcome,discharge_type,cost_drugs,cost_supplies,\
         cost_total,cost_covered,paid_by_fund,copay,self_paid,other_sources",
    )?;
    for n in 0..claims {
        let day = n * DAYS / claims.max(1);
        let (person, facility) = (numbers.below(citizens), numbers.below(FACILITIES));
        let (kind, nights) = match numbers.below(10) {
            0 => ("03", 1 + numbers.below(9)),
            _ => ("01", 0),
        };
        let hour = 7 + numbers.below(10);
        let (from, to) = (date(day), date(day + nights));
        let claim = |known: u64, total: u64| {
            format!(
                "{}T2{}:{:02}:00+07:00,{facility:05},{n},{},Person {person},{},{},{kind},1.1,J00,\
                 {from}T{hour:02}:00,{to}T{:02}:30,1,1,0,0,{total},{total},{},{},0,0",
                date(known),
                n % 4,
                n % 60,
                card(person),
                1930 + person % 90,
                person % 2 + 1,
                hour + 1,
                total * 4 / 5,
                total / 5,
            )
        };
        let total = 100_000 + 5 * numbers.below(1_000_000);
        writeln!(out, "{}", claim(day + nights, total))?;
        if numbers.below(200) == 0 {
            let later = nights + 1 + numbers.below(30);
            writeln!(out, "{}", claim(day + later, total + 5_000))?;
        }
    }
    for mut out in [registered, participants, cards, reports, out] {
        out.flush()?;
    }
    Ok(())
}
