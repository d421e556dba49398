//! The binary, run as a user would, wherever the tests are run.

use std::process::Command;

/// The binary, away from the terminal, the language and the settings of whoever runs the tests.
pub fn fundwatch() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fundwatch"));
    for setting in [
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "FORCE_COLOR",
        "TERM",
        "LC_ALL",
        "LC_MESSAGES",
        "LANG",
    ] {
        command.env_remove(setting);
    }
    command.env("COLUMNS", "100");
    command
}
