//! Causes and corrections against the truth.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use fundwatch::authenticate::{Cause, Verdict};
use fundwatch::record::{Day, Instant, SiNumber, Value};
use fundwatch::roster::{Asked, Registers, authenticate_one};
use fundwatch::synth::{Format, Options, Silent, generate};
use tempfile::TempDir;

/// What is true of a participant: cause and corrections.
type Truths = BTreeMap<SiNumber, (String, String)>;

fn country(citizens: u32, days: u32, seed: u64) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let options = Options {
        citizens,
        days,
        seed,
        format: Format::Csv,
        ..Options::new(directory.path().to_owned())
    };
    generate(&options, &mut Silent).unwrap();
    directory
}

/// What is true of the participants of whom a replay is to come to `end`.
fn truths(country: &Path, end: &str) -> Truths {
    let path = country.join("truth.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let place = |name| header.iter().position(|column| *column == name).unwrap();
    let [reason, subject, expected, cause, corrections] =
        ["reason", "subject", "expected", "cause", "corrections"].map(place);
    let mut truths = Truths::new();
    for line in lines {
        let cells: Vec<&str> = line.splitn(header.len(), ',').collect();
        if cells[reason] == "unauthenticated_identity" && cells[expected] == end {
            let truth = (cells[cause].to_owned(), cells[corrections].to_owned());
            truths.insert(SiNumber::from_text(cells[subject]).unwrap(), truth);
        }
    }
    truths
}

/// Corrections as the truth has them.
fn corrections(verdict: &Verdict) -> String {
    let correction = |c: &fundwatch::authenticate::Correction| {
        format!("{}.{}={}", c.database, c.field, c.proposed)
    };
    let all: Vec<String> = verdict.corrections.iter().map(correction).collect();
    all.join(";")
}

/// What becomes of every participant.
fn verdicts(registers: &Registers) -> impl Iterator<Item = (SiNumber, Verdict)> {
    registers.participants().map(|participant| {
        let si = participant.si_number;
        let asked = Asked {
            si_number: Some(si),
            ..Asked::default()
        };
        (
            si,
            authenticate_one(registers, 1, Ok(asked)).verdict.unwrap(),
        )
    })
}

/// Participants by what is true and what is found; `-` authenticates.
#[derive(Default)]
struct Table {
    causes: BTreeMap<(&'static str, &'static str), u64>,
    /// By what is true: corrections that are right, that are wrong, and none.
    corrections: BTreeMap<&'static str, [u64; 3]>,
}

impl Table {
    fn of(registers: &Registers, truths: &Truths) -> Self {
        let mut table = Self::default();
        for (si, verdict) in verdicts(registers) {
            let truth = truths.get(&si);
            let named = |cause: Option<Cause>| cause.map_or("-", Cause::as_str);
            let is = named(truth.map(|(cause, _)| Cause::from_name(cause).unwrap()));
            let found = named(verdict.cause);
            *table.causes.entry((is, found)).or_default() += 1;
            if let Some((_, right)) = truth {
                let proposed = corrections(&verdict);
                let place = match proposed.as_str() {
                    "" => 2,
                    proposed if proposed == right => 0,
                    _ => 1,
                };
                table.corrections.entry(is).or_default()[place] += 1;
            }
        }
        table
    }

    /// Of those of whom a cause is true, the share of whom it is found.
    fn share(&self, is: &str) -> f64 {
        let of = |of: &dyn Fn(&str) -> bool| -> u64 {
            let cells = self.causes.iter();
            cells
                .filter(|((a, b), _)| *a == is && of(b))
                .map(|(_, n)| n)
                .sum()
        };
        of(&|found| found == is) as f64 / of(&|_| true) as f64
    }

    /// Of the corrections that are proposed where a cause is true, the share that are right.
    fn share_right(&self, is: &str) -> f64 {
        let [right, wrong, _] = self.corrections[is];
        right as f64 / (right + wrong) as f64
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{:<22}{:<22}{:>8}", "true", "found", "people")?;
        for ((is, found), people) in &self.causes {
            writeln!(f, "{is:<22}{found:<22}{people:>8}")?;
        }
        let mut text = String::new();
        writeln!(
            text,
            "{:<22}{:>8}{:>8}{:>8}",
            "proposed for", "right", "wrong", "none"
        )?;
        for (is, [right, wrong, none]) in &self.corrections {
            writeln!(text, "{is:<22}{right:>8}{wrong:>8}{none:>8}")?;
        }
        write!(f, "\n{text}")
    }
}

#[test]
fn causes_and_corrections_are_those_of_the_truth() {
    for seed in [5, 6] {
        let country = country(60_000, 30, seed);
        let registers = Registers::read(country.path(), None, country.path()).unwrap();
        let truths = truths(country.path(), "stands");
        let table = Table::of(&registers, &truths);
        for cause in Cause::ALL {
            let (name, least) = match cause {
                Cause::NoPersonalId
                | Cause::UnknownPersonalId
                | Cause::SupersededId
                | Cause::CancelledId
                | Cause::SexDiffers => (cause.as_str(), 1.0),
                _ => (cause.as_str(), 0.95),
            };
            assert!(table.share(name) >= least, "{name}\n{table}");
            assert!(table.share_right(name) >= 0.95, "{name}\n{table}");
        }
        assert_eq!(table.share("-"), 1.0, "\n{table}");
        if seed == 5 {
            insta::assert_snapshot!("confusion", table.to_string());
        }
    }
}

#[test]
fn whoever_did_not_authenticate_on_some_day_is_in_the_truth() {
    let days = 145;
    let country = country(2_000, days, 1);
    let first = Day::from_civil(2025, 1, 1).unwrap();
    let (mut ever, mut last) = (BTreeSet::new(), BTreeSet::new());
    for day in -1..days as i32 {
        let as_of = Instant::end_of(first.plus(day));
        let registers = Registers::read(country.path(), as_of, country.path()).unwrap();
        let unmatched = verdicts(&registers).filter(|(_, verdict)| !verdict.is_authenticated());
        last = unmatched.map(|(si, _)| si).collect();
        ever.extend(last.iter().copied());
    }
    let labelled =
        |end| -> BTreeSet<SiNumber> { truths(country.path(), end).into_keys().collect() };
    let withdrawn: BTreeSet<SiNumber> = ever.difference(&last).copied().collect();
    assert!(last == labelled("stands"), "who stands");
    assert!(withdrawn == labelled("withdrawn"), "who is withdrawn");
    assert!(last.len() > 20 && !withdrawn.is_empty());
}
