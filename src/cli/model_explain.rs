//! `fundwatch model explain`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::demo::language;
use super::model::replayed_for_model;
use super::{failed, model_file, on_interrupt, wrong_call};
use crate::language::Language;

/// Says why claims under alerts stand where they stand in the queue.
///
/// The directory is replayed. Of each alert asked for: what makes the claim unlike others, the normal range among
/// its peers, with which value of one feature it would be ordinary, and what speaks for misuse rather than an error
/// and against it, in log-odds that add up.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Explain {
    /// The directory of streams, as `replay` reads it.
    #[arg(long, value_name = "DIR")]
    input: PathBuf,

    /// The model; without it, the one that comes with the program.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,

    /// The language; without it, that of LC_ALL, LC_MESSAGES or LANG, else English.
    #[arg(long, alias = "language", value_name = "vi|en", value_parser = language)]
    lang: Option<Language>,

    /// Alerts by their `alert_id`, or claims as `facility/visit_id`.
    #[arg(required = true, value_name = "ALERT")]
    alerts: Vec<String>,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done   1  the run failed, or none of the alerts holds   2  the call is wrong

Example:
  fundwatch model explain --input country --lang vi 01002/0000364576770";

impl Explain {
    pub(super) fn run(self) -> ExitCode {
        if !self.input.is_dir() {
            let input = self.input.display();
            return wrong_call(&format!(
                "--input {input} is not a directory; name the directory that holds the streams"
            ));
        }
        let model = match model_file::initial(self.model.as_deref()) {
            Ok(model) => model,
            Err(error) => return wrong_call(&error),
        };
        if let Err(error) = on_interrupt("interrupted; nothing was written") {
            return failed(&error);
        }
        let data = match replayed_for_model(&self.input, &std::env::temp_dir(), model.clone()) {
            Ok(data) => data,
            Err(error) => return failed(&error),
        };
        let language = self.lang.unwrap_or_else(Language::of_environment);
        let (mut told, mut missing) = (0, Vec::new());
        for asked in &self.alerts {
            let before = told;
            for case in &data.cases {
                let alert_id = case.alert_id.to_string();
                if *asked == alert_id || **asked == *case.subject.id {
                    if told > 0 {
                        println!();
                    }
                    println!("{alert_id}  {}  {}", case.reason.name(), case.subject.id);
                    let misuse = (case.reason, &case.observation);
                    let outlier = case.outlier.as_ref();
                    print!("{}", model.narrative(outlier, Some(misuse), language));
                    told += 1;
                }
            }
            if told == before {
                missing.push(asked.as_str());
            }
        }
        if missing.is_empty() {
            return ExitCode::SUCCESS;
        }
        failed(&std::io::Error::other(format!(
            "no alert of service_after_death, death_on_living_card, duplicate_identity or \
             identity_mismatch holds of {}; copy an `alert_id` or a subject's `id` from alerts.ndjson",
            missing.join(", ")
        )))
    }
}
