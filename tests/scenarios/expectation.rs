//! What a scenario expects of the history, and how it is compared with what was written.

use std::collections::BTreeSet;

use fundwatch::rule::Reason;
use serde::Deserialize;

use crate::language::{self, Epoch};

/// A line that the history must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Where it stands.
    pub line: usize,
    /// `raised`, `changed` or `withdrawn`.
    pub kind: String,
    /// The reason.
    pub reason: Reason,
    /// The subject: its kind, a space, its id.
    pub subject: String,
    class: Option<String>,
    grade: Option<u64>,
    why: Option<String>,
    amount: Option<String>,
    cause: Option<BTreeSet<String>>,
}

/// A line of `history.ndjson`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct HistoryLine {
    /// The last `recorded_at` of its epoch.
    pub at: String,
    /// `raised`, `changed` or `withdrawn`.
    pub kind: String,
    /// The alert.
    pub alert_id: String,
    /// Its reason.
    pub reason: String,
    /// What it is about.
    pub subject: Subject,
    /// Its class.
    pub class: Option<String>,
    /// Its grade, where it has one.
    pub grade: Option<u64>,
    /// Why a participant does not authenticate.
    pub authentication_cause: Option<String>,
    /// The money at stake.
    pub amount_vnd: Option<serde_json::Number>,
    /// The rows that changed.
    pub cause: Vec<CauseRow>,
}

/// What an alert is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Subject {
    /// `claim`, `card` or `check_in`.
    pub kind: String,
    /// Its key.
    pub id: String,
}

/// A row of a cause.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CauseRow {
    stream: String,
    key: String,
}

impl Expectation {
    /// Reads the words after `expect`.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(line: usize, words: &[String]) -> Result<Self, String> {
        let usage = "`expect raised|changed|withdrawn REASON KIND ID [class= grade= why= amount= cause=]`, \
                     or `expect none`";
        let [kind, reason, subject, id, rest @ ..] = words else {
            return Err(usage.into());
        };
        if !matches!(kind.as_str(), "raised" | "changed" | "withdrawn") {
            return Err(usage.into());
        }
        if !matches!(
            subject.as_str(),
            "claim" | "card" | "check_in" | "beneficiary" | "participant"
        ) {
            return Err(format!(
                "`{subject}` is no kind of subject: claim, card, check_in, beneficiary or participant"
            ));
        }
        let reason = language::reason(reason)?;
        let mut expectation = Self {
            line,
            kind: kind.clone(),
            reason,
            subject: format!("{subject} {id}"),
            class: only_class(reason).map(str::to_owned),
            grade: None,
            why: None,
            amount: None,
            cause: None,
        };
        for word in rest {
            match word.split_once('=') {
                Some(("class", class)) => expectation.class = Some(class.to_owned()),
                Some(("grade", grade)) => {
                    let grade = grade.parse().map_err(|_| format!("`{word}` is no grade"))?;
                    expectation.grade = Some(grade);
                }
                Some(("why", cause)) => expectation.why = Some(cause.to_owned()),
                Some(("amount", amount)) => expectation.amount = Some(amount.to_owned()),
                Some(("cause", rows)) => {
                    expectation.cause = Some(rows.split(';').map(str::to_owned).collect());
                }
                _ => return Err(format!("`{word}`: {usage}")),
            }
        }
        Ok(expectation)
    }

    /// Whether a line is the one that is meant, be it right or wrong in the rest.
    fn means(&self, line: &HistoryLine) -> bool {
        self.kind == line.kind
            && self.reason.as_str() == line.reason
            && self.subject == line.subject()
    }

    /// What is wrong with the line that is meant.
    fn differences(&self, line: &HistoryLine) -> Vec<String> {
        let mut differences = Vec::new();
        let mut compare = |name: &str, expected: Option<String>, got: String| {
            if let Some(expected) = expected.filter(|e| *e != got) {
                differences.push(format!("expected {name} {expected}, got {got}"));
            }
        };
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".into());
        compare("class", self.class.clone(), text(&line.class));
        let got = line.grade.map(|g| g.to_string());
        compare("grade", self.grade.map(|g| g.to_string()), text(&got));
        let got = text(&line.authentication_cause);
        compare("why", self.why.clone(), got);
        let got = line.amount_vnd.as_ref().map(ToString::to_string);
        compare("amount", self.amount.clone(), text(&got));
        let join = |rows: &BTreeSet<String>| rows.iter().cloned().collect::<Vec<_>>().join(";");
        compare("cause", self.cause.as_ref().map(join), join(&line.cause()));
        differences
    }
}

impl HistoryLine {
    /// Kind and id, as an expectation writes them.
    pub fn subject(&self) -> String {
        format!("{} {}", self.subject.kind, self.subject.id)
    }

    fn cause(&self) -> BTreeSet<String> {
        let rows = self.cause.iter();
        // What settings are called follows from their values.
        rows.map(|c| match c.stream.as_str() {
            "rules" | "model" => c.stream.clone(),
            stream => format!("{stream}/{}", c.key),
        })
        .collect()
    }
}

/// The class of a reason that has but one (contract 2).
fn only_class(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::ServiceAfterDeath | Reason::DeathOnLivingCard => None,
        Reason::UnknownCard
        | Reason::CardNotValid
        | Reason::CardWithdrawn
        | Reason::EmployerCeased
        | Reason::BenefitAfterDeath
        | Reason::ExclusiveBenefits => Some("eligibility"),
        Reason::DuplicateIdentity
        | Reason::IdentityMismatch
        | Reason::BloodGroupConflict
        | Reason::ProbableDuplicate => Some("identity"),
        Reason::OverlappingStay
        | Reason::VisitDuringStay
        | Reason::SameDayFacilities
        | Reason::FrequentVisits => Some("misuse_suspected"),
        Reason::DuplicateClaim
        | Reason::SexDiagnosisConflict
        | Reason::AgeDiagnosisConflict
        | Reason::MoneyMismatch
        | Reason::BenefitMismatch => Some("provider_billing"),
        Reason::StaleCard | Reason::UnauthenticatedIdentity => Some("data_quality"),
        Reason::CostOutlier => Some("anomaly"),
    }
}

/// Compares the history of an epoch's day, of the watched reasons alone, with what is expected:
/// nothing may be missing, and nothing may be over.
pub fn compare(file: &str, epoch: &Epoch, history: &[HistoryLine]) -> Vec<String> {
    let mut errors = Vec::new();
    let mut over: Vec<&HistoryLine> = history.iter().collect();
    for expected in &epoch.expected {
        let place = language::place(file, expected.line);
        let wanted = format!("{} {} {}", expected.kind, expected.reason, expected.subject);
        match over.iter().position(|line| expected.means(line)) {
            None => errors.push(format!("{place}: expected {wanted}, which was not written")),
            Some(found) => {
                let differences = expected.differences(over.swap_remove(found));
                let told = differences
                    .iter()
                    .map(|d| format!("{place}: {wanted}: {d}"));
                errors.extend(told);
            }
        }
    }
    errors.extend(over.iter().map(|line| {
        format!(
            "{}: not expected: {} {} {} (class {:?}, grade {:?}, cause {:?})",
            language::place(file, epoch.line),
            line.kind,
            line.reason,
            line.subject(),
            line.class,
            line.grade,
            line.cause()
        )
    }));
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: &str, visit: &str) -> HistoryLine {
        let text = format!(
            r#"{{"epoch":20148,"at":"2025-03-01T08:00:02+07:00","kind":"{kind}","alert_id":"a",
                "reason":"service_after_death","class":"eligibility","grade":1,"amount_vnd":80000,
                "subject":{{"kind":"claim","id":"01001/{visit}"}},
                "cause":[{{"stream":"citizens","key":"001080000001"}}]}}"#
        );
        serde_json::from_str(&text).expect("a history line")
    }

    fn errors(expectations: &str, history: &[HistoryLine]) -> Vec<String> {
        let text = format!("scenario a\nepoch 2025-03-01\n  citizen 001080000001\n{expectations}");
        let scenarios = language::parse("service_after_death", &text).expect("a scenario");
        compare("service_after_death", &scenarios[0].epochs[0], history)
    }

    #[test]
    fn what_is_expected_and_written_is_no_error() {
        let all = "expect raised service_after_death claim 01001/A class=eligibility grade=1 \
                   amount=80000 cause=citizens/001080000001";
        assert_eq!(errors(all, &[line("raised", "A")]), [""; 0]);
        assert_eq!(errors("expect none", &[]), [""; 0]);
        let two = "expect withdrawn service_after_death claim 01001/B\n\
                   expect raised service_after_death claim 01001/A";
        let history = [line("raised", "A"), line("withdrawn", "B")];
        assert_eq!(errors(two, &history), [""; 0]);
    }

    #[test]
    fn what_is_missing_over_or_different_is_named_with_its_place() {
        let expected = "expect raised service_after_death claim 01001/A";
        assert_eq!(
            errors(expected, &[]),
            [
                "tests/scenarios/service_after_death.txt:4: expected raised service_after_death \
                 claim 01001/A, which was not written"
            ]
        );
        let over = errors("expect none", &[line("raised", "A")]);
        assert!(
            over[0].starts_with("tests/scenarios/service_after_death.txt:2: not expected: raised")
        );
        let twice = [line("raised", "A"), line("raised", "A")];
        assert_eq!(errors(expected, &twice).len(), 1);
        assert_eq!(errors(expected, &[line("changed", "A")]).len(), 2);
        for (stated, told) in [
            (
                "class=data_quality",
                "expected class data_quality, got eligibility",
            ),
            ("grade=2", "expected grade 2, got 1"),
            ("amount=80000.5", "expected amount 80000.5, got 80000"),
            (
                "cause=citizens/001080000002",
                "expected cause citizens/001080000002, got citizens/001080000001",
            ),
        ] {
            let found = errors(&format!("{expected} {stated}"), &[line("raised", "A")]);
            assert_eq!(found.len(), 1, "{stated}");
            assert!(found[0].ends_with(told), "{}", found[0]);
        }
    }

    #[test]
    fn the_class_of_a_reason_that_has_but_one_is_always_compared() {
        let words = ["raised", "unknown_card", "claim", "01001/A"].map(str::to_owned);
        let expectation = Expectation::read(1, &words).expect("an expectation");
        let mut written = line("raised", "A");
        written.reason = "unknown_card".into();
        assert_eq!(expectation.differences(&written), [""; 0]);
        written.class = Some("identity".into());
        assert_eq!(
            expectation.differences(&written),
            ["expected class eligibility, got identity"]
        );
    }
}
