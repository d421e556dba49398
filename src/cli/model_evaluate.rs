//! `fundwatch model evaluate`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::model::replayed_for_model;
use super::{failed, model_file, on_interrupt, wrong_call};
use crate::model::{Evaluation, Labels, evaluation_text, reliability_diagram};

/// Judges a model by alerts of which it is known what they were.
///
/// The directory is replayed and its alerts are put in the order of the queue. Told are, by reason, how well
/// misuse is told from errors; how much misuse the first alerts of the queue hold; whether probabilities are
/// what they say; and how many alerts a level of p-values would give.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Evaluate {
    /// The directory of streams, as `replay` reads it.
    #[arg(long, value_name = "DIR")]
    input: PathBuf,

    /// What the alerts turned out to be: a CSV with columns `alert_id` and `verdict`, or `reason`, `subject`
    /// and `label`, such as the `truth.csv` of `fundwatch synth`.
    #[arg(long, value_name = "FILE")]
    labels: PathBuf,

    /// The model; without it, the one that comes with the program.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,

    /// A directory for `evaluation.json` and `reliability.svg`, made when absent.
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done   1  the run failed   2  the call is wrong

Example:
  fundwatch synth --output other --citizens 200000 --seed 2 --flagged-per-million 20000
  fundwatch model evaluate --input other --labels other/truth.csv --output evaluation";

impl Evaluate {
    pub(super) fn run(self) -> ExitCode {
        if !self.input.is_dir() {
            let input = self.input.display();
            return wrong_call(&format!(
                "--input {input} is not a directory; name the directory that holds the streams"
            ));
        }
        let labels = match Labels::read(&self.labels) {
            Ok(labels) => labels,
            Err(error) => return wrong_call(&format!("--labels: {error}")),
        };
        let model = match model_file::initial(self.model.as_deref()) {
            Ok(model) => model,
            Err(error) => return wrong_call(&error),
        };
        if let Err(error) = on_interrupt("interrupted; nothing was written") {
            return failed(&error);
        }
        if let Some(output) = &self.output
            && let Err(error) = std::fs::create_dir_all(output)
        {
            return wrong_call(&format!("--output {}: {error}", output.display()));
        }
        let temporary = std::env::temp_dir();
        let scratch = self.output.as_ref().unwrap_or(&temporary);
        match replayed_for_model(&self.input, scratch, model.clone()) {
            Ok(data) => {
                let ordinary = data.ordinary.iter().map(|claim| &claim.observation);
                let drift = model.drift(ordinary);
                self.tell(&Evaluation::of(data.judged(&model, &labels), drift))
            }
            Err(error) => failed(&error),
        }
    }

    fn tell(&self, evaluation: &Evaluation) -> ExitCode {
        if evaluation.alerts == 0 {
            let labels = self.labels.display();
            return failed(&std::io::Error::other(format!(
                "{labels} has no label of an alert that holds in this directory: label alerts of \
                 service_after_death, death_on_living_card, duplicate_identity or identity_mismatch"
            )));
        }
        print!("{}", evaluation_text(evaluation));
        let Some(output) = &self.output else {
            return ExitCode::SUCCESS;
        };
        match write(output, evaluation) {
            Ok(()) => {
                println!("\nWritten to {}", output.display());
                ExitCode::SUCCESS
            }
            Err(error) => failed(&error),
        }
    }
}

fn write(output: &Path, evaluation: &Evaluation) -> std::io::Result<()> {
    let shown = |error: std::io::Error, file: &Path| {
        std::io::Error::new(error.kind(), format!("{}: {error}", file.display()))
    };
    let mut json = serde_json::to_string_pretty(evaluation)?;
    json.push('\n');
    for (name, text) in [
        ("evaluation.json", json),
        ("reliability.svg", reliability_diagram(evaluation)),
    ] {
        let file = output.join(name);
        std::fs::write(&file, text).map_err(|error| shown(error, &file))?;
    }
    Ok(())
}
