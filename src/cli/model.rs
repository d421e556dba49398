//! `fundwatch model`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::{failed, on_interrupt, replay_bar::Bar, wrong_call};
use crate::detector::Detector;
use crate::language::Language;
use crate::model::{
    Labels, MisuseTrainOptions, ModelRegistry, OutlierModel, Population, ReasonKind, TrainError,
    TrainOptions, builtin, card, train_misuse,
};
use crate::replay::{self, EpochLength, Options, ReplayError, TrainingData};
use crate::rule::{Reason, ReasonSet};

/// Trains, judges and explains the model of claims, and scores other tables.
#[derive(Args)]
pub struct Model {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Train(Train),
    Evaluate(super::model_evaluate::Evaluate),
    Explain(super::model_explain::Explain),
    Score(super::model_score::Score),
}

/// Trains the model on the claims of a directory of streams, and writes its artefact and its card.
///
/// The directory is replayed. The model learns what ordinary claims are like: from a sample of about 250,000
/// of all claims but those under a reason with a score - service_after_death, death_on_living_card,
/// duplicate_identity, identity_mismatch -, and, for its figures, from all of them. It is fitted on the
/// earlier ones, and calibrated on the last fifth by admission date. The same rows and seed give the same
/// artefact.
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

    /// The claims are made up: the artefact says so, and its p-values raise no alerts.
    #[arg(long)]
    synthetic: bool,

    /// What alerts turned out to be, to learn how likely misuse is: a CSV with columns `alert_id` and
    /// `verdict`, as reviewers' verdicts are exported, or `reason`, `subject` and `label`, as the `truth.csv`
    /// of `fundwatch synth` has them. Without labels, what the model that comes with the program has
    /// learned is kept.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done   1  the run failed   2  the call is wrong

Example:
  fundwatch synth --output country --citizens 1000000 --seed 1
  fundwatch model train --input country --synthetic --labels country/truth.csv --output outlier.json
  fundwatch replay --input country --output out --model outlier.json";

/// Names and values of what was measured.
type Figures = Vec<(String, String)>;

impl Model {
    pub(super) fn run(self) -> ExitCode {
        match self.command {
            Command::Train(train) => train.run(),
            Command::Evaluate(evaluate) => evaluate.run(),
            Command::Explain(explain) => explain.run(),
            Command::Score(score) => score.run(),
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
        let labels = match self.labels.as_deref().map(Labels::read).transpose() {
            Ok(labels) => labels,
            Err(error) => return wrong_call(&format!("--labels: {error}")),
        };
        match self.train(labels.as_ref()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(error.as_ref()),
        }
    }

    fn train(&self, labels: Option<&Labels>) -> Result<(), Box<dyn std::error::Error>> {
        let data = replayed_for_model(&self.input, self.directory(), Arc::new(builtin().clone()))?;
        let options = TrainOptions {
            seed: self.seed,
            trained_on: self.describe.clone(),
            population: match self.synthetic {
                true => Population::Synthetic,
                false => Population::Fund,
            },
            ..TrainOptions::default()
        };
        let found = data.ordinary.len();
        let needed = OutlierModel::FEWEST_OBSERVATIONS;
        let figures = data.figures.clone();
        let figures = figures.ok_or(TrainError::TooFewObservations { found, needed })?;
        let model = OutlierModel::train(&data.ordinary, figures, &options)?;
        let (model, learned) = match labels {
            Some(labels) => self.with_labels(model, &data, labels)?,
            None => (model.with_misuse(builtin().misuse().clone()), Vec::new()),
        };
        let mut metrics = vec![(
            "ordinary claims of the sample".to_owned(),
            found.to_string(),
        )];
        metrics.extend(learned);
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

    /// The model with what labels say of misuse, and how many of each reason there were.
    fn with_labels(
        &self,
        model: OutlierModel,
        data: &TrainingData,
        labels: &Labels,
    ) -> Result<(OutlierModel, Figures), Box<dyn std::error::Error>> {
        let cases = data.labelled(&model, labels);
        let options = MisuseTrainOptions {
            seed: self.seed,
            ..MisuseTrainOptions::default()
        };
        let misuse = train_misuse(&cases, builtin().misuse(), &options)?;
        let count = |reason: ReasonKind| {
            let of_reason = cases.iter().filter(|case| case.reason == reason);
            let misuse = of_reason.clone().filter(|case| case.is_misuse).count();
            (
                format!("`{}`: labels learned from", reason.name()),
                format!("{misuse} misuse of {}", of_reason.count()),
            )
        };
        let counts = ReasonKind::ALL.map(count).into();
        Ok((model.with_misuse(misuse), counts))
    }

    /// Where the artefact goes, and temporary files until then.
    fn directory(&self) -> &Path {
        let parent = self.output.parent();
        let named = parent.filter(|parent| !parent.as_os_str().is_empty());
        named.unwrap_or(Path::new("."))
    }
}

/// Replays a directory and takes what models learn from and are judged by. `scratch` is a directory for
/// temporary files, of which nothing is kept.
///
/// # Errors
/// Those of the replay.
pub(super) fn replayed_for_model(
    input: &Path,
    scratch: &Path,
    model: Arc<OutlierModel>,
) -> Result<TrainingData, ReplayError> {
    let reasons: ReasonSet = Reason::ALL
        .iter()
        .copied()
        .filter(|reason| reason.is_scored() && *reason != Reason::CostOutlier)
        .collect();
    let options = Options {
        // What holds at the end is the same for any epoch, and one is the fastest.
        epoch: EpochLength::All,
        detector: Detector {
            reasons,
            models: ModelRegistry::new(model),
            ..Detector::default()
        },
        ..Options::new(input, scratch)
    };
    let mut bar = Bar::new(Language::English);
    let data = replay::training_data(&options, &mut bar);
    bar.clear();
    data
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
}
