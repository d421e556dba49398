//! `fundwatch authenticate`.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{failed, on_interrupt, replay::as_of, wrong_call};
use crate::language::Language;
use crate::record::Instant;
use crate::roster::{
    Asked, Counts, Format, People, Registers, RosterError, authenticate_all, authenticate_one, tell,
};
use crate::staging::Staging;

/// Authenticates people against the population register, and proposes what would put it right.
///
/// Without more, every participant of DIR; with --people, those of a list; with --si, --card,
/// --personal-id or --name, one person. Name, birth date and sex are compared with those of the
/// citizen who has the personal id. What is not given of a person is taken from the participant's
/// row. A correction is a proposal: nothing is changed anywhere.
#[derive(Args)]
#[command(after_long_help = AFTER_HELP)]
pub struct Authenticate {
    /// The directory of streams, as `replay` reads it: `citizens` and `participants` are read.
    #[arg(long, value_name = "DIR")]
    input: PathBuf,

    /// A list of people, `.csv` with a header or `.ndjson`, with some of the columns si_number,
    /// card_number, personal_id, full_name, birth_date and sex.
    #[arg(long, value_name = "FILE", conflicts_with_all = PERSON)]
    people: Option<PathBuf>,

    /// The file for the results, `.csv` or `.ndjson`: a line a person, with names and numbers in full.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Leave out what became known after TIME: an RFC 3339 time, or a date for the end of that day.
    #[arg(long, value_name = "TIME", value_parser = as_of)]
    as_of: Option<Instant>,

    /// One person: the social-insurance number, 10 digits.
    #[arg(long, value_name = "NUMBER")]
    si: Option<String>,

    /// One person: the card, 15 characters, which ends with the social-insurance number.
    #[arg(long, value_name = "CARD")]
    card: Option<String>,

    /// One person: the personal id, 12 digits, or the old number of 9.
    #[arg(long, value_name = "NUMBER")]
    personal_id: Option<String>,

    /// One person: the full name as presented.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,

    /// One person: the date of birth, YYYY-MM-DD, YYYY-MM or YYYY.
    #[arg(long, value_name = "DATE")]
    birth_date: Option<String>,

    /// One person: 1 male, 2 female, 3 undetermined.
    #[arg(long, value_name = "1|2|3")]
    sex: Option<String>,

    /// The language to tell it in; without it, that of LC_ALL, LC_MESSAGES or LANG, else English.
    #[arg(long, value_name = "vi|en", value_parser = super::demo::language)]
    language: Option<Language>,
}

/// The arguments that say who one person is.
const PERSON: [&str; 6] = ["si", "card", "personal_id", "name", "birth_date", "sex"];

const AFTER_HELP: &str = "\
A line of the results says whether the person matched; if not, the first cause of
  no_personal_id, unknown_personal_id, superseded_id, cancelled_id
or the one field that differs
  name_spelling, name_differs, birth_date_partial, birth_date_swapped, birth_date_differs,
  sex_differs
or several_causes; and the corrections: database (population or insurance), field, current and
proposed value, confidence and basis. A confidence is
  high    one explanation, which another field or the number bears out
  medium  the likeliest; to be confirmed against a document
  low     a lead; ask the person
Arguments can be read by others on the machine: from a program, use --people.

Exit codes:
  0  done, matched or not   1  the run failed   2  the call is wrong

Examples:
  fundwatch authenticate --input data --output results.csv
  fundwatch authenticate --input data --people people.csv --output results.ndjson
  fundwatch authenticate --input data --si 7900000001
  fundwatch authenticate --input data --personal-id 079080000011 --name 'Nguyễn Văn An' \\
      --birth-date 1980-05-17 --sex 1";

impl Authenticate {
    pub(super) fn run(self) -> ExitCode {
        if !self.input.is_dir() {
            let input = self.input.display();
            return wrong_call(&format!(
                "--input {input} is not a directory; name the directory that holds the streams"
            ));
        }
        let person = match self.person() {
            Ok(person) => person,
            Err(message) => return wrong_call(&message),
        };
        let output = match self.output.as_deref().map(output).transpose() {
            Ok(output) => output,
            Err(message) => return wrong_call(&message),
        };
        if person.is_none() && output.is_none() {
            return wrong_call(
                "--output is missing; name a .csv or .ndjson file for the results, or one person \
                 with --si, --card, --personal-id or --name",
            );
        }
        if let Some(people) = self.people.as_deref()
            && let Err(message) = list(people)
        {
            return wrong_call(&message);
        }
        if let Err(error) = on_interrupt("interrupted; no results were written") {
            return failed(&error);
        }
        let language = self.language.unwrap_or_else(Language::of_environment);
        match self.authenticate(person, output, language) {
            Ok(told) => {
                // A reader that has seen enough, such as `head`, is no failure.
                let _ = write!(std::io::stdout().lock(), "{told}");
                ExitCode::SUCCESS
            }
            Err(error) => failed(error.as_ref()),
        }
    }

    /// The person that the arguments name, if they name one.
    fn person(&self) -> Result<Option<Asked>, String> {
        let given = [
            ("--si", "si_number", &self.si),
            ("--card", "card_number", &self.card),
            ("--personal-id", "personal_id", &self.personal_id),
            ("--name", "full_name", &self.name),
            ("--birth-date", "birth_date", &self.birth_date),
            ("--sex", "sex", &self.sex),
        ];
        let mut asked = Asked::default();
        for (flag, column, text) in given {
            if let Some(text) = text {
                // The value is no part of the message: it may be somebody's number.
                let set = asked.set(column, text);
                set.map_err(|fault| format!("{flag}: {}", fault.expected()))?;
            }
        }
        let is_person = given.iter().any(|(_, _, text)| text.is_some());
        if is_person && asked.si_number.is_none() {
            let missing = [
                ("--name", asked.full_name.is_none()),
                ("--birth-date", asked.birth_date.is_none()),
                ("--sex", asked.sex.is_none()),
            ];
            if let Some((flag, _)) = missing.iter().find(|(_, missing)| *missing) {
                return Err(format!(
                    "{flag} is missing; give --name, --birth-date and --sex, or --si or --card of a participant"
                ));
            }
        }
        Ok(is_person.then_some(asked))
    }

    fn authenticate(
        &self,
        person: Option<Asked>,
        output: Option<(&Path, &str, Format)>,
        language: Language,
    ) -> Result<String, Box<dyn std::error::Error>> {
        let staging = output.map(|(directory, ..)| Staging::create(directory));
        let staging = staging.transpose()?;
        let temporary = std::env::temp_dir();
        let scratch = staging.as_ref().map_or(&*temporary, Staging::directory);
        let registers = Registers::read(&self.input, self.as_of, scratch)?;
        for (file, rows) in registers.rejected() {
            let file = console::style(file);
            eprintln!(
                "warning: {file}: rows that were not accepted: {rows}; `fundwatch replay` says why"
            );
        }
        if let Some(person) = person {
            let line = authenticate_one(&registers, 1, Ok(person));
            if let (Some(staging), Some((_, name, format))) = (staging, output) {
                let mut file = BufWriter::new(File::create(staging.path(name))?);
                format.header(&mut file)?;
                line.write(format, &mut file)?;
                file.flush()?;
                staging.publish(&[name], &[])?;
            }
            return Ok(tell(&line, language));
        }
        let (Some(staging), Some((_, name, format))) = (staging, output) else {
            return Ok(String::new());
        };
        let mut file = BufWriter::new(File::create(staging.path(name))?);
        let counts = self.authenticate_many(&registers, format, &mut file)?;
        file.flush()?;
        staging.publish(&[name], &[])?;
        Ok(counts.tell(language))
    }

    /// Authenticates a list, or every participant.
    fn authenticate_many(
        &self,
        registers: &Registers,
        format: Format,
        out: &mut impl Write,
    ) -> Result<Counts, RosterError> {
        if let Some(people) = &self.people {
            return authenticate_all(registers, People::open(people)?, format, out);
        }
        let everyone = registers.participants().zip(1..).map(|(participant, row)| {
            let asked = Asked {
                si_number: Some(participant.si_number),
                ..Asked::default()
            };
            Ok((row, Ok(asked)))
        });
        authenticate_all(registers, everyone, format, out)
    }
}

/// The directory, the name and the format of an output.
fn output(path: &Path) -> Result<(&Path, &str, Format), String> {
    let shown = path.display();
    let format = Format::of(path);
    let format =
        format.ok_or_else(|| format!("--output {shown}: end the name with .csv or .ndjson"))?;
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let directory = parent.unwrap_or(Path::new("."));
    if !directory.is_dir() {
        return Err(format!(
            "--output {shown}: its directory does not exist; make it first"
        ));
    }
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| format!("--output {shown}: the name is not a text in UTF-8"))?;
    Ok((directory, name, format))
}

/// Whether a list can be read by its name.
fn list(path: &Path) -> Result<(), String> {
    let shown = path.display();
    if Format::of(path).is_none() {
        return Err(format!(
            "--people {shown}: end the name with .csv or .ndjson"
        ));
    }
    if !path.is_file() {
        return Err(format!(
            "--people {shown} is not a file; name the list of people"
        ));
    }
    Ok(())
}
