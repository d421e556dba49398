//! `fundwatch model`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{failed, on_interrupt, replay_bar::Bar, wrong_call};
use crate::language::Language;
use crate::model::{OutlierModel, TrainOptions, card, evaluate};
use crate::replay::{self, EpochLength, Options, TrainingData};
use crate::rule::{Reason, ReasonSet};

/// Trains the outlier model.
#[derive(Args)]
pub struct Model {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Train(Train),
}

/// Trains the model on the claims of a directory of streams, and writes its artefact and its card.
///
/// The directory is replayed. The model learns from the claims that are under a reason with a score -
/// service_after_death, death_on_living_card, duplicate_identity, identity_mismatch - and from the
/// costs of all claims for its peer groups. The same rows and seed give the same artefact.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
struct Train {
    /// The directory of streams, as `replay` reads it.
    #[arg(long, value_name = "DIR")]
    input: PathBuf,

    /// The artefact to write (JSON); its card is written beside it, with the extension `.md`.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,

    /// The seed of everything that is drawn.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// What the data is, for the artefact and its card; no identifiers.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "claims of a replayed directory"
    )]
    describe: String,

    /// Judge the model by known labels: a CSV with columns `reason`, `subject` and `label` (`misuse`
    /// or another), such as the `truth.csv` of `fundwatch synth`. They are not trained on.
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done   1  the run failed   2  the call is wrong

Example:
  fundwatch synth --output country --citizens 1000000 --seed 1
  fundwatch model train --input country --truth country/truth.csv --output outlier.json
  fundwatch replay --input country --output out --model outlier.json";

impl Model {
    pub(super) fn run(self) -> ExitCode {
        match self.command {
            Command::Train(train) => train.run(),
        }
    }
}

impl Train {
    fn run(self) -> ExitCode {
        if !self.input.is_dir() {
            let input = self.input.display();
            return wrong_call(&format!(
                "--input {input} is not a directory; name the directory that holds the streams"
            ));
        }
        if !self.directory().is_dir() {
            let output = self.output.display();
            return wrong_call(&format!(
                "--output {output}: its directory does not exist; make it first"
            ));
        }
        if let Err(error) = on_interrupt("interrupted; no model was written") {
            return failed(&error);
        }
        let truth = match self.truth.as_deref().map(evaluate::Truth::read).transpose() {
            Ok(truth) => truth,
            Err(error) => return wrong_call(&format!("--truth: {error}")),
        };
        match self.train(truth.as_ref()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(error.as_ref()),
        }
    }

    fn train(&self, truth: Option<&evaluate::Truth>) -> Result<(), Box<dyn std::error::Error>> {
        let data = self.data()?;
        let observations: Vec<_> = data.claims.iter().map(|claim| claim.observation).collect();
        let options = TrainOptions {
            seed: self.seed,
            trained_on: self.describe.clone(),
            ..TrainOptions::default()
        };
        let model = OutlierModel::train(&observations, &data.peers, &options)?;
        let mut metrics = vec![(
            "claims trained on, fitted and held out".to_owned(),
            observations.len().to_string(),
        )];
        if let Some(truth) = truth {
            let scored = data.claims.iter().map(|claim| {
                let distance = model.distance(&claim.observation);
                (claim.claim.to_string(), distance)
            });
            metrics.extend(truth.metrics(&scored.collect::<Vec<_>>()));
        }
        let card_file = self.output.with_extension("md");
        write(&self.output, &model.to_json())?;
        write(&card_file, &card(&model, &metrics))?;
        for (name, value) in &metrics {
            println!("{name}: {value}");
        }
        println!("SHA-256 {}", model.digest());
        println!(
            "Written to {} and {}",
            self.output.display(),
            card_file.display()
        );
        Ok(())
    }

    /// Where the artefact goes, and temporary files until then.
    fn directory(&self) -> &Path {
        let parent = self.output.parent();
        let named = parent.filter(|parent| !parent.as_os_str().is_empty());
        named.unwrap_or(Path::new("."))
    }

    /// Replays the input; nothing of the replay is kept but what is trained on.
    fn data(&self) -> Result<TrainingData, Box<dyn std::error::Error>> {
        let reasons: ReasonSet = Reason::ALL
            .iter()
            .copied()
            .filter(|reason| reason.is_scored() && *reason != Reason::CostOutlier)
            .collect();
        let options = Options {
            // What holds at the end is the same for any epoch, and one is the fastest.
            epoch: EpochLength::All,
            reasons,
            ..Options::new(&self.input, self.directory())
        };
        let mut bar = Bar::new(Language::English);
        let data = replay::training_data(&options, &mut bar);
        bar.clear();
        Ok(data?)
    }
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
}
