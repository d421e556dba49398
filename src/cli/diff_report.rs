//! What two runs decided differently, for the person who asked.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use console::style;
use serde_json::Value;

use super::replay_report::grouped;
use crate::audit::diff::{
    Basis, Because, Cell, DiffSummary, Differences, DifferingAlert, Dong, InputDifference, Pair,
    RowDifference, Side, State,
};

/// The most characters of a value in a line; digests are cut.
const WIDEST: usize = 40;

/// Prints a comparison on standard output.
pub fn print(summary: &DiffSummary, runs: (&Path, &Path)) -> io::Result<()> {
    let mut out = io::stdout().lock();
    write(&mut out, summary, runs)
}

fn write(out: &mut impl Write, summary: &DiffSummary, (a, b): (&Path, &Path)) -> io::Result<()> {
    writeln!(out, "A  {}", a.display())?;
    writeln!(out, "B  {}", b.display())?;
    writeln!(out)?;
    write_differences(out, &summary.differences)?;
    if summary.differing() == 0 {
        let same = grouped(summary.all.unchanged.alerts);
        return writeln!(out, "No alert differs; {same} are the same.");
    }
    let rows = summary.by_reason.iter();
    write_cells(
        out,
        "Alerts by reason",
        rows.map(|(reason, cell)| (reason.as_str(), cell)),
    )?;
    writeln!(out, "{}", cells("all", &summary.all))?;
    writeln!(out)?;
    write_map(out, "By province", &summary.by_province)?;
    let rows = summary.by_amount.iter();
    write_cells(out, "By amount", rows.map(|(band, cell)| (*band, cell)))?;
    writeln!(out)?;
    if !summary.later.is_empty() {
        write_map(out, "What came later", &summary.later)?;
    }
    writeln!(out, "{}", style("Explained by").bold())?;
    for (kind, alerts) in &summary.because {
        writeln!(out, "  {kind:<28}{:>12}", grouped(*alerts))?;
    }
    if summary.unexplained > 0 {
        let told = format!(
            "{} alerts differ and nothing explains it: one of the runs is not what it says, or the program decides \
             otherwise each time. Check both with `fundwatch verify`.",
            grouped(summary.unexplained)
        );
        writeln!(out, "{}", style(told).red())?;
    }
    writeln!(out)?;
    let (first, all) = (summary.first.len() as u64, summary.differing());
    if first > 0 {
        let heading = match first == all {
            true => "Alerts that differ".to_owned(),
            false => format!(
                "The first {} of {} alerts that differ",
                grouped(first),
                grouped(all)
            ),
        };
        writeln!(out, "{}", style(heading).bold())?;
        for alert in &summary.first {
            write_alert(out, alert)?;
        }
    }
    Ok(())
}

fn write_differences(out: &mut impl Write, differences: &Differences) -> io::Result<()> {
    let heading = match (differences.is_hindsight, differences.is_empty()) {
        (true, _) => "Hindsight: the same inputs, as known at two times",
        (_, true) => "The same inputs, decided by the same",
        _ => "What differs",
    };
    writeln!(out, "{}", style(heading).bold())?;
    for (run, is_stated) in [("A", differences.stated.a), ("B", differences.stated.b)] {
        if !is_stated {
            writeln!(
                out,
                "  {run} has no manifest.json: what it was made of is not known"
            )?;
        }
    }
    if let InputDifference::Differ(files) = &differences.inputs {
        for file in files {
            let state = |sha256: &Option<String>, rows: &Option<u64>| match (sha256, rows) {
                (None, _) => "none".to_owned(),
                (Some(sha256), None) => cut(sha256, 12),
                (Some(sha256), Some(rows)) => {
                    format!("{} ({} rows)", cut(sha256, 12), grouped(*rows))
                }
            };
            let (a, b) = (
                state(&file.sha256.a, &file.rows.a),
                state(&file.sha256.b, &file.rows.b),
            );
            writeln!(out, "  input {:<39}  A {a}  B {b}", file.name)?;
        }
    }
    for value in &differences.values {
        let (a, b) = (shown(&value.a), shown(&value.b));
        writeln!(out, "  {:<45}  A {a}  B {b}", value.name)?;
    }
    writeln!(out)
}

fn write_map(
    out: &mut impl Write,
    heading: &str,
    cells: &BTreeMap<String, Cell>,
) -> io::Result<()> {
    write_cells(
        out,
        heading,
        cells.iter().map(|(name, cell)| (name.as_str(), cell)),
    )?;
    writeln!(out)
}

fn write_cells<'c>(
    out: &mut impl Write,
    heading: &str,
    rows: impl Iterator<Item = (&'c str, &'c Cell)>,
) -> io::Result<()> {
    let heading = format!(
        "{heading:<28}{:>10}{:>12}{:>10}{:>10}{:>22}{:>22}",
        "new", "unchanged", "updated", "absent", "new, dong", "absent, dong"
    );
    writeln!(out, "{}", style(heading).bold())?;
    for (name, cell) in rows {
        writeln!(out, "{}", cells(name, cell))?;
    }
    Ok(())
}

fn cells(name: &str, cell: &Cell) -> String {
    let count = |state| grouped(cell.of(state).alerts);
    format!(
        "  {name:<26}{:>10}{:>12}{:>10}{:>10}{:>22}{:>22}",
        count(State::New),
        count(State::Unchanged),
        count(State::Updated),
        count(State::Absent),
        dong(cell.new.amount_b),
        dong(cell.absent.amount_a),
    )
}

fn dong(amount: Dong) -> String {
    let whole = amount.whole();
    let sign = if whole < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(whole.unsigned_abs()))
}

fn write_alert(out: &mut impl Write, alert: &DifferingAlert) -> io::Result<()> {
    let (state, reason) = (alert.state.as_str(), alert.reason);
    let (kind, id) = (&alert.subject.kind, &alert.subject.id);
    writeln!(
        out,
        "  {}  {state:<9} {reason}  {kind} {id}",
        alert.alert_id
    )?;
    for (field, Pair { a, b }) in &alert.changed {
        match (a, b) {
            (Value::Array(_), _) | (_, Value::Array(_)) => writeln!(out, "      {field} differs")?,
            _ => writeln!(out, "      {field}: A {}, B {}", shown(a), shown(b))?,
        }
    }
    for because in &alert.because {
        writeln!(out, "      because {}", told(because))?;
    }
    Ok(())
}

/// What explains an alert, in words.
fn told(because: &Because) -> String {
    match because {
        Because::ReasonNotComputed { run } => {
            let run = match run {
                Side::A => "A",
                Side::B => "B",
            };
            format!("{run} did not compute the reason")
        }
        Because::Threshold { name, a, b, number } => {
            let number = number.map(|number| format!("; the claim has {}", grouped(number.into())));
            format!(
                "{name} is {} in A, {} in B{}",
                shown(a),
                shown(b),
                number.unwrap_or_default()
            )
        }
        Because::Catalogue { a, b } => of_digests("the catalogue of rules", a, b),
        Because::ExclusiveBenefits { a, b } => of_digests("the list of exclusive benefits", a, b),
        Because::Model { a, b } => of_digests("the model", a, b),
        Because::LinkModel { a, b } => of_digests("the model that links participants", a, b),
        Because::LinkProbability { a, b } => {
            of_digests("the least weight of linked participants", a, b)
        }
        Because::Code { a, b } => of_digests("the program", a, b),
        Because::Rows { rows, files } if rows.is_empty() => {
            format!("rows differ in {}", files.join(", "))
        }
        Because::Rows { rows, .. } => list("rows differ:", rows.iter().map(row)),
        Because::AsOf { later, rows, .. } => {
            let words = list("it came later:", later.iter());
            let rows: Vec<String> = rows
                .iter()
                .map(|row| format!("{} {}", row.stream, row.key))
                .collect();
            match rows.is_empty() {
                true => words,
                false => format!("{words} ({})", rows.join(", ")),
            }
        }
        Because::Unexplained => "nothing explains it".to_owned(),
    }
}

fn row(row: &RowDifference) -> String {
    let basis = match row.basis {
        Basis::EvidenceOfA => "evidence in A",
        Basis::EvidenceOfB => "evidence in B",
        Basis::OtherTime => "known since another time",
        Basis::FileDiffers => "its file differs",
        Basis::HistoryOfA => "in the history of A",
        Basis::HistoryOfB => "in the history of B",
    };
    format!("{} {} ({basis})", row.stream, row.key)
}

fn list(heading: &str, of: impl Iterator<Item = impl Display>) -> String {
    let of: Vec<String> = of.map(|one| one.to_string()).collect();
    format!("{heading} {}", of.join(", "))
}

fn of_digests(what: &str, a: &Value, b: &Value) -> String {
    format!("{what} is {} in A, {} in B", shown(a), shown(b))
}

/// A value in a line. Digests are cut: the whole is in the manifests.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
            cut(text, 12)
        }
        Value::String(text) => text.clone(),
        other => cut(&other.to_string(), WIDEST),
    }
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
