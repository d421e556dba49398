//! The settings of a run: those that it begins with, and the times at which others, or another outlier model,
//! take force.
//!
//! In: a TOML file of thresholds (`fundwatch replay --rules FILE`), or nothing. Out: [`Rules`]. Must hold: every
//! setting is one that its threshold may have; activations are in order of time, each at a time of its own.
//!
//! ```toml
//! [overlapping_stay]
//! overlap_minutes = 180
//!
//! [[activation]]
//! at = "2025-03-10T00:00:00+07:00"
//! note = "decision 12 of the steering committee"
//! frequent_visits.visits = 40
//! frequent_visits.window_days = 90
//!
//! [[activation]]
//! at = "2025-06-01T00:00:00+07:00"
//! model = "outlier-2025.json"
//! ```
//! What a file does not say has the catalogue's default; what an activation does not say stays as it is. The
//! file of a model is looked for beside the file that names it; `builtin` is the model that comes with the program.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::IntoDeserializer;
use sha2::{Digest, Sha256};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::catalogue::catalogue;
use super::reason::Reason;
use super::settings::{Settings, Values};
use super::threshold::Value;
use crate::hex::hex;
use crate::record::{Instant, Value as _};

/// Bytes beyond which a file is not one of thresholds.
const MOST_BYTES: u64 = 1 << 20;

/// What an activation calls the model that comes with the program.
pub const BUILTIN_MODEL: &str = "builtin";

/// The settings of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    initial: Settings,
    activations: Vec<Activation>,
    source: Option<RulesSource>,
}

/// Settings that take force at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation {
    /// When, in knowledge time: they hold from the epoch on that holds this time.
    pub at: Instant,
    /// Who decided it, or why.
    pub note: Option<String>,
    /// All settings from then on.
    pub settings: Settings,
    /// The model from then on: its file, or [`BUILTIN_MODEL`]; none while it is the one that the run began with.
    pub model: Option<PathBuf>,
}

/// The file that rules come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesSource {
    /// Where it was.
    pub path: PathBuf,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// What it said.
    pub text: String,
}

/// A file of thresholds that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// It cannot be read.
    #[error("{}: {error}; name a file of thresholds that can be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// It says something that cannot be.
    #[error("{}, line {line}: {what}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong, and what to do.
        what: String,
    },
}

impl Activation {
    /// The model that takes force, where another one was in force before.
    pub fn model_after(&self, former: Option<&Path>) -> Option<&Path> {
        self.model.as_deref().filter(|model| Some(*model) != former)
    }
}

impl Default for Rules {
    /// The catalogue's defaults, for ever.
    fn default() -> Self {
        Self::of(Settings::defaults().clone())
    }
}

impl Rules {
    /// Settings, for ever.
    pub fn of(initial: Settings) -> Self {
        Self {
            initial,
            activations: Vec::new(),
            source: None,
        }
    }

    /// Reads a file of thresholds.
    ///
    /// # Errors
    /// When it cannot be read, or says something that cannot be.
    pub fn read(path: &Path) -> Result<Self, RulesError> {
        let unreadable = |error| RulesError::Unreadable {
            path: path.to_owned(),
            error,
        };
        let length = std::fs::metadata(path).map_err(unreadable)?.len();
        if length > MOST_BYTES {
            let error = format!("it has {length} bytes, more than a file of thresholds needs");
            return Err(unreadable(std::io::Error::other(error)));
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(path, &text)
    }

    /// Parses the text of a file of thresholds.
    ///
    /// # Errors
    /// When it says something that cannot be.
    pub fn parse(path: &Path, text: &str) -> Result<Self, RulesError> {
        Self::parse_over(Settings::defaults(), path, text)
    }

    /// Parses the text of a file of thresholds, where other settings than the catalogue's defaults hold for what it
    /// does not say.
    ///
    /// # Errors
    /// When it says something that cannot be.
    pub fn parse_over(defaults: &Settings, path: &Path, text: &str) -> Result<Self, RulesError> {
        let wrong = |(place, what): Wrong| RulesError::Wrong {
            path: path.to_owned(),
            line: text[..place.min(text.len())].matches('\n').count() + 1,
            what,
        };
        let directory = path.parent().unwrap_or(Path::new(""));
        let mut rules = parse(defaults, text, directory).map_err(wrong)?;
        rules.source = Some(RulesSource {
            path: path.to_owned(),
            sha256: hex(&Sha256::digest(text)),
            text: text.to_owned(),
        });
        Ok(rules)
    }

    /// The settings before the first activation.
    pub fn initial(&self) -> &Settings {
        &self.initial
    }

    /// The activations, in order of time.
    pub fn activations(&self) -> &[Activation] {
        &self.activations
    }

    /// The file that they come from.
    pub fn source(&self) -> Option<&RulesSource> {
        self.source.as_ref()
    }

    /// The settings that hold at a time, and, without one, after the last activation.
    pub fn at(&self, at: Option<Instant>) -> &Settings {
        let is_past = |activation: &&Activation| at.is_none_or(|at| activation.at <= at);
        let past = self.activations.iter().take_while(is_past).last();
        past.map_or(&self.initial, |activation| &activation.settings)
    }
}

/// A place in the text, and what is wrong there.
type Wrong = (usize, String);

/// What a table says of thresholds, and the entries that are none.
type Entries<'a> = Vec<(Spanned<toml::de::DeString<'a>>, Spanned<DeValue<'a>>)>;

/// One `[[activation]]`, as it stands in a file.
struct Told {
    place: usize,
    at: Instant,
    note: Option<String>,
    values: Values,
    model: Option<String>,
}

fn parse(defaults: &Settings, text: &str, directory: &Path) -> Result<Rules, Wrong> {
    let table = DeTable::parse(text).map_err(|error| {
        let place = error.span().map_or(0, |span| span.start);
        (place, format!("{}; mend the TOML", error.message()))
    })?;
    let (values, others) = values(table.into_inner())?;
    let initial = with(defaults, &values, 0)?;
    let mut activations: Vec<Told> = Vec::new();
    for (key, value) in others {
        if key.get_ref() != "activation" {
            return Err((key.span().start, unknown_group(key.get_ref())));
        }
        let place = value.span().start;
        let DeValue::Array(tables) = value.into_inner() else {
            let what = "`activation` is a list of tables; begin each with [[activation]]";
            return Err((place, what.to_owned()));
        };
        for table in tables {
            activations.push(activation(table)?);
        }
    }
    activations.sort_by_key(|told| told.at);
    if let Some([_, Told { place, at, .. }]) = (activations.windows(2))
        .find(|pair| pair[0].at == pair[1].at)
        .and_then(|pair| pair.first_chunk::<2>())
    {
        let what = format!("another activation is at {at}; say both in one");
        return Err((*place, what));
    }
    let (mut settings, mut model) = (initial.clone(), None);
    let mut in_order = Vec::with_capacity(activations.len());
    for told in activations {
        settings = with(&settings, &told.values, told.place)?;
        let named = told.model.map(|name| match name.as_str() {
            BUILTIN_MODEL => PathBuf::from(name),
            _ => directory.join(name),
        });
        model = named.or(model);
        in_order.push(Activation {
            at: told.at,
            note: told.note,
            settings: settings.clone(),
            model: model.clone(),
        });
    }
    Ok(Rules {
        initial,
        activations: in_order,
        source: None,
    })
}

fn with(settings: &Settings, values: &Values, place: usize) -> Result<Settings, Wrong> {
    settings.with(values).map_err(|what| (place, what))
}

/// Reads one `[[activation]]`.
fn activation(table: Spanned<DeValue<'_>>) -> Result<Told, Wrong> {
    let place = table.span().start;
    let DeValue::Table(table) = table.into_inner() else {
        return Err((place, "an activation is a table".to_owned()));
    };
    let (values, others) = values(table)?;
    let (mut at, mut note, mut model) = (None, None, None);
    for (key, value) in others {
        let of_value = value.span().start;
        match (key.get_ref().as_ref(), value.into_inner()) {
            ("at", DeValue::Datetime(time)) => at = Some((of_value, time.to_string())),
            ("at", DeValue::String(time)) => at = Some((of_value, time.into_owned())),
            ("at", _) => return Err((of_value, wrong_time())),
            ("note", DeValue::String(text)) => note = Some(text.into_owned()),
            ("model", DeValue::String(name)) if !name.is_empty() => model = Some(name.into_owned()),
            ("model", _) => {
                let what = "expected the name of a model's file in quotes, or \"builtin\"";
                return Err((of_value, what.to_owned()));
            }
            ("note", _) => return Err((of_value, "expected a text in quotes".to_owned())),
            (other, _) => return Err((key.span().start, unknown_group(other))),
        }
    }
    let (of_time, at) = at.ok_or_else(|| {
        let what = "the activation has no time; add at = \"2025-03-10T00:00:00+07:00\"";
        (place, what.to_owned())
    })?;
    let at = Instant::from_text(&at).ok_or_else(|| (of_time, wrong_time()))?;
    if values.is_empty() && model.is_none() {
        let what = "the activation changes no threshold and no model; add one, or leave the activation out";
        return Err((place, what.to_owned()));
    }
    Ok(Told {
        place,
        at,
        note,
        values,
        model,
    })
}

fn wrong_time() -> String {
    "expected a time with its offset, as \"2025-03-10T00:00:00+07:00\"".to_owned()
}

/// Takes the thresholds out of a table; the entries that are no group of thresholds are left.
fn values(table: DeTable<'_>) -> Result<(Values, Entries<'_>), Wrong> {
    let mut values = Values::new();
    let mut others = Entries::new();
    for (group, table) in table {
        let name = group.get_ref().as_ref();
        if groups().all(|known| known != name) {
            others.push((group, table));
            continue;
        }
        let place = table.span().start;
        let DeValue::Table(table) = table.into_inner() else {
            let what = format!("`{name}` is a table of thresholds; begin it with [{name}]");
            return Err((place, what));
        };
        for (key, value) in table {
            let value = one_value(name, &key, value)?;
            values.insert((name.to_owned(), key.into_inner().into_owned()), value);
        }
    }
    Ok((values, others))
}

/// The value that a threshold is given.
fn one_value(
    group: &str,
    key: &Spanned<toml::de::DeString<'_>>,
    value: Spanned<DeValue<'_>>,
) -> Result<Value, Wrong> {
    let name = key.get_ref();
    let threshold = catalogue().threshold(group, name).ok_or_else(|| {
        let known = catalogue().thresholds();
        let known: Vec<&str> = known
            .filter(|(of, ..)| *of == group)
            .map(|(_, key, _)| key)
            .collect();
        let known = known.join("`, `");
        let what = format!("`{group}` has no threshold `{name}`; it has `{known}`");
        (key.span().start, what)
    })?;
    let place = value.span().start;
    let value = Value::deserialize(value.into_deserializer()).map_err(|error| {
        let place = error.span().map_or(place, |span| span.start);
        let (why, shape) = (error.message(), threshold.shape());
        (place, format!("`{name}`: {why}; expected {shape}"))
    })?;
    threshold
        .check(&value)
        .map_err(|why| (place, format!("`{name}`: {why}")))?;
    Ok(value)
}

/// The reasons and terms that have thresholds.
fn groups() -> impl Iterator<Item = &'static str> {
    let mut last = "";
    catalogue().thresholds().filter_map(move |(group, ..)| {
        let is_new = group != last;
        last = group;
        is_new.then_some(group)
    })
}

fn unknown_group(name: &str) -> String {
    match Reason::from_name(name) {
        Some(_) => format!("`{name}` has no thresholds; leave it out"),
        None => {
            let known: Vec<&str> = groups().collect();
            let known = known.join(", ");
            format!("`{name}` has no thresholds; those that have are {known}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Rules, String> {
        Rules::parse(Path::new("rules.toml"), text).map_err(|error| error.to_string())
    }

    fn at(text: &str) -> Instant {
        Instant::from_text(text).expect("a time")
    }

    #[test]
    fn what_a_file_does_not_say_stays_as_it_is() {
        let rules = parsed(
            r#"
            [overlapping_stay]
            overlap_minutes = 60
            [[activation]]
            at = 2025-03-11T00:00:00+07:00
            [activation.frequent_visits]
            visits = 3
            [[activation]]
            at = "2025-03-10T00:00:00+07:00"
            note = "why"
            benefit_mismatch.level_rates_percent = [100, 100, 90, 70, 100]
            benefit_mismatch.base_salaries = [
              { from = 2020-01-01, dong = 5 },
              { dong = 6, from = 2021-01-01 },
            ]
            frequent_visits.visits = 2
            "#,
        )
        .expect("rules");
        let [first, second] = rules.activations() else {
            panic!("two activations");
        };
        assert_eq!(rules.initial().overlapping_stay.overlap_minutes, 60);
        assert_eq!(rules.initial().frequent_visits.visits, 50);
        assert_eq!(first.at, at("2025-03-10T00:00:00+07:00"));
        assert_eq!(first.note.as_deref(), Some("why"));
        assert_eq!(first.settings.overlapping_stay.overlap_minutes, 60);
        assert_eq!(first.settings.frequent_visits.visits, 2);
        assert_eq!(first.settings.benefit_mismatch.level_rates_percent[3], 70);
        assert_eq!(second.settings.benefit_mismatch.base_salaries.len(), 2);
        assert_eq!(second.settings.frequent_visits.visits, 3);
        assert_eq!(rules.at(Some(first.at)), &first.settings);
        assert_eq!(
            rules.at(Some(at("2025-03-09T23:59:59+07:00"))),
            rules.initial()
        );
        assert_eq!(rules.at(None), &second.settings);
    }

    #[test]
    fn a_model_stays_until_another_is_named_and_is_looked_for_beside_the_file() {
        let text = r#"
            [[activation]]
            at = "2025-03-10T00:00:00+07:00"
            frequent_visits.visits = 2
            [[activation]]
            at = "2025-03-11T00:00:00+07:00"
            model = "a.json"
            [[activation]]
            at = "2025-03-12T00:00:00+07:00"
            frequent_visits.visits = 3
            [[activation]]
            at = "2025-03-13T00:00:00+07:00"
            model = "builtin"
            "#;
        let rules = Rules::parse(Path::new("settings/rules.toml"), text).expect("rules");
        let models = rules.activations().iter().map(|one| one.model.as_deref());
        let file = Some(Path::new("settings/a.json"));
        let expected = [None, file, file, Some(Path::new(BUILTIN_MODEL))];
        assert_eq!(models.collect::<Vec<_>>(), expected);
        assert_eq!(rules.activations()[1].settings.frequent_visits.visits, 2);
    }

    #[test]
    fn an_empty_file_and_one_of_defaults_are_the_defaults() {
        let defaults = Settings::defaults();
        assert_eq!(parsed("").expect("rules").initial(), defaults);
        let mut text = String::new();
        for ((group, key), value) in defaults.values() {
            text.push_str(&format!("{group}.{key} = {value}\n"));
        }
        let rules = parsed(&text).expect("rules");
        assert_eq!(rules.initial(), defaults);
        assert_eq!(rules.initial().key(), defaults.key());
    }

    #[test]
    fn settings_that_differ_have_keys_and_reasons_that_do() {
        let rules =
            parsed("newborn_card.days = 59\nemployer_ceased.grace_days = 1").expect("rules");
        let (ours, defaults) = (rules.initial(), Settings::defaults());
        assert_ne!(ours.key(), defaults.key());
        let changed: Vec<Reason> = ours.reasons_changed(defaults).iter().collect();
        assert_eq!(
            changed,
            [
                Reason::UnknownCard,
                Reason::CardNotValid,
                Reason::EmployerCeased
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_a_remedy() {
        for (text, expected) in [
            ("\n\n= 1", "rules.toml, line 3: "),
            (
                "a.b = 1",
                "line 1: `a` has no thresholds; those that have are newborn_card, ",
            ),
            (
                "\n[stale_card]\nx = 1",
                "line 2: `stale_card` has no thresholds; leave it out",
            ),
            (
                "frequent_visits = 3",
                "line 1: `frequent_visits` is a table of thresholds; begin it with [frequent_visits]",
            ),
            (
                "[frequent_visits]\nvisit = 3",
                "line 2: `frequent_visits` has no threshold `visit`; it has `visits`, `window_days`",
            ),
            (
                "[frequent_visits]\nvisits = \"3\"",
                "line 2: `visits`: invalid type: string \"3\"",
            ),
            (
                "[frequent_visits]\nvisits = 3.5",
                "expected a whole number of visits, as 50",
            ),
            (
                "[frequent_visits]\nvisits = -1",
                "line 2: `visits`: -1 is not from 1 to 10000 visits",
            ),
            (
                "newborn_card.days = 251",
                "line 1: `days`: 251 is not from 0 to 250 days",
            ),
            (
                "[benefit_mismatch]\nlevel_rates_percent = [1, 2]",
                "line 2: `level_rates_percent`: expected 5 whole numbers of percent, as [100, 100, 95, 80, 100]",
            ),
            (
                "[benefit_mismatch]\nlevel_rates_percent = [1, 2, 3, 4, 101]",
                "101 is not from 0 to 100 percent",
            ),
            (
                "[benefit_mismatch]\nbase_salaries = [\n{ from = 2020-01-01, dong = 1 },\n{ from = 2020-01-01, dong = 2 }]",
                "2020-01-01 stands behind 2020-01-01; put the days in order, each once",
            ),
            (
                "[benefit_mismatch]\nbase_salaries = [\n{ from = 2020-01-01, dongs = 1 }]",
                "line 3: `base_salaries`: unexpected `dongs`",
            ),
            (
                "[benefit_mismatch]\nbase_salaries = [\n{ from = 2020-01-01, days = 1 }]",
                "`base_salaries`: expected a list of days and dong",
            ),
            (
                "[benefit_mismatch]\nbase_salaries = [\n{ from = 2020-01-01 }]",
                "line 3: `base_salaries`: no number beside `from`",
            ),
            (
                "[benefit_mismatch]\nbase_salaries = [\n{ from = 2020-01-01T00:00:00Z, dong = 1 }]",
                "expected a day such as 2024-07-01",
            ),
            (
                "[activation]\nat = 1",
                "line 1: `activation` is a list of tables; begin each with [[activation]]",
            ),
            (
                "\n[[activation]]\nnewborn_card.days = 1",
                "line 2: the activation has no time; add at = ",
            ),
            (
                "[[activation]]\nat = \"2025-03-10\"\nnewborn_card.days = 1",
                "line 2: expected a time with its offset",
            ),
            (
                "[[activation]]\nat = 2025-03-10T00:00:00\nnewborn_card.days = 1",
                "line 2: expected a time with its offset",
            ),
            (
                "[[activation]]\nat = 3",
                "line 2: expected a time with its offset",
            ),
            (
                "[[activation]]\nat = 2025-03-10T00:00:00Z",
                "line 1: the activation changes no threshold",
            ),
            (
                "[[activation]]\nat = 2025-03-10T00:00:00Z\nnote = 3",
                "line 3: expected a text in quotes",
            ),
            (
                "[[activation]]\nat = 2025-03-10T00:00:00Z\nmodel = 3",
                "line 3: expected the name of a model's file in quotes",
            ),
            (
                "[[activation]]\nat = 2025-03-10T00:00:00Z\nwhen = 3",
                "line 3: `when` has no thresholds",
            ),
            (
                "[[activation]]\nat = 2025-03-10T00:00:00Z\nnewborn_card.days = 1\n[[activation]]\nat = 2025-03-10T07:00:00+07:00\nnewborn_card.days = 2",
                "line 4: another activation is at 2025-03-10T07:00:00+07:00; say both in one",
            ),
        ] {
            let told = parsed(text).expect_err(text);
            assert!(told.contains(expected), "{text}\n{told}");
        }
    }
}
