//! What two runs decided differently, for a terminal and for programs.
//!
//! In: the comparison. Out: text on standard output; numbers of people are masked.

use std::collections::BTreeMap;
use std::io::{self, Write};

use console::style;
use serde_json::{Value, json};

use crate::audit::{Because, Compared, Count, Differing, Side, State};
use crate::language::Language;
use crate::mask;

/// Prints the summary and the alerts that are shown.
pub(super) fn print(compared: &Compared, shown: &[Differing]) -> io::Result<()> {
    let out = &mut io::stdout().lock();
    let stated = &compared.stated;
    if stated.is_hindsight() {
        let known = |side: usize| stated.as_of[side].map_or("now".to_owned(), |at| at.to_string());
        let head = format!(
            "Hindsight: what was known at {}, against what was known at {}",
            known(0),
            known(1)
        );
        writeln!(out, "{}", style(head).bold())?;
    } else if stated.differences.is_empty() {
        writeln!(
            out,
            "{}",
            style("The runs state the same inputs, rules, models and settings.").bold()
        )?;
    } else {
        writeln!(out, "{}", style("What the runs state differently").bold())?;
        for one in &stated.differences {
            let name = one
                .name
                .as_ref()
                .map_or_else(String::new, |name| format!(" {name}"));
            writeln!(
                out,
                "  {}{name}: {} -> {}",
                one.what,
                plain(&one.a),
                plain(&one.b)
            )?;
        }
    }
    writeln!(out)?;
    let sums = &compared.sums;
    table(out, "Reason", &sums.by_reason)?;
    row(out, "all", &sums.all)?;
    if sums.all.differing() == 0 {
        writeln!(out, "\nNo alert differs.")?;
        return Ok(());
    }
    writeln!(out)?;
    table(out, "Because of", &sums.by_cause)?;
    writeln!(out, "  (an alert with several causes counts at each)")?;
    writeln!(out)?;
    table(out, "Province of the facility", &sums.by_province)?;
    if sums.unexplained > 0 {
        let text = format!(
            "{} alerts differ by nothing that the runs state or their histories say.",
            sums.unexplained
        );
        writeln!(out, "\n{}", style(text).red())?;
    }
    writeln!(out, "\n{}", style("Alerts that differ").bold())?;
    for differing in shown {
        alert(out, differing)?;
    }
    let more = sums.all.differing().saturating_sub(shown.len() as u64);
    if more > 0 {
        writeln!(
            out,
            "  and {} more; --output FILE writes all of them",
            count(more)
        )?;
    }
    Ok(())
}

/// Prints the summary for programs.
pub(super) fn print_json(compared: &Compared) -> io::Result<()> {
    let document = json!({
        "hindsight": compared.stated.is_hindsight(),
        "stated": compared.stated.differences,
        "sums": compared.sums,
    });
    let out = &mut io::stdout().lock();
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn table(out: &mut impl Write, name: &str, rows: &BTreeMap<String, Count>) -> io::Result<()> {
    let heading = format!(
        "{name:<44}{:>9}{:>9}{:>9}{:>11}{:>20}{:>20}",
        "new", "updated", "absent", "unchanged", "dong, new", "dong, absent"
    );
    writeln!(out, "{}", style(heading).bold())?;
    rows.iter()
        .filter(|(_, count)| count.differing() > 0 || name == "Reason")
        .try_for_each(|(name, count)| row(out, name, count))
}

fn row(out: &mut impl Write, name: &str, of: &Count) -> io::Result<()> {
    writeln!(
        out,
        "  {name:<42}{:>9}{:>9}{:>9}{:>11}{:>20}{:>20}",
        count(of.new.alerts),
        count(of.updated.alerts),
        count(of.absent.alerts),
        count(of.unchanged.alerts),
        of.new.amount_vnd.to_string(),
        of.absent.amount_vnd.to_string(),
    )
}

fn alert(out: &mut impl Write, differing: &Differing) -> io::Result<()> {
    let state = match differing.state {
        State::New => "new",
        State::Unchanged => "unchanged",
        State::Updated => "updated",
        State::Absent => "absent",
    };
    let [kind, id] = &differing.subject;
    writeln!(
        out,
        "  {} {state} {} · {kind} {}",
        differing.alert_id,
        differing.reason.as_str(),
        mask::text(id)
    )?;
    for change in &differing.changed {
        // What evidence names are people's numbers.
        if change.member.starts_with("evidence") || change.a.is_array() || change.b.is_array() {
            writeln!(out, "      {} differs", change.member)?;
        } else {
            writeln!(
                out,
                "      {}: {} -> {}",
                change.member,
                plain(&change.a),
                plain(&change.b)
            )?;
        }
    }
    for because in &differing.because {
        writeln!(out, "      because {}", told(because))?;
    }
    Ok(())
}

/// A cause in words.
fn told(because: &Because) -> String {
    let inputs = |inputs: &[crate::audit::ChangedInput]| {
        let told = inputs
            .iter()
            .map(|input| format!("{} {}", input.stream, mask::text(&input.key)));
        told.collect::<Vec<String>>().join(", ")
    };
    match because {
        Because::ReasonNotComputed { run: Side::A } => "A did not compute the reason".to_owned(),
        Because::ReasonNotComputed { run: Side::B } => "B did not compute the reason".to_owned(),
        Because::Threshold { name, a, b } => {
            format!("{name} is {} in A and {} in B", plain(a), plain(b))
        }
        Because::Rules => "the catalogue of rules differs".to_owned(),
        Because::Model => "the model differs".to_owned(),
        Because::LinkModel => "participants are linked otherwise".to_owned(),
        Because::ExclusiveBenefits => "the list of exclusive benefits differs".to_owned(),
        Because::KnownLater {
            at,
            event,
            inputs: of,
        } => {
            format!(
                "it was {event} by what became known at {at}: {}",
                inputs(of)
            )
        }
        Because::AsOf => "the as-of date differs".to_owned(),
        Because::Rows { inputs: of } => format!("rows differ: {}", inputs(of)),
        Because::Code => "another program computed it".to_owned(),
        Because::Unexplained => "of nothing that is known".to_owned(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        value => value.to_string(),
    }
}

fn count(number: u64) -> String {
    Language::English.count(number)
}
