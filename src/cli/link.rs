//! `fundwatch link`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use console::style;

use super::phase_bar::Bar;
use super::{failed, on_interrupt, wrong_call};
use crate::link::{self, Explanation, LinkError, Outputs, Request, Role, Summary};

/// Finds the records of one person, within one file or between two.
///
/// The input is any CSV with a header, plain, .gz or .zst. What its columns hold is guessed from their
/// names and cells, or named by --role; a column that tells which records belong together, such as
/// `cluster` or `group`, is never compared. How much each field says is learned from the file itself,
/// without labels: agreement on a rare name weighs much, on a common one little. The output has a line a
/// pair: left_id, right_id, probability.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Link {
    /// The records (CSV).
    #[arg(long, value_name = "FILE")]
    input: PathBuf,

    /// Link them with the records of this file (CSV) instead of with each other.
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,

    /// The pairs to write (CSV).
    #[arg(long, value_name = "FILE", required_unless_present = "explain")]
    output: Option<PathBuf>,

    /// The column of ids; by default `id`, `unique_id` or `rec_id`, or else the first column.
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,

    /// What a column holds: given_name, surname, full_name, date_of_birth, sex, street_number, address,
    /// city, postcode, province, phone, email, national_id, ssn, text or ignore. Repeatable.
    #[arg(long = "role", value_name = "COLUMN=ROLE", value_parser = role)]
    roles: Vec<(String, Role)>,

    /// The least probability of a pair that is written.
    #[arg(long, value_name = "P", default_value = "0.1", value_parser = probability)]
    threshold: f64,

    /// Also write the cluster of every record (CSV): file, id, cluster.
    #[arg(long, value_name = "FILE")]
    clusters: Option<PathBuf>,

    /// Use this model instead of learning one.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,

    /// Also write the model (JSON): integer weights by field and level; no value in clear.
    #[arg(long, value_name = "FILE")]
    save_model: Option<PathBuf>,

    /// Keep in the saved model only values that weigh at least so many bits less, or more, than a rare one:
    /// the more, the smaller the file.
    #[arg(long, value_name = "BITS", default_value_t = 0.05, value_parser = bits)]
    model_detail: f64,

    /// Show what each field says of two records, named by their ids, and write nothing.
    #[arg(long, num_args = 2, value_names = ["LEFT", "RIGHT"], allow_hyphen_values = true,
          conflicts_with_all = ["output", "clusters", "save_model"])]
    explain: Option<Vec<String>>,

    /// Threads; the output is the same for any number. By default as many as the machine runs at once.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done   1  the run failed   2  the call is wrong

Example:
  fundwatch link --input participants.csv --output pairs.csv --clusters clusters.csv
  fundwatch link --input claims.csv --against citizens.csv.gz --output pairs.csv --id claim_id
  fundwatch link --input participants.csv --explain 1042 7731";

impl Link {
    pub(super) fn run(self) -> ExitCode {
        if let Err(error) = on_interrupt("interrupted; nothing was written") {
            return failed(&error);
        }
        let threads = self.threads.map_or_else(
            || std::thread::available_parallelism().map_or(1, usize::from),
            usize::from,
        );
        let request = Request {
            input: self.input,
            against: self.against,
            id: self.id,
            roles: self.roles,
            model: self.model,
            threshold: self.threshold,
            threads,
        };
        let start = Instant::now();
        let bar = Bar::new();
        let told = match (self.explain.as_deref(), self.output) {
            (Some([left, right]), _) => {
                let explained = link::explain(&request, (left, right), &bar);
                bar.clear();
                explained.map(|explanation| explain(&explanation))
            }
            (_, Some(pairs)) => {
                let outputs = Outputs {
                    pairs,
                    clusters: self.clusters,
                    model: self.save_model,
                    model_detail: self.model_detail,
                };
                let done = link::run(&request, &outputs, &bar);
                bar.clear();
                done.map(|summary| print(&summary, &outputs, start))
            }
            _ => return wrong_call("name the file of pairs with --output FILE"),
        };
        match told {
            // A reader that has seen enough, such as `head`, is no failure.
            Ok(Err(error)) if error.kind() != io::ErrorKind::BrokenPipe => failed(&error),
            Ok(_) => ExitCode::SUCCESS,
            Err(LinkError::WrongCall(message)) => wrong_call(&message),
            Err(error) => failed(&error),
        }
    }
}

fn role(text: &str) -> Result<(String, Role), String> {
    let (column, role) = text
        .rsplit_once('=')
        .ok_or("use COLUMN=ROLE, such as ho_ten=full_name")?;
    Ok((column.to_owned(), role.parse()?))
}

fn probability(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|p| (0.0..1.0).contains(p));
    number.ok_or_else(|| "use a number from 0 to below 1, such as 0.5".to_owned())
}

fn bits(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|bits| (0.0..=64.0).contains(bits));
    number.ok_or_else(|| "use a number from 0 to 64, such as 1".to_owned())
}

fn print(summary: &Summary, outputs: &Outputs, start: Instant) -> io::Result<()> {
    for pass in summary.passes.iter().filter(|pass| pass.left_out > 0) {
        eprintln!(
            "{} {} blocks of records with {} in common were too large ({} records the largest): of \
             their {} pairs only those were compared that another likeness brought together",
            style("left out:").yellow().bold().for_stderr(),
            pass.left_out,
            pass.name,
            pass.largest,
            pass.pairs_left_out
        );
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{}", style("Columns").bold())?;
    writeln!(out, "  {:<30}id", summary.id_column)?;
    for (column, role) in &summary.columns {
        writeln!(out, "  {column:<30}{role}")?;
    }
    let records = summary.records.iter().map(usize::to_string);
    writeln!(
        out,
        "{} records, {} pairs compared, {} pairs written in {:.1} s",
        records.collect::<Vec<_>>().join(" and "),
        summary.compared,
        summary.links,
        start.elapsed().as_secs_f64()
    )?;
    writeln!(out, "Written to {}", outputs.pairs.display())
}

fn explain(explanation: &Explanation) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let bits = |weight: i32| f64::from(weight) / 1000.0;
    let heading = format!("{:<24}{:<46}{:>8}", "field", "agreement", "bits");
    writeln!(out, "{}", style(heading).bold())?;
    for field in &explanation.fields {
        let exchanged = if field.exchanged { " (exchanged)" } else { "" };
        let level = format!("{}{exchanged}", field.level);
        writeln!(
            out,
            "{:<24}{level:<46}{:>8.2}",
            field.field.name,
            bits(field.weight)
        )?;
    }
    for (name, weight) in &explanation.together {
        writeln!(out, "{name:<70}{:>8.2}", bits(*weight))?;
    }
    for (name, weight) in [
        ("where fields are", explanation.exchanged),
        ("before anything is known", explanation.prior),
        ("all", explanation.weight),
    ] {
        writeln!(out, "{name:<70}{:>8.2}", bits(weight))?;
    }
    writeln!(
        out,
        "probability by these two records: {:.6}",
        explanation.probability
    )?;
    match explanation.linked {
        Some(linked) => writeln!(out, "in the light of the other records: {linked:.6}"),
        None => writeln!(out, "in the light of the other records: no link"),
    }
}
