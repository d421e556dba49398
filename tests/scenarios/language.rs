//! The language of scenarios: text to [`Scenario`]s, or the first line that cannot be read.

use std::collections::BTreeSet;
use std::path::Path;

use fundwatch::record::{Day, LocalTime, Stream, Value as _};
use fundwatch::rule::{Reason, Rules};
use serde_json::{Map, Value, json};

use crate::expectation::Expectation;
use crate::rows;

/// What happens, and what must be said of it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file's name without its extension.
    pub file: String,
    /// The line of the word `scenario`.
    pub line: usize,
    /// The sentence after it.
    pub name: String,
    /// The reasons looked at.
    pub watch: BTreeSet<Reason>,
    /// The as-of date asked for.
    pub as_of: Option<Day>,
    /// The text of a list of benefits that exclude each other, where it has its own.
    pub exclusive_benefits: Option<String>,
    /// The days on which rows become known, rising.
    pub epochs: Vec<Epoch>,
    /// Rows that must be rejected: stream and code.
    pub rejected: Vec<(Stream, String)>,
    /// Thresholds that hold from the start, as TOML.
    settings: Vec<String>,
}

/// A day of knowledge.
#[derive(Clone, Debug)]
pub struct Epoch {
    /// Where it begins.
    pub line: usize,
    /// The day.
    pub day: Day,
    /// The rows that become known on it.
    pub rows: Vec<RowLine>,
    /// What the history must say of it, when `expect none` is not all.
    pub expected: Vec<Expectation>,
    /// Thresholds that hold from its noon on, as TOML.
    settings: Vec<String>,
    /// Whether it says `expect none`.
    silent: bool,
}

/// One row of a stream.
#[derive(Clone, Debug)]
pub struct RowLine {
    /// Its stream.
    pub stream: Stream,
    /// Its NDJSON object.
    pub fields: Map<String, Value>,
}

impl Scenario {
    /// File, line and name, for messages.
    pub fn place(&self) -> String {
        format!("{} ({})", place(&self.file, self.line), self.name)
    }

    /// Its thresholds, as a file of rules.
    pub fn rules(&self) -> String {
        let mut lines = self.settings.clone();
        for epoch in self.epochs.iter().filter(|e| !e.settings.is_empty()) {
            lines.push("[[activation]]".to_owned());
            lines.push(format!("at = \"{}T12:00:00+07:00\"", epoch.day));
            lines.extend_from_slice(&epoch.settings);
        }
        lines.join("\n")
    }

    /// The latest `recorded_at` of its rows.
    pub fn last_recorded_at(&self) -> String {
        let rows = self.epochs.iter().flat_map(|e| &e.rows);
        let times = rows.filter_map(|r| r.fields["recorded_at"].as_str());
        times.max().unwrap_or_default().to_owned()
    }
}

/// A place in a file of scenarios, as editors and terminals follow it.
pub fn place(file: &str, line: usize) -> String {
    format!("tests/scenarios/{file}.txt:{line}")
}

/// Reads the scenarios of one file.
///
/// # Errors
/// The first line that cannot be read, with its place and what was expected.
pub fn parse(file: &str, text: &str) -> Result<Vec<Scenario>, String> {
    let mut parser = Parser {
        file,
        scenarios: Vec::new(),
    };
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        parser
            .line(index + 1, line)
            .map_err(|message| format!("{}: {message}", place(file, index + 1)))?;
    }
    for scenario in &parser.scenarios {
        complete(scenario)
            .map_err(|(line, message)| format!("{}: {message}", place(file, line)))?;
    }
    Ok(parser.scenarios)
}

/// What only a whole scenario can be asked.
fn complete(scenario: &Scenario) -> Result<(), (usize, String)> {
    if scenario.watch.is_empty() {
        let message = "the file's name is no reason: say which to `watch`";
        return Err((scenario.line, message.into()));
    }
    if scenario.epochs.iter().all(|e| e.rows.is_empty()) {
        return Err((scenario.line, "a scenario has rows".into()));
    }
    for epoch in &scenario.epochs {
        if epoch.silent != epoch.expected.is_empty() {
            let message = "an epoch expects `none`, or it expects something";
            return Err((epoch.line, message.into()));
        }
        if let Some(stranger) = epoch
            .expected
            .iter()
            .find(|e| !scenario.watch.contains(&e.reason))
        {
            let message = format!("`{}` is not watched here", stranger.reason);
            return Err((stranger.line, message));
        }
    }
    Ok(())
}

struct Parser<'a> {
    file: &'a str,
    scenarios: Vec<Scenario>,
}

impl Parser<'_> {
    fn line(&mut self, number: usize, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        match word {
            "scenario" if rest.is_empty() => Err("a scenario has a name".into()),
            "scenario" => {
                self.scenarios.push(Scenario {
                    file: self.file.to_owned(),
                    line: number,
                    name: rest.to_owned(),
                    watch: Reason::from_name(self.file).into_iter().collect(),
                    as_of: None,
                    exclusive_benefits: None,
                    epochs: Vec::new(),
                    rejected: Vec::new(),
                    settings: Vec::new(),
                });
                Ok(())
            }
            "watch" => {
                let reasons = rest.split_whitespace().map(reason);
                self.scenario()?.watch = reasons.collect::<Result<_, _>>()?;
                Ok(())
            }
            "as-of" => {
                self.scenario()?.as_of = Some(day(rest)?);
                Ok(())
            }
            "exclusive" => {
                let pairs = rest.split_whitespace().filter(|pair| *pair != "none");
                let rows: Result<Vec<String>, String> = pairs
                    .map(|pair| match pair.split_once('/') {
                        Some((one, other)) => Ok(format!("{one},{other},test\n")),
                        None => Err("`exclusive none`, or pairs `SCHEME/SCHEME`".to_owned()),
                    })
                    .collect();
                let list = format!("scheme,excludes,source\n{}", rows?.concat());
                self.scenario()?.exclusive_benefits = Some(list);
                Ok(())
            }
            "set" => self.set(rest),
            "epoch" => self.open(number, day(rest)?),
            "repeat" => self.repeat(number, rest),
            _ => self.statement(number, &tokens(line)?, 0),
        }
    }

    fn scenario(&mut self) -> Result<&mut Scenario, String> {
        let none = "the first line is `scenario` and a name";
        self.scenarios.last_mut().ok_or_else(|| none.into())
    }

    fn open(&mut self, line: usize, day: Day) -> Result<(), String> {
        let scenario = self.scenario()?;
        if scenario.epochs.last().is_some_and(|e| e.day >= day) {
            return Err("an epoch is later than the one before it".into());
        }
        scenario.epochs.push(Epoch {
            line,
            day,
            rows: Vec::new(),
            expected: Vec::new(),
            settings: Vec::new(),
            silent: false,
        });
        Ok(())
    }

    /// A threshold, which holds from the start or from the epoch on.
    fn set(&mut self, rest: &str) -> Result<(), String> {
        let usage = "`set REASON.THRESHOLD=VALUE`, with the value as TOML";
        let (name, value) = rest.split_once('=').ok_or(usage)?;
        let setting = format!("{name} = {value}");
        if let Err(error) = Rules::parse(Path::new("set"), &setting) {
            return Err(format!("{usage}: {error}"));
        }
        let scenario = self.scenario()?;
        match scenario.epochs.last_mut() {
            Some(epoch) => epoch.settings.push(setting),
            None => scenario.settings.push(setting),
        }
        Ok(())
    }

    fn repeat(&mut self, number: usize, rest: &str) -> Result<(), String> {
        let usage = || "`repeat N` or `repeat A..B`, then a line with `#`".to_owned();
        let (range, line) = rest.split_once(' ').ok_or_else(usage)?;
        let (first, last) = range.split_once("..").unwrap_or(("1", range));
        let first: i64 = first.parse().map_err(|_| usage())?;
        let last_number: i64 = last.parse().map_err(|_| usage())?;
        if !line.contains('#') || first > last_number {
            return Err(usage());
        }
        for n in first..=last_number {
            let line = line.replace('#', &format!("{n:0width$}", width = last.len()));
            self.statement(number, &tokens(line.trim())?, n - first)?;
        }
        Ok(())
    }

    /// A line inside an epoch. `turn` counts the rounds of a `repeat`.
    fn statement(&mut self, line: usize, words: &[String], turn: i64) -> Result<(), String> {
        let scenario = self.scenario()?;
        let Some(epoch) = scenario.epochs.last_mut() else {
            return Err("rows and expectations stand in an `epoch`".into());
        };
        match (words[0].as_str(), &words[1..]) {
            ("expect", [none]) if none == "none" => epoch.silent = true,
            ("expect", rest) => epoch.expected.push(Expectation::read(line, rest)?),
            ("rejected", [name, code]) => {
                let stream = Stream::ALL.iter().find(|s| s.name() == name);
                let stream = stream.ok_or_else(|| format!("`{name}` is no stream"))?;
                scenario.rejected.push((*stream, code.clone()));
            }
            ("rejected", _) => return Err("`rejected STREAM CODE`".into()),
            ("delete", [kind, key, time @ ..]) => {
                let stream = stream(kind)?;
                let mut fields = rows::key_fields(stream, key)?;
                fields.insert("op".into(), json!("delete"));
                match time {
                    [] => {}
                    [time] if time.starts_with("recorded_at=") => {
                        fields.insert("recorded_at".into(), json!(&time["recorded_at=".len()..]));
                    }
                    _ => return Err("`delete KIND KEY`, and no column but `recorded_at`".into()),
                }
                epoch.know(stream, fields)?;
            }
            (kind, [key, stated @ ..]) => {
                let stream = stream(kind)?;
                let mut stated: Vec<(String, String)> = stated
                    .iter()
                    .map(|word| {
                        let pair = word.split_once('=');
                        pair.map(|(c, v)| (c.to_owned(), v.to_owned()))
                            .ok_or_else(|| format!("`{word}` is not column=value"))
                    })
                    .collect::<Result<_, _>>()?;
                space_out(&mut stated, turn)?;
                epoch.know(stream, rows::upsert(stream, key, &stated)?)?;
            }
            (kind, []) => return Err(format!("`{kind}` needs a key")),
        }
        Ok(())
    }
}

impl Epoch {
    /// Adds a row, a second after the one before it.
    fn know(&mut self, stream: Stream, mut fields: Map<String, Value>) -> Result<(), String> {
        let second = self.rows.len() + 8 * 3600;
        let (hour, minute) = (second / 3600, second / 60 % 60);
        let default = format!(
            "{}T{hour:02}:{minute:02}:{:02}+07:00",
            self.day,
            second % 60
        );
        let at = fields.entry("recorded_at").or_insert(json!(default));
        if !at.is_string() || !at.to_string().contains(&self.day.to_string()) {
            return Err("`recorded_at` is on the epoch's day".into());
        }
        self.rows.push(RowLine { stream, fields });
        Ok(())
    }
}

/// Moves `admitted_at` on by `turn` times `every`, which is no column.
fn space_out(stated: &mut Vec<(String, String)>, turn: i64) -> Result<(), String> {
    let Some(place) = stated.iter().position(|(name, _)| name == "every") else {
        return Ok(());
    };
    let (_, every) = stated.remove(place);
    let usage = || "`every=1d`, `2h` or `5m`, beside an `admitted_at`".to_owned();
    let unit = match every.chars().last() {
        Some('d') => 1440,
        Some('h') => 60,
        Some('m') => 1,
        _ => return Err(usage()),
    };
    let count: i64 = every[..every.len() - 1].parse().map_err(|_| usage())?;
    let admitted = stated.iter_mut().find(|(name, _)| name == "admitted_at");
    let (_, text) = admitted.ok_or_else(usage)?;
    let first = LocalTime::from_text(text).ok_or_else(usage)?;
    *text = LocalTime::from_minutes(first.minutes() + turn * count * unit).to_string();
    Ok(())
}

fn stream(kind: &str) -> Result<Stream, String> {
    rows::stream_of(kind).ok_or_else(|| {
        let kinds: Vec<String> = Stream::ALL.iter().map(|s| rows::singular(*s)).collect();
        format!(
            "`{kind}` is neither a statement nor a row ({})",
            kinds.join(", ")
        )
    })
}

/// The reason of this name.
pub fn reason(name: &str) -> Result<Reason, String> {
    Reason::from_name(name).ok_or_else(|| format!("`{name}` is no reason"))
}

fn day(text: &str) -> Result<Day, String> {
    Day::from_text(text).ok_or_else(|| format!("`{text}` is no date YYYY-MM-DD"))
}

/// Words, of which a part may be quoted.
fn tokens(line: &str) -> Result<Vec<String>, String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words
                .last_mut()
                .expect("it starts with one")
                .push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    match (quoted, words.is_empty()) {
        (false, false) => Ok(words),
        (true, _) => Err("a quote is not closed".into()),
        (false, true) => Err("an empty statement".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORY: &str = "\
scenario the day itself
# a comment
epoch 2025-03-01
  citizen 001080000001 full_name=\"Lê Văn Mẫu\" province=
  repeat 9..11 claim 01001/V# admitted_at=2025-01-31T23:00 every=1d
  rejected claims bad_time
  repeat 2 expect raised stale_card card DN479790000000#
epoch 2025-03-02
  delete citizen 001080000001
  expect none
";

    #[test]
    fn a_story_is_read_line_by_line() {
        let scenarios = parse("stale_card", STORY).expect("scenarios");
        let [scenario] = scenarios.as_slice() else {
            panic!("one scenario");
        };
        assert_eq!(scenario.name, "the day itself");
        assert_eq!(scenario.watch, BTreeSet::from([Reason::StaleCard]));
        assert_eq!(scenario.rejected, [(Stream::Claims, "bad_time".to_owned())]);
        let rows = &scenario.epochs[0].rows;
        assert_eq!(rows[0].fields["full_name"], "Lê Văn Mẫu");
        assert_eq!(rows[0].fields["province"], Value::Null);
        assert_eq!(rows[0].fields["recorded_at"], "2025-03-01T08:00:00+07:00");
        let visits: Vec<_> = rows[1..]
            .iter()
            .map(|r| (&r.fields["visit_id"], &r.fields["admitted_at"]))
            .collect();
        assert_eq!(
            visits,
            [
                (&json!("V09"), &json!("2025-01-31T23:00")),
                (&json!("V10"), &json!("2025-02-01T23:00")),
                (&json!("V11"), &json!("2025-02-02T23:00")),
            ]
        );
        assert_eq!(rows[3].fields["recorded_at"], "2025-03-01T08:00:03+07:00");
        assert_eq!(
            scenario.epochs[0].expected[1].subject,
            "card DN4797900000002"
        );
        assert_eq!(scenario.epochs[1].rows[0].fields["op"], "delete");
        assert_eq!(scenario.last_recorded_at(), "2025-03-02T08:00:00+07:00");
    }

    #[test]
    fn what_cannot_be_read_is_named_with_its_line() {
        let head = "scenario a\nepoch 2025-03-01\n  card DN4797900000001\n  expect none\n";
        for (line, wrong) in [
            ("epoch 2025-03-01", "later than the one before"),
            ("epoch 2025-02-30", "no date"),
            ("cards X", "neither a statement nor a row"),
            ("card", "needs a key"),
            ("card DN4797900000001 valid", "not column=value"),
            ("card DN4797900000001 from=2025-01-01", "no column `from`"),
            ("card DN4797900000001 status=\"x", "a quote is not closed"),
            ("claim 01001", "facility/visit_id"),
            ("claim 01001/A every=1d", "beside an `admitted_at`"),
            (
                "claim 01001/A recorded_at=2025-03-02T08:00:00Z",
                "on the epoch's day",
            ),
            ("repeat 3 claim 01001/A", "with `#`"),
            ("expect raised nothing claim 01001/A", "no reason"),
            (
                "expect raised stale_card",
                "expect raised|changed|withdrawn",
            ),
            ("watch nothing", "no reason"),
            ("rejected stream bad_time", "no stream"),
            ("rejected claims", "`rejected STREAM CODE`"),
            ("set card_not_valid", "`set REASON.THRESHOLD=VALUE`"),
            ("set card_not_valid.days=1", "has no threshold `days`"),
            ("delete card DN4797900000001 status=valid", "no column but"),
        ] {
            let error = parse("stale_card", &format!("{head}{line}")).expect_err(line);
            assert!(error.contains(wrong), "{line}: {error}");
            assert!(error.starts_with("tests/scenarios/stale_card.txt:5: "));
        }
        for (text, wrong) in [
            ("epoch 2025-03-01", "the first line is `scenario`"),
            ("scenario", "a scenario has a name"),
            ("scenario a\ncard DN4797900000001", "stand in an `epoch`"),
            ("scenario a\nepoch 2025-03-01\nexpect none", "has rows"),
            (
                "scenario a\nepoch 2025-03-01\ncard DN4797900000001",
                "an epoch expects",
            ),
            (
                "scenario a\nepoch 2025-03-01\ncard DN4797900000001\nexpect raised unknown_card claim 01001/A",
                "not watched",
            ),
        ] {
            let error = parse("stale_card", text).expect_err(text);
            assert!(error.contains(wrong), "{text}: {error}");
        }
        let error = parse("theme", head).expect_err("nothing is watched");
        assert!(error.contains("say which to `watch`"), "{error}");
    }
}
