//! Which of what differs between two runs explains an alert that differs.
//!
//! In: what differs between the runs, and the alert as each has it, with its last events and the numbers that
//! thresholds are compared with. Out: the kinds that apply. Must hold: nothing explains an alert but what it rests on;
//! an alert of which some field is explained by nothing is unexplained.

use std::collections::BTreeSet;

use super::alert_file::{AlertLine, Head};
use super::because::{Basis, Because, RowDifference, Side};
use super::changes::{Changes, EVIDENCE, EVIDENCE_COUNT, EVIDENCE_SHA256};
use super::differences::{Differences, InputDifference, Part, ValueDifference};
use super::hindsight::{Happened, Later};
use super::numbers::Numbers;
use super::row::{Pair, State};
use super::told::{Event, Kind, Told};
use crate::case::EvidencePlace;
use crate::record::{Instant, Stream};
use crate::rule::{Dial, Reason, catalogue};

/// The most rows that are named: as many as evidence lists.
const ROWS_NAMED: usize = 8;
/// Fields that a threshold decides.
const OF_THRESHOLDS: [&str; 7] = [
    "class",
    "grade",
    "misuse_probability",
    "priority",
    EVIDENCE,
    EVIDENCE_COUNT,
    EVIDENCE_SHA256,
];
/// Fields that a model decides.
const OF_MODEL: [&str; 3] = ["score", "misuse_probability", "priority"];
/// Fields of which a change is an event of its own (contract 3.1).
const OF_EVENTS: [&str; 5] = ["class", "grade", "cause", "amount_vnd", "score"];

/// An alert that differs.
pub(super) struct Case {
    pub head: Head,
    pub state: State,
    pub lines: Pair<Option<AlertLine>>,
    pub changed: Changes,
    pub told: Pair<Told>,
    pub numbers: Pair<Numbers>,
}

/// Explains alerts.
pub(super) struct Explainer<'d> {
    differences: &'d Differences,
}

/// What is explained of an alert so far.
struct Explained {
    because: Vec<Because>,
    /// The fields that nothing explains yet; of an alert that only one run has, whether it holds.
    left: BTreeSet<&'static str>,
}

/// That an alert holds, where only one run has it.
const HOLDS: &str = "";

impl Explained {
    fn new(case: &Case) -> Self {
        Self {
            because: Vec::new(),
            left: match case.state {
                State::Updated => case.changed.keys().copied().collect(),
                _ => BTreeSet::from([HOLDS]),
            },
        }
    }

    fn all(&mut self, because: Because) {
        self.because.push(because);
        self.left.clear();
    }

    /// Takes note that they are explained.
    fn settle(&mut self, fields: &[&str]) {
        self.left
            .retain(|field| *field != HOLDS && !fields.contains(field));
    }
}

impl<'d> Explainer<'d> {
    pub fn new(differences: &'d Differences) -> Self {
        Self { differences }
    }

    /// What explains an alert.
    pub fn explain(&self, case: &Case) -> Vec<Because> {
        let reason = case.head.reason;
        if let Some(run) = self.not_computed(reason) {
            return vec![Because::ReasonNotComputed { run }];
        }
        let mut explained = Explained::new(case);
        self.of_lists_and_links(reason, &mut explained);
        let by_model = self.of_model(case, &mut explained);
        let by_threshold = self.of_thresholds(case, &mut explained);
        if by_model {
            explained.settle(&OF_MODEL);
        }
        if by_threshold {
            explained.settle(&OF_THRESHOLDS);
        }
        self.of_as_of(case, &mut explained);
        self.of_rows(case, &mut explained);
        if !explained.left.is_empty() {
            let code = |name: &str| {
                let mut code = self.differences.of_part(Part::Code);
                code.find(|value| value.name == name)
            };
            let code = code("executable_sha256").or_else(|| self.differences.first_of(Part::Code));
            explained.because.push(match code {
                Some(ValueDifference { a, b, .. }) => Because::Code {
                    a: a.clone(),
                    b: b.clone(),
                },
                None => Because::Unexplained,
            });
        }
        explained.because
    }

    /// The run that does not compute a reason.
    fn not_computed(&self, reason: Reason) -> Option<Side> {
        let reasons = self.differences.reasons.as_ref()?;
        match (reasons.a.contains(&reason), reasons.b.contains(&reason)) {
            (false, true) => Some(Side::A),
            (true, false) => Some(Side::B),
            _ => None,
        }
    }

    fn of_lists_and_links(&self, reason: Reason, explained: &mut Explained) {
        let of = |part| self.differences.first_of(part);
        let catalogue = self.differences.of_part(Part::Catalogue).last();
        if let Some(ValueDifference { a, b, .. }) = catalogue {
            let (a, b) = (a.clone(), b.clone());
            explained.all(Because::Catalogue { a, b });
        }
        if reason == Reason::ExclusiveBenefits
            && let Some(ValueDifference { a, b, .. }) = of(Part::ExclusiveBenefits)
        {
            let (a, b) = (a.clone(), b.clone());
            explained.all(Because::ExclusiveBenefits { a, b });
        }
        if reason == Reason::ProbableDuplicate {
            if let Some(ValueDifference { a, b, .. }) = of(Part::LinkModel) {
                let (a, b) = (a.clone(), b.clone());
                explained.all(Because::LinkModel { a, b });
            }
            if let Some(ValueDifference { a, b, .. }) = of(Part::LinkProbability) {
                let (a, b) = (a.clone(), b.clone());
                explained.all(Because::LinkProbability { a, b });
            }
        }
    }

    /// The model: whether a claim is an outlier; the scores of the others and what rests on them.
    fn of_model(&self, case: &Case, explained: &mut Explained) -> bool {
        let reason = case.head.reason;
        let Some(ValueDifference { a, b, .. }) = self.differences.first_of(Part::Model) else {
            return false;
        };
        let decides = match case.state {
            State::Updated => {
                reason.is_scored() && case.changed.keys().any(|f| OF_MODEL.contains(f))
            }
            _ => reason == Reason::CostOutlier,
        };
        if decides {
            let (a, b) = (a.clone(), b.clone());
            explained.because.push(Because::Model { a, b });
        }
        decides
    }

    /// The thresholds that the reason turns on.
    fn of_thresholds(&self, case: &Case, explained: &mut Explained) -> bool {
        let reason = case.head.reason;
        let groups: Vec<&str> = catalogue().groups_of(reason).collect();
        let turns_on = |value: &&ValueDifference| {
            let group = value.name.split_once('.').map(|(group, _)| group);
            group.is_some_and(|group| groups.contains(&group))
        };
        let of_reason = self.differences.of_part(Part::Threshold).filter(turns_on);
        let of_reason: Vec<&ValueDifference> = of_reason.collect();
        let explains_field = case
            .changed
            .keys()
            .any(|field| OF_THRESHOLDS.contains(field));
        if of_reason.is_empty() || (case.state == State::Updated && !explains_field) {
            return false;
        }
        let number = |value: &ValueDifference| {
            let holds_in = match case.state {
                State::Absent => &case.numbers.a,
                _ => &case.numbers.b,
            };
            holds_in.get(&value.name).copied()
        };
        // A number is compared only with a value to which nothing else that it turns on has changed.
        let other_number = of_reason.iter().any(|value| dial(&value.name).is_none())
            || (reason == Reason::CostOutlier && self.differences.first_of(Part::Model).is_some());
        let decides = |value: &&&ValueDifference| {
            case.state == State::Updated || other_number || crosses(value, number(value))
        };
        let mut deciding: Vec<&ValueDifference> =
            of_reason.iter().filter(decides).copied().collect();
        if deciding.is_empty() && of_reason.len() > 1 {
            // Each alone would not have decided otherwise.
            deciding.clone_from(&of_reason);
        }
        for value in &deciding {
            let because = Because::Threshold {
                name: value.name.clone(),
                a: value.a.clone(),
                b: value.b.clone(),
                number: number(value),
            };
            explained.because.push(because);
        }
        !deciding.is_empty()
    }

    /// What became known after the earlier of two as-of times.
    fn of_as_of(&self, case: &Case, explained: &mut Explained) {
        let reason = case.head.reason;
        let turns_on_day = matches!(reason, Reason::StaleCard | Reason::BenefitAfterDeath)
            && self.differences.first_of(Part::AsOfDate).is_some();
        let Some(as_of) = &self.differences.as_of else {
            if turns_on_day && !explained.left.is_empty() {
                explained.all(Because::AsOf {
                    a: self.as_of_date(|value| &value.a),
                    b: self.as_of_date(|value| &value.b),
                    later: vec![Later::DayPassed],
                    rows: Vec::new(),
                });
            }
            return;
        };
        let end = |at: Option<Instant>| at.unwrap_or(Instant::MAX);
        let b_is_later = end(as_of.b) > end(as_of.a);
        let then = end(as_of.a).min(end(as_of.b));
        let sides = |b_is: bool| match b_is {
            true => (&case.lines.b, &case.told.b, Basis::HistoryOfB),
            false => (&case.lines.a, &case.told.a, Basis::HistoryOfA),
        };
        let (line_later, told_later, basis) = sides(b_is_later);
        let (line_then, ..) = sides(!b_is_later);
        let places =
            |line: &Option<AlertLine>| line.iter().flat_map(|l| l.evidence.clone()).collect();
        let (of_then, of_later): (Vec<EvidencePlace>, Vec<EvidencePlace>) =
            (places(line_then), places(line_later));
        let is_in = |places: &[EvidencePlace], stream: &str, key: &str| {
            places
                .iter()
                .any(|row| row.stream == stream && row.key == key)
        };
        let event = told_later.telling(line_then.is_some(), line_later.is_some());
        let (mut later, mut rows): (Vec<Later>, Vec<RowDifference>) = (Vec::new(), Vec::new());
        let of_event = event.filter(|event| event.at > then);
        let causes = of_event.iter().flat_map(|event| &event.cause);
        let mut named: Vec<(&str, &str)> = causes.map(|(s, k)| (s.as_str(), k.as_str())).collect();
        for row in of_later.iter().filter(|row| row.recorded_at > then) {
            if !named.contains(&(row.stream.as_str(), row.key.as_str())) {
                named.push((&row.stream, &row.key));
            }
        }
        for (stream, key) in named {
            let happened =
                Happened::of(is_in(&of_then, stream, key), is_in(&of_later, stream, key));
            let one = Later::of(stream, reason, happened);
            if !later.contains(&one) {
                later.push(one);
            }
            if matches!(one, Later::Row { .. }) && rows.len() < ROWS_NAMED {
                rows.push(named_row(
                    (stream, key),
                    basis,
                    (&case.lines.a, &case.lines.b),
                ));
            }
        }
        if later.is_empty() && turns_on_day {
            later.push(Later::DayPassed);
        }
        let would_tell = told_later.until.is_some() && is_told_when_it_happens(case);
        if later.is_empty()
            && !explained.left.is_empty()
            && self.differences.inputs == InputDifference::Same
            && (of_event.is_some() || !would_tell)
        {
            // Whatever it is, it came later: nothing else differs that the alert rests on.
            later.push(untold(case));
        }
        if !later.is_empty() {
            explained.all(Because::AsOf {
                a: as_of.a.map(|at| at.to_string()),
                b: as_of.b.map(|at| at.to_string()),
                later,
                rows,
            });
        }
    }

    fn as_of_date(&self, of: impl Fn(&ValueDifference) -> &serde_json::Value) -> Option<String> {
        let value = self.differences.first_of(Part::AsOfDate)?;
        of(value).as_str().map(str::to_owned)
    }

    /// Rows that differ, where inputs do or are not stated.
    fn of_rows(&self, case: &Case, explained: &mut Explained) {
        let rows = match &self.differences.inputs {
            InputDifference::Same => return,
            InputDifference::NotStated => rows_told_later(case),
            InputDifference::Differ(_) => {
                let mut rows = self.rows(case);
                if explained.left.is_empty() {
                    // They may as well be the same.
                    rows.retain(|row| row.basis != Basis::FileDiffers);
                }
                rows.truncate(ROWS_NAMED);
                rows
            }
        };
        if !rows.is_empty() {
            explained.all(Because::Rows {
                rows,
                files: Vec::new(),
            });
            return;
        }
        if explained.left.is_empty() {
            return;
        }
        let streams = streams_behind(case.head.reason);
        let rests_on = |stream: Option<Stream>| stream.is_none_or(|one| streams.contains(&one));
        let files = self.differences.files().iter();
        let files = files.filter(|file| rests_on(file.stream()));
        let files: Vec<String> = files.map(|file| file.name.clone()).collect();
        if !files.is_empty() {
            explained.all(Because::Rows {
                rows: Vec::new(),
                files,
            });
        }
    }

    /// Whether a row that a history names may be another in the other run: the file where evidence has it differs, or,
    /// where no evidence has it, some file of its stream.
    fn may_differ(
        &self,
        (stream, key): (&str, &str),
        (a, b): (&Option<AlertLine>, &Option<AlertLine>),
    ) -> bool {
        let evidence = a.iter().chain(b).flat_map(|line| &line.evidence);
        let mut places = evidence
            .filter(|row| row.stream == stream && row.key == key)
            .peekable();
        if places.peek().is_some() {
            return places.any(|row| self.differences.file_differs(&row.file));
        }
        let Some(stream) = Stream::ALL.iter().find(|one| one.name() == stream) else {
            return false;
        };
        let mut files = self.differences.files().iter();
        files.any(|file| file.stream().is_none_or(|of_file| of_file == *stream))
    }

    /// The rows that differ and that evidence or history names.
    fn rows(&self, case: &Case) -> Vec<RowDifference> {
        let mut rows: Vec<RowDifference> = Vec::new();
        let lines = (&case.lines.a, &case.lines.b);
        let mut add = |(stream, key): (&str, &str), basis| {
            let is_it = |row: &RowDifference| row.stream == stream && row.key == key;
            if !rows.iter().any(is_it) {
                rows.push(named_row((stream, key), basis, lines));
            }
        };
        for (basis, event) in differing_events(case) {
            for (stream, key) in &event.cause {
                if self.may_differ((stream, key), lines) {
                    add((stream, key), basis);
                }
            }
        }
        let find = |line: &'_ Option<AlertLine>, row: &EvidencePlace| -> Option<EvidencePlace> {
            let mut evidence = line.iter().flat_map(|line| &line.evidence);
            evidence
                .find(|other| (&other.stream, &other.key) == (&row.stream, &row.key))
                .cloned()
        };
        for (mine, other, basis) in [
            (lines.0, lines.1, Basis::EvidenceOfA),
            (lines.1, lines.0, Basis::EvidenceOfB),
        ] {
            for row in mine.iter().flat_map(|line| &line.evidence) {
                let named = (row.stream.as_str(), row.key.as_str());
                let differs = self.differences.file_differs(&row.file);
                match find(other, row) {
                    Some(same) if same.recorded_at == row.recorded_at && differs => {
                        add(named, Basis::FileDiffers);
                    }
                    Some(same) if same.recorded_at == row.recorded_at => {}
                    Some(_) => add(named, Basis::OtherTime),
                    None if differs && case.state == State::Updated => add(named, basis),
                    None if differs => add(named, Basis::FileDiffers),
                    // Both runs know it.
                    None => {}
                }
            }
        }
        rows
    }
}

impl Told {
    /// The event that tells how an alert came to differ: what raised it where only now it holds, else the last.
    fn telling(&self, held: bool, holds: bool) -> Option<&Event> {
        match (held, holds) {
            (false, true) => self.raised.as_ref().or(self.last.as_ref()),
            _ => self.last.as_ref(),
        }
    }
}

/// The events that one history has and the other has not, of those that tell how the alert came to differ.
fn differing_events(case: &Case) -> Vec<(Basis, &Event)> {
    let (a, b) = (&case.told.a, &case.told.b);
    let withdrawn = |told: &'_ Told| -> Option<Event> {
        let last = told.last.clone();
        last.filter(|event| matches!(event.kind, Kind::Withdrawn | Kind::Archived))
    };
    match case.state {
        State::New if withdrawn(a).is_some() => of(Basis::HistoryOfA, a.last.as_ref()),
        State::New => of(Basis::HistoryOfB, b.raised.as_ref()),
        State::Absent if withdrawn(b).is_some() => of(Basis::HistoryOfB, b.last.as_ref()),
        State::Absent => of(Basis::HistoryOfA, a.raised.as_ref()),
        _ => match (&a.last, &b.last) {
            (Some(one), Some(other)) if one.is_same(other) => Vec::new(),
            (Some(one), Some(other)) if one.at > other.at => of(Basis::HistoryOfA, Some(one)),
            (Some(_), Some(other)) => of(Basis::HistoryOfB, Some(other)),
            _ => Vec::new(),
        },
    }
}

fn of(basis: Basis, event: Option<&Event>) -> Vec<(Basis, &Event)> {
    event.map(|event| (basis, event)).into_iter().collect()
}

/// The rows of an event that one history tells after the end of the other, where inputs are not stated: what is told
/// by both and differs is not explained by when they were taken.
fn rows_told_later(case: &Case) -> Vec<RowDifference> {
    let lines = (&case.lines.a, &case.lines.b);
    let (a, b) = (&case.told.a, &case.told.b);
    for (told, other, basis) in [(b, a, Basis::HistoryOfB), (a, b, Basis::HistoryOfA)] {
        if let (Some(event), Some(until)) = (&told.last, other.until)
            && event.at > until
        {
            let causes = event.cause.iter().take(ROWS_NAMED);
            let named = causes.map(|(stream, key)| named_row((stream, key), basis, lines));
            return named.collect();
        }
    }
    Vec::new()
}

/// A row with since when each run knows it, and where it lies.
fn named_row(
    (stream, key): (&str, &str),
    basis: Basis,
    (a, b): (&Option<AlertLine>, &Option<AlertLine>),
) -> RowDifference {
    let find = |line: &Option<AlertLine>| {
        let mut evidence = line.iter().flat_map(|line| &line.evidence);
        evidence
            .find(|row| row.stream == stream && row.key == key)
            .cloned()
    };
    let (a, b) = (find(a), find(b));
    let recorded_at =
        |row: &Option<EvidencePlace>| row.as_ref().map(|row| row.recorded_at.to_string());
    let place = b.as_ref().or(a.as_ref());
    RowDifference {
        stream: stream.to_owned(),
        key: key.to_owned(),
        basis,
        recorded_at: Pair {
            a: recorded_at(&a),
            b: recorded_at(&b),
        },
        file: place.map(|row| row.file.clone()),
        row: place.map(|row| row.row),
    }
}

/// Whether a history has an event of what differs: of whether an alert holds, and of the fields of [`OF_EVENTS`]. Where
/// it has none after a time, nothing that became known since is the reason.
fn is_told_when_it_happens(case: &Case) -> bool {
    case.state != State::Updated || case.changed.keys().any(|field| OF_EVENTS.contains(field))
}

/// What came later, where it is no row that the alert lists.
fn untold(case: &Case) -> Later {
    let mut changed = case.changed.keys();
    let of_window = case.head.reason == Reason::FrequentVisits;
    if of_window && case.changed.contains_key(EVIDENCE_SHA256) {
        Later::Window
    } else if case.state == State::Updated && changed.all(|field| OF_MODEL.contains(field)) {
        Later::Person
    } else {
        Later::NotTold
    }
}

/// The dial that a threshold is.
fn dial(name: &str) -> Option<Dial> {
    let key = name.split_once('.')?;
    Dial::ALL.into_iter().find(|dial| dial.key() == key)
}

/// Whether a threshold decides of a number otherwise in one run than in the other; it may where the number is not
/// known, or the value is none that numbers are compared with.
fn crosses(value: &ValueDifference, number: Option<u32>) -> bool {
    let (Some(dial), Some(number)) = (dial(&value.name), number) else {
        return true;
    };
    let of = |value: &serde_json::Value| value.as_u64().and_then(|value| u32::try_from(value).ok());
    match (of(&value.a), of(&value.b)) {
        // The level of outliers is found by the budget then.
        (Some(0), _) | (_, Some(0)) if dial == Dial::OutlierLevel => true,
        (Some(a), Some(b)) => dial.is_alerted(number, a) != dial.is_alerted(number, b),
        _ => true,
    }
}

/// The streams whose rows an alert of a reason rests on: those of its evidence, those that say who the person is, and
/// those that its probability of misuse rests on.
fn streams_behind(reason: Reason) -> BTreeSet<Stream> {
    let mut streams: BTreeSet<Stream> = reason.entry().evidence.iter().copied().collect();
    streams.extend([Stream::Citizens, Stream::Participants]);
    if streams.contains(&Stream::Claims) {
        streams.insert(Stream::Cards);
    }
    if reason.is_scored() {
        streams.insert(Stream::DeathReports);
    }
    streams
}
