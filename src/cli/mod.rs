//! The command line: one file a command, no logic.
//!
//! In: the arguments. Out: the exit code - 0 done, 1 the run failed, 2 the call or the configuration
//! is wrong.

mod authenticate;
mod config;
mod deciding;
mod demo;
mod diff;
mod diff_report;
mod explain;
mod explain_page;
mod keys;
mod link;
mod link_model_file;
mod loads;
mod master_key_file;
mod measures;
mod measures_table;
mod model;
mod model_evaluate;
mod model_explain;
mod model_file;
mod model_score;
mod notices;
mod notices_list;
mod phase_bar;
mod processes;
mod proof;
mod replay;
mod replay_bar;
mod replay_report;
mod report;
mod rules;
mod sample;
mod sample_table;
mod self_replay;
mod serve;
mod support_bundle;
mod synth;
mod token;
mod user;
mod user_list;
mod verify;
mod verify_proof;
mod what_if;
mod witness;

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Parser, Subcommand};

use crate::access::check_permissions;
use crate::rule::check_catalogue;
use crate::staging;

/// Streaming anomaly and fraud detector for a health-insurance fund.
#[derive(Parser)]
#[command(
    name = "fundwatch",
    version,
    arg_required_else_help = true,
    max_term_width = 100
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Authenticate(authenticate::Authenticate),
    Config(config::Config),
    Demo(demo::Demo),
    Diff(diff::Diff),
    Explain(explain::Explain),
    Keys(keys::Keys),
    Link(link::Link),
    Loads(loads::Loads),
    Measures(measures::Measures),
    Model(model::Model),
    Notices(notices::Notices),
    Proof(proof::Proof),
    Replay(replay::Replay),
    Report(report::Report),
    Rules(rules::Rules),
    Sample(sample::Sample),
    SelfReplay(self_replay::SelfReplay),
    Serve(serve::Serve),
    SupportBundle(support_bundle::SupportBundle),
    Synth(synth::Synth),
    Token(token::Token),
    User(user::User),
    Verify(verify::Verify),
    WhatIf(what_if::WhatIf),
    Witness(witness::Witness),
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    if let Err(error) = check_catalogue() {
        return failed(&error);
    }
    if let Err(error) = check_permissions() {
        return failed(&error);
    }
    match command {
        Command::Authenticate(authenticate) => authenticate.run(),
        Command::Config(config) => config.run(),
        Command::Demo(demo) => demo.run(),
        Command::Diff(diff) => diff.run(),
        Command::Explain(explain) => explain.run(),
        Command::Keys(keys) => keys.run(),
        Command::Link(link) => link.run(),
        Command::Loads(loads) => loads.run(),
        Command::Measures(measures) => measures.run(),
        Command::Model(model) => model.run(),
        Command::Notices(notices) => notices.run(),
        Command::Proof(proof) => proof.run(),
        Command::Replay(replay) => replay.run(),
        Command::Report(report) => report.run(),
        Command::Rules(rules) => rules.run(),
        Command::Sample(sample) => sample.run(),
        Command::SelfReplay(self_replay) => self_replay.run(),
        Command::Serve(serve) => serve.run(),
        Command::SupportBundle(bundle) => bundle.run(),
        Command::Synth(synth) => synth.run(),
        Command::Token(token) => token.run(),
        Command::User(user) => user.run(),
        Command::Verify(verify) => verify.run(),
        Command::WhatIf(what_if) => what_if.run(),
        Command::Witness(witness) => witness.run(),
    }
}

/// Makes an interruption remove what is not whole yet, say `told` and end the process.
///
/// # Errors
/// When the operating system refuses the handler.
fn on_interrupt(told: &'static str) -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(move || {
        if IS_SERVICE.load(Ordering::Acquire) {
            // The service waits for signals itself.
            return;
        }
        // Held until the process is gone, so that nothing half-written is published.
        let _guard = staging::abandon();
        eprintln!("{told}");
        std::process::exit(1);
    })
}

/// Whether what runs from now on ends by itself when it is interrupted.
static IS_SERVICE: AtomicBool = AtomicBool::new(false);

/// A failed run, told on standard error.
fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!(
        "{} {error}",
        console::style("error:").red().bold().for_stderr()
    );
    ExitCode::from(1)
}

/// A wrong call, told on standard error.
fn wrong_call(message: &str) -> ExitCode {
    eprintln!(
        "{} {message}",
        console::style("error:").red().bold().for_stderr()
    );
    ExitCode::from(2)
}
