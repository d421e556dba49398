//! A command whose output is a secret, such as that of a key management system.
//!
//! In: a program with its arguments. Out: what it prints. Must hold: it is run without a shell, and not for longer than
//! half a minute; nothing that it prints is quoted by a message.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::secret::Secret;
use super::value::{Context, Fault, Setting, Written, list, text};

const LONGEST: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(20);
/// More is no secret.
const MOST: u64 = 64 << 10;

/// A program, by its whole path, with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine(Vec<String>);

impl Setting for CommandLine {
    fn read(value: &Written<'_>, _: &Context<'_>) -> Result<Self, Fault> {
        let expected = "expected a list of a program, by its whole path, and its arguments";
        let parts = list(value, expected)?;
        let parts = parts
            .iter()
            .map(|part| text(part, expected).map(str::to_owned));
        let parts: Vec<String> = parts.collect::<Result<_, _>>()?;
        match parts
            .first()
            .is_some_and(|first| Path::new(first).is_absolute())
        {
            true => Ok(Self(parts)),
            false => Err((value.span(), expected.to_owned())),
        }
    }
}

impl CommandLine {
    /// Runs it, and gives what it prints.
    ///
    /// # Errors
    /// When it cannot be run, fails, takes too long, or prints nothing.
    pub fn secret(&self) -> Result<Secret, String> {
        let Some((program, arguments)) = self.0.split_first() else {
            return Err("it names no program".to_owned());
        };
        let failed = |why: &dyn std::fmt::Display| format!("{program}: {why}");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| {
            failed(&format_args!(
                "{error}; name a program that this user may run"
            ))
        })?;
        let output = child.stdout.take();
        let reader = std::thread::spawn(move || {
            let mut bytes = Zeroizing::new(Vec::with_capacity(MOST as usize + 1));
            let read = output.map(|output| output.take(MOST + 1).read_to_end(&mut bytes));
            read.transpose().map(|_| bytes)
        });
        let ended = wait(&mut child).map_err(|error| failed(&error))?;
        if !ended.is_some_and(|status| status.success()) {
            return Err(failed(&match ended {
                Some(status) => {
                    format!("it ended with {status}; see what it says on standard error")
                }
                None => format!("it did not end within {} s", LONGEST.as_secs()),
            }));
        }
        let bytes = reader
            .join()
            .map_err(|_| failed(&"its output cannot be read"))?;
        let bytes = bytes.map_err(|error| failed(&error))?;
        let text =
            std::str::from_utf8(&bytes).map_err(|_| failed(&"it did not print UTF-8 text"))?;
        match bytes.len() as u64 > MOST {
            true => Err(failed(&"it printed more than a secret")),
            false => Secret::new(text).map_err(|_| failed(&"it printed nothing")),
        }
    }
}

/// How it ended; nothing where it had to be killed.
fn wait(child: &mut Child) -> std::io::Result<Option<std::process::ExitStatus>> {
    let began = Instant::now();
    while began.elapsed() < LONGEST {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        std::thread::sleep(GLANCE);
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(parts: &[&str]) -> Result<Secret, String> {
        CommandLine(parts.iter().map(|part| (*part).to_owned()).collect()).secret()
    }

    #[test]
    fn what_a_program_prints_is_the_secret_and_no_shell_reads_its_arguments() {
        let secret = run(&["/bin/echo", "$HOME; x"]).expect("printed");
        assert_eq!(secret.reveal(), "$HOME; x");
    }

    #[test]
    fn what_fails_says_so_without_what_it_printed() {
        let wrong = run(&["/bin/sh", "-c", "echo geheim; exit 3"]).expect_err("it failed");
        assert!(
            wrong.contains("exit status: 3") && !wrong.contains("geheim"),
            "{wrong}"
        );
        assert!(run(&["/no/such/program"]).is_err_and(|why| why.contains("may run")));
        assert!(run(&["/bin/true"]).is_err_and(|why| why.contains("nothing")));
        assert!(run(&["/bin/sh", "-c", "head -c 70000 /dev/zero | tr '\\0' x"]).is_err());
    }
}
